"""A PBX that lets another line take a caller's place (``pjsip.conf`` of before): the lists are read at once."""

import asyncio
import re

from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from cti_bridge.local.asterisk import AsteriskSettings, PrivateAsterisk
from tests.integration.scene import Scene
from tests.support.ari import Listener
from tests.support.phones import Registrar
from tests.support.raw_sip import RawCaller, header

BEFORE = {"pjsip.conf": "[global](+)\nendpoint_identifier_order = username,ip"}
DIALED = "+8225550000"
CALLER = b"<sip:+821012345678@network>"
AT_ONCE_S = 5.0
"""Far below the 30 s after which the lists are read in any case."""


def tag(value: bytes) -> bytes:
    found = re.search(rb"tag=([^;>]+)", value)
    assert found is not None
    return found[1]


async def place_of(caller: RawCaller) -> bytes:
    """The header that asks for it (RFC 3891)."""
    _, answer = await caller.response("INVITE")
    tags = (tag(header(answer, name)) for name in ("To", "From"))
    return b"Replaces: " + header(answer, "Call-ID") + b";to-tag=%s;from-tag=%s" % tuple(tags)


async def test_given_a_line_that_takes_a_callers_place_then_it_is_found_at_once_and_can_be_served() -> None:
    async with PrivateAsterisk(AsteriskSettings(extra_config=BEFORE)) as pbx:
        registrar = Registrar(pbx.sip_host, pbx.sip_port)
        listener = Listener(pbx.ari_url, pbx.ari_password, pbx.ari_username)
        await listener.node.start()
        await listener.next(f.NodeSeen)
        async with RawCaller(registrar) as caller, RawCaller(registrar) as other:
            call = asyncio.create_task(caller.call(DIALED, CALLER))
            arrived = await listener.next(f.CallArrived)
            Scene(listener).do((a.Answer, arrived.leg_id, {}))
            assert await call == 200
            other.more = [await place_of(caller)]
            assert await other.call(DIALED, CALLER) == 200
            await listener.next(f.LegEnded, lambda fact: fact.leg_id == arrived.leg_id)
            seen = await listener.next(f.NodeSeen, within_s=AT_ONCE_S)
        (leg,) = seen.legs
        assert leg.leg_id != arrived.leg_id
        assert isinstance(leg.arrived, f.CallArrived) and leg.arrived.dialed_number == DIALED
        await listener.node.stop()
        await pbx.kill()
