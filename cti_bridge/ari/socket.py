"""One connection of the event socket: events in, requests out, replies matched.

Requests are pipelined. Asterisk serves those of one socket in order, so a call's actions keep their order without a
task or a wait for each. A separate writer sends, so that a slow connection never stops the reader. The reader only
decodes and hands on.

So one request that hangs in Asterisk stops all later ones, while events go on. Therefore the oldest request without an
answer is watched (:meth:`EventSocket.hangs`), even when its asker no longer waits.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import aiohttp
import msgspec

from cti_bridge.ari.gatekeeper import Gatekeeper, Nobody
from cti_bridge.ari.models import Event, RestRequest
from cti_bridge.ari.reply import NO_ANSWER, WAS_DROPPED, Reply
from cti_bridge.ari.requests import Request
from cti_bridge.ari.translate import REPLACED, REST_RESPONSE

Replied = Callable[[Reply], None]
"""Called once for every request that was sent, with the reply or its substitute."""

HANGS_AFTER_S = 3.0
"""A request hangs when Asterisk has been at it for so many seconds. The wait of those behind it does not count."""

LOOKS_BACK = 4
"""The number of frames among which a frame that comes again is found. Asterisk sends the second one right behind the
first (seen: 698 of 700; the other two had one frame between them)."""

_SWEEP_S = 0.25
"""The most seconds by which a time-out is noticed late."""


class _Pending(NamedTuple):
    sent_at: float
    expires_at: float
    replied: Replied
    about: tuple[str, ...]


def _nobody(_: Reply) -> None:
    """The asker has given up."""


class EventSocket:
    """``decode`` reads a frame; ``on_event`` gets every event but replies and the notice of a replacement."""

    def __init__(
        self,
        ws: aiohttp.ClientWebSocketResponse[bool],
        decode: Callable[[bytes | str], Event | None],
        on_event: Callable[[Event], None],
        gatekeeper: Gatekeeper | None = None,
    ) -> None:
        self._gatekeeper = gatekeeper or Nobody()
        self._ws = ws
        self._decode = decode
        self._on_event = on_event
        self._loop = asyncio.get_running_loop()
        self._pending: dict[str, _Pending] = {}
        """Requests without a reply, in the order of sending."""
        self._last_reply_at = 0.0
        self._sweeps_hanging = 0
        self._hanging = asyncio.Event()
        self._next_id = 0
        self._outgoing: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._sweeper: asyncio.TimerHandle | None = None
        self._dropped = False
        self._latest: deque[bytes | str] = deque(maxlen=LOOKS_BACK)
        self.replaced = False

    async def run(self) -> None:
        """Read and write until the socket closes or another controller replaces us. Unanswered requests are failed
        then, also at a cancellation. Neither goes on without the other: a reader alone would hear of calls that nobody
        can be told about."""
        reader = asyncio.create_task(self._read(), name="ari-socket-reader")
        writer = asyncio.create_task(self._write(), name="ari-socket-writer")
        try:
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.drop()
            reader.cancel()
            writer.cancel()
            found = await asyncio.gather(reader, writer, return_exceptions=True)
        for fault in found:
            if isinstance(fault, Exception):
                raise fault

    async def hangs(self) -> None:
        """Return as soon as a request hangs in Asterisk. May be cancelled at any time."""
        await self._hanging.wait()

    def oldest(self) -> tuple[str, ...]:
        """Return the legs of the oldest request without an answer."""
        return next((pending.about for pending in self._pending.values()), ())

    def send(self, request: Request, replied: Replied, timeout_s: float, about: tuple[str, ...] = ()) -> None:
        """Queue a request about these legs. After the socket has closed, the request is answered at once with
        WAS_DROPPED, and never sent."""
        if self._dropped:
            replied(WAS_DROPPED)
            return
        self._next_id += 1
        identity = str(self._next_id)
        now = self._loop.time()
        self._pending[identity] = _Pending(now, now + timeout_s, replied, about)
        self._outgoing.append(_encode(identity, request))
        self._wake.set()
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(_SWEEP_S, self._sweep)

    def oldest_wait_s(self) -> float:
        """The seconds for which the oldest request has waited for its reply."""
        for pending in self._pending.values():
            return self._loop.time() - pending.sent_at
        return 0.0

    def drop(self) -> None:
        """Throw away the unsent requests. Answer all that have no answer with WAS_DROPPED."""
        self._dropped = True
        self._outgoing.clear()
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        pending, self._pending = self._pending, {}
        for request in pending.values():
            request.replied(WAS_DROPPED)

    async def _read(self) -> None:
        while True:
            message = await self._ws.receive()
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return
            # Each event of a channel comes a second time, the same to the byte, by the subscription to all phones.
            if message.data in self._latest:
                continue
            self._latest.append(message.data)
            event = self._decode(message.data)
            if event is None:
                continue
            if event.type == REST_RESPONSE:
                self._reply(event)
            elif event.type == REPLACED:
                self.replaced = True
                return
            else:
                self._on_event(event)

    def _reply(self, event: Event) -> None:
        self._last_reply_at = self._loop.time()
        pending = self._pending.get(event.request_id)
        if pending is None:
            return
        # Asterisk has served all requests before it: those without an answer get none any more.
        while (oldest := next(iter(self._pending))) != event.request_id:
            if self._pending[oldest].replied is not _nobody:
                break
            del self._pending[oldest]
        del self._pending[event.request_id]
        pending.replied(Reply(event.status_code, event.message_body))

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outgoing:
                    if self._gatekeeper.closed and not await self._gatekeeper.passed():
                        return self.drop()
                    # Thrown away meanwhile, when the socket was lost.
                    if not self._outgoing:
                        break
                    await self._ws.send_frame(self._outgoing.popleft(), aiohttp.WSMsgType.TEXT)
        except (aiohttp.ClientError, OSError):
            self.drop()
            await self._ws.close()

    def _sweep(self) -> None:
        now = self._loop.time()
        overdue = [identity for identity, pending in self._pending.items() if pending.expires_at <= now]
        for identity in overdue:
            pending = self._pending[identity]
            self._pending[identity] = pending._replace(expires_at=math.inf, replied=_nobody)
            pending.replied(NO_ANSWER)
        self._look_for_hanging(now)
        self._sweeper = self._loop.call_later(_SWEEP_S, self._sweep) if self._pending else None

    def _look_for_hanging(self, now: float) -> None:
        """A request must be seen hanging twice: after a stall of our own the replies have come and are not read yet."""
        oldest = next((pending.sent_at for pending in self._pending.values()), now)
        hangs = now - max(oldest, self._last_reply_at) >= HANGS_AFTER_S
        self._sweeps_hanging = self._sweeps_hanging + 1 if hangs else 0
        if self._sweeps_hanging > 1:
            self._hanging.set()


def _encode(identity: str, request: Request) -> bytes:
    body = msgspec.json.encode(request.body).decode() if request.body is not None else ""
    return msgspec.json.encode(
        RestRequest(
            type="RESTRequest",
            request_id=identity,
            method=request.method,
            uri=request.uri[1:],
            content_type="application/json" if body else "",
            message_body=body,
        )
    )
