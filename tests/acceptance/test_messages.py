"""The step voicemail on a real Asterisk: what is in the file, and in the rows."""

import time

from tests.acceptance.messages import assert_says, message_of
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.rooms import ALL_BUSY_HZ, GREETING_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_given_the_hash_key_then_the_message_is_over_and_the_file_holds_the_caller_alone(stack: Stack) -> None:
    async with stack.desk("message-key") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.listen(4.0)
        pressed = time.monotonic()
        await customer.call.send_digits("#")
        await customer.call.hears(ALL_BUSY_HZ, since=pressed)
        await customer.call.ended()
        message = await message_of(desk, customer)
        assert_says(message, customer)
        assert 1 < message.length_s < 6
        assert (message.callback["kind"], message.callback["status"]) == ("voicemail", "waiting")
        assert (message.callback["queue"], message.callback["number"]) == (desk.furnished.queues[1], customer.number)
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("voicemail", "system")
        assert await way(desk, customer, 1) == [("leave", "next")]


@side_by_side
async def test_given_a_caller_who_hangs_up_then_the_message_is_kept(stack: Stack) -> None:
    async with stack.desk("message-left") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.listen(4.0)
        await customer.call.hang_up()
        message = await message_of(desk, customer)
        assert_says(message, customer)
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("voicemail", "customer")
