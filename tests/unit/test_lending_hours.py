"""A queue that helps another out does so while it is open (requirement I5)."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.plan import Overflow
from cti_bridge.domain.model.scenario import short_form
from tests.unit.floor import NUMBER, Driver, agent_entry, directory
from tests.unit.test_recovery import as_it_is

OPEN, CLOSED = OpenState.OPEN, OpenState.CLOSED
CHANGES_IN_S = 100.0


def house(now: OpenState, *, then: OpenState | None = None, after_s: float = 10.0) -> Driver:
    """a1 serves support and is in a call, a2 serves general, which helps out and changes in a while."""
    driver = Driver(directory())
    changes_at = driver.now + CHANGES_IN_S

    def rule(at: float) -> Opening:
        return Opening(now, changes_at if then else None) if at < changes_at or not then else Opening(then, None)

    support = Queue("support", "acme", longest_wait_s=900, overflow=(Overflow(after_s, ("general",)),))
    general = Queue("general", "acme", hours="late")
    driver = Driver(
        replace(
            directory(
                agent_entry(1, queues=("support",)),
                agent_entry(2, queues=("general",)),
                queues=[support, general],
                scenarios=(short_form(NUMBER, "acme", "support"),),
            ),
            hours={"late": Hours("late", "Asia/Seoul", rule)},
        )
    )
    driver.connect()
    driver.log_in("a1")
    driver.answer(driver.arrive())
    driver.log_in("a2")
    return driver


def test_an_open_queue_lends_its_agents() -> None:
    driver = house(OPEN)
    call = driver.arrive()
    driver.pass_time(10.1)
    assert call.cti_id == "a2"


def test_a_closed_one_lends_nobody_until_it_opens() -> None:
    driver = house(CLOSED, then=OPEN)
    call = driver.arrive()
    driver.pass_time(CHANGES_IN_S - 0.5)
    assert call.state is CallState.WAITING
    driver.pass_time(1.0)
    assert call.cti_id == "a2"


def test_one_that_closes_lends_nobody_more_and_a_phone_that_rings_is_not_stopped() -> None:
    driver = house(OPEN, then=CLOSED)
    driver.pass_time(CHANGES_IN_S - 15)
    first, second = driver.arrive(), driver.arrive()
    driver.pass_time(10.1)
    assert (first.cti_id, second.cti_id) == ("a2", None)
    driver.pass_time(6)
    assert first.state is CallState.RINGING, "it began while the queue was open"
    driver.answer(first)
    driver.tell(facts.LegEnded(first.agent_leg or "", 16))
    driver.tell(commands.SetStatus("a2", "ready", None))
    assert second.cti_id is None


def test_a_stage_is_not_left_out_for_a_queue_that_is_closed() -> None:
    driver = house(CLOSED, then=OPEN, after_s=600)
    driver.tell(commands.SetStatus("a1", "rest", None))
    (talk,) = driver.center.floor.calls.values()
    driver.tell(facts.LegEnded(talk.agent_leg or "", 16))
    call = driver.arrive()
    assert (call.cti_id, call.wait.reached_s) == (None, 0.0)
    driver.pass_time(CHANGES_IN_S + 1)
    assert (call.cti_id, call.wait.reached_s) == ("a2", 600.0), "nobody works for the first stage"


def test_somebody_who_closes_it_by_hand_counts_at_once_and_so_does_who_opens_it() -> None:
    driver = house(OPEN)
    call = driver.arrive()
    driver.tell(commands.SetHoursOverride("late", CLOSED, None, "operator"))
    driver.pass_time(20)
    assert call.state is CallState.WAITING
    driver.tell(commands.DropHoursOverride("late", "operator"))
    assert call.cti_id == "a2"


@pytest.mark.parametrize("away", ["bridge", "pbx"])
def test_one_that_opened_while_somebody_was_away_lends_at_once(away: str) -> None:
    driver = house(CLOSED, then=OPEN)
    call = driver.arrive()
    driver.pass_time(CHANGES_IN_S - 5)
    if away == "pbx":
        driver.tell(facts.NodeLost(call.node))
        driver.pass_time(10)
        driver.connect(*(leg for one in driver.center.floor.calls.values() for leg in as_it_is(one)))
    else:
        driver.now += 10
        driver = driver.restarted()
        driver.connect(*(leg for one in driver.center.floor.calls.values() for leg in as_it_is(one)))
    (call,) = [one for one in driver.center.floor.calls.values() if one.id == call.id]
    driver.pass_time(1)
    assert call.cti_id == "a2"
