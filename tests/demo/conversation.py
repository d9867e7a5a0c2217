"""The second story: a call out, hold, a consultation that is cancelled and one that connects, a direct transfer that
comes back, and a force disconnect. One customer, one ticket."""

from tests.acceptance.hearing import RING_HZ, assert_heard, joined
from tests.demo.timeline import Timeline
from tests.support.outside import OutsideCall
from tests.support.phones import PhoneCall
from tests.support.rooms import FORCED_HZ, MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import Agent, Desk, Stack

CONSULTING, PROCESSING = "On Call (Transfer in Progress)", "Business (Ticket Processing)"


async def tell_conversation(stack: Stack, timeline: Timeline) -> str:
    """Let it happen, and return the customer's number. What does not happen is an AssertionError."""
    async with stack.desk("demo") as desk:
        call_id, phone, customer = await _calls_out(desk, timeline)
        await _holds(desk.agents[0], call_id, phone, customer, timeline)
        await _consults_and_cancels(desk, call_id, phone, customer, timeline)
        second = await _consults_and_connects(desk, call_id, phone, customer, timeline)
        await _transfer_comes_back(desk, call_id, second, customer, timeline)
        await _force_disconnects(desk, call_id, customer, timeline)
        return desk.others[0].number


async def _calls_out(desk: Desk, timeline: Timeline) -> tuple[str, PhoneCall, OutsideCall]:
    agent, other, calling = desk.agents[0], desk.outside(), desk.furnished.calling_number
    call_id = await agent.client.dial(other.number, calling)
    timeline.say("agent 1", f"dials {other.number} under {calling}; the own phone rings first, and is lifted")
    phone = await agent.lift()
    customer = await other.incoming()
    assert customer.identities == {calling}, customer.invite
    timeline.say("customer", f"the phone of {other.number} rings and shows {calling}, nothing else")
    await phone.hears(RING_HZ)
    timeline.say("agent 1", f"{agent.client.agent['label']}, hears ringing")
    await customer.answer()
    await agent.client.label("Talking")
    await joined(phone, customer)
    timeline.say("agent 1", "Talking; the two hear each other and nothing else")
    return call_id, phone, customer


async def _holds(agent: Agent, call_id: str, phone: PhoneCall, customer: OutsideCall, timeline: Timeline) -> None:
    await agent.client.hold(call_id)
    await agent.client.label("On Hold")
    await assert_heard({customer: [MUSIC_HZ], phone: []})
    timeline.say("agent 1", "On Hold, hears nothing; the customer hears music and not the agent")
    await agent.client.resume(call_id)
    await joined(phone, customer)
    timeline.say("agent 1", "resumes; the two hear each other again")


async def _consulting(
    desk: Desk, call_id: str, phone: PhoneCall, customer: OutsideCall, timeline: Timeline
) -> PhoneCall:
    first, second = desk.agents
    await first.client.consult(call_id, agent=second.cti_id)
    rung = await second.phone.incoming()
    timeline.say("agent 1", f"consults {second.cti_id}: {(await first.client.label(CONSULTING))['label']}")
    await rung.answer()
    await second.client.label("Talking")
    await assert_heard({customer: [MUSIC_HZ], phone: [rung.tone_hz], rung: [phone.tone_hz]})
    timeline.say("agent 2", "answers; the agents hear each other, the customer hears music and neither of them")
    return rung


async def _consults_and_cancels(
    desk: Desk, call_id: str, phone: PhoneCall, customer: OutsideCall, timeline: Timeline
) -> None:
    first, second = desk.agents
    rung = await _consulting(desk, call_id, phone, customer, timeline)
    await first.client.cancel(call_id)
    await rung.ended()
    await first.client.label("On Hold")
    timeline.say("agent 1", "cancels: On Hold again")
    await first.client.resume(call_id)
    await joined(phone, customer)
    timeline.say("agent 1", "resumes; the customer is back")
    await second.ready()


async def _consults_and_connects(
    desk: Desk, call_id: str, phone: PhoneCall, customer: OutsideCall, timeline: Timeline
) -> PhoneCall:
    first, second = desk.agents
    rung = await _consulting(desk, call_id, phone, customer, timeline)
    await first.client.connect(call_id)
    await phone.ended()
    await first.client.label(PROCESSING)
    await joined(rung, customer)
    timeline.say("agent 1", f"connects to the customer and is out of the call: {PROCESSING}")
    ticket = await desk.rows.ticket(call_id)
    assert ticket["owner"] == second.cti_id, ticket
    timeline.say("agent 2", "talks to the customer, and owns the ticket")
    return rung


async def _transfer_comes_back(
    desk: Desk, call_id: str, phone: PhoneCall, customer: OutsideCall, timeline: Timeline
) -> None:
    first, second = desk.agents
    await first.ready()
    await second.client.transfer(call_id, agent=first.cti_id)
    await phone.ended()
    timeline.say("agent 2", f"transfers directly to {first.cti_id} and has left")
    rung = await first.phone.incoming()
    await rung.reject()
    timeline.say("agent 1", "the phone rings, and the call is refused")
    back = await second.phone.incoming()
    timeline.say("agent 2", "the call comes back, and is answered")
    await back.answer()
    await second.client.label("Talking")
    await joined(back, customer)
    timeline.say("customer", "was not lost: talks to agent 2 again")


async def _force_disconnects(desk: Desk, call_id: str, customer: OutsideCall, timeline: Timeline) -> None:
    agent = desk.agents[1]
    await agent.client.force_disconnect(call_id, "abusive_language")
    await agent.client.label(PROCESSING)
    timeline.say("agent 2", f"force disconnect, abusive language: out of the call, {PROCESSING}")
    await customer.hears(FORCED_HZ)
    timeline.say("customer", "hears the message")
    await customer.ended()
    timeline.say("customer", "the call is over")
    query = "select outcome, ended_by from cti.call where id = $1::uuid and ended_at is not null"
    (row,) = await eventually(lambda: desk.rows.fetch(query, call_id), bool)
    assert (row["outcome"], row["ended_by"]) == ("force_disconnected", "agent"), row
