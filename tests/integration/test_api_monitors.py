"""Monitoring over the API (requirement L2): the answers, and what the topic of supervisors tells of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from cti_bridge.api.auth import digest
from cti_bridge.api.server import ApiConfig, ApiServer
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.words import Right
from tests.support.api import frame
from tests.support.core_engine import CoreEngine
from tests.support.fake_desk import FakeDesk
from tests.support.fake_frequent_numbers import FakeFrequentNumbers
from tests.unit.floor import Driver, agent_entry, outbound_directory

HEAD = replace(agent_entry(9, queues=()), cti_id="head", role="supervisor", rights=frozenset({Right.MONITOR}))
OTHER = replace(agent_entry(8, queues=()), cti_id="other", role="supervisor")
HOUSE = outbound_directory(agent_entry(1), HEAD, OTHER)


class House:
    """a1 talks to a customer; head may monitor that, other may not."""

    def __init__(self, driver: Driver, engine: CoreEngine, http: aiohttp.ClientSession, url: str) -> None:
        self.driver, self.engine, self.http, self.url = driver, engine, http, url
        self.call: Call = driver.arrive()
        driver.answer(self.call)

    async def ask(self, method: str, body: Any = None, who: str = "head") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer token of {who}"}
        url = f"{self.url}/calls/{self.call.id}/monitor"
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    def changed(self) -> None:
        """The watchers hear of it, as behind each fact."""
        floor = self.driver.center.floor
        for watcher in self.engine.watchers:
            watcher(
                self.driver.now,
                {("monitor", one.id): one for one in floor.monitors.values()} or {("monitor", "m"): None},
            )


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr("cti_bridge.api.feed.GATHER_S", 0.01)
    async with _served() as found:
        yield found


@asynccontextmanager
async def _served() -> AsyncIterator[House]:
    driver = Driver(HOUSE)
    driver.connect()
    for cti_id in HOUSE.agents:
        driver.tell(commands.LogIn(cti_id, digest(f"token of {cti_id}"), "csrf"))
    driver.tell(commands.SetStatus("a1", "ready", None))
    engine = CoreEngine(driver)
    server = ApiServer(
        ApiConfig(port=0, password_hashes={}),
        engine,
        FakeDesk(),
        lambda: HOUSE,
        clock=lambda: driver.now,
        frequent_numbers=FakeFrequentNumbers(),
    )
    host, port = await server.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            yield House(driver, engine, http, f"http://{host}:{port}/api/v1")
    finally:
        await server.stop()


async def test_an_answer_says_what_was_ordered_and_what_is_in_force(house: House) -> None:
    status, answer = await house.ask("POST", {"mode": "whisper"})
    agent = answer["agent"]
    assert (status, agent["state"], agent["label"]) == (200, "monitoring", "Business (Monitoring)")
    shown = agent["monitor"]
    assert shown.pop("since").endswith("Z")
    assert shown == {
        "monitor_id": shown["monitor_id"],
        "call_id": house.call.id,
        "state": "ringing",
        "mode": "whisper",
        "confirmed": None,
        "heard_by": [],
        "cti_id": "a1",
        "name": "Agent 1",
        "service": "acme",
        "call_state": "talking",
        "confirmed_since": None,
        "by": "head",
        "by_name": "Agent 9",
    }
    status, answer = await house.ask("PATCH", {"mode": "barge"})
    assert (status, answer["agent"]["monitor"]["mode"]) == (200, "barge")
    status, answer = await house.ask("DELETE")
    assert (status, answer["agent"]["monitor"], answer["agent"]["state"]) == (200, None, "idle")


@pytest.mark.parametrize(
    ("who", "method", "body", "status", "code"),
    [
        ("head", "POST", {"mode": "shout"}, 422, "invalid_body"),
        ("head", "POST", {}, 422, "invalid_body"),
        ("head", "PATCH", {"mode": "barge"}, 409, "call_changed"),
        ("head", "DELETE", None, 409, "call_changed"),
        ("other", "POST", {"mode": "listen"}, 403, "missing_right"),
        ("a1", "POST", {"mode": "listen"}, 403, "wrong_role"),
        ("a1", "DELETE", None, 403, "wrong_role"),
    ],
)
async def test_it_is_refused_with_the_reason(
    house: House, who: str, method: str, body: Any, status: int, code: str
) -> None:
    found, answer = await house.ask(method, body, who)
    assert (found, answer["code"]) == (status, code)


async def test_a_call_without_a_talk_is_refused_in_words(house: House) -> None:
    house.driver.tell(facts.LegEnded(house.call.customer_leg or "", 16))
    house.call = house.driver.arrive(leg_id="waits")
    status, answer = await house.ask("POST", {"mode": "listen"})
    assert (status, answer["code"], answer["detail"]) == (409, "not_allowed_now", "Nobody talks in this call.")


async def test_supervisors_of_the_service_are_told_of_all_monitors_and_agents_are_not(house: House) -> None:
    headers = {"Authorization": "Bearer token of other"}
    async with house.http.ws_connect(f"{house.url}/events?topics=monitors:other", headers=headers) as socket:
        assert (await frame(socket))["monitors"] == []
        await house.ask("POST", {"mode": "listen"})
        house.changed()
        told = await frame(socket)
        assert told["type"] == "monitors.changed"
        assert [(one["by"], one["mode"], one["state"]) for one in told["monitors"]] == [("head", "listen", "ringing")]
        await house.ask("DELETE")
        house.changed()
        assert (await frame(socket))["monitors"] == []
    for who, topic in (("a1", "monitors:a1"), ("other", "monitors:head")):
        headers = {"Authorization": f"Bearer token of {who}"}
        async with house.http.ws_connect(f"{house.url}/events?topics={topic}", headers=headers) as socket:
            await socket.receive()
            assert socket.close_code == 4403
