"""Tickets in Postgres. These statements only read; the spool's writer uses the others in ``tickets.sql``."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg
import msgspec

from tickets.statements import load_statements
from tickets.ticket import Ticket, TicketEvent, TicketStatus, TicketSummary

STATEMENTS = load_statements("tickets", "tickets.sql")

WRITES = {"ticket": STATEMENTS["write_ticket"], "ticket_event": STATEMENTS["write_ticket_event"]}
"""The statement of each table: it takes a JSON array of rows."""

MIGRATIONS = ("tickets", "tickets.migrations")
"""(component, package of its migration files)"""


class Place(NamedTuple):
    """A place in a list of tickets: where that ticket stands."""

    created_at: float
    id: str


_BEGINNING = Place(float("inf"), "ffffffff-ffff-ffff-ffff-ffffffffffff")


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """A search of tickets. None does not restrict. ``services`` are those that the asker may see."""

    services: tuple[str, ...]
    status: str | None = None
    owner: str | None = None
    number: str | None = None
    forms: tuple[str, ...] = ()
    """Other forms in which the number may have been written."""
    limit: int = 50
    behind: Place = _BEGINNING
    """Tickets behind this place are wanted."""
    id: str | None = None
    """The id of a ticket or of its call."""

    @property
    def numbers(self) -> tuple[str, ...] | None:
        """All forms of the number."""
        return None if self.number is None else (self.number, *self.forms)

    def matches(self, ticket: TicketSummary) -> bool:
        """Return whether a ticket in memory answers the query."""
        return (
            ticket.service in self.services
            and self.status in (None, ticket.status)
            and self.owner in (None, ticket.owner)
            and (self.numbers is None or ticket.customer_number in self.numbers)
            and self.id in (None, ticket.id, ticket.call_id)
            and place_of(ticket) < self.behind
        )

    @property
    def must_be_whole(self) -> bool:
        """Whether a part of the answer could be taken for the whole."""
        return self.number is not None or self.behind != _BEGINNING


@dataclass(frozen=True, slots=True)
class TicketsFound:
    """``tickets`` are newest first. ``more``: there are others behind them, or may be."""

    tickets: Sequence[TicketSummary]
    more: bool = False


def place_of(ticket: TicketSummary) -> Place:
    return Place(ticket.created_at, ticket.id)


async def load(connection: asyncpg.Connection, ticket_id: str) -> Ticket | None:
    """Return the ticket with its events, or None. ``ticket_id`` must be a UUID."""
    rows = await connection.fetch(STATEMENTS["load_ticket"], ticket_id)
    if not rows:
        return None
    events = tuple(_event(row) for row in rows if row["event_id"] is not None)
    return Ticket.of(TicketSummary(**{name: rows[0][name] for name in TicketSummary.__slots__}), events)


async def newer(connection: asyncpg.Connection, versions: Mapping[str, int]) -> list[str]:
    """Return the ids of tickets that have a higher version than the caller's. An id that is no UUID is not ours."""
    known = {ticket_id: version for ticket_id, version in versions.items() if is_uuid(ticket_id)}
    rows = await connection.fetch(STATEMENTS["ticket_versions"], list(known))
    return [row["id"] for row in rows if row["version"] > known[row["id"]]]


def is_uuid(text: str) -> bool:
    """Return whether the id is one as we write them. Postgres would read other forms too."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


async def search(
    connection: asyncpg.Connection, query: TicketQuery, leaving_out: Collection[str] = ()
) -> list[TicketSummary]:
    """Return the tickets found, newest first, at most ``query.limit``. ``leaving_out`` are ids of tickets that the
    caller knows better."""
    if query.id is not None:
        rows = await connection.fetch(STATEMENTS["search_tickets_of_id"], query.id)
        found = [TicketSummary(**row) for row in rows if row["id"] not in leaving_out]
        return [ticket for ticket in found if query.matches(ticket)]
    services = list(dict.fromkeys(query.services))
    statuses = list(TicketStatus) if query.status is None else [query.status]
    last: tuple[Any, ...] = (query.owner, list(leaving_out), query.limit, *query.behind)
    if query.numbers is None:
        rows = await connection.fetch(STATEMENTS["search_tickets"], services, statuses, *last)
    else:
        numbers = list(dict.fromkeys(query.numbers))
        rows = await connection.fetch(STATEMENTS["search_tickets_of_number"], services, statuses, *last, numbers)
    return [TicketSummary(**row) for row in rows]


def _event(row: Any) -> TicketEvent:
    return TicketEvent(
        id=row["event_id"],
        ticket_id=row["id"],
        version=row["event_version"],
        at=row["event_at"],
        by=row["event_by"],
        type=row["event_type"],
        detail=msgspec.json.decode(row["event_detail"]),
    )
