"""Everything an agent does with a call over the API: bodies, numbers, and what the engine is asked."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from cti_bridge.domain.border import commands as c
from cti_bridge.domain.border.errors import (
    CallingNumberNotConfirmed,
    CustomerLeft,
    InvalidNumber,
    LimitReached,
    NumberNotAllowed,
    Refusal,
    ResumeOnPhone,
    ServiceOff,
    TargetIsSelf,
    TargetNotReady,
)
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.model.call import Role
from tests.support import fake_engine
from tests.support.api import Api, api_server, frame

CALL = "0199a6f0-0000-7000-8000-000000000001"
CALLING = "+8225551234"
ON_CALL = f"/calls/{CALL}"


def call_view(**changed: Any) -> dict[str, Any]:
    return fake_engine.call_view(**{"call_id": CALL, **changed})


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        running.engine.calls[CALL] = call_view()
        yield running


async def token_of(api: Api, cti_id: str = "a1") -> str:
    token, _ = await api.log_in(cti_id)
    api.engine.asked.clear()
    return token


# --- what the engine is asked

ASKED: list[tuple[str, dict[str, Any] | None, c.Command]] = [
    ("/hold", None, c.HoldCall("a1", CALL)),
    ("/resume", None, c.ResumeCall("a1", CALL)),
    ("/hangup", None, c.HangUpCall("a1", CALL)),
    ("/warn", None, c.Warn("a1", CALL)),
    ("/recall", {}, c.RecallCall("a1", CALL)),
    ("/consult/connect", None, c.ConnectConsult("a1", CALL)),
    ("/consult/cancel", None, c.CancelConsult("a1", CALL)),
    ("/consult/swap", None, c.SwapConsult("a1", CALL)),
    ("/consult/join", None, c.JoinAll("a1", CALL)),
    ("/consult/leave", None, c.LeaveThree("a1", CALL)),
    ("/consult/remove", {"party": "customer"}, c.TakeOut("a1", CALL, Role.CUSTOMER)),
    ("/consult/remove", {"party": "target"}, c.TakeOut("a1", CALL, Role.TARGET)),
    ("/dtmf", {"digits": "1", "to": "target"}, c.SendDigits("a1", CALL, "1", Role.TARGET)),
    ("/warn/stop", None, c.StopWarning("a1", CALL)),
    ("/dtmf", {"digits": "0189ABCD*#"}, c.SendDigits("a1", CALL, "0189ABCD*#")),
    ("/force-disconnect", {"reason": "threat"}, c.ForceDisconnect("a1", CALL, "threat", None)),
    ("/force-disconnect", {"reason": "threat", "note": "말"}, c.ForceDisconnect("a1", CALL, "threat", "말")),
    ("/consult", {"agent": "a2"}, c.StartConsult("a1", CALL, None, "a2")),
    ("/consult", {"agent": "a2", "number": None}, c.StartConsult("a1", CALL, None, "a2")),
    ("/consult", {"number": "1002"}, c.StartConsult("a1", CALL, "1002", None)),
    ("/consult", {"number": "+82 2-1234-5678"}, c.StartConsult("a1", CALL, "+82212345678", None)),
    ("/transfer", {"agent": "a2"}, c.TransferCall("a1", CALL, None, "a2")),
    (
        "/transfer",
        {"queue": "sales", "memo": "bill"},
        c.TransferCall("a1", CALL, None, None, "sales", None, "bill"),
    ),
    ("/transfer", {"scenario": "menu"}, c.TransferCall("a1", CALL, None, None, None, "menu")),
    ("/transfer", {"number": "02-1234-5678"}, c.TransferCall("a1", CALL, "+82212345678", None)),
]


@pytest.mark.parametrize(("path", "body", "command"), ASKED, ids=lambda item: str(item)[:50])
async def test_given_a_command_then_the_engine_is_asked_exactly_that(
    api: Api, path: str, body: dict[str, Any] | None, command: c.Command
) -> None:
    token = await token_of(api)
    reply = await api.call("POST", ON_CALL + path, token, json=body)
    assert reply.status == 200, reply.text
    assert reply.json == {"agent": api.engine.views["a1"]}
    assert api.engine.asked == [command]


async def test_given_a_call_that_is_not_the_agents_then_its_number_is_not_looked_at_but_left_to_the_engine(
    api: Api,
) -> None:
    token = await token_of(api)
    other = str(uuid4())
    await api.call("POST", f"/calls/{other}/transfer", token, json={"number": "no number"})
    assert api.engine.asked == [c.TransferCall("a1", other, "no number", None)]


# --- dial


async def test_given_dial_up_then_202_with_the_calls_id_and_numbers_in_e164(api: Api) -> None:
    token = await token_of(api)
    for number, calling, expected in (
        ("+82 10-1234-5678", CALLING, "+821012345678"),
        ("010 1234 5678", "+82 2 555 1234", "+821012345678"),
        ("(202) 555-0100", "+12025550199", "+12025550100"),
    ):
        api.engine.views["a1"]["call"] = call_view(direction="outbound", dialed_number=expected)
        reply = await api.call("POST", "/me/dial", token, json={"number": number, "calling_number": calling})
        assert (reply.status, reply.json) == (202, {"call_id": CALL}), reply.text
        dialed = api.engine.asked[-1]
        assert isinstance(dialed, c.Dial)
        assert (dialed.number, dialed.calling_number[0]) == (expected, "+")


async def test_given_a_colleague_then_they_are_called_by_cti_id_or_number_and_need_no_calling_number(api: Api) -> None:
    token = await token_of(api)
    api.engine.views["a1"]["call"] = call_view(direction="internal", dialed_number="1002")
    for body in ({"agent": "a2"}, {"number": "1002"}, {"number": "1002", "calling_number": CALLING}):
        api.engine.asked.clear()
        reply = await api.call("POST", "/me/dial", token, json=body)
        assert (reply.status, reply.json) == (202, {"call_id": CALL}), reply.text
        assert api.engine.asked == [c.DialAgent("a1", "a2")]
    for bad in ({}, {"agent": "a2", "number": "1002"}):
        reply = await api.call("POST", "/me/dial", token, json=bad)
        assert (reply.status, reply.code) == (422, "invalid_body")


async def test_given_the_same_dial_twice_with_one_key_then_one_call_and_the_same_answer(api: Api) -> None:
    token = await token_of(api)
    api.engine.views["a1"]["call"] = call_view(direction="outbound", dialed_number="+821012345678")
    body = {"number": "+821012345678", "calling_number": CALLING}
    first = await api.call("POST", "/me/dial", token, json=body, headers={"Idempotency-Key": "k"})
    api.engine.views["a1"]["call"] = call_view(call_id=str(uuid4()))
    again = await api.call("POST", "/me/dial", token, json=body, headers={"Idempotency-Key": "k"})
    assert (again.status, again.json) == (202, first.json)
    assert len(api.engine.asked) == 1


async def test_given_a_repeat_of_a_dial_whose_call_is_over_then_another_calls_id_is_not_given(api: Api) -> None:
    token = await token_of(api)
    body = {"number": "+821012345678", "calling_number": CALLING}
    for call in (None, call_view(), call_view(direction="outbound", dialed_number="+821099999999")):
        api.engine.views["a1"]["call"] = call
        reply = await api.call("POST", "/me/dial", token, json=body)
        assert (reply.status, reply.code) == (409, "call_changed")


NO_NUMBERS = ["1002", "no number", "+", "+82", "+8210&PJSIP/1002", "+821012345678@evil", "+8210/12345678", "0" * 30]
NO_NUMBERS += ["+821012345678;x=1", "+821012345678,1", "+8210\n12345678", "+82١٠١٢٣٤٥٦٧٨", "+82" + "1" * 30, "*31#0101"]


@pytest.mark.parametrize("number", NO_NUMBERS)
async def test_given_no_number_then_422_invalid_number_and_the_engine_is_not_asked(api: Api, number: str) -> None:
    token = await token_of(api)
    body = {"number": number, "calling_number": CALLING}
    reply = await api.call("POST", "/me/dial", token, json=body)
    if number == "1002":
        assert api.engine.asked == [c.DialAgent("a1", "a2")], "an agent's number means the agent"
        return
    assert (reply.status, reply.code) == (422, "invalid_number")
    for path in ("/consult", "/transfer"):
        assert (await api.call("POST", ON_CALL + path, token, json={"number": number})).code == "invalid_number"
    assert api.engine.asked == []


async def test_given_a_local_number_without_its_area_code_then_it_is_not_guessed(api: Api) -> None:
    token = await token_of(api)
    body = {"number": "555-1234", "calling_number": "+12025550199"}
    assert (await api.call("POST", "/me/dial", token, json=body)).code == "invalid_number"


async def test_given_a_calling_number_that_is_none_then_the_engine_says_so(api: Api) -> None:
    token = await token_of(api)
    api.engine.refusal = CallingNumberNotConfirmed()
    body = {"number": "+821012345678", "calling_number": "my number"}
    reply = await api.call("POST", "/me/dial", token, json=body)
    assert (reply.status, reply.code) == (422, "calling_number_not_confirmed")


REFUSALS = [CustomerLeft, ResumeOnPhone, TargetIsSelf, TargetNotReady, InvalidNumber, NumberNotAllowed]


@pytest.mark.parametrize("kind", [*REFUSALS, ServiceOff, LimitReached])
async def test_given_the_core_refuses_then_its_code_status_and_words(api: Api, kind: type[Refusal]) -> None:
    token = await token_of(api)
    api.engine.refusal = kind()
    reply = await api.call("POST", ON_CALL + "/consult", token, json={"agent": "a2"})
    assert (reply.status, reply.code, reply.json["detail"]) == (kind.status, kind.code, kind.__doc__)


# --- strict bodies

FREQUENT = "/me/frequent-numbers"
VALID: dict[str, dict[str, Any]] = {
    "/me/dial": {"number": "+821012345678", "calling_number": CALLING},
    ON_CALL + "/dtmf": {"digits": "1", "to": "target"},
    ON_CALL + "/consult/remove": {"party": "target"},
    ON_CALL + "/force-disconnect": {"reason": "threat", "note": "shouted"},
    ON_CALL + "/consult": {"number": "+82212345678"},
    ON_CALL + "/transfer": {"agent": "a2"},
    FREQUENT: {"number": "+82212345678", "label": "Bakery"},
}
OPTIONAL = {"note", "to"}
LONGEST = {"digits": 32, "note": 2_000}
EMPTY = ["/hold", "/resume", "/hangup", "/warn", "/warn/stop", "/recall"]
EMPTY += [f"/consult/{name}" for name in ("connect", "cancel", "swap", "join", "leave")]


def wrong_bodies(body: dict[str, Any]) -> list[Any]:
    found: list[Any] = [{**body, "unknown": 1}, [], [body], "text", 7, True, None]
    for name, value in body.items():
        if name not in OPTIONAL:
            found += [{key: body[key] for key in body if key != name}, {**body, name: None}]
        wrong: tuple[Any, ...] = (7, True, 1.5, "", "\0", "a\0b", [], {}, [value])
        found += [{**body, name: bad} for bad in wrong]
        found.append({**body, name: "1" * (LONGEST.get(name, 64) + 1)})
    return found


CASES: list[tuple[str, Any]] = [(path, bad) for path, body in VALID.items() for bad in wrong_bodies(body)]
NOT_EMPTY: list[Any] = [{"unknown": 1}, [], "text", None, 7]
CASES += [(ON_CALL + path, bad) for path in EMPTY for bad in NOT_EMPTY]
CASES += [(ON_CALL + "/dtmf", {"digits": bad}) for bad in ("a", "1w", "1 2", "1\n", "٣", "+1", "E")]
BOTH_OR_NONE: list[Any] = [{"number": "+82212345678", "agent": "a2"}, {}]
CASES += [(ON_CALL + path, bad) for path in ("/consult", "/transfer") for bad in BOTH_OR_NONE]


async def test_given_every_field_missing_or_wrong_then_422_and_nothing_is_told_to_the_engine(api: Api) -> None:
    token = await token_of(api)
    as_json = {"Content-Type": "application/json"}
    for path, bad in CASES:
        reply = await api.call("POST", path, token, data=json.dumps(bad), headers=as_json)
        assert (reply.status, reply.code) == (422, "invalid_body"), (path, str(bad)[:100], reply.text)
        assert reply.json["errors"]
    assert api.engine.asked == []
    assert (await api.call("GET", FREQUENT, token)).json == []


async def test_given_valid_bodies_then_the_table_above_tests_something(api: Api) -> None:
    token = await token_of(api)
    api.engine.views["a1"]["call"] = call_view(direction="outbound", dialed_number="+821012345678")
    for path, body in VALID.items():
        reply = await api.call("POST", path, token, json=body)
        assert reply.status == (202 if path == "/me/dial" else 200), reply.text


async def test_given_no_token_then_401_everywhere(api: Api) -> None:
    for path in [*VALID, *(ON_CALL + path for path in EMPTY)]:
        assert (await api.call("POST", path, json=VALID.get(path))).code == "unauthenticated"
    for path in ("/calling-numbers", FREQUENT):
        assert (await api.call("GET", path)).code == "unauthenticated"


# --- numbers of one's own


async def test_given_calling_numbers_then_those_of_the_agents_services_with_their_states(api: Api) -> None:
    token = await token_of(api)
    assert (await api.call("GET", "/calling-numbers", token)).json == [
        {"number": CALLING, "service": "acme", "state": "confirmed"},
        {"number": "+8225559999", "service": "acme", "state": "new"},
    ]


async def test_given_frequent_numbers_then_each_agent_has_their_own_in_e164(api: Api) -> None:
    token, other = await token_of(api), await token_of(api, "a2")
    added = await api.call("POST", FREQUENT, token, json={"number": "02-1234-5678", "label": "Bakery"})
    assert (added.status, added.json["number"], added.json["label"]) == (200, "+82212345678", "Bakery")
    await api.call("POST", FREQUENT, token, json={"number": "1002", "label": "Älva"})
    assert [one["number"] for one in (await api.call("GET", FREQUENT, token)).json] == ["+82212345678", "1002"]
    assert (await api.call("GET", FREQUENT, other)).json == []
    assert (await api.call("POST", FREQUENT, token, json={"number": "x", "label": "y"})).code == "invalid_number"
    assert (await api.call("DELETE", f"{FREQUENT}/{added.json['id']}", other)).code == "not_found"
    removed = await api.call("DELETE", f"{FREQUENT}/{added.json['id']}", token)
    assert (removed.status, removed.json) == (200, {})
    assert [one["number"] for one in (await api.call("GET", FREQUENT, token)).json] == ["1002"]


async def test_given_a_repeated_key_then_a_number_is_added_and_removed_once(api: Api) -> None:
    token = await token_of(api)
    key = {"Idempotency-Key": "k"}
    body = {"number": "+82212345678", "label": "Bakery"}
    first = await api.call("POST", FREQUENT, token, json=body, headers=key)
    again = await api.call("POST", FREQUENT, token, json=body, headers=key)
    assert (again.status, again.json) == (200, first.json)
    assert (await api.call("POST", FREQUENT, token, json=body)).code == "not_allowed_now"
    for _ in range(2):
        reply = await api.call("DELETE", f"{FREQUENT}/{first.json['id']}", token, headers=key)
        assert reply.status == 200


async def test_given_the_core_tells_an_agent_something_then_their_panel_gets_a_notice(api: Api) -> None:
    token = await token_of(api)
    socket = await api.listen(token)
    assert (await frame(socket))["type"] == "snapshot"
    api.engine.happen(Told("a2", "hold_reminder", "not yours"), Told("a1", "hold_reminder", "On hold for 120 seconds."))
    told = await frame(socket)
    assert (told["type"], told["code"], told["text"]) == ("notice", "hold_reminder", "On hold for 120 seconds.")
    await socket.close()
