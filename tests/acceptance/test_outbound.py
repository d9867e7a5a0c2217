"""Calls out (requirements D1 to D4): who rings when, what the agent hears, which number the far end sees, and how
it ends."""

import time

import pytest

from tests.acceptance.calls import DIALING, PROCESSING, TALKING, answered, called, causes, dialed, ended
from tests.acceptance.hearing import RING_HZ, joined
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import Refused
from tests.support.outside import PROGRESS, RINGING, TRYING
from tests.support.phones import PhoneCall
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_given_a_number_is_dialled_then_the_phone_rings_first_then_the_far_end_and_both_talk(
    stack: Stack,
) -> None:
    async with stack.desk("out-answered") as desk:
        agent, other = desk.agent, desk.outside()
        call_id = await agent.client.dial(other.number, desk.furnished.calling_number)
        phone = await agent.phone.incoming()
        shown = await agent.client.label(DIALING)
        assert (shown["call"]["call_id"], shown["call"]["state"]) == (call_id, "dialing_agent")
        assert not other.calls
        await phone.answer()
        far = await other.incoming()
        await phone.hears(RING_HZ)
        assert agent.client.agent["label"] == DIALING
        await far.answer()
        await agent.client.event("call.connected")
        opened = (await agent.client.event("ticket.opened"))["ticket"]
        await agent.client.label(TALKING)
        await joined(phone, far)
        assert far.identities == {desk.furnished.calling_number}, far.invite
        await far.hang_up()
        await phone.ended()
        over = await agent.client.event("call.ended")
        assert (over["outcome"], over["ended_by"]) == ("completed", "customer")
        await agent.client.label(PROCESSING)
        call = await ended(desk, other, "completed", "customer")
        assert (call["direction"], call["calling_number"]) == ("outbound", desk.furnished.calling_number)
        ticket = await desk.rows.ticket(call_id)
        assert (ticket["id"], ticket["service"]) == (opened["ticket_id"], desk.furnished.service)
        assert (ticket["owner"], ticket["customer_number"]) == (agent.cti_id, other.number)
        assert await causes(desk, agent, "call_ended") == ["dial", "answered", "call_ended"]
        await assert_gapless(desk.rows, agent.cti_id)


@side_by_side
async def test_given_the_agent_hangs_up_a_call_out_then_the_far_end_is_free_and_the_agent_ended_it(
    stack: Stack,
) -> None:
    async with stack.desk("out-auto") as desk:
        desk.agent.phone.obeys_headers = True
        other = desk.outside()
        call_id = await desk.agent.client.dial(other.number, desk.furnished.calling_number)
        phone = await desk.agent.phone.incoming()
        assert "answer-after=0" in phone.headers.get("Call-Info", "")
        far = await other.incoming()
        await far.answer()
        await joined(phone, far)
        await desk.agent.client.hang_up(call_id)
        await far.ended()
        await phone.ended()
        await ended(desk, other, "completed", "agent")


@side_by_side
async def test_given_the_far_end_plays_something_before_it_answers_then_the_agent_hears_it(stack: Stack) -> None:
    async with stack.desk("out-early") as desk:
        other = desk.outside(TRYING)
        _, phone, far = await dialed(desk, other)
        assert (await desk.agent.client.me())["call"]["rings"] is False
        far.say(PROGRESS, "sendonly")
        await desk.agent.client.shows(lambda shown: shown["call"]["rings"], "that it rings")
        await phone.hears(far.tone_hz)
        assert desk.agent.client.agent["label"] == DIALING
        assert far.established_at is None
        await far.answer()
        # Asterisk takes the one way before the answer for a hold, and the answer for nothing.
        assert (await desk.agent.client.label(TALKING))["call"]["holding"] == []
        await joined(phone, far)
        await phone.hang_up()
        await far.ended()
        await ended(desk, other, "completed", "agent")


OUTCOMES = {486: "busy", 600: "busy", 603: "rejected", 404: "invalid_number", 484: "invalid_number", 503: "unreachable"}


@side_by_side
async def test_given_the_far_end_fails_then_busy_rejected_invalid_and_unreachable_are_told_apart(stack: Stack) -> None:
    async with stack.desk("out-failed") as desk:
        for code, outcome in OUTCOMES.items():
            other = desk.outside(RINGING, code)
            call_id, phone, _ = await dialed(desk, other)
            await phone.ended()
            assert (await desk.agent.client.event("call.ended"))["outcome"] == outcome, code
            shown = await desk.agent.client.label("Ready")
            assert shown["call"] is None
            call = await desk.rows.call(other.number)
            assert call["outcome"] == outcome, code
            assert await desk.rows.no_ticket(call_id)
        await ended(desk, other, outcome, "system")
        assert await causes(desk, desk.agent, "dial_failed") == ["dial", "dial_failed"] * len(OUTCOMES)


@side_by_side
async def test_given_the_far_end_does_not_answer_in_time_then_the_outcome_is_no_answer(stack: Stack) -> None:
    async with stack.desk("out-busy") as desk:
        other = desk.outside(RINGING)
        call_id, phone, far = await dialed(desk, other)
        await phone.hears(RING_HZ)
        far.say(480)
        await phone.ended()
        await ended(desk, other, "no_answer", "system")
        assert await desk.rows.no_ticket(call_id)


@side_by_side
async def test_given_the_ticket_is_opened_on_dial_then_there_is_one_for_a_call_that_nobody_answered(
    stack: Stack,
) -> None:
    async with stack.desk("out-on-dial") as desk:
        other = desk.outside(RINGING)
        call_id, phone, far = await dialed(desk, other)
        opened = (await desk.agent.client.event("ticket.opened"))["ticket"]
        far.say(486)
        await phone.ended()
        await desk.agent.client.label(PROCESSING)
        await ended(desk, other, "busy", "customer")
        assert (await desk.rows.ticket(call_id))["id"] == opened["ticket_id"]


@side_by_side
async def test_given_the_agents_phone_is_not_lifted_or_refuses_then_nobody_else_is_rung(stack: Stack) -> None:
    async with stack.desk("out-agent-away") as desk:
        agent = desk.agent
        for give_up in ("refuse", "hang up"):
            other = desk.outside()
            call_id = await agent.client.dial(other.number, desk.furnished.calling_number)
            phone = await agent.phone.incoming()
            if give_up == "refuse":
                await phone.reject()
            else:
                await agent.client.hang_up(call_id)
            await phone.ended()
            await agent.client.label("Ready")
            call = await desk.rows.call(other.number)
            outcome = "agent_no_answer" if give_up == "refuse" else "cancelled"
            assert (call["outcome"], call["ended_by"]) == (outcome, "agent")
            assert not other.calls
        assert await causes(desk, agent, "dial_failed") == ["dial", "dial_failed"] * 2


@side_by_side
async def test_given_the_agent_leaves_while_the_far_end_rings_then_it_stops_ringing_and_the_call_is_cancelled(
    stack: Stack,
) -> None:
    async with stack.desk("out-cancelled") as desk:
        for how in ("phone", "panel"):
            other = desk.outside()
            call_id, phone, far = await dialed(desk, other)
            await phone.hears(RING_HZ)
            if how == "phone":
                await phone.hang_up()
            else:
                await desk.agent.client.hang_up(call_id)
            await far.ended(2)
            await ended(desk, other, "cancelled", "agent")
            await desk.agent.client.label("Ready")


@side_by_side
async def test_given_numbers_that_must_not_be_dialled_or_shown_then_each_is_refused_and_nothing_rings(
    stack: Stack,
) -> None:
    async with stack.desk("out-numbers") as desk:
        agent, calling = desk.agent, desk.furnished.calling
        number, confirmed = stack.next_number(), desk.furnished.calling_number
        foreign = stack.rooms["out-busy"].calling_number
        for dialled, shown, code in (
            (number, calling["new"], "calling_number_not_confirmed"),
            (number, calling["rejected"], "calling_number_not_confirmed"),
            (number, foreign, "calling_number_not_confirmed"),
            (number, "+12025550123", "calling_number_not_confirmed"),
            ("+12025550123", confirmed, "number_not_allowed"),
            ("nobody", confirmed, "invalid_number"),
            (f"{number}@trunk&PJSIP/1001", confirmed, "invalid_number"),
        ):
            with pytest.raises(Refused) as refused:
                await agent.client.dial(dialled, shown)
            assert refused.value.code == code, (dialled, shown)
        assert (await agent.client.me())["label"] == "Ready"
        assert agent.phone.rang == 0
        states = {each["number"]: each["state"] for each in await agent.client.calling_numbers()}
        assert states == {number: state for state, number in calling.items()}


@side_by_side
async def test_given_the_service_does_not_call_out_then_it_is_refused(stack: Stack) -> None:
    async with stack.desk("out-off") as desk:
        with pytest.raises(Refused) as refused:
            await desk.agent.client.dial(stack.next_number(), stack.rooms["out-busy"].calling_number)
        assert refused.value.code in ("service_off", "calling_number_not_confirmed")
        phone = await desk.agent.phone.dial(stack.next_number())
        await phone.ended()
        assert phone.final_code == 403


@side_by_side
async def test_given_a_number_is_dialled_on_the_keypad_then_it_is_the_same_call_under_the_same_rules(
    stack: Stack,
) -> None:
    async with stack.desk("out-keypad") as desk:
        agent, other = desk.agent, desk.outside()
        phone = await agent.phone.dial(other.number)
        far = await other.incoming()
        await agent.client.label(DIALING)
        second = await agent.phone.dial(stack.next_number())
        await second.ended()
        assert second.final_code == 486
        await phone.hears(RING_HZ)
        await far.answer()
        await agent.client.label(TALKING)
        await joined(phone, far)
        assert far.identities == {desk.furnished.calling_number}
        await phone.hang_up()
        await far.ended()
        await ended(desk, other, "completed", "agent")
        await agent.client.label(PROCESSING)
        forbidden = await agent.phone.dial("+12025550123")
        await forbidden.ended()
        assert forbidden.final_code == 403


@side_by_side
async def test_given_a_frequent_number_then_it_is_kept_dialled_and_removed(stack: Stack) -> None:
    async with stack.desk("out-frequent") as desk:
        client, other = desk.agent.client, desk.outside()
        added = await client.add_frequent_number(other.number, "Front desk")
        (kept,) = await client.frequent_numbers()
        assert (kept["id"], kept["number"], kept["label"]) == (added["id"], other.number, "Front desk")
        _, _, far = await dialed(desk, other)
        await far.hang_up()
        await client.remove_frequent_number(kept["id"])
        assert await client.frequent_numbers() == []


async def _gets(customer: PhoneCall, digits: str) -> None:
    end = time.monotonic() + 10
    while customer.digits != digits:
        await customer.listen(0.1)
        assert time.monotonic() < end, customer.digits


@side_by_side
async def test_given_digits_are_pressed_at_the_panel_or_the_phone_then_the_customer_gets_them_and_nothing_else_is_sent(
    stack: Stack,
) -> None:
    async with stack.desk("out-digits") as desk:
        talk = await answered(desk)
        await desk.agent.client.dtmf(talk.call_id, "159*#0")
        customer = desk.customers[0]
        await _gets(customer, "159*#0")
        await talk.phone.send_digits("42")
        await _gets(customer, "159*#042")
        with pytest.raises(Refused) as refused:
            await desk.agent.client.dtmf(talk.call_id, "12a")
        assert refused.value.code == "invalid_body"
        await talk.customer.hang_up()
        await desk.agent.client.label(PROCESSING)
        await talk.phone.ended()
        out = await called(desk)
        await out.customer.hang_up()
