"""Who is served next, and by whom (requirements C2, C5)."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Policy, Queue
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.domain.queue.no_calls import assignable
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory

SALES = "+8225550001"
QUEUES = (Queue("support", "acme"), Queue("sales", "acme", priority=5))
SCENARIOS = (short_form(NUMBER, "acme", "support"), short_form(SALES, "acme", "sales"))
BOTH = ("support", "sales")


def floor(
    *queues_of_agents: tuple[str, ...], queues: tuple[Queue, ...] = QUEUES, policy: Policy | None = None
) -> Driver:
    entries = [agent_entry(n, queues=queues) for n, queues in enumerate(queues_of_agents, 1)]
    driver = Driver(directory(*entries, queues=queues, scenarios=SCENARIOS, policy=policy))
    driver.connect()
    return driver


def served(driver: Driver, times: int) -> list[str]:
    """The customers' legs in the order in which a1, again and again, is given their calls."""
    order = []
    for _ in range(times):
        call = driver.center.floor.calls[driver.agent("a1").call_id or ""]
        order.append(call.customer_leg or "")
        leg_id = driver.answer(call)
        driver.tell(facts.LegEnded(order[-1], 16))
        driver.tell(facts.LegEnded(leg_id, 16))
        driver.tell(commands.SetStatus("a1", "ready", None))
    return order


def test_whoever_has_waited_longest_is_served_first() -> None:
    driver = floor(BOTH)
    for n in (1, 2, 3):
        driver.arrive(leg_id=f"c{n}")
        driver.pass_time(1)
    driver.log_in("a1")
    assert served(driver, 3) == ["c1", "c2", "c3"]


def test_a_queue_of_higher_priority_comes_before_earlier_arrivals_of_another() -> None:
    driver = floor(BOTH)
    for n, number in enumerate((NUMBER, SALES, NUMBER, SALES), 1):
        driver.arrive(number, f"c{n}")
        driver.pass_time(1)
    driver.log_in("a1")
    assert served(driver, 4) == ["c2", "c4", "c1", "c3"]


def test_whoever_was_returned_comes_before_all_others() -> None:
    driver = floor(BOTH)
    driver.arrive(SALES, "c1")
    returned = driver.arrive(NUMBER, "c2")
    returned.wait.returned = True
    driver.center.waiting.add_call(returned)
    driver.log_in("a1")
    assert served(driver, 2) == ["c2", "c1"]


def test_of_two_who_arrived_at_once_the_order_is_that_of_their_ids() -> None:
    driver = floor(BOTH)
    calls = [driver.arrive(leg_id=f"c{n}") for n in (1, 2, 3)]
    driver.log_in("a1")
    by_id = [call.customer_leg for call in sorted(calls, key=lambda call: call.id)]
    assert served(driver, 3) == by_id


def test_a_caller_in_the_dialplans_retry_loop_keeps_the_place() -> None:
    driver = floor(BOTH)
    driver.arrive(leg_id="c1")
    driver.tell(facts.CallArrived(NODE, "c2", NUMBER, "", "", driver.now - 60))
    driver.log_in("a1")
    assert served(driver, 2) == ["c2", "c1"]


def test_a_call_whose_offer_failed_keeps_its_place() -> None:
    driver = floor(BOTH, BOTH)
    driver.log_in("a1")
    first = driver.arrive(leg_id="c1")
    driver.pass_time(5)
    driver.arrive(leg_id="c2")
    driver.pass_time(15)
    assert first.state is CallState.WAITING
    driver.log_in("a2")
    assert first.cti_id == "a2"


def test_a_call_without_an_agent_blocks_nobody() -> None:
    driver = floor(("support",))
    driver.arrive(SALES)
    call = driver.arrive(NUMBER)
    driver.log_in("a1")
    assert call.cti_id == "a1"


def test_an_agent_gets_no_call_of_another_queue() -> None:
    driver = floor(("support",), ("sales",))
    driver.log_in("a1", "a2")
    assert driver.arrive(SALES).cti_id == "a2"
    assert driver.arrive(SALES).cti_id is None


def test_the_longest_idle_gets_the_call() -> None:
    driver = floor(BOTH, BOTH, BOTH)
    for cti_id in ("a2", "a3", "a1"):
        driver.log_in(cti_id)
        driver.pass_time(1)
    assert [driver.arrive().cti_id for _ in range(4)] == ["a2", "a3", "a1", None]


def test_idle_time_begins_at_the_end_of_the_conversation_or_at_a_missed_call_and_not_at_a_rest() -> None:
    driver = floor(BOTH, BOTH, policy=Policy(after_call="ready"))
    driver.log_in("a1")
    driver.pass_time(1)
    driver.log_in("a2")
    talked = driver.arrive()
    leg_id = driver.answer(talked)
    driver.pass_time(10)
    driver.tell(facts.LegEnded(talked.customer_leg or ""))
    driver.tell(facts.LegEnded(leg_id))
    assert driver.arrive(leg_id="c2").cti_id == "a2", "a1 has just talked"
    driver.tell(facts.LegEnded("c2"))
    driver.tell(facts.LegEnded(driver.agent("a2").legs[0]))
    driver.tell(commands.SetStatus("a2", "rest", None))
    driver.pass_time(50)
    driver.tell(commands.SetStatus("a2", "ready", None))
    missed = driver.arrive(leg_id="c3")
    assert missed.cti_id == "a2", "rest does not count"
    driver.pass_time(20)
    driver.tell(facts.LegEnded("c3"))
    for cti_id in ("a1", "a2"):
        for leg in list(driver.agent(cti_id).legs):
            driver.tell(facts.LegEnded(leg))
        driver.tell(commands.SetStatus(cti_id, "ready", None))
    assert driver.arrive(leg_id="c4").cti_id == "a1", "a missed call counts"


def test_a_busy_agent_is_never_given_a_second_call() -> None:
    driver = floor(BOTH)
    driver.log_in("a1")
    call = driver.arrive()
    others = [driver.arrive() for _ in range(3)]
    driver.answer(call)
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert [other.cti_id for other in others] == [None] * 3


def test_an_agent_is_free_when_the_phone_is_and_not_before() -> None:
    driver = floor(BOTH, policy=Policy(after_call="ready"))
    driver.log_in("a1")
    first = driver.arrive()
    leg_id = driver.answer(first)
    second = driver.arrive()
    driver.tell(facts.LegEnded(first.customer_leg or ""))
    assert second.state is CallState.WAITING, "the leg of the first call is still ending"
    driver.tell(facts.LegEnded(leg_id))
    assert second.cti_id == "a1"


def test_an_agent_in_two_queues_serves_both_and_is_offered_one_at_a_time() -> None:
    driver = floor(BOTH, ("support",))
    driver.log_in("a2")
    driver.pass_time(1)
    driver.log_in("a1")
    assert driver.arrive(NUMBER).cti_id == "a2"
    assert driver.arrive(SALES).cti_id == "a1"
    assert driver.arrive(SALES).cti_id is None


@pytest.mark.parametrize("result", ["missed", "declined", "unreachable"])
def test_whoever_did_not_take_a_call_is_not_rung_first_for_the_next(result: str) -> None:
    driver = floor(BOTH, BOTH, policy=Policy(after_missed="ready"))
    driver.log_in("a1")
    driver.pass_time(1)
    driver.log_in("a2")
    driver.pass_time(1)
    call = driver.arrive()
    assert call.cti_id == "a1", "idle longest"
    not_taken(driver, call, result)
    assert call.cti_id == "a2"
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(driver.agent("a2").legs[0], 16))
    driver.pass_time(Policy().unreachable.pause_s + 1)
    assert all(assignable(driver.center.floor, driver.agent(cti_id)) for cti_id in ("a1", "a2"))
    assert driver.arrive(leg_id="next").cti_id == "a2"


def not_taken(driver: Driver, call: Call, result: str) -> None:
    """The offer fails, and the phone rings no more."""
    assert call.offer is not None and call.agent_leg is not None
    leg_id, offer_id = call.agent_leg, call.offer.id
    if result == "missed":
        driver.pass_time(20)
    elif result == "declined":
        driver.tell(commands.DeclineOffer("a1", offer_id))
    driver.tell(facts.LegEnded(leg_id, 20 if result == "unreachable" else 16, 0))
    assert result in driver.offers()


def test_an_agent_whose_phone_refuses_at_once_does_not_spin() -> None:
    driver = floor(BOTH, policy=Policy(after_missed="ready"))
    driver.log_in("a1")
    driver.arrive()
    for _ in range(10):
        for leg_id in list(driver.agent("a1").legs):
            driver.tell(facts.LegEnded(leg_id, 21, 603))
        driver.pass_time(1)
    assert 2 <= len(driver.rung()) <= 3
