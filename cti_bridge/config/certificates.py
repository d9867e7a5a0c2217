"""The day on which the API's certificate expires.

The standard library reads a certificate's dates only from a peer, so a server and a client shake hands in memory.
"""

import ssl
from datetime import UTC, datetime
from pathlib import Path

EARLY_S = 14 * 86_400
"""So long before its end an operator is told, in seconds."""
_NO_CHECK_TIME = 0x20_0000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL (x509_vfy.h): an expired certificate is read, too."""
_FLIGHTS = 8
"""The most messages to and fro until the client has the certificate."""


def expires_at(cert: Path, key: Path) -> float | None:
    """Return the end of the certificate in POSIX seconds; None when it cannot be read."""
    try:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without a password callback OpenSSL would ask on the terminal for that of an encrypted key.
        server.load_cert_chain(cert, key, password=lambda: "")
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.load_verify_locations(cert)
        client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
        shown = _shake_hands(server, client)
        return float(ssl.cert_time_to_seconds(str(shown["notAfter"]))) if shown else None
    except (OSError, ValueError, KeyError):
        return None


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> dict[str, object] | None:
    """Return the certificate that the client was shown. Raises SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_side=False),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for turn in range(_FLIGHTS):
        try:
            sides[turn % 2].do_handshake()
        except ssl.SSLWantReadError:
            continue
        if turn % 2 == 0:
            return dict(sides[0].getpeercert() or {})
    return None


def warning(expires: float | None, now: float) -> str | None:
    """Return a sentence when the certificate is over, or soon will be. Both are POSIX seconds."""
    if expires is None or expires - now > EARLY_S:
        return None
    day = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%d")
    what = f"expires on {day}" if expires > now else f"has expired on {day}"
    return f"the certificate {what}; a renewed one counts at the next start"
