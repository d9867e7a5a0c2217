"""What got lost in a conversation, with an order or while the node was away, is made good when seen."""

import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import AddToBridge, Answer, StartRingback, StopMusic, StopRingback
from cti_bridge.domain.border.facts import Failure
from cti_bridge.domain.model.call import CallState
from tests.unit.situations import CUSTOMER, OUTSIDE, all_enter, situation, staffed, state_of

S = CallState


@pytest.mark.parametrize("looked_at", [True, False])
def test_a_customer_who_was_dialled_and_forgotten_by_a_restart_comes_into_the_bridge(looked_at: bool) -> None:
    """The list shows it; or the customer answers and leaves before the list is read, and it is told behind it."""
    driver, call = situation("dialing_agent")
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    all_enter(driver, call)
    customer = call.customer_leg or ""
    seen = facts.SeenLeg(customer, False, True, True, None, OUTSIDE, None)
    if looked_at:
        driver.tell(facts.LegSeen(seen, driver.now))
        assert [a.leg_id for a in driver.taken(AddToBridge)] == [call.agent_leg, customer]
    driver.tell(facts.LegAnswered(customer))
    assert [a.leg_id for a in driver.taken(AddToBridge)] == [call.agent_leg, customer]
    driver.enter(call, customer)
    assert state_of(call) is S.TALKING


def test_a_lost_order_to_stop_the_music_is_repeated_while_the_customer_hears_ringing() -> None:
    driver, _ = situation("transfer_ringing outside")
    driver.tell(facts.ActionFailed(CUSTOMER, "StopMusic", Failure.REFUSED))
    driver.tell(facts.LegSeen(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", None), driver.now))
    assert [type(a) for a in driver.actions[-3:]] == [StopRingback, StopMusic, StartRingback]


def test_ringing_that_was_to_stop_while_the_node_was_away_is_stopped_in_the_bridge() -> None:
    driver, call = situation("transferred")
    driver.tell(facts.NodeLost("main"))
    bridge = f"cti-{call.id}-bridge"
    driver.connect(*(facts.SeenLeg(leg.id, True, False, True, bridge, "", None) for leg in call.legs.values()))
    assert CUSTOMER in [a.leg_id for a in driver.taken(StopRingback)]


def test_a_keypad_leg_whose_answer_got_lost_is_answered_when_that_is_seen() -> None:
    driver = staffed()
    driver.tell(facts.KeypadDialed("main", "pad-1", "1001", OUTSIDE))
    driver.actions.clear()
    driver.tell(facts.LegSeen(facts.SeenLeg("pad-1", False, False, True, None, "1001", None), driver.now))
    assert [a.leg_id for a in driver.taken(Answer)] == ["pad-1"]


def test_a_customer_who_was_taken_out_of_the_bridge_during_a_gap_is_talked_to_when_back_in_it() -> None:
    driver, call = situation("dialing_customer")
    driver.tell(facts.NodeLost("main"))
    agent, customer, bridge = call.agent_leg or "", call.customer_leg or "", f"cti-{call.id}-bridge"
    driver.connect(
        facts.SeenLeg(agent, True, False, True, bridge, "1001", None),
        facts.SeenLeg(customer, True, False, True, None, OUTSIDE, None),
    )
    assert state_of(call) is S.DIALING_CUSTOMER
    assert driver.taken(AddToBridge)[-1].leg_id == customer
    driver.enter(call, customer)
    assert state_of(call) is S.TALKING
