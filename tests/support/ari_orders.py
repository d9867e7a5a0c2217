"""A proxy before a PBX that writes down each request that a bridge sends there, whichever way it takes."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import NamedTuple

from tests.support.proxy import CHUNK, Proxy

_HTTP = re.compile(rb"(GET|POST|PUT|DELETE) (/ari/\S*) HTTP/1\.1\r\n")
_EVENTS = b"/ari/events?"


class Sent(NamedTuple):
    """One request: when it was passed on (monotonic seconds), its method, its path and query without ``/ari``."""

    at: float
    method: str
    uri: str

    @property
    def is_order(self) -> bool:
        """Whether it changes anything at the PBX. Event sockets are orders too, and marks."""
        return self.method != "GET" or self.uri.startswith("/events?")


class OrdersProxy(Proxy):
    """Passes everything on, and has all requests in ``sent``, in their order."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.sent: list[Sent] = []

    def orders(self, since: float = 0.0) -> list[Sent]:
        """The requests from then on that change something."""
        return [sent for sent in self.sent if sent.at >= since and sent.is_order]

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        if up:
            tapped = asyncio.StreamReader()
            task = asyncio.create_task(self._tap(reader, tapped), name="tap")
            try:
                await super()._pass_on(tapped, writer, up=True)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        else:
            await super()._pass_on(reader, writer, up=False)

    async def _tap(self, reader: asyncio.StreamReader, tapped: asyncio.StreamReader) -> None:
        """Note what comes when it is passed on: what is held back is not sent yet."""
        frames: _Frames | None = None
        try:
            while data := await reader.read(CHUNK):
                await self._flowing[True].wait()
                now = time.monotonic()
                if frames is None:
                    for method, path in _HTTP.findall(data):
                        self.sent.append(Sent(now, method.decode(), path.decode().removeprefix("/ari")))
                    if _EVENTS in data:
                        frames = _Frames()
                else:
                    for frame in frames.feed(data):
                        self.sent.append(Sent(now, frame["method"], f"/{frame['uri']}"))
                tapped.feed_data(data)
        except OSError:
            pass
        tapped.feed_eof()


class _Frames:
    """The texts in what a client sends on a WebSocket (RFC 6455, section 5.2), which are requests as JSON."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[dict[str, str]]:
        self._rest += data
        found = []
        while (frame := self._take()) is not None:
            opcode, payload = frame
            if opcode == 1:
                found.append(json.loads(payload))
        return found

    def _take(self) -> tuple[int, bytes] | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        length, at = rest[1] & 0x7F, 2
        if length in (126, 127):
            size = 2 if length == 126 else 8
            if len(rest) < at + size:
                return None
            length, at = int.from_bytes(rest[at : at + size], "big"), at + size
        if len(rest) < at + 4 + length:
            return None
        mask, payload = rest[at : at + 4], rest[at + 4 : at + 4 + length]
        self._rest = rest[at + 4 + length :]
        return rest[0] & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
