"""A ticket desk in memory, with the real rules."""

from uuid import uuid4

from cti_bridge.idempotency import IdempotencyKeys
from tickets import rules
from tickets.store import TicketQuery, TicketsFound, place_of
from tickets.ticket import Ticket, TicketEvent


class StorageAway(Exception):
    pass


class FakeDesk:
    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.queries: list[TicketQuery] = []
        self.away = False
        self.keys = IdempotencyKeys()

    def add(self, service: str = "acme", owner: str = "a1", number: str = "+821012345678") -> Ticket:
        event = rules.open_ticket(
            str(uuid4()),
            str(uuid4()),
            1_795_230_000.0,
            service=service,
            call_id=str(uuid4()),
            owner=owner,
            customer_number=number,
            detail={},
        )
        ticket = self.tickets[event.ticket_id] = Ticket.opened(event)
        return ticket

    async def get(self, ticket_id: str) -> Ticket | None:
        if self.away:
            raise StorageAway
        return self.tickets.get(ticket_id)

    async def search(self, query: TicketQuery) -> TicketsFound:
        self.queries.append(query)
        found = [ticket.summary for ticket in self.tickets.values() if query.matches(ticket.summary)]
        found.sort(key=place_of, reverse=True)
        return TicketsFound(found[: query.limit], more=len(found) > query.limit)

    async def comment(self, ticket_id: str, by: str, text: str, key: str | None = None) -> Ticket:
        ticket = self.tickets[ticket_id]
        if earlier := self.keys.earlier(key, text, 0):
            return ticket.as_of(earlier.answer)
        return self._apply(ticket, rules.comment(ticket, str(uuid4()), 1_795_230_001.0, by=by, text=text), key, text)

    async def set_status(self, ticket_id: str, by: str, status: str, version: int, key: str | None = None) -> Ticket:
        ticket = self.tickets[ticket_id]
        if earlier := self.keys.earlier(key, (status, version), 0):
            return ticket.as_of(earlier.answer)
        event = rules.set_status(ticket, str(uuid4()), 1_795_230_002.0, by=by, status=status, version=version)
        return self._apply(ticket, event, key, (status, version)) if event else ticket

    def _apply(self, ticket: Ticket, event: TicketEvent, key: str | None, asked: object) -> Ticket:
        changed = self.tickets[ticket.id] = ticket.apply(event)
        if key is not None:
            self.keys.remember(key, asked, 0, answer=changed.version)
        return changed
