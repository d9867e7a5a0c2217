"""A SIGKILL of the bridge while a conversation is recorded: the PBX records on, or stays paused. A SIGKILL of the PBX:
what it has written is there."""

import shutil
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.recordings import PbxRecordings
from cti_bridge.domain.model.ids import conversation_name
from cti_bridge.recordings.store import PbxAway
from cti_bridge.recordings.strays import RecordingStrays
from cti_bridge.storage.database import Database
from cti_bridge.storage.recording_archive import RecordingArchive
from tests.acceptance.calls import TALKING, answered, ended
from tests.acceptance.recordings import recorded
from tests.support.priority import carries_audio
from tests.support.stack import Stack

WRITTEN_S = 4.096
"""The PBX writes 64 kB at a time (seen): so much talk."""


async def test_given_a_bridge_that_is_killed_in_a_talk_then_the_file_goes_on(stack: Stack) -> None:
    async with stack.desk("killed-recorded-talk") as desk:
        talk = await answered(desk)
        await desk.agent.client.shows(lambda shown: shown["call"]["recording"]["state"] == "recording", "it records")
        began = time.monotonic()
        await stack.bridge.kill()
        await stack.bridge.start()
        await desk.agent.client.open_panel()
        await desk.agent.client.label(TALKING)
        await talk.customer.listen(1.0)
        lasted_s = time.monotonic() - began
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        assert found.kinds() == ["talk"] and found.length_s > lasted_s
        ((begin_s, end_s),) = found.heard(talk.customer.tone_hz)
        assert end_s - begin_s > lasted_s


async def test_given_a_bridge_that_is_killed_in_a_pause_then_nothing_of_it_is_recorded(stack: Stack) -> None:
    async with stack.desk("killed-recorded-paused") as desk:
        talk = await answered(desk)
        path = f"/calls/{talk.call_id}/recording"
        await talk.customer.listen(0.5)
        await desk.agent.client.command("POST", f"{path}/pause")
        began = time.monotonic()
        await talk.customer.listen(0.5)
        await stack.bridge.kill()
        await stack.bridge.start()
        await desk.agent.client.open_panel()
        await desk.agent.client.shows(lambda shown: shown["call"]["recording"]["state"] == "paused", "it is paused")
        await talk.customer.listen(0.5)
        await desk.agent.client.command("POST", f"{path}/resume")
        paused_s = time.monotonic() - began
        await desk.agent.client.shows(lambda shown: shown["call"]["recording"]["state"] == "recording", "it records")
        await talk.customer.listen(1.0)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        assert abs(found.cut_s("agent", talk) - paused_s) < 0.5


async def test_given_a_pbx_that_is_killed_then_what_it_has_written_is_fetched_when_it_is_back(stack: Stack) -> None:
    async with stack.desk("killed-recorded-pbx") as desk:
        talk = await answered(desk)
        await talk.customer.listen(WRITTEN_S + 2)
        await stack.pbx.kill()
        await stack.pbx.start()
        carries_audio(stack.pbx.pid)
        call = await desk.rows.call(talk.number)
        assert call["outcome"] == "node_lost"
        (found,) = await recorded(desk, talk)
        assert found.length_s >= WRITTEN_S - 0.5
        for hz in (talk.phone.tone_hz, talk.customer.tone_hz):
            assert found.heard_s(hz) > found.length_s - 1
        assert found.row["missing_s"] is None or found.row["missing_s"] > 1


class _NothingKnown:
    """The core of a bridge that knows of no recording and no call."""

    def read(self, view: Callable[[Any], set[str]]) -> set[str]:
        return view(SimpleNamespace(recordings={}, calls={}))


async def test_given_a_recording_on_the_pbx_of_which_nobody_knows_then_it_is_deleted_there_and_no_other_is(
    stack: Stack,
) -> None:
    """The bridge died between its order to record and the commit, and the call ended meanwhile."""
    async with stack.desk("killed-recorded-talk") as desk:
        talk = await answered(desk)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        spool = stack.pbx.directory / "spool" / "recording"
        stray, foreign = spool / f"{conversation_name(talk.call_id, 9)}.wav", spool / "music-of-the-house.wav"
        for file in (stray, foreign):
            shutil.copy(found.path, file)
        login = (stack.pbx.ari_url, stack.pbx.ari_username, stack.pbx.ari_password)
        http, database = AriHttp(*login, Counters()), Database(stack.postgres.url)
        try:
            pbx = PbxRecordings(http, PbxAway)
            assert {stray.stem, foreign.stem} <= set(await pbx.names())
            await RecordingStrays(_NothingKnown(), RecordingArchive(database), lambda: {"main": pbx}).look()
            assert not stray.exists() and foreign.exists()
        finally:
            foreign.unlink()
            await http.close()
            await database.close()
