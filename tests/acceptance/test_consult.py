"""Consultations (requirements E2, E3): the customer has music and hears neither; connect, cancel, and what is
refused."""

import pytest

from tests.acceptance.calls import CONSULTING, PROCESSING, TALKING, answered, called, causes, ended, held
from tests.acceptance.consultation import back_on_hold, consulting, with_music
from tests.acceptance.hearing import RING_HZ, assert_heard, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import Refused
from tests.support.outside import OK, PROGRESS, TRYING
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


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
async def test_given_a_consulted_number_that_plays_something_before_it_answers_then_the_agent_alone_hears_it(
    stack: Stack,
) -> None:
    async with stack.desk("consult-early") as desk:
        agent = desk.agent
        talk = await answered(desk)
        for says in (404, OK):
            other = desk.outside(TRYING)
            await agent.client.consult(talk.call_id, number=other.number)
            far = await other.incoming()
            shown = await agent.client.label(CONSULTING)
            assert shown["call"]["rings"] is False
            far.say(PROGRESS, "sendonly")
            await agent.client.shows(lambda shown: shown["call"]["rings"], "that it is reached")
            await assert_heard({talk.phone: [far.tone_hz], talk.customer: [MUSIC_HZ]})
            assert far.established_at is None
            far.say(says)
            if says != OK:
                await back_on_hold(desk, talk, "invalid_number")
        await with_music(talk, far)
        await agent.client.connect(talk.call_id)
        await joined(far, talk.customer)


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
