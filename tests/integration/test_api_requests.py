"""Bad input gets a clear error and changes nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.commands import AnswerOffer, DeclineOffer, HangUpCall, SetNextStatus, SetStatus
from cti_bridge.domain.border.errors import CallChanged, PbxUnavailable, Refusal
from tests.support.api import AGENTS, CRM, PASSWORD, Api, api_server
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory

TICKET = "/tickets/{ticket}"
VALID: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/login"): {"cti_id": "a1", "password": PASSWORD},
    ("PUT", "/me/status"): {"status": "business", "reason": "meeting"},
    ("PUT", "/me/next-status"): {"status": "rest", "reason": None},
    ("PATCH", TICKET): {"status": "resolved", "version": 1},
    ("POST", TICKET + "/comments"): {"text": "called back"},
}
REQUIRED = {"cti_id", "password", "status", "version", "text"}
EMPTY = [("POST", "/logout"), ("POST", f"/offers/{uuid4()}/answer"), ("POST", f"/calls/{uuid4()}/hangup")]
LONGEST = {"cti_id": 64, "password": 256, "reason": 64, "text": 10_000}


def wrong_bodies(body: dict[str, Any]) -> list[Any]:
    """Each field missing, of each wrong type, too long, with NUL; unknown fields; no object at all."""
    found: list[Any] = [{**body, "unknown": 1}, {**body, "__proto__": {}}, [], [body], "text", 7, True]
    for name, value in body.items():
        if name in REQUIRED:
            found.append({key: body[key] for key in body if key != name})
            found.append({**body, name: None})
        wrong: list[Any] = (
            ["1", 1.5, True, 0, -1, 2**31, 10**400] if isinstance(value, int) else [7, True, 1.5, "", "\0", "a\0b"]
        )
        found += [{**body, name: bad} for bad in (*wrong, [], {}, [value])]
        found.append({**body, name: "x" * (LONGEST.get(name, 64) + 1)})
    return found


AS_JSON = {"Content-Type": "application/json"}
CASES: list[tuple[str, str, Any]] = [
    (method, path, bad) for (method, path), body in VALID.items() for bad in wrong_bodies(body)
]
NOT_EMPTY: list[Any] = [{"unknown": 1}, [], "text", None, 7]
CASES += [(method, path, bad) for method, path in EMPTY for bad in NOT_EMPTY]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        yield running


async def test_given_every_field_missing_or_wrong_then_422_and_nothing_is_told_to_the_engine(api: Api) -> None:
    token, _ = await api.log_in()
    ticket = api.desk.add()
    api.engine.asked.clear()
    for method, path, bad in CASES:
        reply = await api.call(method, path.format(ticket=ticket.id), token, data=json.dumps(bad), headers=AS_JSON)
        assert (reply.status, reply.code) == (422, "invalid_body"), (method, path, str(bad)[:100], reply.text)
        assert reply.json["errors"]
        assert PASSWORD not in reply.text
    assert api.engine.asked == []
    assert api.desk.tickets[ticket.id] == ticket


async def test_given_valid_bodies_then_the_table_above_tests_something(api: Api) -> None:
    token, _ = await api.log_in()
    ticket = api.desk.add()
    for (method, path), body in list(VALID.items())[1:]:
        version = api.desk.tickets[ticket.id].version
        sent = {**body, "version": version} if "version" in body else body
        reply = await api.call(method, path.format(ticket=ticket.id), token, json=sent)
        assert reply.status == 200, reply.text


BAD_JSON = [b"", b"{", b"nul", b"\xff\xfe", b'{"status":"ready"}x', b'{"status":"\\ud800"}', b"[" * 5_000, b"NaN"]


@pytest.mark.parametrize("raw", BAD_JSON)
async def test_given_a_body_that_is_not_json_then_422(api: Api, raw: bytes) -> None:
    token, _ = await api.log_in()
    for path in ("/me/status", "/me/next-status"):
        reply = await api.call("PUT", path, token, data=raw, headers={"Content-Type": "application/json"})
        assert (reply.status, reply.code) == (422, "invalid_body")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
async def test_given_another_content_type_then_415(api: Api, kind: str) -> None:
    token, _ = await api.log_in()
    reply = await api.call("PUT", "/me/status", token, data=b'{"status":"ready"}', headers={"Content-Type": kind})
    assert (reply.status, reply.code) == (415, "unsupported_media_type")


async def test_given_a_body_beyond_the_limit_then_413(api: Api) -> None:
    token, _ = await api.log_in()
    reply = await api.call("PUT", "/me/status", token, json={"status": "ready", "reason": "x" * 200_000})
    assert (reply.status, reply.code) == (413, "body_too_large")


async def test_given_the_longest_comment_fully_escaped_then_it_fits(api: Api) -> None:
    token, _ = await api.log_in()
    reply = await api.call(
        "POST", f"/tickets/{api.desk.add().id}/comments", token, json={"text": "\U0001f600" * 10_000}
    )
    assert reply.status == 200


QUERIES = ["/agents?unknown=1", "/agents?status=asleep", "/agents?q=a&q=b", "/agents?q=" + "x" * 101, "/me?x=1"]
QUERIES += ["/tickets?status=closed", "/tickets?number=%00", "/tickets?limit=5", "/events?since=-1", "/events?token=x"]


@pytest.mark.parametrize("path", QUERIES)
async def test_given_a_query_parameter_that_is_unknown_or_wrong_then_422(api: Api, path: str) -> None:
    token, _ = await api.log_in()
    reply = await api.call("GET", path, token)
    assert (reply.status, reply.code) == (422, "invalid_body")


async def test_given_a_query_on_a_write_then_422(api: Api) -> None:
    token, _ = await api.log_in()
    assert (await api.call("PUT", "/me/status?x=1", token, json={"status": "ready"})).code == "invalid_body"


@pytest.mark.parametrize("identity", ["1", "not-a-uuid", "٠" * 36, "%00", "a" * 500, "..%2f..%2fme"])
async def test_given_an_id_that_is_no_uuid_then_404(api: Api, identity: str) -> None:
    token, _ = await api.log_in()
    api.engine.asked.clear()
    for method, path in (("POST", "/offers/{}/answer"), ("POST", "/calls/{}/hangup"), ("GET", "/tickets/{}")):
        reply = await api.call(method, path.format(identity), token)
        assert (reply.status, reply.code) == (404, "not_found")
    assert api.engine.asked == []


async def test_given_an_unknown_path_or_method_then_a_problem_too(api: Api) -> None:
    for path in ("/nothing", "/!nothing", "/!widgets/", "/offers"):
        assert (await api.call("GET", path)).code == "not_found"
    reply = await api.call("DELETE", "/me")
    assert (reply.status, reply.code, reply.headers["Allow"]) == (405, "method_not_allowed", "GET")


async def test_given_a_bad_idempotency_key_then_422(api: Api) -> None:
    token, _ = await api.log_in()
    for key in ("", "a b", "x" * 201):
        headers = {"Idempotency-Key": key}
        reply = await api.call("PUT", "/me/status", token, json={"status": "ready"}, headers=headers)
        assert (reply.status, reply.code) == (422, "invalid_body")


async def test_given_a_command_then_the_engine_is_asked_exactly_that(api: Api) -> None:
    token, _ = await api.log_in()
    api.engine.asked.clear()
    one = str(uuid4())
    await api.call("PUT", "/me/status", token, json={"status": "rest"})
    await api.call("PUT", "/me/next-status", token, json={"status": "business", "reason": "chat"})
    await api.call("PUT", "/me/next-status", token, data=b"null", headers={"Content-Type": "application/json"})
    await api.call("POST", f"/offers/{one}/answer", token)
    await api.call("POST", f"/offers/{one.upper()}/decline", token, json={})
    reply = await api.call("POST", f"/calls/{one}/hangup", token, headers={"Idempotency-Key": "k1"})
    assert reply.json == {"agent": api.engine.views["a1"]}
    assert api.engine.asked == [
        SetStatus("a1", "rest", None),
        SetNextStatus("a1", "business", "chat"),
        SetNextStatus("a1", None, None),
        AnswerOffer("a1", one),
        DeclineOffer("a1", one),
        HangUpCall("a1", one),
    ]
    assert api.engine.keys[-1] == f"a1 POST /api/v1/calls/{one}/hangup k1"


@pytest.mark.parametrize("kind", [CallChanged, PbxUnavailable])
async def test_given_the_engine_refuses_then_its_code_status_and_words(api: Api, kind: type[Refusal]) -> None:
    token, _ = await api.log_in()
    api.engine.refusal = kind()
    reply = await api.call("POST", f"/calls/{uuid4()}/hangup", token)
    assert (reply.status, reply.code, reply.json["detail"]) == (kind.status, kind.code, kind.__doc__)
    assert ("Retry-After" in reply.headers) is (kind.status == 503)


async def test_given_a_fault_of_ours_then_500_without_details(api: Api) -> None:
    token, _ = await api.log_in()
    api.engine.refusal = ValueError("secret")
    reply = await api.call("POST", f"/calls/{uuid4()}/hangup", token)
    assert (reply.status, reply.code) == (500, "internal_error")
    assert "secret" not in reply.text


async def test_given_any_response_then_the_security_headers(api: Api) -> None:
    for path in ("/me", "/nothing", "/openapi.json", "/!healthz"):
        headers = (await api.call("GET", path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Server"] == "cti-bridge"
    assert CRM not in str(headers)


async def test_given_agents_of_another_service_then_they_are_in_no_list(api: Api) -> None:
    for asking, expected in (("a1", ["a1", "a3"]), ("a2", ["a2"])):
        token, _ = await api.log_in(asking)
        assert [one["cti_id"] for one in (await api.call("GET", "/agents", token)).json] == expected


async def test_given_an_agent_search_then_those_who_match_by_name_id_or_number(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AGENTS, "a2", replace(AGENTS["a2"], services=("acme",)))
    token, _ = await api.log_in()
    for query, expected in (
        ("", ["a1", "a3", "a2"]),
        ("?q=älVA", ["a2"]),
        ("?q=1003", ["a3"]),
        ("?status=business", ["a1"]),
        ("?status=ready", []),
        ("?q=%25", []),
    ):
        reply = await api.call("GET", "/agents" + query, token)
        assert [one["cti_id"] for one in reply.json] == expected
    assert set((await api.call("GET", "/agents", token)).json[0]) == {"cti_id", "name", "cti_number", "label"}


async def test_given_a_search_for_who_is_ready_then_those_to_whom_a_call_could_be_given_now(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rule of the core alone: a phone that is in use, one on another PBX than the call, a break of some
    seconds."""
    monkeypatch.setitem(AGENTS, "a2", replace(AGENTS["a2"], services=("acme",)))
    token, _ = await api.log_in()
    house = Driver(directory(*map(agent_entry, (1, 2, 3))))
    api.engine.floor = house.center.floor
    house.connect()
    house.tell(facts.NodeSeen("second", "boot", house.now, (), (), ()))
    house.log_in("a1")
    house.answer(house.arrive())
    house.log_in("a2")
    api.engine.views["a1"] |= {"status": "ready"}
    api.engine.views["a2"] |= {"status": "ready"}

    async def found() -> list[str]:
        return [one["cti_id"] for one in (await api.call("GET", "/agents?status=ready", token)).json]

    assert await found() == ["a2"]
    house.tell(facts.PhoneChanged("second", "1002", True))
    house.tell(facts.PhoneChanged(NODE, "1002", False))
    assert await found() == [], "their phone is at another PBX than the call"
    house.tell(facts.PhoneChanged(NODE, "1002", True))
    house.agent("a2").pause_ends_at = house.now + 5
    assert await found() == [], "a call was just refused there"
    house.agent("a2").pause_ends_at = None
    house.tell(facts.CallArrived(NODE, "c2", NUMBER, "+821055556666", "", house.now))
    assert await found() == [], "their phone rings"
    assert "a1" in [one["cti_id"] for one in (await api.call("GET", "/agents", token)).json], (
        "the asker is an agent too"
    )
