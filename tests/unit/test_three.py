"""Three talk together (requirement E10): who hears whom, who may leave, and who may be taken out."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import AddToBridge, HangUp, RemoveFromBridge, StartMusic
from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.records import AgentStateChange, CallEvent, TicketNoted
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.directory import Policy
from cti_bridge.domain.model.wiring import WIRING
from tests.unit import invariants
from tests.unit.floor import Driver, agent_view
from tests.unit.leaving import PROCESSING, clear_away, labels, leaves
from tests.unit.situations import CUSTOMER, OUTSIDE, all_enter, made, situation, staffed, state_of

S = CallState
EITHER = pytest.mark.parametrize("name", ["three_together", "three_together outside"])
FROM = pytest.mark.parametrize(
    "name", ["consult_talking", "consult_talking outside", "consult_swapped", "consult_swapped outside"]
)


def places(call: Call) -> dict[Role, Place]:
    return {role: leg.place for role in Role if (leg := call.leg_of(role)) is not None}


def notes(driver: Driver) -> list[tuple[str, object]]:
    found = [record for record in driver.records if isinstance(record, TicketNoted)]
    return [(note.type, note.detail.get("event") or note.detail.get("participant")) for note in found]


def moved(driver: Driver, *leg_ids: str | None) -> list[object]:
    """What is ordered about the audio of these legs."""
    kinds = (AddToBridge, RemoveFromBridge, StartMusic, HangUp)
    return [action for action in driver.actions if isinstance(action, kinds) and action.leg_id in leg_ids]


@FROM
def test_given_a_consultation_when_the_agent_joins_all_then_three_talk_and_who_talked_is_not_moved(name: str) -> None:
    driver, call = situation(name)
    driver.records.clear()
    fresh = call.customer_leg if name.startswith("consult_talking") else call.target_leg
    driver.tell(commands.JoinAll("a1", call.id))
    assert state_of(call) is S.THREE_TOGETHER
    assert {a.leg_id for a in driver.actions if isinstance(a, AddToBridge)} == {fresh}
    others = [leg for leg in (call.customer_leg, call.agent_leg, call.target_leg) if leg != fresh]
    assert not moved(driver, *others)
    all_enter(driver, call)
    invariants.check_floor(driver.center)
    assert (places(call), call.held_by) == (WIRING[S.THREE_TOGETHER], [])
    assert labels(driver, "a1") == ["Talking"]
    who = OUTSIDE if name.endswith("outside") else "a2"
    assert notes(driver) == [("participant_added", who), ("call_event", "joined")]
    rows = [(r.cti_id, r.from_state, r.to_state, r.cause) for r in driver.records if isinstance(r, AgentStateChange)]
    assert rows == [("a1", "consulting", "talking", "connected")]


@EITHER
def test_given_three_then_the_panels_show_it(name: str) -> None:
    driver, _ = situation(name)
    view = agent_view(driver.center.floor, "a1")
    assert (view["state"], view["call"]["consult"]["state"]) == ("talking", "joined")
    digits = [["customer", "target"] if name.endswith("outside") else ["customer"]]
    assert [view["call"]["digits_to"]] == digits
    assert view["allowed_actions"] == ["consult/leave", "consult/remove", "hangup", "dtmf"]
    if name == "three_together":
        other = agent_view(driver.center.floor, "a2")
        assert (other["state"], other["allowed_actions"], other["call"]["asked_by"]) == (
            "talking",
            ["hangup"],
            "Agent 1",
        )


@EITHER
@pytest.mark.parametrize("how", ["leave", "hangup", "leg", "lost"])
def test_given_three_when_the_agent_leaves_then_the_two_talk_on_at_once(name: str, how: str) -> None:
    driver, call = situation(name)
    customer, target = call.customer_leg, call.target_leg
    if how == "leave":
        driver.tell(commands.LeaveThree("a1", call.id))
    elif how == "hangup":
        driver.tell(commands.HangUpCall("a1", call.id))
    else:
        leaves(driver, call, Role.AGENT, 44 if how == "lost" else 16)
    outside = name.endswith("outside")
    assert state_of(call) is (S.TRANSFERRED if outside else S.TALKING)
    assert not moved(driver, customer, target), "nobody who talks on is moved"
    assert (call.cti_id, call.ticket_owner) == ((None, "a1") if outside else ("a2", "a2"))
    assert labels(driver, "a1") == [PROCESSING]
    assert "transferred" in [r.type for r in driver.records if isinstance(r, CallEvent)]
    clear_away(driver)
    leaves(driver, call, Role.CUSTOMER)
    assert driver.outcomes() == [("completed", "customer")]


def test_given_three_when_the_agent_leaves_before_the_customer_is_in_then_the_call_waits_until_both_are_seen() -> None:
    driver, call = made(S.CONSULT_TALKING)
    driver.tell(commands.JoinAll("a1", call.id))
    driver.tell(commands.LeaveThree("a1", call.id))
    assert state_of(call) is S.JOINING
    driver.enter(call, CUSTOMER)
    assert (state_of(call), call.cti_id) == (S.TALKING, "a2")


@EITHER
@pytest.mark.parametrize("how", ["taken out", "leaves", "lost"])
def test_given_three_when_the_target_goes_then_agent_and_customer_talk_on(name: str, how: str) -> None:
    driver, call = situation(name)
    target = call.target_leg
    if how == "taken out":
        driver.tell(commands.TakeOut("a1", call.id, Role.TARGET))
    else:
        leaves(driver, call, Role.TARGET, 44 if how == "lost" else 16)
    assert (state_of(call), call.held_by, call.target) == (S.TALKING, [], None)
    assert not moved(driver, call.customer_leg, call.agent_leg)
    assert labels(driver, "a1") == ["Talking"]
    if name == "three_together":
        assert labels(driver, "a2") == [PROCESSING]
    shown = agent_view(driver.center.floor, "a1")["call"]["last_result"]
    reason = {"taken out": None, "leaves": "hung_up", "lost": "unreachable"}[how]
    assert (shown and shown["reason"]) == reason
    assert (target in [a.leg_id for a in driver.taken(HangUp)]) is (how == "taken out")
    clear_away(driver)


@EITHER
@pytest.mark.parametrize("how", ["taken out", "leaves"])
def test_given_three_when_the_customer_goes_then_agent_and_target_talk_on(name: str, how: str) -> None:
    driver, call = situation(name)
    if how == "taken out":
        driver.tell(commands.TakeOut("a1", call.id, Role.CUSTOMER))
        assert [a.leg_id for a in driver.taken(HangUp)] == [CUSTOMER]
    else:
        leaves(driver, call, Role.CUSTOMER)
    assert state_of(call) is S.CONSULT_ALONE
    assert not moved(driver, call.agent_leg, call.target_leg)
    assert labels(driver, "a1") == ["On Call (Transfer in Progress)"]
    clear_away(driver)
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.outcomes() == [("completed", "agent" if how == "taken out" else "customer")]


def test_given_three_then_an_emergency_call_loses_no_customer_and_nobody_takes_themselves_out() -> None:
    driver, call = made(S.THREE_TOGETHER)
    assert driver.refused(commands.TakeOut("a1", call.id, Role.AGENT)) == "not_allowed_now"
    call.dialling.emergency = True
    assert driver.refused(commands.TakeOut("a1", call.id, Role.CUSTOMER)) == "not_allowed_now"


@pytest.mark.parametrize("role", Role)
def test_given_three_when_one_holds_by_the_key_then_the_others_talk_on(role: Role) -> None:
    driver, call = made(S.THREE_TOGETHER)
    leg = call.leg_of(role)
    assert leg is not None
    driver.tell(facts.LegHeld(leg.id))
    assert (state_of(call), call.held_by, places(call)) == (S.THREE_TOGETHER, [], WIRING[S.THREE_TOGETHER])
    assert agent_view(driver.center.floor, "a1")["call"]["holding"] == [role]
    assert not moved(driver, *call.legs)
    driver.tell(facts.LegRetrieved(leg.id))
    assert agent_view(driver.center.floor, "a1")["call"]["holding"] == []


def test_given_two_of_three_hold_then_the_third_has_music_until_one_retrieves() -> None:
    driver, call = made(S.THREE_TOGETHER)
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    driver.tell(facts.LegHeld(call.target_leg or ""))
    assert places(call) == WIRING[S.THREE_TOGETHER] | {Role.CUSTOMER: Place.MUSIC}
    driver.tell(facts.LegRetrieved(call.target_leg or ""))
    assert places(call) == WIRING[S.THREE_TOGETHER]


def test_given_the_agents_phone_holds_when_the_target_is_taken_out_then_the_customer_is_on_hold() -> None:
    driver, call = made(S.THREE_TOGETHER)
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    driver.tell(commands.TakeOut("a1", call.id, Role.TARGET))
    assert (state_of(call), call.held_by) == (S.ON_HOLD, ["phone"])


def test_given_the_targets_phone_holds_when_the_agent_leaves_then_the_customer_is_on_hold_with_them() -> None:
    driver, call = made(S.THREE_TOGETHER)
    driver.tell(facts.LegHeld(call.target_leg or ""))
    driver.tell(commands.LeaveThree("a1", call.id))
    assert (state_of(call), call.cti_id, call.held_by) == (S.ON_HOLD, "a2", ["phone"])


def test_given_three_then_the_time_counts_as_talk() -> None:
    driver, call = made(S.THREE_TOGETHER)
    before = call.course.talk_s
    driver.pass_time(9)
    driver.tell(commands.TakeOut("a1", call.id, Role.TARGET))
    assert call.course.talk_s - before == 9


def test_given_an_emergency_service_is_consulted_then_all_three_can_talk() -> None:
    driver = staffed(policy=Policy(emergency_numbers=frozenset({"112"})))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(commands.StartConsult("a1", call.id, "112"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    driver.tell(commands.JoinAll("a1", call.id))
    all_enter(driver, call)
    invariants.check_floor(driver.center)
    leaves(driver, call, Role.AGENT, 44)
    assert state_of(call) is S.TRANSFERRED, "customer and emergency service talk on"


@pytest.mark.parametrize(
    ("how", "result"), [("leave", "completed"), ("target", "cancelled"), ("customer", "customer_left")]
)
def test_given_three_then_who_took_part_and_what_became_of_the_consultation_are_rows(how: str, result: str) -> None:
    driver, call = made(S.CONSULT_SWAPPED)
    driver.pass_time(3)
    driver.tell(commands.JoinAll("a1", call.id))
    all_enter(driver, call)
    driver.pass_time(5)
    if how == "leave":
        driver.tell(commands.LeaveThree("a1", call.id))
    else:
        driver.tell(commands.TakeOut("a1", call.id, Role(how)))
        driver.pass_time(2)
        driver.tell(commands.HangUpCall("a1", call.id))
    rows = [record for record in driver.records if isinstance(record, CallInterval)]
    stages = [(row.stage, row.role, row.cti_id, row.held_by, row.till - row.at) for row in rows]
    assert [stage for stage in stages if stage[0] in (S.CONSULT_SWAPPED, S.THREE_TOGETHER)] == [
        (S.CONSULT_SWAPPED, "agent", "a1", None, 3),
        (S.CONSULT_SWAPPED, "target", "a2", None, 3),
        (S.THREE_TOGETHER, "agent", "a1", None, 5),
        (S.THREE_TOGETHER, "target", "a2", None, 5),
    ]
    transfers = [record for record in driver.records if isinstance(record, TransferRow)]
    assert [(row.kind, row.target_cti_id, row.result) for row in transfers] == [("consult", "a2", result)]
