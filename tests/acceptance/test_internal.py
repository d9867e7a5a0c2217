"""A call to a colleague, without a customer (requirement E12): who hears whom, the rows, and an emergency call."""

import pytest

from tests.acceptance.calls import DIALING, ON_HOLD, TALKING, nothing_left
from tests.acceptance.hearing import RING_HZ, assert_heard, joined
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.story import assert_gapless
from tests.support.agent_client import Json, Refused
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import Agent, Desk, Stack

side_by_side = SideBySide()


async def calls(desk: Desk, agent: Agent, other: Agent) -> tuple[str, PhoneCall, PhoneCall]:
    """The agent calls the colleague; both lift, and hear each other."""
    reply: Json = await agent.client.request("POST", "/me/dial", {"agent": other.cti_id})
    phone = await agent.lift()
    await agent.client.label(DIALING)
    rung = await other.phone.incoming()
    await phone.hears(RING_HZ)
    shown = await other.client.label("Ringing")
    assert shown["call"]["direction"] == "internal"
    await rung.answer()
    for each in (agent, other):
        await each.client.label(TALKING)
    await joined(phone, rung)
    return reply["call_id"], phone, rung


async def row(desk: Desk, call_id: str) -> Json:
    """The row of the call, when it has ended."""
    query = "select * from cti.call where id = $1::uuid and ended_at is not null"
    found = await eventually(lambda: desk.rows.fetch(query, call_id), bool)
    return dict(found[0])


@side_by_side
async def test_given_a_colleague_when_they_are_called_then_the_two_talk_hold_and_hang_up_and_are_what_they_were(
    stack: Stack,
) -> None:
    async with stack.desk("internal") as desk:
        agent, other = desk.agents[:2]
        await other.client.set_status("rest")
        call_id, phone, rung = await calls(desk, agent, other)
        for holder, heard, silent in ((agent, rung, phone), (other, phone, rung)):
            await holder.client.hold(call_id)
            await holder.client.label(ON_HOLD)
            await assert_heard({heard: [MUSIC_HZ], silent: []})
            await holder.client.resume(call_id)
            await joined(phone, rung)
        await rung.hang_up()
        await phone.ended()
        await agent.client.label("Ready")
        await other.client.label("Rest")
        call = await row(desk, call_id)
        assert (call["direction"], call["outcome"], call["ended_by"]) == ("internal", "completed", "target")
        assert (call["first_cti_id"], call["last_cti_id"], call["queue"]) == (agent.cti_id, other.cti_id, None)
        assert not await desk.rows.fetch("select 1 from cti.ticket where call_id = $1::uuid", call_id)
        offers = await desk.rows.fetch("select kind, queue, result from cti.offer where call_id = $1::uuid", call_id)
        assert [tuple(offer.values()) for offer in offers] == [("internal", None, "answered")]
        await nothing_left(stack, call_id, "no number")
        for each in (agent, other):
            await assert_gapless(desk.rows, each.cti_id)


@side_by_side
async def test_given_a_colleague_who_is_in_a_call_or_declines_then_the_caller_is_told(stack: Stack) -> None:
    async with stack.desk("internal-busy") as desk:
        agent, other, third = desk.agents[:3]
        call_id, phone, rung = await calls(desk, agent, other)
        with pytest.raises(Refused) as refused:
            await third.client.request("POST", "/me/dial", {"agent": other.cti_id})
        assert refused.value.code == "target_not_ready"
        await agent.client.hang_up(call_id)
        await rung.ended()
        await phone.ended()
        reply = await third.client.request("POST", "/me/dial", {"agent": other.cti_id})
        own = await third.lift()
        await other.phone.incoming()
        await other.client.decline((await other.client.label("Ringing"))["offer"]["offer_id"])
        await own.ended()
        assert (await row(desk, reply["call_id"]))["outcome"] == "rejected"
        await other.client.label("Ready")


@side_by_side
async def test_given_a_colleagues_number_on_the_phones_own_keypad_then_they_are_called(stack: Stack) -> None:
    async with stack.desk("internal-keypad") as desk:
        agent, other = desk.agents[:2]
        phone = await agent.phone.dial(other.cti_number)
        rung = await other.phone.incoming()
        await rung.answer()
        await agent.client.label(TALKING)
        await joined(phone, rung)
        await phone.hang_up()
        await rung.ended()
        await agent.client.label("Ready")
