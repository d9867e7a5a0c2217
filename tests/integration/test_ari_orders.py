"""Orders that fail on a real Asterisk: the core looks, and what was ordered comes about without a list of the PBX."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import msgspec
import pytest
from yarl import URL

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.node import Node
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import commands
from cti_bridge.domain.border import facts as f
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.announcement import Announcement
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Directory, Queue
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.local.asterisk import AsteriskSettings, PrivateAsterisk
from tests.chaos.frames import FrameProxy, Refused
from tests.support.sip_peer import SipPeer
from tests.unit.floor import NUMBER, agent_entry, directory

DIALPLAN = f"""
[tests-caller]
exten => inbound,1,Stasis(cti_bridge,inbound,{NUMBER})
exten => wait,1,Wait(60)
"""


LONG = "sound:demo-congrats"
"""Half a minute."""


class RefusedOnce(Refused):
    """The first order whose address ends like this is not carried out, and answered with 500."""

    def __init__(self, method: str, end: str) -> None:
        super().__init__(500, each=1)
        self._order = method, end
        self.came = False

    def to_pbx(self, text: bytes) -> bytes:
        order = msgspec.json.decode(text)
        method, end = self._order
        if self.came or order["method"] != method or end not in order["uri"]:
            return text
        self.came = True
        return super().to_pbx(text)


class House:
    """The core, its node and its deadlines. ``lost`` says of an action that it never gets to the PBX, and the trick of
    ``proxy`` may refuse orders on the event socket."""

    def __init__(self, pbx: PrivateAsterisk, proxy: FrameProxy, config: Directory) -> None:
        self.pbx = pbx
        self.proxy = proxy
        self.center = CallCenter(config, Ids(os.urandom))
        self.told: list[f.Fact] = []
        phones = "PJSIP/{cti_number}@trunk"  # Whoever is called there answers at once.
        url = str(URL(pbx.ari_url).with_port(proxy.port))
        self.node = Node(
            PbxAccess("main", url, pbx.ari_password, pbx.ari_username, agent_endpoint=phones),
            self.tell,
            time.time,
        )
        self.ordered: list[a.Action] = []
        self._came = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self.lost: Callable[[a.Action], bool] = lambda action: False

    def tell(self, fact: f.Fact) -> None:
        self.told.append(fact)
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

    async def caller(self) -> Call:
        """Somebody calls."""
        caller = {"endpoint": "Local/inbound@tests-caller/n", "context": "tests-caller", "extension": "wait"}
        assert await self.ask("POST", "/channels", **caller) == 200
        await self.until(lambda: bool(self.center.floor.calls))
        (call,) = self.center.floor.calls.values()
        return call

    async def in_talk(self) -> Call:
        """A caller whom the agent's phone answers at once."""
        call = await self.caller()
        await self.until(lambda: call.state is CallState.TALKING)
        return call

    def told_of(self, leg_id: str | None) -> set[type]:
        """What the PBX has told of the leg."""
        return {type(fact) for fact in self.told if getattr(fact, "leg_id", None) == leg_id}

    def orders(self, kind: type[a.Action]) -> int:
        return sum(isinstance(action, kind) for action in self.ordered)


@asynccontextmanager
async def opened(config: Directory) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        trunk = await stack.enter_async_context(SipPeer.open())
        trunk.answers = (180, 200)
        settings = AsteriskSettings(
            trunk_contact=f"sip:127.0.0.1:{trunk.port}", extra_config={"extensions.conf": DIALPLAN}
        )
        asterisk = await stack.enter_async_context(PrivateAsterisk(settings))
        trunk.server = (asterisk.sip_host, asterisk.sip_port)
        proxy = await stack.enter_async_context(FrameProxy("127.0.0.1", URL(asterisk.ari_url).port or 0))
        house = House(asterisk, proxy, config)
        await house.node.start()
        stack.push_async_callback(house.node.stop)
        stack.callback(house.stop)
        await house.until(lambda: house.center.floor.node_up("main"))
        house.tell(f.PhoneChanged("main", "1001", reachable=True))
        house.tell(commands.LogIn("a1", "session", "csrf"))
        yield house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened(directory(agent_entry(1))) as house:
        house.tell(commands.SetStatus("a1", "ready", None))
        yield house


async def test_given_an_answer_that_is_refused_while_a_message_plays_then_the_next_one_does_not_wait_for_its_end() -> (
    None
):
    """Asterisk carries it out behind the message, and all other orders behind that: after three seconds the connection
    counted as dead, and then the caller as stuck."""
    greeted = short_form(NUMBER, "acme", "support", greeting=LONG)
    async with opened(directory(agent_entry(1), scenarios=(greeted,))) as house:
        house.proxy.trick = refused = RefusedOnce("POST", "/answer")
        call = await house.caller()
        await house.until(lambda: f.LegAnswered in house.told_of(call.customer_leg))
        assert refused.came and house.orders(a.StartPlayback) == 2
        assert house.node.counters.hung == 0


async def test_given_a_message_that_is_not_stopped_when_the_agent_answers_then_both_talk_before_its_end() -> None:
    """The customer comes into the bridge behind the message, and all other orders wait for that, also the next one to
    stop it."""
    queue = Queue("support", "acme", announce=(Announcement(at_s=0.2, every_s=0, sounds=(LONG,)),))
    async with opened(directory(agent_entry(1), queues=(queue,))) as house:
        call = await house.caller()
        await house.until(lambda: any(isinstance(fact, f.PlaybackStarted) for fact in house.told))
        house.proxy.trick = refused = RefusedOnce("DELETE", "playbacks/")
        began = time.monotonic()
        house.tell(commands.SetStatus("a1", "ready", None))
        await house.until(lambda: call.state is CallState.TALKING)
        assert refused.came and time.monotonic() - began < 2
        assert house.node.counters.hung == 0


SOON_S = 2.5
"""An order that hangs costs more than three seconds."""
REFUSED = (
    ("POST", "/answer"),
    ("POST", "/moh"),
    ("DELETE", "/moh"),
    ("POST", "/play/"),
    ("DELETE", "playbacks/"),
    ("POST", "?type=mixing"),
    ("POST", "/addChannel"),
    ("POST", "/removeChannel"),
    ("DELETE", "channels/cti-"),
    ("DELETE", "bridges/"),
)
"""All orders of a call but those that ring a phone: an agent whose phone cannot be rung is unreachable for a while."""


async def whole_call(house: House) -> float:
    """A caller waits, hears something, talks, is held and talks again; and the agent hangs up. Return how many seconds
    that took."""
    house.tell(commands.SetStatus("a1", "rest", None))
    before, began = house.orders(a.StartPlayback), time.monotonic()
    call = await house.caller()
    leg_id = call.customer_leg or ""
    await house.until(lambda: house.orders(a.StartPlayback) > before)
    house.tell(commands.SetStatus("a1", "ready", None))
    await house.until(lambda: call.state is CallState.TALKING)
    house.tell(commands.HoldCall("a1", call.id))
    await house.until(lambda: f.LegLeft in house.told_of(leg_id))
    house.tell(commands.ResumeCall("a1", call.id))
    await house.until(lambda: call.legs[leg_id].in_bridge)
    house.tell(commands.HangUpCall("a1", call.id))
    await house.until(lambda: not house.center.floor.calls)
    return time.monotonic() - began


async def test_given_any_order_of_a_call_that_is_refused_once_then_nobody_waits_for_long() -> None:
    queue = Queue("support", "acme", announce=(Announcement(at_s=0.2, every_s=0, sounds=(LONG,)),))
    slow = {}
    async with opened(directory(agent_entry(1), queues=(queue,))) as house:
        for order in REFUSED:
            house.proxy.trick = refused = RefusedOnce(*order)
            took_s = await whole_call(house)
            await house.until(lambda: not house.center.floor.orders)
            if took_s > SOON_S or not refused.came:
                slow[order] = refused.came, took_s
        assert not slow and house.node.counters.hung == 0


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
