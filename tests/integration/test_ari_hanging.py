"""An order hangs in Asterisk, or an object cannot be shown: what the node does, against an Asterisk on command."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from cti_bridge.ari import event_proof, messages, socket, stuck
from cti_bridge.ari.node import State
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from tests.support.ari import BRIDGE, CALL, CHANNEL, INBOUND, LEG, Listener
from tests.support.fake_ari import Answer, FakeAri, Sent

WHO: dict[str, Any] = {"executor": "main", "call_id": CALL}
OTHER: dict[str, Any] = {"executor": "main", "call_id": "02a1fc83-f663-7689-93d1-164bd7ce684b"}
OTHER_LEG = f"cti-{OTHER['call_id']}-agent-95f0f6e9cfc7"
ADD = a.AddToBridge(**WHO, leg_id=INBOUND, also=(LEG,), bridge_id=BRIDGE)


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    ari = FakeAri()
    await ari.start()
    yield ari
    await ari.stop()


@pytest.fixture
async def listener(fake: FakeAri, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listener]:
    """A node that is up, and does not wait for long."""
    monkeypatch.setattr(socket, "HANGS_AFTER_S", 1.0)
    monkeypatch.setattr(stuck, "ANSWERS_WITHIN_S", 1.0)
    monkeypatch.setattr(event_proof, "EVERY_S", 0.1)
    node = Listener(fake.url)
    await node.node.start()
    await node.next(f.NodeSeen)
    yield node
    await node.node.stop()


def channel(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": "PJSIP/trunk-00000003", "state": "Up"} | more


def hanging(*legs: str) -> Any:
    """Over HTTP, what Asterisk answers when these legs' threads hang: nothing to what they would have to carry out."""

    def answers(sent: Sent) -> Answer | None:
        about = any(leg in sent.uri for leg in legs)
        waits = sent.uri.endswith("/answer") or "/addChannel" in sent.uri or "/variable" in sent.uri
        return None if about and waits and sent.method == "POST" else (204, None)

    return answers


def by_http(fake: FakeAri, text: str) -> list[str]:
    return [f"{sent.method} {sent.uri}" for sent in fake.sent if sent.way == "http" and text in sent.uri]


def proofs(fake: FakeAri) -> int:
    """How often an event was ordered."""
    return len([sent for sent in fake.sent if "/events/user/" in sent.uri])


async def test_an_order_that_hangs_ends_the_connection_and_the_next_one_is_never_asked_to_do_it(
    fake: FakeAri, listener: Listener
) -> None:
    fake.hangs_at, fake.answers = "/addChannel", hanging(CHANNEL)
    listener.node.submit([ADD])
    await listener.next(f.NodeLost, within_s=3)
    await listener.next(f.NodeSeen)
    assert await listener.next(f.LegStuck) == f.LegStuck(INBOUND)
    listener.node.submit([ADD, a.HangUp(**WHO, leg_id=INBOUND), a.StartMusic(**OTHER, leg_id=OTHER_LEG)])
    await fake.until(lambda: bool(by_http(fake, f"{OTHER_LEG}/moh")) and bool(by_http(fake, "reason_code")))
    assert [sent.uri for sent in fake.sent if "addChannel" in sent.uri and sent.way == "socket"] == [
        f"/bridges/{BRIDGE}/addChannel?channel={CHANNEL},{LEG}&inhibitConnectedLineUpdates=true"
    ]
    assert by_http(fake, "addChannel") == [], "it is known that it would hang"
    assert (listener.node.state, listener.node.counters.hung, listener.node.stuck) == (State.UP, 1, 1)
    assert any("channels hang" in words for words in listener.node.warnings)
    assert [fact for fact in listener.facts if isinstance(fact, f.LegStuck)] == [f.LegStuck(INBOUND)]


async def test_a_leg_that_gives_a_sign_of_life_is_not_stuck_and_is_served_over_http(
    fake: FakeAri, listener: Listener
) -> None:
    fake.hangs_at, fake.answers = "/addChannel", hanging()
    listener.node.submit([ADD])
    await listener.next(f.NodeLost, within_s=3)
    await listener.next(f.NodeSeen)
    listener.node.submit([ADD])
    await fake.until(lambda: bool(by_http(fake, "addChannel")))
    assert (listener.node.stuck, listener.node.counters.stuck) == (0, 0)


async def test_a_leg_that_sends_audio_is_not_stuck_though_it_carries_out_nothing_before_its_message_is_over(
    fake: FakeAri, listener: Listener
) -> None:
    packets = iter(range(100))

    def answers(sent: Sent) -> Answer | None:
        return (200, {"txcount": next(packets)}) if "rtp_statistics" in sent.uri else hanging(CHANNEL)(sent)

    fake.hangs_at, fake.answers = "/addChannel", answers
    listener.node.submit([ADD])
    await listener.next(f.NodeLost, within_s=3)
    await listener.next(f.NodeSeen)
    await fake.until(lambda: len(by_http(fake, "rtp_statistics")) >= 3)
    listener.node.submit([a.StartMusic(**WHO, leg_id=INBOUND)])
    await fake.until(lambda: bool(by_http(fake, f"{CHANNEL}/moh")))
    assert not [fact for fact in listener.facts if isinstance(fact, f.LegStuck)]


@pytest.mark.parametrize(
    "stop",
    [
        a.StopPlayback(**WHO, leg_id=INBOUND, playback_id="p1"),
        a.StopRecording(**WHO, leg_id=INBOUND, recording="r1"),
    ],
    ids=["message", "recording"],
)
async def test_a_second_order_to_stop_overtakes_what_waits_on_the_socket_for_that_end(
    fake: FakeAri, listener: Listener, stop: a.Action
) -> None:
    path = "/playbacks/p1" if isinstance(stop, a.StopPlayback) else "/recordings/live/r1"
    fake.hangs_at = "/addChannel"
    fake.answers = lambda sent: (500 if sent.way == "socket" and path in sent.uri else 204, None)
    listener.node.submit([stop, ADD])
    await listener.next(f.ActionFailed)
    assert by_http(fake, path) == []
    listener.node.submit([stop])
    await fake.until(lambda: bool(by_http(fake, path)))


async def test_one_that_hangs_over_http_holds_up_its_own_call_alone(fake: FakeAri, listener: Listener) -> None:
    fake.hangs_at, fake.answers = "/answer", hanging()
    listener.node.submit([a.Answer(**OTHER, leg_id=OTHER_LEG)])
    await listener.next(f.NodeLost, within_s=3)
    await listener.next(f.NodeSeen)
    fake.answers = hanging(LEG)
    begun = time.monotonic()
    listener.node.submit([ADD, a.StartMusic(**OTHER, leg_id=OTHER_LEG)])
    await fake.until(lambda: bool(by_http(fake, f"{OTHER_LEG}/moh")))
    assert time.monotonic() - begun < 1
    assert await listener.next(f.LegStuck) == f.LegStuck(LEG), "and of the two in the order only that one"


async def test_a_pbx_that_answers_nothing_over_http_has_no_stuck_legs(fake: FakeAri, listener: Listener) -> None:
    fake.hangs_at, fake.answers = "/addChannel", lambda _: None
    fake.unanswered = {"/asterisk/ping"}
    listener.node.submit([ADD])
    await listener.next(f.NodeLost, within_s=3)
    await listener.next(f.NodeSeen)
    await fake.until(lambda: bool(by_http(fake, "/variable")))
    await asyncio.sleep(2 * stuck.ANSWERS_WITHIN_S)
    assert not [fact for fact in listener.facts if isinstance(fact, f.LegStuck)]


async def test_a_locked_leg_is_not_hung_up_for_that_would_stop_the_whole_pbx(fake: FakeAri, listener: Listener) -> None:
    fake.hangs_at = "/addChannel"
    fake.answers = lambda sent: None if CHANNEL in sent.uri else (204, None)
    listener.node.submit([ADD])
    await listener.next(f.LegStuck)
    listener.node.submit([a.HangUp(**WHO, leg_id=INBOUND)])
    await fake.until(lambda: bool(by_http(fake, f"{CHANNEL}/moh")))
    fake.answers = hanging(CHANNEL)
    await asyncio.sleep(2 * stuck.ANSWERS_WITHIN_S)
    assert by_http(fake, "reason_code") == []
    listener.node.submit([a.HangUp(**WHO, leg_id=INBOUND)])
    await fake.until(lambda: bool(by_http(fake, "reason_code")))


async def test_a_stuck_leg_that_ends_after_all_is_forgotten(fake: FakeAri, listener: Listener) -> None:
    fake.hangs_at, fake.answers = "/addChannel", hanging(CHANNEL)
    fake.channels = [channel(CHANNEL)]
    listener.node.submit([ADD])
    await listener.next(f.LegStuck)
    assert listener.node.stuck == 1
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    await listener.next(f.LegEnded)
    assert listener.node.stuck == 0


@pytest.mark.parametrize("sends", [False, True], ids=["nothing is sent", "it is sent on"])
async def test_a_message_that_plays_for_long_is_listened_to(
    fake: FakeAri, listener: Listener, monkeypatch: pytest.MonkeyPatch, sends: bool
) -> None:
    monkeypatch.setattr(messages, "LISTEN_AFTER_S", 0.1)
    monkeypatch.setattr(messages, "LISTEN_S", 0.05)
    sent_packets = iter(range(1000))

    def answers(sent: Sent) -> Answer | None:
        if "rtp_statistics" in sent.uri:
            return (200, {"txcount": next(sent_packets) if sends else 7})
        return hanging(CHANNEL)(sent)  # type: ignore[no-any-return]

    fake.answers = answers
    listener.node.submit([a.StartPlayback(**WHO, leg_id=INBOUND, playback_id="p1", media="sound:x")])
    if sends:
        await fake.until(lambda: len(by_http(fake, "rtp_statistics")) > 3)
        assert by_http(fake, "/playbacks/") == []
        return
    assert await listener.next(f.LegStuck) == f.LegStuck(INBOUND)
    assert by_http(fake, "/playbacks/") == ["DELETE /playbacks/p1"]
    assert listener.node.counters.hung == 0, "nobody else has noticed anything"


async def test_a_reply_that_never_comes_while_later_ones_do_is_no_order_that_hangs(
    fake: FakeAri, listener: Listener
) -> None:
    fake.answers = lambda sent: None if "/moh" in sent.uri else (204, None)
    listener.node.submit([a.StartMusic(**WHO, leg_id=LEG)])
    before = proofs(fake)
    await fake.until(lambda: proofs(fake) > before + 15)
    assert not [fact for fact in listener.facts if isinstance(fact, f.NodeLost)]


# --- a PBX that lags


async def test_orders_that_wait_for_their_turn_do_not_hang(fake: FakeAri, listener: Listener) -> None:
    """Twelve orders of a quarter of a second each: the last one, and the proof behind it, wait for longer than any may
    hang."""
    fake.takes_s = lambda sent: 0.25 if "/moh" in sent.uri else 0.0
    before = proofs(fake)
    listener.node.submit([a.StartMusic(**WHO, leg_id=LEG)] * 12)
    await fake.until(lambda: proofs(fake) > before + 3)
    assert len([sent for sent in fake.sent if "/moh" in sent.uri]) == 12
    assert (listener.node.state, listener.node.counters.hung) == (State.UP, 0)
    assert not [fact for fact in listener.facts if isinstance(fact, f.NodeLost)]


@pytest.mark.parametrize(("ping_s", "stuck_legs"), [(0.3, 0), (0.0, 2)])
async def test_a_leg_that_answers_late_is_stuck_only_on_a_pbx_that_keeps_up(
    fake: FakeAri, listener: Listener, ping_s: float, stuck_legs: int
) -> None:
    fake.hangs_at, fake.answers = "/addChannel", hanging()
    late = {"/variable": 2.5, "/ping": ping_s}
    fake.takes_s = lambda sent: next((seconds for part, seconds in late.items() if part in sent.uri), 0.0)
    listener.node.submit([a.Answer(**OTHER, leg_id=OTHER_LEG), ADD])
    await listener.next(f.NodeLost, within_s=3)
    await listener.next(f.NodeSeen)
    await fake.until(lambda: len(by_http(fake, "/ping")) >= (6 if ping_s else 2))
    await listener.until(lambda: listener.node.stuck == stuck_legs)


async def test_a_leg_that_never_answers_is_stuck_also_on_a_pbx_that_lags(
    fake: FakeAri, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stuck, "ANSWERS_WITHIN_S", 0.3)
    fake.hangs_at, fake.answers = "/addChannel", hanging(CHANNEL)
    fake.takes_s = lambda sent: 0.15 if "/ping" in sent.uri else 0.0
    listener.node.submit([ADD])
    await listener.next(f.NodeLost, within_s=3)
    assert await listener.next(f.LegStuck) == f.LegStuck(INBOUND)
    assert len(by_http(fake, "/ping")) == stuck.PATIENCE + 1, "one of them for the other leg, which answered"


# --- lists that fail


async def test_a_list_of_channels_that_fails_is_read_one_by_one_and_what_cannot_be_shown_is_ended(
    fake: FakeAri, listener: Listener
) -> None:
    fake.unreadable = {"/channels", "/channels/bad.1"}
    fake.application = {"channel_ids": ["bad.1", LEG, "gone.1"], "bridge_ids": []}
    fake.bridges = [{"id": BRIDGE, "channels": [LEG]}]
    fake.answers = lambda sent: (
        (200, channel(LEG)) if sent.uri == f"/channels/{LEG}" else (204 if sent.method == "DELETE" else 404, None)
    )
    listener.node.surprise()
    seen = await listener.next(f.NodeSeen)
    assert [(leg.leg_id, leg.bridge_id) for leg in seen.legs] == [(LEG, BRIDGE)]
    assert by_http(fake, "reason_code") == ["DELETE /channels/bad.1?reason_code=21"]
    assert listener.node.counters.unreadable == 1
    assert any("list of channels fails" in words for words in listener.node.warnings)
    fake.unreadable = set()
    listener.node.surprise()
    await listener.next(f.NodeSeen)
    assert not any("list of channels fails" in words for words in listener.node.warnings)


async def test_whatever_is_in_a_channels_id_the_pbx_is_asked_for_that_very_id(
    fake: FakeAri, listener: Listener
) -> None:
    odd = "other/1795237869.0?x=%2f"
    fake.unreadable = {"/channels"}
    fake.application = {"channel_ids": [odd], "bridge_ids": []}
    fake.bridges = [{"id": BRIDGE, "channels": [odd]}]
    fake.answers = lambda sent: (200, channel(odd)) if sent.uri == f"/channels/{quote(odd, safe='')}" else (404, None)
    listener.node.surprise()
    seen = await listener.next(f.NodeSeen)
    assert [(leg.leg_id, leg.bridge_id) for leg in seen.legs] == [(f"main/{odd}", BRIDGE)]


async def test_lists_of_bridges_and_endpoints_that_fail_are_read_one_by_one(fake: FakeAri) -> None:
    fake.unreadable = {"/bridges", "/endpoints", "/bridges/theirs"}
    fake.channels = [channel(LEG)]
    fake.application = {"channel_ids": [LEG], "bridge_ids": [BRIDGE, "theirs"]}
    there = {
        f"/bridges/{BRIDGE}": {"id": BRIDGE, "channels": [LEG]},
        "/endpoints/PJSIP/1001": {"technology": "PJSIP", "resource": "1001", "state": "online"},
    }
    fake.answers = lambda sent: (200, there[sent.uri]) if sent.uri in there else (404, None)
    listener = Listener(fake.url, phones=("1001", "1002"))
    await listener.node.start()
    seen = await listener.next(f.NodeSeen)
    assert (seen.bridges, seen.legs[0].bridge_id, seen.phones) == ((BRIDGE,), BRIDGE, (("1001", True),))
    assert by_http(fake, "reason_code") == [], "a bridge of somebody else's is left alone"
    await listener.node.stop()


async def test_a_leg_that_cannot_be_shown_is_ended_when_it_is_looked_at(fake: FakeAri, listener: Listener) -> None:
    fake.unreadable = {f"/channels/{LEG}"}
    listener.node.submit([a.InspectLeg(**WHO, leg_id=LEG)])
    assert await listener.next(f.LegEnded) == f.LegEnded(LEG)
    assert by_http(fake, "reason_code") == [f"DELETE /channels/{LEG}?reason_code=21"]


async def test_lists_that_do_not_come_over_http_while_events_do_are_told(fake: FakeAri, listener: Listener) -> None:
    fake.channels = [{}]
    listener.node.surprise()
    await fake.until(lambda: len(by_http(fake, "/channels")) > 1)
    async with asyncio.timeout(3):
        while not listener.node.warnings:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert listener.node.warnings == ("it does not give its lists over HTTP",)
