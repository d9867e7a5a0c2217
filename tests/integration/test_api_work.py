"""The topic of the work that waits for an agent: who may listen, what is told, and how often."""

from collections.abc import AsyncIterator

import pytest

from cti_bridge.api import feed
from cti_bridge.domain.model.callbacks import Callback, CallbackKind
from tests.support.api import AGENTS, Api, api_server, close_code, frame
from tests.unit.floor import Driver, agent_entry, directory


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr(feed, "GATHERED_S", {"work": 0.01})
    async with api_server(AGENTS) as running:
        yield running


@pytest.fixture
def house(api: Api) -> Driver:
    driver = Driver(directory(agent_entry(1)))
    api.engine.floor = driver.center.floor
    driver.connect()
    return driver


def told(api: Api, house: Driver) -> None:
    """The engine tells its watchers what the last fact has changed."""
    for watcher in api.engine.watchers:
        watcher(house.now, dict.fromkeys(house.saved))


async def test_callers_in_the_own_queues_are_told_as_they_come_and_go(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("a1")
    async with await api.listen(token, "?topics=agent,work:a1") as socket:
        frames = [await frame(socket), await frame(socket)]
        begun = next(one for one in frames if one.get("topic"))
        assert (begun["type"], begun["topic"], begun["work"]) == ("snapshot", "work:a1", {"waiting": 0, "messages": 0})
        assert "topic" not in next(one for one in frames if one is not begun)
        call = house.arrive()
        house.arrive()
        told(api, house)
        assert (await frame(socket))["work"] == {"waiting": 2, "messages": 0}
        house.log_in("a1")
        house.answer(call)
        told(api, house)
        found = await frame(socket)
        assert (found["type"], found["work"]) == ("work.changed", {"waiting": 1, "messages": 0})
        assert house.center.floor.agents["a1"].call_id == call.id


async def test_messages_of_the_own_queues_are_told(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("a1")
    floor = house.center.floor
    async with await api.listen(token, "?topics=work:a1") as socket:
        assert (await frame(socket))["work"]["messages"] == 0
        for number, queue in enumerate(("support", "support", "sales")):
            one = Callback(f"c{number}", CallbackKind.VOICEMAIL, "acme", queue, "+82", "", house.now)
            floor.callbacks[one.id] = one
            floor.touch("callback", one.id, one)
        for watcher in api.engine.watchers:
            watcher(house.now, {("callback", "c0"): None})
        assert (await frame(socket))["work"] == {"waiting": 0, "messages": 2}


async def test_nobody_listens_to_the_work_of_another_one(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("a2")
    for topics in ("agent,work:a1", "work", "work:nobody"):
        async with await api.listen(token, f"?topics={topics}") as socket:
            assert await close_code(socket) == 4403
