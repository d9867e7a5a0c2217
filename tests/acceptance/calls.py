"""Steps that many scenarios take."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from tests.acceptance.hearing import joined
from tests.support.agent_client import Json
from tests.support.outside import OutsideCall, OutsidePhone
from tests.support.phones import PhoneCall
from tests.support.rows import eventually
from tests.support.stack import Agent, Customer, Desk, Stack

DIALING, TALKING, ON_HOLD, CONSULTING = "Dialing", "Talking", "On Hold", "On Call (Transfer in Progress)"
PROCESSING = "Business (Ticket Processing)"


class Numbered(Protocol):
    """Whoever has the customer's number: a talk, a customer, a phone behind the trunk."""

    number: str


@dataclass
class Talk:
    """An agent and a customer who talk. ``number`` is the customer's."""

    call_id: str
    phone: PhoneCall
    customer: PhoneCall | OutsideCall
    number: str


async def answered(desk: Desk, agent: Agent | None = None) -> Talk:
    """A customer calls, the agent lifts, both hear each other."""
    agent = agent or desk.agent
    customer: Customer = await desk.call()
    phone = await agent.lift()
    shown = await agent.client.label(TALKING)
    await joined(phone, customer.call)
    return Talk(shown["call"]["call_id"], phone, customer.call, customer.number)


async def dialed(desk: Desk, other: OutsidePhone, agent: Agent | None = None) -> tuple[str, PhoneCall, OutsideCall]:
    """The agent dials, lifts, and the other end is called."""
    agent = agent or desk.agent
    call_id = await agent.client.dial(other.number, desk.furnished.calling_number)
    phone = await agent.lift()
    return call_id, phone, await other.incoming()


async def called(desk: Desk, agent: Agent | None = None) -> Talk:
    """The agent calls out, the customer lifts, both hear each other."""
    agent = agent or desk.agent
    other = desk.outside()
    call_id, phone, far = await dialed(desk, other, agent)
    await far.answer()
    await agent.client.label(TALKING)
    await joined(phone, far)
    return Talk(call_id, phone, far, other.number)


async def held(desk: Desk, agent: Agent | None = None) -> Talk:
    """A customer on hold."""
    agent = agent or desk.agent
    talk = await answered(desk, agent)
    await agent.client.hold(talk.call_id)
    await agent.client.label(ON_HOLD)
    return talk


async def ended(desk: Desk, customer: Numbered, outcome: str, ended_by: str) -> Json:
    """The one row of the call, which ended so, and nothing of it is left in the PBX."""
    call = await desk.rows.call(customer.number)
    assert (call["outcome"], call["ended_by"]) == (outcome, ended_by)
    await nothing_left(desk.stack, call["id"], customer.number)
    return call


async def nothing_left(stack: Stack, call_id: str, number: str, within_s: float = 20.0) -> None:
    """No channel and no bridge of the call is left; music plays to channels only."""

    async def look() -> str:
        channels, bridges = await asyncio.gather(
            stack.pbx.command("core show channels concise"), stack.pbx.command("bridge show all")
        )
        return channels + bridges

    def gone(seen: str) -> bool:
        return call_id not in seen and number not in seen

    await eventually(look, gone, within_s)


async def causes(desk: Desk, agent: Agent, last: str) -> list[str]:
    """Why the agent's state changed, each time since they were ready, when the last has this cause."""
    rows = await desk.rows.changes_up_to(agent.cti_id, last)
    begun = max(index for index, row in enumerate(rows) if row["cause"] == "command")
    return [row["cause"] for row in rows[begun + 1 :]]
