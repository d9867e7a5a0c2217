"""Direct transfer (requirement E5): the agent is gone at once, and the customer is never lost, whoever answers,
fails or leaves."""

import asyncio

import pytest

from tests.acceptance.calls import PROCESSING, TALKING, Talk, answered, called, causes, ended
from tests.acceptance.hearing import RING_HZ, assert_heard, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import Refused
from tests.support.outside import PROGRESS
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Desk, Stack

side_by_side = SideBySide()


async def sent(desk: Desk, talk: Talk, **target: str) -> None:
    """The first agent sends the call on, and is out of it."""
    await desk.agent.client.transfer(talk.call_id, **target)
    await talk.phone.ended()


@side_by_side
async def test_given_a_transfer_to_an_agent_when_answered_then_it_is_that_agents_ordinary_call(stack: Stack) -> None:
    async with stack.desk("transfer") as desk:
        agent, target, _ = desk.agents
        talk = await answered(desk)
        await sent(desk, talk, agent=target.cti_id)
        await agent.client.label(PROCESSING)
        rung = await target.phone.incoming()
        assert talk.number in rung.caller
        await target.client.label("Ringing")
        await talk.customer.hears(RING_HZ)
        await rung.answer()
        await target.client.label(TALKING)
        await joined(rung, talk.customer)
        assert never_heard(talk.customer, talk.phone.tone_hz, rung.established_at)
        ticket = await desk.rows.ticket(talk.call_id)
        assert ticket["owner"] == target.cti_id
        await target.client.hold(talk.call_id)
        await assert_heard({talk.customer: [MUSIC_HZ], rung: []})
        await target.client.resume(talk.call_id)
        await joined(rung, talk.customer)
        await rung.hang_up()
        await target.client.label(PROCESSING)
        await ended(desk, talk, "completed", "agent")
        events = await desk.rows.ticket_events(ticket["id"], 4)
        assert [event["type"] for event in events] == ["opened", "participant_added", "owner_changed", "call_event"]
        assert await causes(desk, agent, "transferred") == ["offered", "answered", "transferred"]
        for each in (agent, target):
            await assert_gapless(desk.rows, each.cti_id)


@side_by_side
async def test_given_a_transfer_to_a_number_that_plays_something_before_it_answers_then_the_customer_hears_it(
    stack: Stack,
) -> None:
    async with stack.desk("transfer-early") as desk:
        other = desk.outside(PROGRESS)
        talk = await answered(desk)
        await sent(desk, talk, number=other.number)
        far = await other.incoming()
        await assert_heard({talk.customer: [far.tone_hz]})
        assert far.established_at is None
        await far.answer()
        await desk.agent.client.label(PROCESSING)
        await joined(far, talk.customer)
        await far.hang_up()
        await talk.customer.ended()
        await ended(desk, talk, "completed", "target")


@side_by_side
async def test_given_a_transfer_to_an_outside_number_when_answered_then_it_talks_to_the_customer(stack: Stack) -> None:
    async with stack.desk("transfer-outside") as desk:
        other = desk.outside()
        talk = await answered(desk)
        await sent(desk, talk, number=other.number)
        far = await other.incoming()
        assert far.identities == {desk.furnished.calling_number}
        await talk.customer.hears(RING_HZ)
        await far.answer()
        await joined(far, talk.customer)
        await talk.customer.hang_up()
        await far.ended()
        call = await ended(desk, talk, "completed", "customer")
        ticket = await desk.rows.ticket(call["id"])
        assert ticket["owner"] == desk.agent.cti_id
        events = await desk.rows.ticket_events(ticket["id"], 3)
        assert [event["type"] for event in events] == ["opened", "participant_added", "call_event"]


async def comes_back(talk: Talk, agent: Agent) -> None:
    """The call is offered to its sender again, who answers."""
    back = await agent.phone.incoming()
    shown = await agent.client.label("Ringing")
    assert shown["call"]["call_id"] == talk.call_id
    await talk.customer.hears(MUSIC_HZ, since=back.started_at)
    await back.answer()
    await agent.client.label(TALKING)
    await joined(back, talk.customer)


@side_by_side
async def test_given_a_transfer_fails_then_it_comes_back_to_its_sender(stack: Stack) -> None:
    async with stack.desk("transfer-fails") as desk:
        agent, target, _ = desk.agents
        talk = await answered(desk)
        await sent(desk, talk, agent=target.cti_id)
        await target.phone.incoming()
        await target.client.decline((await target.client.me())["offer"]["offer_id"])
        await target.client.label("Business (Declined call)")
        await comes_back(talk, agent)
        await talk.customer.hang_up()
        call = await ended(desk, talk, "completed", "customer")
        ticket = await desk.rows.ticket(call["id"])
        assert ticket["owner"] == agent.cti_id
        offers = await desk.rows.offers_ended(call["id"], 3)
        assert offers == [(agent.cti_id, "answered"), (target.cti_id, "declined"), (agent.cti_id, "answered")]


@side_by_side
async def test_given_a_transfer_to_an_outside_number_fails_then_it_comes_back_to_its_sender(stack: Stack) -> None:
    async with stack.desk("transfer-out-fails") as desk:
        other = desk.outside(486)
        talk = await called(desk)
        await sent(desk, talk, number=other.number)
        await comes_back(talk, desk.agent)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_transfer_fails_when_the_sender_has_gone_then_the_customer_is_first_in_the_queue(
    stack: Stack,
) -> None:
    async with stack.desk("transfer-gone") as desk:
        agent, target, third = desk.agents
        await third.client.set_status("rest")
        talk = await answered(desk)
        await sent(desk, talk, agent=target.cti_id)
        await agent.client.label(PROCESSING)
        await agent.client.log_out()
        other = await desk.call()
        rung = await target.phone.incoming()
        await rung.reject()
        await talk.customer.hears(MUSIC_HZ, since=rung.started_at)
        await other.call.hears(MUSIC_HZ)
        await third.ready()
        phone = await third.lift()
        await joined(phone, talk.customer)
        await phone.hang_up()
        await ended(desk, talk, "completed", "agent")
        assert (await desk.rows.ticket(talk.call_id))["owner"] == third.cti_id


@side_by_side
async def test_given_a_transfer_rings_when_the_sender_recalls_it_then_the_target_is_quiet_and_it_is_back_at_once(
    stack: Stack,
) -> None:
    async with stack.desk("transfer-recall") as desk:
        agent, target, third = desk.agents
        talk = await answered(desk)
        await sent(desk, talk, agent=target.cti_id)
        rung = await target.phone.incoming()
        with pytest.raises(Refused) as refused:
            await third.client.recall(talk.call_id)
        assert refused.value.code == "not_found"
        await agent.client.recall(talk.call_id)
        await rung.ended()
        await target.client.label("Ready")
        await comes_back(talk, agent)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_transfer_rings_when_the_customer_leaves_then_the_target_is_quiet(stack: Stack) -> None:
    async with stack.desk("transfer-customer-leaves") as desk:
        target = desk.agents[1]
        talk = await answered(desk)
        await sent(desk, talk, agent=target.cti_id)
        rung = await target.phone.incoming()
        await talk.customer.hang_up()
        await rung.ended()
        await target.client.label("Ready")
        await ended(desk, talk, "completed", "customer")
        await asyncio.gather(
            *(each.client.shows(lambda shown: shown["call"] is None, "nothing") for each in desk.agents)
        )


@side_by_side
async def test_given_a_call_out_without_a_return_queue_when_a_transfer_fails_and_nobody_takes_it_then_it_ends_in_words(
    stack: Stack,
) -> None:
    async with stack.desk("transfer-no-queue") as desk:
        agent, target = desk.agents
        talk = await called(desk)
        await sent(desk, talk, agent=target.cti_id)
        await agent.client.label(PROCESSING)
        await agent.client.log_out()
        rung = await target.phone.incoming()
        await rung.reject()
        began = await talk.customer.ended()
        assert began - rung.started_at > 1, "there was no time for the message"
        await ended(desk, talk, "transfer_failed", "system")
