"""Who reads the outbox remembers by number how far it came: no number is given twice, whatever becomes of the spool."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

from cti_bridge.storage.rescue import rescue
from cti_bridge.storage.spool import OutboxRow, Spool
from tests.support.storage import NOWHERE, Storage, storage

SPOOL = "spool.db"


async def given_rows(parts: Storage, count: int = 3) -> list[int]:
    """Their numbers."""
    numbers = [parts.spool.stage([OutboxRow("call", b"{}", 1.0)]) for _ in range(count)]
    await parts.spool.committed()
    return numbers


async def drain(parts: Storage) -> None:
    parts.spool.written(await parts.spool.next_rows(1000))
    await parts.spool.committed()
    assert parts.spool.backlog_rows == 0


async def test_given_a_drained_spool_that_is_opened_again_then_numbers_go_on(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / SPOOL)
    last = spool.stage([OutboxRow("call", b"{}", 1.0)] * 3)
    await spool.committed()
    spool.written(await spool.next_rows(10))
    await spool.close()

    again = Spool.open(tmp_path / SPOOL)

    assert (again.last_seq, again.backlog_rows, again.found_through) == (last, 0, 0)
    assert again.stage([OutboxRow("call", b"{}", 1.0)]) > last
    await again.close()


async def test_given_rows_that_were_never_drained_then_numbers_go_on_behind_them(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE, clock=lambda: 1000.0) as parts:
        before = await given_rows(parts)

    async with storage(tmp_path, NOWHERE, clock=lambda: 1000.0) as parts:
        assert parts.spool.found_through == before[-1]
        assert (await given_rows(parts))[0] > before[-1]
        assert [one.seq for one in await parts.spool.next_rows(3)] == before


async def test_given_a_drain_and_a_start_without_postgres_then_numbers_go_on(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE, clock=lambda: 1000.0) as parts:
        before = await given_rows(parts)
        await drain(parts)

    async with storage(tmp_path, NOWHERE, clock=lambda: 900.0) as parts:
        assert (await given_rows(parts))[0] > before[-1]


async def test_given_an_older_copy_then_no_number_of_the_run_that_was_copied_is_given_again(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE, clock=lambda: 1000.0) as parts:
        await given_rows(parts)
        await drain(parts)
    shutil.copyfile(tmp_path / SPOOL, tmp_path / "copy")
    async with storage(tmp_path, NOWHERE, clock=lambda: 2000.0) as parts:
        before = await given_rows(parts, 50)
    put_back(tmp_path / "copy", tmp_path)

    async with storage(tmp_path, NOWHERE, clock=lambda: 3000.0) as parts:
        assert (await given_rows(parts))[0] > before[-1]


async def test_given_a_spool_that_is_lost_or_set_aside_then_no_number_is_given_again(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE, clock=lambda: 1000.0) as parts:
        before = await given_rows(parts, 50)
    (tmp_path / SPOOL).unlink()

    async with storage(tmp_path, NOWHERE, clock=lambda: 3000.0) as parts:
        assert (await given_rows(parts))[0] > before[-1]


async def test_given_a_spool_that_was_saved_from_a_damaged_one_then_numbers_go_on(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE, clock=lambda: 1000.0) as parts:
        parts.spool.stage((), {("call", "x"): b"{}"})
        before = await given_rows(parts)
        await drain(parts)
    saved = rescue(tmp_path / SPOOL)
    assert saved.path is not None
    put_back(saved.path, tmp_path)

    spool = Spool.open(tmp_path / SPOOL)

    assert spool.last_seq == before[-1]
    await spool.close()


async def test_given_a_program_that_does_not_keep_the_last_number_in_between_then_the_higher_one_holds(
    tmp_path: Path,
) -> None:
    spool = Spool.open(tmp_path / SPOOL)
    spool.stage([OutboxRow("call", b"{}", 1.0)] * 3)
    await spool.committed()
    await spool.close()
    with contextlib.closing(sqlite3.connect(tmp_path / SPOOL)) as database, database:
        database.execute("insert into outbox values (9, 'call', 1.0, '{}')")

    again = Spool.open(tmp_path / SPOOL)

    assert (again.last_seq, again.found_through) == (9, 9)
    await again.close()


def put_back(copy: Path, directory: Path) -> None:
    for end in ("-wal", "-shm"):
        (directory / (SPOOL + end)).unlink(missing_ok=True)
    shutil.copyfile(copy, directory / SPOOL)
