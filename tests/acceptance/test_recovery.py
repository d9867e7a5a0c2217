"""The controller, its database and its connection to the PBX fail while people wait, ring and talk."""

import asyncio
import time

import pytest

from cti_bridge.exit_codes import ExitCode
from tests.acceptance.hearing import joined
from tests.acceptance.story import assert_gapless, assert_one_of_each
from tests.support.audio import Recording
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ, WARNING_HZ
from tests.support.rows import eventually
from tests.support.stack import Agent, Customer, Desk, Stack

GAP_S = 0.2
"""More than this is a gap."""
BACK_WITHIN_S = 10.0
"""So soon after a lost event socket everything is as before."""


async def talk(agent: Agent, customer: Customer) -> PhoneCall:
    """The agent lifts; both hear each other."""
    call = await agent.lift()
    await asyncio.gather(customer.call.hears(agent.tone_hz), call.hears(customer.tone_hz))
    await agent.client.label("Talking")
    return call


def assert_no_gap(recording: Recording, hz: int, since: float) -> None:
    until = (recording.ended_at or since) - 0.1
    assert until - since > 0.7
    assert recording.longest_gap(hz, since, until) <= GAP_S


async def heard_on(call: PhoneCall, seconds: float = 1.0) -> None:
    """Wait until so much more was heard, so that a gap that is just now beginning is in the recording."""
    await call.listen(seconds)


async def back_at_the_panel(desk: Desk) -> None:
    """The tokens still count after a restart of the bridge; only the sockets are to be opened again."""
    for agent in desk.agents:
        await agent.client.open_panel()


async def test_given_callers_wait_ring_and_talk_when_the_bridge_is_killed_then_it_goes_on_where_it_was(
    stack: Stack,
) -> None:
    async with stack.desk("killed", ready=False) as desk:
        talking, ringing, later = desk.agents
        first = await _arrive(desk, talking)
        on_phone = await talk(talking, first)
        since = time.monotonic()
        second = await _arrive(desk, ringing)
        rung = await ringing.phone.incoming()
        offer = (await ringing.client.event("offer.made"))["offer"]
        third = await desk.call()
        await third.call.hears(MUSIC_HZ)
        await _committed(desk, second)
        waiting_since = time.monotonic()

        await stack.bridge.kill()
        await heard_on(on_phone, 0.5)
        await stack.bridge.start()
        await back_at_the_panel(desk)

        assert talking.client.agent["label"] == "Talking"
        assert ringing.client.agent["label"] == "Ringing"
        assert ringing.client.agent["offer"]["offer_id"] == offer["offer_id"]
        assert ringing.client.agent["offer"]["expires_at"] == offer["expires_at"]
        assert later.client.agent["label"] == "Business"
        await heard_on(on_phone)
        assert_no_gap(on_phone.heard, first.tone_hz, since)
        assert_no_gap(first.call.heard, talking.tone_hz, since)
        assert third.call.heard.longest_silence(waiting_since, third.call.heard.ended_at) < 0.5

        assert rung.ended_at is None
        await rung.answer()
        await asyncio.gather(second.call.hears(ringing.tone_hz), rung.hears(second.tone_hz))
        await later.ready()
        await talk(later, third)
        for customer in (first, second, third):
            await customer.call.hang_up()
        for agent in desk.agents:
            await agent.client.label("Business (Ticket Processing)")
        for customer, agent in ((first, talking), (second, ringing), (third, later)):
            await assert_one_of_each(desk.rows, customer.number, agent.cti_id)
            await assert_gapless(desk.rows, agent.cti_id)


async def _arrive(desk: Desk, agent: Agent) -> Customer:
    """A customer calls, and this agent becomes ready for them."""
    await agent.ready()
    return await desk.call()


async def _committed(desk: Desk, customer: Customer) -> None:
    """Wait until the offer is in Postgres, and therefore in the spool: what was not committed when a bridge was killed
    never was, and its leg is hung up."""
    call = await desk.rows.call(customer.number, ended=False)
    await eventually(lambda: desk.rows.offers(call["id"]), bool)


async def test_given_a_warning_plays_when_the_bridge_is_killed_then_they_talk_again_and_a_mark_outlives_it_too(
    stack: Stack,
) -> None:
    async with stack.desk("killed-warned") as desk:
        agent = desk.agent
        customer = await desk.call()
        on_phone = await talk(agent, customer)
        call_id = agent.client.agent["call"]["call_id"]
        await agent.client.warn(call_id)
        await asyncio.gather(*(party.hears(WARNING_HZ, for_s=0.2) for party in (on_phone, customer.call)))
        await stack.bridge.kill()
        await stack.bridge.start()
        await back_at_the_panel(desk)
        shown = await agent.client.shows(lambda shown: shown["call"]["state"] == "talking", "the end of the warning")
        assert (shown["label"], shown["call"]["warnings"]) == ("Talking", 1)
        await joined(on_phone, customer.call)

        await agent.client.force_disconnect(call_id, "threat")
        await customer.call.ended()
        await stack.bridge.kill()
        await stack.bridge.start()
        await back_at_the_panel(desk)
        await agent.ready()
        again = await desk.dial(desk.furnished.number, caller=customer.number)
        shown = await agent.client.shows(lambda shown: shown["offer"] is not None, "the offer")
        assert (shown["call"]["marks"]["count"], shown["call"]["marks"]["last_reason"]) == (1, "threat")
        await again.call.hang_up()


async def test_given_a_phone_rings_when_the_bridge_is_killed_then_the_pickup_time_ends_when_it_would_have_ended(
    stack: Stack,
) -> None:
    async with stack.desk("killed-ringing") as desk:
        first, second = desk.agents
        customer = await desk.call()
        rung = await first.phone.incoming()
        await _committed(desk, customer)
        await stack.bridge.kill()
        await stack.bridge.start()
        await back_at_the_panel(desk)
        served = await second.lift()
        call = await desk.rows.call(customer.number, ended=False)
        story = await desk.rows.call_events(call["id"])
        pickup_time_s = desk.furnished.room.pickup_time_s
        assert served.started_at - rung.started_at == pytest.approx(pickup_time_s, abs=1.0), story
        await customer.call.hears(second.tone_hz)
        await first.client.label("Business (Missed call)")
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert await desk.rows.offers_ended(call["id"], 2) == [(first.cti_id, "missed"), (second.cti_id, "answered")]


async def test_given_a_caller_hangs_up_while_the_bridge_is_dead_then_the_call_is_ended_when_it_is_back(
    stack: Stack,
) -> None:
    async with stack.desk("killed-ringing") as desk:
        agent, customer = desk.agent, await desk.call()
        on_phone = await talk(agent, customer)
        await stack.bridge.kill()
        await customer.call.hang_up()
        newcomer = await desk.dial(desk.furnished.number)
        await stack.bridge.start()
        await back_at_the_panel(desk)
        await on_phone.ended()
        await agent.client.label("Business (Ticket Processing)")
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["seen_late"]) == ("completed", True)
        gap = (await desk.rows.fetch("select * from cti.gap where what = 'bridge' order by from_at desc limit 1"))[0]
        assert abs(call["ended_at"] - gap["from_at"]).total_seconds() < 1, "not when the bridge was back"
        await talk(desk.agents[1], newcomer)


@pytest.mark.parametrize("away_s", [3.0, pytest.param(30.0, marks=pytest.mark.soak)])
async def test_given_postgres_is_stopped_during_calls_then_nothing_stops_tickets_are_worked_and_nothing_is_lost(
    stack: Stack, away_s: float
) -> None:
    async with stack.desk("postgres") as desk:
        agent, first = desk.agent, await desk.call()
        on_phone = await talk(agent, first)
        since = time.monotonic()
        await stack.postgres.kill()
        back_at = time.monotonic() + away_s
        try:
            opened = (await agent.client.event("ticket.opened"))["ticket"]
            await _work_on(agent, opened["ticket_id"])
            await heard_on(on_phone)
            assert_no_gap(on_phone.heard, first.tone_hz, since)
            await first.call.hang_up()
            await agent.client.label("Business (Ticket Processing)")
            await agent.ready()
            second = await desk.call()
            on_phone = await talk(agent, second)
            during = (await agent.client.event("ticket.opened"))["ticket"]
            await _work_on(agent, during["ticket_id"])
            await heard_on(on_phone, max(0.1, back_at - time.monotonic()))
        finally:
            await stack.postgres.start()
        await second.call.hang_up()
        for customer, ticket in ((first, opened), (second, during)):
            call = await desk.rows.call(customer.number, within_s=30)
            assert (await desk.rows.ticket(call["id"]))["id"] == ticket["ticket_id"]
            events = await desk.rows.ticket_events(ticket["ticket_id"], at_least=3)
            assert [event["version"] for event in events] == list(range(1, len(events) + 1))
            assert {"opened", "commented", "status_changed"} <= {event["type"] for event in events}
            await assert_one_of_each(desk.rows, customer.number, agent.cti_id)
        await assert_gapless(desk.rows, agent.cti_id)
        gaps = """select extract(epoch from till_at - from_at)::float8 as s from cti.gap
            where what = 'storage' order by from_at desc"""
        away = await eventually(lambda: desk.rows.fetch(gaps), bool)
        assert away[0]["s"] == pytest.approx(away_s, abs=3)


async def _work_on(agent: Agent, ticket_id: str) -> None:
    """Read, comment, resolve."""
    ticket = await agent.client.ticket(ticket_id)
    assert ticket["status"] == "open"
    ticket = await agent.client.comment(ticket_id, "written while the database was away")
    await agent.client.set_ticket(ticket_id, "resolved", ticket["version"])
    ticket = await agent.client.ticket(ticket_id)
    assert ticket["status"] == "resolved"
    assert ticket["comments"][-1]["text"].startswith("written while")


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_given_the_event_socket_is_lost_then_talk_goes_on_and_within_10_s_all_is_as_before(
    stack: Stack, how: str
) -> None:
    async with stack.desk(how, ready=False) as desk:
        talking, ringing = desk.agents
        first = await _arrive(desk, talking)
        on_phone = await talk(talking, first)
        since = time.monotonic()
        second = await desk.call()
        await second.call.hears(MUSIC_HZ)
        lost_at = time.monotonic()
        stack.proxy.cut() if how == "cut" else stack.proxy.fall_silent()
        # What happens meanwhile is not lost: the customer leaves unseen, and is gone when the bridge is back.
        await second.call.hang_up()
        if how == "silent":
            try:
                await stack.bridge.not_ready(BACK_WITHIN_S)
            finally:
                stack.proxy.let_flow()
        gone = await desk.rows.call(second.number, within_s=BACK_WITHIN_S)
        assert (gone["outcome"], gone["seen_late"]) == ("abandoned_waiting", True)
        await stack.bridge.ready()
        assert time.monotonic() - lost_at < BACK_WITHIN_S
        third = await desk.call()
        await ringing.ready()
        await talk(ringing, third)
        await heard_on(on_phone)
        assert_no_gap(on_phone.heard, first.tone_hz, since)
        assert_no_gap(first.call.heard, talking.tone_hz, since)
        await third.call.hang_up()
        await first.call.hang_up()
        for customer, agent in ((first, talking), (third, ringing)):
            await assert_one_of_each(desk.rows, customer.number, agent.cti_id)
            await assert_gapless(desk.rows, agent.cti_id)


async def test_given_a_pbx_that_cannot_be_reached_then_its_agent_can_hang_up_and_go_and_the_phones_are_ended_later(
    stack: Stack,
) -> None:
    async with stack.desk("cut") as desk:
        agent, customer = desk.agent, await desk.call()
        on_phone = await talk(agent, customer)
        stack.proxy.fall_silent()
        try:
            await stack.bridge.not_ready(BACK_WITHIN_S)
            view = await agent.client.me()
            assert view["allowed_actions"] == ["hangup"]
            await agent.client.hang_up(view["call"]["call_id"])
            await agent.client.label("Business (Ticket Processing)")
            await agent.client.log_out()
        finally:
            stack.proxy.let_flow()
        await asyncio.gather(on_phone.ended(), customer.call.ended())
        await stack.bridge.ready()
        row = await desk.rows.call(customer.number)
        assert (row["outcome"], row["ended_by"]) == ("completed", "agent")


async def test_given_a_second_controller_then_the_first_sends_no_more_requests_and_the_caller_is_not_lost(
    stack: Stack,
) -> None:
    async with stack.desk("second") as desk:
        agent, customer = desk.agent, await desk.call()
        await talk(agent, customer)
        stack.proxy.watched = b"ApplicationReplaced"
        await stack.second.start(wait_ready=False)
        try:
            assert await stack.bridge.exit_code(10) == ExitCode.STEPPED_DOWN
            assert stack.proxy.sent_after is not None
            assert all(_is_close(data) for data in stack.proxy.sent_after)
            # It has another spool and knows nothing of the call: for it this is a new caller.
            await customer.call.hears(MUSIC_HZ)
            await customer.call.hang_up()
        finally:
            stack.proxy.watched = b""
            await stack.second.stop()
            await stack.bridge.start()
        await back_at_the_panel(desk)
        await agent.client.label("Business (Ticket Processing)")


def _is_close(data: bytes) -> bool:
    """A WebSocket Close frame (RFC 6455, section 5.5.1), which is no request."""
    return data[0] & 0x0F == 8
