"""Recordings of conversations in Postgres: the rows of what is no longer in memory. They are found, put under legal
hold, and marked as deleted.

A row is changed here only when the core has let go of it: its file is stored, and the PBX's copy is gone. The row says
first that a file is deleted, so one that was put under legal hold a moment before stays.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.storage.database import Database, DatabaseBusy, DatabaseUnavailable
from cti_bridge.storage.writer import STATEMENTS

MOST = 200
"""The most recordings of one call or ticket that are listed."""


@dataclass(frozen=True, slots=True)
class ArchivedRecording:
    """Times are POSIX seconds. ``file`` is empty when it is gone, or not stored yet."""

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
        """Note that the file is gone; ``by`` is who has erased it before its time. Return False when that was noted
        before, or it is under legal hold."""
        return bool(await self._fetch("delete_recording", recording_id, by))

    async def due(self, now: float, most: int) -> list[ArchivedRecording]:
        """Return recordings that were kept long enough."""
        return [_recording(row) for row in await self._fetch("recordings_to_delete", now, most)]

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
    )
