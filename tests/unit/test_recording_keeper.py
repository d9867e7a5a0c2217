"""Files of conversations lie where their rows say, whatever moment the bridge is killed in: they are moved to the
storage, and what is left over is deleted (K3)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cti_bridge.domain.border.errors import NotFound, StorageUnavailable
from cti_bridge.recordings.keeper import RecordingKeeper
from cti_bridge.recordings.places import StorageAway
from cti_bridge.storage.recording_archive import ArchivedRecording
from tests.unit.test_recording_files import FOUND, Archive

AUDIO = b"RIFF and what follows"


class Killed(BaseException):
    """The process is gone in this moment."""


class Storage:
    """S3, at once. ``away`` says why it does not answer."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.order: list[str] = []
        self.away = ""
        self.asked = 0

    def _ask(self) -> None:
        self.asked += 1
        if self.away:
            raise StorageAway(self.away)

    async def put(self, key: str, path: Path) -> None:
        self._ask()
        self.objects[key] = await asyncio.to_thread(path.read_bytes)
        self.order.append(key)

    async def read(self, key: str, start: int, length: int) -> AsyncGenerator[bytes]:
        self._ask()
        if key not in self.objects:
            raise FileNotFoundError(key)
        yield self.objects[key][start : start + length]

    async def delete(self, key: str) -> None:
        self._ask()
        self.objects.pop(key, None)

    async def check(self) -> None:
        self._ask()


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def recordings(directory: Path, count: int = 1) -> Archive:
    """So many that are stored in the directory. The last one began first."""
    rows = []
    for number in range(count):
        one = f"01890000-0000-7000-8000-{number:012d}"
        (directory / f"{number}.wav").write_bytes(AUDIO + str(number).encode())
        rows.append(replace(FOUND, id=one, file=f"{number}.wav", started_at=100.0 - number))
    return Archive(*rows)


def kept(rows: Archive, directory: Path, storage: Storage | None) -> RecordingKeeper:
    return RecordingKeeper(rows, lambda file: directory / file if file else None, storage, portion=2)


def where(rows: Archive) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.state, one.place, tuple(one.leftover)) for one in rows.rows.values()]


async def test_recordings_are_moved_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    rows, storage = recordings(tmp_path, 5), Storage()
    keeper = kept(rows, tmp_path, storage)
    await keeper.look()
    assert storage.order == ["4.wav", "3.wav", "2.wav", "1.wav", "0.wav"]
    assert where(rows) == [("stored", "s3", ())] * 5 and not files(tmp_path)
    assert (keeper.moved, keeper.waiting, keeper.left, keeper.warnings()) == (5, 0, 0, [])


async def test_without_a_storage_they_stay(tmp_path: Path) -> None:
    rows = recordings(tmp_path, 1)
    keeper = kept(rows, tmp_path, None)
    await keeper.look()
    assert where(rows) == [("stored", "directory", ())] and (tmp_path / "0.wav").exists()
    assert (keeper.waiting, keeper.warnings(), keeper.reader("0.wav")) == (0, [], None)


async def test_a_storage_that_is_away_is_told_asked_once_a_look_and_nothing_is_lost_or_overtakes(
    tmp_path: Path,
) -> None:
    rows, storage = recordings(tmp_path, 3), Storage()
    storage.away = "it does not answer"
    keeper = kept(rows, tmp_path, storage)
    for _ in range(10):
        await keeper.look()
    assert storage.asked == 10, "each look asks once"
    assert len(files(tmp_path)) == 3 and keeper.waiting == 3
    assert keeper.warnings()[0].endswith("the storage: it does not answer")
    assert keeper.warnings()[0].startswith("recordings: 3 are to be moved")
    storage.away = ""
    await keeper.look()
    assert storage.order == ["2.wav", "1.wav", "0.wav"] and keeper.warnings() == []
    assert where(rows) == [("stored", "s3", ())] * 3 and not files(tmp_path)


async def test_a_file_that_is_missing_keeps_no_other_back_and_is_told(tmp_path: Path) -> None:
    rows, storage = recordings(tmp_path, 3), Storage()
    (tmp_path / "1.wav").unlink()
    keeper = kept(rows, tmp_path, storage)
    await keeper.look()
    assert storage.order == ["2.wav", "0.wav"] and keeper.waiting == 1
    assert keeper.warnings() == ["recordings: 1 are to be moved; files of recordings are not in the directory"]


@pytest.mark.parametrize("place", ["directory", "s3"])
async def test_what_is_deleted_is_gone_from_where_it_lies(tmp_path: Path, place: str) -> None:
    rows, storage = recordings(tmp_path, 1), Storage()
    keeper = kept(rows, tmp_path, storage)
    if place == "s3":
        await keeper.look()
    (one,) = rows.rows.values()
    assert await keeper.delete(one, "a1")
    assert where(rows) == [("deleted", place, ())] and rows.rows[one.id].file == ""
    assert not storage.objects and not files(tmp_path)
    assert not await keeper.delete(one, "a1")


async def test_what_cannot_be_deleted_now_is_deleted_when_the_storage_is_back(tmp_path: Path) -> None:
    rows, storage = recordings(tmp_path, 2), Storage()
    keeper = kept(rows, tmp_path, storage)
    await keeper.look()
    storage.away = "it does not answer"
    for one in list(rows.rows.values()):
        assert await keeper.delete(one, None), "its row says so"
    await keeper.look()
    assert keeper.left == 2 and keeper.warnings() == [
        "recordings: 2 are to be deleted; the storage: it does not answer"
    ]
    storage.away = ""
    await kept(rows, tmp_path, storage).look()
    assert not storage.objects and where(rows) == [("deleted", "s3", ())] * 2


async def test_one_that_is_erased_while_it_is_sent_leaves_nothing(tmp_path: Path) -> None:
    rows, storage = recordings(tmp_path, 1), Storage()
    keeper = kept(rows, tmp_path, storage)
    (one,) = rows.rows.values()
    sent = storage.put

    async def erased_meanwhile(key: str, path: Path) -> None:
        await sent(key, path)
        assert await keeper.delete(one, "a1")

    storage.put = erased_meanwhile  # type: ignore[method-assign]
    await keeper.look()
    assert rows.rows[one.id].state == "deleted"
    await keeper.look()
    assert not storage.objects and not files(tmp_path) and where(rows) == [("deleted", "directory", ())]


# ------------------------------------------------------------------------------- killed


def killed_at(moment: int, *parts: object) -> Callable[[], int]:
    """Let each call of these parts raise Killed when it is the one with this number; the even ones before they do
    anything, the odd ones behind it. Return how many there were."""
    count = 0

    def watched(work: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def call(*given: object, **named: object) -> object:
            nonlocal count
            count += 2
            if count - 2 == moment:
                raise Killed
            answer = await work(*given, **named)
            if count - 1 == moment:
                raise Killed
            return answer

        return call

    for part in parts:
        for name in ("put", "delete", "moves", "moved", "cleared", "deleted"):
            if hasattr(part, name):
                setattr(part, name, watched(getattr(part, name)))
    return lambda: count


async def _audio(rows: Archive, one: ArchivedRecording, keeper: RecordingKeeper, directory: Path) -> bytes:
    """What is heard of it now, by its row."""
    row = rows.rows[one.id]
    if row.place == "directory":
        return (directory / row.file).read_bytes()
    read = keeper.reader(row.file)
    assert read is not None
    return b"".join([piece async for piece in read(0, 100)])


@pytest.mark.parametrize("moment", range(8))
async def test_whenever_it_is_killed_while_it_moves_all_is_heard_and_the_next_start_ends_it(
    tmp_path: Path, moment: int
) -> None:
    rows, storage = recordings(tmp_path, 1), Storage()
    (one,) = rows.rows.values()
    fresh = Storage()
    fresh.objects = storage.objects
    count = killed_at(moment, rows, storage)
    with pytest.raises(Killed):
        await kept(rows, tmp_path, storage).look()
    assert count() <= 8
    after = kept(Archive(), tmp_path, fresh)
    rows_after = Archive(*rows.rows.values())
    assert await _audio(rows_after, one, after, tmp_path) == AUDIO + b"0", "nothing is lost"
    keeper = kept(rows_after, tmp_path, fresh)
    await keeper.look()
    assert await _audio(rows_after, one, keeper, tmp_path) == AUDIO + b"0"
    assert where(rows_after) == [("stored", "s3", ())]
    assert not files(tmp_path) and list(fresh.objects) == ["0.wav"]


@pytest.mark.parametrize("place", ["directory", "s3"])
@pytest.mark.parametrize("moment", range(1, 5))
async def test_whenever_it_is_killed_while_it_erases_the_next_start_deletes_the_file(
    tmp_path: Path, place: str, moment: int
) -> None:
    """Before, a crash between the row and the file left the file for ever."""
    rows, storage = recordings(tmp_path, 1), Storage()
    if place == "s3":
        await kept(rows, tmp_path, storage).look()
    fresh = Storage()
    fresh.objects = storage.objects
    (one,) = rows.rows.values()
    killed_at(moment, rows, storage)
    keeper = kept(rows, tmp_path, storage)
    with suppress(Killed):
        await keeper.delete(one, "a1")
    after = Archive(*rows.rows.values())
    await kept(after, tmp_path, fresh).look()
    assert not fresh.objects and not files(tmp_path)
    assert where(after) == [("deleted", place, ())]


# ------------------------------------------------------------------------------- reading


async def test_what_the_storage_does_not_give_is_refused_in_words(tmp_path: Path) -> None:
    rows, storage = recordings(tmp_path, 1), Storage()
    keeper = kept(rows, tmp_path, storage)
    await keeper.look()
    read = keeper.reader("0.wav")
    assert read is not None and [piece async for piece in read(0, 4)] == [b"RIFF"]
    storage.away = "it does not answer"
    with pytest.raises(StorageUnavailable):
        _ = [piece async for piece in read(0, 4)]
    storage.away = ""
    storage.objects.clear()
    with pytest.raises(NotFound):
        _ = [piece async for piece in read(0, 4)]
