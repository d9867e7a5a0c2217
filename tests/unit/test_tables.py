"""The tables: every transition that is not in them is illegal, raises and changes nothing; every state is in all."""

import pytest

from cti_bridge.domain.agent import AgentState
from cti_bridge.domain.call import OFFERED, TRANSITIONS, Call, CallState, Place, Role
from cti_bridge.domain.floor import IllegalTransition
from cti_bridge.domain.wiring import AGENT_STATES, WIRING
from tests.unit.situations import made

S = CallState


def test_every_state_is_in_every_table_and_nothing_else_is() -> None:
    assert set(WIRING) == set(TRANSITIONS) == set(CallState)
    for targets in TRANSITIONS.values():
        assert targets <= set(CallState)


def test_the_agents_state_is_told_exactly_where_the_wiring_has_an_agent() -> None:
    with_agent = {(state, Role.AGENT) for state, row in WIRING.items() if Role.AGENT in row}
    assert set(AGENT_STATES) == with_agent
    assert {state for state, row in WIRING.items() if row.get(Role.AGENT)} == OFFERED | {S.TALKING}


def test_nobody_is_alone_in_a_bridge_and_music_and_messages_never_play_in_one() -> None:
    for state, row in WIRING.items():
        bridged = [role for role, place in row.items() if place is Place.BRIDGE]
        assert len(bridged) != 1, state
        assert row.get(Role.CUSTOMER) is not None or state is S.ENDED, f"a customer is nowhere in {state}"


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
            driver.center.floor.move_call(call, target, "test")
        assert driver.state() == before


def legal_moves() -> list[tuple[CallState, CallState]]:
    return [(state, target) for state, targets in TRANSITIONS.items() for target in targets]


@pytest.mark.parametrize(("state", "target"), legal_moves())
def test_a_transition_of_the_table_takes_the_agent_along(state: CallState, target: CallState) -> None:
    driver, call = made(state)
    before = driver.agent("a1").state
    driver.center.floor.move_call(call, target, "test")
    assert call.state is target and call.state_since == driver.center.floor.now
    wanted = AGENT_STATES.get((target, Role.AGENT))
    assert driver.agent("a1").state is (wanted if wanted and call.cti_id else before)


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
    ]


def test_a_leg_that_is_on_its_way_out_plays_no_role_in_an_ended_call() -> None:
    _, call = made(S.ENDED)
    assert isinstance(call, Call) and call.leg_of(Role.CUSTOMER) is None
