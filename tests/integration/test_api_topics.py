"""Topics beside the agent's own, over real sockets: what a new kind takes, tried with one of queues."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from cti_bridge.api import feed
from cti_bridge.api.ports import Changes, Engine
from cti_bridge.domain.border.commands import PanelChanged
from cti_bridge.domain.border.notices import ConfigurationTaken
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.differences import differences
from tests.support.api import AGENTS, Api, api_server, close_code, frame
from tests.unit.floor import Driver, agent_entry, directory

# ------------------------------------------------------------------- what a kind of topic is: a view, a class, a line


def queue_view(floor: Floor, name: str) -> dict[str, int]:
    calls = [call for call in floor.calls.values() if call.queue == name]
    return {"waiting": sum(call.state is CallState.WAITING for call in calls)}


class Queues:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def permits(self, cti_id: str, name: str) -> bool:
        return cti_id == "a1" and self._engine.read(lambda floor: name in floor.directory.queues)

    def view(self, name: str) -> dict[str, int]:
        return self._engine.read(lambda floor: queue_view(floor, name))

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]:
        return names if any(kind == "call" for kind, _ in changes) else ()


# --------------------------------------------------------------------------------------------------------------- tests


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr("cti_bridge.api.server.TOPICS", {"queue": lambda engine, *_: Queues(engine)})
    monkeypatch.setattr(feed, "GATHER_S", 0.01)
    async with api_server(AGENTS) as running:
        yield running


@pytest.fixture
def house(api: Api) -> Driver:
    driver = Driver(directory(agent_entry(1001)))
    api.engine.floor = driver.center.floor
    driver.connect()
    return driver


def watched(api: Api, house: Driver, changes: Changes) -> None:
    for watcher in api.engine.watchers:
        watcher(house.now, changes)


def wait_in_queue(api: Api, house: Driver) -> None:
    """A caller comes, is greeted and waits."""
    call = house.arrive()
    house.pass_time(30)
    assert call.state is CallState.WAITING
    watched(api, house, {("call", call.id): call})


async def test_given_a_topic_then_a_snapshot_and_a_frame_whenever_its_view_is_another_one(
    api: Api, house: Driver
) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token, "?topics=queue:support") as socket:
        first = await frame(socket)
        wait_in_queue(api, house)
        changed = await frame(socket)
        watched(api, house, {("call", "nothing new"): None})
        watched(api, house, {("agent", "a1"): None})
        wait_in_queue(api, house)
        again = await frame(socket)
    assert (first["type"], first["topic"], first["queue"], first["seq"]) == (
        "snapshot",
        "queue:support",
        {"waiting": 0},
        0,
    )
    assert [(one["type"], one["topic"], one["queue"]["waiting"], one["seq"]) for one in (changed, again)] == [
        ("queue.changed", "queue:support", 1, 1),
        ("queue.changed", "queue:support", 2, 2),
    ]
    assert api.engine.told.empty(), "who listens to a queue alone is no panel that can take calls"


async def test_given_the_agents_own_topic_beside_another_then_its_frames_are_what_they_are_without(
    api: Api, house: Driver
) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as alone, await api.listen(token, "?topics=queue:support,agent") as both:
        begun = [await frame(alone), await frame(both)]
        assert (await frame(both))["topic"] == "queue:support"
        api.engine.change("a1")
        changed = [await frame(alone), await frame(both)]
    for one in begun:
        del one["at"]
    assert begun[0] == begun[1]
    assert changed[0] == changed[1]


async def test_given_a_right_that_a_reload_takes_away_then_who_listens_to_it_is_closed_and_nobody_else(
    api: Api, house: Driver
) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as own, await api.listen(token, "?topics=queue:support") as queue:
        await frame(own)
        await frame(queue)
        floor = house.center.floor
        taken = ConfigurationTaken(differences(floor.directory, floor.directory), 0, 0, (), ())
        api.engine.happen(taken)
        wait_in_queue(api, house)
        assert (await frame(queue))["queue"] == {"waiting": 1}, "it is permitted as before"
        floor.directory = replace(floor.directory, queues={})
        api.engine.happen(taken)
        assert await close_code(queue) == 4403
        api.engine.change("a1")
        assert (await frame(own))["type"] == "agent.changed"


async def test_given_many_changes_then_they_are_gathered_into_one_view(
    api: Api, house: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def view(_: Queues, name: str) -> dict[str, int]:
        made.append(name)
        return {"n": len(made)}

    monkeypatch.setattr(Queues, "view", view)
    token, _ = await api.log_in()
    async with await api.listen(token, "?topics=queue:support") as socket:
        await frame(socket)
        for number in range(100):
            watched(api, house, {("call", str(number)): None})
        assert (await frame(socket))["queue"] == {"n": 2}
    assert made == ["support", "support"]


async def test_given_nobody_who_listens_then_nothing_is_done(
    api: Api, house: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token, "?topics=queue:support") as socket:
        await frame(socket)
    async with await api.listen(token) as socket:
        await frame(socket)
        assert await told(api) == PanelChanged("a1", True)
    assert await told(api) == PanelChanged("a1", False), "both sockets are over"
    asked: list[object] = []

    def touched(*of: object) -> Iterable[str]:
        asked.append(of)
        return ()

    monkeypatch.setattr(Queues, "touched", touched)
    watched(api, house, {("call", "x"): None})
    assert asked == []


async def test_given_no_kinds_of_topics_then_nobody_watches_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti_bridge.api.server.TOPICS", {})
    async with api_server() as api:
        assert api.engine.watchers == []


@pytest.mark.parametrize(
    ("query", "code"),
    [("?topics=wallboard", 422), ("?topics=", 422), ("?topics=agent:a2", 422), ("?topics=queue:a%20b", 422)],
)
async def test_given_a_topic_that_there_is_not_then_it_is_refused_before_the_socket(
    api: Api, house: Driver, query: str, code: int
) -> None:
    token, _ = await api.log_in()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await api.listen(token, query)
    assert refused.value.status == code


@pytest.mark.parametrize(("cti_id", "name"), [("a2", "support"), ("a1", "nothing"), ("a1", "")])
async def test_given_an_agent_who_may_not_listen_then_4403(api: Api, house: Driver, cti_id: str, name: str) -> None:
    token, _ = await api.log_in(cti_id)
    async with await api.listen(token, f"?topics=agent,queue{':' * bool(name)}{name}") as socket:
        assert await close_code(socket) == 4403
    assert api.engine.told.empty()


async def test_given_the_session_ends_then_a_socket_without_the_agents_own_topic_is_closed_too(
    api: Api, house: Driver
) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token, "?topics=queue:support") as socket:
        await frame(socket)
        await api.call("POST", "/logout", token)
        assert await close_code(socket) == 4401


async def test_given_a_view_that_cannot_be_made_then_the_core_and_the_other_topics_do_not_notice(
    api: Api, house: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token, "?topics=agent,queue:support") as socket:
        for _ in range(2):
            await frame(socket)

        def broken(*_: Any) -> Any:
            raise RuntimeError

        monkeypatch.setattr(Queues, "touched", broken)
        watched(api, house, {("call", "x"): None})
        api.engine.change("a1")
        assert (await frame(socket))["type"] == "agent.changed"
    assert [(await told(api)) for _ in range(2)] == [PanelChanged("a1", True), PanelChanged("a1", False)]


async def told(api: Api) -> PanelChanged:
    return await asyncio.wait_for(api.engine.told.get(), 5)
