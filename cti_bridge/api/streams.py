"""Streams of numbered frames, and the sockets that read them.

Each frame is encoded once, and a stream keeps its last :data:`KEPT` frames. A socket (a panel) has a place in each
stream that it reads. A socket whose place falls out of the kept frames reads too slowly and is closed. A socket that
comes back within them resumes without loss.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from cti_bridge.api.frames import FrameType
from cti_bridge.domain.model.timestamps import iso

KEPT = 64
"""Frames kept for each stream; of an agent's about ten calls' worth, at most some 80 kB."""

Close = tuple[int, str]
"""(close code, reason)"""

SESSION_MOVED: Close = (4001, "logged in elsewhere")
LOGGED_OUT: Close = (4401, "logged out")
NOT_PERMITTED: Close = (4403, "not permitted")
SLOW_READER: Close = (1013, "too slow")
GOING_AWAY: Close = (1001, "the server stops")


class Panel:
    """One socket. ``closed`` says that, and how, it is to be closed. ``beside``: it is a program's, and nobody sits
    before it."""

    def __init__(self, cti_id: str, session: str, *, beside: bool = False) -> None:
        self.cti_id, self.session, self.beside = cti_id, session, beside
        self.places: list[Place] = []
        self.wake = asyncio.Event()
        self.closed: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    def next_frame(self) -> bytes | None:
        """Return the next frame to send, or None when there is none at the moment. The order of :attr:`places`
        decides."""
        return next((frame for place in self.places if (frame := place.next_frame()) is not None), None)

    def close(self, how: Close) -> None:
        if not self.closed.done():
            self.closed.set_result(how)

    def leave(self) -> None:
        """Read no stream any more. The frames that are still to be sent are sent."""
        for place in self.places:
            if place in place.stream.places:
                place.stream.places.remove(place)


class Place:
    """How far a panel has read a stream. ``first`` is sent before all frames."""

    def __init__(self, panel: Panel, stream: "Stream", position: int, first: bytes | None) -> None:
        self.panel, self.stream, self.position, self.first = panel, stream, position, first
        panel.places.append(self)
        stream.places.append(self)

    def next_frame(self) -> bytes | None:
        if self.first is not None:
            frame, self.first = self.first, None
            return frame
        if self.position == self.stream.seq or not self.stream.holds(self.position):
            return None
        self.position += 1
        return self.stream.frame(self.position)


class Stream:
    """``told`` is in each of its frames."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self.id = secrets.token_urlsafe(12)
        self.seq = 0
        self.places: list[Place] = []
        self.shown: bytes | None = None
        """The view that all readers were shown last; None: not known."""
        self._told = told or {}
        self._frames: deque[bytes] = deque(maxlen=KEPT)

    def frame(self, seq: int) -> bytes:
        """Return the frame numbered ``seq``, which must be one of the kept frames."""
        return self._frames[seq - self.seq - 1]

    def holds(self, seq: int) -> bool:
        """Return whether every frame after ``seq`` is still kept."""
        return self.seq - len(self._frames) <= seq <= self.seq

    def snapshot(self, at: float, name: str, view: bytes) -> bytes:
        """Return the first frame of a new reader. ``view`` is JSON, and stands under ``name``."""
        # Readers that are there already may have been shown another view last.
        self.shown = None if self.places else view
        head = {"type": FrameType.SNAPSHOT, "stream": self.id, "seq": self.seq, "at": iso(at)}
        return msgspec.json.encode({**head, **self._told, name: msgspec.Raw(view)})

    def publish(self, kind: str, at: float, content: Mapping[str, Any]) -> int:
        """Add a frame. Return how many panels were too slow for it."""
        head = {"type": kind, "seq": self.seq + 1, "at": iso(at)}
        frame = msgspec.json.encode({**head, **self._told, **content})
        self.seq += 1
        self._frames.append(frame)
        slow = [place for place in self.places if not self.holds(place.position)]
        for place in slow:
            place.panel.close(SLOW_READER)
            self.places.remove(place)
        for place in self.places:
            place.panel.wake.set()
        return len(slow)
