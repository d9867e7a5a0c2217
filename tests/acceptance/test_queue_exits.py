"""Calls leave a queue without an agent, on a real Asterisk: full, nobody works, closed, by a key; by what callers hear
and by the rows."""

import time

from tests.acceptance.hearing import joined
from tests.acceptance.proofs import KEY, proves
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import ALL_BUSY_HZ, FORCED_HZ, GREETING_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.rows import Row, eventually
from tests.support.stack import Customer, Desk, Stack

side_by_side = SideBySide()


async def visits(desk: Desk, customer: Customer, exit_: str) -> list[Row]:
    """The visits of the call, when the last has ended so."""

    async def rows() -> list[Row]:
        query = "select v.* from cti.queue_visit v join cti.call c on c.id = v.call_id where c.customer_number = $1"
        return await desk.rows.fetch(f"{query} order by v.seq", customer.number)

    return await eventually(rows, lambda found: bool(found) and found[-1]["exit"] == exit_)


async def closes(desk: Desk) -> float:
    """Somebody sets the opening hours to closed."""
    body = {"state": "closed", "until": None}
    await desk.stack.bridge.ask(f"/hours/{desk.furnished.room.name}/override", body, "PUT")
    return time.monotonic()


@proves("queue", KEY)
@side_by_side
async def test_given_a_key_then_the_caller_hears_a_message_and_is_back_with_the_place_kept(stack: Stack) -> None:
    async with stack.desk("exit-key", ready=False) as desk:
        await desk.agent.client.set_status("business")
        first = await desk.call()
        await first.call.hears(MUSIC_HZ)
        second = await desk.call()
        await second.call.hears(MUSIC_HZ)
        await first.call.send_digits("1")
        told_at = await first.call.hears(GREETING_HZ)
        await first.call.hears(MUSIC_HZ, since=told_at)
        await desk.agent.ready()
        phone = await desk.agent.lift()
        await joined(phone, first.call)
        await first.call.hang_up()
        (visit,) = await visits(desk, first, "answered")
        steps = await desk.rows.fetch(
            "select exit from cti.scenario_step where call_id = $1 order by seq", visit["call_id"]
        )
        assert [row["exit"] for row in steps] == ["1", "next"]
        assert (visit["seq"], visit["offers"], visit["answered_by"]) == (1, 1, desk.agent.cti_id)
        await second.call.hang_up()
        await visits(desk, second, "abandoned")


@side_by_side
async def test_given_a_key_while_a_phone_rings_then_it_acts_when_the_offer_has_come_to_nothing(stack: Stack) -> None:
    async with stack.desk("exit-ringing") as desk:
        customer = await desk.call()
        rung = await desk.agent.phone.incoming()
        offer = (await desk.agent.client.event("offer.made"))["offer"]
        await customer.call.hears(MUSIC_HZ)
        await customer.call.send_digits("1")
        await customer.call.hears(MUSIC_HZ, for_s=0.5)
        await desk.agent.client.decline(offer["offer_id"])
        await rung.ended()
        await customer.call.hears(GREETING_HZ)
        await customer.call.hang_up()
        (visit,) = await visits(desk, customer, "key")
        assert (visit["offers"], visit["exit_to"]) == (1, "told")


@proves("queue", "full")
@side_by_side
async def test_given_a_full_queue_then_one_more_caller_hears_the_message_of_its_exit(stack: Stack) -> None:
    async with stack.desk("exit-full", ready=False) as desk:
        await desk.agent.client.set_status("business")
        first = await desk.call()
        await first.call.hears(MUSIC_HZ)
        second = await desk.call()
        await second.call.hears(WARNING_HZ)
        await second.call.ended()
        call = await desk.rows.call(second.number)
        assert (call["outcome"], call["ended_by"]) == ("queue_full", "system")
        (visit,) = await visits(desk, second, "full")
        assert visit["entered_at"] == visit["left_at"]
        await first.call.hang_up()


@proves("queue", "no_agents")
@side_by_side
async def test_given_the_last_agent_goes_to_rest_then_who_waits_leaves_after_a_while_and_who_is_new_at_once(
    stack: Stack,
) -> None:
    async with stack.desk("exit-nobody") as desk:
        talk = await desk.call()
        await desk.agent.lift()
        waiting = await desk.call()
        await waiting.call.hears(MUSIC_HZ)
        await talk.call.hang_up()
        await desk.agent.client.label("Business (Ticket Processing)")
        await waiting.call.hears(MUSIC_HZ, for_s=0.5)
        await desk.agent.client.set_status("rest")
        gone_at = time.monotonic()
        told_at = await waiting.call.hears(ALL_BUSY_HZ)
        assert 2 <= told_at - gone_at + 0.3 <= 2 + 1.3
        new = await desk.call()
        heard_at = await new.call.hears(ALL_BUSY_HZ)
        assert heard_at - (new.call.established_at or 0) < 1
        await new.call.ended()
        assert (await desk.rows.call(new.number))["outcome"] == "no_agents"
        await visits(desk, waiting, "no_agents")


@proves("queue", "closed")
@side_by_side
async def test_serve_given_closing_time_then_who_waits_is_served_and_who_is_new_leaves(stack: Stack) -> None:
    async with stack.desk("exit-serve", ready=False) as desk:
        await desk.agent.client.set_status("business")
        waiting = await desk.call()
        await waiting.call.hears(MUSIC_HZ)
        await closes(desk)
        new = await desk.call()
        await new.call.hears(FORCED_HZ)
        await new.call.ended()
        call = await desk.rows.call(new.number)
        assert call["outcome"] == "closed"
        assert await desk.rows.fetch("select 1 from cti.queue_visit where call_id = $1::uuid", call["id"]) == []
        await desk.agent.ready()
        phone = await desk.agent.lift()
        await joined(phone, waiting.call)
        await waiting.call.hang_up()
        await visits(desk, waiting, "answered")


@proves("queue", "closed")
@side_by_side
async def test_leave_given_closing_time_then_who_waits_leaves_at_once_and_the_phone_that_rings_connects(
    stack: Stack,
) -> None:
    async with stack.desk("exit-leave") as desk:
        ringing = await desk.call()
        phone = await desk.agent.phone.incoming()
        waiting = await desk.call()
        await waiting.call.hears(MUSIC_HZ)
        closed_at = await closes(desk)
        told_at = await waiting.call.hears(FORCED_HZ)
        assert told_at - closed_at < 1
        await phone.answer()
        await joined(phone, ringing.call)
        await ringing.call.hang_up()
        await visits(desk, ringing, "answered")
        await visits(desk, waiting, "closed")


@proves("queue", "after_talk")
@side_by_side
async def test_given_the_agent_ends_the_talk_then_the_caller_is_asked_and_the_agent_is_free(stack: Stack) -> None:
    async with stack.desk("after-talk") as desk:
        customer = await desk.call()
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        began_at = time.monotonic()
        await phone.hang_up()
        await customer.call.hears(GREETING_HZ, since=began_at)
        await desk.agent.client.label("Business (Ticket Processing)")
        await customer.call.send_digits("1")
        await customer.call.hears(ALL_BUSY_HZ)
        await customer.call.ended()
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("completed", "system")
        (visit,) = await visits(desk, customer, "answered")
        assert (visit["answered_by"], visit["talk_s"] is not None) == (desk.agent.cti_id, True)
