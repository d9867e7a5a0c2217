"""A Postgres that hangs in the middle of something: connections stay open, and nothing comes any more."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cti_bridge.local.postgres import SOCKET
from tests.support.proxy import Proxy


class HungPostgres(Proxy):
    """Before the server at ``url``, within ``async with``. From the first bytes with ``mark`` in them on nothing is
    passed on, and ``hung`` is set."""

    def __init__(self, url: str, mark: bytes) -> None:
        super().__init__("", 0)
        parts = urlsplit(url)
        self._socket = Path(parse_qs(parts.query)["host"][0]) / SOCKET
        self._database = parts.path
        self._mark = mark
        self.hung = asyncio.Event()

    @property
    def url(self) -> str:
        return f"postgresql://cti@127.0.0.1:{self.port}{self._database}?sslmode=disable"

    def hang_at(self, mark: bytes) -> None:
        """Another mark counts from now on."""
        self._mark = mark

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self._socket)

    def _passes(self, data: bytes, *, up: bool) -> None:
        if up and self._mark in data:
            self.fall_silent()
            self.hung.set()
