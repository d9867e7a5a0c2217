"""Calls go from state to state as the table allows, and agents as ``docs/states.md`` draws it."""

import importlib.util
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cti_bridge.domain.border.records import AgentStateChange, Record
from cti_bridge.domain.model.call import TRANSITIONS, Call, CallState, Role
from cti_bridge.domain.model.prompt import Then
from cti_bridge.domain.model.wiring import holding

FIRST_TALK = (CallState.CONNECTING, CallState.DIALING_CUSTOMER, CallState.JOINING)


def diagrams() -> Any:
    """The program that draws ``docs/states.md``."""
    path = Path(__file__).parents[3] / "docs" / "diagrams.py"
    spec = importlib.util.spec_from_file_location("diagrams", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWN = {(str(before), str(then)) for before, then in diagrams().agent_transitions()}


def agents_moved(records: Iterable[Record]) -> Counter[tuple[str, str]]:
    """Return how often agents went from state to state. Each change of an agent has a row, so none is overlooked."""
    changes = (record for record in records if isinstance(record, AgentStateChange))
    moves = ((str(one.from_state), str(one.to_state)) for one in changes)
    return Counter((before, then) for before, then in moves if before != then)


class Transitions:
    """Each look compares with the one before it, and counts in ``reached`` which states were come to."""

    def __init__(self, reached: Counter[str]) -> None:
        self._reached = reached
        self._states: dict[str, CallState] = {}

    def check(self, calls: Iterable[Call]) -> None:
        for call in calls:
            before = self._states.get(call.id)
            if before is CallState.ENDED:
                assert call.state is CallState.ENDED, "ended is final"
            elif before is not None and before is not call.state:
                self._moved(call, before)
            self._states[call.id] = call.state

    def forget(self) -> None:
        """A restart may have thrown states back."""
        self._states.clear()

    def _moved(self, call: Call, before: CallState) -> None:
        """Several may lie between two looks: what counts is that a way leads there."""
        assert call.state in _within_reach(before), f"{before} to {call.state}"
        if call.state is CallState.TALKING and before in FIRST_TALK:
            legs = [call.leg_of(role) for role in (Role.CUSTOMER, Role.AGENT)]
            together = all(leg and leg.in_bridge for leg in legs)
            # They talk when they have heard that they are recorded.
            told = call.prompt is not None and call.prompt.then is Then.RECORD
            assert together or told or holding(call), "talking, and not both are in the bridge"
        self._reached[f"state {call.state}"] += 1
        if before is CallState.AGENT_LOST:
            self._reached[f"{call.state} behind agent_lost"] += 1


def _within_reach(state: CallState) -> set[CallState]:
    reach, edge = set(TRANSITIONS[state]), list(TRANSITIONS[state])
    while edge:
        fresh = TRANSITIONS[edge.pop()] - reach
        reach |= fresh
        edge += fresh
    return reach
