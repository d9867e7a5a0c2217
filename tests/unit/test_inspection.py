"""What was ordered and may not have got through is looked at until it is known."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import InspectLeg, StopMusic, StopRingback
from cti_bridge.domain.floor.orders import CONFIRM_S
from cti_bridge.domain.model.call import Call, CallState, Role, Stage
from cti_bridge.domain.model.ids import bridge_id
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.situations import CUSTOMER, GREETED, all_enter, made, staffed

UNANSWERED = facts.Failure.TIMED_OUT


def looked_at(driver: Driver) -> list[str]:
    return [action.leg_id for action in driver.taken(InspectLeg)]


def in_the_bridge(call: Call, leg_id: str) -> facts.SeenLeg:
    return facts.SeenLeg(leg_id, True, False, True, bridge_id(call.id), "1001", None)


# ------------------------------------------------------------------------------- where nobody saw it go


@pytest.mark.parametrize(
    ("state", "stop"), [(CallState.TRANSFER_RINGING, StopRingback), (CallState.RINGING, StopMusic)]
)
def test_given_a_restart_that_finds_a_customer_in_the_bridge_then_what_was_heard_before_is_stopped(
    state: CallState, stop: type[StopMusic | StopRingback]
) -> None:
    """The answer, and all that was ordered for it, was later than the checkpoint; and the order to stop had failed."""
    driver, call = made(state)
    answered = (call.target_leg if state is CallState.TRANSFER_RINGING else call.agent_leg) or ""
    other = driver.restarted()
    other.connect(in_the_bridge(call, CUSTOMER), in_the_bridge(call, answered))
    assert CUSTOMER in [action.leg_id for action in other.taken(stop)]


# ------------------------------------------------------------------------------- a look without an answer


@pytest.mark.parametrize(
    ("state", "role", "stop"),
    [
        (CallState.RINGING, Role.CUSTOMER, StopMusic),
        (CallState.CONSULT_RINGING, Role.AGENT, StopRingback),
    ],
)
@pytest.mark.parametrize("unanswered", [1, 3, 12])
def test_given_an_order_to_stop_was_refused_and_the_looks_had_no_answer_then_it_is_stopped_all_the_same(
    state: CallState, role: Role, stop: type[StopMusic | StopRingback], unanswered: int
) -> None:
    """Else the customer hears music instead of the agent, or the agent ringing instead of the colleague, until the
    end of the call."""
    driver, call = made(state)
    answering = call.agent_leg if state is CallState.RINGING else call.target_leg
    driver.tell(facts.LegAnswered(answering or ""))
    leg = call.leg_of(role)
    assert leg is not None
    driver.tell(facts.ActionFailed(leg.id, stop.__name__, facts.Failure.REFUSED))
    all_enter(driver, call)
    talking, legs = call.state, set(call.legs)
    for _ in range(unanswered):
        looks = looked_at(driver).count(leg.id)
        driver.tell(facts.ActionFailed(leg.id, "InspectLeg", UNANSWERED))
        driver.pass_time(31)
        assert looked_at(driver).count(leg.id) > looks > 0
    assert (call.state, set(call.legs)) == (talking, legs), "a look without an answer ends no call"
    driver.actions.clear()
    driver.tell(facts.LegSeen(in_the_bridge(call, leg.id), driver.now))
    assert leg.id in [action.leg_id for action in driver.taken(stop)]
    driver.actions.clear()
    driver.pass_time(100)
    assert looked_at(driver) == [], "what was seen is not looked at again"


def test_given_a_leg_outside_the_bridge_that_a_later_look_has_seen_then_it_is_not_looked_at_again() -> None:
    driver, _ = made(CallState.IN_SCENARIO)
    driver.tell(facts.ActionFailed(CUSTOMER, "StopMusic", facts.Failure.REFUSED))
    driver.tell(facts.ActionFailed(CUSTOMER, "InspectLeg", UNANSWERED))
    driver.tell(facts.LegSeen(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", None), driver.now))
    driver.actions.clear()
    driver.pass_time(40)
    assert looked_at(driver) == []


def test_given_an_order_to_stop_was_refused_when_the_leg_leaves_the_bridge_unlooked_at_then_it_is_stopped() -> None:
    """Else the customer hears music beside the last message."""
    driver, call = made(CallState.RINGING)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    all_enter(driver, call)
    driver.tell(facts.ActionFailed(CUSTOMER, "StopMusic", facts.Failure.REFUSED))
    driver.tell(facts.ActionFailed(CUSTOMER, "InspectLeg", UNANSWERED))
    driver.actions.clear()
    driver.tell(commands.ForceDisconnect("a1", call.id, "threat"))
    assert CUSTOMER in [action.leg_id for action in driver.taken(StopMusic)]


def test_given_a_leg_that_was_never_seen_in_the_bridge_when_no_look_is_answered_then_the_offer_has_failed() -> None:
    driver, call = made(CallState.CONNECTING)
    leg_id = call.agent_leg or ""
    for _ in range(6):
        driver.tell(facts.ActionFailed(leg_id, "InspectLeg", UNANSWERED))
        driver.pass_time(CONFIRM_S * 6)
    assert call.legs[leg_id].stage is Stage.ENDING
    assert call.state is not CallState.CONNECTING


# ------------------------------------------------------------------------------- who is found in a list


@pytest.mark.parametrize("number", [NUMBER, GREETED])
def test_given_a_caller_whom_nobody_knows_in_a_list_then_whatever_plays_to_them_is_stopped_first(number: str) -> None:
    """An earlier run of the bridge may have started music, and died before that was on disk: it would play under the
    greeting and go on with the agent."""
    driver = staffed()
    driver.tell(commands.SetStatus("a1", "rest", None))
    arrived = facts.CallArrived(NODE, CUSTOMER, number, "+821012345678", "", driver.now)
    driver.actions.clear()
    driver.connect(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", arrived))
    ordered = [type(action).__name__ for action in driver.actions if action.leg_id == CUSTOMER]
    begins = "StartPlayback" if number == GREETED else "StartMusic"
    assert ordered.index("StopMusic") < ordered.index(begins) > ordered.index("StopRingback")


def test_given_a_new_caller_then_nothing_is_stopped_for_nothing_plays() -> None:
    driver = staffed()
    driver.arrive(GREETED, CUSTOMER)
    assert not driver.taken(StopMusic) and not driver.taken(StopRingback)
