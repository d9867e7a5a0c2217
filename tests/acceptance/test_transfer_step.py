"""The step transfer on a real Asterisk: who hears whom while it rings, when it is taken, and when nobody takes it."""

import time

from tests.acceptance.hearing import RING_HZ, joined, never_heard, speech
from tests.acceptance.proofs import proves
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.outside import RINGING, OutsidePhone
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Customer, Desk, Stack
from tests.support.step_rooms import DUTY

side_by_side = SideBySide()
BUSY = 486
SILENT_AT_MOST_S = 1.0


def on_duty(desk: Desk, *answers: int) -> OutsidePhone:
    """The phone to which the room transfers."""
    return desk.stack.outside.phone(DUTY[desk.furnished.room.name], next(desk.tones), answers or (RINGING,))


async def is_transferred(desk: Desk, customer: Customer, ended_by: str) -> None:
    call = await desk.rows.call(customer.number)
    assert (call["outcome"], call["ended_by"]) == ("transferred_out", ended_by)
    assert await way(desk, customer, 1) == [("duty", "answered")]


async def waits_in_the_queue(desk: Desk, customer: Customer) -> None:
    """Nobody has taken the call: music, and the agent may have it."""
    await customer.call.hears(MUSIC_HZ)
    assert (await way(desk, customer, 1))[0] == ("duty", "failed")
    await desk.agent.client.set_status("ready")
    phone = await desk.agent.lift()
    await joined(phone, customer.call)
    await customer.call.hang_up()


@proves("transfer", "answered")
@side_by_side
async def test_given_an_outside_number_when_it_rings_then_the_caller_hears_that_and_then_who_answers(
    stack: Stack,
) -> None:
    async with stack.desk("duty-taken", ready=False) as desk:
        phone = on_duty(desk)
        customer = await desk.call()
        far = await phone.incoming()
        await customer.call.hears(RING_HZ)
        assert desk.furnished.calling_number.removeprefix("+82") in far.caller
        assert customer.number.removeprefix("+82") not in far.caller
        await far.answer()
        await joined(far, customer.call)
        await far.hang_up()
        await customer.call.ended()
        await is_transferred(desk, customer, "target")


@proves("transfer", "failed")
@side_by_side
async def test_given_a_number_that_is_busy_then_the_caller_waits_in_the_queue_without_a_silence(stack: Stack) -> None:
    async with stack.desk("duty-busy", ready=False) as desk:
        on_duty(desk, BUSY)
        customer = await desk.call()
        began = await customer.call.hears(MUSIC_HZ)
        assert began - (customer.call.established_at or 0) < SILENT_AT_MOST_S + 1
        await waits_in_the_queue(desk, customer)


@side_by_side
async def test_given_a_mailbox_that_answers_then_it_swallows_nobody(stack: Stack) -> None:
    async with stack.desk("duty-mailbox", ready=False) as desk:
        phone = on_duty(desk)
        customer = await desk.call()
        far = await phone.incoming()
        await far.answer()
        answered_at = time.monotonic()
        await speech(far)
        await customer.call.hears(RING_HZ, since=answered_at)
        await far.hang_up()
        assert never_heard(customer.call, far.tone_hz)
        await waits_in_the_queue(desk, customer)


@side_by_side
async def test_given_a_longest_talk_then_it_ends_then(stack: Stack) -> None:
    async with stack.desk("duty-most", ready=False) as desk:
        phone = on_duty(desk)
        customer = await desk.call()
        far = await phone.incoming()
        await far.answer()
        await joined(far, customer.call)
        ended_at = await customer.call.ended()
        assert 4.5 < ended_at - (far.established_at or 0) < 7
        await is_transferred(desk, customer, "system")


@side_by_side
async def test_given_an_agent_who_does_not_answer_then_the_caller_goes_on_and_one_who_does_has_the_call(
    stack: Stack,
) -> None:
    async with stack.desk("duty-agent", ready=False) as desk:
        _, target = desk.agents
        await target.client.set_status("ready")
        customer = await desk.call()
        rung = await target.phone.incoming()
        await customer.call.hears(RING_HZ)
        await rung.ended()
        await customer.call.hears(MUSIC_HZ)
        await customer.call.hang_up()
        await target.client.set_status("ready")
        second = await desk.call()
        rung = await target.phone.incoming()
        await rung.answer()
        await target.client.label("Talking")
        await joined(rung, second.call)
        await second.call.hang_up()
        call = await desk.rows.call(second.number)
        assert call["outcome"] == "completed"
        ticket = await desk.rows.ticket(call["id"])
        assert ticket["owner"] == target.cti_id


async def test_given_a_bridge_that_is_killed_while_it_rings_then_the_answer_still_counts(stack: Stack) -> None:
    async with stack.desk("duty-ringing", ready=False) as desk:
        phone = on_duty(desk)
        customer = await desk.call()
        far = await phone.incoming()
        await customer.call.hears(RING_HZ)
        await stack.bridge.kill()
        await far.answer()
        await stack.bridge.start()
        await speech(far)
        await far.press("1")
        await joined(far, customer.call)
        await customer.call.hang_up()
        await is_transferred(desk, customer, "customer")


async def test_given_a_bridge_that_is_killed_while_the_key_is_waited_for_then_it_is_asked_again(stack: Stack) -> None:
    async with stack.desk("duty-confirming", ready=False) as desk:
        phone = on_duty(desk)
        customer = await desk.call()
        far = await phone.incoming()
        await far.answer()
        await speech(far)
        await stack.bridge.kill()
        await stack.bridge.start()
        await speech(far)
        await far.press("1")
        await joined(far, customer.call)
        await stack.bridge.kill()
        await joined(far, customer.call)
        await stack.bridge.start()
        await far.hang_up()
        await customer.call.ended()
        await is_transferred(desk, customer, "target")
