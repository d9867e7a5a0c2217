"""TLS of the API."""

import ssl
from pathlib import Path


def tls_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the context of a server with these PEM files; None without a certificate. Raises OSError, ssl.SSLError."""
    if cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context
