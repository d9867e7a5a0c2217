"""The way of one inbound call through the core."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    Answer,
    CreateBridge,
    CreateLeg,
    DestroyBridge,
    DialLeg,
    HangUp,
    InspectAudio,
    StartMusic,
    StopMusic,
)
from cti_bridge.domain.border.records import TicketOpened
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Queue
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory
from tests.unit.situations import OUTSIDE, staffed


def ready_driver(agents: int = 1) -> Driver:
    driver = Driver(directory(*(agent_entry(n) for n in range(1, agents + 1))))
    driver.connect()
    driver.log_in(*(f"a{n}" for n in range(1, agents + 1)))
    driver.actions.clear()
    return driver


def test_a_call_is_queued_with_music_offered_answered_talked_and_ended() -> None:
    driver = ready_driver()
    call = driver.arrive()
    assert [type(action) for action in driver.actions] == [Answer, StartMusic, CreateLeg]
    driver.agent_leg(call)
    assert isinstance(driver.actions[-1], DialLeg)
    driver.pass_time(3)
    driver.actions.clear()
    leg_id = driver.agent_leg(call)
    driver.tell(facts.LegAnswered(leg_id))
    assert [type(action) for action in driver.actions] == [StopMusic, CreateBridge, AddToBridge]
    assert driver.agent("a1").state == "ringing"
    driver.enter(call, leg_id)
    assert driver.agent("a1").state == "ringing"
    driver.enter(call, call.customer_leg or "")
    assert call.state is CallState.TALKING
    driver.pass_time(60)
    driver.tell(facts.LegEnded("caller-1", 16))
    asked = [InspectAudio, InspectAudio]
    assert [type(action) for action in driver.actions[3:]] == [*asked, HangUp, DestroyBridge]
    driver.tell(facts.LegEnded(leg_id, 16))
    assert driver.history("a1") == [
        ("business", "idle", None, "login"),
        ("ready", "idle", None, "command"),
        ("ready", "ringing", None, "offered"),
        ("ready", "talking", None, "answered"),
        ("business", "idle", "ticket_processing", "call_ended"),
    ]
    assert driver.offers() == ["answered"]
    assert driver.outcomes() == [("completed", "customer")]
    assert len([r for r in driver.records if isinstance(r, TicketOpened)]) == 1
    assert not driver.center.floor.calls
    assert driver.center.next_deadline() is None


def test_pickup_time_over_the_second_agent_gets_it_and_the_first_leaves_ready() -> None:
    driver = ready_driver(2)
    call = driver.arrive()
    first = driver.agent_leg(call)
    driver.pass_time(20)
    assert driver.rung() == ["1001", "1002"]
    assert driver.history("a1")[-1] == ("business", "idle", "missed", "missed")
    assert any(isinstance(a, HangUp) and a.leg_id == first for a in driver.actions)
    driver.tell(facts.LegAnswered(first))
    assert call.state is CallState.RINGING
    driver.answer(call)
    assert call.cti_id == "a2"
    assert driver.offers() == ["missed", "answered"]


LONGEST_S = 60.0


def arrived_long_ago(agents: int, ago_s: float) -> tuple[Driver, str]:
    """A caller whose channel was made so long ago, which is seen only now; negative: in the future."""
    queues = (Queue("support", "acme", longest_wait_s=LONGEST_S),)
    driver = Driver(directory(*(agent_entry(n) for n in range(1, agents + 1)), queues=queues))
    driver.connect()
    driver.log_in(*(f"a{n}" for n in range(1, agents + 1)))
    driver.tell(facts.CallArrived(NODE, "caller-1", NUMBER, "+821012345678", "Kim", driver.now - ago_s))
    (call_id,) = driver.center.floor.calls
    return driver, call_id


@given(st.floats(-1e9, 1e9))
def test_nobody_is_turned_away_at_arrival_with_an_agent_free_whatever_the_arrival_says(ago_s: float) -> None:
    driver, call_id = arrived_long_ago(1, ago_s)
    call = driver.center.floor.calls[call_id]
    assert (call.state, call.cti_id) == (CallState.RINGING, "a1")
    assert call.arrived_at <= driver.now
    driver.pass_time(5)
    driver.answer(call)
    assert (call.state, call.wait.lasted_s) == (CallState.TALKING, 5)


@pytest.mark.parametrize("ago_s", [-3600.0, 0.0, LONGEST_S, 3600.0])
def test_the_longest_wait_counts_from_the_moment_at_which_the_bridge_knows_of_the_caller(ago_s: float) -> None:
    driver, call_id = arrived_long_ago(0, ago_s)
    driver.pass_time(LONGEST_S - 1)
    assert driver.center.floor.calls[call_id].state is CallState.WAITING
    driver.pass_time(1)
    assert driver.outcomes() == [("queue_timeout", "system")]


@pytest.mark.parametrize("agents", [0, 1])
def test_an_arrival_that_is_told_again_after_its_end_is_no_second_call(agents: int) -> None:
    driver = ready_driver(agents)
    arrival = facts.CallArrived(NODE, "c1", NUMBER, "+821012345678", "", driver.now)
    driver.tell(arrival)
    driver.tell(facts.LegEnded("c1", 16))
    driver.actions.clear()
    rows = len(driver.records)
    driver.tell(arrival)
    assert (driver.actions, len(driver.records)) == ([], rows)


def test_a_number_dialled_on_the_phone_that_is_told_again_after_its_end_is_no_second_call() -> None:
    driver = staffed()
    dialled = facts.KeypadDialed(NODE, "keypad", "1001", OUTSIDE)
    driver.tell(dialled)
    assert len(driver.center.floor.calls) == 1
    driver.tell(facts.LegEnded("keypad", 16))
    for call in list(driver.center.floor.calls.values()):
        for leg_id in list(call.legs):
            driver.tell(facts.LegEnded(leg_id, 16))
    driver.actions.clear()
    driver.tell(dialled)
    assert (driver.actions, driver.center.floor.calls) == ([], {})
