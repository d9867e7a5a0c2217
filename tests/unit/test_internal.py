"""A call to a colleague without a customer (requirement E12)."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Answer, CreateLeg, HandBack, HangUp, Reject, StartMusic
from cti_bridge.domain.border.notices import CallConnected
from cti_bridge.domain.border.records import AgentStateChange, CallRow, OfferRow, QueueVisit, TicketOpened
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.directory import NotTaken, Policy
from cti_bridge.domain.model.wiring import WIRING
from tests.unit import invariants
from tests.unit.floor import CALLING, NODE, Driver, agent_view
from tests.unit.leaving import clear_away, labels, leaves
from tests.unit.situations import (
    all_enter,
    internal_ringing,
    internal_talking,
    made,
    staffed,
    state_of,
)

S = CallState
TALKS = pytest.mark.parametrize("state", [S.INTERNAL_TALKING, S.INTERNAL_ON_HOLD, S.INTERNAL_HELD])


def places(call: Call) -> dict[Role, Place]:
    return {role: leg.place for role in Role if (leg := call.leg_of(role)) is not None}


def rows(driver: Driver) -> list[CallRow]:
    return [record for record in driver.records if isinstance(record, CallRow)]


def test_given_a_colleague_when_they_are_called_then_the_own_phone_rings_then_theirs_and_the_two_talk() -> None:
    driver = staffed()
    driver.tell(commands.DialAgent("a1", "a2"))
    (call,) = driver.center.floor.calls.values()
    assert (driver.rung(), labels(driver, "a1", "a2")) == (["1001"], ["Dialing", "Rest"])
    driver.agent_leg(call)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    assert (driver.rung(), labels(driver, "a1", "a2")) == (["1001", "1002"], ["Dialing", "Ringing"])
    assert places(call)[Role.AGENT] is Place.RINGBACK
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    assert places(call) == WIRING[S.INTERNAL_TALKING]
    assert labels(driver, "a1", "a2") == ["Talking", "Talking"]
    invariants.check_floor(driver.center)
    assert {n.cti_id for n in driver.notices if isinstance(n, CallConnected)} == {"a1", "a2"}


def test_each_phone_shows_the_colleague() -> None:
    driver, _ = internal_ringing()
    legs = [action for action in driver.actions if isinstance(action, CreateLeg)]
    assert [(leg.cti_number, leg.shown_number, leg.shown_name) for leg in legs] == [
        ("1001", "1002", "Agent 2"),
        ("1002", "1001", "Agent 1"),
    ]


def test_the_panels_show_an_internal_call_and_who_the_other_one_is() -> None:
    driver = staffed()
    driver.tell(commands.DialAgent("a1", "a2"))
    (call,) = driver.center.floor.calls.values()
    other = {"target": "1002", "target_name": "Agent 2"}
    view = agent_view(driver.center.floor, "a1")["call"]
    assert (view["direction"], view["consult"]) == ("internal", {**other, "state": "ringing"})
    driver, call = internal_talking()
    for cti_id in ("a1", "a2"):
        shown = agent_view(driver.center.floor, cti_id)
        assert shown["call"]["consult"] == {**other, "state": "talking"}
        assert (shown["call"]["asked_by"], shown["call"]["customer_number"]) == ("Agent 1", None)
        assert shown["allowed_actions"] == ["hold", "hangup"]
        assert shown["call"]["digits_to"] == []
    assert call.service == "acme"


@pytest.mark.parametrize(("holder", "state"), [("a1", S.INTERNAL_ON_HOLD), ("a2", S.INTERNAL_HELD)])
def test_either_may_hold_and_resume_and_the_other_has_music(holder: str, state: CallState) -> None:
    driver, call = internal_talking()
    other = "a2" if holder == "a1" else "a1"
    driver.actions.clear()
    driver.tell(commands.HoldCall(holder, call.id))
    assert (state_of(call), places(call)) == (state, WIRING[state])
    held = call.target_leg if holder == "a1" else call.agent_leg
    assert [a.leg_id for a in driver.taken(StartMusic)] == [held]
    assert (labels(driver, holder), labels(driver, other)) == (["On Hold"], ["Talking"])
    assert driver.refused(commands.ResumeCall(other, call.id)) == "not_allowed_now"
    assert driver.refused(commands.HoldCall(other, call.id)) == "not_allowed_now"
    driver.tell(commands.ResumeCall(holder, call.id))
    all_enter(driver, call)
    assert places(call) == WIRING[S.INTERNAL_TALKING]
    driver.pass_time(300)
    assert not [notice for notice in driver.notices if getattr(notice, "code", "") == "hold_reminder"]


def test_given_a_phone_that_holds_by_its_key_then_the_other_has_music_until_it_retrieves() -> None:
    driver, call = internal_talking()
    driver.tell(facts.LegHeld(call.target_leg or ""))
    assert places(call) == {Role.AGENT: Place.MUSIC, Role.TARGET: Place.BRIDGE}
    driver.tell(facts.LegRetrieved(call.target_leg or ""))
    assert places(call) == WIRING[S.INTERNAL_TALKING]


@TALKS
@pytest.mark.parametrize("how", ["a1 hangs up", "a2 hangs up", "a1 leaves", "a2 leaves", "a1 lost", "a2 lost"])
def test_whoever_leaves_the_call_ends_and_both_are_what_they_were(state: CallState, how: str) -> None:
    driver, call = made(state)
    who, _, what = how.partition(" ")
    role = Role.AGENT if who == "a1" else Role.TARGET
    if what == "hangs up":
        driver.tell(commands.HangUpCall(who, call.id))
    else:
        leaves(driver, call, role, 44 if what == "lost" else 16)
    by = "system" if what == "lost" else "agent" if who == "a1" else "target"
    assert driver.outcomes() == [("completed", by)]
    assert labels(driver, "a1", "a2") == ["Ready", "Rest"], "nobody processes a ticket"
    clear_away(driver)
    assert not driver.center.floor.calls


ENDS = {
    "busy": ((17, 486), "busy", "target"),
    "declined": ((21, 603), "rejected", "target"),
    "unreachable": ((20, 503), "unreachable", "system"),
}


@pytest.mark.parametrize("how", [*ENDS, "no_answer", "cancelled", "withdrawn"])
def test_a_colleague_who_does_not_take_it_ends_it_with_the_reason(how: str) -> None:
    driver, call = internal_ringing()
    if how == "no_answer":
        driver.pass_time(21)
    elif how == "cancelled":
        driver.tell(commands.HangUpCall("a1", call.id))
    elif how == "withdrawn":
        driver.tell(commands.LogOut("a2", "session-a2"))
    else:
        leaves(driver, call, Role.TARGET, *ENDS[how][0])
    known = {"no_answer": ("no_answer", "system"), "cancelled": ("cancelled", "agent")}
    expected = known.get(how) or (ENDS[how][1:] if how in ENDS else ("unreachable", "system"))
    assert driver.outcomes() == [expected]
    assert labels(driver, "a1") == ["Ready"]
    assert labels(driver, "a2") == ["Offline" if how == "withdrawn" else "Rest"]


def test_nobody_is_taken_out_of_ready_by_a_colleague_and_the_missed_call_is_shown() -> None:
    driver = staffed(policy=Policy(missed=NotTaken(most=1)))
    driver.tell(commands.SetStatus("a2", "ready", None))
    before = driver.agent("a2").idle_since
    driver.tell(commands.DialAgent("a1", "a2"))
    (call,) = driver.center.floor.calls.values()
    driver.agent_leg(call)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.pass_time(25)
    agent = driver.agent("a2")
    assert (labels(driver, "a2"), agent.in_a_row, agent.idle_since) == (["Ready"], {}, before)
    missed = agent_view(driver.center.floor, "a2")["missed"]
    assert missed and (missed["customer_number"], missed["customer_name"]) == ("1001", "Agent 1")


def test_it_is_written_down_as_internal_and_counts_in_no_queue() -> None:
    driver, call = internal_talking()
    driver.pass_time(30)
    driver.tell(commands.HoldCall("a2", call.id))
    driver.pass_time(10)
    driver.tell(commands.HangUpCall("a1", call.id))
    row = rows(driver)[-1]
    assert (row.direction, row.outcome, row.queue, row.customer_number) == ("internal", "completed", None, None)
    assert (row.dialed_number, row.first_cti_id, row.last_cti_id) == ("1002", "a1", "a2")
    assert (row.talk_s, row.hold_s, row.answered_at is not None) == (30.0, 10.0, True)
    offers = [record for record in driver.records if isinstance(record, OfferRow)]
    assert {(offer.kind, offer.queue, offer.visit_id) for offer in offers} == {("internal", None, None)}
    assert not [record for record in driver.records if isinstance(record, TicketOpened | QueueVisit)]
    states = [(r.to_state, r.cause) for r in driver.records if isinstance(r, AgentStateChange) and r.cti_id == "a1"]
    assert states[-3:] == [("dialing", "dial"), ("talking", "answered"), ("idle", "call_ended")]


def test_given_ticket_processing_then_it_goes_on_behind_an_internal_call() -> None:
    driver = staffed(policy=Policy(ticket_processing_limit_s=60))
    call = driver.arrive()
    driver.answer(call)
    driver.tell(commands.HangUpCall("a1", call.id))
    clear_away(driver)
    assert labels(driver, "a1") == ["Business (Ticket Processing)"]
    driver.tell(commands.DialAgent("a1", "a2"))
    (internal,) = driver.center.floor.calls.values()
    driver.tell(commands.HangUpCall("a1", internal.id))
    assert labels(driver, "a1") == ["Business (Ticket Processing)"]
    assert driver.agent("a1").after_call_of == call.id


# ------------------------------------------------------------------------------- refusals


def refused(driver: Driver, who: str = "a2") -> str:
    return driver.refused(commands.DialAgent("a1", who))


def test_who_cannot_be_called_is_refused_in_words() -> None:
    driver = staffed()
    assert refused(driver, "a1") == "target_is_self"
    assert refused(driver, "ghost") == "not_found"
    assert refused(driver, "a3") == "target_not_ready", "not logged in"
    driver.tell(facts.PhoneChanged(NODE, "1002", False))
    assert refused(driver) == "target_not_ready"
    driver.tell(facts.PhoneChanged(NODE, "1002", True))
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    assert refused(driver) == "phone_unreachable"
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    driver.tell(facts.NodeLost(NODE))
    assert refused(driver) == "pbx_unavailable"


def test_a_colleague_of_other_services_does_not_exist() -> None:
    driver = staffed()
    floor = driver.center.floor
    other = replace(floor.directory.agents["a2"], services=("others",))
    floor.directory = replace(floor.directory, agents={**floor.directory.agents, "a2": other})
    assert refused(driver) == "not_found"


@pytest.mark.parametrize("state", [S.INTERNAL_RINGING, S.INTERNAL_TALKING, S.INTERNAL_ON_HOLD, S.INTERNAL_HELD])
def test_who_is_in_an_internal_call_gets_no_other(state: CallState) -> None:
    driver, _ = made(state)
    driver.log_in("a3")
    for who in ("a1", "a2"):
        assert driver.refused(commands.DialAgent("a3", who)) == "target_not_ready"
        assert driver.refused(commands.DialAgent(who, "a3")) == "not_allowed_now"
    driver.tell(commands.SetNextStatus("a2", "ready", None))
    waits = driver.arrive()
    driver.tell(commands.SetStatus("a3", "rest", None))
    assert waits.cti_id in (None, "a3")


def test_given_a_colleague_who_is_taken_while_the_own_phone_rings_then_it_ends_as_busy() -> None:
    driver = staffed()
    driver.log_in("a3")
    driver.tell(commands.DialAgent("a1", "a2"))
    call = next(iter(driver.center.floor.calls.values()))
    driver.agent_leg(call)
    driver.tell(commands.DialAgent("a3", "a2"))
    other = next(one for one in driver.center.floor.calls.values() if one is not call)
    driver.agent_leg(other)
    driver.tell(facts.LegAnswered(other.agent_leg or ""))
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    assert driver.outcomes() == [("busy", "system")]
    assert labels(driver, "a1", "a3") == ["Ready", "Dialing"]


# ------------------------------------------------------------------------------- the number, and the keypad


def test_a_colleagues_number_means_the_colleague_in_dial_up_too() -> None:
    driver = staffed()
    driver.tell(commands.Dial("a1", "1002", CALLING))
    (call,) = driver.center.floor.calls.values()
    assert (call.direction, call.dialling.colleague) == ("internal", "a2")


def test_a_colleagues_number_on_the_phones_own_keypad_calls_them() -> None:
    driver = staffed()
    driver.tell(facts.KeypadDialed(NODE, "keypad", "1001", "1002", False))
    (call,) = driver.center.floor.calls.values()
    assert (state_of(call), driver.rung()) == (S.INTERNAL_RINGING, ["1002"])
    assert [a.leg_id for a in driver.taken(Answer)] == ["keypad"]
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    assert places(call) == WIRING[S.INTERNAL_TALKING]


@pytest.mark.parametrize(("number", "code"), [("1003", 486), ("1001", 403)])
def test_a_colleague_who_cannot_be_called_is_refused_on_the_keypad(number: str, code: int) -> None:
    driver = staffed()
    driver.tell(facts.KeypadDialed(NODE, "keypad", "1001", number, False))
    assert [(a.leg_id, a.sip_code) for a in driver.actions if isinstance(a, Reject)] == [("keypad", code)]
    assert not driver.center.floor.calls


# ------------------------------------------------------------------------------- emergency calls


def with_emergencies(driver: Driver) -> Driver:
    floor = driver.center.floor
    policy = replace(floor.policy, emergency_numbers=frozenset({"112"}))
    floor.directory = replace(floor.directory, policy=policy)
    return driver


@pytest.mark.parametrize("who", ["a1", "a2"])
@pytest.mark.parametrize("state", [S.INTERNAL_TALKING, S.INTERNAL_ON_HOLD, S.INTERNAL_HELD])
def test_an_emergency_call_ends_it_and_rings_the_phone_as_soon_as_its_line_is_free(who: str, state: CallState) -> None:
    driver, internal = made(state)
    with_emergencies(driver)
    driver.actions.clear()
    leg = internal.agent_leg if who == "a1" else internal.target_leg
    driver.tell(commands.Dial(who, "112", ""))
    assert driver.outcomes() == [("completed", "agent" if who == "a1" else "target")]
    assert leg in [a.leg_id for a in driver.taken(HangUp)]
    assert not driver.rung(), "the line of the call before is not free yet"
    driver.tell(facts.LegEnded(leg or "", 16))
    assert driver.rung() == ["1001" if who == "a1" else "1002"]
    call = next(one for one in driver.center.floor.calls.values() if one.dialling.emergency)
    driver.agent_leg(call)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    assert state_of(call) is S.DIALING_CUSTOMER


def test_an_emergency_call_of_one_whose_phone_rings_internally_goes_out() -> None:
    driver, internal = internal_ringing()
    with_emergencies(driver)
    leg = internal.target_leg or ""
    driver.actions.clear()
    driver.tell(commands.Dial("a2", "112", ""))
    assert driver.outcomes() == [("unreachable", "system")]
    driver.tell(facts.LegEnded(leg, 16))
    assert driver.rung() == ["1002"]


def test_an_emergency_number_on_another_line_of_the_phone_is_handed_back_to_the_dialplan() -> None:
    driver, _ = internal_talking()
    with_emergencies(driver)
    driver.tell(facts.KeypadDialed(NODE, "keypad", "1001", "112", True))
    assert [a.leg_id for a in driver.taken(HandBack)] == ["keypad"]


def test_who_is_in_an_emergency_call_is_not_called_by_a_colleague() -> None:
    driver = with_emergencies(staffed())
    driver.tell(commands.Dial("a2", "112", ""))
    assert refused(driver) == "target_not_ready"
