"""What bodies are accepted, and that the views have the described shapes."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cti_bridge.api.schemas import AgentAnswer, StatusBody, TicketPatch, TicketsQuery, TicketView
from cti_bridge.api.tickets import ticket_view
from cti_bridge.ari.text import MAX_TEXT
from cti_bridge.domain.model.directory import AgentEntry, Directory
from tests.support.fake_desk import FakeDesk
from tests.support.fake_engine import agent_view
from tickets import rules

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=80)
)
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


def test_given_the_longest_caller_that_a_call_can_show_then_their_history_can_be_asked_for() -> None:
    TicketsQuery(number="x" * MAX_TEXT)


def test_given_the_views_then_they_have_the_described_shapes() -> None:
    AgentAnswer.model_validate_json(msgspec.json.encode({"agent": agent_view("a1")}), strict=True)
    ticket = ticket_view(FakeDesk().add(), Directory())
    TicketView.model_validate_json(msgspec.json.encode(ticket), strict=True)


def test_given_a_ticket_of_several_agents_then_each_has_a_name_and_a_number_has_none() -> None:
    house = Directory(
        agents={
            cti_id: AgentEntry(cti_id, number, name, ("acme",))
            for cti_id, number, name in (("a1", "1001", "Mina Park"), ("a2", "1002", "Juno Lee"), ("a3", "1003", ""))
        }
    )
    ticket = FakeDesk().add(owner="a1")
    for event_type, detail in (
        ("owner_changed", {"from": "a1", "owner": "a2"}),
        ("participant_added", {"participant": "a3"}),
        ("participant_added", {"participant": "+821012345678"}),
    ):
        event = rules.note(ticket, str(ticket.version), 0.0, by="system", event_type=event_type, detail=detail)
        ticket = ticket.apply(event)
    view = ticket_view(ticket, house)
    assert (view["owner"], view["owner_name"]) == ("a2", "Juno Lee")
    assert view["names"] == {"a1": "Mina Park", "a2": "Juno Lee", "a3": "a3"}
