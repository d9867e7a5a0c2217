"""Certificates for tests: an authority that is made anew for each run, and that nobody else trusts."""

from __future__ import annotations

import base64
import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate


@dataclass(frozen=True)
class Certificate:
    """PEM files: the certificate with its chain, its key, and the authority behind it."""

    cert: Path
    key: Path
    authority: Path

    @property
    def fingerprint(self) -> str:
        """Of its public key, as ``--ignore-certificate-errors-spki-list`` of Chromium takes it."""
        key = load_pem_x509_certificate(self.cert.read_bytes()).public_key()
        info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(info).digest()).decode()

    def serving(self) -> ssl.SSLContext:
        """For a server that shows it."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.cert, self.key)
        return context

    def trusting(self) -> ssl.SSLContext:
        """For a client that trusts its authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.authority))


def make_certificate(directory: Path, *names: str, expires: datetime | None = None) -> Certificate:
    """Host names and addresses. The files are written to ``directory``."""
    authority = trustme.CA()
    issued = authority.issue_cert(*names, not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=expires)
    certificate = Certificate(directory / "cert.pem", directory / "key.pem", directory / "authority.pem")
    certificate.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    certificate.key.touch(mode=0o600)
    certificate.key.write_bytes(issued.private_key_pem.bytes())
    certificate.authority.write_bytes(authority.cert_pem.bytes())
    return certificate
