"""Deletes recordings of conversations that were kept long enough. Those under legal hold stay."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.recordings.places import Kept
from cti_bridge.regularly import Regular
from cti_bridge.supervisor import Watch, unwatched

EVERY_S = 600.0
FIRST_AFTER_S = 30.0
PORTION = 100
"""The most at a time."""

_log = structlog.get_logger(__name__)


class Due(Protocol):
    """Recordings of conversations in Postgres. Raises StorageUnavailable."""

    async def due(self, now: float, most: int) -> Sequence[Kept]: ...


class RecordingExpiry:
    """``delete`` deletes a recording (:meth:`cti_bridge.recordings.keeper.RecordingKeeper.delete`). ``clock`` gives
    POSIX seconds."""

    def __init__(
        self,
        archive: Due,
        delete: Callable[[Kept, str | None], Awaitable[bool]],
        *,
        clock: Callable[[], float] = time.time,
        watch: Watch = unwatched,
    ) -> None:
        self._archive, self._delete, self._clock = archive, delete, clock
        self._job = Regular(
            "recordings-expiry",
            self.forget,
            first_after_s=FIRST_AFTER_S,
            every_s=EVERY_S,
            passes=(StorageUnavailable,),
            failed="old_recordings_not_deleted",
            watch=watch,
        )

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def forget(self) -> int:
        """Delete all that is too old now, and return how many. Raises StorageUnavailable."""
        deleted = 0
        while found := await self._archive.due(self._clock(), PORTION):
            for one in found:
                await self._delete(one, None)
            deleted += len(found)
        if deleted:
            _log.info("old_recordings_deleted", recordings=deleted)
        return deleted
