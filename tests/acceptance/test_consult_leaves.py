"""Consultations in which somebody leaves, fails or is late (requirement E4), and those that become a direct transfer
by it."""

import pytest

from tests.acceptance.calls import PROCESSING, answered, ended
from tests.acceptance.consultation import back_on_hold, consulting
from tests.acceptance.hearing import RING_HZ, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.support.agent_client import Refused
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_given_a_target_is_busy_late_or_refuses_then_on_hold_with_the_reason(stack: Stack) -> None:
    async with stack.desk("consult-fails") as desk:
        agent = desk.agent
        talk = await answered(desk)
        for code, reason in ((486, "busy"), (603, "rejected"), (404, "invalid_number"), (503, "unreachable")):
            other = desk.outside(code)
            await agent.client.consult(talk.call_id, number=other.number)
            await other.incoming()
            await back_on_hold(desk, talk, reason)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_an_agent_as_target_is_late_or_refuses_then_on_hold_with_the_reason(stack: Stack) -> None:
    async with stack.desk("consult-late") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await rung.ended(5)
        await target.client.label("Business (Missed call)")
        await back_on_hold(desk, talk, "missed")
        await target.ready()
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        await target.phone.incoming()
        await target.client.decline((await target.client.me())["offer"]["offer_id"])
        await target.client.label("Business (Declined call)")
        await back_on_hold(desk, talk, "declined")
        await talk.customer.hang_up()
        call = await ended(desk, talk, "completed", "customer")
        assert [result for _, result in await desk.rows.offers_ended(call["id"], 3)] == [
            "answered",
            "missed",
            "declined",
        ]


@side_by_side
async def test_given_the_target_leaves_during_a_consultation_then_the_agent_is_on_hold(stack: Stack) -> None:
    async with stack.desk("consult-target-leaves") as desk:
        target = desk.agents[1]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await rung.hang_up()
        await target.client.label(PROCESSING)
        await back_on_hold(desk, talk, "hung_up")
        await desk.agent.client.resume(talk.call_id)
        await joined(talk.phone, talk.customer)
        await talk.phone.hang_up()
        await ended(desk, talk, "completed", "agent")


@side_by_side
async def test_given_the_customer_leaves_during_a_consultation_then_the_others_talk_on_and_connect_is_refused(
    stack: Stack,
) -> None:
    async with stack.desk("consult-customer-leaves") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await talk.customer.hang_up()
        await agent.client.event("notice", code="customer_left")
        await joined(talk.phone, rung)
        with pytest.raises(Refused) as refused:
            await agent.client.connect(talk.call_id)
        assert refused.value.code == "customer_left"
        await agent.client.cancel(talk.call_id)
        await rung.ended()
        await talk.phone.ended()
        await ended(desk, talk, "completed", "customer")
        for each in (agent, target):
            await each.client.label(PROCESSING)


@side_by_side
async def test_given_the_agents_phone_hangs_up_during_a_consultation_then_customer_and_target_are_joined(
    stack: Stack,
) -> None:
    async with stack.desk("consult-agent-leaves") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await talk.phone.hang_up()
        await agent.client.label(PROCESSING)
        await joined(rung, talk.customer)
        await desk.rows.ticket(talk.call_id, owner=target.cti_id)
        await talk.customer.hang_up()
        await rung.ended()
        await ended(desk, talk, "completed", "customer")


async def _becomes_direct(stack: Stack, room: str, *, by_phone: bool) -> None:
    """The target still rings, and the agent leaves: a direct transfer."""
    async with stack.desk(room) as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await talk.phone.hears(RING_HZ)
        if by_phone:
            await talk.phone.hang_up()
        else:
            await agent.client.connect(talk.call_id)
        await talk.phone.ended()
        await agent.client.label(PROCESSING)
        await talk.customer.hears(RING_HZ)
        await rung.answer()
        await joined(rung, talk.customer)
        assert never_heard(talk.customer, talk.phone.tone_hz, rung.established_at)
        await desk.rows.ticket(talk.call_id, owner=target.cti_id)
        await rung.hang_up()
        await target.client.label(PROCESSING)
        await ended(desk, talk, "completed", "agent")


@side_by_side
async def test_given_the_target_still_rings_when_connected_then_it_is_a_direct_transfer(stack: Stack) -> None:
    await _becomes_direct(stack, "consult-ringing", by_phone=False)


@side_by_side
async def test_given_the_target_still_rings_when_the_agents_phone_hangs_up_then_it_is_a_direct_transfer(
    stack: Stack,
) -> None:
    await _becomes_direct(stack, "consult-ringing-2", by_phone=True)


@side_by_side
async def test_given_the_target_still_rings_when_the_customer_leaves_then_all_is_over(stack: Stack) -> None:
    async with stack.desk("consult-ringing-3") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await talk.customer.hang_up()
        await rung.ended()
        await talk.phone.ended()
        await target.client.label("Ready")
        await agent.client.label(PROCESSING)
        await ended(desk, talk, "completed", "customer")
