"""Swap and three together (requirements E10, E11): who hears whom, measured, and who talks on is not interrupted."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from tests.acceptance.calls import CONSULTING, ON_HOLD, PROCESSING, TALKING, Talk, answered, called, causes, ended
from tests.acceptance.consultation import consulting, with_music
from tests.acceptance.hearing import assert_heard, joined, never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import AgentClient
from tests.support.party import Party
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()
GAP_S = 0.2
"""Who talks on hears the other without a longer gap, whoever comes or goes."""
SETTLED_S = 1.0


@asynccontextmanager
async def talking_on(first: Party, second: Party) -> AsyncIterator[None]:
    """The two talk on while something happens to others: neither loses the other for long."""
    since = time.monotonic()
    yield
    await asyncio.gather(first.listen(SETTLED_S), second.listen(SETTLED_S))
    for party, other in ((first, second), (second, first)):
        gap = party.heard.longest_gap(other.tone_hz, since, party.heard.ended_at)
        assert gap <= GAP_S, f"the party of {party.tone_hz} Hz lost {other.tone_hz} Hz for {gap:.2f} s"


async def all_three(talk: Talk, target: Party) -> None:
    """Each hears the two others, and nothing else."""
    parties = (talk.customer, talk.phone, target)
    await assert_heard({party: [other.tone_hz for other in parties if other is not party] for party in parties})


async def swapped(talk: Talk, target: Party) -> None:
    """Agent and customer hear each other, and the target hears music."""
    await assert_heard({talk.customer: [talk.phone.tone_hz], talk.phone: [talk.customer.tone_hz], target: [MUSIC_HZ]})


def asks(client: AgentClient, talk: Talk, what: str, **body: str) -> Awaitable[object]:
    return client.on_call(talk.call_id, f"consult/{what}", **body)


@side_by_side
async def test_given_a_consultation_when_swapped_then_who_is_not_talked_to_has_music_and_digits_go_to_the_other(
    stack: Stack,
) -> None:
    async with stack.desk("swap") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        for _ in range(2):
            await asks(agent.client, talk, "swap")
            await swapped(talk, rung)
            shown = await agent.client.label(CONSULTING)
            assert shown["call"]["consult"]["state"] == "held"
            await target.client.label(TALKING)
            await asks(agent.client, talk, "swap")
            await with_music(talk, rung)
        assert never_heard(talk.customer, rung.tone_hz), "the customer has heard the consultation"
        await asks(agent.client, talk, "swap")
        await agent.client.on_call(talk.call_id, "dtmf", digits="12", to="customer")
        await swapped(talk, rung)
        assert getattr(talk.customer, "digits", "12") == "12"
        await asks(agent.client, talk, "connect")
        await agent.client.label(PROCESSING)
        await talk.phone.ended()
        await joined(rung, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        assert await causes(desk, agent, "transferred") == ["offered", "answered", "consult", "transferred"]
        for each in (agent, target):
            await assert_gapless(desk.rows, each.cti_id)


@side_by_side
async def test_given_the_agent_has_swapped_to_the_customer_when_the_target_goes_then_the_two_talk_on(
    stack: Stack,
) -> None:
    async with stack.desk("swap-target-goes") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        for how in ("cancel", "hangs up"):
            rung = await consulting(desk, talk, target)
            await asks(agent.client, talk, "swap")
            await swapped(talk, rung)
            async with talking_on(talk.customer, talk.phone):
                await (asks(agent.client, talk, "cancel") if how == "cancel" else rung.hang_up())
                await rung.ended()
                await agent.client.label(TALKING)
            await joined(talk.phone, talk.customer)
            await target.ready()
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_consultation_when_all_are_joined_then_each_hears_both_and_who_leaves_interrupts_nobody(
    stack: Stack,
) -> None:
    async with stack.desk("three-leave") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        async with talking_on(talk.phone, rung):
            await asks(agent.client, talk, "join")
            await all_three(talk, rung)
        for each in (agent, target):
            await each.client.label(TALKING)
        async with talking_on(talk.customer, rung):
            await asks(agent.client, talk, "leave")
            await talk.phone.ended()
            await agent.client.label(PROCESSING)
        await joined(rung, talk.customer)
        ticket = await desk.rows.ticket(talk.call_id)
        assert ticket["owner"] == target.cti_id
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        events = await desk.rows.ticket_events(ticket["id"], 5)
        assert [event["type"] for event in events] == [
            "opened",
            "participant_added",
            "call_event",
            "owner_changed",
            "call_event",
        ]
        assert await causes(desk, agent, "transferred") == [
            "offered",
            "answered",
            "consult",
            "connected",
            "transferred",
        ]


@side_by_side
async def test_given_three_when_the_target_is_taken_out_or_goes_then_agent_and_customer_talk_on(stack: Stack) -> None:
    async with stack.desk("three-target-goes") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        for how in ("taken out", "hangs up"):
            rung = await consulting(desk, talk, target)
            await asks(agent.client, talk, "swap")
            await swapped(talk, rung)
            async with talking_on(talk.phone, talk.customer):
                await asks(agent.client, talk, "join")
                await all_three(talk, rung)
                await (asks(agent.client, talk, "remove", party="target") if how == "taken out" else rung.hang_up())
                await rung.ended()
                await target.client.label(PROCESSING)
            await joined(talk.phone, talk.customer)
            await agent.client.label(TALKING)
            await target.ready()
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_three_when_the_customer_is_taken_out_then_agent_and_target_talk_on(stack: Stack) -> None:
    async with stack.desk("three-customer-out") as desk:
        agent, other = desk.agent, desk.outside()
        talk = await called(desk)
        await agent.client.consult(talk.call_id, number=other.number)
        far = await other.incoming()
        await far.answer()
        await with_music(talk, far)
        await asks(agent.client, talk, "join")
        await all_three(talk, far)
        async with talking_on(talk.phone, far):
            await asks(agent.client, talk, "remove", party="customer")
            await talk.customer.ended()
        await joined(talk.phone, far)
        shown = await agent.client.label(CONSULTING)
        assert shown["call"]["consult"]["state"] == "alone"
        await far.hang_up()
        await ended(desk, talk, "completed", "agent")


@side_by_side
async def test_given_three_when_a_phone_holds_by_its_key_then_the_others_talk_on_and_nobody_has_music(
    stack: Stack,
) -> None:
    async with stack.desk("three-hold-key") as desk:
        agent, target = desk.agents[:2]
        talk = await answered(desk)
        rung = await consulting(desk, talk, target)
        await asks(agent.client, talk, "join")
        await all_three(talk, rung)
        async with talking_on(talk.customer, rung):
            await talk.phone.hold()
            await agent.client.shows(lambda shown: shown["call"]["holding"] == ["agent"], "that the phone holds")
        await assert_heard({talk.customer: [rung.tone_hz], rung: [talk.customer.tone_hz]})
        await talk.phone.resume()
        await all_three(talk, rung)
        await talk.phone.hold()
        await agent.client.shows(lambda shown: shown["call"]["holding"] == ["agent"], "that the phone holds")
        await asks(agent.client, talk, "remove", party="target")
        await agent.client.label(ON_HOLD)
        await assert_heard({talk.customer: [MUSIC_HZ]}, talk.phone.tone_hz)
        await talk.phone.resume()
        await joined(talk.phone, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
