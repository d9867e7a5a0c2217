"""What the mix of `make bench` computes; the run itself needs a real Asterisk."""

import asyncio
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.mix.delays import AGENT_TO_CUSTOMER, ANSWER_TO_BRIDGE, CALLER_TO_AGENT, DIAL_TO_AGENT, delays
from benchmarks.mix.growth import Sample, growth, sample
from benchmarks.mix.kinds import HOLD, INBOUND, KINDS, OUTBOUND, TRANSFER, Kind, PlannedCall, kind_of, plan
from benchmarks.mix.report import conditions, met, table
from benchmarks.mix.rows import CallRow, spool_rows
from benchmarks.mix.run import Mix
from benchmarks.mix.verdict import failures
from benchmarks.sipp import Logged

NUMBER = "+821021000000"
GOOD = CallRow(
    NUMBER, "inbound", "completed", True, ends=1, offers=1, answered=1, results="answered after 1.000 s", tickets=1
)
CUSTOMER = [Logged("invite", NUMBER, 100.0), Logged("done", NUMBER, 104.0)]
PHONE = [Logged("invite", NUMBER, 100.005), Logged("answer", NUMBER, 100.006), Logged("over", NUMBER, 104.0)]


def a_call(kind: Kind = INBOUND) -> PlannedCall:
    return PlannedCall(NUMBER, kind, 0.0)


def a_mix(**changes: object) -> Mix:
    counts = {kind.name: 0 for kind in KINDS}
    samples = [Sample(0, 70.0), Sample(2_000, 72.0)]
    mix = Mix("22", 20, 140, counts, counts, [], 0, {"channels": 0}, 0, 0, {}, {}, 0.0, samples, None)
    return replace(mix, **changes)  # type: ignore[arg-type]


def test_each_kind_has_its_share_of_the_calls() -> None:
    counts = Counter(call.kind.name for call in plan(6_000, 20))
    assert counts == {"inbound": 4_200, "outbound": 900, "hold": 600, "transfer": 150, "consult": 150}


@pytest.mark.parametrize("calls", range(0, 60, 7))
def test_the_kinds_sum_up_to_all_calls(calls: int) -> None:
    assert len(plan(calls, 20)) == calls


def test_the_same_seed_gives_the_same_calls_and_another_seed_others() -> None:
    assert plan(100, 20) == plan(100, 20)
    assert plan(100, 20) != plan(100, 20, seed=1)


def test_a_calls_number_is_its_own_and_tells_its_kind() -> None:
    calls = plan(6_000, 20)
    assert len({call.number for call in calls}) == len(calls)
    assert all(kind_of(call.number) is call.kind and len(call.number) == len(NUMBER) for call in calls)
    assert kind_of("+15551234567") is None


def test_the_calls_come_evenly() -> None:
    assert [call.at_s for call in plan(4, 20)] == pytest.approx([0.0, 0.05, 0.1, 0.15])


def test_a_call_that_all_sides_saw_end_well_has_not_failed() -> None:
    assert failures([a_call()], CUSTOMER, PHONE, [GOOD], {}) == {}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (replace(GOOD, outcome="agent_lost"), "outcome: agent_lost, not completed"),
        (replace(GOOD, ended=False), "end is written: False, not True"),
        (replace(GOOD, ends=2), "events of the end: 2, not 1"),
        (replace(GOOD, offers=2), "offers: 2, not 1 (answered after 1.000 s)"),
        (replace(GOOD, answered=0), "offers answered: 0, not 1"),
        (replace(GOOD, tickets=0), "tickets: 0, not 1"),
        (replace(GOOD, direction="outbound"), "direction: outbound, not inbound"),
    ],
)
def test_a_call_whose_row_says_otherwise_has_failed(row: CallRow, why: str) -> None:
    assert failures([a_call()], CUSTOMER, PHONE, [row], {}) == {a_call(): why}


def test_a_call_without_a_row_or_with_two_has_failed() -> None:
    assert failures([a_call()], CUSTOMER, PHONE, [], {}) == {a_call(): "rows: 0, not 1"}
    assert failures([a_call()], CUSTOMER, PHONE, [GOOD, GOOD], {}) == {a_call(): "rows: 2, not 1"}


def test_a_call_that_sipp_did_not_see_end_has_failed_whatever_the_rows_say() -> None:
    assert failures([a_call()], CUSTOMER[:1], PHONE, [GOOD], {}) == {a_call(): "customer's ends: 0, not 1"}
    assert failures([a_call()], CUSTOMER, PHONE[:2], [GOOD], {}) == {a_call(): "phones that were done: 0, not 1"}


def test_a_call_whose_command_failed_has_failed() -> None:
    assert failures([a_call(HOLD)], CUSTOMER, PHONE, [GOOD], {NUMBER: "Refused"}) == {a_call(HOLD): "Refused"}


def test_a_transferred_call_is_answered_and_offered_twice() -> None:
    assert len(failures([a_call(TRANSFER)], CUSTOMER, PHONE, [GOOD], {})) == 1
    assert failures([a_call(TRANSFER)], CUSTOMER, PHONE * 2, [replace(GOOD, offers=2, answered=2)], {}) == {}


def test_a_dialed_call_is_offered_to_nobody() -> None:
    row = replace(GOOD, direction="outbound", offers=0, answered=0)
    assert failures([a_call(OUTBOUND)], CUSTOMER, PHONE, [row], {}) == {}


def test_the_delays_of_calls_in_and_out_are_told_apart() -> None:
    out = "+821041000000"
    calls = [a_call(), PlannedCall(out, OUTBOUND, 0.0)]
    customers = [*CUSTOMER, Logged("invite", out, 100.04)]
    phones = [*PHONE, Logged("invite", out, 100.02), Logged("answer", out, 100.03)]
    found = delays(calls, customers, phones, {NUMBER: 100.016, out: 99.0}, {out: 100.0}, [])
    p50 = {what: of.p50 for what, of in found.items() if of}
    assert p50 == pytest.approx({CALLER_TO_AGENT: 5, ANSWER_TO_BRIDGE: 10, DIAL_TO_AGENT: 20, AGENT_TO_CUSTOMER: 10})


def test_growth_is_counted_from_the_thousandth_call() -> None:
    samples = [Sample(calls, 50 + min(calls, 1_000) / 10 + calls / 1_000) for calls in range(0, 5_001, 100)]
    found = growth(samples)
    assert found is not None
    assert [found.slope, found.difference] == pytest.approx([1.0, 1.0])
    assert (found.first.calls, found.last.calls) == (1_000, 5_000)


def test_nothing_is_said_of_growth_after_few_calls() -> None:
    assert growth([]) is None
    assert growth([Sample(calls, 50.0) for calls in range(0, 1_901, 100)]) is None


async def test_memory_is_sampled_with_the_calls_that_are_over() -> None:
    samples: list[Sample] = []
    measured = asyncio.Event()

    def mb() -> float:
        measured.set()
        return 70.0

    task = asyncio.create_task(sample(lambda: 7, mb, samples))
    await measured.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert samples == [Sample(7, 70.0)]


def test_the_rows_of_a_spool_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "create table outbox (seq); create table refused (id); create table checkpoint (kind, id);"
        "insert into outbox values (1); insert into checkpoint values ('call', 1), ('agent', 1), ('call', 2);"
    )
    connection.close()
    assert spool_rows(path) == {"outbox": 1, "refused": 0, "calls": 2}


def test_a_mix_that_left_nothing_is_as_it_must_be() -> None:
    assert met(a_mix())
    assert "too few calls" in table(a_mix())


@pytest.mark.parametrize(
    "changes",
    [
        {"failed": {"inbound": 1}},
        {"double_offers": 1},
        {"leftovers": {"channels": 1}},
        {"panels_lost": 1},
        {"growth": growth([Sample(calls, 50 + calls * 0.0011) for calls in range(1_000, 5_000, 100)])},
    ],
)
def test_a_mix_that_is_not_as_it_must_be_misses_one_condition(changes: dict[str, object]) -> None:
    mix = a_mix(**changes)
    assert [condition.met for condition in conditions(mix)].count(False) == 1
    assert not met(mix)
