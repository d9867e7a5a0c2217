"""A leg that has sent no audio some seconds after it was connected is written down, counted and told to the agent."""

from cti_bridge.domain.audio.audio import LOOK_AFTER_S
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import InspectAudio
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.model.call import Call
from tests.unit.floor import Driver, agent_entry, outbound_directory


def talking() -> tuple[Driver, Call]:
    driver = Driver(outbound_directory(agent_entry(1)))
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    driver.answer(call)
    return driver, call


def told(driver: Driver) -> list[tuple[str, str]]:
    return [(notice.cti_id, notice.code) for notice in driver.notices if isinstance(notice, Told)]


def noted(driver: Driver) -> list[object]:
    return [r.detail["party"] for r in driver.records if isinstance(r, CallEvent) and r.type == "no_audio"]


def test_both_legs_are_looked_at_once_and_not_before() -> None:
    driver, call = talking()
    driver.pass_time(LOOK_AFTER_S - 0.1)
    assert not driver.taken(InspectAudio)
    driver.pass_time(60)
    assert [action.leg_id for action in driver.taken(InspectAudio)] == [call.customer_leg, call.agent_leg]


def test_audio_that_comes_is_said_nowhere() -> None:
    driver, call = talking()
    for leg_id in (call.customer_leg, call.agent_leg):
        driver.tell(facts.AudioSeen(leg_id or "", 1))
    assert not noted(driver) and not told(driver) and not driver.center.floor.silent_legs


def test_a_leg_without_audio_is_written_down_counted_and_told() -> None:
    driver, call = talking()
    driver.tell(facts.AudioSeen(call.customer_leg or "", 0))
    driver.tell(facts.AudioSeen(call.agent_leg or "", 0))
    assert noted(driver) == ["customer", "agent"]
    assert told(driver) == [("a1", "no_audio_customer"), ("a1", "no_audio_agent")]
    assert driver.center.floor.silent_legs == {"customer": 1, "agent": 1}


def test_a_call_that_is_over_is_not_looked_at_and_an_answer_that_comes_late_changes_nothing() -> None:
    driver, call = talking()
    leg_id = call.customer_leg or ""
    driver.tell(commands.HangUpCall("a1", call.id))
    driver.pass_time(LOOK_AFTER_S + 1)
    driver.tell(facts.AudioSeen(leg_id, 0))
    driver.tell(facts.AudioSeen("nobody", 0))
    assert not driver.taken(InspectAudio) and not noted(driver)
