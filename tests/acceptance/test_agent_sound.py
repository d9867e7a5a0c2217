"""The message of a queue to the agent who has lifted, on a real Asterisk: the agent hears it, the customer the music,
and neither waits for longer than it lasts (requirement I9)."""

import time

from tests.acceptance.calls import TALKING
from tests.acceptance.hearing import joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ, SENTENCE_HZ, SENTENCE_S
from tests.support.rows import eventually
from tests.support.stack import Stack

side_by_side = SideBySide()
TOGETHER_WITHIN_S, HOLE_S = 0.5, 0.2
CONNECTING = "Connecting"


@side_by_side
async def test_the_agent_hears_it_and_the_customer_music_until_they_meet(stack: Stack) -> None:
    async with stack.desk("briefed-ends", ready=False) as desk:
        customer = await desk.call()
        await customer.call.hears(MUSIC_HZ)
        await desk.agent.ready()
        phone = await desk.agent.lift()
        began = await phone.hears(SENTENCE_HZ)
        await desk.agent.client.label(CONNECTING)
        heard_at = await customer.call.hears(phone.tone_hz, for_s=0.1)
        hears_at = await phone.hears(customer.tone_hz, for_s=0.1)
        ended = phone.heard.tone_ended(SENTENCE_HZ) or 0.0
        assert SENTENCE_S - 0.3 < ended - began + 0.3 < SENTENCE_S + 0.6, "all of it was heard"
        assert max(heard_at, hears_at) - ended < TOGETHER_WITHIN_S
        await joined(phone, customer.call)
        await desk.agent.client.label(TALKING)
        assert never_heard(customer.call, SENTENCE_HZ) and never_heard(phone, MUSIC_HZ)
        heard = customer.call.heard
        assert heard.hears_nothing_of(phone.tone_hz, began, ended - 0.2)
        assert heard.longest_silence(began, heard_at) <= HOLE_S, "music until then"
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        waited_s = (call["answered_at"] - call["arrived_at"]).total_seconds()
        assert waited_s > SENTENCE_S


@side_by_side
async def test_given_the_agent_hangs_up_in_it_then_the_next_one_is_rung_and_the_music_plays_on(stack: Stack) -> None:
    async with stack.desk("briefed-agent", ready=False) as desk:
        first, second = desk.agents
        customer = await desk.call()
        await customer.call.hears(MUSIC_HZ)
        await first.ready()
        phone = await first.lift()
        await phone.hears(SENTENCE_HZ)
        hung_up_at = time.monotonic()
        await phone.hang_up()
        await second.ready()
        other = await second.lift()
        await other.hears(customer.tone_hz, for_s=0.1)
        await joined(other, customer.call)
        heard = customer.call.heard
        assert heard.longest_silence(hung_up_at - 1, hung_up_at + 3) <= HOLE_S
        await customer.call.hang_up()
        rows = await eventually(
            lambda: desk.rows.fetch(
                "select o.cti_id, o.result from cti.offer o join cti.call c on c.id = o.call_id "
                "where c.customer_number = $1 order by o.offered_at",
                customer.number,
            ),
            lambda found: len(found) == 2 and all(row["result"] for row in found),
        )
        assert [(row["cti_id"], row["result"]) for row in rows] == [
            (first.cti_id, "declined"),
            (second.cti_id, "answered"),
        ]


@side_by_side
async def test_given_the_customer_hangs_up_in_it_then_the_agents_phone_ends_and_the_agent_is_ready(
    stack: Stack,
) -> None:
    async with stack.desk("briefed-customer") as desk:
        customer = await desk.call()
        phone = await desk.agent.lift()
        await phone.hears(SENTENCE_HZ)
        await customer.call.hang_up()
        left_at = time.monotonic()
        await phone.ended()
        assert time.monotonic() - left_at < 2
        await desk.agent.client.label("Ready")
        assert never_heard(phone, customer.tone_hz)
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("abandoned_ringing", "customer")
