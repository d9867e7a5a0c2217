"""What monitors see, and TLS."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.api import PASSWORD, Api, api_server
from tests.support.certificates import make_certificate


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        yield running


async def test_given_a_running_server_then_it_is_alive(api: Api) -> None:
    assert (await api.call("GET", "/!healthz")).json == {"status": "alive"}


async def test_given_problems_then_not_ready_and_given_warnings_ready_all_the_same(api: Api) -> None:
    api.warnings.append("the database cannot be reached")
    ready = await api.call("GET", "/!readyz")
    assert (ready.status, ready.json["ready"], ready.json["warnings"]) == (200, True, api.warnings)
    api.problems.append("asterisk main: not connected")
    unready = await api.call("GET", "/!readyz")
    assert (unready.status, unready.json["ready"], unready.json["problems"]) == (503, False, api.problems)


async def test_given_a_scrape_then_the_numbers_as_they_are_now(api: Api) -> None:
    token, _ = await api.log_in()
    await api.call("POST", "/login", json={"cti_id": "a1", "password": "wrong"})
    async with await api.listen(token) as socket:
        await socket.receive(timeout=5)
        text = (await api.call("GET", "/!metrics")).text
    assert "\ncti_panels 1.0\n" in text
    assert "\ncti_refused_logins_total 1.0\n" in text


async def test_given_the_description_then_it_is_served(api: Api) -> None:
    reply = await api.call("GET", "/openapi.json")
    assert reply.json["openapi"] == "3.1.0"
    assert reply.headers["Content-Type"].startswith("application/json")


async def test_given_a_certificate_then_the_cookie_is_secure_and_browsers_are_told_to_stay(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    async with api_server(tls_cert=certificate.cert, tls_key=certificate.key) as api:
        root = api.root.replace("http://", "https://")
        reply = await replace(api, root=root).call(
            "POST",
            "/login",
            json={"cti_id": "a1", "password": PASSWORD},
            headers={"Origin": root},
            ssl=certificate.trusting(),
        )
    assert reply.status == 200
    assert "Secure" in reply.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in reply.headers


@pytest.mark.parametrize(
    ("monitors", "client", "may"),
    [
        (None, "192.0.2.9", True),
        ((), "192.0.2.9", False),
        (("192.0.2.0/28",), "192.0.2.9", True),
        (("192.0.2.0/28",), "192.0.2.99", False),
        (("2001:db8::/32", "::ffff:192.0.2.9"), "192.0.2.9", True),
        ((), "127.0.0.1", True),
    ],
)
async def test_given_monitors_then_only_they_and_the_machine_itself_are_told_how_the_house_is(
    monitors: tuple[str, ...] | None, client: str, may: bool
) -> None:
    async with api_server(monitors=monitors, trusted_proxies=("127.0.0.1",)) as api:
        token, _ = await api.log_in()
        through = {"X-Forwarded-For": client}
        for path in ("/!metrics", "/!readyz"):
            assert (await api.call("GET", path, headers=through)).status == (200 if may else 404)
        assert (await api.call("GET", "/!healthz", headers=through)).status == 200
        assert (await api.call("GET", "/openapi.json", headers=through)).status == (200 if may else 401)
        assert (await api.call("GET", "/openapi.json", token, headers=through)).status == 200
