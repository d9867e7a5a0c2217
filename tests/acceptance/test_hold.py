"""Hold and resume (requirement E1), from the panel and by the phone's own key: out of earshot of each other, with
music."""

import asyncio

import pytest

from tests.acceptance.calls import ON_HOLD, PROCESSING, TALKING, answered, called, causes, ended, held
from tests.acceptance.consultation import back_on_hold, consulting, with_music
from tests.acceptance.hearing import assert_heard, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import Refused
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_given_hold_then_the_customer_hears_music_and_the_agent_nothing_until_resume(stack: Stack) -> None:
    async with stack.desk("hold") as desk:
        agent = desk.agent
        talk = await answered(desk)
        await agent.client.hold(talk.call_id)
        shown = await agent.client.label(ON_HOLD)
        assert shown["call"]["held_by"] == ["panel"]
        await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []})
        with pytest.raises(Refused) as refused:
            await agent.client.hold(talk.call_id)
        assert refused.value.code == "not_allowed_now"
        assert (await agent.client.event("notice", code="hold_reminder"))["text"]
        await agent.client.resume(talk.call_id)
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        with pytest.raises(Refused) as refused:
            await agent.client.resume(talk.call_id)
        assert refused.value.code == "not_allowed_now"
        with pytest.raises(Refused) as refused:
            await desk.agents[1].client.hold(talk.call_id)
        assert refused.value.code == "not_found"
        await agent.client.hold(talk.call_id)
        await agent.client.hang_up(talk.call_id)
        await ended(desk, talk, "completed", "agent")
        await agent.client.label(PROCESSING)
        assert await causes(desk, agent, "call_ended") == [
            "offered",
            "answered",
            "held",
            "resumed",
            "held",
            "call_ended",
        ]
        await assert_gapless(desk.rows, agent.cti_id)


@side_by_side
async def test_given_the_phones_own_hold_key_then_it_is_the_same_hold_and_only_the_phone_can_end_it(
    stack: Stack,
) -> None:
    async with stack.desk("hold-key") as desk:
        agent = desk.agent
        talk = await answered(desk)
        await talk.phone.hold()
        shown = await agent.client.label(ON_HOLD)
        assert shown["call"]["held_by"] == ["phone"]
        await assert_heard({talk.customer: [MUSIC_HZ]}, talk.phone.tone_hz)
        with pytest.raises(Refused) as refused:
            await agent.client.resume(talk.call_id)
        assert refused.value.code == "resume_on_phone"
        await talk.phone.resume()
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        await agent.client.hold(talk.call_id)
        await agent.client.label(ON_HOLD)
        await talk.phone.hold()
        await agent.client.shows(lambda shown: shown["call"]["held_by"] == ["panel", "phone"], "both hold")
        await talk.phone.resume()
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_the_hold_key_around_a_consultation_when_cancelled_then_resume_helps_if_the_phone_holds_no_more(
    stack: Stack,
) -> None:
    async with stack.desk("hold-key-consult") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        await talk.phone.hold()
        shown = await agent.client.label(ON_HOLD)
        assert shown["call"]["held_by"] == ["phone"]
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        rung = await target.phone.incoming()
        await talk.phone.resume()
        await agent.client.shows(lambda shown: shown["call"]["held_by"] == ["panel"], "the phone's retrieve")
        await rung.answer()
        await with_music(talk, rung)
        await agent.client.cancel(talk.call_id)
        await rung.ended()
        await back_on_hold(desk, talk, None)
        await agent.client.resume(talk.call_id)
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        await target.client.label(PROCESSING)
        await target.ready()
        await consulting(desk, talk, target)
        await talk.phone.hold()
        await agent.client.shows(lambda shown: shown["call"]["held_by"] == ["panel", "phone"], "both hold")
        await agent.client.cancel(talk.call_id)
        await agent.client.label(ON_HOLD)
        with pytest.raises(Refused) as refused:
            await agent.client.resume(talk.call_id)
        assert refused.value.code == "resume_on_phone"
        await assert_heard({talk.customer: [MUSIC_HZ]}, talk.phone.tone_hz)
        await talk.phone.resume()
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_consulted_agents_phone_that_holds_when_connected_then_the_customer_is_on_hold_until_it_retrieves(
    stack: Stack,
) -> None:
    async with stack.desk("hold-key-target") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await rung.hold()
        # Asterisk tells the other end of a phone that holds by music of its own.
        await talk.phone.hears(MUSIC_HZ)
        await agent.client.connect(talk.call_id)
        await agent.client.label(PROCESSING)
        shown = await target.client.label(ON_HOLD)
        assert shown["call"]["held_by"] == ["phone"]
        await assert_heard({talk.customer: [MUSIC_HZ]}, rung.tone_hz)
        await rung.resume()
        await target.client.label(TALKING)
        await joined(rung, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_customer_who_holds_then_the_agent_has_music_and_is_told_until_they_retrieve(
    stack: Stack,
) -> None:
    async with stack.desk("hold-far") as desk:
        agent = desk.agent
        talk = await answered(desk)
        assert isinstance(talk.customer, PhoneCall)
        await talk.customer.hold()
        await agent.client.shows(lambda shown: shown["call"]["holding"] == ["customer"], "the customer holds")
        await assert_heard({talk.phone: [MUSIC_HZ]}, talk.customer.tone_hz)
        await agent.client.hold(talk.call_id)
        await agent.client.label(ON_HOLD)
        await talk.customer.resume()
        await agent.client.shows(lambda shown: shown["call"]["holding"] == [], "the customer retrieves")
        await agent.client.resume(talk.call_id)
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        await assert_heard({talk.phone: [talk.customer.tone_hz], talk.customer: [talk.phone.tone_hz]}, MUSIC_HZ)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_hold_when_the_customer_leaves_then_the_call_ends(stack: Stack) -> None:
    async with stack.desk("hold-customer-leaves") as desk:
        talk = await held(desk)
        await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []})
        await talk.customer.hang_up()
        await talk.phone.ended()
        await desk.agent.client.label(PROCESSING)
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_hold_when_the_agents_phone_hangs_up_then_the_customer_is_first_in_the_queue_with_the_same_ticket(
    stack: Stack,
) -> None:
    async with stack.desk("hold-agent-leaves") as desk:
        first, second, third = desk.agents
        await asyncio.gather(second.client.set_status("rest"), third.client.set_status("rest"))
        talk = await held(desk)
        other = await desk.call()
        begun = await talk.customer.hears(MUSIC_HZ)
        await talk.phone.hang_up()
        await first.client.label(PROCESSING)
        await assert_heard({talk.customer: [MUSIC_HZ], other.call: [MUSIC_HZ]})
        await second.ready()
        phone = await second.lift()
        await joined(phone, talk.customer)
        assert never_heard(talk.customer, talk.phone.tone_hz, begun)
        await talk.customer.hang_up()
        call = await ended(desk, talk, "completed", "customer")
        ticket = await desk.rows.ticket(call["id"])
        assert ticket["owner"] == second.cti_id
        kinds = [event["type"] for event in await desk.rows.ticket_events(ticket["id"], 4)]
        assert kinds[:3] == ["opened", "participant_added", "owner_changed"]


@side_by_side
async def test_given_a_call_out_on_hold_when_the_agents_phone_hangs_up_then_it_waits_in_the_return_queue(
    stack: Stack,
) -> None:
    async with stack.desk("hold-out") as desk:
        first, second, third = desk.agents
        await third.client.set_status("rest")
        talk = await called(desk)
        await first.client.hold(talk.call_id)
        await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []})
        await second.client.set_status("rest")
        await talk.phone.hang_up()
        await assert_heard({talk.customer: [MUSIC_HZ]})
        await second.ready()
        phone = await second.lift()
        await joined(phone, talk.customer)
        await phone.hang_up()
        await ended(desk, talk, "completed", "agent")
