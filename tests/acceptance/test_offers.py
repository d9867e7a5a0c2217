"""An offer that comes to nothing: the call keeps its place and goes to the next agent."""

import asyncio

import pytest

from tests.acceptance.agents_phone import phone_is
from tests.acceptance.hearing import assert_heard
from tests.support.agent_client import Refused
from tests.support.raw_sip import RawPhone
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import Agent, Customer, Desk, Stack


async def served(desk: Desk, agent: Agent, customer: Customer) -> None:
    """The agent lifts, both hear each other, the customer hangs up."""
    call = await agent.lift()
    await asyncio.gather(customer.call.hears(agent.tone_hz), call.hears(customer.tone_hz))
    await customer.call.hang_up()
    await call.ended()


async def test_given_the_pickup_time_is_over_then_the_second_agent_gets_the_call_and_the_first_leaves_ready(
    stack: Stack,
) -> None:
    async with stack.desk("missed") as desk:
        first, second = desk.agents
        customer = await desk.call()
        rung = await first.phone.incoming()
        assert (await first.client.event("offer.ended"))["result"] == "missed"
        await rung.ended()
        left = await first.client.label("Business (Missed call)")
        assert (left["status"], left["reason"]) == ("business", "missed")
        await served(desk, second, customer)
        assert (rung.ended_at or 0) - rung.started_at == pytest.approx(desk.furnished.room.pickup_time_s, abs=0.5)
        call = await desk.rows.call(customer.number)
        assert await desk.rows.offers_ended(call["id"], 2) == [(first.cti_id, "missed"), (second.cti_id, "answered")]
        last = (await desk.rows.changes_up_to(first.cti_id, "missed"))[-1]
        assert (last["from_state"], last["to_status"], last["reason"]) == ("ringing", "business", "missed")
        assert last["lasted_s"] == pytest.approx(desk.furnished.room.pickup_time_s, abs=0.5)


async def test_given_two_wait_when_the_first_ones_agent_misses_then_it_keeps_its_place_before_the_other(
    stack: Stack,
) -> None:
    async with stack.desk("missed") as desk:
        first, second = desk.agents
        await second.client.set_status("rest")
        earlier, later = await desk.call(), await desk.call()
        await earlier.call.hears(MUSIC_HZ)
        await (await first.phone.incoming()).ended()
        await first.client.label("Business (Missed call)")
        await assert_heard({earlier.call: [MUSIC_HZ]})
        await second.ready()
        await served(desk, second, earlier)
        assert not later.call.ended_at
        call = await desk.rows.call(earlier.number)
        assert await desk.rows.offers_ended(call["id"], 2) == [(first.cti_id, "missed"), (second.cti_id, "answered")]
        causes = [row["cause"] for row in await desk.rows.changes(first.cti_id)]
        assert "missed" in causes
        await later.call.hang_up()
        await desk.rows.call(later.number)


async def test_given_the_agent_declines_then_the_next_agent_gets_the_call_at_once_and_the_first_leaves_ready(
    stack: Stack,
) -> None:
    async with stack.desk("declined") as desk:
        first, second = desk.agents
        customer = await desk.call()
        rung = await first.phone.incoming()
        offer = (await first.client.event("offer.made"))["offer"]
        await first.client.decline(offer["offer_id"])
        await rung.ended()
        await served(desk, second, customer)
        agent = await first.client.me()
        assert (agent["status"], agent["reason"], agent["state"]) == ("business", "declined", "idle")
        call = await desk.rows.call(customer.number)
        assert await desk.rows.offers_ended(call["id"], 2) == [(first.cti_id, "declined"), (second.cti_id, "answered")]
        assert (await desk.rows.changes_up_to(first.cti_id, "declined"))[-1]["reason"] == "declined"


async def test_given_no_agent_is_ready_when_one_becomes_ready_then_the_waiting_call_is_theirs(stack: Stack) -> None:
    async with stack.desk("nobody", ready=False) as desk:
        customer = await desk.call()
        await customer.call.hears(MUSIC_HZ)
        await assert_heard({customer.call: [MUSIC_HZ]})
        assert desk.agent.phone.rang == 0
        await desk.agent.ready()
        await served(desk, desk.agent, customer)
        assert (await desk.rows.call(customer.number))["outcome"] == "completed"


async def test_given_the_phone_is_not_registered_then_its_agent_is_passed_over_and_stays_as_they_were(
    stack: Stack,
) -> None:
    async with stack.desk("unregistered") as desk:
        first, second = desk.agents
        await first.phone.unregister()
        customer = await desk.call()
        await served(desk, second, customer)
        agent = await first.client.me()
        assert (agent["status"], agent["phone"]) == ("ready", "unreachable")
        call = await desk.rows.call(customer.number)
        assert await desk.rows.offers_ended(call["id"], 1) == [(second.cti_id, "answered")]


async def test_given_the_phone_is_busy_then_its_agent_stays_ready_with_a_pause_and_the_next_agent_gets_the_call(
    stack: Stack,
) -> None:
    async with stack.desk("busy") as desk:
        first, second = desk.agents
        first.phone.rejects_all = True
        customer = await desk.call()
        await served(desk, second, customer)
        await first.client.event("offer.ended", result="busy")
        agent = await first.client.me()
        assert (agent["status"], agent["state"], agent["no_calls"]) == ("ready", "idle", ["phone_in_use"])
        call = await desk.rows.call(customer.number)
        assert await desk.rows.offers_ended(call["id"], 2) == [(first.cti_id, "busy"), (second.cti_id, "answered")]
        assert first.phone.rang == 1


async def test_given_the_phone_refuses_with_603_then_it_counts_as_declined_and_the_next_agent_gets_the_call(
    stack: Stack,
) -> None:
    async with stack.desk("refusing") as desk:
        first, second = desk.agents
        seat = desk.furnished.seats[0]
        async with RawPhone(stack.phones.registrar, seat.cti_number, seat.sip_password, 603) as refusing:
            await first.phone.unregister()
            await phone_is(first, "unreachable")
            await refusing.register()
            await phone_is(first, "reachable")
            customer = await desk.call()
            await served(desk, second, customer)
            await first.client.event("offer.ended", result="declined")
            assert refusing.rang == 1
        call = await desk.rows.call(customer.number)
        assert await desk.rows.offers_ended(call["id"], 2) == [(first.cti_id, "declined"), (second.cti_id, "answered")]


async def test_given_the_phone_answers_and_hangs_up_at_once_then_the_customer_is_not_lost(stack: Stack) -> None:
    async with stack.desk("dropping") as desk:
        first, second = desk.agents
        first.phone.answers_at_once = first.phone.hangs_up_at_once = True
        customer = await desk.call()
        await (await first.phone.incoming()).ended()
        call = await desk.rows.call(customer.number, ended=False)
        offers = await eventually(lambda: desk.rows.offers(call["id"]), lambda offers: offers and offers[0][1])
        if offers[0][1] == "answered":
            # Both were in the bridge before the BYE came: it was a conversation, and it is over.
            await customer.call.ended()
            assert (await desk.rows.call(customer.number))["outcome"] == "completed"
        else:
            await served(desk, second, customer)
        assert (await desk.rows.call(customer.number))["ended_at"]


async def test_given_a_click_for_the_previous_call_then_it_is_refused_and_the_present_call_goes_on(
    stack: Stack,
) -> None:
    async with stack.desk("late") as desk:
        agent, earlier = desk.agent, await desk.call()
        made = await agent.client.event("offer.made")
        await served(desk, agent, earlier)
        await agent.client.label("Business (Ticket Processing)")
        await agent.ready()
        later = await desk.call()
        ringing = await agent.lift()
        await agent.client.label("Talking")
        with pytest.raises(Refused) as hang_up:
            await agent.client.hang_up(made["call"]["call_id"])
        assert (hang_up.value.status, hang_up.value.code) == (409, "call_changed")
        with pytest.raises(Refused) as decline:
            await agent.client.decline(made["offer"]["offer_id"])
        assert (decline.value.status, decline.value.code) == (409, "offer_over")
        await later.call.hears(agent.tone_hz)
        since, until = await later.call.listen(0.3)
        assert later.call.heard.hears(agent.tone_hz, since, until)
        assert ringing.is_up
