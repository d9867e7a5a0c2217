"""Recordings: heard and copied, put under legal hold, erased (requirement K4). What somebody does with one is in the
audit.

Of a conversation that is over the row in Postgres says all; one that is still being fetched is in memory.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from cti_bridge.api.errors import not_found
from cti_bridge.api.plays import Plays
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.recording_schemas import (
    LegalHoldBody,
    OneRecordingAnswer,
    RecordingList,
    RecordingsQuery,
)
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import AudioQuery, Nothing
from cti_bridge.api.streaming import FileAnswer
from cti_bridge.domain.border.commands import NoteAccess
from cti_bridge.domain.border.errors import NotAllowedNow, OnLegalHold
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import Audited, Right
from cti_bridge.domain.views.callbacks import recording_of

AUDIO = "audio/wav"
PathOf = Callable[[str], Path | None]
"""Returns the path of a file in the directory of recordings, by its name there. None: there is none."""

_ONE = "/recordings/{recording_id}"
_STORED = "stored"


class Archived(Protocol):
    """A conversation in Postgres."""

    @property
    def id(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def file(self) -> str: ...

    @property
    def legal_hold(self) -> bool: ...


class Archive(Protocol):
    """Recordings of conversations in Postgres. Each method raises StorageUnavailable."""

    async def find(self, call_id: str | None, ticket_id: str | None) -> Any: ...

    async def get(self, recording_id: str) -> Any: ...

    async def hold(self, recording_id: str, *, on: bool) -> bool: ...

    async def deleted(self, recording_id: str, by: str | None) -> bool: ...


class NoArchive:
    """Stands in where there is no Postgres: it knows of no recording."""

    async def find(self, call_id: str | None, ticket_id: str | None) -> list[Any]:
        return []

    async def get(self, recording_id: str) -> None:
        return None

    async def hold(self, recording_id: str, *, on: bool) -> bool:
        return False

    async def deleted(self, recording_id: str, by: str | None) -> bool:
        return False


class Recordings:
    def __init__(self, engine: Engine, directory: Present, archive: Archive, path_of: PathOf) -> None:
        self._engine, self._directory, self._archive, self._path_of = engine, directory, archive, path_of
        self._plays = Plays(time.monotonic)

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "GET",
                "/recordings",
                RecordingsQuery,
                self._list,
                RecordingList,
                "The recorded conversations of a call, or of a ticket",
            ),
            Route(
                "GET",
                f"{_ONE}/audio",
                AudioQuery,
                self._audio,
                AUDIO,
                "The audio of a recording, whole or a range of its bytes; a copy to keep takes the right to download",
            ),
            Route("PUT", f"{_ONE}/hold", LegalHoldBody, self._hold, OneRecordingAnswer, "Keep it, whatever its time"),
            Route("DELETE", _ONE, Nothing, self._erase, OneRecordingAnswer, "Erase its audio; its row stays"),
        ]

    async def _list(self, asked: Asked[RecordingsQuery]) -> Answer:
        by = asked.by(self._directory())
        by.need(Right.RECORDINGS)
        found = await self._archive.find(asked.body.call, asked.body.ticket)
        return Answer([_answer(one) for one in found if by.sees_service(one.service)])

    async def _audio(self, asked: Asked[AudioQuery]) -> FileAnswer:
        path = self._path_of(await self._file_to_hear(asked))
        if path is None or not await asyncio.to_thread(path.is_file):
            raise not_found()
        if asked.body.is_copy:
            asked.by(self._directory()).need(Right.DOWNLOAD)
        await self._note(asked)
        return FileAnswer(path, AUDIO, f"{asked.ids['recording_id']}.wav" if asked.body.is_copy else "")

    async def _note(self, asked: Asked[AudioQuery]) -> None:
        """Write down that the recording is heard or copied, before the first byte goes out."""
        recording_id, download = asked.ids["recording_id"], asked.body.is_copy
        if not download and self._plays.goes_on(asked.cti_id, recording_id):
            return
        what = Audited.RECORDING_DOWNLOADED if download else Audited.RECORDING_PLAYED
        await self._engine.order(NoteAccess(what, recording_id, asked.cti_id, asked.address))
        if not download:
            self._plays.began(asked.cti_id, recording_id)

    async def _file_to_hear(self, asked: Asked[AudioQuery]) -> str:
        """Return the name of the file; empty where the agent may hear none."""
        recording_id = asked.ids["recording_id"]
        present = self._engine.read(lambda floor: floor.recordings.get(recording_id))
        if present is not None:
            heard = self._engine.read(lambda floor: recording_of(floor, asked.cti_id, recording_id))
            return heard.file if heard is not None else ""
        by = asked.by(self._directory())
        if not by.has(Right.RECORDINGS):
            return ""  # Whether there is one is not theirs to know.
        found = await self._archive.get(recording_id)
        return found.file if found is not None and by.sees_service(found.service) else ""

    async def _hold(self, asked: Asked[LegalHoldBody]) -> Answer:
        found = await self._to_erase(asked)
        if not await self._archive.hold(found.id, on=asked.body.on):
            raise NotAllowedNow("Its audio is gone.")
        what = Audited.RECORDING_HELD if asked.body.on else Audited.RECORDING_RELEASED
        await self._engine.order(NoteAccess(what, found.id, asked.cti_id, asked.address))
        return await self._present(found.id)

    async def _erase(self, asked: Asked[Nothing]) -> Answer:
        found = await self._to_erase(asked)
        if found.legal_hold:
            raise OnLegalHold
        path = self._path_of(found.file)
        if found.state != _STORED:
            raise NotAllowedNow("Its audio is gone.")
        if not await self._archive.deleted(found.id, asked.cti_id):
            raise OnLegalHold
        await self._engine.order(NoteAccess(Audited.RECORDING_ERASED, found.id, asked.cti_id, asked.address))
        if path is not None:
            await asyncio.to_thread(path.unlink, True)
        return await self._present(found.id)

    async def _to_erase(self, asked: Asked[Any]) -> Archived:
        """Return the recording, for who may erase. Raises MissingRight; not found; NotAllowedNow for one that is still
        being stored."""
        by, recording_id = asked.by(self._directory()), asked.ids["recording_id"]
        by.need(Right.ERASE)
        found: Archived | None = await self._archive.get(recording_id)
        if found is None or not by.sees_service(found.service):
            raise not_found()
        if self._engine.read(lambda floor: recording_id in floor.recordings):
            raise NotAllowedNow("It is still being stored. Try again in a moment.")
        return found

    async def _present(self, recording_id: str) -> Answer:
        return Answer({"recording": _answer(await self._archive.get(recording_id))})


def _answer(found: Any) -> dict[str, Any]:
    told = asdict(found)
    for name in ("file", "sha256", "bytes"):
        del told[name]
    told["recording_id"] = told.pop("id")
    for name in ("started_at", "ended_at", "delete_after"):
        told[name] = iso(told[name]) if told[name] is not None else None
    return told
