"""A proxy before a PBX that writes down what the PBX sees of a bridge: each request, whichever way it takes, and how
long each event socket is open."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import NamedTuple

from tests.support.pbx_history import EventSocket, Mark, Order
from tests.support.proxy import CHUNK, Proxy

_HTTP = re.compile(rb"(GET|POST|PUT|DELETE) (/ari/\S*) HTTP/1\.1\r\n")
_EVENTS = b"/ari/events?"
_PROOF = "/events/user/"
"""What a bridge sends itself by the PBX, to see that its events come. It changes nothing."""
_MARK = re.compile(r"/asterisk/variable\?.*\bvalue=([0-9]+)(?::|%3A)")


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
    """Passes everything on, and has all requests of the bridge ``who`` in ``sent``, and its event sockets in
    ``sockets``, each in their order."""

    def __init__(self, host: str, port: int, who: str = "") -> None:
        super().__init__(host, port)
        self.who = who
        self.sent: list[Sent] = []
        self.sockets: list[EventSocket] = []

    def orders(self, since: float = 0.0) -> list[Sent]:
        """The requests from then on that change something."""
        return [sent for sent in self.sent if sent.at >= since and sent.is_order]

    @property
    def marks(self) -> list[Mark]:
        """The marks that were left."""
        found = ((sent, _MARK.match(sent.uri)) for sent in self.sent if sent.method == "POST")
        return [Mark(sent.at, self.who, int(mark[1])) for sent, mark in found if mark]

    @property
    def calls_orders(self) -> list[Order]:
        """The requests that change something at the PBX's calls: all orders but sockets, marks, and proofs."""
        found = (sent for sent in self.sent if sent.method != "GET" and not sent.uri.startswith(_PROOF))
        return [Order(one.at, self.who, f"{one.method} {one.uri}") for one in found if not _MARK.match(one.uri)]

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
        socket: EventSocket | None = None
        try:
            while data := await reader.read(CHUNK):
                await self._flowing[True].wait()
                now = time.monotonic()
                if frames is None:
                    for method, path in _HTTP.findall(data):
                        self.sent.append(Sent(now, method.decode(), path.decode().removeprefix("/ari")))
                    if _EVENTS in data:
                        frames, socket = _Frames(), EventSocket(self.who, now)
                        self.sockets.append(socket)
                else:
                    for frame in frames.feed(data):
                        self.sent.append(Sent(now, frame["method"], f"/{frame['uri']}"))
                tapped.feed_data(data)
        except OSError:
            pass
        finally:
            if socket is not None:
                socket.closed_at = time.monotonic()
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
