"""The test phones against a real Asterisk: what they say is measured, so the other tests may believe them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from cti_bridge.local.asterisk import AgentPhone, AsteriskSettings, PrivateAsterisk
from tests.support.phones import Phones, Registrar
from tests.support.priority import carries_audio, process_first
from tests.support.raw_sip import RawCaller, RawPhone

DIALPLAN = """
[from-trunk]
exten => +4900,1,Answer()
 same => n,Echo()
exten => +4901,1,Dial(PJSIP/1001)
 same => n,Hangup()
exten => +4902,1,Dial(PJSIP/1002)
 same => n,Hangup()
exten => +4903,1,Hangup(21)
"""
"""Every one ends: where a number has no next priority, Asterisk goes on at that of a pattern that fits it too."""


@dataclass
class Exchange:
    pbx: PrivateAsterisk
    phones: Phones

    @property
    def registrar(self) -> Registrar:
        return self.phones.registrar


@pytest.fixture(scope="module")
async def exchange() -> AsyncIterator[Exchange]:
    agents = [AgentPhone("1001"), AgentPhone("1002")]
    settings = AsteriskSettings(agents=agents, extra_config={"extensions.conf": DIALPLAN})
    with process_first():
        async with PrivateAsterisk(settings) as pbx, Phones(Registrar(pbx.sip_host, pbx.sip_port)) as phones:
            carries_audio(pbx.pid)
            yield Exchange(pbx, phones)


GAP_S = 0.05
"""What a busy machine may lose."""


async def test_given_an_echo_then_a_caller_hears_its_own_tone_without_a_gap(exchange: Exchange) -> None:
    call = await exchange.phones.call("+4900", "+821012345678")
    await call.established()
    await call.hears(call.tone_hz)
    since, until = await call.listen(1)
    assert call.heard.hears(call.tone_hz, since, until)
    assert call.heard.longest_gap(call.tone_hz, since, until) <= GAP_S
    await call.hang_up()
    await call.ended()


async def test_given_two_phones_then_each_hears_the_other_and_the_callers_name_is_seen(exchange: Exchange) -> None:
    phone = await exchange.phones.phone("1001", exchange.pbx.password("1001"))
    caller = await exchange.phones.call("+4901", "+821012345678", "Kim Minji")
    ringing = await phone.incoming()
    assert '"Kim Minji" <sip:+821012345678@' in ringing.caller
    await ringing.answer()
    await caller.established()
    await caller.hears(phone.tone_hz)
    await ringing.hears(caller.tone_hz)
    assert caller.heard.hears_nothing_of(caller.tone_hz)
    await ringing.hold()
    since, until = await caller.listen(0.6)
    assert not caller.heard.hears(phone.tone_hz, since, until)
    await ringing.resume()
    await caller.hears(phone.tone_hz, since=until)
    await caller.hang_up()
    await ringing.ended()


async def test_given_refusals_then_the_caller_sees_their_codes(exchange: Exchange) -> None:
    refused = await exchange.phones.call("+4903", "+821012345678")
    await refused.ended()
    assert refused.final_code == 403
    async with RawPhone(exchange.registrar, "1002", exchange.pbx.password("1002"), 603) as phone:
        await phone.register()
        declined = await exchange.phones.call("+4902", "+821012345678")
        await declined.ended()
        assert phone.rang == 1
        assert declined.final_code >= 400


async def test_given_a_caller_by_hand_then_any_bytes_reach_the_phone_or_are_refused(exchange: Exchange) -> None:
    async with RawCaller(exchange.registrar) as caller:
        assert await caller.call("+4900", b'"a\\"b" <sip:+821012345678@127.0.0.1>') == 200
        await caller.hang_up()
    async with RawCaller(exchange.registrar) as caller:
        assert await caller.call("+4903", b"<sip:x@127.0.0.1>") == 403
