"""A leg hangs in the PBX: it is there, and nothing can be done for it. By the call's state, and whose leg it is."""

import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import HangUp
from cti_bridge.domain.model.call import INTERNAL, CallState, Role, Stage
from cti_bridge.domain.model.wiring import WIRING
from tests.unit.situations import made, situation

S = CallState
WITH_CUSTOMER = [state for state in CallState if state not in (S.ENDED, S.DIALING_AGENT, S.CONSULT_ALONE, *INTERNAL)]
OTHERWISE = {S.DIALING_CUSTOMER: "unreachable", S.ANNOUNCING: "queue_timeout"}
TALK_ON = (S.CONSULT_TALKING, S.CONSULT_SWAPPED, S.THREE_TOGETHER, S.JOINING)


@pytest.mark.parametrize("state", WITH_CUSTOMER)
def test_the_customers_leg_hangs_and_the_call_ends_without_saying_that_they_hung_up(state: CallState) -> None:
    driver, call = made(state)
    leg_id = call.customer_leg or ""
    driver.tell(facts.LegStuck(leg_id))
    if state in TALK_ON:
        assert call.state is S.CONSULT_ALONE, "agent and target talk on"
        return
    assert driver.outcomes() == [(OTHERWISE.get(state, "node_lost"), "system")]
    assert call.legs[leg_id].stage is Stage.ENDING
    assert leg_id in [action.leg_id for action in driver.actions if isinstance(action, HangUp)]
    for leg in list(call.legs.values()):
        driver.tell(facts.LegEnded(leg.id))
    assert driver.agent("a1").state == "idle"
    assert not driver.center.floor.calls


@pytest.mark.parametrize(
    "state", [state for state in CallState if Role.AGENT in WIRING.get(state, {}) and state is not S.ENDED]
)
def test_the_agents_leg_hangs_and_the_call_goes_on_as_with_a_lost_phone(state: CallState) -> None:
    stuck, call = made(state)
    lost, same = made(state)
    leg_id = call.agent_leg
    assert leg_id is not None
    stuck.tell(facts.LegStuck(leg_id))
    lost.tell(facts.LegEnded(same.agent_leg or "", 27, 500))
    assert call.state is same.state
    assert leg_id in [action.leg_id for action in stuck.actions if isinstance(action, HangUp)]


@pytest.mark.parametrize("leg_id", ["nobody's", ""])
def test_a_leg_that_nobody_knows_changes_nothing(leg_id: str) -> None:
    driver, call = situation("talking")
    driver.tell(facts.LegStuck(leg_id))
    assert call.state is S.TALKING


def test_the_agent_who_was_connected_with_nobody_gets_the_next_call() -> None:
    driver, call = made(S.CONNECTING)
    driver.arrive(leg_id="caller-2")
    driver.tell(facts.LegStuck(call.customer_leg or ""))
    driver.tell(facts.LegEnded(call.agent_leg or ""))
    assert driver.agent("a1").state == "ringing"
    assert driver.agent("a1").call_id != call.id
