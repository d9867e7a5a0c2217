"""Deletes recordings of conversations that were kept long enough. Those under legal hold stay."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.supervisor import Endless, Watch, unwatched

EVERY_S = 600.0
FIRST_AFTER_S = 30.0
PORTION = 100
"""The most at a time."""

_log = structlog.get_logger(__name__)


class Stored(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def file(self) -> str: ...


class Archive(Protocol):
    """Recordings of conversations in Postgres. Each method raises StorageUnavailable."""

    async def due(self, now: float, most: int) -> Sequence[Stored]: ...

    async def deleted(self, recording_id: str, by: str | None) -> bool: ...


class RecordingExpiry:
    """``path_of`` returns the path of a file in the directory of recordings. ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        archive: Archive,
        path_of: Callable[[str], Path | None],
        *,
        clock: Callable[[], float] = time.time,
        watch: Watch = unwatched,
    ) -> None:
        self._archive, self._path_of, self._clock = archive, path_of, clock
        self._job = Endless("recordings-expiry", self._run, watch)

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def forget(self) -> int:
        """Delete all that is too old now, and return how many. Raises StorageUnavailable, OSError."""
        deleted = 0
        while found := await self._archive.due(self._clock(), PORTION):
            for one in found:
                path = self._path_of(one.file)
                if await self._archive.deleted(one.id, None) and path is not None:
                    await asyncio.to_thread(path.unlink, True)
            deleted += len(found)
        if deleted:
            _log.info("old_recordings_deleted", recordings=deleted)
        return deleted

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            try:
                await self.forget()
            except StorageUnavailable:
                pass  # What is too old now is so in a while.
            except Exception:
                _log.exception("old_recordings_not_deleted")
            await asyncio.sleep(EVERY_S)
