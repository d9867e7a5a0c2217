"""The API description against the structure of OpenAPI 3.1 and against the routes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cti_bridge import api
from cti_bridge.api.schemas import AgentAnswer
from cti_bridge.api.server import ApiConfig, ApiServer
from cti_bridge.domain.border import errors
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.words import AnswerMode, Direction, Holder, MayAsk, NoCalls, PhoneState, Prompt
from tests.support.fake_desk import FakeDesk
from tests.support.fake_engine import FakeEngine, agent_view, call_view
from tests.support.fake_frequent_numbers import FakeFrequentNumbers
from tickets.ticket import TicketEventType, TicketStatus

OPERATIONS = {
    "/login": {"post"},
    "/logout": {"post"},
    "/me": {"get"},
    "/session": {"get"},
    "/me/phone": {"get"},
    "/me/status": {"put"},
    "/me/next-status": {"put"},
    "/offers/{offer_id}/answer": {"post"},
    "/offers/{offer_id}/decline": {"post"},
    "/calls/{call_id}/hangup": {"post"},
    "/me/dial": {"post"},
    **{f"/calls/{{call_id}}/{name}": {"post"} for name in ("hold", "resume", "recall", "dtmf", "force-disconnect")},
    **{f"/calls/{{call_id}}/{name}": {"post"} for name in ("consult", "transfer")},
    **{f"/calls/{{call_id}}/consult/{name}": {"post"} for name in ("connect", "cancel", "swap", "join")},
    **{f"/calls/{{call_id}}/consult/{name}": {"post"} for name in ("leave", "remove")},
    **{f"/calls/{{call_id}}/{name}": {"post"} for name in ("warn", "warn/stop")},
    "/calling-numbers": {"get"},
    "/me/frequent-numbers": {"get", "post"},
    "/me/frequent-numbers/{number_id}": {"delete"},
    "/agents": {"get"},
    "/tickets": {"get"},
    "/tickets/{ticket_id}": {"get", "patch"},
    "/tickets/{ticket_id}/comments": {"post"},
    "/reload": {"post"},
    "/agents/{cti_id}/logout": {"post"},
    "/events": {"get"},
}


def description() -> dict[str, Any]:
    server = ApiServer(
        ApiConfig(password_hashes={}),
        FakeEngine(),
        FakeDesk(),
        Directory,
        frequent_numbers=FakeFrequentNumbers(),
    )
    return server.description


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_given_the_description_then_it_has_every_operation_that_programs_rely_on() -> None:
    paths = description()["paths"]
    described = {path.removeprefix("/api/v1"): set(operations) for path, operations in paths.items()}
    assert {path: described.get(path) for path in OPERATIONS} == OPERATIONS


def test_given_the_description_then_every_reference_leads_somewhere_and_ids_are_unique() -> None:
    document = description()
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= set(document["info"])
    schemas = document["components"]["schemas"]
    assert set(references(document)) <= {f"#/components/schemas/{name}" for name in schemas}
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)


def test_given_an_operation_then_its_path_parameters_are_declared_and_its_answers_described() -> None:
    for path, operations in description()["paths"].items():
        for operation in operations.values():
            declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path))
            assert all(one["description"] for one in operation["responses"].values())
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_given_an_accepted_body_then_unknown_fields_are_refused_in_the_description_too() -> None:
    schemas = description()["components"]["schemas"]
    for name in ("LoginBody", "StatusBody", "TicketPatch", "CommentBody", "Nothing"):
        assert schemas[name]["additionalProperties"] is False


def test_given_a_field_that_holds_a_word_or_a_time_then_the_description_says_so() -> None:
    schemas = description()["components"]["schemas"]
    agent, call = schemas["AgentView"]["properties"], schemas["CallView"]["properties"]
    words = {
        **{name: agent[name] for name in ("answer", "phone", "status", "state")},
        "prompt": agent["prompt"]["anyOf"][0],
        **{f"call.{name}": call[name] for name in ("direction", "state")},
        "held_by": call["held_by"]["items"],
        "allowed_actions": agent["allowed_actions"]["items"],
        "no_calls": agent["no_calls"]["items"],
        "ticket": schemas["TicketLine"]["properties"]["status"],
        "ticket event": schemas["TicketEventView"]["properties"]["type"],
    }
    described = {name: schemas[word["$ref"].rsplit("/", 1)[1]]["enum"] for name, word in words.items()}
    assert described == {
        "answer": list(AnswerMode),
        "phone": list(PhoneState),
        "status": list(Status),
        "state": list(AgentState),
        "prompt": list(Prompt),
        "call.direction": list(Direction),
        "call.state": list(CallState),
        "held_by": list(Holder),
        "allowed_actions": list(MayAsk),
        "no_calls": list(NoCalls),
        "ticket": list(TicketStatus),
        "ticket event": list(TicketEventType),
    }
    assert agent["since"]["format"] == call["answered_at"]["anyOf"][0]["format"] == "date-time"


def test_given_a_view_then_what_the_description_does_not_have_is_not_in_it() -> None:
    for view, changed in ((agent_view("a1"), {"more": 1}), (agent_view("a1", call=call_view("c", more=1)), {})):
        with pytest.raises(ValidationError, match="more"):
            AgentAnswer.model_validate({"agent": {**view, **changed}})


def test_given_the_login_then_it_and_screens_on_walls_alone_need_no_session() -> None:
    for path, operations in description()["paths"].items():
        for operation in operations.values():
            assert bool(operation["security"]) is not path.endswith(("/login", "/screen"))


def codes_of(operation: dict[str, Any]) -> set[str]:
    texts = [one["description"] for one in operation["responses"].values()]
    return {code for text in texts if text.startswith("Refused: ") for code in text[9:].split(", ")}


def test_given_a_refusal_then_some_operation_says_its_code_and_none_says_one_that_there_is_not() -> None:
    said = {code for path in description()["paths"].values() for one in path.values() for code in codes_of(one)}
    of_core = {
        kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)
    }
    texts = "".join(path.read_text() for path in Path(api.__file__).parent.glob("*.py"))
    of_api = set(re.findall(r'Problem\(\s*\d+,\s*"([a-z_]+)"', texts)) | {"bad_request", "body_too_large"}
    assert said == of_core | of_api


def test_given_an_operation_then_its_refusals_stand_at_their_status() -> None:
    paths = description()["paths"]
    transfer = paths["/api/v1/calls/{call_id}/transfer"]["post"]["responses"]
    assert {"target_not_ready", "call_changed"} <= set(transfer["409"]["description"][9:].split(", "))
    assert "limit_reached" in transfer["429"]["description"] and "not_found" in transfer["404"]["description"]
    assert "401" not in codes_of(paths["/api/v1/login"]["post"])
    assert "wrong_credentials" in paths["/api/v1/login"]["post"]["responses"]["401"]["description"]
    assert "409" not in paths["/api/v1/tickets/{ticket_id}"]["get"]["responses"]
