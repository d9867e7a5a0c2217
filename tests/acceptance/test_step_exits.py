"""Exits of steps on the real Asterisk that no other test takes: in one call, by what the caller hears and by the
rows."""

from cti_bridge.domain.scenario.voicemail import SILENCE_S
from tests.acceptance.calls import called
from tests.acceptance.proofs import proves
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.rooms import ALL_BUSY_HZ, FORCED_HZ, GREETING_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


@proves("hours", "open", "holiday", "closed")
@proves("goto", "next")
@proves("collect", "otherwise")
@proves("lookup", "none")
@proves("branch", "otherwise")
@proves("voicemail", "otherwise")
@proves("hangup", "end")
@side_by_side
async def test_given_a_caller_who_says_and_presses_nothing_then_the_call_goes_all_the_way_to_the_end(
    stack: Stack,
) -> None:
    async with stack.desk("ways", ready=False) as desk:
        customer = await desk.call()
        customer.call.fall_silent()
        asked = await customer.call.hears(GREETING_HZ)
        told = await customer.call.hears(WARNING_HZ, since=asked)
        closed = await customer.call.hears(FORCED_HZ, since=told)
        await customer.call.hears(ALL_BUSY_HZ, since=closed)
        await customer.call.ended()
        assert SILENCE_S < closed - told < SILENCE_S + 6
        assert await way(desk, customer, 8) == [
            ("open", "open"), ("holiday", "holiday"), ("go", "next"), ("ask", "otherwise"), ("look", "none"),
            ("which", "otherwise"), ("leave", "otherwise"), ("shut", "closed"),
        ]  # fmt: skip
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("scenario_done", "system")
        left = await desk.rows.fetch("select status from cti.callback where source_call = $1::uuid", call["id"])
        assert [row["status"] for row in left] == ["cancelled"], "an empty message in the list"


@proves("queue", "failed")
@side_by_side
async def test_given_a_call_out_that_comes_back_and_no_queue_takes_it_then_it_leaves_by_the_exit_of_a_queue(
    stack: Stack,
) -> None:
    async with stack.desk("exit-failed") as desk:
        talk = await called(desk)
        await desk.agent.client.hold(talk.call_id)
        await talk.customer.hears(MUSIC_HZ)
        await talk.phone.hang_up()
        await talk.customer.hears(ALL_BUSY_HZ)
        await talk.customer.ended()
        call = await desk.rows.call(talk.number)
        steps = await desk.rows.fetch("select exit from cti.scenario_step where call_id = $1::uuid", call["id"])
        assert (call["outcome"], [row["exit"] for row in steps]) == ("completed", ["failed"])
