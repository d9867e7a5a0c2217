"""Tickets in memory: those that Postgres does not have in their present form, those of calls that go on, and the most
recent of the others.

A ticket is *unwritten* while an event of it waits in the outbox. It is *live* until its call is over. A ticket that is
neither is *at rest*. Only ``most_at_rest`` of these are kept, the ones used last. A ticket that is in memory because of
a change is in the checkpoint too, so it is there again after a restart without Postgres.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from tickets.ticket import Ticket


@dataclass(slots=True)
class CachedTicket:
    ticket: Ticket
    live: bool = False
    unwritten: int = 0
    """The seq of the last outbox row that is not in Postgres yet; 0: all rows are there."""
    saved: int = 0
    """Events up to this version are in the checkpoint; 0: the ticket is not there."""


class CachedTickets:
    def __init__(self, most_at_rest: int) -> None:
        self._most_at_rest = most_at_rest
        self._cached: dict[str, CachedTicket] = {}
        self._live_by_call: dict[str, str] = {}
        self._unwritten: dict[str, CachedTicket] = {}
        self._due: deque[tuple[int, str]] = deque()
        self._at_rest: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._cached)

    def __iter__(self) -> Iterator[CachedTicket]:
        return iter(self._cached.values())

    @property
    def unwritten(self) -> list[CachedTicket]:
        return list(self._unwritten.values())

    def get(self, ticket_id: str) -> CachedTicket | None:
        """Return the ticket, or None. The ticket counts as used now."""
        if ticket_id in self._at_rest:
            self._at_rest.move_to_end(ticket_id)
        return self._cached.get(ticket_id)

    def put(self, cached: CachedTicket) -> None:
        """Add a ticket that was not cached before."""
        self._cached[cached.ticket.id] = cached
        if cached.live:
            self._live_by_call[cached.ticket.call_id] = cached.ticket.id
        if cached.unwritten:
            self._wait_for(cached, cached.unwritten)
        self._settle(cached)

    def changed(self, cached: CachedTicket, seq: int) -> None:
        """A change of the ticket stands in the outbox, up to ``seq``."""
        self._at_rest.pop(cached.ticket.id, None)
        self._wait_for(cached, seq)

    def call_over(self, call_id: str) -> None:
        cached = self._cached.get(self._live_by_call.pop(call_id, ""))
        if cached is not None:
            cached.live = False
            self._settle(cached)

    def written(self, seq: int) -> None:
        """Every outbox row up to ``seq`` is in Postgres, or was refused for good."""
        while self._due and self._due[0][0] <= seq:
            due, ticket_id = self._due.popleft()
            cached = self._cached[ticket_id]
            if cached.unwritten == due:
                cached.unwritten = 0
                del self._unwritten[ticket_id]
                self._settle(cached)

    def evict(self) -> list[CachedTicket]:
        """Remove and return the tickets at rest that are too many."""
        too_many = len(self._at_rest) - self._most_at_rest
        return [self._cached.pop(self._at_rest.popitem(last=False)[0]) for _ in range(too_many)]

    def drop(self, ticket_id: str) -> CachedTicket | None:
        """Remove and return the ticket; None when there is none at rest."""
        if ticket_id not in self._at_rest:
            return None
        del self._at_rest[ticket_id]
        return self._cached.pop(ticket_id)

    def _wait_for(self, cached: CachedTicket, seq: int) -> None:
        cached.unwritten = seq
        self._unwritten[cached.ticket.id] = cached
        self._due.append((seq, cached.ticket.id))

    def _settle(self, cached: CachedTicket) -> None:
        if not cached.live and not cached.unwritten:
            self._at_rest[cached.ticket.id] = None
