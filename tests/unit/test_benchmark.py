"""What `make bench` computes; the measuring itself needs a real Asterisk and minutes."""

import pytest

from benchmarks import nodes
from benchmarks.comparison import Measured
from benchmarks.core import CoreResult, measure
from benchmarks.latency import Delays, delays, quantiles
from benchmarks.processes import machine_cpu_s, own_cpu_s
from benchmarks.report import goals, summaries, tables
from benchmarks.rounds import Round
from benchmarks.sipp import Logged, parse


def served(number: str, at: float) -> tuple[list[Logged], list[Logged], dict[str, float]]:
    """A caller's log, the phones' log, and when both were in the bridge."""
    caller = [Logged("invite", number, at), Logged("done", number, at + 4)]
    phone = [Logged("invite", number, at + 0.005), Logged("answer", number, at + 0.006)]
    return caller, phone, {number: at + 0.009}


def a_round(system: str, asterisk_ms: float, failed: int = 0) -> Round:
    cost = {"asterisk": asterisk_ms} | ({"bridge": 2.0, "postgres": 9.0} if system == "bridge" else {})
    return Round(system, 20, 100, failed, 5.0, cost, 0.0, {"asterisk": 90.0}, Delays([5.0], [3.0], failed), None)


def test_a_call_of_the_core_is_measured() -> None:
    assert measure(agents=3, calls=20, rounds=1).us_per_call > 0
    assert measure(agents=30, calls=20, rounds=1, skills=5).us_per_call > 0


def test_each_fact_with_many_pbxs_is_measured() -> None:
    found = nodes.measure(agents=30, nodes=3)
    assert found and all(took_ms >= 0 for took_ms in found.values())


def test_the_lines_of_sipps_log_are_read_and_others_left_out() -> None:
    text = "invite +821020000000 2026-11-21\t05:26:49.110874\t1795238809.110874\nThe following events occurred:\n\n"
    assert list(parse(text)) == [Logged("invite", "+821020000000", 1795238809.110874)]


def test_the_delays_of_a_served_call_are_matched_by_the_callers_number() -> None:
    found = delays(*served("+821020000000", 100.0))
    assert found.to_agent == pytest.approx([5.0])
    assert found.to_bridge == pytest.approx([3.0])
    assert found.failed == 0


def test_a_caller_who_was_answered_by_two_agents_has_failed() -> None:
    caller, phone, joined = served("+821020000000", 100.0)
    assert delays(caller, [*phone, Logged("answer", "+821020000000", 101.0)], joined).failed == 1


def test_a_caller_who_never_met_an_agent_has_failed() -> None:
    caller, phone, _ = served("+821020000000", 100.0)
    assert delays(caller, phone, {}).failed == 1


def test_a_caller_whose_call_did_not_end_has_failed() -> None:
    caller, phone, joined = served("+821020000000", 100.0)
    assert delays(caller[:1], phone, joined).failed == 1


def test_quantiles_are_values_that_were_measured() -> None:
    found = quantiles([float(value) for value in range(100, 0, -1)])
    assert found is not None
    assert (found.p50, found.p99, found.most, found.count) == (50.0, 99.0, 100.0, 100)
    assert quantiles([]) is None


def test_the_cost_of_postgres_does_not_count_beside_app_queue_which_has_none() -> None:
    found = summaries([a_round("bridge", 11.0), a_round("app_queue", 10.0)])
    cost = next(goal for goal in goals(found, [], []) if "app_queue" in goal.text)
    assert cost.value == pytest.approx(1.3)
    assert cost.met


def test_a_failed_call_misses_its_goal_and_shows_in_the_table() -> None:
    measured = Measured(rounds=[a_round("bridge", 11.0, failed=1), a_round("app_queue", 10.0)])
    text = tables(measured, [CoreResult(10, 100.0), CoreResult(10_000, 160.0)])
    missed = [line for line in text.splitlines() if line.startswith("MISSED")]
    assert ["failed calls" in line or "the core" in line for line in missed] == [True, True]


def test_the_kernels_count_of_processor_time_covers_our_own() -> None:
    assert 0 < own_cpu_s() <= machine_cpu_s()
