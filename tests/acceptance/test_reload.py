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
from tests.support.rooms import GREETING_HZ, MUSIC_HZ
from tests.support.stack import Agent, Customer, Desk, Stack
from tests.support.sweeps import sweep

EVERY_S = 0.2
"""Between two callers."""
SOME_RELOADS, RELOADS = 14, 50
"""In six turns the agents who move have moved once round."""
SOME, MANY = 12, 30
IN_MENU = 5
SPARE, NUMBER = "spare", "+8225999999"
MENU, MENU_NUMBER = "storm-menu", "+8225999998"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def queues_of(desk: Desk, agents: Mapping[int, Iterable[int]], english: Mapping[int, int]) -> str:
    """The agents by their places, and the queues that each serves, likewise; and how well each speaks English."""
    return "".join(
        f'[[agents]]\ncti_id = "{desk.agents[agent].cti_id}"\n'
        f"queues = [{', '.join(repr(desk.furnished.queues[queue]) for queue in queues)}]\n"
        f"skills = {{ english = {english[agent]} }}\n"
        for agent, queues in agents.items()
    )


def served_by(turn: int) -> dict[int, set[int]]:
    """By agents' places, the queues: the first agent serves the first queue alone, the second the second, always; the
    others move."""
    moving = {agent: {(turn + agent) // 3 % 2} for agent in (2, 3, 4, 5)}
    return {0: {0}, 1: {1}, **moving}


def overlay(desk: Desk, turn: int) -> str:
    """Each turn another one: agents move, priorities, skills and stages change, hours and a menu have other steps, a
    queue with a number comes and goes."""
    service, queues = desk.furnished.service, desk.furnished.queues
    text = queues_of(desk, served_by(turn), {place: (turn + place) % 4 + 1 for place in range(6)})
    for queue in (0, 1):
        text += f'[[queues]]\nid = "{queues[queue]}"\npriority = {(turn + queue) % 3}\nhours = "{MENU}"\n'
        text += f'exits = {{ closed = "{MENU}/bye" }}\n'
        text += (
            f"needs = [{{ skills = {{ english = {turn % 3 + 1} }} }}, {{ after_s = {turn % 2 + 1}, skills = {{}} }}]\n"
        )
    text += menu(desk, turn)
    text += f"[policy]\nticket_processing_limit_s = {60 + turn}\n"
    if turn % 2:
        text += f'[[queues]]\nid = "{SPARE}"\nservice = "{service}"\n'
        text += f'[[scenarios]]\nnumber = "{NUMBER}"\nservice = "{service}"\nqueue = "{SPARE}"\n'
    return text


def menu(desk: Desk, turn: int) -> str:
    """The first step has another name in each turn, so a call in it goes on at the start; on some turns that asks the
    hours, which are open, in other ranges."""
    ranges = '["00:00-24:00"]' if turn % 2 else '["00:00-12:00", "12:00-24:00"]'
    first = f"menu{turn % 2}"
    lines = ["[[hours]]", f'id = "{MENU}"', 'timezone = "UTC"', "[hours.week]", *(f"{day} = {ranges}" for day in DAYS)]
    lines += [
        "[[scenarios]]",
        f'id = "{MENU}"',
        f'service = "{desk.furnished.service}"',
        f'numbers = ["{MENU_NUMBER}"]',
    ]
    lines += [
        f'start = "{"hours" if turn % 3 else first}"',
        "[scenarios.steps.hours]",
        'do = "hours"',
        f'hours = "{MENU}"',
    ]
    lines += [f'open = "{first}"', 'closed = "bye"', f"[scenarios.steps.{first}]", 'do = "menu"']
    lines += ['sound = "sound:tests/greeting"', 'keys = { 1 = "go" }', "wait_s = 2", "tries = 10", 'otherwise = "bye"']
    lines += ["[scenarios.steps.go]", 'do = "queue"', f'queue = "{desk.furnished.queues[0]}"', 'longest_wait = "bye"']
    lines += ["[scenarios.steps.bye]", 'do = "hangup"', 'sound = "sound:tests/all-busy"']
    return "\n".join(lines) + "\n"


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


async def be_served(desk: Desk, queue: int, *, by_menu: bool = False) -> Customer:
    """Call, in a menu press the key until it has helped, wait for an agent, listen for a moment, hang up."""
    customer = await (desk.dial(MENU_NUMBER) if by_menu else desk.call(queue))
    heard_one = asyncio.Event()
    pressing = asyncio.create_task(press(customer, heard_one), name="presses") if by_menu else None
    tones = [agent.tone_hz for agent in desk.agents]
    heard = [asyncio.create_task(customer.call.hears(hz, within_s=90), name="hears") for hz in tones]
    try:
        await asyncio.wait(heard, return_when=asyncio.FIRST_COMPLETED)
    finally:
        heard_one.set()
        for task in heard:
            task.cancel()
        await asyncio.gather(*heard, return_exceptions=True)
        if pressing is not None:
            await pressing
    await customer.call.hang_up()
    return customer


async def press(customer: Customer, until: asyncio.Event) -> None:
    """The menu may have begun anew under another configuration."""
    while not until.is_set():
        await customer.call.send_digits("1")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(until.wait(), 0.7)


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
                by_menu = turn % 3 == 2
                queue = 0 if by_menu else turn % 2
                calls.append((queue, asyncio.create_task(be_served(desk, queue, by_menu=by_menu), name="calls")))
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
async def test_given_a_queue_and_a_menu_are_removed_then_all_wait_on_in_their_order_and_nobody_hears_silence(
    stack: Stack, number_waiting: int
) -> None:
    async with stack.desk("reload-queue", ready=False) as desk:
        service, queue = desk.furnished.service, desk.furnished.queues[0]
        number = f'[[scenarios]]\nnumber = "{NUMBER}"\nservice = "{service}"\n'
        spare = f'[[queues]]\nid = "{SPARE}"\nservice = "{service}"\nmusic = "tone"\n'
        in_menu = number.replace(NUMBER, MENU_NUMBER)
        await stack.bridge.reload(f'{spare}{number}queue = "{SPARE}"\n{menu(desk, 0)}')
        waiting: list[Customer] = []
        choosing: list[Customer] = []
        try:
            for _ in range(number_waiting):
                waiting.append(await desk.dial(NUMBER))
                await waiting[-1].call.established()
            for _ in range(IN_MENU):
                choosing.append(await desk.dial(MENU_NUMBER))
            await asyncio.gather(
                *(customer.call.hears(MUSIC_HZ) for customer in waiting),
                *(customer.call.hears(GREETING_HZ) for customer in choosing),
            )
            since = time.monotonic()
            said = await stack.bridge.reload(f'{number}queue = "{queue}"\n{in_menu}queue = "{queue}"\n')
            taken = time.monotonic()  # Until then who is in the menu may hear nothing, for the menu waits for a key.
            assert said["queues"]["removed"] == [SPARE] and said["calls_moved"] >= number_waiting
            await asyncio.gather(*(customer.call.hears(MUSIC_HZ, since=since) for customer in choosing))
            await waiting[0].call.listen(2.0)
            for customer, began in (*((one, since) for one in waiting), *((one, taken) for one in choosing)):
                assert customer.call.heard.longest_silence(began, customer.call.heard.ended_at) < 1.0
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
