"""What callers meet without ever talking to an agent: leaving, waiting too long, music, numbers that do not work."""

import asyncio

from tests.acceptance.proofs import proves
from tests.support.raw_sip import RawCaller
from tests.support.rooms import ALL_BUSY_HZ, MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import MUSIC_S, Stack


async def test_given_a_caller_hangs_up_while_waiting_then_the_call_is_abandoned_waiting(stack: Stack) -> None:
    async with stack.desk("left-waiting", ready=False) as desk:
        customer = await desk.call()
        await customer.call.hears(MUSIC_HZ)
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("abandoned_waiting", "customer")
        assert call["answered_at"] is None
        assert await desk.rows.no_ticket(call["id"])
        await desk.agent.ready()
        assert (await desk.agent.client.me())["state"] == "idle"
        assert desk.agent.phone.rang == 0


async def test_given_a_caller_hangs_up_while_the_phone_rings_then_it_stops_ringing_and_the_agent_stays_ready(
    stack: Stack,
) -> None:
    async with stack.desk("left-ringing") as desk:
        agent, customer = desk.agent, await desk.call()
        ringing = await agent.phone.incoming()
        await agent.client.event("offer.made")
        await customer.call.hang_up()
        await ringing.ended(2)
        assert (await agent.client.event("offer.ended"))["result"] == "caller_left"
        shown = await agent.client.label("Ready")
        assert (shown["offer"], shown["call"]) == (None, None)
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("abandoned_ringing", "customer")
        assert await desk.rows.offers_ended(call["id"], 1) == [(agent.cti_id, "caller_left")]
        assert await desk.rows.no_ticket(call["id"])


@proves("queue", "longest_wait")
async def test_given_the_longest_wait_is_reached_then_the_message_is_heard_and_the_call_ends(stack: Stack) -> None:
    async with stack.desk("longest-wait", ready=False) as desk:
        customer = await desk.call()
        await customer.call.hears(MUSIC_HZ)
        told_at = await customer.call.hears(ALL_BUSY_HZ, for_s=0.2)
        ended_at = await customer.call.ended()
        assert ended_at >= told_at + 0.9
        assert (customer.call.heard.tone_ended(ALL_BUSY_HZ) or 0) >= told_at + 0.7, "heard to its end"
        assert customer.call.heard.hears_nothing_of(MUSIC_HZ, told_at + 0.1)
        waited = told_at - (customer.call.established_at or 0)
        assert desk.furnished.room.longest_wait_s <= waited + 0.1 <= desk.furnished.room.longest_wait_s + 1
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("queue_timeout", "system")


async def test_given_a_waiting_caller_then_the_music_has_no_hole_even_where_it_begins_again(stack: Stack) -> None:
    async with stack.desk("music", ready=False) as desk:
        customer = await desk.call()
        began = await customer.call.hears(MUSIC_HZ)
        assert began - (customer.call.established_at or 0) < 0.5
        await customer.call.listen(2 * MUSIC_S)
        assert customer.call.heard.longest_gap(MUSIC_HZ, began, customer.call.heard.ended_at) < 0.2
        assert customer.call.heard.longest_silence(began, customer.call.heard.ended_at) < 0.2


async def test_given_the_service_is_off_then_the_caller_gets_403_and_is_never_answered(stack: Stack) -> None:
    async with stack.desk("off") as desk:
        customer = await desk.dial(desk.furnished.number)
        await customer.call.ended()
        assert customer.call.final_code == 403
        assert (await desk.rows.call(customer.number))["outcome"] == "service_off"


async def test_given_a_number_that_nobody_has_then_the_caller_gets_404(stack: Stack) -> None:
    async with stack.desk("off") as desk:
        customer = await desk.dial("+82299990000")
        await customer.call.ended()
        assert customer.call.final_code == 404
        assert (await desk.rows.call(customer.number))["outcome"] == "unknown_number"


HOSTILE = {
    "quotes and markup": b'"\\"<script>alert(1)</script>" <sip:+821099990001@127.0.0.1>',
    "sql": b'"\'; drop table cti.call; --" <sip:+821099990002@127.0.0.1>',
    "not utf-8": b'"\xff\xfe\x80" <sip:+821099990003@127.0.0.1>',
    "emoji and right-to-left": '"😀\u202e\u0661" <sip:+821099990004@127.0.0.1>'.encode(),
    "very long": b'"' + b"A" * 1000 + b'" <sip:+821099990005@127.0.0.1>',
    "control characters": b'"\x01\x07\x1b[31mred" <sip:+821099990006@127.0.0.1>',
    "no number at all": b"<sip:127.0.0.1>",
    "a number that is none": b'"x" <sip:%00%0d%0a\';--@127.0.0.1>',
    "a dial string": b'"${SHELL(id)}" <sip:${SHELL(id)}@127.0.0.1>',
    "long digits": b'"x" <sip:+' + b"9" * 200 + b"@127.0.0.1>",
    "anonymous": b'"Anonymous" <sip:anonymous@anonymous.invalid>',
}


async def test_given_hostile_names_and_numbers_then_each_call_is_offered_or_refused_and_the_bridge_goes_on(
    stack: Stack,
) -> None:
    async with stack.desk("hostile") as desk:
        agent = desk.agent
        before = len(stack.bridge.complaints())
        offered = 0
        for what, from_ in HOSTILE.items():
            async with RawCaller(stack.phones.registrar) as caller:
                code = await caller.call(desk.furnished.number, from_)
                if code != 200:
                    # Asterisk itself refuses it, or drops it without a word.
                    assert code == 0 or 400 <= code < 500, what
                    continue
                offered += 1
                shown = (await agent.client.event("offer.made"))["call"]
                assert len(shown["customer_name"]) <= 200, what
                assert not [c for c in shown["customer_name"] + (shown["customer_number"] or "") if ord(c) < 32], what
                ringing = await agent.phone.incoming()
                await caller.hang_up()
                await ringing.ended()
                await agent.client.event("offer.ended")
        customer = await desk.call()
        await agent.lift()
        await customer.call.hears(agent.tone_hz)
        assert stack.bridge.complaints()[before:] == []
        await customer.call.hang_up()
        query = "select customer_number from cti.call where queue = $1 and ended_at is not null"
        look = lambda: desk.rows.fetch(query, desk.furnished.queues[0])  # noqa: E731
        rows = await eventually(look, lambda rows: len(rows) == offered + 1)
        assert offered >= 5
        assert all(len(row["customer_number"] or "") <= 80 for row in rows)


async def test_given_callers_who_hang_up_at_once_then_every_one_of_them_is_abandoned_and_none_stays(
    stack: Stack,
) -> None:
    async with stack.desk("left-waiting", ready=False) as desk:
        customers = await asyncio.gather(*(desk.dial(desk.furnished.number) for _ in range(5)))
        await asyncio.gather(*(customer.call.established() for customer in customers))
        await asyncio.gather(*(customer.call.hang_up() for customer in customers))
        rows = [await desk.rows.call(customer.number) for customer in customers]
        assert {row["outcome"] for row in rows} == {"abandoned_waiting"}
