"""The tickets in memory: those that Postgres does not show as they are, those of calls that go on, and the most recent
of the others.

A ticket is *unwritten* while an event of it waits in the outbox. It is *live* until its call is over. A ticket that is
neither is *at rest*, and of those only ``most_at_rest`` are kept, the ones used last. What is kept in memory because of
a change is in the checkpoint too, so it is there again after a restart without Postgres.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from tickets.ticket import Ticket


@dataclass(slots=True)
class Held:
    ticket: Ticket
    live: bool = False
    unwritten: int = 0
    """Seq of the last outbox row that Postgres has not got; 0: it has them all."""
    saved: int = 0
    """Events up to this version are in the checkpoint; 0: the ticket is not there."""


class HeldTickets:
    def __init__(self, most_at_rest: int) -> None:
        self._most_at_rest = most_at_rest
        self._held: dict[str, Held] = {}
        self._live_by_call: dict[str, str] = {}
        self._unwritten: dict[str, Held] = {}
        self._due: deque[tuple[int, str]] = deque()
        self._at_rest: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    @property
    def unwritten(self) -> list[Held]:
        return list(self._unwritten.values())

    def get(self, ticket_id: str) -> Held | None:
        """The ticket, which counts as used now."""
        if ticket_id in self._at_rest:
            self._at_rest.move_to_end(ticket_id)
        return self._held.get(ticket_id)

    def put(self, held: Held) -> None:
        """A ticket that was not held before."""
        self._held[held.ticket.id] = held
        if held.live:
            self._live_by_call[held.ticket.call_id] = held.ticket.id
        if held.unwritten:
            self._wait_for(held, held.unwritten)
        self._settle(held)

    def changed(self, held: Held, seq: int) -> None:
        """A change of it stands in the outbox, up to ``seq``."""
        self._at_rest.pop(held.ticket.id, None)
        self._wait_for(held, seq)

    def call_over(self, call_id: str) -> None:
        held = self._held.get(self._live_by_call.pop(call_id, ""))
        if held is not None:
            held.live = False
            self._settle(held)

    def written(self, seq: int) -> None:
        """Every outbox row up to ``seq`` is in Postgres, or was refused for good."""
        while self._due and self._due[0][0] <= seq:
            due, ticket_id = self._due.popleft()
            held = self._held[ticket_id]
            if held.unwritten == due:
                held.unwritten = 0
                del self._unwritten[ticket_id]
                self._settle(held)

    def evict(self) -> list[Held]:
        """Those at rest that are too many, no longer held."""
        too_many = len(self._at_rest) - self._most_at_rest
        return [self._held.pop(self._at_rest.popitem(last=False)[0]) for _ in range(too_many)]

    def _wait_for(self, held: Held, seq: int) -> None:
        held.unwritten = seq
        self._unwritten[held.ticket.id] = held
        self._due.append((seq, held.ticket.id))

    def _settle(self, held: Held) -> None:
        if not held.live and not held.unwritten:
            self._at_rest[held.ticket.id] = None
