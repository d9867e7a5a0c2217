"""A sound file that never opens, on a real Asterisk: a FIFO in its place does what a network disk does that hangs."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cti_bridge.ari import messages
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from cti_bridge.local.asterisk import AsteriskSettings, PrivateAsterisk
from tests.integration.scene import Scene
from tests.support.ari import Listener
from tests.support.sip_peer import SipPeer

SERVED_WITHIN_S = 10.0
DIALED = "+8225550000"


@dataclass
class Pbx:
    asterisk: PrivateAsterisk
    trunk: SipPeer
    sounds: Path


@pytest.fixture(scope="module")
async def pbx(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pbx]:
    sounds = tmp_path_factory.mktemp("sounds")
    async with SipPeer.open() as trunk:
        settings = AsteriskSettings(trunk_contact=f"sip:127.0.0.1:{trunk.port}", sounds={"tests": sounds})
        async with PrivateAsterisk(settings) as asterisk:
            trunk.server = (asterisk.sip_host, asterisk.sip_port)
            yield Pbx(asterisk, trunk, sounds)


@pytest.fixture
async def listener(pbx: Pbx) -> AsyncIterator[Listener]:
    listener = Listener(pbx.asterisk.ari_url, pbx.asterisk.ari_password, pbx.asterisk.ari_username)
    await listener.node.start()
    await listener.next(f.NodeSeen)
    yield listener
    await listener.node.stop()


@pytest.fixture
def hanging_file(pbx: Pbx) -> str:
    """Its name; the FIFO is in its place."""
    path = pbx.sounds / "fifo.wav"
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return "sound:tests/fifo"


def let_go(pbx: Pbx) -> None:
    """The disk is there again."""
    os.close(os.open(pbx.sounds / "fifo.wav", os.O_WRONLY | os.O_NONBLOCK))


async def caller(pbx: Pbx, listener: Listener) -> tuple[Scene, str]:
    """Somebody calls and is answered; their call and leg."""
    call = pbx.trunk.call(DIALED)
    arrived = await listener.next(f.CallArrived)
    scene = Scene(listener)
    scene.do((a.Answer, arrived.leg_id, {}))
    assert await pbx.trunk.final(call) == 200
    return scene, arrived.leg_id


async def test_when_an_order_for_the_leg_stops_the_socket_then_others_are_served_in_time_and_the_leg_is_told(
    pbx: Pbx, listener: Listener, hanging_file: str
) -> None:
    scene, leg = await caller(pbx, listener)
    place = {"bridge_id": scene.bridge}
    scene.do((a.StartPlayback, leg, {"playback_id": "p1", "media": hanging_file}))
    await listener.next(f.PlaybackStarted)
    scene.do((a.StopPlayback, leg, {"playback_id": "p1"}), (a.CreateBridge, "", place), (a.AddToBridge, leg, place))
    hung_at = time.monotonic()
    await listener.next(f.NodeLost)
    await listener.next(f.NodeSeen)
    await caller(pbx, listener)
    assert time.monotonic() - hung_at < SERVED_WITHIN_S
    await listener.until(lambda: f.LegStuck(leg) in listener.facts)
    scene.do((a.AddToBridge, leg, place), (a.HangUp, leg, {}), (a.DestroyBridge, "", place))
    _, other = await caller(pbx, listener)
    assert listener.node.counters.hung == 1, "the new socket is not asked for it once more"
    assert any("channels hang" in words for words in listener.node.warnings)
    let_go(pbx)
    await listener.until(lambda: any(isinstance(x, f.LegEnded) and x.leg_id == leg for x in listener.facts))
    assert listener.node.stuck == 0
    scene.do((a.HangUp, other, {}))


async def test_when_the_message_is_not_heard_to_go_on_then_the_leg_is_told_before_anybody_waits_for_it(
    pbx: Pbx, listener: Listener, hanging_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LISTEN_AFTER_S", 0.5)
    monkeypatch.setattr(messages, "LISTEN_S", 0.2)
    scene, leg = await caller(pbx, listener)
    scene.do((a.StartPlayback, leg, {"playback_id": "p2", "media": hanging_file}))
    await listener.until(lambda: f.LegStuck(leg) in listener.facts)
    assert listener.node.counters.hung == 0
    scene.do((a.HangUp, leg, {}))
    await caller(pbx, listener)
    let_go(pbx)
    await listener.until(lambda: any(isinstance(x, f.LegEnded) and x.leg_id == leg for x in listener.facts))


async def test_a_message_that_plays_on_is_never_stopped(
    pbx: Pbx, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LISTEN_AFTER_S", 0.1)
    monkeypatch.setattr(messages, "LISTEN_S", 0.3)
    scene, leg = await caller(pbx, listener)
    scene.do((a.StartPlayback, leg, {"playback_id": "p3", "media": "sound:demo-congrats"}))
    await listener.next(f.PlaybackStarted)
    await asyncio.sleep(2)
    assert not [fact for fact in listener.facts if isinstance(fact, f.PlaybackEnded | f.LegStuck)]
    scene.do((a.HangUp, leg, {}))
