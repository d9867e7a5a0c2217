"""The numbers that a monitor alarms on."""

from types import SimpleNamespace
from typing import Any

import pytest

from cti_bridge.api.health import MeasuredNow
from cti_bridge.api.ports import Measurement
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.domain.border import facts
from cti_bridge.metrics import measure
from cti_bridge.storage.disk_pace import DiskPace
from cti_bridge.storage.writer import Writer
from tests.support.ari import ari_time
from tests.unit import test_two_nodes as two_nodes
from tests.unit.floor import NODE, Driver, agent_entry, directory

NOTHING: Any = SimpleNamespace()
ENGINE: Any = SimpleNamespace(center=Driver(directory(agent_entry(1))).center, handled=0, faults=0, waiting=0)
SPOOL: Any = SimpleNamespace(
    backlog_oldest_at=None, backlog_rows=0, healthy=True, set_aside_entries=0, written_anew=0, pace=DiskPace()
)


def test_given_rows_that_postgres_refused_then_a_counter_says_how_many() -> None:
    writer = Writer(SPOOL, NOTHING, NOTHING)
    writer.rows_refused, writer.rows_written = 3, 500
    found = {one.name: one for one in measure(ENGINE, {}, SPOOL, writer, 0.0)}
    assert (found["cti_writer_rows_refused"].value, found["cti_writer_rows_refused"].counter) == (3, True)
    assert found["cti_writer_rows_written"].value == 500


def test_given_a_pbx_whose_clock_is_known_then_its_difference_is_measured_and_else_there_is_no_number() -> None:
    clock = PbxClock("main")
    clock.heard(ari_time(1_000_000.0 - 90), 1_000_000.0)
    nodes: Any = {
        name: SimpleNamespace(
            counters=Counters(),
            state="up",
            pbx_clock=its,
            stuck=0,
            lists_readable=True,
            sounds=SimpleNamespace(unfetched=()),
        )
        for name, its in (("main", clock), ("other", PbxClock("other")))
    }
    found = [
        one
        for one in measure(ENGINE, nodes, SPOOL, Writer(SPOOL, NOTHING, NOTHING), 0.0)
        if one.name == "cti_pbx_clock_ahead_seconds"
    ]
    assert [one.labels for one in found] == [{"node": "main"}]
    assert found[0].value == pytest.approx(-90)


def counted(driver: Driver) -> dict[tuple[str, ...], float]:
    """All numbers of calls and queues, by name and the values of their labels."""
    engine: Any = SimpleNamespace(center=driver.center, handled=0, faults=0, waiting=0)
    found = measure(engine, {}, SPOOL, Writer(SPOOL, NOTHING, NOTHING), driver.now)
    return {(one.name, *one.labels.values()): one.value for one in found}


def test_given_calls_that_have_ended_then_they_are_counted_by_direction_service_queue_and_outcome() -> None:
    driver = Driver(directory(agent_entry(1)))
    driver.connect()
    assert counted(driver)["cti_queue_waiting", "support"] == 0
    driver.arrive("+8225559999", "c0")
    driver.arrive(leg_id="c1")
    driver.arrive(leg_id="c2")
    driver.pass_time(7)
    waiting = counted(driver)
    assert waiting["cti_queue_waiting", "support"] == 2
    assert waiting["cti_queue_longest_wait_seconds", "support"] == pytest.approx(7, abs=1)
    driver.log_in("a1")
    call = driver.center.floor.calls[driver.agent("a1").call_id or ""]
    leg_id = driver.answer(call)
    driver.pass_time(60)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(leg_id, 16))
    driver.tell(facts.LegEnded("c2", 16))
    found = counted(driver)
    assert found["cti_queue_waiting", "support"] == 0
    ended = {key[1:]: value for key, value in found.items() if key[0] == "cti_calls_ended"}
    assert ended == {
        ("inbound", "", "", "unknown_number"): 1,
        ("inbound", "acme", "support", "completed"): 1,
        ("inbound", "acme", "support", "abandoned_waiting"): 1,
    }


def test_given_calls_of_a_queue_then_what_became_of_them_is_counted_as_in_reports() -> None:
    driver = Driver(directory(agent_entry(1)))
    driver.connect()
    assert counted(driver)["cti_queue_offered", "support"] == 0
    driver.log_in("a1")
    for leg_id in ("c1", "c2", "c3"):
        driver.arrive(leg_id=leg_id)
    driver.answer(driver.center.floor.calls[driver.agent("a1").call_id or ""])
    driver.tell(facts.LegEnded("c2", 16))
    found = counted(driver)
    names = ("offered", "answered", "abandoned", "turned_away")
    assert [found[f"cti_queue_{name}", "support"] for name in names] == [3, 1, 1, 0]
    # The third waits, until it has waited for too long.
    driver.pass_time(601)
    found = counted(driver)
    assert [found[f"cti_queue_{name}", "support"] for name in names] == [3, 1, 1, 1]


def test_given_a_caller_whom_an_agent_took_then_the_wait_is_in_its_bucket_and_not_the_talk() -> None:
    driver = Driver(directory(agent_entry(1)))
    driver.connect()
    driver.arrive(leg_id="c1")
    driver.pass_time(18)
    driver.log_in("a1")
    driver.answer(driver.center.floor.calls[driver.agent("a1").call_id or ""])
    driver.pass_time(100)
    engine: Any = SimpleNamespace(center=driver.center, handled=0, faults=0, waiting=0)
    found = measure(engine, {}, SPOOL, Writer(SPOOL, NOTHING, NOTHING), driver.now)
    (waits,) = [one for one in found if one.name == "cti_queue_answered_after_seconds"]
    assert waits.value == pytest.approx(18, abs=1)
    assert dict(waits.buckets)["15"] == 0 and dict(waits.buckets)["20"] == 1 and waits.buckets[-1] == ("+Inf", 1)


def test_given_a_histogram_then_monitors_read_it_as_one() -> None:
    buckets = (("5", 1.0), ("+Inf", 3.0))
    one = Measurement("cti_x_seconds", "X", 40.0, {"queue": "support"}, buckets=buckets)
    (family,) = MeasuredNow([lambda: [one]]).collect()
    samples = {(sample.name, sample.labels.get("le")): sample.value for sample in family.samples}
    assert samples == {
        ("cti_x_seconds_bucket", "5"): 1,
        ("cti_x_seconds_bucket", "+Inf"): 3,
        ("cti_x_seconds_count", None): 3,
        ("cti_x_seconds_sum", None): 40,
    }


def test_given_calls_and_agents_at_several_pbxs_then_each_has_its_own_numbers() -> None:
    made = two_nodes.driver("phone")
    two_nodes.phone(made, 1, NODE)
    two_nodes.arrive(made, two_nodes.OTHER)
    engine: Any = SimpleNamespace(center=made.center, handled=0, faults=0, waiting=0)
    found = [
        (one.name, dict(one.labels), one.value)
        for one in measure(engine, {}, SPOOL, Writer(SPOOL, NOTHING, NOTHING), 0.0)
        if one.name in ("cti_pbx_calls", "cti_pbx_agents", "cti_pbx_callers_out_of_reach")
    ]
    assert found == [
        ("cti_pbx_calls", {"node": "second", "state": "waiting"}, 1),
        ("cti_pbx_agents", {"node": "main"}, 1),
        ("cti_pbx_agents", {"node": "second"}, 0),
        ("cti_pbx_callers_out_of_reach", {"node": "second", "queue": "support"}, 1),
    ]
