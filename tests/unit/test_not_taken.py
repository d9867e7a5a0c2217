"""Calls that an agent did not take, several in a row (requirement I7)."""

from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import NotTaken, Policy, Queue
from cti_bridge.domain.model.plan import Overflow
from cti_bridge.domain.queue.waiting import _Heap
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


# ------------------------------------------------------------------------------- the same call: another one first


def missed(driver: Driver, call: Call, left_s: float = PICKUP_S) -> None:
    """Nobody lifts the phone for what is left of the pickup time."""
    leg_id = driver.agent_leg(call)
    driver.pass_time(left_s)
    ends(driver, leg_id)


def missed_by_two() -> tuple[Driver, Call]:
    """a1, ready again, has been idle longest when a2 misses the call, too. a3 is ready since then, and has not been
    asked."""
    driver = floor(agents=3)
    call = driver.arrive()
    missed(driver, call)
    driver.log_in("a2")
    driver.pass_time(10)
    assert call.cti_id == "a2" and driver.agent("a1").pause_ends_at is None
    driver.log_in("a3")
    missed(driver, call, PICKUP_S - 10)
    return driver, call


def test_who_was_not_asked_yet_goes_before_who_did_not_take_the_call_and_has_been_idle_longer() -> None:
    driver, call = missed_by_two()
    assert driver.agent("a1").idle_since < driver.agent("a3").idle_since
    assert call.cti_id == "a3"


def test_when_nobody_else_is_ready_who_did_not_take_the_call_is_asked_again_the_first_of_them_first() -> None:
    driver, call = missed_by_two()
    missed(driver, call)
    assert call.cti_id == "a1"
    missed(driver, call)
    assert call.cti_id == "a2"


def test_nobody_is_waited_for_who_talks() -> None:
    driver = floor()
    talk = driver.arrive()
    driver.log_in("a2")
    driver.answer(talk)
    call = driver.arrive()
    assert (talk.cti_id, call.cti_id) == ("a1", "a2")
    missed(driver, call)
    assert call.cti_id is None, "a2 has a pause, and a1 talks"
    driver.pass_time(10)
    assert call.cti_id == "a2"


def test_other_calls_are_offered_as_ever() -> None:
    driver, call = missed_by_two()
    assert call.cti_id == "a3" and driver.arrive().cti_id == "a1"


def test_a_restart_forgets_nobody() -> None:
    driver = floor(agents=2)
    call = driver.arrive()
    missed(driver, call)
    other = driver.restarted()
    assert other.center.floor.calls[call.id].wait.not_taken_by == ["a1"]


def test_a_talk_begins_it_anew() -> None:
    driver, call = missed_by_two()
    driver.answer(call)
    assert call.wait.not_taken_by == []


def test_one_of_a_queue_that_helps_out_goes_before_an_own_one_who_did_not_take_the_call() -> None:
    support = Queue("support", "acme", overflow=(Overflow(15, ("sales",)),))
    agents = (agent_entry(1), agent_entry(2, queues=("sales",)), agent_entry(3))
    driver = Driver(directory(*agents, queues=(support, Queue("sales", "acme")), policy=THREE))
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    missed(driver, call)
    driver.log_in("a3")
    driver.pass_time(10)
    assert call.cti_id == "a3", "nobody else is ready who was not asked"
    driver.log_in("a2")
    missed(driver, call)
    assert call.cti_id == "a2"


@pytest.mark.parametrize("seed", range(20))
def test_the_smallest_entry_beside_some_is_that_of_a_search_through_all(seed: int) -> None:
    rng = Random(seed)
    true = {str(number) for number in range(60) if rng.random() < 0.7}
    heap = _Heap(lambda entry: entry[1] in true)
    for number in rng.sample(range(60), 60):
        heap.add((number // 2,), str(number))
    for most in (0, 1, 5, 60):
        others = rng.sample(range(60), most)
        left = [number for number in range(60) if str(number) in true and number not in others]
        first = min(((left_ // 2,), str(left_)) for left_ in left) if left else None
        assert heap.first_beside([str(number) for number in others]) == first
