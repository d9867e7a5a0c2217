"""Announcements to callers who wait, on a real Asterisk: nobody is late because of one, nobody sits in silence behind
it, and what is said never rises."""

import time
from functools import partial
from pathlib import Path

import pytest

from benchmarks.sipp import Callers
from cti_bridge.local.ports import claim_ports
from tests.acceptance.hearing import joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import GREETING_HZ, MUSIC_HZ, PLACE_S, PLACES_HZ, SAID_HZ, SENTENCE_HZ, SENTENCE_S
from tests.support.rows import eventually
from tests.support.stack import Stack

side_by_side = SideBySide()
CROWD = 200
INVITE_WITHIN_S, TOGETHER_WITHIN_S, HOLE_S = 0.3, 0.4, 0.2
FIRST, SECOND = SAID_HZ["position-1"], SAID_HZ["position-2"]
SHORT, LONG = SAID_HZ["wait-1-2"], SAID_HZ["wait-2-5"]


def stands_at(party: Party, since: float, until: float) -> int:
    """Where the music stands, by its place in :data:`PLACES_HZ`; the tone that is heard for most of the time."""
    heard = party.heard
    return max(range(len(PLACES_HZ)), key=lambda place: heard.share(PLACES_HZ[place], since, until))


async def test_given_an_agent_who_is_ready_in_the_middle_of_a_sentence_then_nothing_is_late(stack: Stack) -> None:
    """A busy machine is late now and then, and is asked again."""
    late = []
    for _ in range(3):
        rung_s, together_s = await ready_in_the_middle(stack)
        if rung_s < INVITE_WITHIN_S and together_s < TOGETHER_WITHIN_S:
            return
        late.append((rung_s, together_s))
    raise AssertionError(f"seconds until the phone rings, and until both hear each other: {late}")


async def ready_in_the_middle(stack: Stack) -> tuple[float, float]:
    """Return the seconds from Ready to the phone that rings, and from lifting it to both hearing each other."""
    async with stack.desk("announced-ready", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        await customer.call.hears(FIRST)
        began = await customer.call.hears(SENTENCE_HZ)
        await customer.call.listen(began + 2.0 - time.monotonic())
        asked_at = time.monotonic()
        await desk.agent.ready()
        phone = await desk.agent.phone.incoming()
        rung_s = phone.started_at - asked_at
        await customer.call.listen(1.0)
        lifted_at = time.monotonic()
        await phone.answer()
        heard_at = await customer.call.hears(phone.tone_hz, for_s=0.1)
        hears_at = await phone.hears(customer.tone_hz, for_s=0.1)
        await joined(phone, customer.call)
        assert customer.call.heard.hears_nothing_of(SENTENCE_HZ, heard_at, customer.call.heard.ended_at)
        assert never_heard(phone, SENTENCE_HZ) and never_heard(phone, MUSIC_HZ)
        await customer.call.hang_up()
        assert "number:" not in stack.bridge.log.read_text(errors="replace")
        return rung_s, max(heard_at, hears_at) - lifted_at


async def test_given_an_announcement_then_the_music_goes_on_where_it_stopped_without_a_hole(stack: Stack) -> None:
    """A busy machine loses some audio, and is then listened to again."""
    async with stack.desk("announced", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        since, found = customer.call.established_at or 0.0, []
        for _ in range(3):
            found.append(await _around(customer.call, since))
            if found[-1][0] <= HOLE_S:
                break
            since = time.monotonic()
        hole_s, stopped, gone_on = found[-1]
        assert hole_s <= HOLE_S, found
        apart = (gone_on - stopped) % len(PLACES_HZ)
        assert min(apart, len(PLACES_HZ) - apart) <= 4, f"at {stopped:.1f}, and then at {gone_on:.1f}"
        await customer.call.hang_up()


async def _around(caller: PhoneCall, since: float) -> tuple[float, float, float]:
    """The longest silence around the next announcement, where the music stopped, and where it went on."""
    began = await caller.hears(FIRST, for_s=0.1, since=since)
    await caller.hears(SENTENCE_HZ, since=began)
    await caller.listen(SENTENCE_S + 1.0)
    ended = caller.heard.tone_ended(SENTENCE_HZ) or 0.0
    before, after = stands_at(caller, began - 0.4, began - 0.3), stands_at(caller, ended + 0.4, ended + 0.5)
    hole_s = caller.heard.longest_silence(began - 0.5, ended + 0.6)
    return hole_s, before + 0.35 / PLACE_S, after - 0.45 / PLACE_S


@side_by_side
async def test_given_a_key_in_an_announcement_then_it_counts_at_once_and_the_place_is_kept(stack: Stack) -> None:
    async with stack.desk("announced-key", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        await customer.call.hears(SENTENCE_HZ)
        pressed = time.monotonic()
        await customer.call.send_digits("1")
        told_at = await customer.call.hears(GREETING_HZ)
        assert told_at - pressed < 1.0
        await customer.call.hears(MUSIC_HZ, since=told_at)
        assert customer.call.heard.hears_nothing_of(SENTENCE_HZ, told_at, customer.call.heard.ended_at)
        await desk.agent.ready()
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        await customer.call.hang_up()
        query = (
            "select v.exit, v.seq from cti.queue_visit v join cti.call c on c.id = v.call_id where customer_number = $1"
        )
        found = await eventually(lambda: desk.rows.fetch(query, customer.number), lambda rows: rows[0]["exit"] != "key")
        assert [tuple(row.values()) for row in found] == [("answered", 1)]


@side_by_side
async def test_given_a_sound_that_is_not_there_then_the_music_goes_on(stack: Stack) -> None:
    async with stack.desk("announced-nothing", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        began = await customer.call.hears(MUSIC_HZ)
        await customer.call.listen(2.5)
        assert customer.call.heard.longest_gap(MUSIC_HZ, began, customer.call.heard.ended_at) <= 2 * HOLE_S
        await customer.call.hang_up()


@side_by_side
async def test_given_callers_behind_each_other_then_each_hears_place_and_wait_and_less_of_both_later(
    stack: Stack,
) -> None:
    async with stack.desk("announced-places") as desk:
        talk = await desk.call()
        await desk.agent.lift()
        await desk.agent.client.label("Talking")  # Until then that call has a place, too.
        first = await desk.call()
        await first.call.hears(SHORT)
        second = await desk.call()
        await second.call.hears(LONG)
        (shown,) = await desk.agent.client.request("GET", "/queues")
        assert (shown["waiting"], shown["expected_wait_s"], shown["agents_logged_in"]) == (2, 300.0, 1)
        await first.call.hang_up()
        told_at = await second.call.hears(FIRST, within_s=15)
        await second.call.hears(SHORT, since=told_at)
        assert never_heard(first.call, SECOND) and never_heard(first.call, LONG)
        heard = second.call.heard
        assert heard.hears_nothing_of(SECOND, told_at, heard.ended_at)
        query = """select v.ahead, v.wait_predicted_s from cti.queue_visit v join cti.call c on c.id = v.call_id
            where customer_number = $1 and left_at is not null"""
        await second.call.hang_up()
        numbers = [customer.number for customer in (talk, first, second)]
        rows = [await eventually(partial(desk.rows.fetch, query, number), bool) for number in numbers]
        assert [tuple(row.values()) for (row,) in rows] == [(0, 0.0), (0, 100.0), (1, 200.0)]


@pytest.mark.soak
async def test_given_two_hundred_callers_who_are_told_every_ten_seconds_then_nothing_is_late(
    stack: Stack, tmp_path: Path
) -> None:
    """Each of them hears seven seconds of every ten. SIPp is the callers, and one of them has ears."""
    async with stack.desk("announced-many", ready=False) as desk:
        await desk.agent.client.set_status("business")
        customer = await desk.call()
        entered_at = customer.call.established_at or 0.0
        target, number = f"{stack.pbx.sip_host}:{stack.pbx.sip_port}", desk.furnished.number
        numbers = [f"+8210{50_000_000 + index}" for index in range(CROWD)]
        ports = claim_ports(CROWD + 1)
        crowd = Callers(tmp_path, "crowd", ports.first, ports.first + 1, target, number, numbers, 40, 60)
        try:
            told_at = entered_at
            for times in range(4):
                told_at = await customer.call.hears(FIRST, since=told_at + 1)
                assert 0 <= told_at - entered_at - 1.5 - 10 * times < 0.5
            (shown,) = await desk.agent.client.request("GET", "/queues")
            assert shown["waiting"] == CROWD + 1
            await customer.call.hears(SENTENCE_HZ, since=told_at)
            asked_at = time.monotonic()
            await desk.agent.ready()
            phone = await desk.agent.phone.incoming()
            assert phone.started_at - asked_at < INVITE_WITHIN_S
            lifted_at = time.monotonic()
            await phone.answer()
            heard_at = await customer.call.hears(phone.tone_hz, for_s=0.1)
            hears_at = await phone.hears(customer.tone_hz, for_s=0.1)
            assert max(heard_at, hears_at) - lifted_at < TOGETHER_WITHIN_S
            assert await stack.bridge.metric("cti_stalls_total") == 0
        finally:
            await crowd.stop()
            ports.release()
