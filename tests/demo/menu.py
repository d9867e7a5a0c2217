"""A customer chooses by a key: a menu that the key stops, and the queue to which it leads."""

from tests.demo.timeline import Timeline
from tests.support.rooms import GREETING_HZ
from tests.support.stack import Stack


async def tell_menu(stack: Stack, timeline: Timeline) -> str:
    """Let it happen, and return the customer's number. What does not happen is an AssertionError."""
    async with stack.desk("demo-menu") as desk:
        say = timeline.say
        customer = await desk.call()
        say("customer", f"{customer.number} calls {desk.furnished.number} and is answered by the scenario")
        await customer.call.hears(GREETING_HZ)
        say("customer", "hears the menu, and presses 1 in the middle of it")
        await customer.call.send_digits("1")
        phone = await desk.agent.lift()
        await customer.call.hears(desk.agent.tone_hz)
        await phone.hears(customer.tone_hz)
        say("agent 1", f"of {desk.furnished.queues[0]} lifts the phone; both hear each other")
        await customer.call.hang_up()
        await desk.agent.client.label("Business (Ticket Processing)")
        call = await desk.rows.call(customer.number)
        steps = await desk.rows.fetch(
            "select step, exit from cti.scenario_step where call_id = $1::uuid order by seq", call["id"]
        )
        taken = [(row["step"], row["exit"]) for row in steps]
        assert taken == [("one", "1")], taken
        say("system", "the way is written down: step one was left by the key 1")
        return customer.number
