"""A phone that dies without a word (matrix, agent_lost): the customer has music, the agent is rung again.

The phone is one of `tests.support.outside`, registered as the agent's: it can fall silent, and it can come back.
"""

import asyncio
import time

from tests.acceptance.agents_phone import mortal
from tests.acceptance.calls import PROCESSING, TALKING, causes, ended
from tests.acceptance.hearing import assert_heard, joined
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.outside import OutsideCall, OutsidePhone
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import RTP_TIMEOUT_S, Customer, Desk, Stack

side_by_side = SideBySide()
LOST = "Reconnecting"


async def talking(desk: Desk, phone: OutsidePhone) -> tuple[Customer, OutsideCall]:
    """A customer talks to the agent with that phone."""
    customer = await desk.call()
    line = await phone.incoming()
    await line.answer()
    await desk.agent.client.label(TALKING)
    await joined(line, customer.call)
    return customer, line


@side_by_side
async def test_given_the_agents_phone_dies_then_the_customer_has_music_and_the_agent_is_rung_again_and_back(
    stack: Stack,
) -> None:
    async with stack.desk("lost") as desk, mortal(desk) as phone:
        agent = desk.agent
        customer, line = await talking(desk, phone)
        line.die()
        await agent.client.label(LOST, RTP_TIMEOUT_S + 5)
        again = await phone.incoming()
        await assert_heard({customer.call: [MUSIC_HZ]}, phone.tone_hz)
        await again.answer()
        await agent.client.label(TALKING)
        await joined(again, customer.call)
        await customer.call.hang_up()
        await again.ended()
        call = await ended(desk, customer, "completed", "customer")
        assert (await desk.rows.ticket(call["id"]))["owner"] == agent.cti_id
        expected = ["offered", "answered", "agent_lost", "agent_back", "call_ended"]
        assert await causes(desk, agent, "call_ended") == expected
        await assert_gapless(desk.rows, agent.cti_id)


@side_by_side
async def test_given_a_dead_phone_does_not_come_back_then_the_customer_goes_to_the_queue_first(stack: Stack) -> None:
    async with stack.desk("lost-over") as desk, mortal(desk) as phone:
        first, second = desk.agents
        await second.client.set_status("rest")
        customer, line = await talking(desk, phone)
        line.die()
        await first.client.label(LOST, RTP_TIMEOUT_S + 5)
        other = await desk.call()
        await other.call.hears(MUSIC_HZ)
        await first.client.label(PROCESSING)
        await customer.call.hears(MUSIC_HZ)
        await second.ready()
        taken = await second.lift()
        await joined(taken, customer.call)
        await taken.hang_up()
        call = await ended(desk, customer, "completed", "agent")
        assert (await desk.rows.ticket(call["id"]))["owner"] == second.cti_id


@side_by_side
async def test_given_a_dead_phone_is_rung_when_the_customer_leaves_then_it_stops_and_the_call_ends(
    stack: Stack,
) -> None:
    async with stack.desk("lost-customer-leaves") as desk, mortal(desk) as phone:
        customer, line = await talking(desk, phone)
        line.die()
        await desk.agent.client.label(LOST, RTP_TIMEOUT_S + 5)
        again = await phone.incoming()
        await customer.call.hang_up()
        await again.ended()
        await desk.agent.client.label(PROCESSING)
        await ended(desk, customer, "completed", "customer")


@side_by_side
async def test_given_a_call_out_when_the_phone_dies_and_does_not_come_back_then_the_customer_goes_to_the_return_queue(
    stack: Stack,
) -> None:
    async with stack.desk("lost-out") as desk, mortal(desk) as phone:
        first, second = desk.agents
        other = desk.outside()
        await first.client.dial(other.number, desk.furnished.calling_number)
        line = await phone.incoming()
        await line.answer()
        far = await other.incoming()
        await far.answer()
        await joined(line, far)
        line.die()
        await first.client.label(LOST, RTP_TIMEOUT_S + 5)
        await assert_heard({far: [MUSIC_HZ]})
        taken, _ = await asyncio.gather(second.phone.incoming(), first.client.label(PROCESSING))
        await taken.answer()
        await joined(taken, far)
        await taken.hang_up()
        await far.ended()
        await ended(desk, other, "completed", "agent")


@side_by_side
async def test_given_a_call_out_without_a_return_queue_when_the_phone_stays_away_then_it_ends_in_words(
    stack: Stack,
) -> None:
    async with stack.desk("lost-no-queue") as desk, mortal(desk) as phone:
        agent, other = desk.agent, desk.outside()
        await agent.client.dial(other.number, desk.furnished.calling_number)
        line = await phone.incoming()
        await line.answer()
        far = await other.incoming()
        await far.answer()
        await joined(line, far)
        line.die()
        await agent.client.label(LOST, RTP_TIMEOUT_S + 5)
        await assert_heard({far: [MUSIC_HZ]})
        await agent.client.label(PROCESSING)
        freed_at = time.monotonic()
        assert await far.ended() - freed_at > 1, "there was no time for the message"
        await ended(desk, other, "agent_lost", "system")
