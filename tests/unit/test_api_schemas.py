"""What bodies are accepted, and that the views have the described shapes."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cti_bridge.api.schemas import AgentView, StatusBody, TicketPatch, TicketView
from cti_bridge.api.tickets import ticket_view
from tests.support.fake_desk import FakeDesk
from tests.support.fake_engine import agent_view

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80)
VALUES = SCALARS | st.sampled_from(["ready", "rest", "business"]) | st.lists(SCALARS, max_size=2)
KEYS = st.sampled_from(["status", "reason", "version"]) | st.text(max_size=3)


@given(st.dictionaries(KEYS, VALUES, max_size=3) | VALUES)
def test_given_any_json_then_accepted_is_only_what_means_exactly_that(value: Any) -> None:
    raw = msgspec.json.encode(value)
    try:
        body = StatusBody.model_validate_json(raw)
    except ValidationError:
        return
    assert {"reason": None, **value} == body.model_dump()
    assert value["status"] in ("ready", "rest", "business")


@given(st.dictionaries(KEYS, VALUES | st.just("open"), max_size=3))
def test_given_any_json_then_a_ticket_change_has_a_whole_number_as_version(value: dict[str, Any]) -> None:
    try:
        body = TicketPatch.model_validate_json(msgspec.json.encode(value))
    except ValidationError:
        return
    assert body.model_dump() == value and type(value["version"]) is int


def test_given_the_views_then_they_have_the_described_shapes() -> None:
    AgentView.model_validate(agent_view("a1"), strict=True)
    TicketView.model_validate(ticket_view(FakeDesk().add()), strict=True)
