"""Recorded conversations over the API: who hears, copies, holds and erases them; and those that are too old (K4)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.api.errors import Problem
from cti_bridge.api.recording_schemas import LegalHoldBody, RecordingAnswer, RecordingsQuery
from cti_bridge.api.recordings import Recordings
from cti_bridge.api.routes import Asked
from cti_bridge.api.schemas import AudioQuery, Nothing
from cti_bridge.api.streaming import FileAnswer
from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.errors import MissingRight, NotAllowedNow, OnLegalHold
from cti_bridge.domain.model.words import Right
from cti_bridge.recordings.expiry import RecordingExpiry
from cti_bridge.recordings.keeper import RecordingKeeper
from cti_bridge.storage.recording_archive import ArchivedRecording
from tests.unit.floor import Driver
from tests.unit.situations import staffed

ID = "01890000-0000-7000-8000-000000000001"
CALL = "01890000-0000-7000-8000-000000000002"
SEGMENTS = [{"kind": "talk", "from_s": 0.0, "till_s": 4.0, "who": ["customer", "a1"]}]
FOUND = ArchivedRecording(ID, CALL, None, "acme", "stored", 1.0, 5.0, 4.0, None, SEGMENTS, "a.wav", "5e", 16, 99.0)


class Archive:
    """Postgres, at once."""

    def __init__(self, *found: ArchivedRecording) -> None:
        self.rows = {one.id: one for one in found}
        self.erased: list[tuple[str, str | None]] = []

    async def find(self, call_id: str | None, ticket_id: str | None) -> list[ArchivedRecording]:
        return [one for one in self.rows.values() if one.call_id == call_id]

    async def get(self, recording_id: str) -> ArchivedRecording | None:
        return self.rows.get(recording_id)

    async def hold(self, recording_id: str, *, on: bool) -> bool:
        self.rows[recording_id] = replace(self.rows[recording_id], legal_hold=on)
        return True

    async def deleted(self, recording_id: str, by: str | None) -> bool:
        found = self.rows[recording_id]
        if found.legal_hold or found.state != "stored":
            return False
        self.erased.append((recording_id, by))
        self.rows[recording_id] = replace(found, state="deleted", leftover=(*found.leftover, found.place))
        return True

    async def left(self, behind: str, most: int) -> list[ArchivedRecording]:
        left = [one for one in self.rows.values() if one.leftover and one.id > behind]
        found = [one for one in left if (one.state, one.place) != ("stored", "directory")]
        return sorted(found, key=lambda one: one.id)[:most]

    async def cleared(self, recording_id: str, place: str) -> None:
        found = self.rows[recording_id]
        left = tuple(one for one in found.leftover if one != place)
        file = "" if found.state == "deleted" and not left else found.file
        self.rows[recording_id] = replace(found, leftover=left, file=file)

    async def to_move(self, behind: tuple[float, str], most: int) -> list[ArchivedRecording]:
        there = [one for one in self.rows.values() if one.state == "stored" and one.place == "directory"]
        found = sorted((one for one in there if (one.started_at, one.id) > behind), key=lambda one: one.started_at)
        return found[:most]

    async def moves(self, recording_id: str) -> bool:
        found = self.rows[recording_id]
        if found.state != "stored" or found.place != "directory":
            return False
        self.rows[recording_id] = replace(found, leftover=("s3",))
        return True

    async def moved(self, recording_id: str) -> None:
        found = self.rows[recording_id]
        if found.state == "stored" and found.place == "directory":
            self.rows[recording_id] = replace(found, place="s3", leftover=("directory",))

    async def count(self, most: int) -> tuple[int, int]:
        return len(await self.to_move((0.0, ""), most)), len(await self.left("", most))

    async def due(self, now: float, most: int) -> list[ArchivedRecording]:
        there = [one for one in self.rows.values() if one.state == "stored" and not one.legal_hold]
        return [one for one in there if (one.delete_after or now + 1) <= now]


class Engine:
    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    async def order(self, command: Any) -> None:
        self.driver.tell(command)

    def read(self, view: Any) -> Any:
        return view(self.driver.center.floor)


def house(tmp_path: Path, *rights: Right, archive: Archive | None = None) -> tuple[Recordings, Archive, Path, Driver]:
    driver = staffed()
    floor = driver.center.floor
    agents = {**floor.directory.agents, "a1": replace(floor.directory.agents["a1"], rights=frozenset(rights))}
    floor.directory = replace(floor.directory, agents=agents)
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    known = archive or Archive(FOUND)
    api = Recordings(
        Engine(driver),  # type: ignore[arg-type]
        lambda: floor.directory,
        known,
        keeper(known, tmp_path),
    )
    return api, known, path, driver


def keeper(archive: Archive, directory: Path) -> RecordingKeeper:
    return RecordingKeeper(archive, lambda file: directory / file if file else None)


def audited(driver: Driver) -> list[str]:
    return [row.what for row in driver.records if isinstance(row, AuditRow)]


def asked(body: Any, cti_id: str = "a1") -> Asked[Any]:
    return Asked(body, cti_id, ids={"recording_id": ID})


async def test_who_has_the_right_finds_and_hears_those_of_the_own_services(tmp_path: Path) -> None:
    api, archive, path, driver = house(tmp_path, Right.RECORDINGS)
    answer = await api._list(asked(RecordingsQuery(call=CALL)))
    (found,) = [RecordingAnswer.model_validate(one) for one in answer.content]
    assert (found.recording_id, found.segments[0].who, found.legal_hold) == (ID, ["customer", "a1"], False)
    assert await api._audio(asked(AudioQuery())) == FileAnswer(path, "audio/wav")
    with pytest.raises(MissingRight):
        await api._audio(asked(AudioQuery(download="true")))
    assert audited(driver) == ["recording_played"]
    archive.rows[ID] = replace(FOUND, service="other")
    assert (await api._list(asked(RecordingsQuery(call=CALL)))).content == []
    with pytest.raises(Problem):
        await api._audio(asked(AudioQuery()))


async def test_without_the_right_nothing_is_there(tmp_path: Path) -> None:
    api, *_ = house(tmp_path)
    with pytest.raises(MissingRight):
        await api._list(asked(RecordingsQuery(call=CALL)))
    with pytest.raises(Problem):
        await api._audio(asked(AudioQuery()))
    with pytest.raises(MissingRight):
        await api._erase(asked(Nothing()))


async def test_erased_audio_is_gone_and_its_row_stays(tmp_path: Path) -> None:
    api, archive, path, driver = house(tmp_path, Right.ERASE)
    answer = await api._erase(asked(Nothing()))
    assert audited(driver) == ["recording_erased"]
    assert answer.content["recording"]["state"] == "deleted" and not path.exists()
    assert archive.erased == [(ID, "a1")]
    with pytest.raises(NotAllowedNow):
        await api._erase(asked(Nothing()))


async def test_what_is_under_legal_hold_is_not_erased_and_does_not_grow_old(tmp_path: Path) -> None:
    api, archive, path, driver = house(tmp_path, Right.ERASE)
    answer = await api._hold(asked(LegalHoldBody(on=True)))
    assert audited(driver) == ["recording_held"]
    assert answer.content["recording"]["legal_hold"]
    with pytest.raises(OnLegalHold):
        await api._erase(asked(Nothing()))
    expiry = RecordingExpiry(archive, keeper(archive, tmp_path).delete, clock=lambda: 100.0)
    assert await expiry.forget() == 0 and path.exists()
    await api._hold(asked(LegalHoldBody(on=False)))
    assert await expiry.forget() == 1 and not path.exists() and archive.erased == [(ID, None)]


@pytest.mark.parametrize(("now", "deleted"), [(98.0, 0), (99.0, 1)])
async def test_a_recording_is_kept_for_its_time(tmp_path: Path, now: float, deleted: int) -> None:
    _, archive, path, _ = house(tmp_path)
    expiry = RecordingExpiry(archive, keeper(archive, tmp_path).delete, clock=lambda: now)
    assert await expiry.forget() == deleted
    assert path.exists() is not bool(deleted)


@pytest.mark.parametrize("query", [{}, {"call": CALL, "ticket": CALL}, {"call": "1"}])
def test_a_question_names_a_call_or_a_ticket(query: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"call|ticket"):
        RecordingsQuery(**query)
