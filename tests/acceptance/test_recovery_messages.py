"""A SIGKILL of the bridge while a caller leaves a message, is told something, waits for the last agent, or is asked
behind the talk: the PBX goes on, and the caller goes on where they were."""

import asyncio
import time

from tests.acceptance.calls import PROCESSING, TALKING
from tests.acceptance.hearing import joined
from tests.acceptance.messages import assert_says, message_of
from tests.acceptance.test_menus import way
from tests.support.rooms import ALL_BUSY_HZ, GREETING_HZ, MUSIC_HZ, SENTENCE_HZ
from tests.support.rows import eventually
from tests.support.stack import Stack


async def test_given_a_bridge_that_is_killed_in_the_middle_then_the_message_is_whole(stack: Stack) -> None:
    async with stack.desk("killed-message") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.listen(2.5)
        await stack.bridge.kill()
        await stack.bridge.start()
        await customer.call.listen(1.0)
        pressed = time.monotonic()
        await customer.call.send_digits("#")
        await customer.call.hears(ALL_BUSY_HZ, since=pressed)
        message = await message_of(desk, customer)
        assert_says(message, customer)
        assert message.length_s > 3


async def test_given_a_bridge_that_is_killed_in_an_announcement_then_music_follows_and_the_call_is_offered(
    stack: Stack,
) -> None:
    async with stack.desk("killed-announced", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        await customer.call.hears(SENTENCE_HZ)
        await stack.bridge.kill()
        await stack.bridge.start()
        await customer.call.hears(MUSIC_HZ, since=time.monotonic())
        heard = customer.call.heard
        ended = heard.tone_ended(SENTENCE_HZ) or 0.0
        assert heard.longest_silence((heard.began_at or 0.0) + 1, ended + 1) < 1.0
        await desk.agent.client.open_panel()
        await desk.agent.ready()
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        await customer.call.hang_up()


async def test_given_a_bridge_that_is_killed_while_an_agent_is_told_of_the_call_then_both_meet_when_that_is_over(
    stack: Stack,
) -> None:
    async with stack.desk("killed-briefed") as desk:
        customer = await desk.call()
        phone = await desk.agent.lift()
        began = await phone.hears(SENTENCE_HZ)
        await stack.bridge.kill()
        await stack.bridge.start()
        await desk.agent.client.open_panel()
        await phone.hears(customer.tone_hz, for_s=0.1)
        await joined(phone, customer.call)
        await desk.agent.client.label(TALKING)
        ended = phone.heard.tone_ended(SENTENCE_HZ) or 0.0
        heard = customer.call.heard
        assert heard.hears_nothing_of(SENTENCE_HZ, began, heard.ended_at)
        assert heard.longest_silence(began, ended) < 1.0, "music goes on without the bridge"
        await customer.call.hang_up()


async def test_given_one_who_waits_for_the_last_agent_and_one_who_is_asked_behind_the_talk_then_both_go_on_there(
    stack: Stack,
) -> None:
    async with stack.desk("killed-familiar", ready=False) as familiar, stack.desk("killed-after-talk") as asks:
        last, other = familiar.agents
        number = stack.next_caller()
        await last.ready()
        known, asked = await familiar.call(caller=number), await asks.call()
        for customer, agent in ((known, last), (asked, asks.agent)):
            phone = await agent.lift()
            await joined(phone, customer.call)
            await agent.client.label(TALKING)
            await phone.hang_up()
            await agent.client.label(PROCESSING)
        await other.ready()
        waits = await familiar.call(caller=number)
        await asyncio.gather(waits.call.hears(MUSIC_HZ), asked.call.hears(GREETING_HZ))
        since = time.monotonic()
        await stack.bridge.kill()
        await stack.bridge.start()
        agents = (last, other, asks.agent)
        await asyncio.gather(*(agent.client.open_panel() for agent in agents))
        assert asks.agent.client.agent["label"] == PROCESSING, "free of the caller who is asked"
        await asked.call.send_digits("1")
        await asked.call.hears(ALL_BUSY_HZ)
        await asked.call.ended()
        assert (await way(asks, asked, 2))[:2] == [("wait", "after_talk"), ("rate", "1")]
        assert (await asks.rows.call(asked.number))["outcome"] == "completed"
        assert (other.client.agent["label"], other.phone.rang) == ("Ready", 0), "the call is another one's"
        assert waits.call.heard.longest_silence(since, waits.call.heard.ended_at) < 0.5
        await last.ready()
        await joined(await last.lift(), waits.call)
        await waits.call.hang_up()
        assert other.phone.rang == 0
        query = """select o.cti_id from cti.offer o join cti.call c on c.id = o.call_id
            where customer_number = $1 and result = 'answered'"""
        offers = await eventually(lambda: familiar.rows.fetch(query, number), lambda rows: len(rows) == 2)
        assert {row["cti_id"] for row in offers} == {last.cti_id}
