"""Handling times: for how long an agent is not free for another call of a queue. The expected wait stands on them.

A handling lasts from the ring until the agent is free again: ring, talk, hold, and ticket processing, of which
:data:`MOST_PROCESSING_S` count. They are kept by queue alone.
"""

from msgspec import Struct, field

MOST = 50
"""The most handling times of a queue that count."""
WITHIN_S = 3600.0
"""The age up to which they count, in seconds."""
LEAST = 8
"""Fewer say nothing."""
MOST_PROCESSING_S = 300.0


class Handling(Struct, gc=False):
    """A call of a queue as its agent handles it, until the agent is free again. Times are POSIX seconds."""

    queue: str
    visit_id: str
    since: float
    """The phone began to ring."""
    let_go_at: float | None = None
    """The call let the agent go; ticket processing may follow. None: it goes on."""

    def lasted_s(self, until: float) -> float:
        """Return the seconds that count when the agent is free at ``until``."""
        let_go_at = until if self.let_go_at is None else self.let_go_at
        return max(0.0, let_go_at - self.since) + min(max(0.0, until - let_go_at), MOST_PROCESSING_S)


class HandleTimes(Struct, gc=False):
    """The last handling times of one queue: when each ended, and the seconds for which it lasted."""

    queue: str
    at: list[float] = field(default_factory=list)
    lasted_s: list[float] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.queue

    def add(self, at: float, lasted_s: float) -> None:
        self.at.append(float(int(at)))  # Never a moment later than now: no time that is kept is yet to come.
        self.lasted_s.append(round(lasted_s, 1))
        del self.at[:-MOST], self.lasted_s[:-MOST]

    def mean_s(self, now: float) -> float | None:
        """Return the mean of those that count now, or None when they are too few."""
        if len(self.at) >= LEAST and self.at[0] > now - WITHIN_S:
            return sum(self.lasted_s) / len(self.lasted_s)  # Nearly always, in a queue that is busy.
        recent = [lasted_s for at, lasted_s in zip(self.at, self.lasted_s, strict=False) if at > now - WITHIN_S]
        return sum(recent) / len(recent) if len(recent) >= LEAST else None
