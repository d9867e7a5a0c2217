"""Recordings: heard and copied, put under legal hold, erased (requirement K4). What somebody does with one is in the
audit.

Of a conversation that is over the row in Postgres says all; one that is still being fetched is in memory.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
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
from cti_bridge.api.streaming import FileAnswer, RangedAnswer
from cti_bridge.domain.border.commands import NoteAct
from cti_bridge.domain.border.errors import NotAllowedNow, OnLegalHold, StorageUnavailable
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import Audited, Right
from cti_bridge.domain.views.callbacks import recording_of
from cti_bridge.recordings.places import DIRECTORY

AUDIO = "audio/wav"
Reader = Callable[[int, int], AsyncGenerator[bytes]]
"""Yields so many bytes of a file from a place on."""

_ONE = "/recordings/{recording_id}"
_STORED = "stored"


class Archived(Protocol):
    """A conversation in Postgres."""

    @property
    def id(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def started_at(self) -> float: ...

    @property
    def state(self) -> str: ...

    @property
    def file(self) -> str: ...

    @property
    def bytes(self) -> int | None: ...

    @property
    def place(self) -> str: ...

    @property
    def leftover(self) -> Sequence[str]: ...

    @property
    def legal_hold(self) -> bool: ...


class Files(Protocol):
    """The files of recordings, in the directory and in the storage."""

    def path_of(self, file: str) -> Path | None:
        """Return the path of a file in the directory, by its name there. None: there is none."""

    def reader(self, file: str) -> Reader | None:
        """Return what yields bytes of a file in the storage; None: there is no storage. It raises StorageUnavailable,
        and NotFound."""

    async def delete(self, one: Archived, by: str | None) -> bool:
        """Delete a recording. Return False when it was deleted before, or is under legal hold. Raises
        StorageUnavailable."""


class Archive(Protocol):
    """Recordings of conversations in Postgres. Each method raises StorageUnavailable."""

    async def find(self, call_id: str | None, ticket_id: str | None) -> Any: ...

    async def get(self, recording_id: str) -> Any: ...

    async def hold(self, recording_id: str, *, on: bool) -> bool: ...


class NoArchive:
    """Stands in where there is no Postgres: it knows of no recording."""

    async def find(self, call_id: str | None, ticket_id: str | None) -> list[Any]:
        return []

    async def get(self, recording_id: str) -> None:
        return None

    async def hold(self, recording_id: str, *, on: bool) -> bool:
        return False


class NoFiles:
    """Stands in where there is no file of a recording."""

    def path_of(self, file: str) -> Path | None:
        return None

    def reader(self, file: str) -> Reader | None:
        return None

    async def delete(self, one: Archived, by: str | None) -> bool:
        return False


class Recordings:
    def __init__(self, engine: Engine, directory: Present, archive: Archive, files: Files) -> None:
        self._engine, self._directory, self._archive, self._files = engine, directory, archive, files
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

    async def _audio(self, asked: Asked[AudioQuery]) -> FileAnswer | RangedAnswer:
        answer = await self._to_hear(asked) or await self._to_hear(asked)  # It may be moved in this moment.
        if answer is None:
            raise not_found()
        if asked.body.is_copy:
            asked.by(self._directory()).need(Right.DOWNLOAD)
        await self._note(asked)
        return answer

    async def _note(self, asked: Asked[AudioQuery]) -> None:
        """Write down that the recording is heard or copied, before the first byte goes out."""
        recording_id, download = asked.ids["recording_id"], asked.body.is_copy
        if not download and self._plays.goes_on(asked.cti_id, recording_id):
            return
        what = Audited.RECORDING_DOWNLOADED if download else Audited.RECORDING_PLAYED
        await self._engine.order(NoteAct(what, recording_id, asked.cti_id, asked.address))
        if not download:
            self._plays.began(asked.cti_id, recording_id)

    async def _to_hear(self, asked: Asked[AudioQuery]) -> FileAnswer | RangedAnswer | None:
        """Return its bytes; None where the agent may hear none, or there are none."""
        recording_id = asked.ids["recording_id"]
        name = f"{recording_id}.wav" if asked.body.is_copy else ""
        present = self._engine.read(lambda floor: floor.recordings.get(recording_id))
        if present is not None:
            heard = self._engine.read(lambda floor: recording_of(floor, asked.cti_id, recording_id))
            return await self._in_directory(heard.file if heard is not None else "", name)
        by = asked.by(self._directory())
        if not by.has(Right.RECORDINGS):
            return None  # Whether there is one is not theirs to know.
        found: Archived | None = await self._archive.get(recording_id)
        if found is None or found.state != _STORED or not by.sees_service(found.service):
            return None
        if found.place == DIRECTORY:
            return await self._in_directory(found.file, name)
        read = self._files.reader(found.file)
        if read is None:
            raise StorageUnavailable
        return RangedAnswer(found.bytes or 0, read, AUDIO, name)

    async def _in_directory(self, file: str, name: str) -> FileAnswer | None:
        path = self._files.path_of(file)
        there = path is not None and await asyncio.to_thread(path.is_file)
        return FileAnswer(path, AUDIO, name) if path is not None and there else None

    async def _hold(self, asked: Asked[LegalHoldBody]) -> Answer:
        found = await self._to_erase(asked)
        if not await self._archive.hold(found.id, on=asked.body.on):
            raise NotAllowedNow("Its audio is gone.")
        what = Audited.RECORDING_HELD if asked.body.on else Audited.RECORDING_RELEASED
        await self._engine.order(NoteAct(what, found.id, asked.cti_id, asked.address))
        return await self._present(found.id)

    async def _erase(self, asked: Asked[Nothing]) -> Answer:
        found = await self._to_erase(asked)
        if found.legal_hold:
            raise OnLegalHold
        if found.state != _STORED:
            raise NotAllowedNow("Its audio is gone.")
        if not await self._files.delete(found, asked.cti_id):
            raise OnLegalHold
        await self._engine.order(NoteAct(Audited.RECORDING_ERASED, found.id, asked.cti_id, asked.address))
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
    for name in ("file", "sha256", "bytes", "place", "leftover"):
        del told[name]
    told["recording_id"] = told.pop("id")
    for name in ("started_at", "ended_at", "delete_after"):
        told[name] = iso(told[name]) if told[name] is not None else None
    return told
