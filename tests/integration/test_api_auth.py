"""Who may ask: login, tokens, cookies, CSRF, origins, attempts."""

import asyncio
import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import pytest

from cti_bridge.api.auth import digest
from cti_bridge.api.login_limits import MOST_PER_ADDRESS, MOST_PER_AGENT
from cti_bridge.api.operator import Operator
from cti_bridge.api.trace import MOST_REFUSALS, LoginTrace
from cti_bridge.domain.border.commands import EndSession, LogIn, LogOut, SessionUsed
from cti_bridge.domain.border.facts import SessionsAged
from cti_bridge.domain.model.directory import AgentEntry, Directory
from tests.support.api import AGENTS, CRM, PARTNER, PASSWORD, Api, Reply, api_server, frame


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        yield running


async def login(api: Api, cti_id: str, password: str, **headers: str) -> Reply:
    return await api.call("POST", "/login", json={"cti_id": cti_id, "password": password}, headers=headers)


def cookie_of(reply: Reply) -> Any:
    return SimpleCookie(reply.headers["Set-Cookie"])["cti_session"]


async def test_given_the_right_password_then_a_token_of_which_the_engine_gets_only_a_digest(api: Api) -> None:
    reply = await login(api, "a1", PASSWORD)
    token, csrf = reply.json["token"], reply.json["csrf"]
    (asked,) = api.engine.asked
    assert isinstance(asked, LogIn) and asked.password_mark
    assert asked == LogIn("a1", digest(token), csrf, asked.password_mark, "127.0.0.1")
    assert reply.json["agent"]["cti_id"] == "a1"
    assert (await api.call("GET", "/me", token)).json["agent"]["cti_id"] == "a1"
    cookie = cookie_of(reply)
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["secure"]) == (token, True, "Strict", "")


async def test_given_wrong_credentials_then_the_same_answer_for_known_and_unknown(api: Api) -> None:
    replies = [await login(api, *one) for one in (("a1", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong"))]
    assert {(one.status, one.code, one.text) for one in replies} == {(401, "wrong_credentials", replies[0].text)}
    assert api.engine.asked == []


async def test_given_an_unknown_cti_id_then_a_password_is_verified_all_the_same(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher, costs = api.server._passwords._hasher, []
    verify = hasher.verify

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            costs.append(known.rsplit("$", 2)[0])
            return verify(known, password)

    monkeypatch.setattr(api.server._passwords, "_hasher", Counting())
    await login(api, "a1", "wrong")
    await login(api, "nobody", "wrong")
    assert len(costs) == 2 and costs[0] == costs[1]


async def test_given_no_phone_permission_then_403_but_only_to_who_knows_the_password(api: Api) -> None:
    assert (await login(api, "a3", "wrong")).code == "wrong_credentials"
    reply = await login(api, "a3", PASSWORD)
    assert (reply.status, reply.code) == (403, "no_phone_permission")
    assert api.engine.asked == []


BAD_TOKENS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Basic YTE6YQ==",
    "Bearer " + "x" * 5_000,
    "Bearer a b",
    "Bearer \xff",
]


@pytest.mark.parametrize("header", BAD_TOKENS)
async def test_given_a_bad_token_then_401_whatever_the_cookie(api: Api, header: str) -> None:
    token, _ = await api.log_in()
    reply = await api.call("GET", "/me", headers={"Authorization": header, "Cookie": f"cti_session={token}"})
    assert (reply.status, reply.code) == (401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_given_no_session_then_every_route_but_the_login_answers_401(api: Api) -> None:
    for route in api.server.routes:
        if not route.public:
            reply = await api.call(route.method, re.sub("{.*?}", str(uuid4()), route.path), json={})
            assert (reply.status, reply.code) == (401, "unauthenticated"), route.path


async def test_given_a_cookie_then_writes_need_the_csrf_value_and_reads_do_not(api: Api) -> None:
    token, csrf = await api.log_in()
    api.engine.asked.clear()
    cookie = {"Cookie": f"cti_session={token}"}
    assert (await api.call("GET", "/me", headers=cookie)).status == 200
    for wrong in ({}, {"X-CTI-CSRF": ""}, {"X-CTI-CSRF": csrf + "x"}, {"X-CTI-CSRF": "\xe9"}):
        reply = await api.call("PUT", "/me/status", json={"status": "ready"}, headers={**cookie, **wrong})
        assert (reply.status, reply.code) == (403, "bad_csrf")
    assert api.engine.asked == []
    right = {**cookie, "X-CTI-CSRF": csrf}
    assert (await api.call("PUT", "/me/status", json={"status": "ready"}, headers=right)).status == 200


async def test_given_a_page_of_another_origin_then_403_even_for_the_login(api: Api) -> None:
    token, _ = await api.log_in()
    for origin in ("https://evil.example", "null", "http://127.0.0.1", api.root + ".evil.example", ""):
        assert (await api.call("GET", "/me", token, headers={"Origin": origin})).code == "bad_origin"
        assert (await login(api, "a1", PASSWORD, Origin=origin)).code == "bad_origin"


async def test_given_a_permitted_origin_then_cors_for_the_listed_ones_only(api: Api) -> None:
    token, _ = await api.log_in()
    own = await api.call("GET", "/me", token, headers={"Origin": api.root})
    assert own.status == 200 and "Access-Control-Allow-Origin" not in own.headers
    partner = await api.call("GET", "/me", token, headers={"Origin": PARTNER})
    assert partner.headers["Access-Control-Allow-Origin"] == PARTNER and partner.headers["Vary"] == "Origin"
    refused = await api.call("GET", "/me", headers={"Origin": PARTNER})
    assert refused.status == 401 and refused.headers["Access-Control-Allow-Origin"] == PARTNER


async def test_given_a_page_that_may_show_the_panel_then_it_may_not_use_the_api(api: Api) -> None:
    token, csrf = await api.log_in()
    page = {"Origin": CRM, "Cookie": f"cti_session={token}", "X-CTI-CSRF": csrf}
    for method, path in (("GET", "/tickets"), ("GET", "/me/phone"), ("GET", "/session"), ("POST", "/me/dial")):
        refused = await api.call(method, path, headers=page)
        assert (refused.status, refused.code) == (403, "bad_origin"), path
        assert "Access-Control-Allow-Origin" not in refused.headers
    assert (await login(api, "a1", PASSWORD, Origin=CRM)).code == "bad_origin"
    asking = {"Origin": CRM, "Access-Control-Request-Method": "GET"}
    assert (await api.call("OPTIONS", "/tickets", headers=asking)).status == 403


async def test_given_a_page_that_may_use_the_api_then_not_what_the_panel_keeps_to_itself(api: Api) -> None:
    token, csrf = await api.log_in()
    page = {"Origin": PARTNER, "Cookie": f"cti_session={token}", "X-CTI-CSRF": csrf}
    assert (await api.call("GET", "/tickets", headers=page)).status == 200
    assert (await api.call("PUT", "/me/status", json={"status": "ready"}, headers=page)).status == 200
    assert (await api.call("GET", "/session", headers=page)).json["draft_key"] == ""
    assert (await api.call("GET", "/session", headers={**page, "Origin": api.root})).json["draft_key"] != ""
    assert (await api.call("GET", "/me/phone", headers=page)).code == "bad_origin"
    # A browser that names no origin says whose page it is all the same.
    for site in ("cross-site", "same-site"):
        fetched = {"Cookie": page["Cookie"], "Sec-Fetch-Site": site}
        assert (await api.call("GET", "/me/phone", headers=fetched)).code == "bad_origin"


async def test_given_a_proxy_with_tls_then_the_panels_public_page_is_its_own_where_the_host_header_is_passed_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    public = "https://cti.example.com:8443"
    async with api_server(allowed_origins=(public, CRM), api_origins=()) as api:
        token, csrf = await api.log_in()
        page = {"Origin": public, "Cookie": f"__Host-cti_session={token}", "X-CTI-CSRF": csrf}
        through = {**page, "Host": "cti.example.com:8443"}
        assert (await api.call("PUT", "/me/status", json={"status": "ready"}, headers=through)).status == 200
        assert (await api.call("GET", "/me/phone", headers=through)).code == "not_found"
        without_port = {**page, "Host": "cti.example.com"}
        for _ in range(2):
            assert (await api.call("GET", "/me", headers=without_port)).code == "bad_origin"
    assert capsys.readouterr().out.count("origin_refused") == 1


async def test_given_a_preflight_then_it_is_answered_without_a_session(api: Api) -> None:
    asking = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-cti-csrf"}
    reply = await api.call("OPTIONS", "/me/status", headers={**asking, "Origin": PARTNER})
    assert reply.status == 204
    assert "PUT" in reply.headers["Access-Control-Allow-Methods"]
    assert "X-CTI-CSRF" in reply.headers["Access-Control-Allow-Headers"]
    assert (await api.call("OPTIONS", "/me/status", headers={**asking, "Origin": "https://evil"})).status == 403


async def test_given_too_many_failures_for_one_agent_then_429_also_for_the_right_password(api: Api) -> None:
    for _ in range(MOST_PER_AGENT):
        assert (await login(api, "a1", "wrong")).status == 401
    reply = await login(api, "a1", PASSWORD)
    assert (reply.status, reply.code) == (429, "too_many_attempts")
    assert 0 < int(reply.headers["Retry-After"]) <= 60
    assert (await login(api, "a2", PASSWORD)).status == 200


async def test_given_many_attempts_at_once_then_no_more_are_verified_than_allowed(api: Api) -> None:
    replies = await asyncio.gather(*(login(api, "a1", "wrong") for _ in range(3 * MOST_PER_AGENT)))
    assert sorted(one.status for one in replies) == [401] * MOST_PER_AGENT + [429] * 2 * MOST_PER_AGENT


async def test_given_too_many_failures_from_one_address_then_429_for_all_agents(api: Api) -> None:
    for count in range(MOST_PER_ADDRESS):
        await login(api, f"nobody{count}", "wrong")
    assert (await login(api, "a2", PASSWORD)).code == "too_many_attempts"


async def test_given_many_right_logins_then_never_429(api: Api) -> None:
    for _ in range(MOST_PER_AGENT + 1):
        assert (await login(api, "a1", PASSWORD)).status == 200


async def test_given_a_new_login_then_the_old_token_is_worth_nothing(api: Api) -> None:
    old, _ = await api.log_in()
    new, _ = await api.log_in()
    assert (await api.call("GET", "/me", old)).status == 401
    assert (await api.call("GET", "/me", new)).status == 200


async def test_given_a_logout_then_the_session_and_its_cookie_are_gone(api: Api) -> None:
    token, _ = await api.log_in()
    reply = await api.call("POST", "/logout", token)
    assert reply.json["agent"]["status"] == "offline"
    assert api.engine.asked[-1] == LogOut("a1", digest(token))
    assert cookie_of(reply).value == ""
    assert (await api.call("GET", "/me", token)).status == 401


async def test_given_requests_then_no_log_line_holds_a_token_or_password(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    token, csrf = await api.log_in()
    await api.call("GET", "/me?token=" + token, token)
    await api.call("GET", "/nothing/" + token, token)
    logged = "".join(capsys.readouterr())
    assert "/api/v1/me" in logged
    for secret in (token, csrf, PASSWORD, digest(token)):
        assert secret not in logged


# -------------------------------------------------------------------------------------------- the trace of logins


async def test_given_logins_then_the_log_says_who_from_where_and_whose_session_was_taken_over(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        await api.log_in()
    assert (await login(api, "a3", PASSWORD)).code == "no_phone_permission"
    assert (await login(api, "a1", "wrong")).code == "wrong_credentials"
    assert (await login(api, "my secret password", "a1")).code == "wrong_credentials"
    out = capsys.readouterr().out
    came = [line.split() for line in out.splitlines() if "logged_in" in line]
    assert [words[-1] for words in came] == ["takes_over=False", "takes_over=True"]
    assert all({"cti_id=a1", "address=127.0.0.1"} <= set(words) for words in came)
    refused = [line for line in out.splitlines() if "login_refused" in line]
    assert ["code=no_phone_permission" in refused[0], "cti_id=a1" in refused[1], "cti_id=None" in refused[2]] == [
        True
    ] * 3
    assert "my secret password" not in out and PASSWORD not in out


def test_given_very_many_refusals_then_the_log_has_a_part_of_them_and_their_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    trace = LoginTrace(lambda: Directory(agents=AGENTS), lambda: now)
    for _ in range(MOST_REFUSALS + 7):
        trace.refused("a1", "192.0.2.1", "wrong_credentials")
    now = 61.0
    trace.refused("a1", "192.0.2.1", "wrong_credentials")
    out = capsys.readouterr().out
    assert out.count("login_refused ") == MOST_REFUSALS + 1
    assert "login_refusals_not_written" in out and "count=7" in out


async def test_given_a_program_beside_then_the_two_sessions_in_turn_are_told_of_once_each(api: Api) -> None:
    """Each telling is a write to the spool."""
    token, _ = await api.log_in()
    body = {"cti_id": "a1", "password": PASSWORD, "beside": True}
    beside = (await api.call("POST", "/login", json=body)).json["token"]
    for _ in range(3):
        for one in (token, beside):
            assert (await api.call("GET", "/me", one)).status == 200
    assert api.engine.of_sessions == [SessionUsed("a1", digest(token)), SessionUsed("a1", digest(beside))]


async def test_given_requests_without_a_panel_then_the_core_is_told_of_the_use_now_and_then(api: Api) -> None:
    token, _ = await api.log_in()
    for _ in range(3):
        await api.call("GET", "/me", token)
    assert api.engine.of_sessions == [SessionUsed("a1", digest(token))]
    other, _ = await api.log_in()
    async with await api.listen(other) as socket:
        await frame(socket)
        await api.call("GET", "/me", other)
    assert api.engine.of_sessions == [SessionUsed("a1", digest(token))], "the core knows of the panel"
    await api.call("GET", "/me", other)
    assert api.engine.of_sessions[1:] == [SessionUsed("a1", digest(other))]
    api.server._use.look()
    assert api.engine.of_sessions[2:] == [SessionsAged()]


# -------------------------------------------------------------------------------------------- supervisors


async def test_given_a_supervisor_then_agents_of_the_own_services_are_logged_out_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(AGENTS, "a4", AgentEntry("a4", "1004", "Boss", services=("acme",), role="supervisor"))
    operator = Operator(token="operator", reload=reload)
    async with api_server(operator=operator) as api:
        agent, _ = await api.log_in()
        boss, csrf = await api.log_in("a4")
        assert (await api.call("POST", "/agents/a3/logout")).code == "unauthenticated"
        assert (await api.call("POST", "/agents/a3/logout", agent)).code == "wrong_role"
        assert (await api.call("POST", "/agents/a2/logout", boss)).code == "not_found"
        assert (await api.call("POST", "/agents/nobody/logout", boss)).code == "not_found"
        cookie = {"Cookie": f"cti_session={boss}"}
        assert (await api.call("POST", "/agents/a1/logout", headers=cookie)).code == "bad_csrf"
        assert (await api.call("POST", "/agents/a1/logout", headers={**cookie, "X-CTI-CSRF": csrf})).status == 200
        assert (await api.call("POST", "/agents/a2/logout", "operator")).status == 200
        assert [one for one in api.engine.asked if isinstance(one, EndSession)] == [
            EndSession("a1", "a4", "127.0.0.1"),
            EndSession("a2", "operator", "127.0.0.1"),
        ]


async def reload() -> dict[str, Any]:
    return {}
