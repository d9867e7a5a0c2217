"""Access of this machine's commands to the running bridge: its address, its certificate, and a token that is made anew
at each start.

The file lies beside the spool. Only the bridge's user and root can read it. It is removed when the bridge ends. The
file of a killed bridge stays, and no bridge answers at its address.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from cti_bridge.config.reading import Unreadable, read_text

if TYPE_CHECKING:
    import aiohttp

log = structlog.get_logger(__name__)

_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OperatorAccess:
    url: str
    token: str = field(repr=False)
    certificate: str = ""
    """The SHA-256 of the certificate that it shows, in hexadecimal; empty without TLS. The file of the certificate may
    have been renewed since the bridge was started."""

    def trust(self) -> "aiohttp.Fingerprint | bool":
        """For a connection to ``url``."""
        import aiohttp

        return aiohttp.Fingerprint(bytes.fromhex(self.certificate)) if self.certificate else True


def access_path(spool: Path) -> Path:
    return spool.with_name(f"{spool.name}.operator")


def certificate_digest(pem: Path) -> str:
    """Return the digest of the first certificate in a file, which is the one that is shown; empty when it cannot be
    read."""
    import ssl  # Here alone, for few commands need it and it is slow to load.

    try:
        found = _CERTIFICATE.search(pem.read_bytes().decode("latin-1"))
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest() if found else ""
    except (OSError, ValueError):
        return ""


def own_url(host: str, port: int, *, with_tls: bool) -> str:
    """Return the address of the bridge on this machine: loopback, when the bridge listens on every address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    scheme = "https" if with_tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def new_token() -> str:
    return secrets.token_urlsafe(32)


def admit(path: Path, access: OperatorAccess) -> None:
    """Write the file. If that fails, only the signal can ask for a reload."""
    try:
        _write(path, access)
    except OSError as error:
        log.error("operator_access_not_written", reason=str(error))


def _write(path: Path, access: OperatorAccess) -> None:
    new = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(access), file)
    new.replace(path)


def read_access(path: Path) -> OperatorAccess:
    """Return the content of the file. Raises FileNotFoundError, and ValueError in words."""
    with contextlib.suppress(PermissionError, NotADirectoryError):
        path.lstat()
    try:
        found = json.loads(read_text(path))
        certificate = bytes.fromhex(found.get("certificate", "")).hex()
        return OperatorAccess(str(found["url"]), str(found["token"]), certificate)
    except Unreadable as error:
        raise ValueError(f"{path} {error.text}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{path} holds something else") from None


def remove_access(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
