"""One bridge after the other is lost, while callers come and agents work: each caller is served, nobody is cut, and
nothing is lost that was acknowledged as shipped."""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import pytest

from cti_bridge.api.acknowledged import ACKNOWLEDGED
from tests.acceptance.hearing import joined
from tests.pair.conftest import Roles
from tests.pair.test_take_over import BUSY_WITHIN_S, CONTROL_WITHIN_S, GAP_S, controls
from tests.support.agent_client import Refused
from tests.support.pair import Member, PairStack
from tests.support.rows import eventually
from tests.support.stack import Agent, Desk

SERVED_WITHIN_S = 40.0
TALK_S = 1.0
UNSEEN_S = 0.5
"""What has happened for so long is on disk and shipped."""
CALLERS = 2
PROCESSING = "Business (Ticket Processing)"


class Note:
    """A number that an agent keeps: a change that is acknowledged, and can be read again."""

    def __init__(self, desk: Desk, agent: Agent) -> None:
        self._stack, self._agent = desk.stack, agent
        self._numbers = itertools.count(5000_0001)
        self.acknowledged: dict[str, str] = {}
        """By number: shipped or local."""

    async def go_on(self) -> None:
        """Keep one number after the other, and note what was said of it."""
        async with aiohttp.ClientSession() as session:
            while True:
                number = f"+8210{next(self._numbers)}"
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(
                        f"{self._stack.url}/api/v1/me/frequent-numbers",
                        json={"number": number, "label": "kept"},
                        headers={"Authorization": f"Bearer {self._agent.client._token}"},
                        timeout=aiohttp.ClientTimeout(total=2),
                    ) as response:
                        if response.status < 300:
                            self.acknowledged[number] = response.headers.get(ACKNOWLEDGED, "local")
                await asyncio.sleep(0.01)

    async def lost(self) -> dict[str, str]:
        """Return what was acknowledged and is not there, and forget all."""
        kept = {one["number"]: one["id"] for one in await self._agent.client.frequent_numbers()}
        lost = {number: how for number, how in self.acknowledged.items() if number not in kept}
        for identity in kept.values():
            await self._agent.client.remove_frequent_number(identity)
        self.acknowledged.clear()
        return lost


class Load:
    """Callers who come again and again, and agents who serve them by their phones alone."""

    def __init__(self, desk: Desk, agents: Sequence[Agent]) -> None:
        self._desk, self._agents = desk, agents
        self.served: dict[str, float] = {}
        """When each served caller called, by number."""

    async def serve(self, agent: Agent) -> None:
        """Lift, and be ready again after each call, whichever bridge there is."""
        while True:
            phone = await agent.phone.incoming(3600)
            with contextlib.suppress(Exception):  # One that ends in this moment rings again.
                await phone.answer()
            ended = asyncio.create_task(phone.ended(3600))
            while not ended.done():
                await asyncio.wait((ended,), timeout=0.5)
            await self._be_ready(agent)

    async def _be_ready(self, agent: Agent) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, Refused, TimeoutError):
                async with asyncio.timeout(2):
                    await agent.client.ready()
                    return
            await asyncio.sleep(0.1)

    async def call(self) -> None:
        """Call, wait for an agent's voice, talk a moment, hang up, and call again."""
        voices = [agent.tone_hz for agent in self._agents]
        while True:
            dialing = asyncio.create_task(self._desk.dial(self._desk.furnished.number), name="dials")
            began = time.monotonic()
            try:
                customer = await asyncio.shield(dialing)
                while not any(customer.call.heard.tone_began(hz, None, 0.2) for hz in voices):
                    assert time.monotonic() < began + SERVED_WITHIN_S, "a caller is not served"
                    assert customer.call.ended_at is None, "a caller was turned away"
                    await asyncio.sleep(0.05)
                await asyncio.sleep(TALK_S)
            finally:
                await (await dialing).call.hang_up()
            self.served[customer.number] = began


@asynccontextmanager
async def under_load(load: Load, agents: Sequence[Agent]) -> AsyncIterator[list[asyncio.Task[None]]]:
    serving = [asyncio.create_task(load.serve(agent), name=f"serves-{agent.cti_id}") for agent in agents]
    callers = [asyncio.create_task(load.call(), name="calls") for _ in range(CALLERS)]
    try:
        yield [*serving, *callers]
    finally:
        await _end(*serving, *callers)


@asynccontextmanager
async def keeping(note: Note) -> AsyncIterator[None]:
    keeps = asyncio.create_task(note.go_on(), name="keeps")
    try:
        yield
    finally:
        await _end(keeps)


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def lose(stack: PairStack, roles: tuple[Member, Member], steady: Agent, how: str) -> float:
    """Kill who acts, at any moment, or end it in order. Return after how many seconds the spare was in control, when
    the other one is the warm spare."""
    active, spare = roles
    began = time.monotonic()
    if how == "SIGKILL":
        await active.bridge.kill()
    else:
        await active.bridge.stop()
    took_s = await controls(stack, spare, steady.client) - began
    assert await stack.roles() == (spare, active)
    return took_s


def unseen(load: Load, killed_at: Sequence[float]) -> set[str]:
    """Return who came in the last moment before a kill, was given an agent in the same moment, and has talked and gone
    before the spare was there: nobody may know of them (decision 0047)."""
    return {number for number, began in load.served.items() if any(0 <= at - began < UNSEEN_S for at in killed_at)}


OPEN = """select call.id::text, call.epoch, call.version, call.customer_number, call.arrived_at, call.answered_at,
    array(select event.epoch || ' ' || event.type || ' ' || event.at from cti.call_event as event
        where event.call_id = call.id order by event.seq) as events,
    (select convert_from(held.state, 'UTF8') from cti.checkpoint as held
        where held.kind = 'call' and held.id = call.id::text) as state
from cti.call as call where call.ended_at is null"""
"""Calls that are not over in Postgres, and what is known of them."""


SOAK = (pytest.mark.soak, pytest.mark.timeout(1200))


@pytest.mark.parametrize(
    ("ack", "how", "kills"),
    [
        ("local", "SIGKILL", 1),
        ("shipped", "SIGKILL", 1),
        ("shipped", "SIGTERM", 2),
        pytest.param("local", "SIGKILL", 25, marks=SOAK),
        pytest.param("shipped", "SIGKILL", 25, marks=SOAK),
        pytest.param("shipped", "SIGTERM", 10, marks=SOAK),
    ],
)
async def test_given_bridges_that_are_lost_under_load_then_all_are_served_and_nothing_that_was_shipped_is_lost(
    stack: PairStack, roles: Roles, ack: str, how: str, kills: int
) -> None:
    """SIGTERM of both, one after the other, is an upgrade."""
    await stack.acknowledge(ack)
    pair = await stack.roles()
    chance = random.Random(kills)
    async with stack.desk("soak", ready=False) as desk:
        steady, keeper, *serving = desk.agents
        await steady.ready()
        customer = await desk.call()
        phone = await steady.lift()
        await joined(phone, customer.call)
        for agent in serving:
            await agent.ready()
        load, note, since = Load(desk, serving), Note(desk, keeper), time.monotonic()
        took_s, lost, killed_at = [], [], []
        async with under_load(load, serving) as tasks:
            for _ in range(kills):
                async with keeping(note):
                    await asyncio.sleep(1 + chance.random())
                    killed_at.append(time.monotonic())
                    took_s.append(await lose(stack, pair, steady, how))
                    pair = pair[1], pair[0]
                    before = len(load.served)
                    async with asyncio.timeout(SERVED_WITHIN_S):
                        while len(load.served) < before + CALLERS:  # noqa: ASYNC110
                            await asyncio.sleep(0.05)
                    assert not any(task.done() for task in tasks), [task for task in tasks if task.done()]
                found = await note.lost()
                assert "shipped" not in found.values(), found
                lost.append(len(found))
        for one, hz in ((phone, customer.call.tone_hz), (customer.call, steady.tone_hz)):
            assert one.heard.longest_gap(hz, since, (one.heard.ended_at or since) - 0.1) <= GAP_S
        assert max(took_s) < (CONTROL_WITHIN_S if kills > 2 else BUSY_WITHIN_S), took_s
        await customer.call.hang_up()
        for number in load.served.keys() - unseen(load, killed_at):
            call = await desk.rows.call(number)
            assert call["outcome"] == "completed", call
            opened = await desk.rows.fetch("select 1 from cti.ticket where call_id = $1::uuid", call["id"])
            assert len(opened) == 1
        await eventually(lambda: desk.rows.fetch(OPEN), lambda found: not found)
