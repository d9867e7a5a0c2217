"""A SIGKILL of the bridge while a caller leaves a message: the PBX goes on, and nothing of it is lost."""

import time

from tests.acceptance.hearing import joined
from tests.acceptance.messages import assert_says, message_of
from tests.support.rooms import ALL_BUSY_HZ, GREETING_HZ, MUSIC_HZ, SENTENCE_HZ
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
