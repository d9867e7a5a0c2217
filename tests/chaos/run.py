"""One run: people call without a pause, one fault comes after another, and at the end everything is compared."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.agents import Agents
from tests.chaos.boss import Boss
from tests.chaos.faults import Fault
from tests.chaos.house import House
from tests.chaos.outcome import Outcome, compared
from tests.chaos.people import CALLERS, People
from tests.chaos.talks import Talks
from tests.chaos.trace import Happened, NothingBroken, Trace
from tests.support.rows import eventually

BEFORE_S, AFTER_S = 4.0, 12.0
"""Of undisturbed calls before the first fault, and after each."""
AGENTS_PER_RATE = 6
"""Agents for each call a second: now and then nobody is free."""
EMPTY_WITHIN_S = 60.0
HABITS = {"answers": 0.76, "hasty": 0.08, "declines": 0.08, "rings": 0.08}
"""The shares of the agents' phones."""
LINES = 2
PIECE_S = 5.0
"""Callers come in pieces of so many seconds, for how long a fault lasts is not known before."""
BOARD_S = 2.5
"""A wallboard shows a change within a second, and comes again every two."""

AtTheEnd = Callable[[House], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """``rate`` is calls a second, ``after_s`` how long calls go on after each fault, ``lines`` the number of
    conversations whose audio is measured."""

    faults: Sequence[Fault]
    rate: float = 3.0
    after_s: float = AFTER_S
    seed: int = 1
    lines: int = LINES

    @property
    def agents(self) -> int:
        """The number of agents."""
        return max(4, round(self.rate * AGENTS_PER_RATE))


class Run:
    """A run of a plan in a directory, on ports from ``first_port`` on. ``say`` is told how far it is."""

    def __init__(self, plan: Plan, directory: Path, first_port: int, say: Callable[[str], None]) -> None:
        self._plan, self._say = plan, say
        self._directory, self._first_port = directory, first_port
        self._trace = Trace()

    async def run(self, at_the_end: AtTheEnd | None = None) -> Outcome:
        """Run through it. ``at_the_end`` sees the house when all is compared."""
        async with People(self._directory, self._first_port) as people:
            phones = _phones(people, self._plan.agents)
            house = House(self._directory, phones, people.phones("far_end"), self._plan.lines)
            async with house, Talks(house) as talks, Boss(house) as boss:
                await self._calls(house, people, talks, boss)
                outcome = await compared(house, self._trace, self._plan.faults, talks.had, boss)
                if at_the_end is not None:
                    await at_the_end(house)
                return outcome

    async def _calls(self, house: House, people: People, talks: Talks, boss: Boss) -> None:
        plan = self._plan
        async with Agents(house.bridge.url, house.agents, self._trace, plan.seed) as agents:

            async def idle() -> int:
                return agents.idle

            await eventually(idle, lambda count: count == plan.agents)
            self._say(f"{plan.agents} agents are at work; {len(plan.faults)} faults at {plan.rate:g} calls a second")
            calling = asyncio.create_task(self._call(house, people), name="chaos-calls")
            try:
                await asyncio.sleep(BEFORE_S)
                for fault in plan.faults:
                    await self._break(fault, house, people, talks)
            finally:
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
            agents.no_more_calls_out()
            self._say("All calls are placed; waiting until they are over")
            agents.check()
            await talks.stop()
            await _empty(house)
            boss.check()
        await _empty(house)  # The agents have gone on until now.
        await asyncio.sleep(BOARD_S)

    async def _break(self, fault: Fault, house: House, people: People, talks: Talks) -> None:
        happened = Happened(fault.name, time.time())
        self._trace.faults.append(happened)
        try:
            await fault.act(house, people)
        except NothingBroken as error:
            happened.missed = str(error)
        happened.healed = time.time()
        if fault.of_pbx:
            await talks.renew()
        self._say(f"  {fault.name}: mended after {happened.healed - happened.began:.1f} s")
        await asyncio.sleep(self._plan.after_s)
        happened.over = time.time()

    async def _call(self, house: House, people: People) -> None:
        """Place calls until cancelled."""
        while True:
            for callers in CALLERS:
                calls = max(1, round(self._plan.rate * PIECE_S * callers.share))
                people.call(callers, calls, calls / PIECE_S, house.target)
            await asyncio.sleep(PIECE_S)


def _phones(people: People, count: int) -> dict[int, list[str]]:
    """Start the agents' phones; return the agents' numbers by port."""
    numbers = [f"b{number:04}" for number in range(1, count + 1)]
    phones, first = {}, 0
    for habit, share in HABITS.items():
        last = count if habit == "rings" else first + max(1, round(share * count))
        phones[people.phones(habit)] = numbers[first:last]
        first = last
    return {port: some for port, some in phones.items() if some}


async def _empty(house: House) -> None:
    """Wait until all calls are over and written down. At two looks in a row, for a row that was made a moment ago is
    counted only when it is on disk."""
    quiet = 0

    async def quiet_looks() -> int:
        nonlocal quiet
        open_calls = await house.rows.fetch("select 1 from cti.call where ended_at is null")
        waits = await house.bridge.metric("cti_outbox_rows") or await house.recordings_left()
        quiet = 0 if open_calls or waits else quiet + 1
        return quiet

    with contextlib.suppress(AssertionError):
        await eventually(quiet_looks, lambda looks: looks >= 2, EMPTY_WITHIN_S)
