"""Another configuration is taken over while customers call, wait and talk: again and again, and without a queue that
thirty wait in."""

import asyncio
import contextlib
import math
import time
from collections.abc import Iterable, Mapping, Sequence

import pytest

from tests.support.agent_client import Refused
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Customer, Desk, Stack
from tests.support.sweeps import sweep

EVERY_S = 0.2
"""Between two callers."""
SOME_RELOADS, RELOADS = 14, 50
"""In six turns the agents who move have moved once round."""
SOME, MANY = 12, 30
SPARE, NUMBER = "spare", "+8225999999"


def queues_of(desk: Desk, agents: Mapping[int, Iterable[int]]) -> str:
    """The agents by their places, and the queues that each serves, likewise."""
    return "".join(
        f'[[agents]]\ncti_id = "{desk.agents[agent].cti_id}"\n'
        f"queues = [{', '.join(repr(desk.furnished.queues[queue]) for queue in queues)}]\n"
        for agent, queues in agents.items()
    )


def served_by(turn: int) -> dict[int, set[int]]:
    """By agents' places, the queues: the first agent serves the first queue alone, the second the second, always; the
    others move."""
    moving = {agent: {(turn + agent) // 3 % 2} for agent in (2, 3, 4, 5)}
    return {0: {0}, 1: {1}, **moving}


def overlay(desk: Desk, turn: int) -> str:
    """Each turn another one: agents move, priorities change, a queue with a number comes and goes."""
    service, queues = desk.furnished.service, desk.furnished.queues
    text = queues_of(desk, served_by(turn))
    for queue in (0, 1):
        text += f'[[queues]]\nid = "{queues[queue]}"\npriority = {(turn + queue) % 3}\n'
    text += f"[policy]\nticket_processing_limit_s = {60 + turn}\n"
    if turn % 2:
        text += f'[[queues]]\nid = "{SPARE}"\nservice = "{service}"\n'
        text += f'[[scenarios]]\nnumber = "{NUMBER}"\nservice = "{service}"\nqueue = "{SPARE}"\n'
    return text


async def serve(agent: Agent) -> None:
    """Take call after call, until cancelled."""
    while True:
        call = await agent.phone.incoming(120)
        with contextlib.suppress(Exception):
            await call.answer()
            await call.ended()
        while True:
            try:
                await agent.ready()
                break
            except Refused:
                await asyncio.sleep(0.05)


async def be_served(desk: Desk, queue: int) -> Customer:
    """Call, wait for an agent, listen for a moment, hang up."""
    customer = await desk.call(queue)
    tones = [agent.tone_hz for agent in desk.agents]
    heard = [asyncio.create_task(customer.call.hears(hz, within_s=90), name="hears") for hz in tones]
    try:
        await asyncio.wait(heard, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in heard:
            task.cancel()
        await asyncio.gather(*heard, return_exceptions=True)
    await customer.call.hang_up()
    return customer


def in_force(took: Sequence[tuple[float, float]], at: float) -> list[int]:
    """The turns whose configuration may have been the present one at that time."""
    ends = [end for _, end in took[1:]] + [math.inf]
    found = [turn for turn, ((began, _), end) in enumerate(zip(took, ends, strict=True)) if began <= at <= end]
    return found if found and at > took[0][1] else [-1, *found]


async def storm(stack: Stack, reloads: int) -> None:
    async with stack.desk("reload") as desk:
        await stack.bridge.reload(overlay(desk, -1))
        serving = [asyncio.create_task(serve(agent), name="serves") for agent in desk.agents]
        calls: list[tuple[int, asyncio.Task[Customer]]] = []
        took: list[tuple[float, float]] = []
        try:
            for turn in range(reloads):
                queue = turn % 2
                calls.append((queue, asyncio.create_task(be_served(desk, queue), name="calls")))
                began, asked_at = time.monotonic(), time.time()
                said = await stack.bridge.reload(overlay(desk, turn))
                assert said["queues"]["changed"] and said["agents"]["changed"] and not said["logged_out"], said
                took.append((asked_at, time.time()))
                await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))
            served = [(queue, await call) for queue, call in calls]
        finally:
            for task in (*serving, *(call for _, call in calls)):
                task.cancel()
            await asyncio.gather(*serving, *(call for _, call in calls), return_exceptions=True)
            await stack.bridge.reload("")
        for queue, customer in served:
            row = await desk.rows.call(customer.number)
            assert (row["outcome"], row["queue"]) == ("completed", desk.furnished.queues[queue])
            for offer in await desk.rows.fetch("select * from cti.offer where call_id = $1::uuid", row["id"]):
                place = [agent.cti_id for agent in desk.agents].index(offer["cti_id"])
                turns = in_force(took, offer["offered_at"].timestamp())
                assert any(queue in served_by(turn)[place] for turn in turns), (offer, turns)
        for agent in desk.agents:
            assert agent.client.close_code is None, f"the panel of {agent.cti_id} was closed"
            await agent.client.me()


@pytest.mark.timeout(300)
@sweep("reloads", SOME_RELOADS, RELOADS)
async def test_given_reloads_during_a_storm_of_calls_then_all_are_served_by_who_serves_their_queue(
    stack: Stack, reloads: int
) -> None:
    await storm(stack, reloads)


@sweep("number_waiting", SOME, MANY)
async def test_given_many_wait_in_a_queue_that_is_removed_then_they_wait_on_in_their_order_and_nobody_hears_silence(
    stack: Stack, number_waiting: int
) -> None:
    async with stack.desk("reload-queue", ready=False) as desk:
        service, queue = desk.furnished.service, desk.furnished.queues[0]
        number = f'[[scenarios]]\nnumber = "{NUMBER}"\nservice = "{service}"\n'
        spare = f'[[queues]]\nid = "{SPARE}"\nservice = "{service}"\nmusic = "tone"\n'
        await stack.bridge.reload(f'{spare}{number}queue = "{SPARE}"\n')
        waiting: list[Customer] = []
        try:
            for _ in range(number_waiting):
                waiting.append(await desk.dial(NUMBER))
                await waiting[-1].call.established()
            await asyncio.gather(*(customer.call.hears(MUSIC_HZ) for customer in waiting))
            since = time.monotonic()
            said = await stack.bridge.reload(f'{number}queue = "{queue}"\n')
            assert (said["calls_moved"], said["queues"]["removed"]) == (number_waiting, [SPARE])
            await waiting[0].call.listen(2.0)
            for customer in waiting:
                assert customer.call.heard.longest_silence(since, customer.call.heard.ended_at) < 1.0
            await first_served(desk, waiting)
        finally:
            await stack.bridge.reload("")


async def first_served(desk: Desk, waiting: list[Customer]) -> None:
    """One agent takes three, who were the first."""
    agent, calls = desk.agent, waiting[:3]
    for customer in calls:
        await agent.ready()
        call: PhoneCall = await agent.lift()
        await customer.call.hears(agent.tone_hz)
        await call.hang_up()
        await customer.call.ended()
        await agent.client.label("Business (Ticket Processing)")
        row = await desk.rows.call(customer.number)
        assert (row["queue"], row["outcome"]) == (desk.furnished.queues[0], "completed")
