"""Ticket processing's limit and question belong to it: whatever ends it ends them (requirements B6, C6, F1)."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Policy
from tests.unit.floor import CALLING, Driver, agent_view
from tests.unit.situations import CUSTOMER, OUTSIDE, all_enter, staffed

LIMIT_S = 60


def _processing(**policy: str) -> Driver:
    """a1 processes the ticket of a call; the limit runs."""
    driver = staffed(policy=Policy(ticket_processing_limit_s=LIMIT_S, **policy))  # type: ignore[arg-type]
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    _phone_is_free(driver, call)
    assert driver.agent("a1").processing_ends_at == driver.now + LIMIT_S
    return driver


def _phone_is_free(driver: Driver, call: Call) -> None:
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))


def _calls_back(driver: Driver) -> Call:
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    driver.agent_leg(call)
    return call


def _talks(driver: Driver) -> Call:
    call = _calls_back(driver)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    driver.tell(facts.LegReady(call.customer_leg or ""))
    all_enter(driver, call)
    driver.tell(facts.LegAnswered(call.customer_leg or ""))
    assert call.state is CallState.TALKING
    return call


def test_given_a_call_back_from_ticket_processing_then_the_limit_does_not_end_the_talk() -> None:
    driver = _processing()
    _talks(driver)
    driver.pass_time(LIMIT_S + 1)
    assert driver.agent("a1").status == "business"


def test_given_a_call_back_and_then_a_rest_then_the_limit_does_not_end_the_rest() -> None:
    driver = _processing()
    call = _talks(driver)
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.tell(commands.HangUpCall("a1", call.id))
    _phone_is_free(driver, call)
    driver.pass_time(LIMIT_S + 1)
    assert driver.agent("a1").status == "rest"
    assert driver.arrive(leg_id="later").offer is None


def test_given_a_call_back_that_comes_to_nothing_then_ticket_processing_has_its_limit_again() -> None:
    driver = _processing()
    call = _calls_back(driver)
    driver.tell(facts.LegEnded(call.agent_leg or "", 17, 486))
    driver.pass_time(LIMIT_S - 1)
    assert driver.agent("a1").label == "Business (Ticket Processing)"
    driver.pass_time(2)
    assert driver.agent("a1").status == "ready"


Chosen = tuple[str, str | None]
BREAKS: list[Chosen] = [("rest", None), ("rest", "meal"), ("business", "meeting")]


def _dials_on_a_break(chosen: Chosen, then: Chosen | None = None, **policy: str) -> Driver:
    """a1 calls a customer out of a break, talks, chooses ``then``, and the customer hangs up."""
    rules = Policy(rest_reasons=("meal",), ticket_processing_limit_s=LIMIT_S, **policy)  # type: ignore[arg-type]
    driver = staffed(policy=rules)
    driver.tell(commands.SetStatus("a1", *chosen))
    call = _talks(driver)
    if then is not None:
        driver.tell(commands.SetStatus("a1", *then))
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    _phone_is_free(driver, call)
    return driver


def _chosen(driver: Driver) -> Chosen:
    return driver.agent("a1").status, driver.agent("a1").reason


@pytest.mark.parametrize("chosen", BREAKS)
def test_given_ready_after_calls_then_a_call_out_of_a_break_leads_back_to_it(chosen: Chosen) -> None:
    driver = _dials_on_a_break(chosen, after_call="ready")
    assert _chosen(driver) == chosen


@pytest.mark.parametrize("chosen", BREAKS)
def test_given_a_limit_then_ticket_processing_after_a_call_out_of_a_break_leads_back_to_it(
    chosen: Chosen,
) -> None:
    driver = _dials_on_a_break(chosen)
    assert driver.agent("a1").label == "Business (Ticket Processing)"
    assert agent_view(driver.center.floor, "a1")["after_processing"] == {"status": chosen[0], "reason": chosen[1]}
    call = _talks(driver)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    _phone_is_free(driver, call)
    driver.pass_time(LIMIT_S)
    assert _chosen(driver) == chosen, "a second call from ticket processing changes nothing"


@pytest.mark.parametrize("after_call", ["ready", "ticket", "ask"])
def test_given_a_choice_in_a_call_out_of_a_break_then_it_holds(after_call: str) -> None:
    assert _chosen(_dials_on_a_break(BREAKS[0], ("ready", None), after_call=after_call)) == ("ready", None)


def test_given_a_choice_in_ticket_processing_then_the_break_before_is_forgotten() -> None:
    driver = _dials_on_a_break(BREAKS[0])
    driver.tell(commands.SetStatus("a1", "ready", None))
    call = _talks(driver)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    _phone_is_free(driver, call)
    driver.pass_time(LIMIT_S)
    assert _chosen(driver) == ("ready", None)


def test_given_a_break_then_a_call_out_that_nobody_answers_ends_none() -> None:
    driver = staffed(policy=Policy(ticket_processing_limit_s=LIMIT_S, after_call="ready"))
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = _calls_back(driver)
    driver.tell(facts.LegEnded(call.agent_leg or "", 17, 486))
    driver.pass_time(LIMIT_S)
    assert _chosen(driver) == ("rest", None)


def test_given_ready_after_calls_then_a_recall_answered_on_a_break_leads_back_to_it() -> None:
    driver = staffed(policy=Policy(after_call="ready"))
    call = _recalled(driver, then="rest")
    driver.answer(call)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert _chosen(driver) == ("rest", None)


def test_given_a_recall_that_is_missed_in_ticket_processing_then_nobody_is_ready_by_itself() -> None:
    driver = staffed(policy=Policy(ticket_processing_limit_s=LIMIT_S))
    call = _recalled(driver)
    driver.pass_time(20)
    assert driver.agent("a1").label == "Business (Missed call)"
    _phone_is_free(driver, call)
    driver.pass_time(LIMIT_S)
    assert driver.agent("a1").status == "business"


def test_given_a_sender_who_rests_then_a_missed_recall_makes_nobody_ready() -> None:
    driver = staffed(policy=Policy(after_missed="ready"))
    _recalled(driver, then="rest")
    driver.pass_time(20)
    assert driver.agent("a1").status == "rest"


def test_given_the_question_after_a_call_then_the_next_talk_has_it_no_more() -> None:
    driver = _processing(after_call="ask")
    assert agent_view(driver.center.floor, "a1")["prompt"] == "after_call"
    call = _talks(driver)
    assert agent_view(driver.center.floor, "a1")["prompt"] is None
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.tell(commands.HangUpCall("a1", call.id))
    assert agent_view(driver.center.floor, "a1")["prompt"] is None


def _recalled(driver: Driver, then: str | None = None) -> Call:
    """a1 sends a customer on to a number that is busy, and is offered them again."""
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    sender_leg = call.agent_leg or ""
    if then is not None:
        driver.tell(commands.SetNextStatus("a1", then, None))
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE, None))
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    assert call.state is CallState.RINGING
    driver.agent_leg(call)
    return call
