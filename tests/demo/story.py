"""The story: a customer waits, one agent does not pick up, the next one does; another customer leaves before that."""

from tests.demo.timeline import Timeline
from tests.support.rooms import GREETING_HZ, MUSIC_HZ
from tests.support.stack import Agent, Customer, Desk, Stack

PICKUP_TIME_S = 4


async def tell(stack: Stack, timeline: Timeline) -> list[str]:
    """Let it happen, and return the customers' numbers. What does not happen is an AssertionError."""
    async with stack.desk("demo", ready=False) as desk:
        first, second = desk.agents
        say = timeline.say
        say("agent 1", f"logged in as {first.cti_id}, phone {first.cti_number} registered, Business")
        say("agent 2", f"logged in as {second.cti_id}, phone {second.cti_number} registered, Business")
        customer = await _waits(desk, timeline)
        await _misses(first, timeline)
        await _answers(second, customer, timeline)
        await _works_on_the_ticket(desk, second, customer, timeline)
        left = await _leaves(desk, timeline)
        return [customer.number, left.number]


async def _waits(desk: Desk, timeline: Timeline) -> Customer:
    customer = await desk.call(name="Kim Minji")
    timeline.say("customer", f"{customer.number} calls {desk.furnished.number} and is answered by the scenario")
    await customer.call.hears(GREETING_HZ)
    timeline.say("customer", "hears the greeting")
    await customer.call.hears(MUSIC_HZ)
    timeline.say("customer", f"waits in {desk.furnished.queues[0]} and hears music; nobody is ready")
    return customer


async def _misses(agent: Agent, timeline: Timeline) -> None:
    await agent.ready()
    timeline.say("agent 1", "chooses Ready")
    ringing = await agent.phone.incoming()
    offered = (await agent.client.event("offer.made"))["call"]
    timeline.say(
        "agent 1", f"the phone rings: {offered['customer_name']} {offered['customer_number']}; it is not lifted"
    )
    await ringing.ended(PICKUP_TIME_S + 2)
    shown = await agent.client.label("Business (Missed call)")
    timeline.say("agent 1", f"the pickup time is over: the phone is quiet again, {shown['label']}")


async def _answers(agent: Agent, customer: Customer, timeline: Timeline) -> None:
    since, until = await customer.call.listen(0.5)
    assert customer.call.heard.hears(MUSIC_HZ, since, until), "the customer does not hear music any more"
    timeline.say("customer", "still hears music and has kept the place")
    await agent.ready()
    timeline.say("agent 2", "chooses Ready")
    ringing = await agent.phone.incoming()
    timeline.say("agent 2", "the phone rings, and is lifted")
    await ringing.answer()
    await agent.client.label("Talking")
    await customer.call.hears(agent.tone_hz)
    await ringing.hears(customer.tone_hz)
    since, until = await customer.call.listen(1)
    heard = customer.call.heard
    assert heard.hears(agent.tone_hz, since, until), "the customer does not hear the agent all the time"
    assert heard.hears_nothing_of(MUSIC_HZ, since, until), "the customer still hears music"
    assert ringing.heard.hears(customer.tone_hz, since, until), "the agent does not hear the customer all the time"
    timeline.say("customer", f"hears the agent ({agent.tone_hz} Hz) and no music")
    timeline.say("agent 2", f"Talking, hears the customer ({customer.tone_hz} Hz)")
    await customer.call.hang_up()
    timeline.say("customer", "hangs up")
    await ringing.ended()
    shown = await agent.client.label("Business (Ticket Processing)")
    timeline.say("agent 2", shown["label"])


async def _works_on_the_ticket(desk: Desk, agent: Agent, customer: Customer, timeline: Timeline) -> None:
    opened = (await agent.client.event("ticket.opened"))["ticket"]
    timeline.say("agent 2", f"has ticket {opened['ticket_id']} of {opened['service']}")
    ticket = await agent.client.comment(opened["ticket_id"], "The customer waited for the second agent.")
    await agent.client.set_ticket(opened["ticket_id"], "resolved", ticket["version"])
    timeline.say("agent 2", "comments on it and sets it to resolved")
    await agent.client.set_status("rest")
    timeline.say("agent 2", "takes a rest")
    call = await desk.rows.call(customer.number)
    assert call["outcome"] == "completed", call
    assert len(await desk.rows.offers_ended(call["id"], 2)) == 2
    assert (await desk.rows.ticket(call["id"]))["id"] == opened["ticket_id"]


async def _leaves(desk: Desk, timeline: Timeline) -> Customer:
    customer = await desk.call()
    timeline.say("customer", f"{customer.number}, another one, calls; nobody is ready")
    await customer.call.hears(MUSIC_HZ)
    await customer.call.hang_up()
    timeline.say("customer", "has heard enough music and hangs up")
    call = await desk.rows.call(customer.number)
    assert call["outcome"] == "abandoned_waiting", call
    assert await desk.rows.no_ticket(call["id"])
    timeline.say("system", "the call is written down as abandoned, without a ticket")
    return customer
