"""What callers who gave up and agents who come and go leave behind in the heaps of a queue: nothing to speak of."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Queue
from tests.unit.floor import Driver, agent_entry, directory


def floor(*numbers: int) -> Driver:
    """These agents, none of whom is there yet, and a queue in which one may wait for ever."""
    queue = Queue("support", "acme", longest_wait_s=0)
    driver = Driver(directory(*map(agent_entry, numbers), queues=(queue,)))
    driver.connect()
    return driver


def left_behind(driver: Driver) -> int:
    """The entries of all heaps."""
    return driver.center.waiting.entries


def abandon(driver: Driver, count: int) -> None:
    """So many call, and hang up while they wait."""
    for _ in range(count):
        call = driver.arrive()
        driver.pass_time(1)
        driver.tell(facts.LegEnded(call.customer_leg or "", 16))


@pytest.mark.parametrize("someone_waits", [False, True])
def test_given_nobody_is_ready_then_abandoned_calls_leave_nothing(someone_waits: bool) -> None:
    driver = floor(1)
    first = driver.arrive(leg_id="patient") if someone_waits else None
    abandon(driver, 600)
    assert left_behind(driver) < 100
    assert first is None or first.state is CallState.WAITING


def test_given_an_agent_who_is_always_free_then_others_who_come_and_go_leave_nothing() -> None:
    driver = floor(1, 2)
    driver.log_in("a1")
    for _ in range(500):
        driver.pass_time(1)
        driver.log_in("a2")
        driver.tell(commands.LogOut("a2", "session-a2"))
    assert left_behind(driver) < 100


def test_given_much_was_cleared_away_then_all_who_wait_are_still_served_in_their_order() -> None:
    driver = floor(1)
    patient = []
    for n in range(60):
        patient.append(driver.arrive(leg_id=f"patient-{n}"))
        abandon(driver, 10)
    driver.log_in("a1")
    served = []
    for _ in patient:
        call = driver.center.floor.calls[driver.agent("a1").call_id or ""]
        served.append(call.customer_leg)
        leg_id = driver.answer(call)
        driver.tell(facts.LegEnded(call.customer_leg or "", 16))
        driver.tell(facts.LegEnded(leg_id, 16))
        driver.tell(commands.SetStatus("a1", "ready", None))
    assert served == [f"patient-{n}" for n in range(60)]
