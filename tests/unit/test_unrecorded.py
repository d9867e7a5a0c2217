"""Conversations that are not recorded: the operator hears of it, and the agent's pause is answered by what was seen."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cti_bridge.api.recording_commands import WITHIN_S, RecordingCommands
from cti_bridge.api.routes import Asked
from cti_bridge.api.schemas import Nothing
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.errors import NotRecorded, RecordingNotPaused
from cti_bridge.domain.border.notices import RecordingFailed
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.words import Record
from cti_bridge.domain.views.snapshot import agent_view
from cti_bridge.unrecorded import LATELY_S, Unrecorded
from tests.unit.floor import Driver
from tests.unit.test_recorder import name_of, recorded_talk


def test_the_operator_is_warned_of_a_pbx_for_a_while() -> None:
    unrecorded = Unrecorded()
    assert unrecorded.warnings(0.0) == []
    unrecorded.on_notices(100.0, [RecordingFailed("main", "c", "the PBX refused")] * 2)
    assert unrecorded.warnings(101.0) == [
        "PBX main: 2 conversations of the last ten minutes were not recorded, or not whole"
    ]
    assert unrecorded.warnings(100.0 + LATELY_S) == []


class Engine:
    """The core, at once; it tells its watchers of each change."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.watchers: list[Callable[..., None]] = []

    def read(self, view: Callable[[Any], Any]) -> Any:
        return view(self.driver.center.floor)

    def view(self, cti_id: str) -> Any:
        return agent_view(self.driver.center.floor, cti_id)

    async def ask(self, command: Any, idempotency: str | None) -> None:
        self.driver.tell(command)

    def tell(self, fact: Any) -> None:
        output = self.driver.tell(fact)
        for watcher in self.watchers:
            watcher(self.driver.now, output.changes)


def asked(call: Call) -> Asked[Nothing]:
    return Asked(Nothing(), "a1", ids={"call_id": call.id})


async def test_a_pause_is_answered_when_it_was_seen() -> None:
    driver, call = recorded_talk()
    engine = Engine(driver)
    api = RecordingCommands(engine)  # type: ignore[arg-type]
    answer = asyncio.create_task(api._pause(asked(call)))
    await asyncio.sleep(0)
    engine.tell(facts.LegRinging("nobody"))
    assert not answer.done()
    engine.tell(facts.RecordingSeen(name_of(driver, call), True, driver.now))
    # Sooner than by the time limit: the waiting one was told.
    assert (await asyncio.wait_for(answer, WITHIN_S / 2)).content["agent"].call.recording.state == "paused"
    assert engine.watchers == [], "nobody watches when nobody waits"


async def test_a_pause_that_was_not_seen_in_time_is_refused() -> None:
    driver, call = recorded_talk()
    engine = Engine(driver)
    api = RecordingCommands(engine)  # type: ignore[arg-type]
    answer = asyncio.create_task(api._pause(asked(call)))
    await asyncio.sleep(0)
    driver.now += 1.01
    engine.tell(facts.TimePassed())
    with pytest.raises(RecordingNotPaused):
        await answer


async def test_a_recording_that_does_not_begin_is_refused_and_one_that_does_is_answered() -> None:
    driver, call = recorded_talk(Record.ON_DEMAND)
    engine = Engine(driver)
    api = RecordingCommands(engine)  # type: ignore[arg-type]
    answer = asyncio.create_task(api._start(asked(call)))
    await asyncio.sleep(0)
    engine.tell(facts.RecordingMissing(name_of(driver, call)))
    with pytest.raises(NotRecorded):
        await answer


async def test_a_call_that_ends_meanwhile_is_waited_for_no_longer() -> None:
    driver, call = recorded_talk()
    engine = Engine(driver)
    api = RecordingCommands(engine)  # type: ignore[arg-type]
    answer = asyncio.create_task(api._pause(asked(call)))
    await asyncio.sleep(0)
    for leg_id in list(call.legs):
        engine.tell(facts.LegEnded(leg_id))
    assert (await answer).content["agent"].call is None
