"""Numbers that an agent dials on the phone itself: how they may be written, and what an emergency service is shown of
the phone."""

import asyncio

import pytest

from cti_bridge.local.asterisk import AgentPhone, PrivateAsterisk
from tests.integration.test_private_asterisk import application, ari, event, pbx_with
from tests.support.phones import Registrar
from tests.support.raw_sip import RawDialer
from tests.support.sip_peer import SipPeer, header

AGENT = AgentPhone("1210", "secret")
EMERGENCY = ["112", "1-1-2", "112%23", "(112)", "1%201%202", "112.", "1/1/2", "112;phone-context=+82"]
NO_NUMBER = ["11a2", "1office12", "112%40x", "112p", "112w34", "112,5", "112%26x", "112%F0%9F%98%80", "112%22", "("]
NO_NUMBER += ["02-555-0000%20ext%2012", "02-555-0000x12", "02%C2%A0555%C2%A00000"]
FORBIDDEN = 403
BUSY = 486


def phone(pbx: PrivateAsterisk) -> RawDialer:
    return RawDialer(Registrar(pbx.sip_host, pbx.sip_port), AGENT.cti_number, AGENT.password)


async def test_given_no_bridge_then_an_emergency_number_goes_out_however_it_is_written_and_nothing_else_does() -> None:
    async with SipPeer.open() as trunk, pbx_with(trunk, agents=[AGENT]) as pbx:
        trunk.answers = (BUSY,)
        codes, called = {}, {}
        for written in EMERGENCY + NO_NUMBER:
            async with phone(pbx) as agent:
                codes[written] = await agent.dial(written)
            called[written] = "" if trunk.invites.empty() else trunk.invites.get_nowait().split("@")[0]
        assert codes == dict.fromkeys(EMERGENCY, BUSY) | dict.fromkeys(NO_NUMBER, FORBIDDEN)
        assert called == dict.fromkeys(EMERGENCY, "INVITE sip:112") | dict.fromkeys(NO_NUMBER, "")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+82%20(2)%20555-12.34", "+8225551234"),
        ("100%23", "100"),
        ("100%23%23", "100##"),
        ("*8%23", "*8#"),
        ("%2331%23100", "#31#100"),
        ("*21*100%23", "*21*100#"),
    ],
)
async def test_given_a_bridge_then_it_is_asked_for_the_number_without_separators(written: str, number: str) -> None:
    async with SipPeer.open() as trunk, pbx_with(trunk, agents=[AGENT]) as pbx, application(pbx) as events:
        async with phone(pbx) as agent:
            dialled = asyncio.create_task(agent.dial(written))
            started = await event(events, "StasisStart")
            await ari(pbx, "DELETE", f"channels/{started['channel']['id']}")
            await dialled
        assert started["args"] == ["keypad", number]


@pytest.mark.parametrize(("caller", "shown"), [("+8225550000", {"+8225550000"}), ("", {AGENT.cti_number})])
async def test_given_no_bridge_then_the_emergency_service_is_shown_one_number_and_no_other(
    caller: str, shown: set[str]
) -> None:
    async with SipPeer.open() as trunk, pbx_with(trunk, agents=[AGENT], emergency_caller=caller) as pbx:
        trunk.answers = (BUSY,)
        async with phone(pbx) as agent:
            await agent.dial("112")
        invite = trunk.invites.get_nowait()
        from_, asserted = (header(invite, name) for name in ("From", "P-Asserted-Identity"))
        for identity in (from_, asserted):
            name, _, rest = identity.partition(" <sip:")
            assert {name.strip('"'), rest.partition("@")[0]} == shown
        assert caller == "" or AGENT.cti_number not in invite
