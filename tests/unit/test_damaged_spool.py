"""A spool whose file is damaged, or gone while it is used."""

import asyncio
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cti_bridge.storage import spool as spool_module
from cti_bridge.storage import spool_file
from cti_bridge.storage.rescue import rescue
from cti_bridge.storage.spool import OutboxRow, Spool, SpoolFailed
from cti_bridge.storage.spool_file import Batch, SpoolDamaged, SpooledRow, SpoolFile, SpoolUnusable

ROWS, ENTRIES, SEED = 300, 200, 20_261_129


def written(path: Path) -> Path:
    """A spool of some pages that was closed in order."""
    file = SpoolFile(path)
    file.commit(
        Batch(
            rows=[SpooledRow(n, "call", float(n), b'{"n":%d,"x":"%s"}' % (n, b"x" * 100)) for n in range(1, ROWS + 1)],
            changes={("call", f"{n:04}"): b'{"n":%d,"x":"%s"}' % (n, b"y" * 100) for n in range(ENTRIES)},
            epoch=7,
            meta={"shipped_epoch": 7, "late_before": 3},
        )
    )
    file.close()
    return path


def all_of(path: Path) -> tuple[int, int]:
    """How many rows and entries a start reads of it. Raises SpoolDamaged, SpoolUnusable."""
    file = SpoolFile(path)
    try:
        file.meta("epoch"), file.aside()
        return file.backlog()[0], len(file.checkpoint())
    finally:
        file.close()


def damages(whole: bytes) -> Iterator[tuple[str, bytes]]:
    rng = random.Random(SEED)
    for length in range(512, len(whole), 512):
        yield f"truncated at {length}", whole[:length]
    for page in range(len(whole) // 4096):
        at = page * 4096
        yield f"zeros in page {page}", whole[:at] + bytes(4096) + whole[at + 4096 :]
        yield f"a torn page {page}", whole[: at + 2048] + bytes(2048) + whole[at + 4096 :]
        noise = rng.randbytes(4096)
        yield f"noise in page {page}", whole[:at] + noise + whole[at + 4096 :]
    yield "zeros", bytes(len(whole))
    yield "no database", b"no database at all" * 1000
    for _ in range(300):
        position = rng.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[position] ^= 1 << rng.randrange(8)
        yield f"a bit flipped at {position}", bytes(flipped)


def test_given_a_file_that_is_damaged_anyhow_then_that_is_said_in_words_and_what_can_be_read_is_saved(
    tmp_path: Path,
) -> None:
    whole = written(tmp_path / "spool.db").read_bytes()
    told = saved_rows = saved_entries = 0
    for number, (what, content) in enumerate(damages(whole)):
        directory = tmp_path / str(number)
        directory.mkdir()
        path = directory / "spool.db"
        path.write_bytes(content)
        try:
            all_of(path)
            continue
        except SpoolUnusable as unusable:
            assert "is of version" in str(unusable), what
            continue
        except SpoolDamaged as damaged:
            assert str(damaged).startswith(f"the spool {path} is damaged: "), what
        told += 1
        saved = rescue(path)
        assert path.read_bytes() == content, f"{what}: the damaged file was touched"
        assert "text" in saved.told()
        if saved.path is not None:
            assert all_of(saved.path) == (saved.rows, saved.entries), what
            saved_rows, saved_entries = max(saved_rows, saved.rows), max(saved_entries, saved.entries)
        shutil.rmtree(directory)
    assert told > 100
    assert (saved_rows, saved_entries) == (ROWS, ENTRIES)


def test_given_one_bad_page_of_the_rows_then_all_others_are_saved(tmp_path: Path) -> None:
    path = written(tmp_path / "spool.db")
    content = path.read_bytes()
    bad = content.index(b'{"n":150,') // 4096 * 4096
    path.write_bytes(content[:bad] + bytes(4096) + content[bad + 4096 :])
    with pytest.raises(SpoolDamaged, match="malformed"):
        all_of(path)
    saved = rescue(path)
    assert saved.path == path.with_name("spool.db.saved")
    assert saved.entries == ENTRIES and ROWS - 60 < saved.rows < ROWS
    path.unlink()
    os.replace(saved.path, path)
    file = SpoolFile(path)
    seqs = [row.seq for row in file.rows_after(0, 1000)]
    assert (file.meta("epoch"), seqs[0], seqs[-1], seqs) == (7, 1, ROWS, sorted(seqs))
    # A bridge with a spare goes on with what was shipped then: nothing of that is missing.
    assert (file.meta("shipped_epoch"), file.meta("late_before")) == (None, 3)
    file.close()


def test_given_rows_in_the_log_beside_the_file_then_they_are_saved_too(tmp_path: Path) -> None:
    path = written(tmp_path / "spool.db")
    content = path.read_bytes()
    file = SpoolFile(path)
    file.commit(Batch(rows=[SpooledRow(9999, "call", 1.0, b"{}")]))
    killed = tmp_path / "killed" / "spool.db"
    killed.parent.mkdir()
    shutil.copyfile(path.with_name("spool.db-wal"), killed.with_name("spool.db-wal"))
    file.close()
    bad = content.index(b'{"n":150,') // 4096 * 4096
    killed.write_bytes(content[:bad] + bytes(4096) + content[bad + 4096 :])
    saved = rescue(killed)
    assert saved.path is not None
    file = SpoolFile(saved.path)
    assert [row.seq for row in file.rows_after(9000, 10)] == [9999]
    file.close()


def test_given_a_text_that_is_no_utf8_then_the_other_entries_are_read_and_it_can_be_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path / "spool.db")
    database = sqlite3.connect(path)
    database.execute("update checkpoint set id = cast(x'ff31' as text) where id = '0007'")
    database.commit()
    database.close()
    file = SpoolFile(path)
    (odd,) = [key for key in file.checkpoint() if not key[1].isdecimal()]
    file.set_aside([(*odd, b"{}", "odd")], 1.0)
    assert (len(file.checkpoint()), file.aside()) == (ENTRIES - 1, [("call", "\\udcff1", b"{}")])
    file.close()


async def test_given_a_spool_of_a_damaged_file_then_its_lock_is_let_go(tmp_path: Path) -> None:
    path = written(tmp_path / "spool.db")
    path.write_bytes(path.read_bytes()[:8192])
    for _ in range(2):
        with pytest.raises(SpoolDamaged):
            Spool.open(path).load()


# ------------------------------------------------------------------------------- gone while it is used


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "LOOK_EVERY_S", 0.02)


def unlinked(path: Path) -> None:
    path.unlink()


def all_unlinked(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()


def directory_gone(path: Path) -> None:
    shutil.rmtree(path.parent)


def directory_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))


def replaced_by_a_copy(path: Path) -> None:
    other = path.parent / "other"
    written(other)
    os.replace(other, path)


@pytest.mark.usefixtures("looks_often")
@pytest.mark.parametrize("how", [unlinked, all_unlinked, directory_gone, directory_moved, replaced_by_a_copy])
async def test_given_a_file_that_is_gone_while_it_is_used_then_all_of_it_is_written_anew(
    how: object, tmp_path: Path
) -> None:
    path = tmp_path / "var" / "spool.db"
    spool = Spool.open(path)
    spool.set_epoch(7)
    spool.stage([OutboxRow("call", b"1", 1.0)], {("call", "x"): b"old", ("call", "y"): b"kept"})
    await spool.committed()
    spool.look_after()
    assert callable(how)
    how(path)
    spool.stage([OutboxRow("call", b"2", 2.0)], {("call", "x"): b"new"})
    await spool.committed()
    async with asyncio.timeout(10):
        while not spool.written_anew:  # noqa: ASYNC110 a look every now and then notices it, and tells nobody
            await asyncio.sleep(0.01)
    assert spool.problem is None
    spool.stage([OutboxRow("call", b"3", 3.0)], {("call", "z"): b"later"})
    await spool.committed()
    killed = tmp_path / "killed"
    shutil.copytree(path.parent, killed)
    await spool.close()

    for found in (path, killed / "spool.db"):
        again = Spool.open(found)
        assert (again.epoch, again.backlog_rows) == (7, 3)
        assert again.load() == {("call", "x"): b"new", ("call", "y"): b"kept", ("call", "z"): b"later"}
        await again.close()
    assert not [file.name for file in path.parent.iterdir() if "anew" in file.name]
    moved = [file for file in path.parent.iterdir() if file.name.startswith("spool.db.found")]
    assert len(moved) == (1 if how is replaced_by_a_copy else 0)


@pytest.mark.usefixtures("looks_often")
async def test_given_a_file_that_is_gone_and_cannot_be_written_anew_then_that_is_a_problem_until_it_can(
    tmp_path: Path,
) -> None:
    path = tmp_path / "var" / "spool.db"
    spool = Spool.open(path)
    spool.stage([], {("call", "x"): b"1"})
    await spool.committed()
    spool.look_after()
    shutil.rmtree(path.parent)
    path.parent.touch()
    async with asyncio.timeout(10):
        while spool.gone is None:  # noqa: ASYNC110 a look every now and then notices it, and tells nobody
            await asyncio.sleep(0.01)
    assert spool.problem is not None and str(path) in spool.problem
    path.parent.unlink()
    async with asyncio.timeout(10):
        while not spool.written_anew:  # noqa: ASYNC110 a look every now and then notices it, and tells nobody
            await asyncio.sleep(0.01)
    assert not spool.problem
    assert spool.load() == {("call", "x"): b"1"}
    await spool.close()


def test_given_a_new_file_that_cannot_be_put_in_its_place_at_once_then_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "spool.db")
    file = SpoolFile(path)
    path.unlink()

    def refuses(_: Path) -> None:
        raise PermissionError("not now")

    with monkeypatch.context() as refused:
        refused.setattr(spool_file, "_move_aside", refuses)
        for number in range(3):
            with pytest.raises(PermissionError):
                file.write_anew()
            assert not file.is_there
            file.commit(Batch(rows=[SpooledRow(1000 + number, "call", 1.0, b"{}")]))
    file.write_anew()
    assert file.is_there
    file.close()
    assert all_of(path) == (ROWS + 3, ENTRIES)
    assert {one.name for one in tmp_path.iterdir()} == {"spool.db", "spool.db.lock"}


@pytest.mark.usefixtures("looks_often")
async def test_given_another_process_on_what_took_the_place_of_the_file_then_this_one_ends(tmp_path: Path) -> None:
    path = tmp_path / "var" / "spool.db"
    spool = Spool.open(path)
    spool.stage([], {("call", "x"): b"1"})
    await spool.committed()
    spool.look_after()
    path.parent.rename(tmp_path / "moved")
    other = Spool.open(path)
    assert spool._looking is not None
    with pytest.raises(SpoolFailed, match="another process uses it"):
        await spool._looking
    await other.close()
    await spool.close()
