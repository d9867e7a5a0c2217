"""What outbound calls, hold and transfer rest on, proved on a real Asterisk with audio: who hears what, and that no
order of requests leaves a leg behind."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.ari import event_proof
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from cti_bridge.local.asterisk import AgentPhone, AsteriskSettings, PrivateAsterisk
from tests.integration.scene import Ordered, Scene, ends
from tests.integration.talk import Pbx, Talk, heard
from tests.support.ari import Listener
from tests.support.audio import loudness, tone, write_wav
from tests.support.far_end import FarEnd
from tests.support.phones import PhoneCall, Phones, Registrar
from tests.support.priority import carries_audio, process_first

MUSIC_HZ, MESSAGE_HZ = 500, 350
RING_HZ = 450
"""Between the two tones of the ringing tone, 440 and 480 Hz: a frame of 20 ms cannot tell them apart."""
RING_EVERY_S = 6.0
"""It rings for 2 s, and then 4 s not."""
RTP_TIMEOUT_S = 3


@pytest.fixture(scope="module")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pbx]:
    music, sounds = tmp_path_factory.mktemp("music"), tmp_path_factory.mktemp("sounds")
    write_wav(music / "tone.wav", tone(MUSIC_HZ, 2))
    write_wav(sounds / "message.wav", tone(MESSAGE_HZ, 2))
    with process_first():
        async with FarEnd.with_audio() as far, PrivateAsterisk(_settings(far, music, sounds)) as asterisk:
            carries_audio(asterisk.pid)
            far.server = (asterisk.sip_host, asterisk.sip_port)
            async with Phones(Registrar(asterisk.sip_host, asterisk.sip_port)) as phones:
                phone = await phones.phone("1001", asterisk.password("1001"))
                phone.answers_at_once = True
                yield Pbx(asterisk, far, phone, phones)


def _settings(far: FarEnd, music: Path, sounds: Path) -> AsteriskSettings:
    return AsteriskSettings(
        agents=(AgentPhone("1001"), AgentPhone("1002")),
        trunk_contact=f"sip:127.0.0.1:{far.port}",
        rtp_timeout_s=RTP_TIMEOUT_S,
        music={"tone": music},
        sounds={"tests": sounds},
    )


@pytest.fixture
async def pbx(parts: Pbx) -> AsyncIterator[Pbx]:
    """With a node that is up, and nobody on the line."""
    parts.far.answers = (200,)
    asterisk = parts.asterisk
    parts.listener = Listener(asterisk.ari_url, asterisk.ari_password, asterisk.ari_username)
    await parts.listener.node.start()
    await parts.listener.next(f.NodeSeen)
    try:
        yield parts
        assert not [fact for fact in parts.listener.facts if isinstance(fact, f.ActionFailed)]
    finally:
        await parts.listener.node.stop()
        await parts.far.fall_silent()
        # A test that failed leaves its calls behind, and the next one would see them.
        await asterisk.command("channel request hangup all")


# --- dial up


async def test_the_agent_hears_the_far_ends_early_media_and_then_the_customer(pbx: Pbx) -> None:
    talk = Talk(pbx)
    call = await talk.agent_in_bridge()
    pbx.far.answers = (183,)
    await talk.customer_dialed()
    await call.hears(pbx.far.tone_hz)
    pbx.far.answer()
    await talk.listener.next(f.LegAnswered, lambda fact: fact.leg_id == talk.customer)
    since, until = await call.listen(0.5)
    assert call.heard.hears(pbx.far.tone_hz, since, until)
    await heard(lambda: pbx.far.heard.tone_began(call.tone_hz, since) is not None, "the agent")
    await talk.over(talk.leg, talk.customer)


@pytest.mark.parametrize("answers", [(180,), (180, 183)])
async def test_on_180_without_audio_the_agent_hears_ringing_by_itself_until_there_is_audio(
    pbx: Pbx, answers: tuple[int, ...]
) -> None:
    talk = Talk(pbx)
    call = await talk.agent_in_bridge()
    since, until = await call.listen(0.3)
    assert call.heard.longest_silence(since, until) > 0.25
    pbx.far.answers = (180,)
    await talk.customer_dialed()
    await call.hears(RING_HZ)
    if 183 in answers:
        pbx.far.progress()
        await call.hears(pbx.far.tone_hz)
    pbx.far.answer()
    await talk.listener.next(f.LegAnswered, lambda fact: fact.leg_id == talk.customer)
    answered = await call.hears(pbx.far.tone_hz, since=time.monotonic())
    _, until = await call.listen(0.5)
    assert call.heard.hears_nothing_of(RING_HZ, answered, until)
    await talk.over(talk.leg, talk.customer)


# --- ringback


async def test_ringback_on_an_answered_leg_is_heard_with_its_pauses_and_ends_when_stopped(pbx: Pbx) -> None:
    talk = Talk(pbx)
    call = await talk.agent_up()
    talk.do((a.StartRingback, talk.leg, {}))
    began = await call.hears(RING_HZ)
    await heard(lambda: (call.heard.ended_at or 0) > began + RING_EVERY_S, "six seconds of it", 2 * RING_EVERY_S)
    # Not whether a ring is whole: on a busy machine audio has gaps.
    ringing = call.heard.share(RING_HZ, began, began + RING_EVERY_S)
    assert 0.2 < ringing < 0.4, f"it rings for {ringing:.0%} of the time"
    assert call.heard.longest_silence(began, began + RING_EVERY_S) > 3
    await heard(lambda: (call.heard.tone_began(RING_HZ, began + 4) or 0) > began + 4, "ringing after the pause", 9)
    talk.do((a.StopRingback, talk.leg, {}))
    await call.listen(0.3)
    since, until = await call.listen(0.5)
    assert max(loudness(call.heard.samples(since, until))) < -50
    await talk.over(talk.leg)


# --- out of the bridge and something else, in one go

STARTS: dict[str, tuple[type[a.Action], dict[str, Any], int]] = {
    "music": (a.StartMusic, {"music": "tone"}, MUSIC_HZ),
    "message": (a.StartPlayback, {"media": "sound:tests/message"}, MESSAGE_HZ),
    "ringback": (a.StartRingback, {}, RING_HZ),
}


def started(talk: Talk, what: str) -> Ordered:
    kind, more, _ = STARTS[what]
    return kind, talk.leg, {**more, **({"playback_id": talk.playback} if kind is a.StartPlayback else {})}


def stopped(talk: Talk, what: str) -> Ordered:
    orders: dict[str, Ordered] = {
        "music": (a.StopMusic, talk.leg, {}),
        "message": (a.StopPlayback, talk.leg, {"playback_id": talk.playback}),
        "ringback": (a.StopRingback, talk.leg, {}),
    }
    return orders[what]


@pytest.mark.parametrize("what", STARTS)
async def test_out_of_the_bridge_to_something_else_and_back_in_one_go_each(pbx: Pbx, what: str) -> None:
    hz = STARTS[what][2]
    for _ in range(3):
        talk = Talk(pbx)
        call = await talk.talking()
        await call.hears(pbx.far.tone_hz)
        since = time.monotonic()
        talk.do((a.RemoveFromBridge, talk.leg, talk.place), started(talk, what))
        began = await call.hears(hz, since=since)
        _, until = await call.listen(0.3)
        assert call.heard.hears_nothing_of(pbx.far.tone_hz, began, until)
        since = time.monotonic()
        talk.do(stopped(talk, what), (a.AddToBridge, talk.leg, talk.place))
        back = await call.hears(pbx.far.tone_hz, since=since)
        _, until = await call.listen(0.3)
        assert call.heard.hears_nothing_of(hz, back, until)
        await talk.over(talk.leg, talk.customer)
        await pbx.far.fall_silent()


@pytest.mark.parametrize("what", STARTS)
@pytest.mark.parametrize("times", [5, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(600)])])
async def test_a_leg_hung_up_in_the_same_moment_ends(pbx: Pbx, what: str, times: int) -> None:
    for _ in range(times):
        talk = Talk(pbx)
        await talk.talking()
        talk.do((a.RemoveFromBridge, talk.leg, talk.place), started(talk, what))
        await talk.over(talk.leg, talk.customer)
        await pbx.far.fall_silent()


# --- the phone itself


async def keypad(pbx: Pbx, number: str) -> tuple[PhoneCall, f.KeypadDialed]:
    call = await pbx.phone.dial(number)
    return call, await pbx.listener.next(f.KeypadDialed)


async def test_a_number_dialled_on_the_keypad_is_told_with_its_phone_and_seen_if_that_was_missed(pbx: Pbx) -> None:
    call, dialed = await keypad(pbx, "01012345678")
    assert (dialed.cti_number, dialed.number) == ("1001", "01012345678")
    pbx.listener.node.surprise()
    (leg,) = (await pbx.listener.next(f.NodeSeen)).legs
    assert (leg.leg_id, leg.in_app, leg.up, leg.arrived) == (dialed.leg_id, True, False, dialed)
    scene = Scene(pbx.listener)
    scene.do((a.Answer, dialed.leg_id, {}))
    await call.established()
    pbx.listener.node.surprise()
    (leg,) = (await pbx.listener.next(f.NodeSeen)).legs
    assert (leg.in_app, leg.up, leg.arrived) == (True, True, None)
    await call.hang_up()
    assert (await ends(pbx.listener, dialed.leg_id)).hangup_cause in (0, 16)


@pytest.mark.parametrize(("sip_code", "shown"), [(486, 486), (403, 403)])
async def test_a_keypad_call_that_is_refused_gets_that_sip_code(pbx: Pbx, sip_code: int, shown: int) -> None:
    call, dialed = await keypad(pbx, "01012345678")
    Scene(pbx.listener).do((a.Reject, dialed.leg_id, {"sip_code": sip_code}))
    await call.ended()
    assert call.final_code == shown
    await ends(pbx.listener, dialed.leg_id)


async def test_the_phones_hold_key_is_told_and_so_is_its_retrieve(pbx: Pbx) -> None:
    talk = Talk(pbx)
    call = await talk.talking()
    await call.hold()
    assert await pbx.listener.next(f.LegHeld) == f.LegHeld(talk.leg)
    talk.do((a.InspectHold, talk.leg, {}), (a.InspectHold, talk.customer, {}))
    found = [await pbx.listener.next(f.HoldSeen) for _ in range(2)]
    assert {seen.leg_id: seen.holds for seen in found} == {talk.leg: True, talk.customer: False}
    await call.resume()
    assert await pbx.listener.next(f.LegRetrieved) == f.LegRetrieved(talk.leg)
    talk.do((a.InspectHold, talk.leg, {}))
    assert await pbx.listener.next(f.HoldSeen) == f.HoldSeen(talk.leg, False)
    await talk.over(talk.leg, talk.customer)


async def test_digits_reach_the_other_end(pbx: Pbx) -> None:
    """The customer is one with a real phone, for digits that are heard as such."""
    customer = await pbx.phones.call("+8225550000", "+821012345678")
    arrived = await pbx.listener.next(f.CallArrived)
    talk = Talk(pbx)
    await talk.agent_in_bridge()
    talk.do((a.Answer, arrived.leg_id, {}), (a.AddToBridge, arrived.leg_id, talk.place))
    await customer.established()
    talk.do((a.SendDigits, arrived.leg_id, {"digits": "159*#D"}))
    await heard(lambda: customer.digits == "159*#D", "all digits")
    await talk.over(talk.leg, arrived.leg_id)


async def test_digits_do_not_hold_up_what_comes_behind_them(pbx: Pbx) -> None:
    talk = Talk(pbx)
    await talk.agent_in_bridge()
    talk.do((a.SendDigits, talk.leg, {"digits": "1" * 32}), (a.RemoveFromBridge, talk.leg, talk.place))
    await pbx.listener.next(f.LegLeft, within_s=1.5)
    await talk.over(talk.leg)


# --- a phone that has died


@pytest.mark.parametrize("where", ["bridge", "music"])
async def test_a_phone_that_falls_silent_ends_with_44(pbx: Pbx, where: str) -> None:
    """`rtp_timeout` of pjsip.conf. The agent's phone is the far end's kind here, for it can fall silent."""
    async with FarEnd.with_audio(1200) as phone:
        phone.server, phone.answers = pbx.far.server, (200,)
        assert await phone.register("1002", pbx.asterisk.password("1002")) == 200
        talk = Talk(pbx)
        talk.do((a.CreateLeg, talk.leg, {"cti_number": "1002"}))
        await pbx.listener.next(f.LegReady)
        talk.do((a.DialLeg, talk.leg, {"timeout_s": 20}))
        await pbx.listener.next(f.LegAnswered)
        if where == "bridge":
            talk.do((a.CreateBridge, "", talk.place), (a.AddToBridge, talk.leg, talk.place))
        else:
            talk.do((a.StartMusic, talk.leg, {"music": "tone"}))
        await asyncio.wait_for(phone.invites.get(), 5)
        await phone.fall_silent()
        assert await ends(pbx.listener, talk.leg) == f.LegEnded(talk.leg, 44, 0)
        talk.do((a.DestroyBridge, "", talk.place))
        with suppress(TimeoutError):
            await phone.register("1002", pbx.asterisk.password("1002"), 0)


# --- a connection that is deaf


async def test_a_node_hears_though_asterisk_still_clears_up_after_the_socket_before_it(
    parts: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an Asterisk of high priority about 15 of 100 connections that follow one another at once are deaf."""
    monkeypatch.setattr(event_proof, "WITHIN_S", 0.3)
    asterisk = parts.asterisk
    for _ in range(40):
        node = Listener(asterisk.ari_url, asterisk.ari_password, asterisk.ari_username)
        await node.node.start()
        await node.next(f.NodeSeen)
        scene = Scene(node)
        scene.do((a.CreateLeg, scene.leg, {"number": "+821099999999"}))
        await node.next(f.LegReady, within_s=5)
        scene.do((a.HangUp, scene.leg, {}))
        await ends(node, scene.leg)
        await node.node.stop()
