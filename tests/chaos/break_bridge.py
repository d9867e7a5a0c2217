"""Faults of the bridge's own process and of what it stands on: its file, its descriptors, its disk."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.chaos.ahead import HOUR_S
from tests.chaos.house import House
from tests.support import with_clock

STALL_S, LACK_S = 10.0, 6.0


async def killed(house: House) -> None:
    await house.bridge.kill()
    await house.bridge.start()


async def ended(house: House) -> None:
    await house.bridge.stop()
    await house.bridge.start()


async def stands_still(house: House) -> None:
    house.bridge.pause()
    await asyncio.sleep(STALL_S)
    house.bridge.go_on()


async def killed_twice(house: House) -> None:
    await house.bridge.kill()
    await house.bridge.start(wait_ready=False)
    await asyncio.sleep(1.0)
    await killed(house)


async def killed_with_pbx(house: House) -> None:
    await asyncio.gather(house.bridge.kill(), house.pbx.kill())
    await house.start_pbx()
    await house.bridge.start()


async def clock_ahead(house: House) -> None:
    await _clock_set(house, HOUR_S)


async def clock_behind(house: House) -> None:
    await _clock_set(house, -HOUR_S)


async def _clock_set(house: House, ahead_s: float) -> None:
    """It is set under the running bridge, which is killed under the wrong clock, and set right again. A bridge whose
    clock can be set has to be started for it."""
    file, through = house.directory / "clock-ahead", house.bridge.through

    def put(now_s: float) -> None:
        file.with_suffix(".new").write_text(str(now_s))
        file.with_suffix(".new").replace(file)
        house.ahead.set(time.time(), now_s)

    put(0.0)
    house.bridge.through = (sys.executable, "-m", with_clock.__name__, str(file))
    await ended(house)
    put(ahead_s)
    await asyncio.sleep(LACK_S / 2)
    assert await house.bridge.metric("cti_clock_was_set_total") == 1
    await killed(house)
    await asyncio.sleep(LACK_S / 2)
    put(0.0)
    await asyncio.sleep(LACK_S / 2)
    assert await house.bridge.metric("cti_clock_was_set_total") == 1
    house.bridge.through = through
    await ended(house)


async def reloaded(house: House) -> None:
    await house.bridge.reload('[[queues]]\nid = "chaos"\nservice = "chaos"\nlongest_wait_s = 25\npickup_time_s = 4\n')


async def spool_gone(house: House) -> None:
    """Somebody tidies up. What is still open under the old name is not on disk any more."""
    for file in house.spool.parent.glob(f"{house.spool.name}*"):
        if not file.name.endswith(".operator"):
            file.unlink()


async def disk_full(house: House) -> None:
    """No file of the bridge may grow, its log included."""
    with _limited(house.bridge.pid, resource.RLIMIT_FSIZE, 1024):
        await asyncio.sleep(LACK_S)


async def killed_with_a_full_disk(house: House) -> None:
    with _limited(house.bridge.pid, resource.RLIMIT_FSIZE, 1024):
        await asyncio.sleep(LACK_S / 2)
        await killed(house)


async def no_descriptors(house: House) -> None:
    """It can open nothing more: no connection, no file."""
    open_now = len(os.listdir(f"/proc/{house.bridge.pid}/fd"))
    with _limited(house.bridge.pid, resource.RLIMIT_NOFILE, open_now):
        await asyncio.sleep(LACK_S)


@contextmanager
def _limited(pid: int, what: int, soft: int) -> Iterator[None]:
    """A limit of a running process, lifted in the end where it still runs."""
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (soft, before[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, what, before)
