"""The step callback on a real Asterisk: what the caller hears and presses, and whom the agents of the queue see."""

import time

from tests.acceptance.hearing import speech
from tests.acceptance.proofs import proves
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.acceptance.test_queue_exits import visits
from tests.support.agent_client import Json
from tests.support.rooms import ALL_BUSY_HZ, MUSIC_HZ
from tests.support.rows import Row
from tests.support.stack import Customer, Desk, Stack

side_by_side = SideBySide()
OTHER = "01098765432"


async def asked(desk: Desk) -> Customer:
    """Nobody is free, and the caller has pressed 1."""
    await desk.agent.client.set_status("business")
    customer = await desk.call()
    await customer.call.hears(MUSIC_HZ)
    await customer.call.send_digits("1")
    await speech(customer.call)
    return customer


async def registered(desk: Desk, customer: Customer, number: str) -> Json:
    """The caller hears that they are, and then the last message. The agents see them in the list."""
    pressed = time.monotonic()
    await customer.call.hears(ALL_BUSY_HZ, since=pressed)
    await customer.call.ended()
    call = await desk.rows.call(customer.number)
    assert (call["outcome"], call["ended_by"]) == ("callback_registered", "system")
    row: Row
    (row,) = await desk.rows.fetch("select * from cti.callback where source_call = $1::uuid", call["id"])
    assert (row["kind"], row["status"], row["number"]) == ("requested", "waiting", number)
    (found,) = await desk.agent.client.request("GET", "/callbacks?kind=requested")
    assert (found["number"], found["queue"]) == (number, desk.furnished.queues[0])
    assert found["calling_number"] == desk.furnished.calling_number
    assert await way(desk, customer, 2) == [("wait", "1"), ("call-me", "next")]
    (visit,) = await visits(desk, customer, "key")
    assert visit["exit_to"] == "call-me"
    shown: Json = found
    return shown


@proves("callback", "next")
@side_by_side
async def test_given_the_own_number_is_right_then_the_caller_is_registered_and_an_agent_marks_it_done(
    stack: Stack,
) -> None:
    async with stack.desk("callback-own", ready=False) as desk:
        customer = await asked(desk)
        await customer.call.send_digits("1")
        await speech(customer.call)
        found = await registered(desk, customer, customer.number)
        one = f"/callbacks/{found['callback_id']}"
        done = await desk.agent.client.request("PATCH", one, {"status": "done", "version": found["version"]})
        assert done["callback"]["status"] == "done"


@proves("callback", "otherwise")
@side_by_side
async def test_given_star_then_the_caller_waits_on_with_the_place_kept(stack: Stack) -> None:
    async with stack.desk("callback-star", ready=False) as desk:
        customer = await asked(desk)
        pressed = time.monotonic()
        await customer.call.send_digits("*")
        await customer.call.hears(MUSIC_HZ, since=pressed)
        assert await way(desk, customer, 2) == [("wait", "1"), ("call-me", "otherwise")]
        await customer.call.hang_up()
        (visit,) = await visits(desk, customer, "abandoned")
        assert visit["seq"] == 1
        assert await desk.agent.client.request("GET", "/callbacks") == []


async def test_given_a_bridge_that_is_killed_in_the_dialogue_then_the_caller_is_asked_again_and_registered(
    stack: Stack,
) -> None:
    async with stack.desk("callback-killed", ready=False) as desk:
        customer = await asked(desk)
        await customer.call.send_digits("2")
        await speech(customer.call)
        await customer.call.send_digits("010")
        await stack.bridge.kill()
        await stack.bridge.start()
        await speech(customer.call)
        await customer.call.send_digits(OTHER + "#")
        await speech(customer.call)
        await stack.bridge.kill()
        await stack.bridge.start()
        await speech(customer.call)
        await customer.call.send_digits("1")
        await registered(desk, customer, "+82" + OTHER[1:])
