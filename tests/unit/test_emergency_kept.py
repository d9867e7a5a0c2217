"""An emergency service that rings or talks is kept for the agent: when the customer leaves who is the reason of the
consultation, and when the agent's phone vanishes with its page."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import HangUp
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.parts import TargetResult
from cti_bridge.domain.model.words import TargetGone
from tests.unit import invariants
from tests.unit.floor import Driver, agent_view
from tests.unit.situations import CUSTOMER, all_enter, customer_leaves, situation, state_of
from tests.unit.test_browser_phone import in_browser, page_comes, page_goes
from tests.unit.test_emergency import NUMBER, call_of, house

S = CallState


def asked(*, answered: bool = False, customer: bool = True) -> tuple[Driver, Call]:
    """a1, whose phone is in the page, consults an emergency service."""
    driver, call = situation("talking")
    floor = driver.center.floor
    policy = replace(floor.policy, emergency_numbers=frozenset({NUMBER}))
    floor.directory = replace(floor.directory, policy=policy)
    in_browser(driver, "a1")
    driver.tell(commands.StartConsult("a1", call.id, NUMBER, None))
    driver.tell(facts.LegReady(call.target_leg or ""))
    if answered:
        answers(driver, call)
    if not customer:
        customer_leaves(driver, call)
    driver.actions.clear()
    return driver, call


def called(*, answered: bool = False) -> tuple[Driver, Call]:
    """a1, whose phone is in the page, calls an emergency service."""
    driver = house()
    in_browser(driver, "a1")
    driver.tell(commands.Dial("a1", NUMBER, ""))
    call = call_of(driver)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.tell(facts.LegReady(call.customer_leg or ""))
    all_enter(driver, call)
    if answered:
        driver.tell(facts.LegAnswered(call.customer_leg or ""))
    driver.actions.clear()
    return driver, call


def answers(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)


def comes_back(driver: Driver, call: Call) -> None:
    page_comes(driver)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    all_enter(driver, call)
    invariants.check_floor(driver.center)


def ended_legs(driver: Driver) -> list[str]:
    return [action.leg_id for action in driver.taken(HangUp)]


def test_given_the_target_rings_when_the_customer_leaves_then_it_rings_on_and_agent_and_target_talk() -> None:
    driver, call = asked()
    ringing = call.target_leg or ""
    customer_leaves(driver, call)
    assert (call.state, ended_legs(driver)) == (S.CONSULT_RINGING, [])
    assert "customer_left" in [notice.code for notice in driver.notices if isinstance(notice, Told)]
    assert agent_view(driver.center.floor, "a1")["allowed_actions"] == ["consult/cancel", "hangup"]
    assert driver.refused(commands.ConnectConsult("a1", call.id)) == "customer_left"
    invariants.check_floor(driver.center)
    answers(driver, call)
    assert state_of(call) is S.CONSULT_ALONE
    assert all(call.legs[leg_id].place is Place.BRIDGE for leg_id in (ringing, call.agent_leg or ""))
    invariants.check_floor(driver.center)


@pytest.mark.parametrize("how", ["cancel", "hang up", "phone", "target"])
def test_given_it_rings_without_the_customer_when_agent_or_target_leave_then_the_call_is_over(how: str) -> None:
    driver, call = asked(customer=False)
    if how == "cancel":
        driver.tell(commands.CancelConsult("a1", call.id))
    elif how == "hang up":
        driver.tell(commands.HangUpCall("a1", call.id))
    else:
        leg_id = call.agent_leg if how == "phone" else call.target_leg
        driver.tell(facts.LegEnded(leg_id or "", 16))
    assert driver.outcomes() == [("completed", "customer")], "who left before"


@pytest.mark.parametrize("customer", [True, False])
@pytest.mark.parametrize("answered", [True, False])
def test_given_a_consultation_when_the_page_is_reloaded_then_the_target_is_kept_and_all_is_as_before(
    *, answered: bool, customer: bool
) -> None:
    driver, call = asked(answered=answered, customer=customer)
    before, target, phone = call.state, call.target_leg, call.agent_leg
    page_goes(driver)
    assert (state_of(call), ended_legs(driver)) == (S.AGENT_LOST, [phone])
    comes_back(driver, call)
    assert (state_of(call), call.target_leg) == (before, target)
    if not answered:
        answers(driver, call)
    assert state_of(call) is (S.CONSULT_TALKING if customer else S.CONSULT_ALONE)
    invariants.check_floor(driver.center)


@pytest.mark.parametrize("customer", [True, False])
def test_given_the_page_is_away_when_the_target_answers_then_it_waits_for_the_agent(*, customer: bool) -> None:
    driver, call = asked(customer=customer)
    page_goes(driver)
    answers(driver, call)
    assert state_of(call) is S.AGENT_LOST
    driver.pass_time(1)
    comes_back(driver, call)
    assert state_of(call) is (S.CONSULT_TALKING if customer else S.CONSULT_ALONE)


@pytest.mark.parametrize("answered", [True, False])
def test_given_the_page_is_away_when_the_customer_leaves_then_the_target_is_kept(*, answered: bool) -> None:
    driver, call = asked(answered=answered)
    page_goes(driver)
    driver.actions.clear()
    customer_leaves(driver, call)
    assert (state_of(call), ended_legs(driver)) == (S.AGENT_LOST, [])
    comes_back(driver, call)
    assert state_of(call) is (S.CONSULT_ALONE if answered else S.CONSULT_RINGING)


@pytest.mark.parametrize("customer", [True, False])
def test_given_the_page_is_away_when_the_target_goes_then_the_customer_is_kept_if_there_is_one(
    *, customer: bool
) -> None:
    driver, call = asked(answered=True, customer=customer)
    page_goes(driver)
    driver.tell(facts.LegEnded(call.target_leg or "", 16))
    if not customer:
        assert driver.outcomes() == [("completed", "customer")]
        return
    assert call.last_result == TargetResult(NUMBER, TargetGone.HUNG_UP)
    comes_back(driver, call)
    assert state_of(call) is S.ON_HOLD


@pytest.mark.parametrize(("answered", "state"), [(True, S.JOINING), (False, S.TRANSFER_RINGING)])
def test_given_a_page_that_stays_away_when_the_time_is_over_then_the_customer_gets_the_target(
    *, answered: bool, state: CallState
) -> None:
    driver, call = asked(answered=answered)
    target = call.target_leg or ""
    page_goes(driver)
    driver.pass_time(20.1)
    assert (state_of(call), call.target_leg, call.customer_leg) == (state, target, CUSTOMER)
    assert target not in ended_legs(driver)
    invariants.check_floor(driver.center)


def test_given_a_page_that_stays_away_and_a_customer_who_has_left_when_the_time_is_over_then_the_call_ends() -> None:
    driver, call = asked(answered=True, customer=False)
    page_goes(driver)
    driver.pass_time(20.1)
    assert driver.outcomes() == [("agent_lost", "system")]
    assert state_of(call) is S.ENDED


@pytest.mark.parametrize("answers_meanwhile", [True, False])
def test_given_it_is_dialled_and_rings_when_the_page_is_reloaded_then_it_is_kept_for_the_agent(
    *, answers_meanwhile: bool
) -> None:
    driver, call = called()
    leg_id, phone = call.customer_leg or "", call.agent_leg
    page_goes(driver)
    assert (state_of(call), ended_legs(driver)) == (S.AGENT_LOST, [phone])
    if answers_meanwhile:
        driver.tell(facts.LegAnswered(leg_id))
        assert state_of(call) is S.AGENT_LOST
    driver.pass_time(1)
    comes_back(driver, call)
    if not answers_meanwhile:
        assert state_of(call) is S.DIALING_CUSTOMER
        driver.tell(facts.LegAnswered(leg_id))
    assert (state_of(call), call.leg_of(Role.CUSTOMER)) == (S.TALKING, call.legs[leg_id])
    assert (driver.agent("a1").state, call.answered_at) == (AgentState.TALKING, driver.now)
    invariants.check_floor(driver.center)


@pytest.mark.parametrize(("answered", "end", "outcome"), [(False, (17, 486), "busy"), (True, (16, 0), "completed")])
def test_given_the_page_is_away_when_it_is_busy_or_hangs_up_then_the_call_ends_as_that(
    *, answered: bool, end: tuple[int, int], outcome: str
) -> None:
    driver, call = called()
    page_goes(driver)
    if answered:
        driver.tell(facts.LegAnswered(call.customer_leg or ""))
    driver.tell(facts.LegEnded(call.customer_leg or "", *end))
    assert driver.outcomes() == [(outcome, "customer")]


def test_given_it_rings_when_the_agent_hangs_up_then_it_is_not_dialled_on() -> None:
    driver, call = called()
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert driver.outcomes() == [("cancelled", "agent")]


@pytest.mark.parametrize("state", [S.CONSULT_RINGING, S.AGENT_LOST])
def test_given_the_customers_leg_hangs_in_the_pbx_then_the_target_is_kept(state: CallState) -> None:
    driver, call = asked()
    if state is S.AGENT_LOST:
        page_goes(driver)
    target = call.target_leg
    driver.tell(facts.LegStuck(CUSTOMER))
    assert (state_of(call), call.target_leg) == (state, target)


def test_given_it_has_rung_to_the_end_meanwhile_when_the_agent_is_back_then_that_is_said() -> None:
    driver, call = called()
    driver.tell(facts.LegRinging(call.customer_leg or ""))
    driver.center.floor.set_deadline(Kind.DIAL, call, driver.now + 1.0)
    page_goes(driver)
    driver.pass_time(2.0)
    assert state_of(call) is S.AGENT_LOST
    page_comes(driver)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert driver.outcomes() == [("no_answer", "system")]
