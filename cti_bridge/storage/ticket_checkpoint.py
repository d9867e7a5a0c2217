"""Tickets in the checkpoint: one entry for the present state, one for each event, so that a change costs the same
however long the ticket's history is.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import structlog

from cti_bridge.domain.records import TicketNoted
from tickets.ticket import Ticket, TicketEvent, TicketSummary

TICKET, EVENT, NOTE = "ticket", "ticket_event", "ticket_note"

Key = tuple[str, str]

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class SavedTickets:
    tickets: list[Ticket] = field(default_factory=list)
    notes: dict[str, TicketNoted] = field(default_factory=dict)
    """Notes whose ticket was not to be had when they came, by the id of their entry."""


def entries(ticket: Ticket, saved: int) -> dict[Key, bytes | None]:
    """What to write when events up to version ``saved`` are there already."""
    changes: dict[Key, bytes | None] = {(TICKET, ticket.id): _encode(ticket.summary)}
    for event in reversed(ticket.events):
        if event.version <= saved:
            break
        changes[EVENT, f"{ticket.id}/{event.version}"] = _encode(event)
    return changes


def removals(ticket: Ticket) -> dict[Key, bytes | None]:
    """What to write when the ticket is no longer needed there."""
    gone: dict[Key, bytes | None] = {(TICKET, ticket.id): None}
    return gone | {(EVENT, f"{ticket.id}/{event.version}"): None for event in ticket.events}


def note_entry(note_id: str, note: TicketNoted) -> dict[Key, bytes | None]:
    return {(NOTE, note_id): _encode(note)}


def read(checkpoint: Mapping[Key, bytes]) -> SavedTickets:
    """What the checkpoint holds of tickets. An entry that cannot be read is reported and left out."""
    saved = SavedTickets()
    events: defaultdict[str, list[TicketEvent]] = defaultdict(list)
    summaries: list[TicketSummary] = []
    for (kind, identity), state in checkpoint.items():
        try:
            if kind == EVENT:
                event = msgspec.json.decode(state, type=TicketEvent)
                events[event.ticket_id].append(event)
            elif kind == TICKET:
                summaries.append(msgspec.json.decode(state, type=TicketSummary))
            elif kind == NOTE:
                saved.notes[identity] = msgspec.json.decode(state, type=TicketNoted)
        except msgspec.MsgspecError as error:
            _log.error("checkpoint_entry_unreadable", kind=kind, id=identity, error=str(error))
    for summary in sorted(summaries, key=lambda summary: summary.created_at):
        history = tuple(sorted(events[summary.id], key=lambda event: event.version))
        saved.tickets.append(Ticket.of(summary, history))
    return saved
