"""Figures of today: what the core counts while it happens, for whoever watches (requirement L1)."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import Queue, Service
from cti_bridge.domain.model.scenario import Enqueue, HangUp, Scenario
from cti_bridge.domain.model.today import DayFigures
from cti_bridge.hours.days import Days
from tests.unit.floor import NUMBER, Driver, agent_entry, directory

MIDNIGHT = 11 * 86_400.0
"""That of a day of UTC."""
NOON = MIDNIGHT - 43_200


def house() -> Driver:
    driver = Driver(directory(agent_entry(1), agent_entry(2)))
    driver.now = NOON
    driver.connect()
    driver.log_in("a1")
    return driver


def counts(driver: Driver, id_: str = "queue/support") -> dict[str, int]:
    return {name: count for name, count in driver.center.floor.figures.of_id[id_].counts.items() if count}


def hang_up(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegEnded(call.customer_leg or ""))


def test_a_call_that_waits_is_offered_and_waiting_and_then_answered_within_the_limit() -> None:
    driver = house()
    call = driver.arrive()
    assert counts(driver) == {"new": 1, "offered": 1, "waiting": 1}
    driver.now += 20
    driver.answer(call)
    assert counts(driver) == {"new": 1, "offered": 1, "answered": 1, "within": 1}
    hang_up(driver, call)
    assert counts(driver) == counts(driver, "service/acme") | {"new": 1}


@pytest.mark.parametrize(
    ("waited_s", "names"),
    [
        (4.9, {"abandoned": 1, "abandoned_within": 1, "abandoned_short": 1}),
        (5.0, {"abandoned": 1, "abandoned_within": 1}),
        (20.1, {"abandoned": 1}),
    ],
)
def test_a_caller_who_hangs_up_is_abandoned_by_how_long_they_waited(waited_s: float, names: dict[str, int]) -> None:
    driver = house()
    driver.log_in("a1", status="rest")
    call = driver.arrive()
    driver.now += waited_s
    hang_up(driver, call)
    assert counts(driver) == {"new": 1, "offered": 1, **names}


def test_a_call_that_goes_to_another_queue_is_one_of_each_queue_and_once_in_the_service() -> None:
    steps = (Enqueue("first", {"longest_wait": "second"}, "support"), Enqueue("second", {}, "sales"), HangUp("bye", {}))
    scenario = Scenario("acme", "acme", (NUMBER,), "first", {step.name: step for step in steps})
    config = directory(
        agent_entry(1, queues=("sales",)),
        queues=(Queue("support", "acme", longest_wait_s=30), Queue("sales", "acme")),
        scenarios=(scenario,),
    )
    driver = Driver(config)
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    assert counts(driver, "service/acme") == {"offered": 1, "waiting": 1}
    driver.pass_time(31)
    driver.answer(call)
    assert counts(driver) == {"new": 1, "offered": 1, "longest_wait": 1}
    assert counts(driver, "queue/sales") == {"new": 1, "offered": 1, "answered": 1, "within": 1}
    assert counts(driver, "service/acme") == {"offered": 1, "answered": 1, "within": 1}


def test_a_call_that_an_agent_sends_to_another_queue_is_transferred_there_and_not_offered() -> None:
    config = directory(agent_entry(1), queues=(Queue("support", "acme"), Queue("sales", "acme")))
    driver = Driver(config)
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    driver.answer(call)
    driver.tell(commands.TransferCall("a1", call.id, queue="sales"))
    assert counts(driver, "queue/sales") == {"transferred": 1}
    assert counts(driver, "service/acme") == {"offered": 1, "answered": 1, "within": 1}


def test_a_call_that_a_supervisor_moves_is_followed_in_the_service() -> None:
    config = directory(
        agent_entry(1, queues=("sales",)), queues=(Queue("support", "acme"), Queue("sales", "acme", service_level_s=9))
    )
    driver = Driver(config)
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    driver.tell(commands.MoveCall(call.id, "sales", False, "boss", ""))
    driver.answer(call)
    assert counts(driver) == {"new": 1, "offered": 1, "moved": 1}
    assert counts(driver, "queue/sales") == {"moved_in": 1}
    assert counts(driver, "service/acme") == {"offered": 1, "answered": 1, "within": 1}


def test_at_midnight_figures_begin_anew_and_a_visit_of_yesterday_is_none_of_today() -> None:
    driver = house()
    driver.log_in("a2")
    before = driver.arrive()
    driver.now = MIDNIGHT - 1
    yesterday = driver.arrive()
    assert counts(driver) == {"new": 2, "offered": 2, "waiting": 2}
    driver.now = MIDNIGHT
    driver.answer(before)
    hang_up(driver, yesterday)
    assert counts(driver) == {}
    driver.arrive()
    assert counts(driver) == {"new": 1, "offered": 1, "waiting": 1}


def test_talk_of_an_agent_is_cut_at_midnight_and_hold_is_apart() -> None:
    driver = house()
    call = driver.arrive()
    driver.now = MIDNIGHT - 100
    driver.answer(call)
    driver.now = MIDNIGHT + 50
    driver.tell(commands.HoldCall("a1", call.id))
    driver.now += 10
    hang_up(driver, call)
    figures = driver.center.floor.figures.of_id["agent/a1"]
    assert (figures.seconds, figures.counts) == ({"in_talk_s": 50.0, "in_hold_s": 10.0}, {})


def test_calls_of_an_agent_are_counted_by_what_became_of_their_offers() -> None:
    driver = house()
    call = driver.arrive()
    leg = driver.agent_leg(call)
    driver.pass_time(21)
    driver.tell(facts.LegEnded(leg))
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.answer(call)
    assert counts(driver, "agent/a1") == {"missed": 1, "answered": 1}


def test_a_restart_keeps_the_figures_and_goes_on_with_them() -> None:
    driver = house()
    call = driver.arrive()
    other = driver.restarted()
    assert counts(other) == {"new": 1, "offered": 1, "waiting": 1}
    assert counts(other, "service/acme") == {"offered": 1, "waiting": 1}
    hang_up(other, other.center.floor.calls[call.id])
    assert counts(other)["abandoned"] == counts(other, "service/acme")["abandoned"] == 1


def test_a_restart_on_another_day_forgets_the_figures() -> None:
    driver = house()
    driver.tell(commands.SetStatus("a1", "rest", None))
    hang_up(driver, driver.arrive())
    driver.now = MIDNIGHT
    other = driver.restarted()
    assert other.center.floor.figures.of_id == {}
    assert other.saved["figures", "queue/support"] is None


def test_a_call_that_cannot_be_read_after_a_restart_is_lost_in_the_figures_as_in_its_row() -> None:
    driver = house()
    call = driver.arrive()
    state = driver.state()
    del state["call", call.id]
    other = driver.restarted(state=state)
    assert counts(other) == {"new": 1, "offered": 1, "node_lost": 1}
    assert counts(other, "service/acme") == {"offered": 1, "node_lost": 1}


def test_a_day_that_comes_twice_by_a_clock_that_is_set_begins_anew() -> None:
    driver = house()
    call = driver.arrive()
    for by_s in (86_400.0, -86_400.0):
        driver.now += by_s
        driver.tell(facts.ClockMoved(by_s, driver.now))
        driver.center.floor.now = driver.now
        hang_up(driver, driver.arrive())
    assert counts(driver)["offered"] == 1
    driver.answer(call)
    assert counts(driver) == {"new": 1, "offered": 1, "abandoned": 1, "abandoned_within": 1, "abandoned_short": 1}


def test_days_begin_at_midnight_of_the_zone_also_where_clocks_are_set() -> None:
    seoul, berlin = Days("Asia/Seoul"), Days("Europe/Berlin")
    assert seoul(1_764_514_799.0).name == "2025-11-30" and seoul(1_764_514_800.0).name == "2025-12-01"
    long = berlin(1_792_886_400.0)
    assert (long.name, long.till - long.begin) == ("2026-10-25", 25 * 3600)
    assert berlin == Days("Europe/Berlin") != seoul
    config = directory(agent_entry(1), services=(replace(Service("acme"), days=seoul),))
    driver = Driver(config)
    driver.now = 1_764_514_799.0
    driver.connect()
    driver.arrive()
    driver.now += 1
    hang_up(driver, driver.arrive())
    figures = driver.center.floor.figures.of_id["queue/support"]
    assert figures == DayFigures(
        "queue/support",
        "2025-12-01",
        2,
        {"new": 1, "offered": 1, "waiting": 0, "abandoned": 1, "abandoned_within": 1, "abandoned_short": 1},
    )
