"""The main story: a call is queued, offered, answered, talked, ended, and written down."""

import pytest

from tests.support.rooms import GREETING_HZ, MUSIC_HZ
from tests.support.stack import Stack


async def test_given_a_ready_agent_when_a_customer_calls_and_is_answered_then_both_hear_each_other_and_all_is_written(
    stack: Stack,
) -> None:
    async with stack.desk("answered") as desk:
        agent, customer = desk.agent, await desk.call(name="Kim Minji")
        await customer.call.hears(GREETING_HZ)
        ringing = await agent.phone.incoming()
        offered = (await agent.client.event("offer.made"))["call"]
        assert offered["customer_number"] == customer.number
        assert offered["queue"] == desk.furnished.queues[0]
        assert customer.number in ringing.caller
        await customer.call.hears(MUSIC_HZ)
        await ringing.answer()
        connected = await agent.client.event("call.connected")
        opened = (await agent.client.event("ticket.opened"))["ticket"]
        await agent.client.label("Talking")
        await customer.call.hears(agent.tone_hz)
        await ringing.hears(customer.tone_hz)
        since, until = await customer.call.listen(1)
        assert customer.call.heard.hears(agent.tone_hz, since, until)
        assert customer.call.heard.hears_nothing_of(MUSIC_HZ, since, until)
        assert ringing.heard.hears(customer.tone_hz, since, until)
        await customer.call.hang_up()
        await ringing.ended()
        ended = await agent.client.event("call.ended")
        assert (ended["outcome"], ended["ended_by"]) == ("completed", "customer")
        await agent.client.label("Business (Ticket Processing)")
        await agent.ready()

        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"], call["service"]) == ("completed", "customer", desk.furnished.service)
        assert call["id"] == connected["call"]["call_id"]
        assert await desk.rows.offers_ended(call["id"], 1) == [(agent.cti_id, "answered")]
        ticket = await desk.rows.ticket(call["id"])
        assert ticket["id"] == opened["ticket_id"]
        assert (ticket["service"], ticket["owner"]) == (desk.furnished.service, agent.cti_id)
        assert ticket["customer_number"] == customer.number

        changes = (await desk.rows.changes_up_to(agent.cti_id, "command"))[-5:]
        story = [(row["cause"], row["to_status"], row["to_state"], row["reason"]) for row in changes]
        assert story == [
            ("command", "ready", "idle", None),
            ("offered", "ready", "ringing", None),
            ("answered", "ready", "talking", None),
            ("call_ended", "business", "idle", "ticket_processing"),
            ("command", "ready", "idle", None),
        ]
        talked = changes[3]
        assert talked["from_state"] == "talking"
        assert talked["lasted_s"] == pytest.approx((talked["at"] - changes[2]["at"]).total_seconds(), abs=0.01)
        assert talked["lasted_s"] > 1
        seqs = [row["seq"] for row in await desk.rows.changes(agent.cti_id)]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_given_answer_in_mode_auto_when_the_agent_presses_answer_then_only_then_the_phone_rings_and_lifts_itself(
    stack: Stack,
) -> None:
    async with stack.desk("auto") as desk:
        agent = desk.agent
        agent.phone.obeys_headers = True
        customer = await desk.call()
        offer = (await agent.client.event("offer.made"))["offer"]
        await customer.call.hears(MUSIC_HZ)
        await customer.call.listen(0.5)
        assert agent.phone.rang == 0
        await agent.client.answer(offer["offer_id"])
        ringing = await agent.phone.incoming()
        assert "answer-after=0" in ringing.headers.get("Call-Info", "")
        assert "alert-autoanswer" in ringing.headers.get("Alert-Info", "")
        await ringing.established()
        await customer.call.hears(agent.tone_hz)
        await ringing.hears(customer.tone_hz)
        talking = await agent.client.label("Talking")
        await agent.client.hang_up(talking["call"]["call_id"])
        await customer.call.ended()
        await ringing.ended()
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("completed", "agent")
        causes = [row["cause"] for row in await desk.rows.changes_up_to(agent.cti_id, "call_ended")]
        assert causes[-4:] == ["offered", "accepted", "answered", "call_ended"]
