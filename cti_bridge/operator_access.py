"""Access of this machine's commands to the running bridge: its address, and a token that is made anew at each start.

The file lies beside the spool. Only the bridge's user and root can read it. It is removed when the bridge ends. The
file of a killed bridge stays, and no bridge answers at its address.
"""

import contextlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cti_bridge.config.schema import SpoolSettings


@dataclass(frozen=True, slots=True)
class OperatorAccess:
    url: str
    token: str = field(repr=False)


def access_path(spool: SpoolSettings) -> Path:
    return spool.path.with_name(f"{spool.path.name}.operator")


def own_url(host: str, port: int, *, with_tls: bool) -> str:
    """Return the address of the bridge on this machine: loopback, when the bridge listens on every address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    scheme = "https" if with_tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def new_token() -> str:
    return secrets.token_urlsafe(32)


def write_access(path: Path, access: OperatorAccess) -> None:
    """Write the file. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": access.url, "token": access.token}, file)
    new.replace(path)


def read_access(path: Path) -> OperatorAccess:
    """Return the content of the file. Raises OSError, ValueError."""
    found = json.loads(path.read_text())
    try:
        return OperatorAccess(str(found["url"]), str(found["token"]))
    except (KeyError, TypeError):
        raise ValueError(f"{path} holds something else") from None


def remove_access(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
