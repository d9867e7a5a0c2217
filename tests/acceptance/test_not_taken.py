"""Calls that an agent does not take, where the house lets them stay ready for a while (requirement I7)."""

import asyncio

from cti_bridge.domain.offer.offer import PAUSE_S
from tests.acceptance.calls import PROCESSING, TALKING
from tests.acceptance.hearing import joined
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Customer, Desk, Stack

BUSY_PAUSE_S = 8
POLICY = f"""
[policy.missed]
most = 3
[policy.busy]
most = 0
pause_s = {BUSY_PAUSE_S}
"""
"""It holds for all rooms, so nothing else runs meanwhile."""
LATE_S = 2
READY, MISSED = "Ready", "Business (Missed call)"


async def misses(agent: Agent, label: str) -> PhoneCall:
    """The phone rings, and nobody is there."""
    rung = await agent.phone.incoming()
    await rung.ended()
    await agent.client.label(label)
    return rung


async def talks(agent: Agent, customer: Customer) -> PhoneCall:
    phone = await agent.lift()
    await joined(phone, customer.call)
    await agent.client.label(TALKING)
    return phone


async def offers(desk: Desk, customer: Customer, count: int) -> list[tuple[str, str | None]]:
    call = await desk.rows.call(customer.number)
    return await desk.rows.offers_ended(call["id"], count)


def pause_s(before: PhoneCall, after: PhoneCall) -> float:
    """The time for which nothing rang."""
    return after.started_at - (before.ended_at or 0.0)


async def third_in_a_row_leaves_ready(stack: Stack) -> None:
    """The first agent is away and has been idle longest."""
    async with stack.desk("missed-row") as desk:
        away, there = desk.agents
        first = await desk.call()
        missed = [await misses(away, READY)]
        talk = await talks(there, first)
        second = await desk.call()
        missed += [await misses(away, label) for label in (READY, MISSED)]
        await second.call.hears(MUSIC_HZ)
        await talk.hang_up()
        await there.client.label(PROCESSING)
        await there.ready()
        await talks(there, second)
        await second.call.hang_up()
        names = away.cti_id, there.cti_id
        assert await offers(desk, first, 2) == [(names[0], "missed"), (names[1], "answered")]
        assert await offers(desk, second, 3) == [(names[0], "missed")] * 2 + [(names[1], "answered")]
        assert min(pause_s(*missed[:2]), pause_s(*missed[1:])) > PAUSE_S - 0.2
        changes = [row for row in await desk.rows.changes_up_to(away.cti_id, "missed") if row["cause"] == "missed"]
        assert [row["to_status"] for row in changes[-3:]] == ["ready", "ready", "business"]


async def an_answer_begins_the_row_anew(stack: Stack) -> None:
    async with stack.desk("missed-answered") as desk:
        agent, customer = desk.agent, await desk.call()
        for _ in range(2):
            await misses(agent, READY)
        await talks(agent, customer)
        await customer.call.hang_up()
        await agent.client.label(PROCESSING)
        await agent.ready()
        again = await desk.call()
        await misses(agent, READY)
        await again.call.hang_up()
        assert await offers(desk, customer, 3) == [(agent.cti_id, "missed")] * 2 + [(agent.cti_id, "answered")]


async def a_busy_phone_is_left_alone_for_its_pause(stack: Stack) -> None:
    async with stack.desk("missed-busy") as desk:
        agent, customer = desk.agent, await desk.call()
        rung = await agent.phone.incoming()
        await rung.reject()
        await agent.client.label(READY)
        await customer.call.hears(MUSIC_HZ)
        again = await agent.phone.incoming()
        assert BUSY_PAUSE_S - 0.3 < pause_s(rung, again) < BUSY_PAUSE_S + LATE_S
        await agent.client.label("Ringing")
        await again.answer()
        await joined(again, customer.call)
        await customer.call.hang_up()
        assert await offers(desk, customer, 2) == [(agent.cti_id, "busy"), (agent.cti_id, "answered")]


async def test_given_a_house_that_allows_three_missed_calls_and_any_number_of_busy_ones_then_agents_stay_ready_so_long(
    stack: Stack,
) -> None:
    await stack.bridge.reload(POLICY)
    try:
        await asyncio.gather(
            third_in_a_row_leaves_ready(stack),
            an_answer_begins_the_row_anew(stack),
            a_busy_phone_is_left_alone_for_its_pause(stack),
        )
    finally:
        await stack.bridge.reload("")
