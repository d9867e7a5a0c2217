"""The step dialplan on a real Asterisk: a context of the PBX has the call for a while, and gives it back."""

import time

from tests.acceptance.hearing import joined
from tests.acceptance.proofs import CASE, proves
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.rooms import ALL_BUSY_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.stack import Customer, Desk, Stack

side_by_side = SideBySide()


async def goes_on(desk: Desk, customer: Customer) -> None:
    """It has come back with its word: the agent of the queue may have the call."""
    await customer.call.hears(MUSIC_HZ)
    assert await way(desk, customer, 1) == [("old", "sales")]
    await desk.agent.ready()
    phone = await desk.agent.lift()
    await joined(phone, customer.call)
    await customer.call.hang_up()
    assert (await desk.rows.call(customer.number))["outcome"] == "completed"


@proves("dialplan", CASE)
@side_by_side
async def test_given_a_word_of_the_dialplan_then_the_call_goes_on_by_that_exit(stack: Stack) -> None:
    async with stack.desk("dialplan-word", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        await customer.call.hears(WARNING_HZ)
        await goes_on(desk, customer)


@side_by_side
async def test_given_a_caller_who_hangs_up_there_then_the_call_has_ended(stack: Stack) -> None:
    async with stack.desk("dialplan-left", ready=False) as desk:
        customer = await desk.call()
        await customer.call.hears(WARNING_HZ)
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"], call["ended_in"]) == ("left_in_scenario", "customer", "in_dialplan")


@proves("dialplan", "next")
@side_by_side
async def test_given_the_longest_time_is_over_then_the_pbx_gives_it_back(stack: Stack) -> None:
    async with stack.desk("dialplan-time", ready=False) as desk:
        customer = await desk.call()
        began = await customer.call.hears(WARNING_HZ)
        over_at = await customer.call.hears(ALL_BUSY_HZ)
        assert 4.5 < over_at - began < 7.5
        await customer.call.ended()
        assert (await way(desk, customer, 1))[0] == ("old", "next")
        assert (await desk.rows.call(customer.number))["outcome"] == "scenario_done"


async def test_given_a_bridge_that_is_killed_and_there_again_then_nothing_disturbs_the_call_until_it_is_back(
    stack: Stack,
) -> None:
    async with stack.desk("dialplan-killed", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        await customer.call.hears(WARNING_HZ)
        await stack.bridge.kill()
        await stack.bridge.start()
        since = time.monotonic()
        await customer.call.hears(WARNING_HZ, since=since)
        await goes_on(desk, customer)


async def test_given_a_call_that_comes_back_while_the_bridge_is_away_then_it_waits_with_music_and_goes_on(
    stack: Stack,
) -> None:
    async with stack.desk("dialplan-away", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        await customer.call.hears(WARNING_HZ)
        await stack.bridge.kill()
        await customer.call.hears(MUSIC_HZ)
        await stack.bridge.start()
        await goes_on(desk, customer)
