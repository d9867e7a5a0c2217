"""A call that is tried takes the way of a real one: the same keys, by a real phone on a real Asterisk (requirement
H4)."""

from typing import Any

from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.rooms import ALL_BUSY_HZ, GREETING_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.stack import Desk, Stack

side_by_side = SideBySide()
HZ = {
    "sound:tests/greeting": GREETING_HZ,
    "sound:tests/warning": WARNING_HZ,
    "sound:tests/all-busy": ALL_BUSY_HZ,
    "music:tone": MUSIC_HZ,
}


async def tried(stack: Stack, desk: Desk, press: list[str], agents: int = 1) -> dict[str, Any]:
    body = {"number": desk.furnished.number, "press": press, "agents": agents}
    return await stack.bridge.ask("/scenarios/try", body)


def left(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The steps that the tried call has left, and their exits."""
    return [(step["step"], step["exit"]) for step in answer["way"] if step["exit"] is not None]


def tones(answer: dict[str, Any]) -> list[int]:
    """The tones of all that is heard."""
    return [HZ[media] for step in answer["way"] for media in step["heard"]]


@side_by_side
async def test_given_a_key_then_trial_and_call_reach_an_agent(stack: Stack) -> None:
    async with stack.desk("try-key") as desk:
        await desk.agent.client.set_status("rest")
        answer = await tried(stack, desk, ["1"])
        assert (answer["end"], tones(answer)) == ("agent", [GREETING_HZ, MUSIC_HZ])
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("1")
        await customer.call.hears(MUSIC_HZ)
        await desk.agent.client.set_status("ready")
        await joined(await desk.agent.lift(), customer.call)
        assert await way(desk, customer, 1) == left(answer) == [("one", "1")]
        await customer.call.hang_up()


@side_by_side
async def test_given_two_keys_at_one_prompt_then_both_menus_take_them(stack: Stack) -> None:
    async with stack.desk("try-ahead") as desk:
        await desk.agent.client.set_status("rest")
        answer = await tried(stack, desk, ["21"])
        customer = await desk.call()
        await customer.call.send_digits("21")
        await customer.call.hears(MUSIC_HZ)
        assert await way(desk, customer, 2) == left(answer) == [("one", "2"), ("two", "1")]
        await customer.call.hang_up()


@side_by_side
async def test_given_a_wrong_key_then_what_is_tried_is_what_is_heard(stack: Stack) -> None:
    async with stack.desk("try-wrong") as desk:
        answer = await tried(stack, desk, ["9", "2"])
        assert tones(answer)[:3] == [GREETING_HZ, GREETING_HZ, WARNING_HZ]
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("9")
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("2")
        await customer.call.hears(WARNING_HZ)
        assert await way(desk, customer, 1) == left(answer)[:1] == [("one", "2")]
        await customer.call.hang_up()


@side_by_side
async def test_given_no_key_then_the_trial_ends_as_the_call_does_and_has_waited_as_long(stack: Stack) -> None:
    async with stack.desk("try-nothing") as desk:
        answer = await tried(stack, desk, [], agents=0)
        assert (answer["end"], tones(answer)) == ("hangup", [GREETING_HZ, GREETING_HZ, ALL_BUSY_HZ])
        assert answer["way"][-1]["at_s"] == 2.0, "one second for a key, twice; messages take no time"
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.hears(ALL_BUSY_HZ)
        await customer.call.ended()
        assert await way(desk, customer, 1) == left(answer) == [("one", "otherwise")]
