"""Recovery: channels that began on a phone's keypad, and inbound channels that nobody knows."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Answer, CreateLeg, HangUp
from cti_bridge.domain.model.call import CallState
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, outbound_directory
from tests.unit.situations import staffed

OUTSIDE = "+82212345678"
PAD = "1795237869.0"


def driver() -> Driver:
    made = Driver(outbound_directory(agent_entry(1), agent_entry(2)))
    made.connect()
    made.log_in("a1", "a2")
    return made


def listed(*, up: bool, in_app: bool = True, dialed: bool = False) -> facts.SeenLeg:
    began = facts.KeypadDialed(NODE, PAD, "1001", OUTSIDE) if dialed else None
    return facts.SeenLeg(PAD, up, False, in_app, None, "1001", began)


def test_given_a_keypad_call_whose_start_was_missed_then_it_is_dialled_like_any_other() -> None:
    center = driver()
    center.connect(listed(up=False, dialed=True))
    (call,) = center.center.floor.calls.values()
    assert (call.state, call.customer.number) == (CallState.DIALING_CUSTOMER, OUTSIDE)


def test_given_the_start_comes_late_then_the_number_is_dialled_once() -> None:
    center = driver()
    center.connect(listed(up=False, dialed=True))
    center.tell(facts.KeypadDialed(NODE, PAD, "1001", OUTSIDE))
    center.connect(listed(up=True))
    assert len(center.taken(CreateLeg)) == 1
    assert not center.taken(HangUp)


def test_given_an_answered_channel_that_nobody_knows_then_it_is_hung_up_and_blocks_its_agent_until_it_is_gone() -> None:
    center = driver()
    center.connect(listed(up=True))
    assert [action.leg_id for action in center.taken(HangUp)] == [PAD]
    call = center.arrive()
    assert call.cti_id == "a2"
    center.tell(commands.DeclineOffer("a2", center.agent("a2").offer_id or ""))
    assert call.state is CallState.WAITING
    center.tell(facts.LegEnded(PAD))
    assert call.cti_id == "a1"


@pytest.mark.parametrize("up", [False, True])
def test_given_a_caller_whom_a_dead_bridge_has_answered_then_they_are_not_answered_again_and_go_on(up: bool) -> None:
    """The PBX carries such an order out behind what it plays to them, and nobody's orders meanwhile (seen)."""
    center = staffed()
    center.log_in("a1")
    center.actions.clear()
    arrived = facts.CallArrived(NODE, "main/1.2", NUMBER, "+821012345678", "", center.now - 5, up=up)
    center.connect(facts.SeenLeg("main/1.2", up, False, True, None, "trunk", arrived))
    (call,) = center.center.floor.calls.values()
    assert call.agent_leg is not None
    assert [action.leg_id for action in center.taken(Answer)] == ([] if up else ["main/1.2"])


def test_given_a_leg_that_is_made_after_its_end_was_ordered_then_it_is_hung_up_and_its_phone_is_not_rung() -> None:
    """The PBX hangs: the order to make it waits in the event socket, and the one to end it goes another way."""
    center = staffed()
    center.log_in("a1")
    call = center.arrive()
    leg_id, customer = call.agent_leg, call.customer_leg
    assert leg_id is not None and customer is not None
    center.tell(facts.LegEnded(customer))
    center.tell(facts.LegEnded(leg_id))  # There was nothing to end.
    center.actions.clear()
    center.tell(facts.LegReady(leg_id, NODE, "1001"))
    center.tell(facts.LegReady(leg_id, NODE, "1001"))
    assert [end.leg_id for end in center.taken(HangUp)] == [leg_id]
    center.arrive()
    assert not center.taken(CreateLeg), "the phone still has a channel"
    center.tell(facts.LegEnded(leg_id))
    assert len(center.taken(CreateLeg)) == 1


def test_given_a_leg_of_a_bridge_that_has_died_then_it_is_hung_up_and_one_whose_role_is_not_known_is_left_alone() -> (
    None
):
    center = driver()
    stranger = f"cti-01890000-0000-7000-8000-000000000009-{{}}-{'0' * 12}"
    center.tell(facts.LegReady(stranger.format("agent"), NODE, "1001"))
    center.tell(facts.LegReady(stranger.format("of_tomorrow"), NODE, "1002"))
    center.tell(facts.LegReady(stranger.format("agent")))
    assert [end.leg_id for end in center.taken(HangUp)] == [stranger.format("agent")]


def test_given_a_channel_of_somebody_elses_application_then_it_is_left_alone() -> None:
    center = driver()
    center.connect(listed(up=True, in_app=False))
    assert not center.taken(HangUp)
