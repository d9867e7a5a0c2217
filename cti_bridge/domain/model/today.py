"""Figures of today, as the core counts them: of each queue, of each service with its calls once, of each agent.

They are for whoever watches while it happens. Reports are made of rows alone, and say the same of the day so far
(``docs/figures.md``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

QUEUE, SERVICE, AGENT = "queue", "service", "agent"
"""The kinds of what has figures: the first part of their id."""
_DAY_S = 86_400.0
TURNED_AWAY = ("longest_wait", "full", "no_agents", "closed")
EXITS = ("answered", "abandoned", *TURNED_AWAY, "key", "moved", "ended", "node_lost", "waiting")
"""The ends of a call that was offered, and waiting: it is exactly one of them, at every moment."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a time zone. ``begin`` and ``till``, its end, are POSIX seconds."""

    name: str
    begin: float
    till: float


@lru_cache(8)
def _utc_day(number: float) -> Day:
    begin = number * _DAY_S
    return Day(datetime.fromtimestamp(begin, UTC).date().isoformat(), begin, begin + _DAY_S)


def utc_day(at: float) -> Day:
    """Return the day of UTC, for a service without a time zone."""
    return _utc_day(at // _DAY_S)


@dataclass(slots=True)
class DayFigures:
    """``id`` is the kind and the name, as in ``queue/support``. ``day`` is the name of the day that is counted.
    ``begun`` counts how often the figures have begun: a clock that is set may bring a day twice."""

    id: str
    day: str
    begun: int = 1
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """The figures of this day, for whatever stands in them."""
        return f"{self.id} {self.day} {self.begun}"

    def add(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def change(self, before: Sequence[str], now: Sequence[str]) -> None:
        """Count something under other names than before."""
        counts = self.counts
        for name in before:
            counts[name] -= 1
        for name in now:
            counts[name] = counts.get(name, 0) + 1

    def spend(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


def summed(parts: Sequence[DayFigures]) -> dict[str, int]:
    """Return the sums of the counts."""
    found: dict[str, int] = {}
    for part in parts:
        for name, count in part.counts.items():
            found[name] = found.get(name, 0) + count
    return found
