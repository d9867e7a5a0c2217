"""Announcements to callers who wait in a queue: what is said, and when (requirement I4).

The seconds count from the entry into the queue. What is said are whole sounds alone: numbers that the PBX puts together
cannot be stopped (seen), and a caller who waits may be connected at any moment.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import floor, inf

POSITION = "sound:cti/position-"
"""Before a position from 1 to :data:`MOST_POSITION`, or ``more``."""
MOST_POSITION = 10
WAIT = "sound:cti/wait-"
"""Before the name of a bracket."""
BRACKETS: tuple[tuple[float, str], ...] = (
    (60.0, "under-1"),
    (120.0, "1-2"),
    (300.0, "2-5"),
    (600.0, "5-10"),
    (1200.0, "10-20"),
    (inf, "over-20"),
)
"""The brackets of an expected wait: the upper end of each in seconds, and its name."""
_ROUNDING_S = 0.001
"""A deadline that is shifted may be due a little before the second that it stands for."""


class Say(StrEnum):
    """The sayings of an announcement about the call itself."""

    POSITION = "position"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Announcement:
    """Said once at ``at_s``; with ``every_s`` again and again, the first time at ``at_s`` where that is given."""

    at_s: float | None = None
    every_s: float | None = None
    say: tuple[Say, ...] = ()
    sounds: tuple[str, ...] = ()
    """Said behind it, one after another."""
    above_s: float = 0.0
    """Said only while the expected wait is at least that."""

    def times(self, waited_s: float) -> int:
        """Return how many times it is due within so many seconds."""
        since_s = waited_s + _ROUNDING_S - self._first_s
        if since_s < 0:
            return 0
        return 1 + (floor(since_s / self.every_s) if self.every_s else 0)

    def next_s(self, waited_s: float) -> float | None:
        """Return the seconds at which it is due next, after so many; None: never again."""
        times = self.times(waited_s)
        if not times:
            return self._first_s
        return self._first_s + times * self.every_s if self.every_s else None

    @property
    def _first_s(self) -> float:
        return self.at_s if self.at_s is not None else self.every_s or 0.0


def next_s(announce: tuple[Announcement, ...], waited_s: float) -> float | None:
    """Return the seconds at which any of them is due next, after so many; None: never again."""
    return min((at for one in announce if (at := one.next_s(waited_s)) is not None), default=None)


def position_sound(position: int) -> str:
    """Return the sound that says a position in the queue, from 1."""
    return f"{POSITION}{position if position <= MOST_POSITION else 'more'}"


def bracket_of(wait_s: float) -> int:
    """Return the bracket of an expected wait, by its place in :data:`BRACKETS`."""
    return next(place for place, (upper_s, _) in enumerate(BRACKETS) if wait_s < upper_s)


def sounds_of(say: Say) -> tuple[str, ...]:
    """Return all sounds that may say it."""
    if say is Say.POSITION:
        return tuple(position_sound(position) for position in range(1, MOST_POSITION + 2))
    return tuple(WAIT + name for _, name in BRACKETS)
