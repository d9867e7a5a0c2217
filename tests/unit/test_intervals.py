"""Who took part in a call, stretch by stretch, and what became of its transfers."""

from collections.abc import Callable
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.model.call import Call, Role
from tests.unit.floor import CALLING, Driver
from tests.unit.intervals import check_intervals
from tests.unit.leaving import leaves
from tests.unit.situations import (
    OUTSIDE,
    SITUATIONS,
    all_enter,
    customer_leaves,
    joining_without_sender,
    situation,
    staffed,
    talking,
)

Part = tuple[str, str, str | None, str | None, float, str]


def intervals(driver: Driver) -> list[Part]:
    """Stage, role, party, holder, seconds, end."""
    check_intervals(driver.records)
    return [
        (row.stage, row.role, row.cti_id or row.number, row.held_by, round(row.till - row.at, 3), row.ended_with)
        for row in driver.records
        if isinstance(row, CallInterval)
    ]


def transfers(driver: Driver) -> list[TransferRow]:
    return [row for row in driver.records if isinstance(row, TransferRow)]


def test_given_hold_and_a_consultation_then_each_stretch_of_each_party_is_a_row() -> None:
    driver, call = talking(staffed())
    since = call.state_since
    driver.pass_time(10)
    first_s = driver.now - since
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(20)
    driver.tell(commands.ResumeCall("a1", call.id))
    driver.pass_time(5)
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.StartConsult("a1", call.id, None, "a2"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.pass_time(7)
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    driver.pass_time(9)
    driver.tell(commands.CancelConsult("a1", call.id))
    driver.pass_time(3)
    customer_leaves(driver, call)
    assert intervals(driver) == [
        ("talking", "agent", "a1", None, round(first_s, 3), "held"),
        ("on_hold", "agent", "a1", "panel", 20.0, "resumed"),
        ("talking", "agent", "a1", None, 5.0, "consult"),
        ("consult_ringing", "agent", "a1", "consult", 7.0, "answered"),
        ("consult_talking", "agent", "a1", "consult", 9.0, "consult_cancelled"),
        ("consult_talking", "target", "a2", None, 9.0, "consult_cancelled"),
        ("on_hold", "agent", "a1", "panel", 3.0, "call_ended"),
    ]
    (row,) = transfers(driver)
    assert (row.kind, row.by_cti_id, row.target_cti_id, row.result) == ("consult", "a1", "a2", "cancelled")
    assert (row.answered_at, row.completed_at) == (row.at + 7, None)
    assert row.ended_at == row.at + 16


def test_given_a_transfer_to_outside_then_customer_and_number_are_a_row_of_the_same_visit() -> None:
    driver, call = situation("transferred")
    visit = call.visit
    assert visit is not None
    driver.pass_time(30)
    customer_leaves(driver, call)
    rows = [row for row in driver.records if isinstance(row, CallInterval)]
    last = rows[-1]
    assert (last.stage, last.role, last.number, last.cti_id, last.till - last.at) == (
        "transferred",
        "target",
        OUTSIDE,
        None,
        30.0,
    )
    assert {row.visit_id for row in rows} == {visit.id}
    (row,) = transfers(driver)
    assert (row.kind, row.result, row.target_number) == ("consult", "completed", OUTSIDE)
    assert row.completed_at == row.ended_at


def test_given_a_colleague_who_has_the_call_then_the_talk_is_theirs() -> None:
    driver, call = joining_without_sender()
    all_enter(driver, call)
    driver.pass_time(12)
    customer_leaves(driver, call)
    assert intervals(driver)[-1] == ("talking", "agent", "a2", None, 12.0, "call_ended")
    (row,) = transfers(driver)
    assert (row.kind, row.by_cti_id, row.target_cti_id, row.result) == ("direct", "a1", "a2", "completed")


def test_given_an_agent_who_leaves_while_the_target_rings_then_the_consultation_is_a_direct_transfer() -> None:
    driver, call = situation("consult_ringing")
    driver.tell(commands.ConnectConsult("a1", call.id))
    leaves(driver, call, Role.TARGET, 21, 603)
    (row,) = transfers(driver)
    assert (row.kind, row.result) == ("direct", "declined")


def test_given_a_call_out_then_the_ringing_of_both_phones_is_a_row_each() -> None:
    driver = staffed()
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    call = next(call for call in driver.center.floor.calls.values() if call.cti_id == "a1")
    driver.pass_time(4)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.tell(facts.LegReady(call.customer_leg or ""))
    driver.pass_time(6)
    leaves(driver, call, Role.CUSTOMER, 17, 486)
    assert intervals(driver) == [
        ("dialing_agent", "agent", "a1", None, 4.0, "answered"),
        ("dialing_customer", "agent", "a1", None, 6.0, "call_ended"),
    ]


def _recalled(driver: Driver, call: Call) -> None:
    driver.tell(commands.RecallCall("a1", call.id))


@pytest.mark.parametrize(
    ("name", "how", "result"),
    [
        ("transfer_ringing", _recalled, "recalled"),
        ("transfer_ringing", customer_leaves, "customer_left"),
        ("consult_talking", customer_leaves, None),
    ],
)
def test_how_a_transfer_ends(name: str, how: Callable[[Driver, Call], Any], result: str | None) -> None:
    driver, call = situation(name)
    how(driver, call)
    assert [row.result for row in transfers(driver)] == ([result] if result else [])
    if result is None:
        leaves(driver, call, Role.TARGET)
        assert [row.result for row in transfers(driver)] == ["hung_up"]


def test_given_a_call_that_is_sent_to_a_queue_then_the_transfer_is_complete_at_once() -> None:
    driver, call = talking(staffed())
    driver.pass_time(5)
    driver.tell(commands.TransferCall("a1", call.id, None, None, queue="support"))
    (row,) = transfers(driver)
    assert (row.kind, row.target_queue, row.target_number, row.result) == ("direct", "support", None, "completed")
    assert intervals(driver)[-1][:3] == ("talking", "agent", "a1")
    assert intervals(driver)[-1][-1] == "transferred"


@pytest.mark.parametrize("name", SITUATIONS)
def test_given_any_state_when_everybody_leaves_then_rows_fit_together_and_no_transfer_is_open(name: str) -> None:
    driver, call = situation(name)
    driver.pass_time(5)
    for leg in list(call.legs):
        driver.tell(facts.LegEnded(leg, 16))
    driver.pass_time(2000)
    check_intervals(driver.records)
    assert call.transfer is None and call.stretch is None
