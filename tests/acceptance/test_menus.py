"""Scenarios with steps on a real Asterisk: keys of a caller, by what they hear and by the rows."""

import time
from collections.abc import Awaitable, Callable

from tests.acceptance.hearing import joined, never_heard
from tests.acceptance.proofs import KEY, proves
from tests.acceptance.raw_desk import RawDesk, hears, raw_desk
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import ALL_BUSY_HZ, FORCED_HZ, GREETING_HZ, MUSIC_HZ, SENTENCE_HZ, SENTENCE_S, WARNING_HZ
from tests.support.rows import Row, eventually
from tests.support.rtp_party import RtpParty
from tests.support.stack import MESSAGE_S, Customer, Desk, Stack

side_by_side = SideBySide()
KEY_S = 0.12
"""The length of a key, which counts when it is over."""
STOPS_WITHIN_S = 0.2
TRIES = 3
"""A busy machine reads packets late now and then."""
LATE_S = 0.5
"""On a busy machine, and in the buffers of a phone."""
WAYS: dict[str, Callable[[RtpParty], Awaitable[None]]] = {
    "event": lambda party: party.press(2),
    "info": lambda party: party.press_by_info("2"),
    "audio": lambda party: party.press_in_audio("2"),
}
"""RFC 4733, SIP INFO, and the tones themselves, where no events are agreed."""


async def way(desk: Desk, customer: Customer, steps: int) -> list[tuple[str, str]]:
    """The steps that the call has left, and their exits."""

    async def rows() -> list[Row]:
        query = "select s.step, s.exit, s.seq from cti.scenario_step s join cti.call c on c.id = s.call_id"
        return await desk.rows.fetch(f"{query} where c.customer_number = $1 order by s.seq", customer.number)

    found = await eventually(rows, lambda rows: len(rows) >= steps)
    assert [row["seq"] for row in found] == list(range(1, len(found) + 1))
    return [(row["step"], row["exit"]) for row in found]


@proves("menu", KEY)
@side_by_side
async def test_given_a_key_then_the_message_stops_and_its_queue_gives_the_call_to_an_agent(stack: Stack) -> None:
    async with stack.desk("menu-key") as desk:
        await desk.agent.client.set_status("rest")
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("1")
        await customer.call.hears(MUSIC_HZ)
        await desk.agent.client.set_status("ready")
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        assert await way(desk, customer, 1) == [("one", "1")]
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["queue"], call["outcome"]) == (desk.furnished.queues[0], "completed")


@side_by_side
async def test_given_keys_pressed_ahead_then_both_menus_take_them(stack: Stack) -> None:
    async with stack.desk("menu-ahead") as desk:
        await desk.agent.client.set_status("rest")
        customer = await desk.call()
        await customer.call.send_digits("21")
        music = await customer.call.hears(MUSIC_HZ)
        assert music - (customer.call.established_at or 0) < 2 * KEY_S + 2 * STOPS_WITHIN_S + LATE_S
        assert await way(desk, customer, 2) == [("one", "2"), ("two", "1")]
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["queue"], call["outcome"]) == (desk.furnished.queues[1], "abandoned_waiting")


@proves("menu", "otherwise")
@side_by_side
async def test_given_no_key_then_the_menu_is_heard_twice_and_the_call_ends_with_the_last_message(stack: Stack) -> None:
    async with stack.desk("menu-nothing") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.hears(ALL_BUSY_HZ)
        await customer.call.ended()
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"], call["queue"]) == ("scenario_done", "system", None)
        assert await way(desk, customer, 1) == [("one", "otherwise")]
        lasted = await desk.rows.fetch("select lasted_s from cti.scenario_step where call_id = $1::uuid", call["id"])
        assert 2 * (MESSAGE_S + 1) - 0.2 < lasted[0]["lasted_s"] < 2 * (MESSAGE_S + 1) + 1


@side_by_side
async def test_given_a_key_that_leads_nowhere_then_the_menu_is_heard_again_and_a_right_one_leads_on(
    stack: Stack,
) -> None:
    async with stack.desk("menu-wrong") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("9")
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("2")
        await customer.call.hears(WARNING_HZ)
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_in"]) == ("left_in_scenario", "in_scenario")
        assert await way(desk, customer, 1) == [("one", "2")]


@proves("play", "next")
@proves("menu", KEY, "otherwise")
@side_by_side
async def test_given_keys_before_during_and_after_a_message_and_none_then_each_acts_at_its_moment(stack: Stack) -> None:
    async with stack.desk("keys", ready=False) as desk:
        customer = await desk.call()
        call, heard = customer.call, customer.call.heard
        # Before the menu: its message is not heard at all, and what plays is heard to its end.
        began = await call.hears(GREETING_HZ)
        await call.send_digits("1")
        sentence = await call.hears(SENTENCE_HZ, since=began)
        assert (heard.tone_ended(GREETING_HZ) or 0) - began > 0.9 and never_heard(call, WARNING_HZ)
        # In its message, which stops.
        pressed = time.monotonic()
        await call.send_digits("2")
        after = await call.hears(FORCED_HZ, since=sentence)
        assert after - pressed < KEY_S + STOPS_WITHIN_S + LATE_S
        # After it, a wrong one: the message once more. Then a right one.
        for key, hz in (("9", FORCED_HZ), ("3", GREETING_HZ)):
            await call.listen(1.3)
            pressed = time.monotonic()
            assert (heard.tone_ended(FORCED_HZ) or pressed) < pressed - 0.1, "the message is not over"
            await call.send_digits(key)
            asked = await call.hears(hz, since=pressed)
            assert asked - pressed < KEY_S + STOPS_WITHIN_S + LATE_S
        # None: the message twice, each time with the wait for a key.
        assert 5.5 < await call.hears(ALL_BUSY_HZ, since=asked) - asked < 7
        await call.ended()
        assert await way(desk, customer, 5) == [
            ("hello", "next"), ("before", "1"), ("during", "2"), ("after", "3"), ("silence", "otherwise"),
        ]  # fmt: skip


async def is_heard(stack: Stack, sent: str) -> None:
    async with raw_desk(stack, f"menu-{sent}") as desk:
        for left in reversed(range(TRIES)):
            stops_s, silent_s = await measured(desk, sent)
            if max(stops_s, silent_s) < STOPS_WITHIN_S:
                return
            assert left, f"the message stops after {stops_s:.2f} s, and the next one follows after {silent_s:.2f} s"


async def measured(desk: RawDesk, sent: str) -> tuple[float, float]:
    """The seconds from the end of the key to that of the message, and from there to the next message."""
    party = await desk.party(["PCMU"])
    party.takes_events = sent == "event"
    assert await party.dial(desk.furnished.number, desk.stack.next_caller()) == 200
    await hears(party, SENTENCE_HZ)
    pressed = time.monotonic()
    await WAYS[sent](party)
    await hears(party, WARNING_HZ)
    (began, stopped), (followed, _) = party.tone_lasted(SENTENCE_HZ), party.tone_lasted(WARNING_HZ)
    assert stopped - began < SENTENCE_S / 2
    await party.hang_up()
    return stopped - pressed - KEY_S, followed - stopped


@side_by_side
async def test_given_a_key_as_an_event_then_it_is_heard(stack: Stack) -> None:
    await is_heard(stack, "event")


@side_by_side
async def test_given_a_key_by_info_then_it_is_heard(stack: Stack) -> None:
    await is_heard(stack, "info")


@side_by_side
async def test_given_a_key_in_the_audio_then_it_is_heard(stack: Stack) -> None:
    await is_heard(stack, "audio")
