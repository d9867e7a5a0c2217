"""The spool on a real disk: nothing acknowledged is lost, one process a spool, a disk that refuses."""

import asyncio
import os
import signal
import sqlite3
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cti_bridge.storage.spool import OutboxRow, Spool, SpoolFailed
from cti_bridge.storage.spool_file import Batch, SpoolDamaged, SpoolFile, SpoolLocked, SpoolUnusable

HOLDS_THE_SPOOL = """
import asyncio, sys
from pathlib import Path
from cti_bridge.storage.spool import OutboxRow, Spool

async def main():
    spool = Spool.open(Path(sys.argv[1]))
    number = 0
    while True:
        number += 1
        row = OutboxRow("call", b"%d" % number, 1.0)
        spool.stage([row], {("call", str(number % 7)): b"%d" % number, ("last", ""): b"%d" % number})
        await spool.committed()
        print(number, flush=True)

asyncio.run(main())
"""


def row(number: int) -> OutboxRow:
    return OutboxRow("call", b"%d" % number, float(number))


async def payloads(spool: Spool, limit: int = 1000) -> list[int]:
    return [int(found.payload) for found in await spool.next_rows(limit)]


async def test_a_new_spool_is_fresh_closed_to_others_and_has_no_epoch(tmp_path: Path) -> None:
    path = tmp_path / "var" / "deep" / "spool.db"

    spool = Spool.open(path)

    assert (spool.fresh, spool.load(), spool.backlog_rows, spool.backlog_oldest_at) == (True, {}, 0, None)
    with pytest.raises(LookupError):
        _ = spool.epoch
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    await spool.close()


async def test_what_was_committed_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db")
    spool.set_epoch(7)
    spool.stage([row(1), row(2)], {("call", "x"): b"old", ("call", "y"): b"gone"})
    spool.stage([row(3)], {("call", "x"): b"new", ("call", "y"): None})
    await spool.committed()
    await spool.close()

    again = Spool.open(tmp_path / "spool.db")

    assert (again.fresh, again.epoch, again.load()) == (False, 7, {("call", "x"): b"new"})
    assert (again.backlog_rows, again.backlog_oldest_at) == (3, 1.0)
    assert await payloads(again) == [1, 2, 3]
    assert again.rows_came.is_set()
    await again.close()


async def test_a_crash_before_the_epoch_was_set_leaves_the_spool_fresh(tmp_path: Path) -> None:
    await Spool.open(tmp_path / "spool.db").close()

    spool = Spool.open(tmp_path / "spool.db")

    assert spool.fresh
    await spool.close()


async def test_a_state_taken_out_after_it_was_committed_is_gone(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db")
    spool.stage([], {("call", "x"): b"1"})
    await spool.committed()
    spool.stage([], {("call", "x"): None})
    await spool.committed()

    assert spool.load() == {}
    await spool.close()


async def test_staging_is_committed_even_when_nobody_waits(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db")

    spool.stage([row(1)])

    await asyncio.wait_for(spool.rows_came.wait(), 5)
    assert await payloads(spool) == [1]
    await spool.close()


async def test_all_that_is_staged_while_a_commit_runs_shares_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    began = asyncio.Event()
    loop = asyncio.get_running_loop()
    commit = SpoolFile.commit

    def counted(self: SpoolFile, batch: Batch) -> None:
        sizes.append(len(batch.rows))
        loop.call_soon_threadsafe(began.set)
        commit(self, batch)

    monkeypatch.setattr(SpoolFile, "commit", counted)
    spool = Spool.open(tmp_path / "spool.db")

    async def stage(number: int) -> None:
        spool.stage([row(number)])
        await spool.committed()

    first = asyncio.create_task(stage(0))
    await began.wait()
    await asyncio.gather(first, *(stage(number) for number in range(1, 100)))

    assert sizes == [1, 99]
    assert await payloads(spool) == list(range(100))
    await spool.close()


async def test_waiting_without_anything_staged_returns_at_once(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db")

    await asyncio.wait_for(spool.committed(), 1)

    await spool.close()


async def test_written_rows_leave_and_the_rest_stays_in_order(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db")
    spool.stage([row(number) for number in range(1, 6)])
    await spool.committed()

    spool.written(await spool.next_rows(2))

    assert (await payloads(spool), spool.backlog_rows, spool.backlog_oldest_at) == ([3, 4, 5], 3, 3.0)
    await spool.close()
    again = Spool.open(tmp_path / "spool.db")
    assert await payloads(again) == [3, 4, 5]
    await again.close()


async def test_a_refused_row_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path / "spool.db")
    spool.stage([row(1), row(2)])
    await spool.committed()

    spool.refuse((await spool.next_rows(1))[0], "too odd")
    await spool.committed()

    assert (await payloads(spool), await spool.refused()) == ([2], [("call", b"1", "too odd")])
    await spool.close()


# -------------------------------------------------------------------------------- who may use it


async def test_a_second_process_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    process = await holder(path)
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        with pytest.raises(SpoolLocked, match="another process uses the spool"):
            Spool.open(path)
    finally:
        process.kill()
        await process.communicate()

    await Spool.open(path).close()


async def test_a_spool_that_could_not_be_opened_is_not_left_locked(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    path.write_bytes(b"this is no database, by no means" * 100)
    with pytest.raises(SpoolDamaged, match="not a database"):
        Spool.open(path)
    path.unlink()

    await Spool.open(path).close()


async def test_a_spool_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    await Spool.open(path).close()
    database = sqlite3.connect(path)
    database.execute("pragma user_version = 99")
    database.close()

    with pytest.raises(SpoolUnusable, match="is of version 99, this program knows version 1"):
        Spool.open(path)


async def test_a_path_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SpoolUnusable, match="cannot be used"):
        Spool.open(tmp_path / "file" / "spool.db")


# -------------------------------------------------------------------------------- death and disaster


async def test_everything_acknowledged_is_there_after_sigkill_and_rows_and_state_are_of_one_moment(
    tmp_path: Path,
) -> None:
    for name in ("a", "b", "c"):
        path = tmp_path / name / "spool.db"
        process = await holder(path)
        assert process.stdout is not None
        acknowledged = [await process.stdout.readline() for _ in range(50)]
        process.send_signal(signal.SIGKILL)
        rest, _ = await process.communicate()
        acknowledged += rest.splitlines(keepends=True)
        last = int([line for line in acknowledged if line.endswith(b"\n")][-1])

        spool = Spool.open(path)
        found = await payloads(spool, 100_000)
        state = spool.load()
        await spool.close()

        assert last in (found[-1], found[-1] - 1)
        assert found == list(range(1, found[-1] + 1))
        assert int(state["last", ""]) == found[-1]
        assert int(state["call", str(found[-1] % 7)]) == found[-1]


async def holder(path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDS_THE_SPOOL, os.fspath(path), stdout=asyncio.subprocess.PIPE
    )


class FullDisk:
    """Refuses commits while ``full``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = True
        self.refusals = 0
        self._commit: Callable[[SpoolFile, Batch], None] = SpoolFile.commit
        monkeypatch.setattr(SpoolFile, "commit", lambda file, batch: self.commit(file, batch))

    def commit(self, file: SpoolFile, batch: Batch) -> None:
        if self.full:
            self.refusals += 1
            raise sqlite3.OperationalError("database or disk is full")
        self._commit(file, batch)


async def test_a_full_disk_is_reported_loses_nothing_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    spool = Spool.open(tmp_path / "spool.db", on_failure=heard.append)
    disk = FullDisk(monkeypatch)

    spool.stage([row(1)], {("call", "x"): b"old"})
    with pytest.raises(SpoolFailed, match="disk is full"):
        await spool.committed()
    assert (spool.healthy, heard[0]) == (False, "database or disk is full")
    spool.stage([row(2)], {("call", "x"): b"new"})
    with pytest.raises(SpoolFailed):
        await spool.committed()
    disk.full = False
    await asyncio.wait_for(spool.committed(), 10)

    assert spool.healthy
    assert (await payloads(spool), spool.load()) == ([1, 2], {("call", "x"): b"new"})
    assert disk.refusals == len(heard) == 2
    await spool.close()


async def test_a_really_full_database_recovers_when_there_is_room(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "spool.db")
    spool = Spool(file, 0.001, lambda reason: None)
    file._db.execute("pragma max_page_count = 10")

    spool.stage([OutboxRow("call", b"x" * 100_000, 1.0)])
    with pytest.raises(SpoolFailed, match="full"):
        await spool.committed()
    await spool._in_thread(lambda: file._db.execute("pragma max_page_count = 1000000"))
    await asyncio.wait_for(spool.committed(), 10)

    assert spool.backlog_rows == 1
    await spool.close()


def test_of_two_batches_made_one_the_later_state_holds() -> None:
    first = Batch(changes={("call", "x"): b"old", ("call", "y"): b"kept"}, written_through=9)
    later = Batch(changes={("call", "x"): None}, written_through=3)

    both = first.followed_by(later)

    assert (both.changes, both.written_through) == ({("call", "x"): None, ("call", "y"): b"kept"}, 9)


async def test_closing_on_a_full_disk_says_so_and_unlocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool.open(tmp_path / "spool.db")
    FullDisk(monkeypatch)
    spool.stage([row(1)])

    with pytest.raises(SpoolFailed):
        await spool.close()

    monkeypatch.undo()
    await Spool.open(tmp_path / "spool.db").close()
