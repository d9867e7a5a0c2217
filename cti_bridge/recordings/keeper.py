"""Keeps the files of recorded conversations as their rows say: moves them to the storage, deletes what is left over.

The row says first what is to be done, so a crash at any moment leaves nothing behind. Before a file is sent, its row
says that an object may be there; when the storage has it, one statement says that it lies there now, and that the file
in the directory is left over. A recording that is erased, or too old, has its place left over. What is left over is
deleted, however often that takes, and then struck from the row.

Both are done by one task, one after the other: an object must not be deleted while it is being sent. What may be there
of one that is still to be moved is never deleted, but written anew: a deletion that had no answer might come true late.
Recordings are moved in the order in which they began. While the storage is away they wait in the directory.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from cti_bridge.domain.border.errors import NotFound, StorageUnavailable
from cti_bridge.recordings.places import DIRECTORY, S3, Kept, Objects, StorageAway
from cti_bridge.regularly import Regular
from cti_bridge.supervisor import Watch, unwatched

EVERY_S = 15.0
FIRST_AFTER_S = 5.0
PORTION = 100
"""The most rows at a time."""
COUNTED = 1_000
"""Recordings that wait are counted up to so many."""
_FIRST = "00000000-0000-0000-0000-000000000000"
_NO_STORAGE = "recordings lie in the storage, and none is configured"
_GONE = "files of recordings are not in the directory"

_log = structlog.get_logger(__name__)


Place = tuple[float, str]
"""(POSIX seconds, id) of a row: when it began."""


class Rows(Protocol):
    """Recordings of conversations in Postgres. Each method raises StorageUnavailable."""

    async def deleted(self, recording_id: str, by: str | None) -> bool: ...

    async def left(self, behind: str, most: int) -> Sequence[Kept]:
        """Return rows with something left over, by id, behind this one; but for those that are to be moved, whose
        object is written anew."""

    async def cleared(self, recording_id: str, place: str) -> None:
        """Note that nothing of it is left over in the place."""

    async def to_move(self, behind: Place, most: int) -> Sequence[Kept]:
        """Return what is in the directory alone, in the order in which it began, behind this place."""

    async def moves(self, recording_id: str) -> bool:
        """Note that an object of it may be in the storage. Return False when it is not to be moved any more."""

    async def moved(self, recording_id: str) -> None:
        """Note that it lies in the storage. One that was deleted meanwhile has the object left over."""

    async def count(self, most: int) -> tuple[int, int]:
        """Return how many are to be moved, and how many have something left over."""


class RecordingKeeper:
    """``objects`` None: there is no storage, and files stay in the directory. ``path_of`` returns the path of a file in
    it."""

    def __init__(
        self,
        rows: Rows,
        path_of: Callable[[str], Path | None],
        objects: Objects | None = None,
        *,
        watch: Watch = unwatched,
        portion: int = PORTION,
    ) -> None:
        self._rows, self._path_of, self._objects, self._portion = rows, path_of, objects, portion
        self._job = Regular(
            "recordings-keeper",
            self.look,
            first_after_s=FIRST_AFTER_S,
            every_s=EVERY_S,
            passes=(StorageUnavailable,),
            failed="recordings_not_kept",
            watch=watch,
        )
        self.problem = ""
        """In words, why something is not moved or deleted; empty: nothing is wrong."""
        self.moved = 0
        """The recordings that were moved."""
        self.waiting = self.left = 0
        """The recordings that are to be moved, and those with something left over, as last counted."""

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    def warnings(self) -> list[str]:
        """Return in words what is not moved, or not deleted, and why."""
        if not self.problem:
            return []
        counts = ((self.waiting, "are to be moved"), (self.left, "are to be deleted"))
        waiting = [f"{count} {what}" for count, what in counts if count]
        return [f"recordings: {'; '.join([', '.join(waiting), self.problem] if waiting else [self.problem])}"]

    def path_of(self, file: str) -> Path | None:
        """Return the path of a file in the directory, by its name there. None: there is none."""
        return self._path_of(file)

    def reader(self, file: str) -> Callable[[int, int], AsyncGenerator[bytes]] | None:
        """Return what yields so many bytes of a file in the storage from a place on; None: there is no storage. It
        raises StorageUnavailable, and NotFound."""
        return None if self._objects is None else partial(_bytes, self._objects, file)

    async def look(self) -> None:
        """Do what can be done now. Raises StorageUnavailable, which is Postgres'."""
        problems = [await self._clear_all(), await self._move_all()]
        problem = problems[0] or problems[1]
        if problem and problem != self.problem:
            _log.error("recordings_not_kept", reason=problem)
        self.problem = problem
        self.waiting, self.left = await self._rows.count(COUNTED)
        if self._objects is None:
            self.waiting = 0

    async def delete(self, one: Kept, by: str | None) -> bool:
        """Delete a recording: its row says so first, then its file goes, or later where that fails. Return False when
        it was deleted before, or is under legal hold. Raises StorageUnavailable."""
        if not await self._rows.deleted(one.id, by):
            return False
        try:
            await self._clear(one, one.place)
        except (StorageAway, OSError) as error:
            self.problem = _words(error)
        return True

    # ------------------------------------------------------------------------------- what is left over

    async def _clear_all(self) -> str:
        """Delete what is left over. Return why something stays."""
        problem, behind = "", _FIRST
        while rows := await self._rows.left(behind, self._portion):
            for one in rows:
                for place in one.leftover:
                    if problem and place == S3:
                        continue  # It would be asked once for each.
                    try:
                        await self._clear(one, place)
                    except (StorageAway, OSError) as error:
                        problem = _words(error)
            behind = rows[-1].id
        return problem

    async def _clear(self, one: Kept, place: str) -> None:
        if place == DIRECTORY:
            path = self._path_of(one.file)
            if path is not None:
                await asyncio.to_thread(path.unlink, True)
        elif self._objects is None:
            raise StorageAway(_NO_STORAGE)
        else:
            await self._objects.delete(one.file)
        await self._rows.cleared(one.id, place)

    # ------------------------------------------------------------------------------- moving

    async def _move_all(self) -> str:
        """Move what is in the directory. Return why something stays. A storage that is away is asked no further."""
        if self._objects is None:
            return ""
        problem, behind = "", (0.0, _FIRST)
        while rows := await self._rows.to_move(behind, self._portion):
            for one in rows:
                try:
                    await self._move(one, self._objects)
                except FileNotFoundError:
                    problem = _GONE  # It keeps no other back.
                except (StorageAway, OSError) as error:
                    return _words(error)
            behind = (rows[-1].started_at, rows[-1].id)
        return problem

    async def _move(self, one: Kept, objects: Objects) -> None:
        path = self._path_of(one.file)
        if path is None or not await asyncio.to_thread(path.is_file):
            raise FileNotFoundError(one.file)
        if not await self._rows.moves(one.id):
            return
        await objects.put(one.file, path)
        await self._rows.moved(one.id)
        self.moved += 1
        _log.info("recording_moved", recording=one.id)
        await self._clear_moved(one, path)

    async def _clear_moved(self, one: Kept, path: Path) -> None:
        await asyncio.to_thread(path.unlink, True)
        await self._rows.cleared(one.id, DIRECTORY)


async def _bytes(objects: Objects, file: str, start: int, length: int) -> AsyncGenerator[bytes]:
    try:
        async for piece in objects.read(file, start, length):
            yield piece
    except StorageAway as problem:
        _log.warning("recording_not_read", file=file, reason=str(problem))
        raise StorageUnavailable from None
    except FileNotFoundError:
        _log.error("recording_not_read", file=file, reason="the storage has no such object")
        raise NotFound from None


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error) if str(error) == _NO_STORAGE else f"the storage: {error}"
