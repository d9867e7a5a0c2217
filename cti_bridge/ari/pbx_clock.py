"""The PBX's clock beside ours: the difference between them, and a time of the PBX's by our clock.

The PBX is another machine, and its clock may be off, or ours. So a time of the PBX is never taken as one of ours. Only
differences between two of its times are used. An event carries the time at which it was sent. So it tells how long its
channel has existed, and how far the PBX's clock is ahead of ours.
"""

import structlog

from cti_bridge.ari.text import posix_time

DIFFERS_S = 3.0
"""The least difference, in seconds, of which an operator is told."""
LONGEST_S = 86_400.0
"""The longest time that a caller can have waited, in seconds: a day. A longer one means that the PBX's clock was set
while the channel existed."""
WINDOW_S = 10.0
"""Readings are kept for one to two windows. An event is heard later than it was sent, never sooner, so the highest
reading is the best. A clock that was set is noticed when the older readings have been dropped."""

READ_EVERY_S = 1.0
"""The pause between two readings, in seconds. Events come by the thousand, and a reading costs as much as handling
one."""

log = structlog.get_logger(__name__)


def age_s(created: str, at: str) -> float:
    """Return the age, in seconds, that an object of the PBX had at one of its times; 0 where the two times make no
    sense together."""
    began, now = posix_time(created), posix_time(at)
    return _sane(now - began) if began is not None and now is not None else 0.0


class PbxClock:
    """The clock of the PBX ``node``. Logs when it begins to differ from ours, and when the two agree again."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._recent: float | None = None
        self._before: float | None = None
        self._window_began = 0.0
        self._read_next_at = 0.0
        self._differed = False

    @property
    def ahead_s(self) -> float | None:
        """The seconds by which the PBX's clock is ahead of ours, negative when it is behind; None until an event has
        come."""
        known = [reading for reading in (self._before, self._recent) if reading is not None]
        return max(known, default=None)

    @property
    def problem(self) -> str | None:
        """In words, that the clocks differ; None when they do not."""
        ahead_s = self.ahead_s
        if ahead_s is None or abs(ahead_s) < DIFFERS_S:
            return None
        return f"its clock is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the bridge's"

    def forget(self) -> None:
        """A new connection: the clock may have been set since the last one."""
        self._recent = self._before = None
        self._read_next_at = 0.0

    def moved(self, by_s: float) -> None:
        """Our clock was set by ``by_s`` seconds, forward or back."""
        self._window_began += by_s
        self._read_next_at += by_s
        self._recent = None if self._recent is None else self._recent - by_s
        self._before = None if self._before is None else self._before - by_s
        self._say()

    def heard(self, sent_at: str, received_at: float) -> None:
        """An event came at ``received_at`` by our clock, with the time at which it was sent."""
        if received_at < self._read_next_at:
            return
        told = posix_time(sent_at)
        if told is None:
            return
        self._read_next_at = received_at + READ_EVERY_S
        if received_at - self._window_began >= WINDOW_S:
            self._before, self._recent, self._window_began = self._recent, None, received_at
        reading = told - received_at
        if self._recent is None or reading > self._recent:
            self._recent = reading
        self._say()

    def ours(self, created: str, asked_at: float) -> float:
        """Return the time ``created`` of a listed channel by our clock, for a list that was asked for at ``asked_at``.
        Return ``asked_at`` when the time is not known, or makes no sense."""
        began, ahead_s = posix_time(created), self.ahead_s
        if began is None or ahead_s is None:
            return asked_at
        return asked_at - _sane(asked_at + ahead_s - began)

    def _say(self) -> None:
        differs = self.problem is not None
        if differs is self._differed:
            return
        self._differed = differs
        if differs:
            log.warning("pbx_clock_differs", node=self._node, ahead_s=round(self.ahead_s or 0.0, 1))
        else:
            log.info("pbx_clock_agrees", node=self._node)


def _sane(seconds: float) -> float:
    return seconds if 0.0 < seconds <= LONGEST_S else 0.0
