"""Swap (requirement E11): the agent talks to customer and target by turns, and the other one has music."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import AddToBridge, RemoveFromBridge, StartMusic, StopMusic
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.directory import Policy
from cti_bridge.domain.model.wiring import WIRING
from tests.unit import invariants
from tests.unit.floor import Driver, agent_view
from tests.unit.leaving import clear_away, labels, leaves
from tests.unit.situations import (
    CUSTOMER,
    all_enter,
    consult_talking,
    made,
    situation,
    staffed,
    state_of,
)

S = CallState
CONSULTING, PROCESSING = "On Call (Transfer in Progress)", "Business (Ticket Processing)"
EITHER = pytest.mark.parametrize("name", ["consult_swapped", "consult_swapped outside"])


def places(call: Call) -> dict[Role, Place]:
    return {role: leg.place for role in Role if (leg := call.leg_of(role)) is not None}


def swap(driver: Driver, call: Call) -> None:
    driver.tell(commands.SwapConsult("a1", call.id))
    all_enter(driver, call)
    invariants.check_floor(driver.center)


def events(driver: Driver, *types: str) -> list[tuple[str, object]]:
    found = [record for record in driver.records if isinstance(record, CallEvent) and record.type in types]
    return [(record.type, record.detail.get("party") or record.detail.get("held_by")) for record in found]


@pytest.mark.parametrize("name", ["consult_talking", "consult_talking outside"])
def test_given_a_consultation_when_swapped_again_and_again_then_who_is_not_talked_to_has_music(name: str) -> None:
    driver, call = situation(name)
    target = call.target_leg
    driver.records.clear()
    for state in (S.CONSULT_SWAPPED, S.CONSULT_TALKING, S.CONSULT_SWAPPED):
        driver.actions.clear()
        swap(driver, call)
        assert state_of(call) is state
        assert places(call) == WIRING[state]
        held, joined = (target, CUSTOMER) if state is S.CONSULT_SWAPPED else (CUSTOMER, target)
        orders = [(type(action), action.leg_id) for action in driver.actions]
        assert orders.index((RemoveFromBridge, held or "")) < orders.index((AddToBridge, joined or ""))
        assert {(StartMusic, held), (StopMusic, joined)} <= set(orders)
        assert call.agent_leg not in [leg_id for _, leg_id in orders], "nobody moves the agent"
        assert labels(driver, "a1") == [CONSULTING]
    assert events(driver, "swapped", "held", "resumed") == [
        ("swapped", "customer"),
        ("resumed", None),
        ("swapped", "target"),
        ("held", "consult"),
        ("swapped", "customer"),
        ("resumed", None),
    ]


@EITHER
def test_given_a_swapped_consultation_then_the_panels_know_who_is_talked_to(name: str) -> None:
    driver, call = situation(name)
    view = agent_view(driver.center.floor, "a1")
    assert view["call"]["consult"]["state"] == "held"
    assert (view["state"], view["call"]["held_by"]) == ("consulting", [])
    allowed = ["consult/connect", "consult/cancel", "consult/swap", "consult/join", "hangup", "dtmf"]
    assert view["allowed_actions"] == allowed
    assert view["call"]["digits_to"] == ["customer"]
    if name == "consult_swapped":
        asked = agent_view(driver.center.floor, "a2")
        assert (asked["state"], asked["call"]["consult"]["state"]) == ("talking", "held")
        assert asked["allowed_actions"] == ["hangup"]
    swap(driver, call)
    assert agent_view(driver.center.floor, "a1")["call"]["consult"]["state"] == "talking"


@EITHER
@pytest.mark.parametrize("how", ["cancel", "target leaves"])
def test_given_the_agent_talks_to_the_customer_when_the_target_goes_then_they_talk_on(name: str, how: str) -> None:
    driver, call = situation(name)
    if how == "cancel":
        driver.tell(commands.CancelConsult("a1", call.id))
    else:
        leaves(driver, call, Role.TARGET)
    assert (state_of(call), call.held_by) == (S.TALKING, [])
    assert not [action for action in driver.actions if action.leg_id in (CUSTOMER, call.agent_leg)], "nobody moves"
    assert labels(driver, "a1") == ["Talking"]
    shown = agent_view(driver.center.floor, "a1")["call"]["last_result"]
    assert (shown and shown["reason"]) == (None if how == "cancel" else "hung_up")
    clear_away(driver)


def test_given_a_phone_that_holds_when_the_target_goes_then_the_customer_is_on_hold_by_the_phone() -> None:
    driver, call = situation("consult_swapped")
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    assert (call.held_by, places(call)[Role.CUSTOMER]) == (["phone"], Place.MUSIC)
    leaves(driver, call, Role.TARGET)
    assert (state_of(call), call.held_by) == (S.ON_HOLD, ["phone"])
    driver.tell(facts.LegRetrieved(call.agent_leg or ""))
    assert (state_of(call), call.held_by) == (S.TALKING, [])


def test_given_a_phone_that_holds_then_whom_its_agent_has_turned_to_has_music_until_it_retrieves() -> None:
    driver, call = consult_talking()
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    held = {Role.CUSTOMER: Place.MUSIC, Role.AGENT: Place.BRIDGE, Role.TARGET: Place.MUSIC}
    for holders in (["phone"], ["panel", "phone"], ["phone"]):
        swap(driver, call)
        assert (places(call), call.held_by) == (held, holders)
    driver.tell(facts.LegRetrieved(call.agent_leg or ""))
    assert (call.held_by, places(call)) == ([], WIRING[S.CONSULT_SWAPPED])


@EITHER
def test_given_the_customer_leaves_then_agent_and_target_talk(name: str) -> None:
    driver, call = situation(name)
    leaves(driver, call, Role.CUSTOMER)
    assert state_of(call) is S.CONSULT_ALONE
    all_enter(driver, call)
    assert places(call) == WIRING[S.CONSULT_ALONE]
    assert "customer_left" in [notice.code for notice in driver.notices if hasattr(notice, "code")]


@EITHER
@pytest.mark.parametrize("how", ["connect", "hangup", "leg"])
def test_given_the_agent_leaves_then_customer_and_target_are_joined(name: str, how: str) -> None:
    driver, call = situation(name)
    customer = call.customer_leg
    if how == "connect":
        driver.tell(commands.ConnectConsult("a1", call.id))
    elif how == "hangup":
        driver.tell(commands.HangUpCall("a1", call.id))
    else:
        leaves(driver, call, Role.AGENT)
    assert state_of(call) is S.JOINING
    all_enter(driver, call)
    assert state_of(call) is (S.TRANSFERRED if name.endswith("outside") else S.TALKING)
    assert labels(driver, "a1") == [PROCESSING]
    assert customer not in [action.leg_id for action in driver.taken(RemoveFromBridge)], "the customer stays there"


def test_given_an_emergency_service_as_the_target_then_nobody_puts_it_on_hold() -> None:
    driver = staffed(policy=Policy(emergency_numbers=frozenset({"112"})))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(commands.StartConsult("a1", call.id, "112"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    assert state_of(call) is S.CONSULT_TALKING
    assert "consult/swap" not in agent_view(driver.center.floor, "a1")["allowed_actions"]
    assert driver.refused(commands.SwapConsult("a1", call.id)) == "not_allowed_now"


def test_given_a_swapped_consultation_then_the_time_counts_as_talk() -> None:
    driver, call = made(S.CONSULT_SWAPPED)
    before = call.course.talk_s
    driver.pass_time(7)
    swap(driver, call)
    assert call.course.talk_s - before == 7
