"""Tickets in the checkpoint: one entry for the present state, and one for each event. So a change costs the same
however long the ticket's history is."""

from collections import defaultdict
from dataclasses import dataclass, field

from cti_bridge.domain.border.records import TicketNoted
from cti_bridge.storage.checkpoint import Checkpoint, encode
from cti_bridge.storage.kinds import TICKET, TICKET_EVENT, TICKET_NOTE
from tickets.ticket import Ticket, TicketEvent

Key = tuple[str, str]


@dataclass(slots=True)
class SavedTickets:
    tickets: list[Ticket] = field(default_factory=list)
    notes: dict[str, TicketNoted] = field(default_factory=dict)
    """Notes whose ticket could not be read when they came, by the id of their entry."""


def entries(ticket: Ticket, saved: int) -> dict[Key, bytes | None]:
    """Return the entries to write when events up to version ``saved`` are there already."""
    changes: dict[Key, bytes | None] = {(TICKET.name, ticket.id): encode(TICKET.name, ticket.summary)}
    for event in reversed(ticket.events):
        if event.version <= saved:
            break
        changes[TICKET_EVENT.name, f"{ticket.id}/{event.version}"] = encode(TICKET_EVENT.name, event)
    return changes


def removals(ticket: Ticket) -> dict[Key, bytes | None]:
    """Return the changes that remove the ticket from the checkpoint."""
    gone: dict[Key, bytes | None] = {(TICKET.name, ticket.id): None}
    return gone | {(TICKET_EVENT.name, f"{ticket.id}/{event.version}"): None for event in ticket.events}


def note_entry(note_id: str, note: TicketNoted) -> dict[Key, bytes | None]:
    return {(TICKET_NOTE.name, note_id): encode(TICKET_NOTE.name, note)}


def note_removal(note_id: str) -> dict[Key, bytes | None]:
    return {(TICKET_NOTE.name, note_id): None}


def saved_in(checkpoint: Checkpoint) -> SavedTickets:
    """Return the tickets of the checkpoint."""
    saved = SavedTickets(notes=dict(checkpoint.of(TICKET_NOTE)))
    events: defaultdict[str, list[TicketEvent]] = defaultdict(list)
    for event in checkpoint.of(TICKET_EVENT).values():
        events[event.ticket_id].append(event)
    for summary in sorted(checkpoint.of(TICKET).values(), key=lambda summary: summary.created_at):
        history = tuple(sorted(events[summary.id], key=lambda event: event.version))
        saved.tickets.append(Ticket.of(summary, history))
    return saved
