"""Orders that fail on a real Asterisk: the core looks, and what was ordered comes about without a list of the PBX."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.node import Node
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import commands
from cti_bridge.domain.border import facts as f
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.ids import Ids
from cti_bridge.local.asterisk import AsteriskSettings, PrivateAsterisk
from tests.support.sip_peer import SipPeer
from tests.unit.floor import NUMBER, agent_entry, directory

DIALPLAN = f"""
[tests-caller]
exten => inbound,1,Stasis(cti_bridge,inbound,{NUMBER})
exten => wait,1,Wait(60)
"""


class House:
    """The core, its node and its deadlines. ``lost`` says of an action that it never gets to the PBX."""

    def __init__(self, pbx: PrivateAsterisk) -> None:
        self.pbx = pbx
        self.center = CallCenter(directory(agent_entry(1)), Ids(os.urandom))
        phones = "PJSIP/{cti_number}@trunk"  # Whoever is called there answers at once.
        self.node = Node(
            PbxAccess("main", pbx.ari_url, pbx.ari_password, pbx.ari_username, agent_endpoint=phones),
            self.tell,
            time.time,
        )
        self.ordered: list[a.Action] = []
        self._came = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self.lost: Callable[[a.Action], bool] = lambda action: False

    def tell(self, fact: f.Fact) -> None:
        output = self.center.handle(fact, time.time())
        self.ordered += output.actions
        self.node.submit([action for action in output.actions if not self.lost(action)])
        self._came.set()
        self.stop()
        if (at := self.center.next_deadline()) is not None:
            wait_s = max(0.0, at - time.time())
            self._timer = asyncio.get_running_loop().call_later(wait_s, self.tell, f.TimePassed())

    def stop(self) -> None:
        """No deadline comes any more."""
        if self._timer is not None:
            self._timer.cancel()

    async def ask(self, method: str, path: str, **query: str) -> int:
        """Past the bridge; returns the status."""
        login = {"Authorization": aiohttp.encode_basic_auth(self.pbx.ari_username, self.pbx.ari_password)}
        async with (
            aiohttp.ClientSession(headers=login) as session,
            session.request(method, f"{self.pbx.ari_url}{path}", params=query) as response,
        ):
            return response.status

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not so():
                self._came.clear()
                await self._came.wait()

    async def in_talk(self) -> Call:
        """A caller whom the agent's phone answers at once."""
        caller = {"endpoint": "Local/inbound@tests-caller/n", "context": "tests-caller", "extension": "wait"}
        assert await self.ask("POST", "/channels", **caller) == 200
        await self.until(lambda: any(c.state is CallState.TALKING for c in self.center.floor.calls.values()))
        (call,) = self.center.floor.calls.values()
        return call

    def orders(self, kind: type[a.Action]) -> int:
        return sum(isinstance(action, kind) for action in self.ordered)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        trunk = await stack.enter_async_context(SipPeer.open())
        trunk.answers = (180, 200)
        settings = AsteriskSettings(
            trunk_contact=f"sip:127.0.0.1:{trunk.port}", extra_config={"extensions.conf": DIALPLAN}
        )
        asterisk = await stack.enter_async_context(PrivateAsterisk(settings))
        trunk.server = (asterisk.sip_host, asterisk.sip_port)
        house = House(asterisk)
        await house.node.start()
        stack.push_async_callback(house.node.stop)
        stack.callback(house.stop)
        await house.until(lambda: house.center.floor.node_up("main"))
        house.tell(f.PhoneChanged("main", "1001", reachable=True))
        house.tell(commands.LogIn("a1", "session", "csrf"))
        house.tell(commands.SetStatus("a1", "ready", None))
        yield house


async def test_given_a_bridge_that_was_never_made_then_it_is_looked_at_made_anew_and_they_talk(house: House) -> None:
    house.lost = lambda action: isinstance(action, a.CreateBridge) and house.orders(a.CreateBridge) == 1
    began = time.monotonic()
    call = await house.in_talk()
    assert house.orders(a.InspectBridge) == 1 and house.orders(a.CreateBridge) == 2
    assert time.monotonic() - began < 2, "at once, and not when somebody was not seen in time"
    assert await house.ask("GET", f"/bridges/{call.bridge_id}") == 200


async def test_given_a_bridge_that_somebody_destroys_then_they_talk_again(house: House) -> None:
    call = await house.in_talk()
    assert await house.ask("DELETE", f"/bridges/{call.bridge_id}") == 204
    legs = list(call.legs.values())
    await house.until(lambda: not any(leg.in_bridge for leg in legs))
    await house.until(lambda: all(leg.in_bridge for leg in legs))
    assert call.state is CallState.TALKING


async def test_given_a_bridge_whose_end_was_lost_then_it_is_destroyed_without_a_list(house: House) -> None:
    call = await house.in_talk()
    bridge = f"/bridges/{call.bridge_id}"
    house.lost = lambda action: isinstance(action, a.DestroyBridge)
    house.tell(commands.HangUpCall("a1", call.id))
    (destroy,) = [action for action in house.ordered if isinstance(action, a.DestroyBridge)]
    await house.until(lambda: not house.center.floor.calls)
    assert await house.ask("GET", bridge) == 200
    house.lost = lambda action: False
    house.tell(f.ActionFailed("", "DestroyBridge", f.Failure.TIMED_OUT, destroy))
    await house.until(lambda: not house.center.floor.orders)
    assert await house.ask("GET", bridge) == 404
