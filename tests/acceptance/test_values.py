"""Values of a call on a real Asterisk: digits that are entered, what the house answers, and whom lists refuse."""

import json
import time

from tests.acceptance.hearing import joined, never_heard
from tests.acceptance.proofs import CASE, proves
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.agent_client import Json
from tests.support.house import Says
from tests.support.rooms import GREETING_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.stack import Customer, Desk, Stack

side_by_side = SideBySide()
PIN = "86420975"
DIGITS_WITHIN_S = 5.0


async def entered(stack: Stack, desk: Desk, *, says: Says | None = None) -> Customer:
    """The same, with the house saying this of them."""
    caller = stack.next_caller()
    if says is not None:
        stack.house.answers[caller] = says
    customer = await desk.call(caller=caller)
    await customer.call.hears(GREETING_HZ)
    await customer.call.send_digits("123#")
    await customer.call.hears(WARNING_HZ)
    await customer.call.send_digits(PIN)
    return customer


def on_disk(stack: Stack) -> bytes:
    """All that the bridge has written: spool and log."""
    files = stack.bridge.log.parent.iterdir()
    return b"".join(file.read_bytes() for file in files if file.is_file())


@proves("collect", "next")
@proves("lookup", "found")
@proves("branch", CASE)
@proves("set", "next")
@side_by_side
async def test_given_digits_and_an_answer_of_the_house_then_the_agent_sees_them_and_the_pin_is_nowhere(
    stack: Stack,
) -> None:
    async with stack.desk("values-gold") as desk:
        await desk.agent.client.set_status("rest")
        customer = await entered(stack, desk, says=Says({"tier": "gold", "name": "Kim"}))
        assert await way(desk, customer, 5) == [
            ("ask", "next"), ("pin", "next"), ("look", "found"), ("tier", "gold"), ("gold", "next"),
        ]  # fmt: skip
        (question,) = stack.house.asked[customer.number]
        assert question["variables"] == {"contract": "123", "pin": PIN}
        await desk.agent.client.set_status("ready")
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        shown: Json = await desk.agent.client.me()
        values = {"contract": "123", "pin": "****", "look.tier": "gold", "look.name": "Kim", "origin": "menu"}
        assert (shown["call"]["data"], shown["call"]["category"]) == (values, "gold")
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (json.loads(call["data"]), call["category"], call["priority"]) == (values, "gold", 10)
        opened = await desk.rows.fetch(
            "select detail from cti.ticket_event e join cti.ticket t on t.id = e.ticket_id"
            " where t.call_id = $1::uuid and type = 'opened'", call["id"],
        )  # fmt: skip
        assert json.loads(opened[0]["detail"])["data"] == values
        assert PIN.encode() not in on_disk(stack)
        kept = await desk.rows.fetch("select 1 from cti.call_event where detail::text like $1", f"%{PIN}%")
        assert kept == []


@side_by_side
async def test_given_a_slow_house_then_the_caller_hears_music_and_no_other_call_waits(stack: Stack) -> None:
    async with stack.desk("values-slow") as slow, stack.desk("values-none") as other:
        customer = await entered(stack, slow, says=Says({"tier": "silver"}, after_s=1))
        began = time.monotonic()
        quick = await other.call()
        await quick.call.hears(GREETING_HZ)
        assert time.monotonic() - began < 1 + DIGITS_WITHIN_S
        phone = await slow.agent.lift()
        await joined(phone, customer.call)
        assert ("look", "found") in await way(slow, customer, 3)
        rows = await slow.rows.fetch(
            "select s.exit, s.lasted_s from cti.scenario_step s join cti.call c on c.id = s.call_id"
            " where c.customer_number = $1 and s.step = 'look'", customer.number,
        )  # fmt: skip
        assert [row["exit"] for row in rows] == ["found"] and 0.95 < rows[0]["lasted_s"] < 1.5
        heard = customer.call.heard
        began_at, ended_at = heard.began_at, heard.ended_at
        assert began_at is not None and ended_at is not None
        assert heard.share(MUSIC_HZ) * (ended_at - began_at) > 0.3, "no music while the house was asked"
        await customer.call.hang_up()
        await quick.call.hang_up()


@proves("lookup", "error")
@side_by_side
async def test_given_a_house_that_does_not_answer_then_the_call_goes_on_in_time(stack: Stack) -> None:
    async with stack.desk("values-error") as desk:
        customer = await entered(stack, desk, says=Says({"tier": "gold"}, after_s=8))
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["queue"], call["priority"]) == (desk.furnished.queues[1], 0)
        rows = await desk.rows.fetch(
            "select lasted_s, exit from cti.scenario_step where call_id = $1::uuid and step = 'look'", call["id"]
        )
        assert [row["exit"] for row in rows] == ["error"] and 1.45 < rows[0]["lasted_s"] < 1.9


@side_by_side
async def test_given_a_number_on_a_list_that_refuses_then_it_is_refused_before_the_answer(stack: Stack) -> None:
    async with stack.desk("values-listed") as desk:
        customer = await desk.dial(desk.furnished.numbers[1], caller="+821077712345")
        await customer.call.ended()
        assert customer.call.final_code == 403
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["answered_at"]) == ("blocked", None)
        events = [event for event in await desk.rows.call_events(call["id"]) if event["type"] == "listed"]
        assert [json.loads(event["detail"]) for event in events] == [{"list": "nuisance"}]
        assert never_heard(customer.call, MUSIC_HZ)


async def test_given_a_caller_who_is_typing_when_the_bridge_is_killed_then_they_are_asked_once_more(
    stack: Stack,
) -> None:
    async with stack.desk("values-killed") as desk:
        caller = stack.next_caller()
        stack.house.answers[caller] = Says({"tier": "gold"})
        customer = await desk.call(caller=caller)
        await customer.call.hears(GREETING_HZ)
        await customer.call.send_digits("12")
        await stack.bridge.kill()
        await stack.bridge.start()
        since = time.monotonic()
        await customer.call.hears(GREETING_HZ, since=since)
        await customer.call.send_digits("123#")
        await customer.call.hears(WARNING_HZ)
        await stack.bridge.kill()
        await stack.bridge.start()
        await customer.call.hears(WARNING_HZ, since=time.monotonic())
        await customer.call.send_digits(PIN)
        await desk.agent.client.open_panel()
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        (question,) = stack.house.asked[caller]
        assert question["variables"] == {"contract": "123", "pin": PIN}
        await customer.call.hang_up()


async def test_given_a_lookup_when_the_bridge_is_killed_then_the_call_goes_on_without_its_answer(stack: Stack) -> None:
    async with stack.desk("values-killed-look") as desk:
        customer = await entered(stack, desk, says=Says({"tier": "gold"}, after_s=30))
        caller = customer.number
        while caller not in stack.house.asked:
            await customer.call.listen(0.05)
        await stack.bridge.kill()
        await stack.bridge.start()
        await desk.agent.client.open_panel()
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert (call["queue"], call["outcome"]) == (desk.furnished.queues[1], "completed")
        assert (await way(desk, customer, 3))[2] == ("look", "error")
