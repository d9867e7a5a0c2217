"""The systems side by side: the same phones, callers and rates, in alternating rounds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.memory import Memory, measure_memory
from benchmarks.rounds import TALK_S, Load, Round, run_round
from benchmarks.sipp import Phones
from benchmarks.systems import (
    MENU,
    NULL,
    RECORDED,
    BridgeThatRecords,
    BridgeWithMenu,
    System,
    running_app_queue,
    running_bridge,
    running_null,
)
from cti_bridge.local.ports import claim_ports

AGENTS_PER_RATE = 5
"""Agents for each call a second: a call takes one for a little over TALK_S seconds."""

LONG_TALK_S = 600.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. ``seconds`` of calls a round, by calls a second."""

    seconds: dict[int, int]
    rounds: int
    warm_up_s: int
    calls_up: int


@dataclass(slots=True)
class Measured:
    asterisk: str = ""
    rounds: list[Round] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)


async def compare(plan: Plan, directory: Path, say: Say) -> Measured:
    """Measure at each rate, and memory at the end of the highest."""
    measured = Measured()
    for rate in sorted(plan.seconds):
        async with AsyncExitStack() as stack:
            await _AtRate(plan, rate, directory, measured, say).run(stack)
    return measured


class _AtRate:
    """All systems are started for each rate, with as many agents as it needs."""

    def __init__(self, plan: Plan, rate: int, directory: Path, measured: Measured, say: Say) -> None:
        self._plan, self._rate, self._measured, self._say = plan, rate, measured, say
        self._directory = directory / str(rate)
        self._directory.mkdir()

    async def run(self, stack: AsyncExitStack) -> None:
        agents = self._rate * AGENTS_PER_RATE
        self._say(f"{self._rate} calls/s, {agents} agents: starting all systems")
        ports = claim_ports(200)
        stack.callback(ports.release)
        self._phones_port = ports.first
        # SIPp takes some ports above its media port for video and others.
        self._load = Load(self._directory, ports.first + 50, ports.first + 60)
        running = running_bridge(agents, self._phones_port, self._directory, ports.last)
        bridge = await stack.enter_async_context(running)
        self._systems: list[System] = [
            bridge,
            await stack.enter_async_context(running_null(agents, self._phones_port, self._directory)),
            await stack.enter_async_context(running_app_queue(agents, self._phones_port)),
            BridgeWithMenu(bridge),
            BridgeThatRecords(bridge),
        ]
        self._measured.asterisk = self._systems[0].pbx.asterisk.version
        async with self._phones(TALK_S) as phones:
            await self._rounds(phones)
        if self._rate == max(self._plan.seconds):
            async with self._phones(LONG_TALK_S):
                await self._memory()

    @asynccontextmanager
    async def _phones(self, talk_s: float) -> AsyncIterator[Phones]:
        phones = Phones(self._directory, self._phones_port, self._phones_port + 10, talk_s)
        try:
            yield phones
        finally:
            await phones.stop()

    async def _rounds(self, phones: Phones) -> None:
        plan, rate = self._plan, self._rate
        for system in self._systems:
            await run_round(self._load, phones, system, rate, rate * plan.warm_up_s)
        for number in range(plan.rounds):
            for system in self._systems:
                result = await run_round(self._load, phones, system, rate, rate * plan.seconds[rate])
                self._measured.rounds.append(result)
                cost = ", ".join(f"{part} {ms:.1f}" for part, ms in result.cpu_ms_per_call.items())
                self._say(f"  round {number + 1} {system.name:9} {result.failed} of {result.calls} failed; ms: {cost}")

    async def _memory(self) -> None:
        calls = self._plan.calls_up
        for system in (system for system in self._systems if system.name not in (NULL, MENU, RECORDED)):
            self._say(f"  memory of {system.name} with {calls} calls up")
            try:
                self._measured.memory.append(await measure_memory(self._load, system, calls))
            except TimeoutError:
                self._say(f"  not all of {calls} calls came up")


def run_comparison(plan: Plan, directory: Path, say: Say) -> Measured:
    return asyncio.run(compare(plan, directory, say))
