"""Clients: a screen on a wall shows the wallboard of its services without a login, and may do nothing else."""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.api import feed
from cti_bridge.api.auth import digest, new_token
from cti_bridge.api.live import MOST_PANELS
from cti_bridge.domain.border.notices import ConfigurationTaken
from cti_bridge.domain.model.differences import differences
from cti_bridge.domain.model.directory import Client, Directory
from cti_bridge.domain.model.words import Scope
from tests.integration.test_api_watching import HOUSE, by, told
from tests.support.api import Api, api_server, close_code, frame
from tests.unit.floor import Driver

TOKEN, OTHER = new_token(), new_token()
COOKIE = "cti_screen"


def client(token: str = TOKEN, *services: str, scopes: frozenset[Scope] = frozenset(Scope)) -> Client:
    return Client("wall", digest(token), scopes, services or ("acme",))


def with_clients(*clients: Client) -> Directory:
    return replace(HOUSE, clients={one.id: one for one in clients})


@pytest.fixture
def house() -> Driver:
    driver = Driver(with_clients(client(), replace(client(OTHER, "other"), id="theirs")))
    driver.now = time.time() + 3600
    driver.connect()
    driver.log_in("a1", "a2", "a3")
    return driver


@pytest.fixture
async def api(house: Driver, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr(feed, "GATHERED_S", {"live": 0.01, "wallboard": 0.01})
    monkeypatch.setattr(feed, "BEATS_S", {"live": 600.0, "wallboard": 600.0})
    directory = house.center.floor.directory
    async with api_server(HOUSE.agents, house=directory, directory=lambda: house.center.floor.directory) as running:
        running.engine.floor = house.center.floor
        yield running


async def begin(api: Api, token: str = TOKEN, **headers: str) -> tuple[int, str]:
    """Make a screen, and return the status and the cookie."""
    path = api.url + "/wallboard/screen"
    async with api.http.put(path, json={"token": token}, headers=headers) as reply:
        return reply.status, reply.headers.get("Set-Cookie", "")


def of_screen(token: str = TOKEN) -> Mapping[str, str]:
    return {"Cookie": f"{COOKIE}={token}"}


async def test_a_screen_gets_a_cookie_that_no_script_reads_and_no_other_site_sends(api: Api) -> None:
    status, cookie = await begin(api)
    assert status == 200 and cookie.startswith(f"{COOKIE}={TOKEN}; Max-Age=34560000; Path=/; HttpOnly; SameSite=Strict")
    async with api.http.delete(api.url + "/wallboard/screen") as reply:
        assert reply.headers["Set-Cookie"].startswith(f"{COOKIE}=; Max-Age=0;")


@pytest.mark.parametrize(
    "token", ["", "x" * 129, new_token(), digest(TOKEN)], ids=["none", "too long", "another", "the hash"]
)
async def test_what_is_no_token_makes_no_screen(api: Api, token: str) -> None:
    status, cookie = await begin(api, token)
    assert (status in (401, 422), cookie) == (True, "")
    assert (await api.call("GET", "/wallboard", headers=of_screen(token or "y"))).status == 401


async def test_no_page_of_another_site_makes_a_screen_or_reads_by_its_cookie(api: Api) -> None:
    assert (await begin(api, Origin="https://evil.example"))[0] == 403
    assert (await begin(api, **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
    foreign = {**of_screen(), "Sec-Fetch-Site": "cross-site"}
    assert (await api.call("GET", "/wallboard", headers=foreign)).status == 401
    async with api.http.get(api.url + "/wallboard/events", headers=of_screen()) as reply:
        assert reply.status == 426, "without an Origin its first frame would say who it is"


async def test_a_client_sees_the_figures_of_its_services_and_no_others(api: Api, house: Driver) -> None:
    house.arrive()
    for headers in (of_screen(), {"Authorization": f"Bearer {TOKEN}"}):
        seen = (await api.call("GET", "/wallboard", headers=headers)).json
        assert [one["id"] for one in seen["queues"]] == ["support"] and seen["queues"][0]["waiting"] == 1
        assert ([one["id"] for one in seen["services"]], [one["id"] for one in seen["teams"]]) == (["acme"], ["night"])
        assert "+82" not in str(seen)
    theirs = (await api.call("GET", "/wallboard", headers=of_screen(OTHER))).json
    assert [one["id"] for one in theirs["queues"]] == ["theirs"]


@pytest.mark.parametrize("path", ["/wallboard/events", "/events?topics=wallboard"])
async def test_a_screen_is_told_changes_until_its_token_is_another_one(api: Api, house: Driver, path: str) -> None:
    headers = {**of_screen(), "Origin": api.root}
    async with api.http.ws_connect(api.url + path, headers=headers) as socket:
        begun = await frame(socket)
        assert (begun["topic"], set(by(begun, "queues"))) == ("wallboard:client", {"support"})
        assert digest(TOKEN) not in str(begun)
        house.saved = {}
        house.arrive()
        told(api, house)
        assert by(await frame(socket), "queues")["support"]["waiting"] == 1
        changed = with_clients(client(new_token()))
        taken = ConfigurationTaken(differences(house.center.floor.directory, changed), 0, 0, (), ())
        house.center.floor.directory = changed
        api.server.live.on_notices(house.now, [taken])
        assert await close_code(socket) == 4403
    assert (await api.call("GET", "/wallboard", headers=headers)).status == 401


@pytest.mark.parametrize(
    "path",
    ["/events", "/events?topics=live", "/events?topics=wallboard:boss,live:boss", "/events?topics=agent,wallboard"],
)
async def test_a_client_listens_to_nothing_else(api: Api, path: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with api.http.get(api.url + path, headers=headers) as reply:
        assert reply.status == 401
    async with api.http.ws_connect(
        api.url + path, headers={**of_screen(), "Origin": api.root}
    ) as socket:  # The first frame would have to say who it is.
        await socket.send_json({"type": "auth", "token": TOKEN})
        assert await close_code(socket) == 4401


async def test_a_client_listens_to_the_wallboard_whatever_name_it_gives(api: Api) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with api.http.ws_connect(api.url + "/events?topics=wallboard:boss", headers=headers) as socket:
        begun = await frame(socket)
        assert (begun["topic"], set(by(begun, "queues"))) == ("wallboard:client", {"support"})


async def test_a_client_without_the_scope_is_refused(api: Api, house: Driver) -> None:
    house.center.floor.directory = with_clients(client(scopes=frozenset()))
    assert (await begin(api))[0] == 401
    reply = await api.call("GET", "/wallboard", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (reply.status, reply.json["code"]) == (403, "forbidden")


async def test_whoever_is_logged_in_at_a_screen_is_asked_for_and_not_the_screen(api: Api) -> None:
    token, _ = await api.log_in("others")
    headers = {"Cookie": f"{COOKIE}={TOKEN}; cti_session={token}"}
    seen = (await api.call("GET", "/wallboard", headers=headers)).json
    assert [one["id"] for one in seen["queues"]] == ["theirs"]


async def test_screens_beyond_the_most_of_a_client_are_told_to_come_again(api: Api) -> None:
    headers = {**of_screen(), "Origin": api.root}
    sockets: list[Any] = []
    for _ in range(MOST_PANELS):
        sockets.append(await api.http.ws_connect(api.url + "/wallboard/events", headers=headers))
        await frame(sockets[-1])
    async with api.http.ws_connect(api.url + "/wallboard/events", headers=headers) as one_more:
        assert await close_code(one_more) == 1013
    for socket in sockets:
        await socket.close()
