"""The phone in the page (docs/states.md, agent_lost): it vanishes with its page at every reload, and comes back.

What the PBX tells then is, in this order: the phone is unreachable, its registration was removed, and, with the page
back, reachable. The leg itself stays up on the PBX.
"""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import HangUp
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.call import Call, CallState, Role, Stage
from cti_bridge.domain.model.parts import TargetResult
from cti_bridge.domain.model.words import AnswerMode, TargetGone
from tests.unit import invariants
from tests.unit.floor import NODE, Driver
from tests.unit.situations import CUSTOMER, SITUATIONS, all_enter, customer_leaves, made, situation, staffed, state_of

S = CallState
PROCESSING = "Business (Ticket Processing)"
KEPT = [f"{state}{kind}" for state in ("consult_ringing", "consult_talking") for kind in ("", " outside")]
KEPT += ["talking", "warning", "on_hold"]
"""Where the agent is waited for."""


def in_browser(driver: Driver, *cti_ids: str) -> None:
    """From now on these agents' phones are in their pages."""
    config = driver.center.floor.directory
    changed = {cti_id: replace(config.agents[cti_id], answer=AnswerMode.BROWSER) for cti_id in cti_ids}
    driver.center.floor.directory = replace(config, agents={**config.agents, **changed})
    for cti_id in cti_ids:
        driver.tell(commands.PanelChanged(cti_id, True))


def page_goes(driver: Driver, cti_number: str = "1001") -> None:
    driver.tell(facts.PhoneChanged(NODE, cti_number, False))
    driver.tell(facts.PhoneLeft(NODE, cti_number))
    invariants.check_floor(driver.center)


def page_comes(driver: Driver, cti_number: str = "1001") -> None:
    """Behind the end of the legs that the page which went had."""
    old_legs_end(driver)
    page_registers(driver, cti_number)


def old_legs_end(driver: Driver) -> None:
    ending = [leg for call in driver.center.floor.calls.values() for leg in call.legs.values()]
    for leg in [leg for leg in ending if leg.stage is Stage.ENDING]:
        driver.tell(facts.LegEnded(leg.id, 16))


def page_registers(driver: Driver, cti_number: str = "1001") -> None:
    driver.tell(facts.PhoneChanged(NODE, cti_number, True))
    invariants.check_floor(driver.center)


def browser_situation(name: str, *cti_ids: str) -> tuple[Driver, Call]:
    driver, call = situation(name)
    in_browser(driver, *(cti_ids or ("a1",)))
    return driver, call


def hung_up(driver: Driver) -> list[str]:
    return [action.leg_id for action in driver.taken(HangUp)]


# ------------------------------------------------------------------------------- the page goes


@pytest.mark.parametrize(
    ("name", "state", "label"),
    [
        ("ringing", S.WAITING, "Ready"),
        ("connecting", S.WAITING, "Ready"),
        ("dialing_agent", S.ENDED, "Ready"),
        ("dialing_customer", S.ENDED, "Ready"),
        *((name, S.AGENT_LOST, "Reconnecting") for name in KEPT),
        ("talking outbound", S.AGENT_LOST, "Reconnecting"),
        ("agent_lost", S.AGENT_LOST, "Reconnecting"),
        ("consult_alone", S.ENDED, PROCESSING),
        ("joining", S.JOINING, PROCESSING),
        ("joining outside", S.JOINING, PROCESSING),
    ],
)
def test_given_a_phone_in_the_page_when_the_page_goes_then_its_leg_is_hung_up_and_nobody_is_lost(
    name: str, state: CallState, label: str
) -> None:
    driver, call = browser_situation(name)
    leg = call.agent_leg or ""
    page_goes(driver)
    assert leg in hung_up(driver)
    assert (call.state, driver.agent("a1").label) == (state, label)
    driver.tell(facts.LegEnded(leg, 16))
    assert (state_of(call), driver.agent("a1").label) == (state, label), "its end is no news"
    invariants.check_floor(driver.center)


@pytest.mark.parametrize("name", ["talking", "on_hold"])
def test_given_another_page_takes_the_phone_over_when_the_old_leg_has_ended_then_the_new_page_is_rung(
    name: str,
) -> None:
    driver, call = browser_situation(name)
    leg = call.agent_leg or ""
    driver.tell(facts.PhoneLeft(NODE, "1001"))
    assert (call.state, driver.rung()) == (S.AGENT_LOST, []), "the phone may still have the old leg"
    driver.tell(facts.LegEnded(leg, 16))
    assert (call.state, driver.rung()) == (S.AGENT_LOST, ["1001"])


def test_given_a_lost_phone_that_is_rung_again_when_its_hang_up_is_not_carried_out_then_it_is_not_rung_twice() -> None:
    """The page went and came back while it was rung, and the order to end the first leg was refused."""
    driver, call = browser_situation("agent_lost")
    first = call.agent_leg or ""
    driver.tell(facts.PhoneLeft(NODE, "1001"))
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    assert driver.rung() == []
    driver.tell(facts.ActionFailed(first, "HangUp", facts.Failure.REFUSED))
    driver.tell(facts.LegEnded(first, 16))
    assert driver.rung() == ["1001"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_given_any_other_phone_when_it_registers_from_elsewhere_then_nothing_happens(name: str) -> None:
    driver, _ = situation(name)
    before = driver.state()
    for cti_number in ("1001", "1002", "nobody"):
        driver.tell(facts.PhoneLeft(NODE, cti_number))
    driver.tell(facts.PhoneLeft("another", "1001"))
    assert (driver.state(), driver.actions) == (before, [])


def test_given_a_phone_in_the_page_when_its_registration_on_another_node_ends_then_nothing_happens() -> None:
    driver, call = browser_situation("talking")
    driver.tell(facts.PhoneLeft("another", "1001"))
    assert (call.state, driver.actions) == (S.TALKING, [])


@pytest.mark.parametrize("name", ["consult_ringing", "consult_talking", "consult_talking outside"])
def test_given_a_consultation_when_the_page_goes_then_the_target_is_let_go_and_the_customer_hears_music(
    name: str,
) -> None:
    driver, call = browser_situation(name)
    target_leg = call.target_leg or ""
    page_goes(driver)
    assert target_leg in hung_up(driver)
    assert (call.target, driver.agent("a2").state) == (None, AgentState.IDLE)
    customer = call.leg_of(Role.CUSTOMER)
    assert customer and customer.place == "music"


# ------------------------------------------------------------------------------- the page comes back


@pytest.mark.parametrize("name", KEPT)
def test_given_a_page_that_went_when_it_is_back_then_it_is_rung_at_once_and_all_is_as_before(name: str) -> None:
    driver, call = browser_situation(name)
    page_goes(driver)
    assert driver.rung() == [], "a phone that is not there is not rung"
    driver.pass_time(1.3)
    page_comes(driver)
    assert driver.rung() == ["1001"]
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    kept = S.TALKING if name in ("talking", "warning") else S.ON_HOLD
    assert (call.state, call.cti_id) == (kept, "a1")
    assert driver.history("a1")[-1][3] == "agent_back"
    invariants.check_floor(driver.center)


def test_given_a_call_on_hold_when_the_page_is_back_then_it_is_resumed_and_reminded_of_as_ever() -> None:
    driver, call = browser_situation("on_hold")
    config = driver.center.floor.directory
    driver.center.floor.directory = replace(config, policy=replace(config.policy, hold_reminder_s=30))
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    page_goes(driver)
    driver.pass_time(1)
    page_comes(driver)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    all_enter(driver, call)
    driver.pass_time(30)
    assert [n.code for n in driver.notices if isinstance(n, Told)] == ["hold_reminder"]
    driver.tell(commands.ResumeCall("a1", call.id))
    assert state_of(call) is S.TALKING, "the key of the phone that went holds no more"


@pytest.mark.parametrize("name", KEPT)
def test_given_a_page_that_stays_away_when_the_time_is_over_then_the_customer_is_first_in_the_queue(name: str) -> None:
    driver, call = browser_situation(name)
    page_goes(driver)
    driver.pass_time(19.9)
    assert call.state is S.AGENT_LOST
    driver.pass_time(0.2)
    assert (state_of(call), call.wait.returned, call.held_by) == (S.WAITING, True, [])
    assert (driver.agent("a1").label, driver.rung()) == (PROCESSING, [])
    invariants.check_floor(driver.center)


@pytest.mark.parametrize("name", KEPT)
def test_given_a_page_that_went_when_the_customer_leaves_then_the_call_ends(name: str) -> None:
    driver, call = browser_situation(name)
    page_goes(driver)
    customer_leaves(driver, call)
    assert driver.outcomes() == [("completed", "customer")]
    assert driver.agent("a1").label == PROCESSING


def test_given_a_page_that_goes_while_it_is_rung_again_when_it_is_back_then_it_is_rung_once_more() -> None:
    driver, call = browser_situation("on_hold")
    page_goes(driver)
    page_comes(driver)
    driver.agent_leg(call)
    page_goes(driver)
    page_comes(driver)
    assert (call.state, driver.rung()) == (S.AGENT_LOST, ["1001", "1001"])
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert state_of(call) is S.ON_HOLD


def test_given_a_page_that_rings_when_it_is_reloaded_then_the_same_call_rings_there_again() -> None:
    driver, call = browser_situation("ringing")
    page_goes(driver)
    page_registers(driver)
    assert call.state is S.WAITING, "until the old leg has ended"
    old_legs_end(driver)
    assert (state_of(call), call.cti_id, driver.offers()) == (S.RINGING, "a1", ["unreachable"])


def test_given_a_call_on_hold_whose_page_went_when_the_controller_starts_anew_then_it_comes_back_on_hold() -> None:
    driver, call = browser_situation("on_hold")
    page_goes(driver)
    after = driver.restarted()
    call = after.center.floor.calls[call.id]
    after.connect(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", None))
    old_legs_end(after)
    after.pass_time(0)
    after.tell(facts.LegAnswered(after.agent_leg(call)))
    assert state_of(call) is S.ON_HOLD


# ------------------------------------------------------------------------------- other ends of the leg


@pytest.mark.parametrize("name", KEPT)
def test_given_a_page_that_sleeps_when_the_pbx_ends_its_leg_for_lack_of_audio_then_the_agent_is_waited_for(
    name: str,
) -> None:
    driver, call = browser_situation(name)
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    assert (call.state, driver.rung()) == (S.AGENT_LOST, ["1001"])


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("talking", S.ENDED),
        ("on_hold", S.WAITING),
        ("consult_ringing", S.TRANSFER_RINGING),
        ("consult_talking", S.JOINING),
    ],
)
def test_given_a_phone_in_the_page_when_it_hangs_up_then_the_agent_has_left(name: str, state: CallState) -> None:
    driver, call = browser_situation(name)
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert call.state is state


# ------------------------------------------------------------------------------- the page of the target


@pytest.mark.parametrize(
    ("name", "state"),
    [("consult_ringing", S.ON_HOLD), ("consult_talking", S.ON_HOLD), ("transfer_ringing", S.RINGING)],
)
def test_given_a_target_with_the_phone_in_the_page_when_it_goes_then_the_target_has_left(
    name: str, state: CallState
) -> None:
    driver, call = browser_situation(name, "a2")
    leg = call.target_leg or ""
    page_goes(driver, "1002")
    assert leg in hung_up(driver)
    assert (call.state, call.cti_id) == (state, "a1")
    assert call.last_result == TargetResult("1002", TargetGone.UNREACHABLE)


# ------------------------------------------------------------------------------- the panel


def test_given_a_phone_in_the_page_when_answer_comes_over_the_api_then_it_is_the_phone_that_answers() -> None:
    driver, call = browser_situation("ringing")
    assert driver.refused(commands.AnswerOffer("a1", call.offer.id if call.offer else "")) == "answer_on_phone"


def test_given_no_panel_when_a_call_waits_then_it_is_not_given_to_a_phone_in_the_page() -> None:
    driver = staffed("browser")
    driver.tell(commands.PanelChanged("a1", False))
    driver.pass_time(10)
    call = driver.arrive(leg_id=CUSTOMER)
    assert call.state is S.WAITING
    driver.tell(commands.PanelChanged("a1", True))
    assert (state_of(call), driver.rung()) == (S.RINGING, ["1001"])


def test_given_a_phone_in_the_page_rings_when_the_panel_is_gone_for_10_s_then_the_call_goes_to_the_next() -> None:
    driver, call = browser_situation("ringing")
    driver.tell(commands.PanelChanged("a1", False))
    driver.pass_time(9.9)
    assert call.state is S.RINGING
    driver.pass_time(0.2)
    assert (state_of(call), driver.offers()) == (S.WAITING, ["withdrawn"])
    assert driver.agent("a1").label == "Ready"


def test_given_a_conversation_when_the_panel_is_gone_then_it_goes_on() -> None:
    for state in (S.CONNECTING, S.TALKING, S.ON_HOLD):
        driver, call = made(state)
        in_browser(driver, "a1")
        driver.tell(commands.PanelChanged("a1", False))
        driver.pass_time(1)
        driver.enter(call, CUSTOMER, call.agent_leg or "")
        driver.pass_time(10)
        assert state_of(call) in (S.TALKING, S.ON_HOLD)
