"""A bridge that is killed at any moment, and goes on itself or is replaced by its spare: what was acknowledged as
shipped is there, no row came before its state, and no row of history is lost (P1)."""

import asyncio
import json
import random
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.storage.database import Database
from cti_bridge.storage.shipped import go_on_with_shipped, load_shipped
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.writer import Writer
from tests.support.hung_postgres import HungPostgres
from tests.support.shipped import ROWS_FOLLOW
from tests.support.shipping_process import CALLS, LAST
from tests.support.storage import fetch

ROOT = Path(__file__).parents[2]
KILLS = 12
ALL_KILLS = 500


@dataclass
class Told:
    """What the processes have said, over all their lives."""

    shipped: int = 0
    """The highest change that Postgres was said to have."""
    local: dict[str, int] = field(default_factory=dict)
    """All changes that were said to be on disk, by the id of their event."""
    took: set[str] = field(default_factory=set)
    """Whose states they went on with."""


class Bridge:
    def __init__(self, process: asyncio.subprocess.Process, told: Told) -> None:
        self._process, self._told = process, told
        self.began_with = -1

    async def until_shipped(self) -> None:
        """Return when it has shipped a change of its own."""
        while (what := await self._read()) != "shipped":
            assert what, "it has ended"

    async def until_alone(self) -> None:
        """Return when it has a change on disk that Postgres has not got."""
        while max(self._told.local.values()) <= self._told.shipped:
            assert await self._read(), "it has ended"

    async def kill(self) -> None:
        self._process.kill()
        while await self._read():
            pass
        await self._process.wait()

    async def _read(self) -> str:
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        if not line.endswith("\n"):
            return ""
        what, number, *more = line.split()
        if what == "began":
            self.began_with = int(number)
            self._told.took.add(more[0])
        elif what == "local":
            self._told.local[more[0]] = int(number)
        elif what == "shipped":
            self._told.shipped = max(self._told.shipped, int(number))
        return what


@asynccontextmanager
async def bridge(directory: Path, url: str, term: int, told: Told) -> AsyncIterator[Bridge]:
    command = ("-m", "tests.support.shipping_process", str(directory), url, str(term))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, limit=2**24
    )
    try:
        yield Bridge(process, told)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def shipped_last(url: str) -> int:
    database = Database(url)
    try:
        found = await load_shipped(database)
        return int(found.states[LAST]) if found is not None else 0
    finally:
        await database.close()


class Nobody:
    def written(self, seq: int) -> None:
        pass


async def drain(directory: Path, url: str, term: int | None = None) -> None:
    """Write what the spool has left, as a spare does, or as the bridge that acts in this term."""
    spool, database = Spool.open(directory / "spool.db"), Database(url)
    try:
        if term is not None:
            assert await go_on_with_shipped(spool, database, term) is None
            shipping = Shipping(spool, database)
            shipping.start()
            assert await shipping.shipped(20)
        await Writer(spool, database, Nobody(), replaced=term is None).drain()
        assert (spool.backlog_rows, await spool.refused()) == (0, [])
        if term is not None:
            await shipping.stop()
    finally:
        await spool.close()
        await database.close()


async def is_whole(url: str, told: Told, hosts: list[Path], active: Path, term: int) -> None:
    """After all rows are written: each change that was on disk has its event, and each call the row of its state."""
    for host in hosts:
        await drain(host, url, term if host == active else None)
    events = {str(row["id"]): row["seq"] for row in await fetch(url, "select id, seq from cti.call_event")}
    assert {one: number for one, number in told.local.items() if events.get(one) != number} == {}
    with closing(sqlite3.connect(active / "spool.db")) as spool:
        states = dict(spool.execute("select id, state from checkpoint where kind = 'call'").fetchall())
    rows = {str(row["id"]): row["version"] for row in await fetch(url, "select id, version from cti.call")}
    # A call that the replaced bridge had alone is written, too.
    assert {call_id: rows.get(call_id) for call_id in states} == {
        call_id: json.loads(state)["version"] for call_id, state in states.items()
    }
    assert set(states) <= set(rows) <= set(CALLS)


async def kill_many(tmp_path: Path, url: str, kills: int, seed: int) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(ROWS_FOLLOW.replace("pg_sleep(0.01)", "pg_sleep(0.002)"))
    await connection.close()
    chance, told = random.Random(seed), Told()
    hosts = [tmp_path / "first", tmp_path / "second"]
    active = hosts[0]
    for term in range(1, kills + 1):
        active = chance.choice(hosts) if term > 1 else active
        promised = told.shipped
        async with bridge(active, url, term, told) as one:
            await one.until_shipped()
            assert one.began_with >= promised
            await asyncio.sleep(chance.choice((0.0, 0.002, 0.01, 0.05)) * chance.random())
            await one.kill()
        assert await shipped_last(url) >= told.shipped
        if chance.random() < 0.2:
            await drain(hosts[1 - hosts.index(active)], url)
    assert told.took == {"own", "shipped"}
    await is_whole(url, told, hosts, active, kills + 1)


MOMENTS = {
    "in the middle of a shipment": b'"version": ',
    "after the shipment and before the rows": b'"version":',
}
"""What the process sends to Postgres at that moment: states, or rows (which are written without spaces). It stays on
the way."""


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("same", [True, False])
async def test_killed_within_a_transaction_it_keeps_nobody_waiting_and_nothing_is_lost(
    tmp_path: Path, database_url: str, moment: str, same: bool
) -> None:
    """The machine vanishes, and Postgres does not notice: the transaction stays open."""
    told, hosts = Told(), [tmp_path / "first", tmp_path / "second"]
    async with HungPostgres(database_url, b"not yet") as proxy:
        async with bridge(hosts[0], proxy.url, 1, told) as first:
            await first.until_shipped()
            proxy.hang_at(MOMENTS[moment])
            await asyncio.wait_for(proxy.hung.wait(), 60)
            await first.until_alone()
            await first.kill()
        promised = told.shipped
        active = hosts[0] if same else hosts[1]
        async with bridge(active, database_url, 2, told) as second:
            await asyncio.wait_for(second.until_shipped(), 60)
            assert second.began_with >= promised
            await second.kill()
    assert await shipped_last(database_url) >= told.shipped
    await is_whole(database_url, told, hosts, active, 3)


async def test_killed_a_dozen_times_in_turn_nothing_that_was_shipped_is_lost(tmp_path: Path, database_url: str) -> None:
    await kill_many(tmp_path, database_url, KILLS, 1)


@pytest.mark.soak
async def test_killed_hundreds_of_times_in_turn_nothing_that_was_shipped_is_lost(
    tmp_path: Path, database_url: str
) -> None:
    await kill_many(tmp_path, database_url, ALL_KILLS, 2)
