"""Counts of what has happened since the start, for the metrics. Nothing is decided by them, and no restart keeps
them."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import Direction, VisitExit, VisitKind

BUCKETS_S = (5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)
"""The upper ends of the buckets of waits, in seconds; 20 is the usual time of a service level."""

Ended = tuple[str, str, str, str]
"""Direction, service, queue, outcome; the queue is empty for calls out."""


@dataclass(slots=True)
class Waits:
    """The waits of one queue's calls until an agent had them. ``counts`` has one more than there are buckets, for all
    that are longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.total_s += seconds


_TURNED_AWAY = (VisitExit.LONGEST_WAIT, VisitExit.FULL, VisitExit.NO_AGENTS, VisitExit.CLOSED)
# Members that every call looks up, by names of the module: see the package.
_INBOUND = Direction.INBOUND
_NEW, _ANSWERED, _ABANDONED = VisitKind.NEW, VisitExit.ANSWERED, VisitExit.ABANDONED


@dataclass(slots=True)
class Offered:
    """The new calls of a queue by what became of them, as reports count them. The rest of those offered has gone
    otherwise, or waits."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    turned_away: int = 0


@dataclass(slots=True)
class Tally:
    ended: Counter[Ended] = field(default_factory=Counter)
    waits: dict[str, Waits] = field(default_factory=dict)
    """By queue."""
    queues: dict[str, Offered] = field(default_factory=dict)
    recordings_failed: int = 0
    """Conversations that were not recorded, for a while at least, though they should be."""

    def call_ended(self, call: Call) -> None:
        """Count a call whose outcome is known."""
        queue = call.queue or "" if call.direction is _INBOUND else ""
        self.ended[str(call.direction), call.service or "", queue, str(call.end.outcome)] += 1

    def entered(self, visit: Visit) -> None:
        """Count a visit that begins."""
        if visit.kind is _NEW:
            self._of(visit.queue).offered += 1

    def left(self, visit: Visit) -> None:
        """Count how a visit has ended."""
        if visit.kind is not _NEW:
            return
        queue = self._of(visit.queue)
        if visit.exit is _ANSWERED:
            queue.answered += 1
        elif visit.exit is _ABANDONED:
            queue.abandoned += 1
        elif visit.exit in _TURNED_AWAY:
            queue.turned_away += 1

    def _of(self, queue: str) -> Offered:
        found = self.queues.get(queue)
        if found is None:
            found = self.queues[queue] = Offered()
        return found

    def answered(self, call: Call) -> None:
        """Count the wait of a call that an agent has taken from its queue. One that its sender has taken back has not
        waited there."""
        if call.queue is not None and not call.recalled:
            waits = self.waits.get(call.queue)
            if waits is None:
                waits = self.waits[call.queue] = Waits()
            waits.add(call.wait.lasted_s)
