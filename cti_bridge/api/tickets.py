"""Tickets, for agents of their service (requirement F2). The tickets of other services do not exist for
them."""

from dataclasses import replace
from typing import Any

from cti_bridge.api.cursors import cursor_of, place_at
from cti_bridge.api.errors import not_found
from cti_bridge.api.numbers import Numbers
from cti_bridge.api.ports import Present, TicketDesk
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import CommentBody, Nothing, TicketAnswer, TicketList, TicketPatch, TicketsQuery
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.numbers.e164 import identifies
from tickets.store import TicketQuery, place_of
from tickets.ticket import Ticket, TicketSummary


class Tickets:
    def __init__(self, desk: TicketDesk, directory: Present) -> None:
        self._desk, self._directory = desk, directory
        self._numbers = Numbers(directory)

    def routes(self) -> list[Route[TicketsQuery] | Route[Nothing] | Route[TicketPatch] | Route[CommentBody]]:
        one, comments = "/tickets/{ticket_id}", "/tickets/{ticket_id}/comments"
        return [
            Route(
                "GET",
                "/tickets",
                TicketsQuery,
                self._search,
                TicketList,
                "The tickets that match, newest first; 50 a page",
                pages=True,
            ),
            Route("GET", one, Nothing, self._get, TicketAnswer, "A ticket with its events and comments"),
            Route(
                "PATCH",
                one,
                TicketPatch,
                self._set_status,
                TicketAnswer,
                "Set the status of a ticket; the answer has the newest event alone",
            ),
            Route(
                "POST",
                comments,
                CommentBody,
                self._comment,
                TicketAnswer,
                "Comment on a ticket; the answer has the newest event alone",
            ),
        ]

    async def _search(self, asked: Asked[TicketsQuery]) -> Answer:
        query = asked.body
        services = tuple(asked.by(self._directory()).services)
        if query.service is not None:
            services = tuple({query.service} & set(services))
        if not services:
            return Answer([])
        if query.number is not None and not identifies(query.number):
            return Answer([])  # The tickets of all withheld numbers together are no customer's history.
        number, forms = self._searched(asked.cti_id, query.number)
        wanted = TicketQuery(services, query.status, query.owner, number, forms, id=query.id)
        if query.cursor is not None:
            wanted = replace(wanted, behind=place_at(query.cursor))
        found = await self._desk.search(wanted)
        lines = [ticket_line(ticket, self._directory()) for ticket in found.tickets]
        return Answer(lines, cursor=cursor_of(place_of(found.tickets[-1])) if found.more and found.tickets else None)

    def _searched(self, cti_id: str, text: str | None) -> tuple[str | None, tuple[str, ...]]:
        """Return the number to search for, with its other forms."""
        if text is None:
            return None, ()
        number, *forms = self._numbers.searched(text, self._numbers.of_agent(cti_id))
        return number, tuple(forms)

    async def _get(self, asked: Asked[Nothing]) -> Answer:
        return self._shown(await self._visible(asked))

    async def _set_status(self, asked: Asked[TicketPatch]) -> Answer:
        ticket, body = await self._visible(asked), asked.body
        changed = self._desk.set_status(ticket.id, asked.cti_id, body.status, body.version, asked.idempotency)
        return self._changed(await changed)

    async def _comment(self, asked: Asked[CommentBody]) -> Answer:
        ticket = await self._visible(asked)
        return self._changed(await self._desk.comment(ticket.id, asked.cti_id, asked.body.text, asked.idempotency))

    async def _visible(self, asked: Asked[Any]) -> Ticket:
        ticket = await self._desk.get(asked.ids["ticket_id"])
        if ticket is None or not asked.by(self._directory()).sees_service(ticket.service):
            raise not_found()
        return ticket

    def _changed(self, ticket: Ticket) -> Answer:
        """Answer a change. The client knows the history, which may hold hundreds of comments, so only the newest event
        is told."""
        return self._shown(replace(ticket, events=ticket.events[-1:]))

    def _shown(self, ticket: Ticket) -> Answer:
        return Answer({"ticket": ticket_view(ticket, self._directory())})


def ticket_line(ticket: Ticket | TicketSummary, directory: Directory) -> dict[str, Any]:
    """Return the ticket as it stands in a list and in event frames: without its history, which can be long."""
    return {
        "ticket_id": ticket.id,
        "service": ticket.service,
        "call_id": ticket.call_id,
        "status": ticket.status,
        "owner": ticket.owner,
        "owner_name": agent_name(directory, ticket.owner),
        "customer_number": _known(ticket.customer_number, directory),
        "created_at": iso(ticket.created_at),
        "version": ticket.version,
    }


def _known(number: str | None, directory: Directory) -> str | None:
    """Return the customer's number in today's form, or None. Older tickets may hold a word in its place, or another
    form of it."""
    return directory.numbering.delivered(number) if number is not None and identifies(number) else None


def ticket_view(ticket: Ticket, directory: Directory) -> dict[str, Any]:
    """Return the ticket with its history, oldest first. ``names`` are those of the agents in it, by CTI ID."""
    who = {ticket.owner} | {event.by for event in ticket.events} | {one.by for one in ticket.comments}
    who |= {text for event in ticket.events for text in event.detail.values() if isinstance(text, str)}
    names = {cti_id: agent_name(directory, cti_id) for cti_id in sorted(who & directory.agents.keys())}
    events = [
        {"version": event.version, "at": iso(event.at), "by": event.by, "type": event.type, "detail": event.detail}
        for event in ticket.events
    ]
    comments = [{"comment_id": one.id, "at": iso(one.at), "by": one.by, "text": one.text} for one in ticket.comments]
    return {**ticket_line(ticket, directory), "events": events, "comments": comments, "names": names}


def agent_name(directory: Directory, cti_id: str) -> str:
    """Return the agent's name. The CTI ID stands in for it where the configuration has no name, or no such agent any
    more."""
    entry = directory.agents.get(cti_id)
    return (entry.name if entry else "") or cti_id
