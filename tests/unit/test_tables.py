"""The tables: every transition that is not in them is illegal, raises and changes nothing; every state is in all."""

import pytest

from cti_bridge.domain.floor.floor import IllegalTransition
from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.call import INTERNAL, TRANSITIONS, Call, CallState, Place, Role
from cti_bridge.domain.model.wiring import AGENT_STATES, WIRING
from cti_bridge.domain.model.words import Cause
from tests.unit.situations import made

S = CallState


def test_every_state_is_in_every_table_and_nothing_else_is() -> None:
    assert set(WIRING) == set(TRANSITIONS) == set(CallState)
    for targets in TRANSITIONS.values():
        assert targets <= set(CallState)


def test_the_agents_state_is_told_exactly_where_the_wiring_has_an_agent() -> None:
    parties = {(state, role) for state, row in WIRING.items() for role in row if role is not Role.CUSTOMER}
    no_agents = {(state, Role.TARGET) for state in (S.TRANSFER_CONFIRMING, S.TRANSFERRED, S.AGENT_LOST)}
    assert set(AGENT_STATES) == parties - no_agents, "who is transferred to, or kept for a lost agent, is no agent"
    as_before = {key for key, state in AGENT_STATES.items() if state is None}
    assert as_before == {(S.CONNECTING, Role.AGENT), (S.JOINING, Role.AGENT), (S.JOINING, Role.TARGET)}


def test_nobody_is_alone_in_a_bridge_but_an_agent_who_holds_and_a_customer_is_always_somewhere() -> None:
    for state, row in WIRING.items():
        bridged = [role for role, place in row.items() if place is Place.BRIDGE]
        holder = {S.ON_HOLD: Role.AGENT, S.INTERNAL_ON_HOLD: Role.AGENT, S.INTERNAL_HELD: Role.TARGET}.get(state)
        assert len(bridged) != 1 or bridged == [holder], state
    without_customer = {state for state, row in WIRING.items() if Role.CUSTOMER not in row}
    assert without_customer == {S.DIALING_AGENT, S.CONSULT_ALONE, S.ENDED, *INTERNAL}


def test_the_customer_never_hears_a_consultation_nor_an_agent_who_holds() -> None:
    for state in (S.ON_HOLD, S.CONSULT_RINGING, S.CONSULT_TALKING):
        assert WIRING[state][Role.CUSTOMER] is Place.MUSIC
    assert WIRING[S.JOINING][Role.AGENT] is Place.SILENCE


def test_every_state_can_end_and_ended_is_final() -> None:
    for state in set(S) - {S.ENDED}:
        assert S.ENDED in TRANSITIONS[state]
    assert not TRANSITIONS[S.ENDED]


@pytest.mark.parametrize("state", S)
def test_a_transition_that_is_not_in_the_table_raises_and_changes_nothing(state: CallState) -> None:
    for target in set(S) - TRANSITIONS[state]:
        driver, call = made(state)
        before = driver.state()
        with pytest.raises(IllegalTransition):
            driver.center.floor.move_call(call, target, Cause.COMMAND)
        assert driver.state() == before


def legal_moves() -> list[tuple[CallState, CallState]]:
    return [(state, target) for state, targets in TRANSITIONS.items() for target in targets]


@pytest.mark.parametrize(("state", "target"), legal_moves())
def test_a_transition_of_the_table_takes_the_agents_along(state: CallState, target: CallState) -> None:
    driver, call = made(state)
    before = {role: agent.state for role, agent in driver.center.floor.agents_of(call)}
    driver.center.floor.move_call(call, target, Cause.COMMAND)
    assert call.state is target and call.state_since == driver.center.floor.now
    after = {role: agent.state for role, agent in driver.center.floor.agents_of(call)}
    assert after == {role: AGENT_STATES.get((target, role)) or state for role, state in before.items()}


def test_the_label_says_what_people_call_it() -> None:
    driver, _ = made(S.TALKING)
    agent = driver.agent("a1")
    labels = []
    for state in AgentState:
        agent.state = state
        labels.append(agent.label)
    assert labels == [
        "Ready",
        "Ringing",
        "Connecting",
        "Dialing",
        "Talking",
        "On Hold",
        "On Call (Transfer in Progress)",
        "Reconnecting",
        "Business (Monitoring)",
    ]


def test_a_leg_that_is_on_its_way_out_plays_no_role_in_an_ended_call() -> None:
    _, call = made(S.ENDED)
    assert isinstance(call, Call) and call.leg_of(Role.CUSTOMER) is None
