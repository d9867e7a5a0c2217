"""A bridge of a pair changes its role in one process, and each role opens the spool anew: on a disk that is busy, too.

Postgres is away, so a take-over fails and leads back to the spare. That is both changes, in a second.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cti_bridge.app import App
from cti_bridge.exit_codes import ExitCode
from cti_bridge.settings import load_settings
from cti_bridge.spare import pair as pair_module
from cti_bridge.spare.pair import Pair
from cti_bridge.spare.standby import Standby
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.spool_file import SpoolFile
from cti_bridge.supervisor import within
from tests.support.configuration import ENVIRONMENT, configuration

AWAY = {
    "CTI_BRIDGE_DATABASE__URL": "postgresql://cti@127.0.0.1:1/none",
    "CTI_BRIDGE_ASTERISK__MAIN__URL": "http://127.0.0.1:1/ari",
    "CTI_BRIDGE_API__LISTEN": "127.0.0.1:0",
}
GIVEN_UP_S, BUSY_S = 0.05, 0.4
"""The end of a role waits for its spool for so long, and the disk takes so long."""
WITHIN_S = 20.0

T = TypeVar("T")


class BusyDisk:
    """A disk on which a spool is closed only when its event in ``closes`` is set, until the disk is ``well``. Each
    spool that is opened is told in ``opened``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.closes: asyncio.Queue[threading.Event] = asyncio.Queue()
        self.opened: asyncio.Queue[None] = asyncio.Queue()
        self.well = False
        loop, close, look_after = asyncio.get_running_loop(), SpoolFile.close, Spool.look_after

        def closed(file: SpoolFile) -> None:
            if not self.well:
                goes_on = threading.Event()
                loop.call_soon_threadsafe(self.closes.put_nowait, goes_on)
                goes_on.wait(WITHIN_S)
            close(file)

        def opened(spool: Spool) -> None:
            self.opened.put_nowait(None)
            look_after(spool)

        async def given_up(part: str, seconds: float, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
            await within(part, GIVEN_UP_S if part == "spool" else seconds, close)

        monkeypatch.setattr(SpoolFile, "close", closed)
        monkeypatch.setattr(Spool, "look_after", opened)
        monkeypatch.setattr("cti_bridge.app.within", given_up)
        monkeypatch.setattr("cti_bridge.spare.standby.within", given_up)
        monkeypatch.setattr("cti_bridge.supervisor._LET_GO_S", GIVEN_UP_S)


@asynccontextmanager
async def running(directory: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Pair, asyncio.Task[int]]]:
    """A bridge of a pair that takes the lease at its first look, and never again."""
    looks = iter((True,))

    async def take(_: Standby) -> bool:
        return next(looks, False)

    monkeypatch.setattr(Standby, "_take", take)
    monkeypatch.setattr(pair_module, "PAUSE_S", 0.0)
    path = configuration(directory, "[spool]\npath = 'spool.db'\n[spare]\nname = 'a'\n") / "cti_bridge.toml"
    pair = Pair(load_settings(path, {**ENVIRONMENT, **AWAY}))
    task = asyncio.create_task(pair.run())
    try:
        async with asyncio.timeout(WITHIN_S):
            yield pair, task
    finally:
        pair._asked_to_end.set()
        await asyncio.gather(task, return_exceptions=True)


def noted_roles(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """The roles that begin from now on, as they do."""
    roles: list[type] = []

    def note(role: Any) -> None:
        start = role._start

        async def started(self: Any) -> None:
            roles.append(role)
            await start(self)

        monkeypatch.setattr(role, "_start", started)

    note(Standby)
    note(App)
    return roles


async def told(queue: "asyncio.Queue[T]", process: asyncio.Task[int]) -> T:
    """Wait until something is told, while the process runs, and return it."""
    tells = asyncio.create_task(queue.get())
    await asyncio.wait((tells, process), return_when=asyncio.FIRST_COMPLETED)
    assert not process.done(), f"the process has ended: {process.exception()!r}"
    return tells.result()


async def test_given_a_disk_that_is_busy_at_each_change_of_the_role_then_the_next_role_waits_for_the_spool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, roles = BusyDisk(monkeypatch), noted_roles(monkeypatch)
    loop = asyncio.get_running_loop()
    async with running(tmp_path, monkeypatch) as (_, task):
        for _ in range(2):
            await told(disk.opened, task)
            goes_on = await told(disk.closes, task)
            loop.call_later(BUSY_S, goes_on.set)
        await told(disk.opened, task)
        assert roles == [Standby, App, Standby]
        disk.well = True


async def test_given_a_disk_that_does_not_answer_at_all_then_the_process_can_be_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = BusyDisk(monkeypatch)
    async with running(tmp_path, monkeypatch) as (pair, task):
        goes_on = await disk.closes.get()
        pair._asked_to_end.set()
        assert await task == ExitCode.OK
        goes_on.set()
        await pair._own_spool.free
