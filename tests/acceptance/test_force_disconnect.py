"""Force disconnect (requirement E6): the agent is out at once, the customer hears the message, and nothing can
double it."""

import asyncio
import time

import pytest

from tests.acceptance.calls import ON_HOLD, PROCESSING, TALKING, Talk, answered, called, causes, ended, held
from tests.acceptance.hearing import assert_heard, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.support.agent_client import Refused
from tests.support.rooms import FORCED_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.rows import eventually
from tests.support.stack import MESSAGE_S, WARNING_S, Desk, Stack

side_by_side = SideBySide(at_once=4)
STOPPED_WITHIN_S = 1.0


async def disconnected(desk: Desk, talk: Talk) -> None:
    """The message is heard, whole and alone, then the call ends."""
    agent = desk.agent
    await agent.client.force_disconnect(talk.call_id, "threat", "said what must not be said")
    with pytest.raises(Refused) as refused:
        await agent.client.force_disconnect(talk.call_id, "threat")
    assert refused.value.code in ("call_changed", "not_allowed_now")
    await talk.phone.ended()
    began = await talk.customer.hears(FORCED_HZ, for_s=0.2)
    await talk.customer.ended()
    # The phone drops what its buffer of 0.2 s still holds when the call ends.
    assert (talk.customer.heard.tone_ended(FORCED_HZ) or 0) >= began + MESSAGE_S - 0.3
    assert never_heard(talk.customer, talk.phone.tone_hz, began)
    assert never_heard(talk.customer, MUSIC_HZ, began)
    assert never_heard(talk.phone, FORCED_HZ)
    await agent.client.label(PROCESSING)
    call = await ended(desk, talk, "force_disconnected", "agent")
    ticket = await desk.rows.ticket(call["id"])
    events = await desk.rows.ticket_events(ticket["id"], 3)
    assert [event["type"] for event in events] == ["opened", "force_disconnected", "call_event"]
    assert events[1]["by"] == agent.cti_id
    assert '"threat"' in events[1]["detail"]
    assert (await causes(desk, agent, "forced"))[-1] == "forced"


@side_by_side
async def test_given_a_talk_when_the_agent_force_disconnects_then_the_message_is_heard_and_it_ends(
    stack: Stack,
) -> None:
    async with stack.desk("forced") as desk:
        talk = await answered(desk)
        for reason in ("because", ""):
            with pytest.raises(Refused) as refused:
                await desk.agent.client.force_disconnect(talk.call_id, reason)
            assert refused.value.code == "invalid_body"
        with pytest.raises(Refused) as refused:
            await desk.agents[1].client.force_disconnect(talk.call_id, "threat")
        assert refused.value.code == "not_found"
        await disconnected(desk, talk)


@side_by_side
async def test_given_hold_when_the_agent_force_disconnects_then_the_music_gives_way_to_the_message(
    stack: Stack,
) -> None:
    async with stack.desk("forced-held") as desk:
        talk = await held(desk)
        await talk.customer.hears(MUSIC_HZ)
        await disconnected(desk, talk)


@side_by_side
async def test_given_a_call_out_when_the_agent_force_disconnects_then_the_message_is_heard(stack: Stack) -> None:
    async with stack.desk("forced-out") as desk:
        talk = await called(desk)
        await disconnected(desk, talk)


@side_by_side
async def test_given_two_clicks_at_once_then_exactly_one_counts(stack: Stack) -> None:
    async with stack.desk("forced-twice") as desk:
        talk = await answered(desk)
        client = desk.agent.client
        results = await asyncio.gather(
            *(client.force_disconnect(talk.call_id, "other") for _ in range(5)), return_exceptions=True
        )
        assert len([result for result in results if not isinstance(result, BaseException)]) == 1
        assert {result.code for result in results if isinstance(result, Refused)} <= {"call_changed", "not_allowed_now"}
        await talk.customer.hears(FORCED_HZ)
        await talk.customer.ended()
        await ended(desk, talk, "force_disconnected", "agent")


async def warned(desk: Desk, talk: Talk, count: int) -> None:
    """Both hear the warning and not each other; then they talk again, and it was counted."""
    client, since = desk.agent.client, time.monotonic()
    shown = await client.warn(talk.call_id)
    assert (shown["label"], shown["call"]["state"], shown["call"]["warnings"]) == (TALKING, "warning", count)
    assert shown["allowed_actions"] == ["warn/stop", "force-disconnect", "hangup"]
    for refused_now in (client.warn, client.hold):
        with pytest.raises(Refused) as refused:
            await refused_now(talk.call_id)
        assert refused.value.code == "not_allowed_now"
    pair = (talk.phone, talk.customer)
    began = await asyncio.gather(*(party.hears(WARNING_HZ, for_s=0.2, since=since) for party in pair))
    await client.shows(lambda shown: shown["call"]["state"] == "talking", "the end of the warning")
    await joined(*pair)
    for party, other, at in zip(pair, reversed(pair), began, strict=True):
        over = party.heard.tone_ended(WARNING_HZ, at) or at
        assert over >= at + WARNING_S / 2, "it is heard to its end"
        assert party.heard.hears_nothing_of(other.tone_hz, at, over), "neither hears the other meanwhile"


@side_by_side
async def test_given_a_warning_then_both_hear_it_and_a_force_disconnect_marks_the_number_for_the_next_offer(
    stack: Stack,
) -> None:
    async with stack.desk("warned") as desk:
        agent = desk.agent
        talk = await answered(desk)
        assert "warn" in (await agent.client.me())["allowed_actions"]
        await warned(desk, talk, 1)
        await agent.client.force_disconnect(talk.call_id, "threat")
        await talk.customer.hears(FORCED_HZ)
        await talk.customer.ended()
        call = await ended(desk, talk, "force_disconnected", "agent")
        events = await desk.rows.ticket_events((await desk.rows.ticket(call["id"]))["id"], 4)
        assert [event["type"] for event in events] == ["opened", "call_event", "force_disconnected", "call_event"]
        assert '"warned"' in events[1]["detail"]
        assert "warned" in [event["type"] for event in await desk.rows.call_events(call["id"])]

        await agent.ready()
        again = await desk.dial(desk.furnished.number, caller=talk.number)
        phone = await agent.phone.incoming()
        offered = await agent.client.shows(lambda shown: shown["offer"] is not None, "the offer")
        marks = offered["call"]["marks"]
        assert (marks["count"], marks["last_reason"]) == (1, "threat")
        await phone.answer()
        shown = await agent.client.label(TALKING)
        await joined(phone, again.call)
        ticket = await agent.client.ticket(shown["call"]["ticket_id"])
        assert ticket["events"][0]["detail"]["marks"] == marks


@side_by_side
async def test_given_two_warnings_when_the_agent_hangs_up_in_the_second_then_it_is_over_and_both_counted(
    stack: Stack,
) -> None:
    async with stack.desk("warned-twice") as desk:
        talk = await answered(desk)
        await warned(desk, talk, 1)
        assert (await desk.agent.client.warn(talk.call_id))["call"]["warnings"] == 2
        await talk.customer.hears(WARNING_HZ, for_s=0.2)
        await desk.agent.client.on_call(talk.call_id, "hangup")
        await asyncio.gather(talk.customer.ended(), talk.phone.ended())
        await ended(desk, talk, "completed", "agent")


@side_by_side
async def test_given_a_warning_when_the_phones_hold_key_is_pressed_then_the_customer_has_music_until_retrieved(
    stack: Stack,
) -> None:
    async with stack.desk("warned-key") as desk:
        talk = await answered(desk)
        await desk.agent.client.warn(talk.call_id)
        await talk.customer.hears(WARNING_HZ, for_s=0.2)
        await talk.phone.hold()
        await desk.agent.client.label(ON_HOLD)
        await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []}, WARNING_HZ)
        await talk.phone.resume()
        await desk.agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)


@side_by_side
async def test_given_a_warning_when_the_agent_stops_it_then_both_talk_again_before_its_end(stack: Stack) -> None:
    async with stack.desk("warned-stopped") as desk:
        talk, client = await answered(desk), desk.agent.client
        with pytest.raises(Refused) as refused:
            await client.stop_warning(talk.call_id)
        assert refused.value.code == "not_allowed_now"
        await client.warn(talk.call_id)
        pair = (talk.phone, talk.customer)
        began = await asyncio.gather(*(party.hears(WARNING_HZ, for_s=0.1) for party in pair))
        stopped_at = time.monotonic()
        shown = await client.stop_warning(talk.call_id)
        assert (shown["call"]["state"], shown["call"]["warnings"]) == ("talking", 1)
        await joined(*pair)
        for party, at in zip(pair, began, strict=True):
            over = party.heard.tone_ended(WARNING_HZ, at)
            assert over is not None and over < min(at + WARNING_S, stopped_at + STOPPED_WITHIN_S)
        await client.on_call(talk.call_id, "hangup")
        call = await ended(desk, talk, "completed", "agent")
        assert "warning_stopped" in [event["type"] for event in await desk.rows.call_events(call["id"])]


@side_by_side
async def test_given_a_block_when_the_number_calls_again_then_it_is_refused_and_recorded(stack: Stack) -> None:
    async with stack.desk("blocked") as desk:
        talk = await answered(desk)
        with pytest.raises(Refused) as refused:
            await desk.agent.client.warn(talk.call_id)
        assert refused.value.code == "not_allowed_now"
        await desk.agent.client.force_disconnect(talk.call_id, "threat")
        await talk.customer.ended()
        await ended(desk, talk, "force_disconnected", "agent")
        await desk.agent.ready()
        again = await desk.dial(desk.furnished.number, caller=talk.number)
        await again.call.ended()
        assert again.call.final_code == 403
        query = "select * from cti.call where customer_number = $1 order by arrived_at"
        rows = await eventually(lambda: desk.rows.fetch(query, talk.number), lambda rows: len(rows) == 2)
        assert (rows[1]["outcome"], rows[1]["ended_by"], rows[1]["answered_at"]) == ("blocked", "system", None)
        other = await desk.call()
        await desk.agent.phone.incoming()
        await other.call.hang_up()
