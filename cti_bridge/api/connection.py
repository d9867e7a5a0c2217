"""One connection of a client, before the HTTP protocol: what it may take in time and bytes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

from cti_bridge.api.requests import LARGEST_BODY

MOST_AHEAD = LARGEST_BODY + 64 * 1024
"""The most bytes of requests that no handler works at yet."""
TALK_BURST = 8 * 1024
TALK_PER_S = 512
"""Bytes that a client may send over an event socket, at once and in each second: tokens, pings and pongs."""


class Cut(StrEnum):
    """The reason why a connection was closed."""

    SLOW = "slow"
    """The client rested, or its request was not complete, for too long."""
    CROWDED = "crowded"
    TALKS = "talks"
    """The client has sent more than anybody asked for."""


@dataclass(frozen=True, slots=True)
class Times:
    """``handshake_s`` is for TLS, ``head_s`` for a request until its head is complete, ``rest_s`` for the pause between
    two requests; the answer is to be taken in that time too."""

    handshake_s: float = 10.0
    head_s: float = 10.0
    rest_s: float = 75.0


class Owner(Protocol):
    times: Times

    def made(self, connection: "Connection", inner: asyncio.Protocol) -> None: ...

    def gone(self, connection: "Connection") -> None: ...

    def talks_too_much(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Stands before the HTTP protocol that ``make`` makes, and counts. ``address`` is that by which connections count;
    empty: a proxy's."""

    def __init__(self, make: Callable[[], asyncio.Protocol], address: str, owner: Owner, now: float) -> None:
        self._make, self._owner, self.address = make, owner, address
        self.inner: asyncio.Protocol | None = None
        self.transport: asyncio.Transport | None = None
        self.logged_in = False
        self._working = self._speaking = False
        self._over_at = now + owner.times.handshake_s + owner.times.head_s
        self._ahead = 0
        self._most_talk = self._talk_left = float(MOST_AHEAD)
        self._talk_at = now

    # ------------------------------------------------------------------------------- the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.inner = cast(asyncio.Transport, transport), self._make()
        self._over_at = self._now() + self._owner.times.head_s
        self._owner.made(self, self.inner)
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        assert self.inner is not None
        if not self._may_send(len(data)):
            self._owner.talks_too_much(self)
            return
        if not self._working and not self._speaking:
            self._speaking = True
            self._over_at = min(self._over_at, self._now() + self._owner.times.head_s)
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        assert self.inner is not None
        return self.inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.gone(self)
        if self.inner is not None:
            self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        assert self.inner is not None
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        assert self.inner is not None
        self.inner.resume_writing()

    # ------------------------------------------------------------------------------- what it does

    def works(self) -> None:
        """A handler works at its request."""
        self._working, self._speaking, self._ahead = True, False, 0
        self._most_talk = self._talk_left = float(MOST_AHEAD)
        self._talk_at = self._now()

    def listens(self) -> None:
        """The connection is an event socket from here on."""
        self._most_talk = self._talk_left = float(TALK_BURST)

    def rests(self) -> None:
        """The handler has ended. What has come meanwhile is the next request."""
        self._working = False
        self._over_at = self._now() + self._owner.times.rest_s

    def is_over(self, now: float) -> bool:
        return not self._working and now >= self._over_at

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _may_send(self, size: int) -> bool:
        if not self._working:
            self._ahead += size
            return self._ahead <= MOST_AHEAD
        now = self._now()
        self._talk_left = min(self._most_talk, self._talk_left + (now - self._talk_at) * TALK_PER_S) - size
        self._talk_at = now
        return self._talk_left >= 0

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
