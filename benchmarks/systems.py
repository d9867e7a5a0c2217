"""The systems that are compared: Asterisk's own app_queue, Asterisk with the null application, and Asterisk with the
bridge and Postgres."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import argon2

from benchmarks.bridge import CHEAP, BridgeProcess
from benchmarks.null_process import NullProcess
from benchmarks.offers import OfferCheck, check_offers
from benchmarks.pbx import (
    MENU_NUMBER,
    NO_FAR_END,
    NUMBER,
    RECORDED_NUMBER,
    Pbx,
    agent_numbers,
    bridge_settings,
    queue_settings,
    running_pbx,
)
from benchmarks.processes import cpu_s, rss_mb, tree_cpu_s
from benchmarks.sipp import Scenario
from cti_bridge.local.asterisk_config import AgentPhone
from cti_bridge.local.postgres import EmbeddedPostgres

APP_QUEUE, NULL, BRIDGE, MENU, RECORDED = "app_queue", "null", "bridge", "menu", "recorded"


class System(Protocol):
    """One way to serve a queue."""

    name: str
    pbx: Pbx
    dialled: str
    callers: Scenario

    def cpu_s(self) -> dict[str, float]:
        """Processor time so far, in seconds, by process."""

    def rss_mb(self) -> dict[str, float]:
        """Resident memory by process."""

    async def finish(self) -> None:
        """Wait until the work of the calls that are over is done."""

    async def calls_up(self) -> int: ...

    async def check(self, since: float, until: float) -> OfferCheck | None:
        """What the system wrote down about the calls that arrived between two POSIX times."""


class AppQueue:
    name = APP_QUEUE
    dialled = NUMBER
    callers: Scenario = "caller"

    def __init__(self, pbx: Pbx) -> None:
        self.pbx = pbx

    def cpu_s(self) -> dict[str, float]:
        return {"asterisk": cpu_s(self.pbx.asterisk.pid)}

    def rss_mb(self) -> dict[str, float]:
        return {"asterisk": rss_mb(self.pbx.asterisk.pid)}

    async def finish(self) -> None:
        """It writes nothing down."""

    async def calls_up(self) -> int:
        return await callers_up(self.pbx)

    async def check(self, since: float, until: float) -> OfferCheck | None:
        return None


class Null:
    name = NULL
    dialled = NUMBER
    callers: Scenario = "caller"

    def __init__(self, pbx: Pbx, process: NullProcess) -> None:
        self.pbx, self._process = pbx, process

    def cpu_s(self) -> dict[str, float]:
        return {"asterisk": cpu_s(self.pbx.asterisk.pid), "null": cpu_s(self._process.pid)}

    def rss_mb(self) -> dict[str, float]:
        return {"asterisk": rss_mb(self.pbx.asterisk.pid), "null": rss_mb(self._process.pid)}

    async def finish(self) -> None:
        """It writes nothing down."""

    async def calls_up(self) -> int:
        return await callers_up(self.pbx)

    async def check(self, since: float, until: float) -> OfferCheck | None:
        return None


class Bridge:
    name = BRIDGE
    dialled = NUMBER
    callers: Scenario = "caller"

    def __init__(self, pbx: Pbx, bridge: BridgeProcess, postgres: EmbeddedPostgres) -> None:
        self.pbx, self.process, self._postgres = pbx, bridge, postgres

    @property
    def database_url(self) -> str:
        return self._postgres.url

    def cpu_s(self) -> dict[str, float]:
        return {
            "asterisk": cpu_s(self.pbx.asterisk.pid),
            "bridge": cpu_s(self.process.pid),
            "postgres": tree_cpu_s(self._postgres.pid),
        }

    def rss_mb(self) -> dict[str, float]:
        return {"asterisk": rss_mb(self.pbx.asterisk.pid), "bridge": rss_mb(self.process.pid)}

    async def finish(self) -> None:
        await self.process.written()

    async def calls_up(self) -> int:
        return await self.process.calls_up()

    async def check(self, since: float, until: float) -> OfferCheck | None:
        return await check_offers(self._postgres.url, since, until)


class BridgeWithMenu(Bridge):
    """The same bridge, for callers who press a key of a menu first."""

    name = MENU
    dialled = MENU_NUMBER
    callers: Scenario = "presser"

    def __init__(self, bridge: Bridge) -> None:
        vars(self).update(vars(bridge))


class BridgeThatRecords(Bridge):
    """The same bridge, for callers whose conversations are recorded, fetched and stored."""

    name = RECORDED
    dialled = RECORDED_NUMBER

    def __init__(self, bridge: Bridge) -> None:
        vars(self).update(vars(bridge))


async def callers_up(pbx: Pbx) -> int:
    """Channels of the trunk: one a caller."""
    return (await pbx.asterisk.command("core show channels concise")).count("PJSIP/trunk-")


@asynccontextmanager
async def running_app_queue(agents: int, phones_port: int) -> AsyncIterator[System]:
    async with running_pbx(queue_settings(agent_numbers(agents), phones_port)) as pbx:
        yield AppQueue(pbx)


@asynccontextmanager
async def running_null(agents: int, phones_port: int, directory: Path) -> AsyncIterator[System]:
    numbers = agent_numbers(agents)
    async with (
        running_pbx(bridge_settings(numbers, phones_port)) as pbx,
        NullProcess(directory, pbx.asterisk, numbers) as process,
    ):
        yield Null(pbx, process)


@asynccontextmanager
async def running_bridge(
    agents: int,
    phones_port: int,
    directory: Path,
    api_port: int,
    far_end_port: int = NO_FAR_END,
    in_page: Sequence[AgentPhone] = (),
    hasher: argon2.PasswordHasher = CHEAP,
) -> AsyncIterator[Bridge]:
    """``in_page`` and ``hasher`` as of BridgeProcess."""
    numbers = agent_numbers(agents)
    # A directory of its own beside ours: Postgres may run as another user, who must get there.
    data = Path(tempfile.mkdtemp(prefix="cti-bench-postgres-"))
    # Given a directory, it keeps what it is told over a power cut, as in production; a temporary one would not.
    postgres = EmbeddedPostgres(data)
    try:
        async with (
            postgres,
            running_pbx(bridge_settings(numbers, phones_port, far_end_port, in_page)) as pbx,
            BridgeProcess(directory, api_port, pbx.asterisk, postgres.url, numbers, in_page, hasher) as bridge,
        ):
            yield Bridge(pbx, bridge, postgres)
    finally:
        shutil.rmtree(data, ignore_errors=True)
