"""Recordings on a PBX that no state tells of: the bridge died between its order and the commit."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.domain.model.ids import conversation_name, recording_name
from cti_bridge.recordings.store import PbxAway
from cti_bridge.recordings.strays import RecordingStrays
from tests.unit.floor import Driver
from tests.unit.test_recorder import lifted, recorded_house
from tests.unit.test_recordings import Engine

OVER, UNKNOWN = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"


class Pbx:
    def __init__(self, *names: str) -> None:
        self.files, self.away = list(names), False

    async def names(self) -> list[str]:
        if self.away:
            raise PbxAway("it does not answer")
        return list(self.files)

    async def delete(self, name: str) -> None:
        self.files.remove(name)


class Archive:
    def __init__(self, *ended: str) -> None:
        self.of_ended, self.away = ended, False

    async def ended(self, call_ids: Collection[str]) -> set[str]:
        assert all(map(UUID, call_ids))
        if self.away:
            raise StorageUnavailable
        return set(call_ids) & set(self.of_ended)


def strays(driver: Driver, archive: Archive, **pbxs: Pbx) -> RecordingStrays:
    return RecordingStrays(Engine(driver), archive, lambda: pbxs)


async def test_a_conversation_whose_call_is_over_and_of_which_nobody_knows_is_deleted_and_that_is_told() -> None:
    stray = conversation_name(OVER, 1)
    pbx = Pbx(stray, conversation_name(UNKNOWN, 1), "music-of-the-house", f"cti-{'-' * 36}-recording-1")
    with capture_logs() as logs:
        await strays(recorded_house(), Archive(OVER), main=pbx).look()
    assert pbx.files == [conversation_name(UNKNOWN, 1), "music-of-the-house", f"cti-{'-' * 36}-recording-1"]
    (line,) = logs
    assert (line["event"], line["node"], line["name"]) == ("unknown_recording_deleted", "main", stray)


async def test_one_that_is_known_or_whose_call_goes_on_stays_whatever_the_rows_say() -> None:
    driver = recorded_house()
    call = lifted(driver)
    (known,) = driver.center.floor.recordings.values()
    driver.center.floor.recordings["kept"] = replace(known, id="kept", name=conversation_name(OVER, 1))
    pbx = Pbx(known.name, conversation_name(call.id, 9), conversation_name(OVER, 1), conversation_name(OVER, 2))
    await strays(driver, Archive(call.id, OVER), main=pbx).look()
    assert pbx.files == [known.name, conversation_name(call.id, 9), conversation_name(OVER, 1)]


async def test_a_message_is_told_once_and_stays() -> None:
    message = recording_name(OVER, 1)
    pbx = Pbx(message)
    looks = strays(recorded_house(), Archive(OVER), main=pbx)
    with capture_logs() as logs:
        await looks.look()
        await looks.look()
    assert pbx.files == [message] and [line["event"] for line in logs] == ["unknown_message"]


async def test_a_pbx_that_is_away_keeps_no_other_from_being_looked_at_and_without_rows_nothing_is_deleted() -> None:
    away, pbx, archive = Pbx(), Pbx(conversation_name(OVER, 1)), Archive(OVER)
    away.away = archive.away = True
    looks = strays(recorded_house(), archive, first=away, second=pbx)
    with pytest.raises(StorageUnavailable):
        await looks.look()
    assert pbx.files
    archive.away = False
    await looks.look()
    assert not pbx.files
