"""A stream of numbered frames, and the sockets that read it.

Each frame is encoded once and the last :data:`KEPT` are kept. Every socket (a panel) is a position in those: one that
falls out of them reads too slowly and is closed, and one that comes back within them resumes without loss.
"""

import asyncio
import secrets
from collections import deque
from typing import Any

import msgspec

from cti_bridge.domain.timestamps import iso

KEPT = 64
"""Frames kept for each agent with a panel: about ten calls' worth, at most some 80 kB."""

Close = tuple[int, str]
"""(close code, reason)"""

SESSION_MOVED: Close = (4001, "logged in elsewhere")
LOGGED_OUT: Close = (4401, "logged out")
SLOW_READER: Close = (1013, "too slow")
GOING_AWAY: Close = (1001, "the server stops")


class Panel:
    """One socket's place in a stream. ``first`` is sent before all frames; ``closed`` says that, and how,
    it is to be closed."""

    def __init__(self, stream: "Stream", session: str, position: int, first: bytes | None) -> None:
        self.stream, self.session, self.position, self.first = stream, session, position, first
        self.wake = asyncio.Event()
        self.closed: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    def next_frame(self) -> bytes | None:
        """The next frame to send, or None when there is none at the moment."""
        if self.first is not None:
            frame, self.first = self.first, None
            return frame
        if self.position == self.stream.seq or not self.stream.holds(self.position):
            return None
        self.position += 1
        return self.stream.frame(self.position)

    def close(self, how: Close) -> None:
        if not self.closed.done():
            self.closed.set_result(how)


class Stream:
    def __init__(self, cti_id: str) -> None:
        self.cti_id = cti_id
        self.id = secrets.token_urlsafe(12)
        self.seq = 0
        self.panels: list[Panel] = []
        self.shown: bytes | None = None
        """The view that all of them were shown last; None: not known."""
        self._frames: deque[bytes] = deque(maxlen=KEPT)

    def frame(self, seq: int) -> bytes:
        """The frame numbered ``seq``, which must be one of those that are kept."""
        return self._frames[seq - self.seq - 1]

    def holds(self, seq: int) -> bool:
        """Whether every frame behind ``seq`` is still there."""
        return self.seq - len(self._frames) <= seq <= self.seq

    def publish(self, kind: str, at: float, content: dict[str, Any]) -> int:
        """Adds a frame; returns how many panels were too slow for it."""
        frame = msgspec.json.encode({"type": kind, "seq": self.seq + 1, "at": iso(at), **content})
        self.seq += 1
        self._frames.append(frame)
        slow = [panel for panel in self.panels if not self.holds(panel.position)]
        for panel in slow:
            panel.close(SLOW_READER)
            self.panels.remove(panel)
        for panel in self.panels:
            panel.wake.set()
        return len(slow)
