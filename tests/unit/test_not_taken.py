"""Calls that an agent did not take, several in a row (requirement I7)."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import NotTaken, Policy
from tests.unit.floor import Driver, agent_entry, directory

PICKUP_S = 20.0
THREE = Policy(missed=NotTaken(3), declined=NotTaken(2), after_call="ready")


def floor(policy: Policy = THREE, agents: int = 2) -> Driver:
    driver = Driver(directory(*(agent_entry(number) for number in range(1, agents + 1)), policy=policy))
    driver.connect()
    driver.log_in("a1")
    return driver


def ends(driver: Driver, leg_id: str | None) -> None:
    driver.tell(facts.LegEnded(leg_id or "", 16))


def misses(driver: Driver) -> Call:
    """a1 is rung for all of the pickup time; the caller hangs up then."""
    call = driver.arrive()
    assert call.cti_id == "a1"
    leg_id = driver.agent_leg(call)
    driver.pass_time(PICKUP_S)
    ends(driver, leg_id)
    ends(driver, call.customer_leg)
    driver.pass_time(10)
    return call


def answers(driver: Driver) -> None:
    call = driver.arrive()
    assert call.cti_id == "a1"
    leg_id = driver.answer(call)
    ends(driver, call.customer_leg)
    ends(driver, leg_id)


def test_the_third_missed_call_in_a_row_leaves_ready_and_none_before() -> None:
    driver = floor()
    for _ in range(2):
        misses(driver)
        assert driver.agent("a1").status is Status.READY
    misses(driver)
    assert (driver.agent("a1").status, driver.agent("a1").reason) == (Status.BUSINESS, "missed")


@pytest.mark.parametrize("reset", [answers, lambda driver: driver.log_in("a1")], ids=["an answer", "a login"])
def test_the_row_ends_with(reset: object) -> None:
    driver = floor()
    misses(driver)
    misses(driver)
    reset(driver)  # type: ignore[operator]
    misses(driver)
    misses(driver)
    assert driver.agent("a1").status is Status.READY
    misses(driver)
    assert driver.agent("a1").status is Status.BUSINESS


def test_missed_and_declined_are_counted_apart() -> None:
    driver = floor()
    misses(driver)
    misses(driver)
    call = driver.arrive()
    assert call.offer is not None
    driver.tell(commands.DeclineOffer("a1", call.offer.id))
    assert driver.agent("a1").status is Status.READY, "the first that was declined"


def test_who_missed_a_call_and_stays_ready_goes_behind_the_others() -> None:
    driver = floor()
    driver.pass_time(1)
    driver.log_in("a2")
    call = driver.arrive()
    assert call.cti_id == "a1", "idle longest"
    leg_id = driver.agent_leg(call)
    driver.pass_time(PICKUP_S)
    assert call.cti_id == "a2"
    ends(driver, leg_id)
    driver.answer(call)
    driver.pass_time(10)
    assert driver.arrive().cti_id == "a1", "a2 talks"


def test_a_busy_phone_leaves_its_agent_ready_and_alone_for_its_pause() -> None:
    driver = floor()
    call = driver.arrive()
    driver.tell(facts.LegEnded(driver.agent_leg(call), 17, 486))
    assert (driver.agent("a1").status, call.state) == (Status.READY, CallState.WAITING)
    driver.pass_time(29.9)
    assert call.state is CallState.WAITING
    driver.pass_time(0.2)
    assert call.cti_id == "a1"
