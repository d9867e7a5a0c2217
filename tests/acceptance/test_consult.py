"""Consultations (E2 to E4): the customer has music and hears neither; connect, cancel, and everybody who may leave."""

import pytest

from tests.acceptance.calls import CONSULTING, ON_HOLD, PROCESSING, TALKING, Talk, answered, called, causes, ended, held
from tests.acceptance.hearing import RING_HZ, assert_heard, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import Refused
from tests.support.outside import OutsideCall
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Desk, Stack

side_by_side = SideBySide()


async def consulting(desk: Desk, talk: Talk, target: Agent) -> PhoneCall:
    """The first agent consults another one; the two hear each other, the customer music."""
    agent = desk.agent
    await agent.client.consult(talk.call_id, agent=target.cti_id)
    shown = await agent.client.label(CONSULTING)
    assert shown["call"]["consult"] == {
        "target": target.cti_number,
        "target_name": f"Agent {target.cti_id}",
        "state": "ringing",
    }
    rung = await target.phone.incoming()
    await target.client.label("Ringing")
    await rung.answer()
    await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
    await target.client.label(TALKING)
    await with_music(talk, rung)
    return rung


async def with_music(talk: Talk, target: PhoneCall | OutsideCall) -> None:
    """Agent and target hear each other, the customer hears music only."""
    hears: dict[Party, list[int]] = {
        talk.customer: [MUSIC_HZ],
        talk.phone: [target.tone_hz],
        target: [talk.phone.tone_hz],
    }
    await assert_heard(hears)


async def back_on_hold(desk: Desk, talk: Talk, reason: str | None) -> None:
    """The agent is alone, with the reason shown, and the customer has music; then they talk again."""
    shown = await desk.agent.client.label(ON_HOLD)
    last = shown["call"]["last_result"]
    assert (last and last["reason"]) == reason
    await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []})


@side_by_side
async def test_given_a_consulted_agent_when_connected_then_customer_and_target_talk_and_the_ticket_is_the_targets(
    stack: Stack,
) -> None:
    async with stack.desk("consult") as desk:
        agent, target, third = desk.agents
        talk = await held(desk)
        await agent.client.consult(talk.call_id, number=target.cti_number)
        rung = await target.phone.incoming()
        await talk.phone.hears(RING_HZ)
        await assert_heard({talk.customer: [MUSIC_HZ]}, talk.phone.tone_hz)
        with pytest.raises(Refused) as refused:
            await agent.client.consult(talk.call_id, agent=third.cti_id)
        assert refused.value.code == "not_allowed_now"
        await rung.answer()
        await with_music(talk, rung)
        await agent.client.label(CONSULTING)
        await target.client.label(TALKING)
        await agent.client.connect(talk.call_id)
        await agent.client.label(PROCESSING)
        await talk.phone.ended()
        await joined(rung, talk.customer)
        assert never_heard(talk.customer, rung.tone_hz, None) is False
        assert never_heard(rung, MUSIC_HZ)
        shown = await target.client.label(TALKING)
        assert shown["call"]["call_id"] == talk.call_id
        ticket = await desk.rows.ticket(talk.call_id)
        assert ticket["owner"] == target.cti_id
        await rung.hang_up()
        await target.client.label(PROCESSING)
        await ended(desk, talk, "completed", "agent")
        events = await desk.rows.ticket_events(ticket["id"], 4)
        assert [event["type"] for event in events] == ["opened", "participant_added", "owner_changed", "call_event"]
        query = "select 1 from cti.ticket where call_id = $1::uuid"
        assert len(await desk.rows.fetch(query, talk.call_id)) == 1
        assert await causes(desk, agent, "transferred") == ["offered", "answered", "held", "consult", "transferred"]
        assert await causes(desk, target, "call_ended") == ["offered", "answered", "call_ended"]
        for each in (agent, target):
            await assert_gapless(desk.rows, each.cti_id)


@side_by_side
async def test_given_an_outside_number_is_consulted_when_connected_then_it_talks_to_the_customer_and_sees_our_number(
    stack: Stack,
) -> None:
    async with stack.desk("consult-outside") as desk:
        agent, other = desk.agent, desk.outside()
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, number=other.number)
        far = await other.incoming()
        await agent.client.label(CONSULTING)
        assert far.identities == {desk.furnished.calling_number}
        await assert_heard({talk.customer: [MUSIC_HZ]}, talk.phone.tone_hz)
        await far.answer()
        await with_music(talk, far)
        await agent.client.connect(talk.call_id)
        await agent.client.label(PROCESSING)
        await joined(far, talk.customer)
        await far.hang_up()
        await talk.customer.ended()
        call = await ended(desk, talk, "completed", "target")
        ticket = await desk.rows.ticket(call["id"])
        assert ticket["owner"] == agent.cti_id
        events = await desk.rows.ticket_events(ticket["id"], 3)
        assert [event["type"] for event in events] == ["opened", "participant_added", "call_event"]


@side_by_side
async def test_given_a_consultation_when_cancelled_then_on_hold_and_it_can_be_resumed(stack: Stack) -> None:
    async with stack.desk("consult-cancel") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await agent.client.cancel(talk.call_id)
        await rung.ended()
        await target.client.label(PROCESSING)
        await back_on_hold(desk, talk, None)
        assert never_heard(talk.customer, rung.tone_hz)
        await agent.client.resume(talk.call_id)
        await joined(talk.phone, talk.customer)
        await target.ready()
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await agent.client.cancel(talk.call_id)
        await rung.ended()
        await target.client.label("Ready")
        await back_on_hold(desk, talk, None)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        assert (await causes(desk, agent, "call_ended"))[2:] == [
            "consult",
            "consult_cancelled",
            "resumed",
            "consult",
            "consult_cancelled",
            "call_ended",
        ]


@side_by_side
async def test_given_a_target_is_busy_late_or_refuses_then_on_hold_with_the_reason(stack: Stack) -> None:
    async with stack.desk("consult-fails") as desk:
        agent = desk.agent
        talk = await answered(desk)
        for code, reason in ((486, "busy"), (603, "rejected"), (404, "invalid_number"), (503, "unreachable")):
            other = desk.outside(code)
            await agent.client.consult(talk.call_id, number=other.number)
            await other.incoming()
            await back_on_hold(desk, talk, reason)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_an_agent_as_target_is_late_or_refuses_then_on_hold_with_the_reason(stack: Stack) -> None:
    async with stack.desk("consult-late") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await rung.ended(5)
        await target.client.label("Business (Missed call)")
        await back_on_hold(desk, talk, "no_answer")
        await target.ready()
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        await (await target.phone.incoming()).reject()
        await target.client.label("Business (Declined call)")
        await back_on_hold(desk, talk, "busy")
        await talk.customer.hang_up()
        call = await ended(desk, talk, "completed", "customer")
        assert [result for _, result in await desk.rows.offers_ended(call["id"], 3)] == [
            "answered",
            "missed",
            "declined",
        ]


@side_by_side
async def test_given_the_target_leaves_during_a_consultation_then_the_agent_is_on_hold(stack: Stack) -> None:
    async with stack.desk("consult-target-leaves") as desk:
        target = desk.agents[1]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await rung.hang_up()
        await target.client.label(PROCESSING)
        await back_on_hold(desk, talk, "hung_up")
        await desk.agent.client.resume(talk.call_id)
        await joined(talk.phone, talk.customer)
        await talk.phone.hang_up()
        await ended(desk, talk, "completed", "agent")


@side_by_side
async def test_given_the_customer_leaves_during_a_consultation_then_the_others_talk_on_and_connect_is_refused(
    stack: Stack,
) -> None:
    async with stack.desk("consult-customer-leaves") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await talk.customer.hang_up()
        await agent.client.event("notice", code="customer_left")
        await joined(talk.phone, rung)
        with pytest.raises(Refused) as refused:
            await agent.client.connect(talk.call_id)
        assert refused.value.code == "customer_left"
        await agent.client.cancel(talk.call_id)
        await rung.ended()
        await talk.phone.ended()
        await ended(desk, talk, "completed", "agent")
        for each in (agent, target):
            await each.client.label(PROCESSING)


@side_by_side
async def test_given_the_agents_phone_hangs_up_during_a_consultation_then_customer_and_target_are_joined(
    stack: Stack,
) -> None:
    async with stack.desk("consult-agent-leaves") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await talk.phone.hang_up()
        await agent.client.label(PROCESSING)
        await joined(rung, talk.customer)
        assert (await desk.rows.ticket(talk.call_id))["owner"] == target.cti_id
        await talk.customer.hang_up()
        await rung.ended()
        await ended(desk, talk, "completed", "customer")


async def _becomes_direct(stack: Stack, room: str, *, by_phone: bool) -> None:
    """The target still rings, and the agent leaves: a direct transfer."""
    async with stack.desk(room) as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await talk.phone.hears(RING_HZ)
        if by_phone:
            await talk.phone.hang_up()
        else:
            await agent.client.connect(talk.call_id)
        await talk.phone.ended()
        await agent.client.label(PROCESSING)
        await talk.customer.hears(RING_HZ)
        await rung.answer()
        await joined(rung, talk.customer)
        assert never_heard(talk.customer, talk.phone.tone_hz, rung.established_at)
        assert (await desk.rows.ticket(talk.call_id))["owner"] == target.cti_id
        await rung.hang_up()
        await target.client.label(PROCESSING)
        await ended(desk, talk, "completed", "agent")


@side_by_side
async def test_given_the_target_still_rings_when_connected_then_it_is_a_direct_transfer(stack: Stack) -> None:
    await _becomes_direct(stack, "consult-ringing", by_phone=False)


@side_by_side
async def test_given_the_target_still_rings_when_the_agents_phone_hangs_up_then_it_is_a_direct_transfer(
    stack: Stack,
) -> None:
    await _becomes_direct(stack, "consult-ringing-2", by_phone=True)


@side_by_side
async def test_given_the_target_still_rings_when_the_customer_leaves_then_all_is_over(stack: Stack) -> None:
    async with stack.desk("consult-ringing-3") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await talk.customer.hang_up()
        await rung.ended()
        await talk.phone.ended()
        await target.client.label("Ready")
        await agent.client.label(PROCESSING)
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_targets_that_must_not_be_called_then_each_is_refused_and_the_talk_goes_on(stack: Stack) -> None:
    async with stack.desk("consult-refused") as desk:
        agent, target, third = desk.agents
        talk = await answered(desk)
        await target.client.set_status("rest")
        found = await agent.client.colleagues(third.cti_number)
        assert [(each["cti_id"], each["label"]) for each in found] == [(third.cti_id, "Ready")]
        assert await agent.client.colleagues(target.cti_number) == []
        for wanted, code in (
            ({"agent": agent.cti_id}, "target_is_self"),
            ({"number": agent.cti_number}, "target_is_self"),
            ({"agent": target.cti_id}, "target_not_ready"),
            ({"agent": "nobody"}, "not_found"),
            ({"number": "+12025550123"}, "number_not_allowed"),
            ({"number": "&"}, "invalid_number"),
            ({"agent": third.cti_id, "number": third.cti_number}, "invalid_body"),
        ):
            for ask in (agent.client.consult, agent.client.transfer):
                with pytest.raises(Refused) as refused:
                    await ask(talk.call_id, **wanted)
                assert refused.value.code == code, wanted
        for ask_plain in (agent.client.connect, agent.client.cancel, agent.client.recall):
            with pytest.raises(Refused) as refused:
                await ask_plain(talk.call_id)
            assert refused.value.code in ("not_allowed_now", "not_found")
        with pytest.raises(Refused) as refused:
            await third.client.consult(talk.call_id, agent=target.cti_id)
        assert refused.value.code == "not_found"
        await joined(talk.phone, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_call_out_when_an_outside_number_is_consulted_then_it_sees_the_calling_number_of_the_call(
    stack: Stack,
) -> None:
    async with stack.desk("consult-out") as desk:
        agent, other = desk.agent, desk.outside()
        talk = await called(desk)
        await agent.client.consult(talk.call_id, number=other.number)
        far = await other.incoming()
        assert far.identities == {desk.furnished.calling_number}
        await far.answer()
        await with_music(talk, far)
        await agent.client.connect(talk.call_id)
        await joined(far, talk.customer)
        await talk.customer.hang_up()
        await far.ended()
        await ended(desk, talk, "completed", "customer")
