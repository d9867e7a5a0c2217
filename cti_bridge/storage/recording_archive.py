"""Recordings of conversations in Postgres: the rows of what is no longer in memory. They are found, put under legal
hold, and marked as deleted.

A row is changed here only when the core has let go of it: its file is stored, and the PBX's copy is gone. The row says
first that a file is deleted, so one that was put under legal hold a moment before stays. What is left over then, and
where, stands in the row until it is gone (:mod:`cti_bridge.recordings.keeper`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.storage.database import Database, DatabaseBusy, DatabaseUnavailable
from cti_bridge.storage.writer import STATEMENTS

MOST = 200
"""The most recordings of one call or ticket that are listed."""


@dataclass(frozen=True, slots=True)
class ArchivedRecording:
    """Times are POSIX seconds. ``file`` is empty when it is gone, or not stored yet. ``place`` is where it lies, in
    words of :mod:`cti_bridge.recordings.places`; ``leftover``: where one may lie that is to be deleted."""

    id: str
    call_id: str
    ticket_id: str | None
    service: str
    state: str
    started_at: float
    ended_at: float | None
    length_s: float | None
    missing_s: float | None
    segments: Sequence[Mapping[str, Any]] = field(default_factory=list)
    file: str = ""
    sha256: str = ""
    bytes: int | None = None
    delete_after: float | None = None
    legal_hold: bool = False
    place: str = "directory"
    leftover: Sequence[str] = ()


class RecordingArchive:
    """Each method raises StorageUnavailable when Postgres does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, call_id: str | None, ticket_id: str | None) -> list[ArchivedRecording]:
        """Return the conversations of a call, or of a ticket, oldest first."""
        rows = await self._fetch("recordings_of", call_id, ticket_id, MOST)
        return [_recording(row) for row in rows]

    async def get(self, recording_id: str) -> ArchivedRecording | None:
        """Return the recording of a conversation, or None when there is none."""
        rows = await self._fetch("recording_of_id", recording_id)
        return _recording(rows[0]) if rows else None

    async def hold(self, recording_id: str, *, on: bool) -> bool:
        """Put it under legal hold, or lift that. Return False when its file is gone."""
        return bool(await self._fetch("hold_recording", recording_id, on))

    async def deleted(self, recording_id: str, by: str | None) -> bool:
        """Note that it is deleted, and its file left over; ``by`` is who has erased it before its time. Return False
        when that was noted before, or it is under legal hold."""
        return bool(await self._fetch("delete_recording", recording_id, by))

    async def due(self, now: float, most: int) -> list[ArchivedRecording]:
        """Return recordings that were kept long enough."""
        return [_recording(row) for row in await self._fetch("recordings_to_delete", now, most)]

    async def left(self, behind: str, most: int) -> list[ArchivedRecording]:
        """Return those with something left over, by id, behind this one."""
        return [_recording(row) for row in await self._fetch("recordings_left", behind, most)]

    async def cleared(self, recording_id: str, place: str) -> None:
        """Note that nothing of it is left over in the place."""
        await self._fetch("clear_recording", recording_id, place)

    async def to_move(self, behind: tuple[float, str], most: int) -> list[ArchivedRecording]:
        """Return those in the directory, in the order in which they began, behind this time (POSIX seconds) and id."""
        return [_recording(row) for row in await self._fetch("recordings_to_move", *behind, most)]

    async def moves(self, recording_id: str) -> bool:
        """Note that an object of it may be in the storage. Return False when it is not to be moved any more."""
        return bool(await self._fetch("move_recording", recording_id))

    async def moved(self, recording_id: str) -> None:
        """Note that it lies in the storage, unless it was deleted meanwhile."""
        await self._fetch("recording_moved", recording_id)

    async def ended(self, call_ids: Collection[str]) -> set[str]:
        """Return those of the calls that are in the rows, and have ended."""
        return {str(row["id"]) for row in await self._fetch("ended_calls", list(call_ids))}

    async def count(self, most: int) -> tuple[int, int]:
        """Return how many are to be moved, and how many have something left over, both up to ``most``."""
        (row,) = await self._fetch("count_recordings", most)
        return row["to_move"], row["left_over"]

    async def _fetch(self, name: str, *arguments: object) -> list[Any]:
        try:
            async with self._database.reading() as connection:
                return list(await connection.fetch(STATEMENTS[name], *arguments))
        except (DatabaseUnavailable, DatabaseBusy):
            raise StorageUnavailable from None


def _recording(row: Mapping[str, Any]) -> ArchivedRecording:
    segments = row["segments"]
    return ArchivedRecording(
        id=str(row["id"]),
        call_id=str(row["call_id"]),
        ticket_id=str(row["ticket_id"]) if row["ticket_id"] else None,
        service=row["service"],
        state=row["state"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        length_s=row["length_s"],
        missing_s=row["missing_s"],
        segments=json.loads(segments) if isinstance(segments, str) else segments,
        file=row["file"] or "",
        sha256=row["sha256"] or "",
        bytes=row["bytes"],
        delete_after=row["delete_after"],
        legal_hold=row["legal_hold"],
        place=row["place"],
        leftover=row["leftover"],
    )
