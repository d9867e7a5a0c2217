"""Memory with many calls up: some are talked, the others wait with music."""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.polling import until
from benchmarks.rounds import Load
from benchmarks.systems import System

RATE = 50
UP_WITHIN_S = 40
SETTLED_S = 2.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MB by process: before the calls, with ``calls`` of them up, and after them."""

    system: str
    calls: int
    before: dict[str, float]
    during: dict[str, float]
    after: dict[str, float]


async def measure_memory(load: Load, system: System, calls: int) -> Memory:
    """The phones must talk longer than this takes. Raises TimeoutError when not all calls come up."""

    async def all_up() -> bool:
        return await system.calls_up() >= calls

    before = system.rss_mb()
    callers = load.call(system, calls, RATE, UP_WITHIN_S)
    try:
        await until(all_up, UP_WITHIN_S)
        during = await _highest(system)
        await system.pbx.asterisk.command("channel request hangup all")
        await callers.wait()
    finally:
        await callers.stop()
    await system.finish()
    return Memory(system.name, calls, before, during, system.rss_mb())


async def _highest(system: System) -> dict[str, float]:
    """The highest of each process for a while."""
    highest = system.rss_mb()
    until = time.monotonic() + SETTLED_S
    while time.monotonic() < until:
        await asyncio.sleep(0.2)
        highest = {part: max(size, highest[part]) for part, size in system.rss_mb().items()}
    return highest
