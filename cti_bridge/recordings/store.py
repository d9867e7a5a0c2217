"""Fetches recordings from the PBXs into the directory of recordings, and deletes them when they were kept long enough.

What is to be done follows from the state of each recording in the core alone, so a start goes on where the last run was
killed. The PBX's copy is deleted only when the file is on our disk and the spool has written that down. Whatever fails
(a PBX that is away, a full disk) is tried again, and told to the operator meanwhile.
"""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import structlog

from cti_bridge.domain.border.facts import (
    RecordingCleared,
    RecordingDeleted,
    RecordingFact,
    RecordingLost,
    RecordingStored,
)
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.callbacks import Recording, RecordingKind, RecordingState
from cti_bridge.recordings.layout import lay_out
from cti_bridge.recordings.wav import mend
from cti_bridge.storage.spool import SpoolFailed
from cti_bridge.supervisor import Endless, Watch, unwatched

RETRY_S = 5.0
"""The pause before what has failed is tried again, in seconds."""
LOOK_EVERY_S = 60.0
ENDS_WITHIN_S = 0.5
"""The pause before one is looked at again that was still running, in seconds."""
UNSEEN_S = 5.0
"""The seconds for which an order to record a conversation may be on its way, though that is over."""
DAY_S = 86_400.0
_FAULT = "an internal error; see the log"

_log = structlog.get_logger(__name__)


class PbxAway(Exception):
    """The PBX does not answer, or not as it should. The message says why."""


class Pbx(Protocol):
    """The recordings on one PBX. Each raises PbxAway."""

    async def runs(self, name: str) -> bool: ...

    async def stop(self, name: str) -> None: ...

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> bool:
        """Hand the file to ``write``, piece by piece. Return False when there is none."""

    async def delete(self, name: str) -> None:
        """Delete the file. One that is not there counts as deleted."""


class Engine(Protocol):
    def read(self, view: Callable[[Floor], list[Recording]]) -> list[Recording]: ...

    async def take(self, fact: RecordingFact) -> Any: ...

    async def settle(self) -> None: ...


class RecordingStore:
    """``pbx`` gives the PBX of a name, None while it is not connected. ``keep_days`` gives the days for which files of
    a service are kept, by the present configuration; 0: for ever. ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        directory: Path,
        engine: Engine,
        pbx: Callable[[str], Pbx | None],
        keep_days: Callable[[str], int],
        *,
        clock: Callable[[], float] = time.time,
        watch: Watch = unwatched,
        retry_s: float = RETRY_S,
    ) -> None:
        self._directory, self._engine, self._pbx, self._keep_days = directory, engine, pbx, keep_days
        self._clock, self._retry_s = clock, retry_s
        self._came = asyncio.Event()
        self._ending = False
        self._job = Endless("recordings", self._run, watch)
        self.problems: dict[str, str] = {}
        """In words, by what fails: the name of a PBX, "directory", or "spool"."""
        self.stored = 0
        """The files that were fetched."""

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    def on_changes(self, at: float, changes: Mapping[tuple[str, str], object | None]) -> None:
        """The engine's watcher."""
        if any(kind == "recording" for kind, _ in changes):
            self._came.set()

    def path_of(self, file: str) -> Path | None:
        """Return the path of a recording's file by its name here, or None when that is empty or leads out of the
        directory."""
        if not file:
            return None
        path = (self._directory / file).resolve()
        return path if path.is_relative_to(self._directory.resolve()) else None

    @property
    def waiting(self) -> list[Recording]:
        """The recordings that are still to be fetched."""
        return [found for found in self._all() if found.state is RecordingState.ENDED]

    def warnings(self) -> list[str]:
        """In words, what is not stored, and why."""
        waiting = self.waiting
        if not self.problems or not waiting:
            return [f"recordings: {name}: {words}" for name, words in self.problems.items()]
        return [
            f"recordings: {len(waiting)} wait on their PBX; {name}: {words}" for name, words in self.problems.items()
        ]

    async def _run(self) -> None:
        while True:
            self._came.clear()
            try:
                await self.look()
            except Exception:
                _log.exception("recordings_not_stored")
                self.problems["directory"] = _FAULT
            with contextlib.suppress(TimeoutError):
                pause_s = self._retry_s if self.problems else LOOK_EVERY_S
                async with asyncio.timeout(ENDS_WITHIN_S if self._ending else pause_s):
                    await self._came.wait()

    async def look(self) -> None:
        """Do what can be done now. A PBX, or the disk, that fails once is left alone until the next look."""
        failing: dict[str, str] = {}
        self._ending = False
        for found in self._all():
            where = found.node
            if where in failing:
                continue
            try:
                await self._go_on(found)
            except PbxAway as problem:
                failing[where] = str(problem)
            except SpoolFailed as problem:
                failing["spool"] = str(problem)
            except OSError as problem:
                failing["directory"] = problem.strerror or type(problem).__name__
            except Exception:  # One that cannot be stored keeps no other back.
                _log.exception("recordings_not_stored", recording=found.id)
                failing["directory"] = _FAULT
        for name, words in failing.items():
            if self.problems.get(name) != words:
                _log.error("recordings_not_stored", where=name, reason=words)
        self.problems = failing

    def _all(self) -> list[Recording]:
        return self._engine.read(lambda floor: list(floor.recordings.values()))

    async def _go_on(self, found: Recording) -> None:
        if found.state is RecordingState.ENDED:
            await self._fetch(found)
        elif self._may_still_begin(found):
            self._ending = True
        elif found.state in (RecordingState.EMPTY, RecordingState.STORED) and found.on_pbx:
            await self._clear(found)
        elif found.state is RecordingState.STORED and 0 < (found.delete_after or 0) <= self._clock():
            await asyncio.to_thread(self._unlink, found.file)
            await self._engine.take(RecordingDeleted(found.id))

    async def _fetch(self, found: Recording) -> None:
        pbx = self._pbx_of(found)
        if await self._is_ending(pbx, found):
            return
        file = f"{time.strftime('%Y/%m/%d', time.gmtime(found.started_at))}/{found.id}.wav"
        path = self._directory / file
        part = path.with_suffix(".part")
        await asyncio.to_thread(_make_directory, path.parent)
        try:
            digest = await self._download(pbx, found.name, part)
            if digest is None:
                await self._engine.take(RecordingLost(found.id))
                return
            version = found.version
            segments = found.segments if found.kind is RecordingKind.CONVERSATION else []
            done = await asyncio.to_thread(_finish, part, path, segments)
        finally:
            await asyncio.to_thread(part.unlink, True)
        days = self._keep_days(found.service)
        delete_after = found.started_at + days * DAY_S if days else None
        of_file = file, done.sha256, done.bytes, done.length_s, delete_after, done.missing_s
        await self._engine.take(RecordingStored(found.id, *of_file, version))
        if found.file != file:
            await asyncio.to_thread(path.unlink, True)
            return  # News of the customer came late, and less may be stored: it is fetched again.
        self.stored += 1
        _log.info("recording_stored", call=found.call_id, recording=found.id, bytes=done.bytes)

    async def _download(self, pbx: Pbx, name: str, part: Path) -> bool | None:
        with await asyncio.to_thread(_open, part) as file:
            return await pbx.fetch(name, file.write) or None

    async def _clear(self, found: Recording) -> None:
        await self._engine.settle()  # The spool must have it first: the PBX's copy may be the only one.
        pbx = self._pbx_of(found)
        if await self._is_ending(pbx, found):
            return
        await pbx.delete(found.name)
        if found.state is RecordingState.EMPTY and found.file:
            await asyncio.to_thread(self._unlink, found.file)
        await self._engine.take(RecordingCleared(found.id))

    def _may_still_begin(self, found: Recording) -> bool:
        """Return whether the order to record may still be on its way."""
        never = found.state is RecordingState.EMPTY and found.kind is RecordingKind.CONVERSATION
        return never and self._clock() < (found.ended_at or 0.0) + UNSEEN_S

    async def _is_ending(self, pbx: Pbx, found: Recording) -> bool:
        """Return whether it still runs, and end it then. The order to end it may be on its way, or lost."""
        if not await pbx.runs(found.name):
            return False
        await pbx.stop(found.name)
        self._ending = True
        return True

    def _pbx_of(self, found: Recording) -> Pbx:
        pbx = self._pbx(found.node)
        if pbx is None:
            raise PbxAway("it is not connected")
        return pbx

    def _unlink(self, file: str) -> None:
        (self._directory / file).unlink(missing_ok=True)


def _make_directory(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _open(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


@dataclass(frozen=True, slots=True)
class _Finished:
    """A file in its place. ``missing_s`` are the seconds of talk that it lacks; None: none."""

    length_s: float
    bytes: int
    sha256: str
    missing_s: float | None = None


def _finish(part: Path, path: Path, segments: Sequence[Mapping[str, Any]] = ()) -> _Finished:
    """Put the whole file into its place, safely, along the segments of a conversation."""
    length_s, missing_s = mend(part), None
    if segments:
        missing_s = lay_out(part, segments)
        length_s = mend(part)
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    size = part.stat().st_size
    part.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return _Finished(length_s, size, digest, missing_s)
