"""Whether a caller withholds the number: what the dialplan tells the bridge, and what it shows without one."""

import asyncio
import re
from typing import Any

import pytest

from cti_bridge.local.asterisk import PrivateAsterisk
from cti_bridge.local.asterisk_config import SOURCE
from cti_bridge.numbers import e164
from tests.integration.test_private_asterisk import SHOWN, application, ari, event, pbx_with
from tests.support.phones import Registrar
from tests.support.raw_sip import RawCaller
from tests.support.sip_peer import SipPeer

NUMBER = "+8225550000"
DIGITS = b"821099887766"
ITSELF = b"<sip:+" + DIGITS + b"@network>"
PARTY = b'Remote-Party-ID: "Kim" ' + ITSELF + b";party=calling;privacy="
ASSERTED = b'P-Asserted-Identity: "Kim" ' + ITSELF
KIM = b'"Kim" ' + ITSELF

WITHHELD: dict[str, tuple[bytes, list[bytes]]] = {
    "the number's address": (KIM, [PARTY + b"uri"]),
    "all of it, with quotes": (KIM, [PARTY + b'"full"']),
    "name and address": (KIM, [PARTY + b'"name,uri"']),
    "by the network": (KIM, [PARTY + b"uri-network"]),
    "in a second party": (KIM, [PARTY + b"off", PARTY + b"full"]),
    "a second line": (KIM, [b"Privacy: session", b"Privacy: id"]),
    "a third line, asserted": (KIM, [ASSERTED, b"Privacy: none", b"Privacy: session", b"Privacy: user;ID"]),
    "sips": (b"<sips:anonymous@anonymous.example>", [ASSERTED]),
    "with a parameter": (b"<sip:anonymous;phone-context=+82@network>", [ASSERTED]),
    "with a password": (b"<sip:anonymous:x@network>", [ASSERTED]),
    "with an escape": (b"<sip:%61nonymous@network>", [ASSERTED]),
    "without brackets": (b"sip:anonymous@network", [ASSERTED]),
    "no user": (b"<sip:anonymous.invalid>", [ASSERTED]),
    "another word": (b"<sip:withheld@network>", [ASSERTED]),
    "words": (b"<sip:Out%20of-area@network>", [ASSERTED]),
    "zeros": (b"<sip:0000@network>", [ASSERTED]),
    "the keypad's": (b"<sip:+266696687@network>", [ASSERTED]),
    "many zeros": (b"<sip:0000000000@network>", [ASSERTED]),
    "a number of nobody": (b"<sip:+" + DIGITS + b"@anonymous.invalid>", [ASSERTED]),
    "a number of NOBODY": (b"<sip:+" + DIGITS + b"@ANONYMOUS.INVALID:5060>", [ASSERTED]),
    "a number in the name": (b'"' + ITSELF + b'" <sip:anonymous@network>', [ASSERTED]),
    "too long to be read": (b'"' + b"x" * 4500 + b'" <sip:anonymous@network>', [ASSERTED]),
}
SHOWS = {
    "nothing said": (KIM, []),
    "asserted": (KIM, [ASSERTED]),
    "off": (KIM, [PARTY + b"off"]),
    "something else": (KIM, [b"Privacy: session"]),
    "on purpose": (b"<sip:anonymous@anonymous.invalid>", [ASSERTED, b"Privacy: none"]),
    "a longer number": (b"<sip:+82000@network>", [ASSERTED]),
    "a longer word": (b"<sip:nonesuch@network>", [ASSERTED]),
    "without a user": (b"<sip:network>", [ASSERTED]),
    "a telephone's address": (b"<tel:+" + DIGITS + b">", []),
    "in quotes": (b'"sip:anonymous@, (" ' + ITSELF, [ASSERTED]),
}


def caller(pbx: PrivateAsterisk, more: list[bytes]) -> RawCaller:
    return RawCaller(Registrar(pbx.sip_host, pbx.sip_port), more=more)


async def told(pbx: PrivateAsterisk, events: Any, from_: bytes, more: list[bytes]) -> tuple[str, str]:
    """The presentation that the bridge is told of such a call, and the caller's name."""
    async with caller(pbx, more) as someone:
        call = asyncio.create_task(someone.call(NUMBER, from_))
        start = await event(events, "StasisStart")
        await ari(pbx, "DELETE", f"channels/{start['channel']['id']}")
        await call
    return start["args"][2], start["channel"]["caller"]["name"]


async def test_given_a_bridge_then_it_is_told_of_each_way_of_withholding_and_of_nobody_else() -> None:
    async with SipPeer.open() as trunk, pbx_with(trunk) as pbx, application(pbx) as events:
        presented = {way: (await told(pbx, events, *call))[0] for way, call in (WITHHELD | SHOWS).items()}
        assert {way for way in WITHHELD if not presented[way].startswith("prohib")} == set()
        assert {way for way in SHOWS if presented[way] != SHOWN} == set()


@pytest.mark.parametrize(("privacy", "shown"), [(b"off", "Kim"), (b"name", ""), (b'"off, name-network"', "")])
async def test_given_a_name_that_is_withheld_then_the_number_alone_is_told(privacy: bytes, shown: str) -> None:
    async with SipPeer.open() as trunk, pbx_with(trunk) as pbx, application(pbx) as events:
        assert await told(pbx, events, ITSELF, [PARTY + privacy]) == (SHOWN, shown)


async def test_given_no_bridge_when_a_caller_who_withholds_goes_to_the_fallback_then_it_shows_nothing() -> None:
    async with SipPeer.open() as trunk, pbx_with(trunk, retries=0, fallback="PJSIP/+8225559999@trunk") as pbx:
        trunk.answers = (486,)
        invites = {}
        for way, (from_, more) in (WITHHELD | {"nothing said": SHOWS["nothing said"]}).items():
            async with caller(pbx, more) as someone:
                assert await someone.call(NUMBER, from_) >= 400
            invites[way] = await asyncio.wait_for(trunk.invites.get(), 10)
        tell = {way for way, invite in invites.items() if DIGITS.decode() in invite or "Kim" in invite}
        assert tell == {"nothing said"}


def test_the_dialplan_and_the_bridge_know_the_same_words_for_nobody() -> None:
    dialplan = (SOURCE / "etc" / "extensions.conf").read_text()
    lists = re.findall(r"Set\(CTI_NOBODY=(?:\$\{CTI_NOBODY\}\|)?(.*)\)$", dialplan, re.MULTILINE)
    # Asterisk's own settings may leave From without any user, so "" alone is no word there.
    assert "|" + "|".join(lists) == e164._NOBODY.pattern
