"""A phone that holds by its own key, whoever's it is: after every exit from a bridge each hears exactly one stream, and
the right one. Packets are counted: voice and music at once are twice as many."""

from __future__ import annotations

import asyncio

from tests.acceptance.calls import ON_HOLD, PROCESSING, TALKING
from tests.acceptance.raw_desk import RawAgent, RawDesk, hears, raw_desk, together
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.rtp_party import PCMA, PCMU, RtpParty
from tests.support.stack import Stack

side_by_side = SideBySide(at_once=2)

LONG_S = 1.0
MOST = 1.5 * LONG_S / 0.02
"""Packets of one stream in that time; two are twice what is due."""
LOOKS = 3
"""A busy machine delivers late packets at once; two streams stay two."""


async def music_once(party: RtpParty, *never: RtpParty) -> None:
    """It hears music, one stream of it, and none of the others."""
    await hears(party, MUSIC_HZ)
    await _one_stream(party, *never)


async def talk_once(first: RtpParty, second: RtpParty) -> None:
    """They hear each other, one stream each, and no music."""
    await together(first, second)
    for party in (first, second):
        assert not (await _one_stream(party)), "music in a talk"


async def _one_stream(party: RtpParty, *never: RtpParty) -> bool:
    for look in range(LOOKS):
        heard = await party.hear(LONG_S)
        if heard.packets <= MOST:
            break
        assert look < LOOKS - 1, f"{heard.packets} packets in {LONG_S} s"
    for other in never:
        assert not heard.hears(other.hz), f"the party of {party.hz} Hz hears {other.hz} Hz"
    return heard.hears(MUSIC_HZ)


async def shows_holding(agent: RawAgent, *roles: str) -> None:
    await agent.client.shows(lambda shown: shown["call"]["holding"] == list(roles), f"{roles} hold")


@side_by_side
async def test_given_the_customers_side_holds_then_the_agent_has_music_and_is_told_whatever_the_agent_does_meanwhile(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "far-hold", [PCMU]) as desk:
        await _customer_holds(desk, [PCMU])


@side_by_side
async def test_given_different_codecs_when_the_customers_side_holds_then_it_is_the_same(stack: Stack) -> None:
    async with raw_desk(stack, "far-hold-codecs", [PCMA]) as desk:
        await _customer_holds(desk, [PCMU])


async def _customer_holds(desk: RawDesk, codecs: list[str]) -> None:
    call_id, customer = await desk.talking(codecs)
    agent = desk.agents[0]
    await talk_once(agent.phone, customer)
    await customer.hold()
    await shows_holding(agent, "customer")
    await music_once(agent.phone)
    await customer.hold(False)
    await shows_holding(agent)
    await talk_once(agent.phone, customer)
    # The agent holds too, and the customer retrieves first.
    await customer.hold()
    await agent.client.hold(call_id)
    await agent.client.label(ON_HOLD)
    await customer.hold(False)
    await agent.client.resume(call_id)
    await agent.client.label(TALKING)
    await talk_once(agent.phone, customer)
    # The agent resumes first.
    await customer.hold()
    await agent.client.hold(call_id)
    await agent.client.resume(call_id)
    await agent.client.label(TALKING)
    await music_once(agent.phone)
    await customer.hold(False)
    await talk_once(agent.phone, customer)
    # Both by the phone's key, in either order.
    for first, second in ((agent.phone, customer), (customer, agent.phone)):
        await first.hold()
        await second.hold()
        await agent.client.label(ON_HOLD)
        await first.hold(False)
        await second.hold(False)
        await agent.client.label(TALKING)
        await shows_holding(agent)
        await talk_once(agent.phone, customer)


@side_by_side
async def test_given_key_and_command_at_once_then_no_music_stays_behind(stack: Stack) -> None:
    async with raw_desk(stack, "far-hold-at-once", [PCMU]) as desk:
        call_id, customer = await desk.talking()
        agent = desk.agents[0]
        for way in ("sendonly", "inactive", "0.0.0.0", "sendonly"):
            await asyncio.gather(customer.hold(way=way), agent.client.hold(call_id))
            await shows_holding(agent, "customer")
            await customer.hold(False)
            await agent.client.resume(call_id)
            await shows_holding(agent)
            await talk_once(agent.phone, customer)


@side_by_side
async def test_given_holds_in_a_consultation_then_who_is_left_has_music_once_and_whoever_is_joined_too(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "far-hold-consult", [PCMU], [PCMU]) as desk:
        call_id, customer = await desk.talking()
        agent, colleague = desk.agents
        # The agent's own phone holds while the colleague is rung and lifts.
        await agent.phone.hold()
        await agent.client.label(ON_HOLD)
        await agent.client.consult(call_id, agent=colleague.client.cti_id)
        await colleague.phone.lift()
        await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
        await shows_holding(colleague, "agent")
        await music_once(colleague.phone, agent.phone)
        await agent.phone.hold(False)
        await talk_once(agent.phone, colleague.phone)
        await music_once(customer, agent.phone, colleague.phone)
        # The colleague holds, and is let go while it does.
        await colleague.phone.hold()
        await shows_holding(agent, "target")
        await music_once(agent.phone, colleague.phone)
        await agent.client.on_call(call_id, "consult/cancel")
        await colleague.phone.ended()
        await agent.client.label(ON_HOLD)
        await agent.client.resume(call_id)
        await talk_once(agent.phone, customer)
        # The customer's side holds, and is joined with somebody new.
        await colleague.client.ready()
        await agent.client.consult(call_id, agent=colleague.client.cti_id)
        await colleague.phone.lift()
        await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
        await customer.hold()
        await talk_once(agent.phone, colleague.phone)
        await agent.client.connect(call_id)
        await agent.client.label(PROCESSING)
        await colleague.client.label(TALKING)
        await shows_holding(colleague, "customer")
        await music_once(colleague.phone)
        await customer.hold(False)
        await talk_once(colleague.phone, customer)


@side_by_side
async def test_given_a_new_agreement_on_a_held_session_then_whoever_holds_as_before_still_does(stack: Stack) -> None:
    """INVITE (inactive), INVITE without an offer, ACK (sendonly): so gateways hold and play music of their own.
    Asterisk tells a retrieve at the second INVITE, and nothing at the ACK."""
    async with raw_desk(stack, "far-hold-anew", [PCMU]) as desk:
        call_id, customer = await desk.talking()
        agent = desk.agents[0]
        await customer.agree_anew("sendrecv")
        await talk_once(agent.phone, customer)
        await customer.hold()
        await shows_holding(agent, "customer")
        for way in ("sendonly", "inactive"):
            await customer.agree_anew(way)
            await music_once(agent.phone, customer)
            await shows_holding(agent, "customer")
        await customer.agree_anew("sendrecv")
        await shows_holding(agent)
        await talk_once(agent.phone, customer)
        # The first that is heard of a hold may be such an answer, and the agent's phone may be the one.
        await agent.phone.agree_anew("sendonly")
        await agent.client.label(ON_HOLD)
        await agent.phone.agree_anew("sendonly")
        await music_once(customer, agent.phone)
        await agent.phone.hold(False)
        await agent.client.label(TALKING)
        await talk_once(agent.phone, customer)
        keys = ["held", "resumed"]
        await eventually(
            lambda: stack.rows.call_events(call_id), lambda rows: [r["type"] for r in rows if r["type"] in keys] == keys
        )
