"""Phones and trunk that do not have the same codecs: everybody hears everybody, at every change of partner.

Debian's Asterisk drops what it transcodes from a new source with probability 1/2, and then for minutes: a party hears
nothing of the new partner, and no event says so. So they change often, and it is counted what the
phones receive. Phones that share a codec agree on it; those that do not meet in a bridge that mixes.
"""

from collections.abc import Sequence

from tests.acceptance.calls import ON_HOLD, PROCESSING, TALKING
from tests.acceptance.raw_desk import RawAgent, RawDesk, hears, raw_desk, together
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ
from tests.support.rtp_party import PCMA, PCMU, RtpParty
from tests.support.stack import Stack

side_by_side = SideBySide(at_once=2)

BOTH = (PCMU, PCMA)
CHANGES = 8
"""Of which every other one was deaf with probability 1/2, where a colleague's codec is another: so two such calls stay
green by luck in one run of 256."""
FEW = 4
HOLDS = 3


async def consulted(agent: RawAgent, target: RawAgent, call_id: str, customer: RtpParty) -> None:
    """An agent consults another, and the two hear each other; the customer hears music."""
    await agent.client.consult(call_id, agent=target.client.cti_id)
    await target.phone.lift()
    await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
    await together(agent.phone, target.phone)
    await hears(customer, MUSIC_HZ)


async def changes_of_partner(call_id: str, customer: RtpParty, agents: Sequence[RawAgent], changes: int) -> None:
    """The agent consults and comes back; then the customer is handed from one to the other and back. Who is consulted
    stays in the bridge when the customer takes the place of who consulted: that is the change that made them deaf."""
    agent, colleague = agents
    await together(agent.phone, customer)
    await consulted(agent, colleague, call_id, customer)
    await agent.client.on_call(call_id, "consult/cancel")
    await colleague.phone.ended()
    await agent.client.label(ON_HOLD)
    await agent.client.resume(call_id)
    await agent.client.label(TALKING)
    await together(agent.phone, customer)
    await colleague.client.ready()
    for _ in range(changes):
        await consulted(agent, colleague, call_id, customer)
        await agent.client.connect(call_id)
        await agent.client.label(PROCESSING)
        await together(colleague.phone, customer)
        await agent.phone.ended()
        await agent.client.ready()
        agent, colleague = colleague, agent


@side_by_side
async def test_given_phones_with_both_codecs_and_a_trunk_with_one_when_partners_change_then_nothing_is_transcoded(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "codecs-shared", BOTH, BOTH) as desk:
        call_id, customer = await desk.talking([PCMA])
        assert [desk.agents[0].phone.codec, customer.codec] == [PCMA, PCMA]
        await changes_of_partner(call_id, customer, desk.agents, FEW)
        assert desk.agents[1].phone.codec == PCMA
        assert await bridge_type(desk, call_id) in ("simple_bridge", "native_rtp")


@side_by_side
async def test_given_phones_that_share_no_codec_with_the_trunk_when_partners_change_then_all_hear_all(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "codecs-apart", [PCMA], [PCMA]) as desk:
        call_id, customer = await desk.talking([PCMU])
        assert [desk.agents[0].phone.codec, customer.codec] == [PCMA, PCMU]
        await changes_of_partner(call_id, customer, desk.agents, FEW)
        assert await bridge_type(desk, call_id) == "softmix"


@side_by_side
async def test_given_a_colleague_with_another_codec_when_partners_change_then_all_hear_all(stack: Stack) -> None:
    await _with_another_codec(stack, "codecs-colleague")


@side_by_side
async def test_given_one_more_call_with_a_colleague_with_another_codec_then_all_hear_all_there_too(
    stack: Stack,
) -> None:
    await _with_another_codec(stack, "codecs-colleague-2")


async def _with_another_codec(stack: Stack, room: str) -> None:
    async with raw_desk(stack, room, [PCMU], [PCMA]) as desk:
        call_id, customer = await desk.talking([PCMU])
        assert await bridge_type(desk, call_id) in ("simple_bridge", "native_rtp")
        await changes_of_partner(call_id, customer, desk.agents, CHANGES)
        assert await bridge_type(desk, call_id) == "softmix"


@side_by_side
async def test_given_different_codecs_when_held_from_panel_and_phone_then_the_customer_hears_music_and_then_the_agent(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "codecs-held", [PCMA]) as desk:
        call_id, customer = await desk.talking([PCMU])
        agent = desk.agents[0]
        for _ in range(HOLDS):
            await agent.client.hold(call_id)
            await hears(customer, MUSIC_HZ)
            await agent.client.resume(call_id)
            await together(agent.phone, customer)
            await agent.phone.hold()
            await hears(customer, MUSIC_HZ)
            await agent.phone.hold(False)
            await together(agent.phone, customer)


@side_by_side
async def test_given_different_codecs_when_a_direct_transfer_is_recalled_then_sender_and_customer_talk_again(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "codecs-returned", [PCMA], [PCMU], [PCMA]) as desk:
        call_id, customer = await desk.talking([PCMU])
        agent, second, third = desk.agents
        await together(agent.phone, customer)
        await agent.client.transfer(call_id, agent=second.client.cti_id)
        await second.phone.rung()
        await agent.client.recall(call_id)
        await agent.phone.ended()
        await agent.phone.lift()
        await agent.client.label(TALKING)
        await together(agent.phone, customer)
        await agent.client.transfer(call_id, agent=third.client.cti_id)
        await third.phone.lift()
        await third.client.label(TALKING)
        await together(third.phone, customer)


async def bridge_type(desk: RawDesk, call_id: str) -> str:
    """The technology of the call's one bridge, by Asterisk's name."""
    lines = (await desk.stack.pbx.command("bridge show all")).splitlines()
    [found] = [line for line in lines if call_id in line]
    return next(word for word in found.split() if word in ("simple_bridge", "native_rtp", "softmix"))
