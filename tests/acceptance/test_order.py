"""Who gets which call: longest idle agent, order over queues, everybody exactly once."""

import asyncio
from typing import Any

from tests.support.agent_client import Refused
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import Agent, Customer, Desk, Stack

CALLERS = 20


async def talk_and_end(agent: Agent, customer: Customer) -> None:
    """The agent lifts, is heard, ends the call and is ready again."""
    call = await agent.lift()
    await customer.call.hears(agent.tone_hz)
    await call.hang_up()
    await customer.call.ended()
    await agent.client.label("Business (Ticket Processing)")
    await agent.ready()


async def test_given_three_ready_agents_then_calls_go_to_the_one_who_has_been_idle_longest(stack: Stack) -> None:
    async with stack.desk("idle") as desk:
        first, second, third = desk.agents
        for agent in (first, second, third, first):
            await talk_and_end(agent, await desk.call())
        # Neither a rest nor choosing ready again counts as having worked: the second is still next.
        await second.client.set_status("rest")
        await second.ready()
        await talk_and_end(second, await desk.call())


async def test_given_two_queues_when_an_agent_becomes_ready_then_priority_goes_before_arrival(stack: Stack) -> None:
    async with stack.desk("priorities", ready=False) as desk:
        low, high = 0, 1
        arrived = [await desk.call(queue) for queue in (low, low, high, high)]
        for customer in arrived:
            await customer.call.hears(MUSIC_HZ)
        await desk.agent.ready()
        for index in (2, 3, 0, 1):
            await talk_and_end(desk.agent, arrived[index])
        rows = [await desk.rows.call(customer.number) for customer in arrived]
        assert [row["queue"] for row in rows] == [desk.furnished.queues[queue] for queue in (low, low, high, high)]
        assert rows[2]["answered_at"] < rows[3]["answered_at"] < rows[0]["answered_at"] < rows[1]["answered_at"]


async def serve_all(
    desk: Desk, agent: Agent, by_tone: dict[int, Customer], served: list[tuple[Customer, Agent]]
) -> None:
    """Take call after call until it is cancelled; who was served is known by the tone that was heard."""
    while True:
        call = await agent.phone.incoming(60)
        await call.answer()
        customer = await _whom(call, by_tone)
        served.append((customer, agent))
        await customer.call.hears(agent.tone_hz)
        await call.hang_up()
        await agent.client.label("Business (Ticket Processing)")
        await agent.ready()


async def _whom(call: PhoneCall, by_tone: dict[int, Customer]) -> Customer:
    async def look() -> list[Customer]:
        return [who for hz, who in by_tone.items() if call.heard.tone_began(hz) is not None]

    heard = await eventually(look, bool)
    assert len(heard) == 1
    return heard[0]


async def test_given_20_callers_and_5_agents_then_every_caller_is_served_once_and_in_order(stack: Stack) -> None:
    async with stack.desk("crowd", ready=False) as desk:
        customers = [await desk.call() for _ in range(CALLERS)]
        by_tone = {customer.tone_hz: customer for customer in customers}
        assert len(by_tone) == CALLERS
        served: list[tuple[Customer, Agent]] = []
        for agent in desk.agents:
            await agent.ready()
        workers = [asyncio.create_task(serve_all(desk, agent, by_tone, served)) for agent in desk.agents]
        try:
            everyone = asyncio.ensure_future(asyncio.gather(*(customer.call.ended(60) for customer in customers)))
            waited: list[asyncio.Future[Any]] = [everyone, *workers]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*(worker for worker in workers if worker.done()))
            await everyone
        finally:
            for worker in workers:
                worker.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
        assert not [result for result in results if isinstance(result, AssertionError | Refused)]
        assert len(served) == CALLERS
        assert len({customer.number for customer, _ in served}) == CALLERS
        assert {agent.cti_id for _, agent in served} == {agent.cti_id for agent in desk.agents}
        offered = await _in_order_of_offer(desk)
        assert offered == [customer.number for customer in customers]


async def _in_order_of_offer(desk: Desk) -> list[str]:
    """The customers' numbers in the order in which they were offered; each once."""
    query = """
        select call.customer_number from cti.offer join cti.call on call.id = offer.call_id
        where call.queue = $1 and offer.result = 'answered' and call.outcome = 'completed' order by offered_at, offer.id
    """
    rows = await eventually(lambda: desk.rows.fetch(query, desk.furnished.queues[0]), lambda rows: len(rows) == CALLERS)
    return [row["customer_number"] for row in rows]
