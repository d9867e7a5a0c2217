"""A SIGKILL of the bridge while a conversation is recorded: the PBX records on, or stays paused. A SIGKILL of the PBX:
what it has written is there."""

import time

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
