"""The last agent first, on a real Asterisk, with the rows of a real Postgres (requirement I3)."""

from tests.acceptance.calls import PROCESSING, TALKING
from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import Row, eventually
from tests.support.stack import Agent, Customer, Desk, Stack

side_by_side = SideBySide()
LATE_S = 0.5
LAST_AGENT_S = 2


async def offers_of(desk: Desk, call_id: str) -> list[Row]:
    query = """
        select offer.cti_id, extract(epoch from offered_at - queued.at) as after_s from cti.offer
        join cti.call_event queued on queued.call_id = offer.call_id and queued.type = 'queued'
        where offer.call_id = $1::uuid order by offered_at"""
    return await eventually(lambda: desk.rows.fetch(query, call_id), bool)


async def talked(agent: Agent, customer: Customer) -> str:
    """The agent lifts, both hear each other, and the customer hangs up."""
    phone = await agent.lift()
    await joined(phone, customer.call)
    shown = await agent.client.label(TALKING)
    await customer.call.hang_up()
    await agent.client.label(PROCESSING)
    return str(shown["call"]["call_id"])


@side_by_side
async def test_given_who_talked_with_the_number_then_they_are_asked_first_waited_for_and_then_others_are(
    stack: Stack,
) -> None:
    async with stack.desk("familiar") as desk:
        first, second = desk.agents
        await first.client.set_status("rest")
        number = stack.next_caller()
        await talked(second, await desk.call(caller=number))
        await first.ready()
        await second.ready()
        # Ready: at once, though the other one has been idle longer.
        again = await talked(second, await desk.call(caller=number))
        (offer,) = await offers_of(desk, again)
        assert offer["cti_id"] == second.client.cti_id and offer["after_s"] < LATE_S
        # In ticket processing: waited for, and ready in time.
        waits = await desk.call(caller=number)
        await waits.call.hears(MUSIC_HZ, for_s=0.5)
        await second.ready()
        third = await talked(second, waits)
        (offer,) = await offers_of(desk, third)
        assert offer["cti_id"] == second.client.cti_id and 0.4 < offer["after_s"] < LAST_AGENT_S
        # In ticket processing, and not ready in time.
        fourth = await talked(first, await desk.call(caller=number))
        (offer,) = await offers_of(desk, fourth)
        assert offer["cti_id"] == first.client.cti_id
        assert LAST_AGENT_S <= offer["after_s"] < LAST_AGENT_S + LATE_S
