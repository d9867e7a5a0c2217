"""Frequent numbers: through the spool to Postgres and back, whatever is away."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from cti_bridge.domain.border.errors import ListFull, NotAllowedNow, NotFound
from cti_bridge.domain.model.ids import Ids
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.storage.frequent_numbers import MOST, FrequentNumbers
from cti_bridge.storage.spool import OutboxRow
from tests.support.storage import NOWHERE, Storage, fetch, new_id, storage

_times = count(1_700_000_000)
ROWS = "select id::text, cti_id, number, label, epoch from cti.frequent_number order by id"


@asynccontextmanager
async def numbers(directory: Path, url: str) -> AsyncIterator[tuple[FrequentNumbers, Storage]]:
    """As the program puts them together."""
    async with storage(directory, url) as parts:
        made = FrequentNumbers(
            parts.spool,
            parts.database,
            parts.journal.repeats,
            clock=lambda: float(next(_times)),
            new_id=Ids(os.urandom).uuid,
        )
        await made.start(parts.journal.load())
        try:
            yield made, parts
        finally:
            await made.stop()


def shown(held: FrequentNumbers, cti_id: str = "a1") -> list[tuple[str, str]]:
    return [(one.number, one.label) for one in held.of(cti_id)]


async def test_a_number_is_there_after_a_restart_without_postgres(tmp_path: Path) -> None:
    async with numbers(tmp_path, NOWHERE) as (held, _):
        gone = await held.add("a1", "+82100", "Bakery")
        await held.add("a1", "1002", "말")
        await held.add("a2", "+82100", "Baker")
        await held.remove("a1", gone.id)
    async with numbers(tmp_path, NOWHERE) as (held, _):
        assert (shown(held), shown(held, "a2")) == ([("1002", "말")], [("+82100", "Baker")])


async def test_rows_follow_to_postgres_and_removed_ones_leave_it(tmp_path: Path, database_url: str) -> None:
    async with numbers(tmp_path, database_url) as (held, parts):
        first, second = await held.add("a1", "+82100", "Bakery"), await held.add("a1", "+82200", "Butcher")
        await parts.drained()
        expected = [(one.id, "a1", one.number, one.label, 1) for one in (first, second)]
        assert [tuple(row.values()) for row in await fetch(database_url, ROWS)] == expected
        await held.remove("a1", first.id)
        await parts.drained()
        assert [row["id"] for row in await fetch(database_url, ROWS)] == [second.id]
        assert await parts.spool.refused() == []


async def test_one_batch_with_every_turn_of_one_number_leaves_the_last_and_a_repeat_changes_nothing(
    tmp_path: Path, database_url: str
) -> None:
    async with numbers(tmp_path, database_url) as (held, parts):
        stays = await held.add("a1", "+82100", "one")
        await parts.drained()
        await held.remove("a1", stays.id)
        passing = await held.add("a1", "+82100", "two")
        await held.remove("a1", passing.id)
        last = await held.add("a1", "+82100", "three")
        await held.remove("a1", (await held.add("a1", "+82200", "never")).id)
        rows = await parts.spool.next_rows(100)
        await parts.drained()
        assert [(row["id"], row["label"]) for row in await fetch(database_url, ROWS)] == [(last.id, "three")]
        parts.spool.stage([OutboxRow(row.kind, row.payload, row.at) for row in rows])
        await parts.drained()
        assert [(row["id"], row["label"]) for row in await fetch(database_url, ROWS)] == [(last.id, "three")]
        assert await parts.spool.refused() == []


async def test_a_lost_spool_is_made_up_from_postgres_in_the_old_order(tmp_path: Path, database_url: str) -> None:
    async with numbers(tmp_path / "old", database_url) as (held, parts):
        await held.add("a1", "+82100", "Bakery")
        await held.add("a1", "+82200", "Butcher")
        await parts.drained()
    async with numbers(tmp_path / "new", database_url) as (held, parts):
        assert shown(held) == [("+82100", "Bakery"), ("+82200", "Butcher")]
        await held.remove("a1", held.of("a1")[0].id)
        await parts.drained()
    async with numbers(tmp_path / "new", NOWHERE) as (held, _):
        assert shown(held) == [("+82200", "Butcher")]


async def test_a_spool_lost_while_postgres_is_away_is_made_up_when_it_comes_back(tmp_path: Path) -> None:
    async with EmbeddedPostgres() as server:
        url = await server.create_database("numbers")
        async with numbers(tmp_path / "old", url) as (held, parts):
            old = await held.add("a1", "+82100", "Bakery")
            await held.add("a1", "+82200", "Butcher")
            await parts.drained()
        await server.kill()
        async with numbers(tmp_path / "new", url) as (held, parts):
            assert shown(held) == []
            newer = await held.add("a1", "+82100", "Best bakery")
            await server.start()
            assert held._reading is not None
            await asyncio.wait_for(held._reading, 20)
            assert sorted(shown(held)) == [("+82100", "Best bakery"), ("+82200", "Butcher")]
            await parts.drained()
            kept = {row["number"]: row["id"] for row in await fetch(url, ROWS)}
            assert kept["+82100"] == newer.id != old.id


async def test_a_double_one_too_many_and_a_foreign_one_are_refused(tmp_path: Path) -> None:
    async with numbers(tmp_path, NOWHERE) as (held, parts):
        one = await held.add("a1", "+82100", "Bakery")
        with pytest.raises(NotAllowedNow, match="already"):
            await held.add("a1", "+82100", "another label")
        await asyncio.gather(*(held.add("a1", f"+822{n}", "x") for n in range(MOST - 1)))
        with pytest.raises(ListFull, match="100"):
            await held.add("a1", "+82300", "x")
        for cti_id, number_id in (("a2", one.id), ("a1", new_id()), ("nobody", one.id)):
            with pytest.raises(NotFound):
                await held.remove(cti_id, number_id)
        assert len(held.of("a1")) == MOST
        rows = parts.spool.backlog_rows
        await held.remove("a1", one.id)
        assert parts.spool.backlog_rows == rows + 1


async def test_an_entry_of_the_checkpoint_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    async with numbers(tmp_path, NOWHERE) as (held, parts):
        await held.add("a1", "+82100", "Bakery")
        parts.spool.stage((), {("frequent_number", "bad"): b"{"})
    async with numbers(tmp_path, NOWHERE) as (held, _):
        assert shown(held) == [("+82100", "Bakery")]
