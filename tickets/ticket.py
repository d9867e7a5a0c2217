"""The ticket and its events.

A ticket is the sum of its events. The first, ``opened`` (version 1), carries what never changes. Each later one adds 1
to the version. Only ``Ticket.opened`` and ``Ticket.apply`` make a ticket from events, so memory, the spool and Postgres
cannot disagree about the meaning of an event. Times are POSIX seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from typing import Any


class TicketStatus(StrEnum):
    OPEN = "open"
    PENDING = "pending"
    RESOLVED = "resolved"


class TicketEventType(StrEnum):
    OPENED = "opened"
    """detail: service, call_id, owner, customer_number, and further fields of the opener."""
    OWNER_CHANGED = "owner_changed"
    """detail: owner, the new one."""
    PARTICIPANT_ADDED = "participant_added"
    STATUS_CHANGED = "status_changed"
    """detail: from, to."""
    COMMENTED = "commented"
    """detail: text."""
    CALL_EVENT = "call_event"
    FORCE_DISCONNECTED = "force_disconnected"


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """A row of the table ``ticket_event``. ``by`` is a CTI ID or ``system``."""

    id: str
    ticket_id: str
    version: int
    at: float
    by: str
    type: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """A row of the table ``ticket``: the present state."""

    id: str
    service: str
    call_id: str
    status: str
    owner: str
    customer_number: str | None
    created_at: float
    version: int


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    at: float
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket with its history. It never changes: :meth:`apply` makes the next one."""

    id: str
    service: str
    call_id: str
    status: str
    owner: str
    customer_number: str | None
    created_at: float
    version: int
    events: tuple[TicketEvent, ...] = ()

    @classmethod
    def opened(cls, event: TicketEvent) -> "Ticket":
        """Return the ticket of an ``opened`` event. Raises ValueError for any other event."""
        if event.type != TicketEventType.OPENED or event.version != 1:
            raise ValueError(f"a ticket begins with the event opened, version 1, not {event.type} {event.version}")
        return cls(
            id=event.ticket_id,
            service=event.detail["service"],
            call_id=event.detail["call_id"],
            status=TicketStatus.OPEN.value,
            owner=event.detail["owner"],
            customer_number=event.detail["customer_number"],
            created_at=event.at,
            version=1,
            events=(event,),
        )

    @classmethod
    def of(cls, summary: TicketSummary, events: tuple[TicketEvent, ...]) -> "Ticket":
        """Return the ticket of its two tables; ``events`` are oldest first."""
        return cls(
            summary.id,
            summary.service,
            summary.call_id,
            summary.status,
            summary.owner,
            summary.customer_number,
            summary.created_at,
            summary.version,
            events,
        )

    def apply(self, event: TicketEvent) -> "Ticket":
        """Return the ticket after ``event``. Raises ValueError for an event of another ticket, and for one that is not
        the next."""
        if event.ticket_id != self.id or event.version != self.version + 1:
            raise ValueError(f"event {event.version} does not follow version {self.version} of ticket {self.id}")
        status, owner = self.status, self.owner
        if event.type == TicketEventType.STATUS_CHANGED:
            status = event.detail["to"]
        elif event.type == TicketEventType.OWNER_CHANGED:
            owner = event.detail["owner"]
        return replace(self, status=status, owner=owner, version=event.version, events=(*self.events, event))

    def as_of(self, version: int) -> "Ticket":
        """Return the ticket as it was at that version. Return it as it is when the version is not past, or its history
        has a gap."""
        events = [event for event in self.events if event.version <= version]
        if version >= self.version or [event.version for event in events] != list(range(1, version + 1)):
            return self
        return reduce(Ticket.apply, events[1:], Ticket.opened(events[0]))

    @property
    def comments(self) -> list[Comment]:
        """The comments, oldest first."""
        return [
            Comment(event.id, event.at, event.by, event.detail["text"])
            for event in self.events
            if event.type == TicketEventType.COMMENTED
        ]

    @property
    def summary(self) -> TicketSummary:
        return TicketSummary(
            self.id,
            self.service,
            self.call_id,
            self.status,
            self.owner,
            self.customer_number,
            self.created_at,
            self.version,
        )
