"""The bridge's process stands still while a phone rings, over the end of the pickup time. Lifted in time, the phone has
the call."""

import asyncio

import pytest

from tests.support.rows import eventually
from tests.support.stack import Stack


@pytest.mark.parametrize("stall_s", [5.0, pytest.param(30.0, marks=pytest.mark.soak)])
async def test_given_a_stall_over_the_pickup_time_when_the_phone_is_lifted_in_time_then_both_talk(
    stack: Stack, stall_s: float
) -> None:
    async with stack.desk("stalled") as desk:
        before = await stack.bridge.metric("cti_stalls_total")
        customer = await desk.call()
        rung = await desk.agent.phone.incoming()
        await desk.agent.client.label("Ringing")
        stack.bridge.pause()
        try:
            await rung.answer()
            await customer.call.listen(stall_s)
        finally:
            stack.bridge.go_on()
        await asyncio.gather(customer.call.hears(desk.agent.tone_hz), rung.hears(customer.tone_hz))
        assert rung.ended_at is None
        await desk.agent.client.open_panel()  # A panel that has heard nothing for so long has gone, and comes back.
        await desk.agent.client.label("Talking")
        await eventually(lambda: stack.bridge.metric("cti_stalls_total"), lambda stalls: stalls == before + 1)
        assert [words for words in await stack.bridge.warnings() if words.startswith("stalls: ")]
        await stack.bridge.logs('"event": "stalled"')
        await customer.call.hang_up()
        await desk.agent.client.label("Business (Ticket Processing)")
        query = "select result from cti.offer join cti.call on call.id = call_id where customer_number = $1"
        offers = await eventually(
            lambda: desk.rows.fetch(query, customer.number), lambda rows: rows and rows[0]["result"]
        )
        assert [row["result"] for row in offers] == ["answered"]
