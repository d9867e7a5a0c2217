"""The mix: callers, called customers, and agents who hold, transfer and dial, all at once, for minutes."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.latency import Quantiles
from benchmarks.mix.delays import delays
from benchmarks.mix.driver import Driver
from benchmarks.mix.growth import Growth, Sample, growth, sample
from benchmarks.mix.kinds import KINDS, PlannedCall, plan
from benchmarks.mix.leftovers import held, leftovers, rows_left
from benchmarks.mix.rows import read_rows
from benchmarks.mix.verdict import failures
from benchmarks.pbx import NUMBER
from benchmarks.processes import own_cpu_s
from benchmarks.rounds import PATIENCE_S, TALK_S, Meter
from benchmarks.sipp import Callers, Phones, Scenario
from benchmarks.systems import Bridge, running_bridge
from cti_bridge.local.ports import claim_ports

AGENTS_PER_RATE = 7
"""Agents for each call a second: a call takes one for a little over TALK_S seconds, and a transfer two."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Mix:
    """What one run gave."""

    asterisk: str
    rate: float
    agents: int
    calls: dict[str, int]
    """By kind."""
    failed: dict[str, int]
    """By kind."""
    failures: list[str]
    """Why, of every call that failed."""
    double_offers: int
    leftovers: dict[str, int]
    panels_lost: int
    races: int
    delays: dict[str, Quantiles | None]
    cpu_ms_per_call: dict[str, float]
    others: float
    samples: list[Sample]
    growth: Growth | None


async def run_mix(calls: int, rate: float, directory: Path, say: Say) -> Mix:
    """``calls`` calls at ``rate`` a second; logs and configuration go to ``directory``."""
    agents = max(4, round(rate * AGENTS_PER_RATE))
    say(f"The mix: {calls} calls at {rate:g} calls/s, {agents} agents")
    async with AsyncExitStack() as stack:
        ports = claim_ports(200)
        stack.callback(ports.release)
        first = ports.first
        bridge = running_bridge(agents, first, directory, ports.last, far_end_port=first + 1)
        system = await stack.enter_async_context(bridge)
        phones = await stack.enter_async_context(_phones(directory, first, first + 10, "agent"))
        far_end = await stack.enter_async_context(_phones(directory, first + 1, first + 30, "far_end"))
        return await _Run(system, phones, far_end, directory, first + 2, say).run(plan(calls, rate), rate, agents)


@asynccontextmanager
async def _phones(directory: Path, port: int, media_port: int, scenario: Scenario) -> AsyncIterator[Phones]:
    phones = Phones(directory, port, media_port, TALK_S, scenario)
    try:
        yield phones
    finally:
        await phones.stop()


class _Run:
    def __init__(self, system: Bridge, phones: Phones, far_end: Phones, directory: Path, port: int, say: Say) -> None:
        self._system, self._phones, self._far_end = system, phones, far_end
        self._directory, self._port, self._say = directory, port, say
        self._samples: list[Sample] = []

    async def run(self, calls: Sequence[PlannedCall], rate: float, agents: int) -> Mix:
        system = self._system
        before, used, own = held(system.process.pid), system.cpu_s(), own_cpu_s()
        meter = Meter(system, self._phones, self._far_end)
        async with Driver(system.process.url, system.process.tokens) as driver:
            callers = await self._place(calls, rate, driver)
            lost = driver.panels_lost
        self._say("  all calls are placed; waiting until they are written down, and looking what is left")
        left = await leftovers(system, before)
        others = meter.others()
        cost = {part: (s - used[part]) / len(calls) * 1e3 for part, s in system.cpu_s().items()}
        cost["callers, driver and start of phones"] = (own_cpu_s() - own) / len(calls) * 1e3
        rows = await read_rows(system.database_url)
        customers, phones = [*callers.lines(), *self._far_end.new_lines()], self._phones.new_lines()
        failed = failures(calls, customers, phones, rows.calls, driver.troubles)
        joined = system.pbx.watch.joined_at()
        return Mix(
            asterisk=system.pbx.asterisk.version,
            rate=rate,
            agents=agents,
            calls=_by_kind(calls),
            failed=_by_kind(list(failed)),
            failures=[f"{call.kind.name} {call.number}: {why}" for call, why in failed.items()],
            double_offers=rows.agents_offered_busy + rows.calls_offered_twice,
            leftovers=left | rows_left(rows, len(calls)),
            panels_lost=lost,
            races=driver.races,
            delays=delays(calls, customers, phones, joined, driver.dialed_at, driver.answered_ms),
            cpu_ms_per_call=cost,
            others=others,
            samples=self._samples,
            growth=growth(self._samples),
        )

    async def _place(self, calls: Sequence[PlannedCall], rate: float, driver: Driver) -> Callers:
        """Place the calls, and wait until callers, called and agents are done with them."""
        inbound = [call.number for call in calls if not call.kind.outbound]
        callers = Callers(
            self._directory,
            "callers",
            self._port,
            self._port + 50,
            self._system.pbx.target,
            NUMBER,
            inbound,
            rate * len(inbound) / len(calls),
            int(len(calls) / rate + TALK_S + PATIENCE_S),
        )
        watching = asyncio.create_task(self._watch(driver), name="memory-samples")
        try:
            await driver.dial(calls)
            await callers.wait()
            await driver.finish()
            # Those who were dialled last are still talking.
            with contextlib.suppress(TimeoutError):
                await self._system.process.written()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await callers.stop()
        self._phones.check()
        self._far_end.check()
        return callers

    async def _watch(self, driver: Driver) -> None:
        await sample(lambda: len(driver.ended), lambda: self._system.rss_mb()["bridge"], self._samples)


def _by_kind(calls: Sequence[PlannedCall]) -> dict[str, int]:
    counts = Counter(call.kind.name for call in calls)
    return {kind.name: counts[kind.name] for kind in KINDS}
