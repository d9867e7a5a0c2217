"""What ends or refuses a call by a set limit: how many calls out at once, and how long a phone rings."""

import asyncio

import pytest

from cti_bridge.domain.offer.ringing import CUSTOMER_RING_S, OWN_PHONE_RING_S
from tests.acceptance.calls import DIALING, PROCESSING, called, dialed, ended
from tests.acceptance.side_by_side import SideBySide
from tests.support.agent_client import Refused
from tests.support.stack import Desk, Stack

side_by_side = SideBySide()
RINGS_S = CUSTOMER_RING_S + 15
"""Longer than any phone rings."""


@side_by_side
async def test_given_as_many_calls_out_as_the_service_may_have_then_one_more_is_refused_until_one_ends(
    stack: Stack,
) -> None:
    async with stack.desk("out-limit") as desk:
        agent, second = desk.agents
        talk = await called(desk)
        other = desk.outside()
        with pytest.raises(Refused) as refused:
            await second.client.dial(other.number, desk.furnished.calling_number)
        assert refused.value.code == "limit_reached"
        keypad = await second.phone.dial(other.number)
        await keypad.ended()
        assert keypad.final_code == 403
        assert (other.calls, second.phone.rang) == ([], 1)
        await talk.customer.hang_up()
        await agent.client.label(PROCESSING)
        third = desk.outside()
        _, phone, far = await dialed(desk, third, second)
        await phone.hang_up()
        await far.ended()
        await ended(desk, third, "cancelled", "agent")


async def nobody_at_the_agents_phone(desk: Desk) -> None:
    """The customer's does not ring at all."""
    agent, other = desk.agents[0], desk.outside()
    await agent.client.dial(other.number, desk.furnished.calling_number)
    phone = await agent.phone.incoming()
    await agent.client.label(DIALING)
    rang_s = await phone.ended(RINGS_S) - phone.started_at
    assert OWN_PHONE_RING_S - 2 < rang_s < OWN_PHONE_RING_S + 3, rang_s
    await agent.client.label("Ready")
    await ended(desk, other, "agent_no_answer", "system")
    assert other.calls == []


async def nobody_at_the_customers_phone(desk: Desk) -> None:
    agent, other = desk.agents[1], desk.outside()
    _, phone, far = await dialed(desk, other, agent)
    rang_s = await far.ended(RINGS_S) - far.started_at
    assert CUSTOMER_RING_S - 2 < rang_s < CUSTOMER_RING_S + 3, rang_s
    await phone.ended()
    await agent.client.label("Ready")
    await ended(desk, other, "no_answer", "system")


@pytest.mark.soak
async def test_given_nobody_answers_when_the_phones_have_rung_long_enough_then_they_stop(stack: Stack) -> None:
    async with stack.desk("out-ringing") as desk:
        await asyncio.gather(nobody_at_the_agents_phone(desk), nobody_at_the_customers_phone(desk))
