"""The store of recordings: it fetches, deletes there, deletes here, and tells what fails."""

import errno
import hashlib
import struct
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.api.callbacks import Callbacks
from cti_bridge.api.errors import Problem
from cti_bridge.api.recordings import NoArchive, NoFiles, Recordings
from cti_bridge.api.routes import Asked
from cti_bridge.api.schemas import AudioQuery, CallbacksQuery
from cti_bridge.api.streaming import FileAnswer
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.errors import MissingRight
from cti_bridge.domain.border.notices import RecordingFailed
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.time_line import MARGIN_S
from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.callbacks import Recording, RecordingState
from cti_bridge.domain.model.words import Audited, Right
from cti_bridge.recordings.store import DAY_S, UNSEEN_S, PbxAway, RecordingStore, _finish
from cti_bridge.recordings.wav import mend
from cti_bridge.storage.spool import SpoolFailed
from tests.unit.floor import Driver
from tests.unit.situations import CUSTOMER, all_enter
from tests.unit.test_recorder import lifted, name_of, recorded_house, recorded_talk
from tests.unit.test_recorder_without_customer import three
from tests.unit.test_voicemail import ends, entries, hangs_up, recorded, recording

RATE = 8000
CUT_OFF = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0"
"""The beginning of a header, as a full disk may leave it."""


def audio(path: Path, seconds: float) -> bytes:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"\1\2" * int(RATE * seconds))
    return path.read_bytes()


class Pbx:
    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.running, self.stopped, self.away = files, set[str](), list[str](), False

    async def runs(self, name: str) -> bool:
        if self.away:
            raise PbxAway("it does not answer")
        return name in self.running

    async def stop(self, name: str) -> None:
        self.stopped.append(name)
        self.running.discard(name)

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> bool:
        if name in self.files:
            write(self.files[name])
        return name in self.files

    async def delete(self, name: str) -> None:
        self.files.pop(name, None)


class Engine:
    """The core, at once."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.settled = 0

    def read(self, view: Callable[[Floor], Any]) -> Any:
        return view(self.driver.center.floor)

    async def take(self, fact: Any) -> None:
        self.driver.tell(fact)

    async def order(self, command: commands.HouseCommand) -> None:
        self.driver.tell(command)

    async def settle(self) -> None:
        self.settled += 1


class OneFile(NoFiles):
    """Every recording has this file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def path_of(self, file: str) -> Path | None:
        return self._path


def made(driver: Driver, pbx: Pbx | None, directory: Path, days: int = 30) -> RecordingStore:
    return RecordingStore(directory, Engine(driver), lambda _: pbx, lambda _: days, clock=lambda: driver.now)


@pytest.fixture
def spoken(tmp_path: Path) -> tuple[Driver, Pbx, RecordingStore]:
    driver, _ = recorded()
    found = recording(driver)
    ends(driver)
    hangs_up(driver)
    pbx = Pbx({found.name: audio(tmp_path / "theirs.wav", 2.5)})
    return driver, pbx, made(driver, pbx, tmp_path / "recordings")


async def test_a_file_is_fetched_then_deleted_there_and_deleted_here_when_it_is_old(
    spoken: tuple[Driver, Pbx, RecordingStore],
) -> None:
    driver, pbx, store = spoken
    (theirs,) = pbx.files.values()
    await store.look()
    found = recording(driver)
    path = store.path_of(found.file)
    assert path is not None and path.read_bytes() == theirs and path.stat().st_mode & 0o077 == 0
    assert (found.sha256, found.bytes, found.length_s) == (hashlib.sha256(theirs).hexdigest(), len(theirs), 2.5)
    assert pbx.files, "the spool has not written it down yet"
    await store.look()
    assert not pbx.files and not found.on_pbx
    driver.now = found.started_at + 30 * DAY_S - 1
    await store.look()
    assert path.exists()
    driver.now += 2
    await store.look()
    assert not path.exists() and not driver.center.floor.recordings
    assert entries(driver)[0].is_open


async def test_kept_for_ever(tmp_path: Path, spoken: tuple[Driver, Pbx, RecordingStore]) -> None:
    driver, pbx, _ = spoken
    await made(driver, pbx, tmp_path / "recordings", days=0).look()
    assert recording(driver).delete_after is None


async def test_a_pbx_that_is_away_is_told_and_nothing_is_lost(spoken: tuple[Driver, Pbx, RecordingStore]) -> None:
    driver, pbx, store = spoken
    pbx.away = True
    await store.look()
    assert store.warnings() == ["recordings: 1 wait on their PBX; main: it does not answer"]
    pbx.away = False
    await store.look()
    assert store.warnings() == [] and recording(driver).state is RecordingState.STORED


async def test_a_full_disk_is_told_and_nothing_is_lost(
    spoken: tuple[Driver, Pbx, RecordingStore], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    driver, pbx, store = spoken

    def full(part: Path, path: Path, segments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("cti_bridge.recordings.store._finish", full)
        await store.look()
    assert store.warnings() == ["recordings: 1 wait on their PBX; directory: No space left on device"]
    assert pbx.files and not list((tmp_path / "recordings").rglob("*.part"))
    await store.look()
    assert recording(driver).state is RecordingState.STORED


async def test_a_spool_that_takes_nothing_is_told_in_words_and_the_file_stays_on_the_pbx(
    spoken: tuple[Driver, Pbx, RecordingStore], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk is full, and the PBX may have the only copy."""
    driver, pbx, store = spoken
    await store.look()
    assert recording(driver).state is RecordingState.STORED and recording(driver).on_pbx

    async def full(_: object) -> None:
        raise SpoolFailed("the spool cannot be written: disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(type(store._engine), "settle", full)
        await store.look()
    assert store.problems == {"spool": "the spool cannot be written: disk I/O error"} and pbx.files
    assert "Traceback" not in capsys.readouterr().out
    await store.look()
    assert not store.problems and not pbx.files


async def test_one_that_cannot_be_stored_keeps_no_other_back(
    spoken: tuple[Driver, Pbx, RecordingStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, pbx, store = spoken
    first = recording(driver)
    second = replace(first, id="another", name="another")
    driver.center.floor.recordings[second.id] = second
    pbx.files[second.name] = pbx.files[first.name]

    def finish(part: Path, path: Path, segments: object) -> Any:
        if first.id in path.name:
            raise ValueError("a fault of ours")
        return _finish(part, path)

    monkeypatch.setattr("cti_bridge.recordings.store._finish", finish)
    await store.look()
    assert (first.state, second.state) == (RecordingState.ENDED, RecordingState.STORED)
    assert store.warnings() == ["recordings: 1 wait on their PBX; directory: an internal error; see the log"]


async def test_one_that_runs_on_is_stopped_first(spoken: tuple[Driver, Pbx, RecordingStore]) -> None:
    driver, pbx, store = spoken
    pbx.running = {recording(driver).name}
    await store.look()
    assert pbx.stopped == [recording(driver).name] and recording(driver).state is RecordingState.ENDED
    await store.look()
    assert recording(driver).state is RecordingState.STORED


async def test_a_conversation_is_laid_out_along_its_segments_and_forgotten_when_it_is_stored(tmp_path: Path) -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    name = name_of(driver, call)
    driver.tell(facts.RecordingSeen(name, True, driver.now))
    driver.now += 3
    driver.tell(commands.ResumeCall("a1", call.id))
    all_enter(driver, call)
    driver.tell(facts.RecordingSeen(name, False, driver.now))
    driver.now += 2
    driver.tell(facts.LegEnded(call.customer_leg or ""))
    (found,) = driver.center.floor.recordings.values()
    pbx = Pbx({name: audio(tmp_path / "theirs.wav", 12.0)})
    store = made(driver, pbx, tmp_path / "recordings")
    await store.look()
    assert (found.state, found.length_s, found.missing_s) == (RecordingState.STORED, 15.0, None)
    path = store.path_of(found.file)
    assert path is not None and path.stat().st_size == found.bytes
    await store.look()
    assert not pbx.files and not driver.center.floor.recordings and path.exists()


class Late:
    """News that come while the store is at work on a file: before its download, behind it, while it is laid out, or
    before the core hears that it is stored."""

    def __init__(self, driver: Driver, news: facts.Fact, when: str) -> None:
        self._driver, self._news, self._when = driver, [news], when

    def come(self, when: str) -> None:
        while when == self._when and self._news:
            self._driver.tell(self._news.pop())


class PbxMeanwhile(Pbx):
    def __init__(self, files: dict[str, bytes], late: Late) -> None:
        super().__init__(files)
        self._late = late

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> bool:
        self._late.come("before")
        found = await super().fetch(name, write)
        self._late.come("behind")
        return found


class EngineMeanwhile(Engine):
    def __init__(self, driver: Driver, late: Late) -> None:
        super().__init__(driver)
        self._late = late

    async def take(self, fact: Any) -> None:
        if isinstance(fact, facts.RecordingStored):
            self._late.come("in the inbox")
        await super().take(fact)


WHEN = ["before", "behind", "laid out", "in the inbox"]


def laid_out(monkeypatch: pytest.MonkeyPatch, late: Late) -> None:
    def finish(*arguments: Any) -> Any:
        late.come("laid out")
        return _finish(*arguments)

    monkeypatch.setattr("cti_bridge.recordings.store._finish", finish)


@pytest.mark.parametrize("when", WHEN)
async def test_what_late_news_forbid_while_a_file_is_fetched_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The customer had hung up three seconds before the agent took them out, and the two others talked on."""
    driver, call = three()
    left_at = driver.now
    driver.now += 3
    driver.tell(commands.TakeOut("a1", call.id, Role.CUSTOMER))
    found = list(driver.center.floor.recordings.values())[-1]
    late = Late(driver, facts.LegLeft(CUSTOMER, call.bridge_id, left_at), when)
    pbx = PbxMeanwhile({found.name: audio(tmp_path / "theirs.wav", 13.5)}, late)
    laid_out(monkeypatch, late)
    store = RecordingStore(tmp_path / "recordings", EngineMeanwhile(driver, late), lambda _: pbx, lambda _: 30)
    await store.look()
    if when in ("laid out", "in the inbox"):
        assert found.state is RecordingState.ENDED and pbx.files
        assert not list((tmp_path / "recordings").rglob("*.*")), "nothing of it is left"
        await store.look()
    path = store.path_of(found.file)
    assert found.state is RecordingState.STORED and path is not None
    with wave.open(str(path)) as file:
        spoken = file.readframes(file.getnframes())
    assert len(spoken.rstrip(b"\0")) == pytest.approx(2 * RATE * (10 - MARGIN_S), abs=4)


@pytest.mark.parametrize("when", WHEN)
async def test_a_file_of_which_nothing_may_be_stored_any_more_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    driver, call = three()
    driver.tell(commands.TakeOut("a1", call.id, Role.CUSTOMER))
    found = list(driver.center.floor.recordings.values())[-1]
    late = Late(driver, facts.LegLeft(CUSTOMER, call.bridge_id, found.started_at), when)
    pbx = PbxMeanwhile({found.name: audio(tmp_path / "theirs.wav", 10.5)}, late)
    laid_out(monkeypatch, late)
    store = RecordingStore(tmp_path / "recordings", EngineMeanwhile(driver, late), lambda _: pbx, lambda _: 30)
    await store.look()
    assert found.state is RecordingState.EMPTY and not found.file
    assert not list((tmp_path / "recordings").rglob("*.*"))


@pytest.mark.parametrize("content", [b"", CUT_OFF])
@pytest.mark.parametrize("lasted_s", [0.5, 10.0])
async def test_a_conversation_whose_file_holds_no_audio_is_empty_told_and_gone_everywhere(
    tmp_path: Path, content: bytes, lasted_s: float
) -> None:
    """A PBX without room for the first byte leaves such a file (seen). It was fetched again for ever."""
    driver, call = recorded_talk()
    name = name_of(driver, call)
    driver.center.floor.recordings[call.recorder.recording].spans[-1].from_at = driver.now - lasted_s  # type: ignore[union-attr]
    driver.tell(facts.LegEnded(call.customer_leg or ""))
    (found,) = driver.center.floor.recordings.values()
    pbx = Pbx({name: content})
    store = made(driver, pbx, tmp_path / "recordings")
    driver.notices.clear()
    await store.look()
    assert found.state is RecordingState.EMPTY and not store.warnings()
    failed = [notice.reason for notice in driver.notices if isinstance(notice, RecordingFailed)]
    assert failed == (["10 s are missing"] if lasted_s > 1 else [])
    driver.now += UNSEEN_S
    await store.look()
    assert not pbx.files and not driver.center.floor.recordings and not list((tmp_path / "recordings").rglob("*.wav"))


async def test_a_conversation_that_never_began_is_left_alone_while_its_order_may_be_on_its_way(tmp_path: Path) -> None:
    driver = recorded_house()
    call = lifted(driver)
    name = name_of(driver, call)
    driver.tell(facts.LegEnded(call.customer_leg or ""))
    pbx = Pbx({name: audio(tmp_path / "theirs.wav", 0.1)})
    store = made(driver, pbx, tmp_path / "recordings")
    await store.look()
    assert pbx.files and driver.center.floor.recordings
    driver.now += UNSEEN_S
    await store.look()
    assert not pbx.files and not driver.center.floor.recordings


async def test_an_empty_one_is_deleted_there(tmp_path: Path) -> None:
    driver, _ = recorded()
    pbx = Pbx({recording(driver).name: audio(tmp_path / "a.wav", 0.2)})
    ends(driver, 0)
    await made(driver, pbx, tmp_path / "recordings").look()
    assert not pbx.files and not driver.center.floor.recordings


async def test_one_without_a_file_is_lost(tmp_path: Path) -> None:
    driver, _ = recorded()
    ends(driver)
    await made(driver, Pbx({}), tmp_path / "recordings").look()
    assert not driver.center.floor.recordings and entries(driver)[0].is_open


def test_no_path_leads_out_of_the_directory(tmp_path: Path) -> None:
    store = made(recorded()[0], None, tmp_path / "recordings")
    found = Recording("id", "name", "main", "call", "acme", "support", 0.0, file="../../etc/passwd")
    assert store.path_of(found.file) is None


@pytest.mark.parametrize("broken", [True, False])
def test_a_header_without_sizes_is_mended(tmp_path: Path, broken: bool) -> None:
    """As a PBX that was killed leaves it."""
    path = tmp_path / "a.wav"
    whole = audio(path, 1.5)
    if broken:
        path.write_bytes(whole[:4] + struct.pack("<I", 0) + whole[8:40] + struct.pack("<I", 0) + whole[44:])
    assert mend(path) == 1.5 and path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no audio at all", b"RIFF\0\0\0\0WAVEfmt ", CUT_OFF])
def test_what_is_no_wav_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert mend(path) < 0.01 and path.read_bytes() == content


# ------------------------------------------------------------------------------- over the API


async def test_pages_filters_and_what_is_not_ours(tmp_path: Path) -> None:
    driver, _ = recorded()
    ends(driver)
    hangs_up(driver)
    floor = driver.center.floor
    (first,) = entries(driver)
    for index in range(70):
        one = type(first)(f"{index:08x}-0000-7000-8000-000000000000", first.kind, "acme", "support", None, "", index)
        floor.callbacks[one.id] = one
    api = Callbacks(Engine(driver))  # type: ignore[arg-type]
    files = Recordings(Engine(driver), lambda: floor.directory, NoArchive(), OneFile(tmp_path / "none.wav"))  # type: ignore[arg-type]
    page = await api._list(Asked(CallbacksQuery(), "a1"))
    assert len(page.content) == 50 and page.cursor is not None
    rest = await api._list(Asked(CallbacksQuery(cursor=page.cursor), "a1"))
    assert len(rest.content) == 21 and rest.cursor is None
    assert [view.callback_id for view in rest.content][-1] == first.id
    driver.tell(commands.CallbackDone("a1", first.id, 1))
    done = await api._list(Asked(CallbacksQuery(status="done"), "a1"))
    assert [view.callback_id for view in done.content] == [first.id]
    assert (await api._list(Asked(CallbacksQuery(queue="sales"), "a1"))).content == []
    assert (await api._list(Asked(CallbacksQuery(), "stranger"))).content == []
    ids = {"recording_id": recording(driver).id}
    for cti_id in ("a1", "stranger"):
        with pytest.raises(Problem):
            await files._audio(Asked(AudioQuery(), cti_id, ids=ids))
    there = tmp_path / "none.wav"
    there.write_bytes(b"RIFF")
    for _ in range(3):
        heard = await files._audio(Asked(AudioQuery(), "a1", ids=ids, address="192.0.2.1"))
        assert heard == FileAnswer(there, "audio/wav")
    (row,) = [one for one in driver.records if isinstance(one, AuditRow)]
    assert (row.who, row.from_address, row.what) == ("a1", "192.0.2.1", Audited.RECORDING_PLAYED)
    assert row.object == ids["recording_id"]


async def test_a_copy_to_keep_takes_a_right_and_has_the_name_of_its_id(tmp_path: Path) -> None:
    driver, _ = recorded()
    ends(driver)
    hangs_up(driver)
    floor = driver.center.floor
    there = tmp_path / "none.wav"
    there.write_bytes(b"RIFF")
    api = Recordings(Engine(driver), lambda: floor.directory, NoArchive(), OneFile(there))  # type: ignore[arg-type]
    ids = {"recording_id": recording(driver).id}
    with pytest.raises(MissingRight, match='the right "download"'):
        await api._audio(Asked(AudioQuery(download="true"), "a1", ids=ids))
    agents = {**floor.directory.agents, "a1": replace(floor.directory.agents["a1"], rights=frozenset({Right.DOWNLOAD}))}
    floor.directory = replace(floor.directory, agents=agents)
    assert not [one for one in driver.records if isinstance(one, AuditRow)], "nothing was taken"
    copy = await api._audio(Asked(AudioQuery(download="true"), "a1", ids=ids))
    assert isinstance(copy, FileAnswer)
    await api._audio(Asked(AudioQuery(download="true"), "a1", ids=ids))
    copies = [one.what for one in driver.records if isinstance(one, AuditRow)]
    assert copies == [Audited.RECORDING_DOWNLOADED] * 2, "each is one"
    assert copy == FileAnswer(there, "audio/wav", f"{recording(driver).id}.wav")
    assert (
        copy.response().headers["Content-Disposition"].startswith(f'attachment; filename="{recording(driver).id}.wav"')
    )
