"""Callers who withhold their numbers: nobody is shown or told the number, it is written nowhere, and one that the
network names can be marked and blocked all the same."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.acceptance.calls import PROCESSING, TALKING
from tests.support.agent_client import AgentClient, Json
from tests.support.rows import eventually
from tests.support.sip_peer import SDP, Call, SipPeer, header
from tests.support.stack import Desk, Stack
from tests.support.traces import traces

NAME = "Kim Withheld"


@dataclass
class Caller:
    """One who withholds the number, in the way of some network."""

    digits: str
    user: str
    headers: str
    vouched: bool
    peer: SipPeer = field(default_factory=SipPeer)

    async def call(self, number: str, *, shown: bool = False) -> tuple[Call, int]:
        """Call; the final response. ``shown``: without withholding it, this once."""
        call = Call(
            number, uuid.uuid4().hex, f"z9hG4bK{uuid.uuid4().hex[:12]}", f"+{self.digits}" if shown else self.user
        )
        self.peer._responses[call.call_id] = asyncio.Queue()
        more = "" if shown else self.headers
        contact = f"Contact: <sip:peer@127.0.0.1:{self.peer.port}>\r\n"
        self.peer._request("INVITE", call, name="" if shown else f'"{NAME}" ', body=SDP, extra=contact + more)
        return call, await self.peer.final(call)


WAYS = {
    "the network vouches": (
        "anonymous",
        'P-Asserted-Identity: "{name}" <sip:+{digits}@network>\r\nPrivacy: id\r\n',
        True,
    ),
    "From alone says so": ("anonymous", 'P-Asserted-Identity: "{name}" <sip:+{digits}@network>\r\n', True),
    "an older way": (
        "+{digits}",
        'Remote-Party-ID: "{name}" <sip:+{digits}@network>;party=calling;privacy=full\r\n',
        True,
    ),
    "nobody vouches": ("+{digits}", "Privacy: user;ID\r\n", False),
    "a word": ("Restricted", "", False),
}


@asynccontextmanager
async def withheld(stack: Stack, way: str) -> AsyncIterator[Caller]:
    user, headers, vouched = WAYS[way]
    digits = stack.next_caller().removeprefix("+")
    values = {"digits": digits, "name": NAME}
    async with SipPeer.open() as peer:
        peer.server = (stack.pbx.sip_host, stack.pbx.sip_port)
        yield Caller(digits, user.format(**values), headers.format(**values), vouched, peer)


@asynccontextmanager
async def phone_that_shows(stack: Stack, desk: Desk) -> AsyncIterator[SipPeer]:
    """In place of the agent's phone: it answers at once, and its INVITE can be read."""
    seat = desk.furnished.seats[0]
    async with SipPeer.open() as phone:
        phone.server, phone.answers = (stack.pbx.sip_host, stack.pbx.sip_port), (180, 200)
        assert await phone.register(seat.cti_number, seat.sip_password) == 200
        yield phone


@asynccontextmanager
async def onlooker(stack: Stack, client: AgentClient) -> AsyncIterator[AgentClient]:
    """A second panel of the session, which forgets nothing."""
    panel = AgentClient(stack.bridge.url, client.cti_id, "")
    panel._token = client._token
    await panel.open_panel()
    try:
        yield panel
    finally:
        await panel.close()


async def seen_by_agent(desk: Desk, phone: SipPeer) -> list[Json | str]:
    """The INVITE, and every answer of the API that speaks of the call."""
    client = desk.agent.client
    invite = await asyncio.wait_for(phone.invites.get(), 10)
    shown = await client.label(TALKING)
    assert (shown["call"]["customer_number"], shown["call"]["customer_name"]) == (None, "")
    opened = (await client.event("ticket.opened"))["ticket"]
    assert opened["customer_number"] is None
    assert header(invite, "From").startswith('"Anonymous" <sip:anonymous@anonymous.invalid>'), invite
    for word in ("anonymous", "Restricted"):
        assert await client.request("GET", f"/tickets?number={word}") == []
    paths = ("/me", "/session", "/tickets", f"/tickets/{opened['ticket_id']}", "/me/frequent-numbers")
    return [invite, shown, opened, *[await client.request("GET", path) for path in paths]]


@pytest.mark.parametrize("way", WAYS)
async def test_given_a_withheld_number_then_nothing_shows_or_holds_it_and_a_block_holds_where_the_network_names_it(
    stack: Stack, way: str
) -> None:
    async with stack.desk("withheld") as desk, phone_that_shows(stack, desk) as phone, withheld(stack, way) as caller:
        client, number = desk.agent.client, desk.furnished.number
        async with onlooker(stack, client) as panel:
            _, code = await caller.call(number)
            assert code == 200
            seen = await seen_by_agent(desk, phone)
            call_id = client.agent["call"]["call_id"]
            await client.force_disconnect(call_id, "threat")
            await client.label(PROCESSING)
            row = "select * from cti.call where id = $1::uuid and ended_at is not null"
            (call,) = await eventually(lambda: desk.rows.fetch(row, call_id), bool)
            assert (call["customer_number"], call["outcome"]) == (None, "force_disconnected")
            found = {**await traces(stack, panel), "what the agent saw": str(seen)}
            secrets = (caller.digits[2:], NAME)
            assert {place for place, text in found.items() if any(secret in text for secret in secrets)} == set()
            places = {place for place, text in found.items() if number[1:] in text}
            places |= {"file spool.db" for place in places if place.startswith("file spool.db")}  # Or its WAL.
            assert {"table call", "table ticket_event", "file spool.db", "live frames"} <= places, (
                "it can be found there"
            )
            assert "file bridge.log" in found
        await client.ready()
        _, again = await caller.call(number)
        assert again == (403 if caller.vouched else 200)
        if caller.vouched:
            _, shown = await caller.call(number, shown=True)
            assert shown == 403, "the block cannot be got round by showing the number"
        await _let_go(desk)


async def test_given_a_mark_of_a_withheld_number_then_it_is_shown_with_its_next_withheld_call_and_with_no_other(
    stack: Stack,
) -> None:
    async with (
        stack.desk("withheld-marked") as desk,
        phone_that_shows(stack, desk),
        withheld(stack, "the network vouches") as caller,
        withheld(stack, "the network vouches") as other,
    ):
        client, marked = desk.agent.client, []
        for who, shown in ((caller, False), (caller, False), (other, False), (caller, True)):
            await who.call(desk.furnished.number, shown=shown)
            call = (await client.label(TALKING))["call"]
            marked.append(call["marks"] and call["marks"]["count"])
            if not marked[1:]:
                await client.force_disconnect(call["call_id"], "threat")
            else:
                await client.hang_up(call["call_id"])
            await client.label(PROCESSING)
            await client.shows(lambda agent: agent["call"] is None, "no call")
            await client.ready()
        assert marked == [None, 1, None, None]


async def _let_go(desk: Desk) -> None:
    """End what may be up."""
    agent = await desk.agent.client.me()
    if agent["call"] is not None:
        shown = await desk.agent.client.label(TALKING)
        await desk.agent.client.hang_up(shown["call"]["call_id"])
