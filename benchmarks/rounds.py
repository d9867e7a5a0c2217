"""One round: callers at a steady rate against one system, until the last call is over and all of it is written down."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.latency import Delays, delays
from benchmarks.offers import OfferCheck
from benchmarks.processes import machine_cpu_s, own_cpu_s
from benchmarks.sipp import Callers, Phones
from benchmarks.systems import System

TALK_S = 3.0
PATIENCE_S = 30
"""Beyond the time a round should take: callers who are not served by then have failed."""


@dataclass(frozen=True, slots=True)
class Round:
    system: str
    rate: int
    calls: int
    failed: int
    seconds: float
    cpu_ms_per_call: dict[str, float]
    others: float
    """The share of the machine's processors that went to processes that are no part of the benchmark: beyond a few
    per cent the delays say more about them."""
    rss_mb: dict[str, float]
    delays: Delays
    check: OfferCheck | None


class Load:
    """The callers' side: one number a call, over all rounds."""

    def __init__(self, directory: Path, port: int, media_port: int) -> None:
        self._directory, self._port, self._media_port = directory, port, media_port
        self._numbers = self._all_numbers()
        self._rounds = 0

    def call(self, system: System, calls: int, rate: int, patience_s: float) -> Callers:
        """Begin ``calls`` calls."""
        self._rounds += 1
        return Callers(
            self._directory,
            f"callers-{self._rounds}-{system.name}",
            self._port,
            self._media_port,
            system.pbx.target,
            system.dialled,
            [next(self._numbers) for _ in range(calls)],
            rate,
            int(calls / rate + patience_s),
            system.callers,
        )

    @staticmethod
    def _all_numbers() -> Iterator[str]:
        """Mobile numbers of Korea, in E.164."""
        return (f"+8210{number}" for number in range(20_000_000, 100_000_000))


class Meter:
    """What others use of the machine, from now on."""

    def __init__(self, system: System, *phones: Phones) -> None:
        self._system, self._phones = system, phones
        self._began, self._at_first = time.monotonic(), self._others_s()

    def others(self) -> float:
        processors = os.cpu_count() or 1
        return max(0.0, self._others_s() - self._at_first) / (time.monotonic() - self._began) / processors

    def _others_s(self) -> float:
        phones_s = sum(phones.cpu_s() for phones in self._phones)
        return machine_cpu_s() - sum(self._system.cpu_s().values()) - phones_s - own_cpu_s()


async def run_round(load: Load, phones: Phones, system: System, rate: int, calls: int) -> Round:
    """Place the calls and measure."""
    phones.new_lines()
    system.pbx.watch.joined_at()
    began, before, meter = time.time(), system.cpu_s(), Meter(system, phones)
    callers = load.call(system, calls, rate, TALK_S + PATIENCE_S)
    try:
        await callers.wait()
    finally:
        await callers.stop()
    await system.finish()
    used, others, ended = system.cpu_s(), meter.others(), time.time()
    phones.check()
    found = delays(callers.lines(), phones.new_lines(), system.pbx.watch.joined_at())
    check = await system.check(began, ended)
    # Calls that never got so far as to be noted anywhere have failed, too.
    failed = max(found.failed, calls - len(found.to_bridge), check.faults if check else 0)
    return Round(
        system.name,
        rate,
        calls,
        failed,
        ended - began,
        {part: (used[part] - before[part]) / calls * 1e3 for part in used},
        others,
        system.rss_mb(),
        found,
        check,
    )
