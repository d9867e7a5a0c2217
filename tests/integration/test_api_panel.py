"""The panel's files over HTTP, the session that a page begins with, and the credentials of its phone."""

import base64
import gzip
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import cti_bridge
from cti_bridge.api.own_session import BrowserPhone, PanelConfig, draft_key
from cti_bridge.api.panel import PanelFiles, page_headers
from cti_bridge.api.panel_files import join_panel, panel_file, read_panel
from cti_bridge.api.schemas import PhoneAnswer, SessionAnswer
from cti_bridge.domain.model.words import AnswerMode, Right
from tests.support.api import AGENTS, CRM, Api, api_server

SECRET = "sip-secret-1001"
PHONE = BrowserPhone(
    url="wss://pbx.example.com:8089/ws",
    domain="pbx.example.com",
    ice_servers=[{"urls": ["stun:stun.example.com"]}],
    passwords={"a1": SECRET, "a2": "other"},
)
WITHOUT_PHONE_KB, WITH_PHONE_KB = 45_000, 120_000
"""Bytes that a panel transfers at most (compressed), without and with the phone in the page."""
LOADER_KB = 4_000
"""Of the script in a host page, uncompressed."""
FIRST = ("index.html", "style/panel.css", "main.js", "i18n/en.js")
PHONE_ENTRY = "phone/phone.js"
PAGES = {
    "/wallboard": ("wallboard/main.js", "style/wallboard.css"),
    "/supervisor/live": ("supervisor/main.js", "style/supervisor.css"),
}
"""What the pages of supervisors load, beside the texts of their language."""
PAGE_KB = 40_000
"""Bytes that such a page transfers at most beside those texts."""


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        yield running


# ---------------------------------------------------------------------------------------------------------- files


async def test_given_the_root_then_the_panel(api: Api) -> None:
    for path in ("/!", "/!widget"):
        reply = await api.call("GET", path, allow_redirects=False)
        assert (reply.status, reply.headers["Location"]) == (302, "/widget/")
    reply = await api.call("GET", "/!widget/")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<cti-widget" in reply.text


async def test_given_the_page_then_a_policy_without_inline_code_that_only_permitted_pages_may_frame(api: Api) -> None:
    headers = (await api.call("GET", "/!widget/")).headers
    policy = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": f"'self' {CRM}",
    }
    assert "X-Frame-Options" not in headers
    assert headers["Permissions-Policy"] == "microphone=(self)"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["main.js", "style/panel.css"])
async def test_given_what_a_page_loads_then_only_the_headers_that_mean_something_for_it(api: Api, path: str) -> None:
    headers = (await api.call("GET", f"/!widget/{path}")).headers
    assert {"X-Frame-Options", "Content-Security-Policy", "Permissions-Policy"}.isdisjoint(headers)
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert headers["Cache-Control"] == "no-cache"


async def test_given_a_phone_in_the_page_then_the_policy_permits_its_socket_and_no_other() -> None:
    async with api_server(panel=PanelConfig(phone=PHONE), allowed_origins=()) as api:
        policy = (await api.call("GET", "/!widget/")).headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://pbx.example.com:8089;" in policy
    assert policy.endswith("frame-ancestors 'self'")


async def test_given_every_file_then_its_type_and_its_bytes_compressed_or_not(api: Api) -> None:
    for path, file in read_panel().items():
        packed = await api.call("GET", f"/!widget/{path}", headers={"Accept-Encoding": "gzip"})
        plain = await api.call("GET", f"/!widget/{path}", headers={"Accept-Encoding": "gzip;q=0, identity"})
        assert (packed.status, plain.status) == (200, 200), path
        assert packed.headers["Content-Type"] == plain.headers["Content-Type"] == file.type
        assert ("Content-Encoding" in packed.headers) is (file.gzip is not None)
        assert "Content-Encoding" not in plain.headers
        assert packed.text == plain.text == file.plain.content.decode()
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


async def test_given_a_module_then_the_type_that_browsers_run(api: Api) -> None:
    for name in ("main.js", "cti-widget.js"):
        assert (await api.call("GET", f"/!widget/{name}")).headers["Content-Type"].startswith("text/javascript")


async def test_given_a_known_tag_then_304_without_a_body_and_a_changed_one_the_file(api: Api) -> None:
    first = await api.call("GET", "/!widget/")
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        reply = await api.call("GET", "/!widget/", headers={"If-None-Match": known})
        assert (reply.status, reply.text, reply.headers["ETag"]) == (304, "", tag)
        assert reply.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    reply = await api.call("GET", "/!widget/", headers={"If-None-Match": '"other"'})
    assert (reply.status, reply.text) == (200, first.text)


async def test_given_the_other_coding_then_another_tag(api: Api) -> None:
    tags = {
        (await api.call("GET", "/!widget/main.js", headers={"Accept-Encoding": coding})).headers["ETag"]
        for coding in ("gzip", "identity")
    }
    assert len(tags) == 2


async def test_given_head_then_the_headers_without_the_body(api: Api) -> None:
    reply = await api.call("HEAD", "/!widget/", headers={"Accept-Encoding": "identity"})
    assert (reply.status, reply.text) == (200, "")
    assert int(reply.headers["Content-Length"]) == len(read_panel()["index.html"].plain.content)
    assert (await api.call("HEAD", "/!", allow_redirects=False)).status == 302


HOSTILE = [
    "../api/server.py",
    "..%2fapi/server.py",
    "%2e%2e/%2e%2e/pyproject.toml",
    "....//index.html",
    "/etc/passwd",
    "%00",
    "index.html%00.js",
    "index.html/",
    "style",
    "style/",
    "INDEX.HTML",
    "\\..\\app.py",
    "__init__.py",
]


@pytest.mark.parametrize("path", HOSTILE)
async def test_given_what_is_no_file_of_the_panel_then_404_as_for_any_path(api: Api, path: str) -> None:
    from yarl import URL

    async with api.http.get(URL(f"{api.root}/widget/{path}", encoded=True), allow_redirects=False) as response:
        assert response.status == 404
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["X-Frame-Options"] == "DENY"


async def test_given_a_write_to_a_file_then_405(api: Api) -> None:
    assert (await api.call("POST", "/!widget/index.html", json={})).status == 405


async def test_given_a_browser_that_takes_brotli_then_it_gets_it_as_soon_as_it_is_made(api: Api) -> None:
    file = read_panel()["main.js"]
    file.compress()
    packed = await api.call("GET", "/!widget/main.js", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert packed.text == file.plain.content.decode()
    refused = await api.call("GET", "/!widget/main.js", headers={"Accept-Encoding": "br;q=0, gzip"})
    assert refused.headers["Content-Encoding"] == "gzip"


async def test_given_a_copy_from_before_brotli_was_made_then_304_for_it(api: Api) -> None:
    read_panel()["main.js"].compress()
    gzipped = (await api.call("GET", "/!widget/main.js", headers={"Accept-Encoding": "gzip"})).headers["ETag"]
    headers = {"Accept-Encoding": "gzip, br", "If-None-Match": gzipped}
    reply = await api.call("GET", "/!widget/main.js", headers=headers)
    assert (reply.status, reply.headers["ETag"]) == (304, gzipped)


def test_given_the_panels_files_then_they_fit_into_what_an_agent_may_wait_for() -> None:
    first = {path: _transferred(path) for path in FIRST}
    assert sum(first.values()) <= WITHOUT_PHONE_KB, first
    assert sum(first.values()) + _transferred(PHONE_ENTRY) <= WITH_PHONE_KB, first
    assert len(read_panel()["loader.js"].plain.content) <= LOADER_KB


@pytest.mark.parametrize("path", PAGES)
async def test_given_a_page_of_supervisors_then_it_is_there_under_the_same_policy_and_small(
    api: Api, path: str
) -> None:
    reply = await api.call("GET", f"/!{path[1:]}")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
    assert sum(_transferred(part) for part in PAGES[path]) < PAGE_KB
    for part in PAGES[path][:1]:
        assert part in reply.text


def _transferred(path: str) -> int:
    file = read_panel()[path]
    file.compress()
    assert file.brotli is not None
    return len(file.brotli.content)


def test_given_the_panels_files_then_each_module_is_in_what_it_is_joined_into() -> None:
    contents = {path: file.read_bytes() for path, file in _sources()}
    joined = join_panel(contents)
    of_panel = {*FIRST[1:], PHONE_ENTRY, "i18n/ko.js", "views/sheets.js", "views/player.js"}
    of_reports = {f"reports/{name}.js" for name in ("main", "texts-en", "texts-ko")} | {"style/reports.css"}
    of_others = {path for page in PAGES.values() for path in page}
    assert of_panel | of_reports | of_others | {"vendor/uplot.js"} == set(joined)
    parts = {part for each in joined.values() for part in each.parts}
    assert {path for path in contents if path.endswith((".js", ".css"))} - parts == {
        "loader.js",
        "style/recording.css",
        "style/player.css",
        "style/day.css",
    }


def _sources() -> list[tuple[str, Path]]:
    widget = Path(cti_bridge.__file__).parent / "widget"
    return [(str(path.relative_to(widget)), path) for path in widget.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["index.html", "reports.html"])
def test_given_the_page_then_it_loads_nothing_inline_and_nothing_from_elsewhere(name: str) -> None:
    page = read_panel()[name].plain.content.decode()
    assert "style=" not in page and "<style" not in page and "://" not in page
    assert page.count("<script") == page.count('<script type="module" src="')


def test_given_what_is_dense_already_then_it_is_not_compressed_again() -> None:
    dense = gzip.compress(bytes(range(256)) * 8)
    assert panel_file("image/png", dense).gzip is None
    assert PanelFiles(dict, page_headers([], "")).routes()


# -------------------------------------------------------------------------------------------------------- session


async def test_given_a_reload_then_the_cookie_alone_brings_back_csrf_agent_and_settings(api: Api) -> None:
    token, csrf = await api.log_in()
    reply = await api.call("GET", "/session", headers={"Cookie": f"cti_session={token}"})
    SessionAnswer.model_validate_json(reply.text, strict=True)
    assert reply.json["csrf"] == csrf
    assert reply.json["agent"] == api.engine.views["a1"]
    assert reply.json["settings"]["embedding_origins"] == [CRM]
    assert reply.json["settings"]["host_dial"] == "ask"
    assert reply.headers["Cache-Control"] == "no-store"
    headers = {"Cookie": f"cti_session={token}", "X-CTI-CSRF": reply.json["csrf"]}
    assert (await api.call("PUT", "/me/status", json={"status": "ready"}, headers=headers)).status == 200


async def test_given_two_sessions_then_the_key_for_drafts_is_the_agents_own_and_stays_the_same(api: Api) -> None:
    keys = []
    for cti_id in ("a1", "a1", "a2"):
        token, _ = await api.log_in(cti_id)
        keys.append((await api.call("GET", "/session", token)).json["draft_key"])
    assert keys[0] == keys[1] != keys[2]
    assert len(base64.b64decode(keys[0])) == 32
    assert draft_key("a1", "another hash") != keys[0]
    assert draft_key("a1", "") == ""


async def test_given_settings_of_the_house_then_the_session_has_them() -> None:
    async with api_server(panel=PanelConfig(language="ko", ticket_url="https://crm.example/{ticket_id}")) as api:
        token, _ = await api.log_in()
        settings = (await api.call("GET", "/session", token)).json["settings"]
    assert (settings["language"], settings["ticket_url"]) == ("ko", "https://crm.example/{ticket_id}")
    assert (settings["after_call"], settings["open_ticket"], settings["hold_reminder_s"]) == ("ticket", "connect", 120)
    assert settings["rights"] == []


async def test_given_an_agent_with_rights_then_the_session_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AGENTS, "a1", replace(AGENTS["a1"], rights=frozenset({Right.RECORDINGS, Right.DOWNLOAD})))
    async with api_server() as api:
        token, _ = await api.log_in()
        answer = (await api.call("GET", "/session", token)).json
    assert answer["settings"]["rights"] == ["download", "recordings"]
    SessionAnswer.model_validate(answer)


async def test_given_no_session_or_a_page_of_another_origin_then_neither_session_nor_phone(api: Api) -> None:
    token, _ = await api.log_in()
    for path in ("/session", "/me/phone"):
        assert (await api.call("GET", path)).code == "unauthenticated"
        assert (await api.call("GET", path, token, headers={"Origin": "https://evil.example"})).code == "bad_origin"


# ---------------------------------------------------------------------------------------------------------- phone


async def test_given_answer_browser_then_the_agents_own_account_uncached_and_in_no_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setitem(AGENTS, "a1", replace(AGENTS["a1"], answer=AnswerMode.BROWSER))
    async with api_server(panel=PanelConfig(phone=PHONE)) as api:
        token, _ = await api.log_in()
        reply = await api.call("GET", "/me/phone", token)
        PhoneAnswer.model_validate_json(reply.text, strict=True)
        assert reply.json == {
            "url": "wss://pbx.example.com:8089/ws",
            "uri": "sip:1001@pbx.example.com",
            "username": "1001",
            "password": SECRET,
            "ice_servers": [{"urls": ["stun:stun.example.com"]}],
        }
        assert reply.headers["Cache-Control"] == "no-store"
        assert SECRET not in (await api.call("GET", "/session", token)).text
    out, error = capsys.readouterr()
    assert SECRET not in out + error + caplog.text + repr(PHONE)


async def test_given_another_answer_mode_or_no_password_or_no_phone_then_404(monkeypatch: pytest.MonkeyPatch) -> None:
    async with api_server(panel=PanelConfig(phone=PHONE)) as api:
        token, _ = await api.log_in("a2")
        assert (await api.call("GET", "/me/phone", token)).code == "not_found"
    monkeypatch.setitem(AGENTS, "a1", replace(AGENTS["a1"], answer=AnswerMode.BROWSER))
    for phone in (None, replace(PHONE, passwords={"a2": "other"}), replace(PHONE, passwords={"a1": ""})):
        async with api_server(panel=PanelConfig(phone=phone)) as api:
            token, _ = await api.log_in()
            assert (await api.call("GET", "/me/phone", token)).code == "not_found"
