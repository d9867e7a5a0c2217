"""Two real Asterisks that give the same id to a caller's channel each, and one core with a node at each."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.node import Node
from cti_bridge.domain.border import facts as f
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.ids import Ids
from cti_bridge.local.asterisk import AsteriskSettings, PrivateAsterisk
from tests.unit.floor import NUMBER, directory

NAMES = ("main", "second")
CHANNEL = "1732863805.4"
DIALPLAN = f"""
[tests-caller]
exten => inbound,1,Stasis(cti_bridge,inbound,{NUMBER})
exten => wait,1,Wait(60)
"""


class House:
    """The core and its two nodes, with the engine left out."""

    def __init__(self, pbxs: dict[str, PrivateAsterisk]) -> None:
        self.pbxs = pbxs
        self.center = CallCenter(directory(), Ids(os.urandom))
        self.nodes = {name: self._node(name, pbx) for name, pbx in pbxs.items()}
        self._came = asyncio.Condition()
        self._told: set[asyncio.Task[None]] = set()

    def _node(self, name: str, pbx: PrivateAsterisk) -> Node:
        access = PbxAccess(name, pbx.ari_url, pbx.ari_password, pbx.ari_username)
        return Node(access, self._tell, time.time)

    def _tell(self, fact: f.PbxFact) -> None:
        self._take(self.center.handle(fact, time.time()))

    def _take(self, output: Output) -> None:
        for action in output.actions:
            self.nodes[action.executor].submit([action])
        task = asyncio.create_task(self._notify())
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def _notify(self) -> None:
        async with self._came:
            self._came.notify_all()

    def waiting(self) -> set[str]:
        """The PBXs on which a caller waits."""
        return {call.node for call in self.center.floor.calls.values() if call.state is CallState.WAITING}

    async def until_waiting(self, *names: str) -> None:
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: self.waiting() == set(names))

    async def ask(self, name: str, method: str, path: str, **query: str) -> dict[str, str]:
        """Past the bridge."""
        pbx = self.pbxs[name]
        login = {"Authorization": aiohttp.encode_basic_auth(pbx.ari_username, pbx.ari_password)}
        async with (
            aiohttp.ClientSession(headers=login) as session,
            session.request(method, f"{pbx.ari_url}/channels{path}", params=query) as response,
        ):
            assert response.status in (200, 204), await response.text()
            found: dict[str, str] = await response.json() if response.status == 200 else {}
            return found

    async def until_up(self, name: str) -> None:
        """The PBX has answered: the call waits as soon as that is ordered."""
        async with asyncio.timeout(10):
            while (await self.ask(name, "GET", f"/{CHANNEL}"))["state"] != "Up":
                pass

    async def call_in(self, name: str) -> None:
        """A caller whose channel has this very id."""
        caller = {"endpoint": "Local/inbound@tests-caller", "context": "tests-caller", "extension": "wait"}
        await self.ask(name, "POST", "", channelId="far-end", otherChannelId=CHANNEL, **caller)

    async def seen_anew(self, name: str) -> None:
        """The PBX's lists are read, and taken."""
        reconciles = self.nodes[name].counters.reconciles
        self.nodes[name].surprise()
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: self.nodes[name].counters.reconciles > reconciles)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        settings = AsteriskSettings(extra_config={"extensions.conf": DIALPLAN})
        started = [stack.enter_async_context(PrivateAsterisk(settings)) for _ in NAMES]
        house = House(dict(zip(NAMES, await asyncio.gather(*started), strict=True)))
        for node in house.nodes.values():
            await node.start()
            stack.push_async_callback(node.stop)
        async with asyncio.timeout(20), house._came:
            await house._came.wait_for(lambda: all(house.center.floor.node_up(name) for name in NAMES))
        yield house


@pytest.mark.parametrize("leaves", NAMES)
async def test_both_callers_are_answered_and_the_end_of_one_is_not_that_of_the_other(house: House, leaves: str) -> None:
    (stays,) = set(NAMES) - {leaves}
    for name in NAMES:
        await house.call_in(name)
    await house.until_waiting(*NAMES)
    for name in NAMES:
        await house.until_up(name)
        await house.seen_anew(name)
    assert house.waiting() == set(NAMES)
    await house.ask(leaves, "DELETE", f"/{CHANNEL}")
    await house.until_waiting(stays)
    await house.seen_anew(stays)
    assert house.waiting() == {stays}
    await house.until_up(stays)
