"""What a PBX has seen of two bridges, and what must not be in it: two that act, or nobody for long.

It is made of what came to the PBX: event sockets of the application, marks (:mod:`cti_bridge.ari.mark`) and orders.
Nothing in it is what a bridge says of itself. An application has one event socket, so whoever opened it last acts.
Moments are `time.monotonic()` seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST_WITHOUT_S = 15.0
"""A PBX that somebody reaches is without a bridge that acts for no longer than this."""


@dataclass
class EventSocket:
    """An event socket of the application. ``closed_at`` is None while it is open."""

    who: str
    opened_at: float
    closed_at: float | None = None


class Mark(NamedTuple):
    """A bridge has left its mark, before it opens the socket."""

    at: float
    who: str
    term: int


class Order(NamedTuple):
    """A request that changes something, other than a mark or a socket."""

    at: float
    who: str
    what: str


class Reach(NamedTuple):
    """From this moment on, whose processes run and reach the PBX, and whose reach Postgres."""

    at: float
    pbx: frozenset[str]
    postgres: frozenset[str]


@dataclass
class History:
    """Of one PBX, each list in the order of time."""

    sockets: Sequence[EventSocket] = ()
    marks: Sequence[Mark] = ()
    orders: Sequence[Order] = ()
    reach: Sequence[Reach] = field(default_factory=list)

    def breaches(self, since: float, until: float) -> list[str]:
        """Return in words all that must not have been between two moments."""
        return [*self._two(since, until), *self._taken_back(since, until), *self._nobody(since, until)]

    def _opened_last(self, at: float) -> EventSocket | None:
        return max((one for one in self.sockets if one.opened_at <= at), key=lambda one: one.opened_at, default=None)

    def _two(self, since: float, until: float) -> Iterator[str]:
        """Who has been replaced sends no order."""
        for order in self.orders:
            acts = self._opened_last(order.at)
            if since <= order.at <= until and (acts is None or acts.who != order.who):
                whose = (
                    f"{acts.who} had opened the socket {order.at - acts.opened_at:.3f} s before" if acts else "nobody"
                )
                yield f"{order.who} has sent {order.what}, and {whose}"

    def _taken_back(self, since: float, until: float) -> Iterator[str]:
        """Terms never fall, and a socket is opened by who has left the last mark."""
        for place, mark in enumerate(self.marks):
            highest = max((one.term for one in self.marks[:place]), default=0)
            if since <= mark.at <= until and mark.term < highest:
                yield f"{mark.who} has left a mark of term {mark.term} behind one of term {highest}"
        for socket in self.sockets:
            last = max((one for one in self.marks if one.at <= socket.opened_at), key=lambda one: one.at, default=None)
            if since <= socket.opened_at <= until and last is not None and last.who != socket.who:
                yield f"{socket.who} has opened a socket behind the mark of {last.who}"

    def _nobody(self, since: float, until: float) -> Iterator[str]:
        """Somebody reaches the PBX, and nobody acts, for long."""
        began: float | None = None
        for at in [*self._moments(since, until), until]:
            lacks = at < until and self._lacks(at)
            if lacks and began is None:
                began = at
            elif not lacks and began is not None:
                if at - began > LONGEST_WITHOUT_S:
                    yield f"for {at - began:.1f} s somebody reached the PBX and nobody acted"
                began = None

    def _moments(self, since: float, until: float) -> list[float]:
        """When anything has changed."""
        changed = [since, *(one.at for one in self.reach), *(one.opened_at for one in self.sockets)]
        changed += [one.closed_at for one in self.sockets if one.closed_at is not None]
        return sorted(at for at in set(changed) if since <= at < until)

    def _lacks(self, at: float) -> bool:
        """Return whether nobody acts from this moment on, and somebody could: who has a way to the PBX and may take the
        lease, or was the last one there."""
        reach = next((one for one in reversed(self.reach) if one.at <= at), None)
        if reach is None:
            return False
        last = self._opened_last(at)
        if last is not None and (last.closed_at is None or last.closed_at > at) and last.who in reach.pbx:
            return False
        return bool(reach.pbx & (reach.postgres | ({last.who} if last else set())))
