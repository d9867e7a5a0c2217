"""The words of rows and answers: one list each, and everybody who names one names one of the list. With the
checks in SQL they are compared in ``tests/integration/test_migrations.py``, with the page of states in
``test_diagrams.py``."""

import ast
import re
from pathlib import Path
from typing import get_args

from cti_bridge.api.frames import Frame, FrameType
from cti_bridge.domain.ending.aftermath import cause_of
from cti_bridge.domain.ending.causes import dial_outcome
from cti_bridge.domain.legs.matrix import LEFT
from cti_bridge.domain.model.words import Cause, Noted, OfferResult, Outcome, TargetGone
from tickets.ticket import TicketEventType

DOMAIN = Path(__file__).parents[2] / "cti_bridge/domain"


def test_every_frame_has_a_type_of_its_own() -> None:
    types = [kind.type for kind in get_args(Frame)]
    assert sorted([*types, FrameType.SNAPSHOT]) == sorted(FrameType)


def test_what_a_call_notes_on_its_ticket_is_a_type_of_ticket_events() -> None:
    assert set(Noted) <= set(TicketEventType)


def test_every_outcome_that_the_matrix_names_is_one() -> None:
    named = [word for cell in LEFT.values() for text in re.findall(r"ended: ([a-z_, ]+)", cell.leads_to)
             for word in text.split(", ")]  # fmt: skip
    assert len(named) > 10
    assert set(named) - {"as announced"} <= set(Outcome)


def test_every_end_of_an_offer_has_a_cause_of_its_own() -> None:
    causes = [cause_of(result) for result in OfferResult]
    assert len(set(causes)) == len(causes)
    assert cause_of(OfferResult.WITHDRAWN) is Cause.WITHDRAWN


def test_whatever_becomes_of_an_outside_number_a_consulting_agent_can_be_told() -> None:
    for cause in range(128):
        for code in (0, *range(400, 700)):
            assert TargetGone(dial_outcome(cause, code).value)


def test_every_outcome_comes_from_somewhere() -> None:
    """One that no procedure names any more would stand in the reports' lists for ever."""
    named = {
        node.attr
        for path in DOMAIN.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Outcome"
    }
    assert named == set(Outcome.__members__)


def test_details_of_events_have_one_spelling() -> None:
    """An agent is a `cti_id`, whoever asked `by_cti_id`, a target its number and its CTI ID, a holder `held_by`."""
    names = {
        word.arg
        for path in DOMAIN.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "event"
        for word in node.keywords
    }
    assert {"cti_id", "by_cti_id", "held_by"} <= names
    assert not names & {"by", "target", "agent", "who"}
