"""A trunk that writes numbers as people do within the country: the call is answered, the customer is who they were, and
the operator finds what no scenario has."""

import json

import aiohttp

from tests.acceptance.calls import PROCESSING, TALKING
from tests.acceptance.side_by_side import SideBySide
from tests.support.rows import eventually
from tests.support.stack import Customer, Desk, Stack

side_by_side = SideBySide()


async def talked(desk: Desk, number: str, caller: str) -> tuple[str, Customer]:
    """The customer calls, and the agent lifts: the call's id."""
    customer = await desk.dial(number, caller=caller)
    await customer.call.established()
    await desk.agent.lift()
    shown = await desk.agent.client.label(TALKING)
    return shown["call"]["call_id"], customer


def national(number: str) -> str:
    """As the country's own trunks write it."""
    return "0" + number.removeprefix("+82")


@side_by_side
async def test_given_a_national_did_and_caller_then_the_history_is_theirs_and_a_block_holds_in_all_forms(
    stack: Stack,
) -> None:
    async with stack.desk("national") as desk:
        client, number, caller = desk.agent.client, desk.furnished.number, stack.next_caller()
        first, customer = await talked(desk, number, caller)
        await customer.call.hang_up()
        await client.label(PROCESSING)
        await desk.agent.ready()

        call_id, customer = await talked(desk, national(number), national(caller))
        shown = client.agent["call"]
        assert (shown["customer_number"], shown["dialed_number"], shown["marks"]) == (caller, number, None)
        history = await client.request("GET", f"/tickets?number=%2B{caller[1:]}")
        assert [ticket["call_id"] for ticket in history] == [call_id, first]
        await client.force_disconnect(call_id, "threat")
        await client.label(PROCESSING)
        row = "select * from cti.call where id = $1::uuid and ended_at is not null"
        (call,) = await eventually(lambda: desk.rows.fetch(row, call_id), bool)
        assert (call["customer_number"], call["dialed_number"], call["outcome"]) == (
            caller,
            number,
            "force_disconnected",
        )
        events = "select detail from cti.call_event where call_id = $1::uuid and type = 'delivered'"
        (event,) = await desk.rows.fetch(events, call_id)
        delivered = {"customer_number": national(caller), "dialed_number": national(number)}
        assert json.loads(event["detail"]) == delivered

        await desk.agent.ready()
        for form in (caller, national(caller), caller[1:], "00" + caller[1:]):
            again = await desk.dial(national(number), caller=form)
            await again.call.ended()
            assert again.call.final_code == 403, form


@side_by_side
async def test_given_a_number_that_no_scenario_has_then_the_operator_is_told_which(stack: Stack) -> None:
    number = "0299" + stack.next_number()[-7:]
    customer = await stack.phones.call(number, "0101234" + number[-4:])
    await customer.ended()
    assert customer.final_code == 404
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{stack.bridge.url}/readyz") as reply:
            answer = await reply.json()
        async with session.get(f"{stack.bridge.url}/metrics") as reply:
            metrics = await reply.text()
    masked = f"{number[:3]}\u2022\u2022\u2022\u2022\u2022{number[-3:]}"
    assert answer["ready"] and any(masked in warning for warning in answer["warnings"]), answer
    assert 'cti_unknown_numbers_total{node="main"}' in metrics
    await stack.bridge.logs('"unknown_number"', masked)
    assert number not in stack.bridge.log.read_text()
    query = "select * from cti.call where dialed_number = $1"
    (call,) = await eventually(lambda: stack.rows.fetch(query, "+82" + number[1:]), bool)
    assert call["outcome"] == "unknown_number"
