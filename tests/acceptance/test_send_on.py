"""Transfer to a queue on a real Asterisk: who hears whom, and what stands in the rows."""

import json

from tests.acceptance.calls import PROCESSING
from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_given_a_transfer_to_a_queue_then_the_agent_is_free_at_once_and_the_next_one_has_customer_and_memo(
    stack: Stack,
) -> None:
    async with stack.desk("sent-on", ready=False) as desk:
        agent, other = desk.agents
        first, second = desk.furnished.queues
        await agent.client.set_status("ready")
        customer = await desk.call()
        phone = await agent.lift()
        await joined(phone, customer.call)
        call_id = (await agent.client.me())["call"]["call_id"]
        await agent.client.transfer(call_id, queue=second, memo="asks about the bill")
        await phone.ended()
        await agent.client.label(PROCESSING)
        await customer.call.hears(MUSIC_HZ)
        await other.client.set_status("ready")
        taken = await other.lift()
        await joined(taken, customer.call)
        ticket = await desk.rows.ticket(call_id)
        assert ticket["owner"] == other.cti_id
        shown = (await other.client.request("GET", f"/tickets/{ticket['id']}"))["ticket"]
        assert [(one["by"], one["text"]) for one in shown["comments"]] == [(agent.cti_id, "asks about the bill")]
        await customer.call.hang_up()
        call = await desk.rows.call(customer.number)
        assert call["outcome"] == "completed"
        rows = await desk.rows.fetch(
            "select queue, kind, reason, exit, from_cti_id from cti.queue_visit where call_id = $1::uuid order by seq",
            call_id,
        )
        assert [tuple(row.values()) for row in rows] == [
            (first, "new", None, "answered", None),
            (second, "transferred", "transferred", "answered", agent.cti_id),
        ]
        events = [event for event in await desk.rows.call_events(call_id) if event["type"] == "transfer"]
        assert [json.loads(event["detail"])["target_queue"] for event in events] == [second]
