"""An agent with a real phone, and a customer behind the trunk, on a real Asterisk: brought together step by step."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from cti_bridge.local.asterisk import PrivateAsterisk
from tests.integration.scene import IDS, Scene
from tests.support.ari import Listener
from tests.support.far_end import FarEnd
from tests.support.phones import Phone, PhoneCall, Phones

NUMBER = "+821099999999"


@dataclass
class Pbx:
    asterisk: PrivateAsterisk
    far: FarEnd
    phone: Phone
    phones: Phones
    listener: Listener = field(init=False)


class Talk(Scene):
    """An agent whose phone is up, and a customer behind the trunk."""

    def __init__(self, pbx: Pbx) -> None:
        super().__init__(pbx.listener)
        self.pbx, self.listener = pbx, pbx.listener
        self.customer = IDS.leg(self.call_id, "customer")
        self.place = {"bridge_id": self.bridge}
        self.playback = IDS.playback(self.call_id)

    async def agent_up(self) -> PhoneCall:
        self.do((a.CreateLeg, self.leg, {"cti_number": "1001"}))
        await self.listener.next(f.LegReady, lambda fact: fact.leg_id == self.leg)
        self.do((a.DialLeg, self.leg, {"timeout_s": 20}))
        call = await self.pbx.phone.incoming()
        await call.established()
        await self.listener.next(f.LegAnswered, lambda fact: fact.leg_id == self.leg)
        return call

    async def agent_in_bridge(self) -> PhoneCall:
        call = await self.agent_up()
        self.do((a.CreateBridge, "", self.place), (a.AddToBridge, self.leg, self.place))
        await self.listener.next(f.LegEntered, lambda fact: fact.leg_id == self.leg)
        return call

    async def customer_dialed(self) -> None:
        """Into the bridge first, then dialled, in one go: as the core orders it."""
        self.do((a.CreateLeg, self.customer, {"number": NUMBER}))
        await self.listener.next(f.LegReady, lambda fact: fact.leg_id == self.customer)
        self.do((a.AddToBridge, self.customer, self.place), (a.DialLeg, self.customer, {"timeout_s": 20}))
        await self.listener.next(f.LegEntered, lambda fact: fact.leg_id == self.customer)
        await asyncio.wait_for(self.pbx.far.invites.get(), 5)

    async def talking(self) -> PhoneCall:
        call = await self.agent_in_bridge()
        await self.customer_dialed()
        await self.listener.next(f.LegAnswered, lambda fact: fact.leg_id == self.customer)
        return call

    async def over(self, *legs: str) -> None:
        """Hang up in one go, and every leg ends."""
        for leg in legs:
            self.do((a.HangUp, leg, {}))
        self.do((a.DestroyBridge, "", self.place))
        for leg in legs:
            await self.listener.until(lambda leg=leg: any(_is_end(x, leg) for x in self.listener.facts), 5)  # type: ignore[misc]


def _is_end(fact: f.PbxFact, leg_id: str) -> bool:
    return isinstance(fact, f.LegEnded) and fact.leg_id == leg_id


async def heard(came: Callable[[], bool], what: str, within_s: float = 20) -> None:
    """Wait until ``came`` says yes. It is asked again and again: audio comes in on a thread that tells nobody."""
    end = time.monotonic() + within_s
    while not came():
        assert time.monotonic() < end, f"{what} was not heard"
        await asyncio.sleep(0.05)
