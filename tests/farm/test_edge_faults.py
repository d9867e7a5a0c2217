"""What fails at a farm, and what goes on: a PBX, the edge, and changes of what is behind it."""

import asyncio
import time

from tests.acceptance.hearing import joined
from tests.support.farm import Farm
from tests.support.phones import PhoneCall
from tests.support.stack import Agent, Customer, Desk

LEFT_WITHIN_S = 3.0
"""A PBX that has died gets no call any more; the first one is led to another."""
PROCESSING = "Business (Ticket Processing)"


async def served(agent: Agent, customer: Customer) -> None:
    """The agent answers, both hear each other, and the customer hangs up."""
    phone = await agent.lift()
    await joined(phone, customer.call)
    await customer.call.hang_up()
    await phone.ended()
    await agent.client.label(PROCESSING)


async def test_callers_who_wait_at_two_pbxs_are_served_in_the_order_in_which_they_came(farm: Farm) -> None:
    async with farm.desk("order", ready=False) as desk:
        customers = [await desk.call() for _ in range(4)]
        assert await farm.calls_at() == {"one": 2, "two": 2}
        for customer in customers:
            await desk.agent.ready()
            phone = await desk.agent.phone.incoming()
            assert customer.number in phone.caller
            await phone.answer()
            await joined(phone, customer.call)
            await phone.hang_up()
            await customer.call.ended()
            await desk.agent.client.label(PROCESSING)
        rows = [await desk.rows.call(customer.number) for customer in customers]
        assert [row["outcome"] for row in rows] == ["completed"] * 4


async def test_a_pbx_that_drains_gets_no_new_call_and_one_that_is_added_takes_load_each_by_a_reload(farm: Farm) -> None:
    async with farm.desk("drain") as desk:
        await farm.edge.use(farm.behind_edge(draining="one"))
        await farm.until_state_is("one", "DX")
        pairs = [(await _talks(desk, agent)) for agent in desk.agents]
        assert await farm.calls_at() == {"one": 0, "two": 2}
        async with farm.another("three", desk):
            assert await farm.calls_at() == {"one": 0, "two": 2, "three": 0}, "calls are counted on"
            await pairs[0][1].call.hang_up()
            await desk.agents[0].client.label(PROCESSING)
            await desk.agents[0].ready()
            await farm.until_calls_are(1)
            talk = await _talks(desk, desk.agents[0])
            assert await farm.calls_at() == {"one": 0, "two": 1, "three": 1}
            await joined(talk[0], talk[1].call)
            for phone, customer in (talk, pairs[1]):
                await customer.call.hang_up()
                await phone.ended()
            await farm.until_calls_are(0)
        await farm.edge.use(farm.behind_edge())
        await farm.until_state_is("one", "AP")
        await desk.call()
        assert sum((await farm.calls_at()).values()) == 1


async def _talks(desk: Desk, agent: Agent) -> tuple[PhoneCall, Customer]:
    customer = await desk.call()
    phone = await agent.lift()
    await joined(phone, customer.call)
    return phone, customer


async def test_the_edge_dies_and_comes_back_while_calls_talk_and_wait_and_nobody_notices(farm: Farm) -> None:
    async with farm.desk("edge-dies") as desk:
        first, second = desk.agents
        talking = await desk.call()
        phone = await first.lift()
        await joined(phone, talking.call)
        await second.client.set_status("rest")
        waiting = await desk.call()
        await farm.edge.kill()
        # Each PBX comes to think that no phone is there.
        for pbx in farm.pbxs.values():
            await farm.until_phone_is(pbx, first.cti_number, "offline")
            await farm.until_phone_is(pbx, second.cti_number, "offline")
        await joined(phone, talking.call)
        assert any("the edge does not answer it" in problem for problem in await farm.problems())
        await second.client.ready()
        # Longer than an agent may be lost, and than callers wait where nobody works.
        await asyncio.sleep(farm.agent_lost_s + 1)
        assert waiting.call.is_up and talking.call.is_up
        for agent in desk.agents:
            assert (await agent.client.me())["status"] == "ready"
        began = time.monotonic()
        await farm.edge.start()
        rung = await second.phone.incoming()
        took = time.monotonic() - began
        assert waiting.number in rung.caller
        await rung.answer()
        await joined(rung, waiting.call)
        await joined(phone, talking.call)
        # The rest of both calls passes the new edge, which knows nothing of them.
        await talking.call.hang_up()
        await phone.ended()
        await rung.hang_up()
        await waiting.call.ended()
        assert not await farm.problems()
        rows = [await desk.rows.call(customer.number) for customer in (talking, waiting)]
        assert [(row["outcome"], row["queue"]) for row in rows] == [("completed", desk.furnished.queues[0])] * 2
        assert took < 10, took


async def test_a_pbx_that_is_killed_takes_its_own_calls_alone_and_new_ones_are_answered_at_once_elsewhere(
    farm: Farm,
) -> None:
    async with farm.desk("pbx-dies") as desk:
        talks = {}
        for agent in desk.agents[:2]:
            before = await farm.calls_at()
            phone, customer = await _talks(desk, agent)
            after = await farm.calls_at()
            (name,) = (name for name in after if after[name] > before[name])
            talks[name] = (agent, phone, customer)
        assert set(talks) == {"one", "two"}
        await farm.pbxs["two"].kill()
        began = time.monotonic()
        new = await desk.call()
        assert time.monotonic() - began < LEFT_WITHIN_S
        phone = await desk.agents[2].lift()
        await joined(phone, new.call)
        _, other, customer = talks["one"]
        await joined(other, customer.call)
        await farm.until_state_is("two", "IP", LEFT_WITHIN_S)
        began = time.monotonic()
        later = await desk.call()
        assert time.monotonic() - began < 1
        await later.call.hang_up()
        await farm.pbxs["two"].start()
        await farm.until_state_is("two", "AP")
        await farm.bridge.ready()
        agent, dead, lost = talks["two"]
        row = await desk.rows.call(lost.number)
        assert row["outcome"] == "node_lost"
        await joined(other, customer.call)
        await joined(phone, new.call)
        await dead.hang_up()
        await lost.call.hang_up()
        # The PBX that is back takes calls again.
        await agent.client.label(PROCESSING)
        await farm.until_phone_is(farm.pbxs["two"], agent.cti_number, "online")
        await agent.ready()
        phone, customer = await _talks(desk, agent)
        assert await farm.channels("two") == 2
