"""The rules of changes of a ticket. Each rule returns the event to apply, or raises a
:class:`~tickets.errors.TicketError`.

Nothing here changes anything: the caller applies the event (:meth:`tickets.ticket.Ticket.apply`) and writes
it down. ``event_id`` is a UUID of the caller's choice, ``at`` POSIX seconds.
"""

from collections.abc import Mapping
from typing import Any

from tickets.errors import TooManyComments, UnknownStatus, UnusableText, VersionConflict
from tickets.ticket import Ticket, TicketEvent, TicketEventType, TicketStatus

LONGEST_COMMENT = 10_000
"""The most characters of a comment."""
MOST_COMMENTS = 200
"""The most comments of a ticket, each of which is read with it."""


def open_ticket(
    event_id: str,
    ticket_id: str,
    at: float,
    *,
    service: str,
    call_id: str,
    owner: str,
    customer_number: str | None,
    detail: Mapping[str, Any],
) -> TicketEvent:
    """Return the first event of a new ticket."""
    facts = {"service": service, "call_id": call_id, "owner": owner, "customer_number": customer_number}
    return TicketEvent(event_id, ticket_id, 1, _kept(at), "system", TicketEventType.OPENED.value, {**detail, **facts})


def note(
    ticket: Ticket, event_id: str, at: float, *, by: str, event_type: str, detail: Mapping[str, Any]
) -> TicketEvent:
    """Return the event of a fact about the ticket's conversation. A fact is never refused. An unknown type, or an
    ``owner_changed`` or ``status_changed`` without its new value, is kept as a ``call_event``."""
    return _next(ticket, event_id, at, by, _type_of(event_type, detail), detail)


def comment(ticket: Ticket, event_id: str, at: float, *, by: str, text: str) -> TicketEvent:
    """Return the event of a comment. Raises UnusableText, TooManyComments."""
    if sum(event.type == TicketEventType.COMMENTED for event in ticket.events) >= MOST_COMMENTS:
        raise TooManyComments
    if not 1 <= len(text) <= LONGEST_COMMENT or not storable(text):
        raise UnusableText
    return _next(ticket, event_id, at, by, TicketEventType.COMMENTED, {"text": text})


def set_status(ticket: Ticket, event_id: str, at: float, *, by: str, status: str, version: int) -> TicketEvent | None:
    """Return the event of a new status, or None when the ticket has that status already. ``version`` is the one that
    the asker has seen.

    Raises UnknownStatus, VersionConflict.
    """
    if status not in set(TicketStatus):
        raise UnknownStatus
    if version != ticket.version:
        raise VersionConflict
    if status == ticket.status:
        return None
    change = {"from": ticket.status, "to": status}
    return _next(ticket, event_id, at, by, TicketEventType.STATUS_CHANGED, change)


def storable(text: str) -> bool:
    """Return whether Postgres can store the text. It stores neither NUL nor half a surrogate pair (which a JSON escape
    can smuggle into a Python string)."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _kept(at: float) -> float:
    """Return the time to the microsecond, as Postgres keeps it. So the ticket in memory and the one read back are the
    same."""
    return round(at, 6)


def _type_of(event_type: str, detail: Mapping[str, Any]) -> TicketEventType:
    if event_type not in set(TicketEventType) or event_type == TicketEventType.OPENED:
        return TicketEventType.CALL_EVENT
    known = TicketEventType(event_type)
    needed = {
        TicketEventType.OWNER_CHANGED: "owner",
        TicketEventType.STATUS_CHANGED: "to",
        TicketEventType.COMMENTED: "text",
    }.get(known)
    return TicketEventType.CALL_EVENT if needed and not isinstance(detail.get(needed), str) else known


def _next(
    ticket: Ticket, event_id: str, at: float, by: str, event_type: TicketEventType, detail: Mapping[str, Any]
) -> TicketEvent:
    return TicketEvent(event_id, ticket.id, ticket.version + 1, _kept(at), by, event_type.value, detail)
