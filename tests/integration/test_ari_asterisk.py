"""The node against a real Asterisk: the protocol facts that the adapter rests on, proved again at every run."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import PbxRefusedLogin
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.mark import PbxMark
from cti_bridge.ari.node import State
from cti_bridge.ari.requests import Requests
from cti_bridge.ari.translate import REST_RESPONSE, USED_TYPES
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from cti_bridge.local.asterisk import AgentPhone, AsteriskSettings, PrivateAsterisk
from tests.integration.scene import Scene, ends
from tests.support.ari import Listener
from tests.support.changed import replace
from tests.support.sip_peer import Call, SipPeer, header
from tests.unit.test_executor_requests import PLAIN, make

DIALED = "+8225550000"


@dataclass
class Pbx:
    asterisk: PrivateAsterisk
    trunk: SipPeer

    def listener(self, password: str | None = None) -> Listener:
        return Listener(self.asterisk.ari_url, password or self.asterisk.ari_password, self.asterisk.ari_username)


@pytest.fixture(scope="module")
async def pbx() -> AsyncIterator[Pbx]:
    async with SipPeer.open() as trunk:
        contact = f"sip:127.0.0.1:{trunk.port}"
        settings = AsteriskSettings(agents=(AgentPhone("1001"), AgentPhone("1002")), trunk_contact=contact)
        async with PrivateAsterisk(settings) as asterisk:
            trunk.server = (asterisk.sip_host, asterisk.sip_port)
            yield Pbx(asterisk, trunk)


@pytest.fixture
async def listener(pbx: Pbx) -> AsyncIterator[Listener]:
    """A node that is up, on a PBX without calls."""
    pbx.trunk.answers = (180, 200)
    listener = pbx.listener()
    await listener.node.start()
    await listener.next(f.NodeSeen)
    yield listener
    await listener.node.stop()


async def arrive(pbx: Pbx, listener: Listener, **more: str) -> tuple[Call, f.CallArrived]:
    call = pbx.trunk.call(DIALED, **more)
    return call, await listener.next(f.CallArrived)


async def lift(scene: Scene, listener: Listener) -> None:
    """Create and dial a leg that is lifted at once."""
    scene.do((a.CreateLeg, scene.leg, {"number": "+821099999999"}))
    await listener.next(f.LegReady)
    scene.do((a.DialLeg, scene.leg, {"timeout_s": 20}))
    await listener.next(f.LegAnswered)


# --- inbound


@pytest.mark.parametrize("sip_code", [403, 404, 480, 486, 503])
async def test_a_rejected_caller_gets_that_sip_code_and_its_leg_ends(
    pbx: Pbx, listener: Listener, sip_code: int
) -> None:
    call, arrived = await arrive(pbx, listener)
    scene = Scene(listener)
    scene.do((a.Reject, arrived.leg_id, {"sip_code": sip_code}))
    assert await pbx.trunk.final(call) == sip_code
    await ends(listener, arrived.leg_id)


async def test_a_hostile_caller_arrives_harmless(pbx: Pbx, listener: Listener) -> None:
    call, arrived = await arrive(pbx, listener, name='"Evil\x07 <b>${SHELL(id)},x|\u202e" ')
    assert arrived.dialed_number == DIALED
    assert arrived.caller_number == "+821012345678"
    assert "\x07" not in arrived.caller_name
    assert "\u202e" not in arrived.caller_name
    assert arrived.caller_name.startswith("Evil <b>")
    assert abs(arrived.arrived_at - time.time()) < 5
    pbx.trunk.cancel(call)
    assert await pbx.trunk.final(call) == 487
    await ends(listener, arrived.leg_id)


# --- legs of ours


@pytest.mark.parametrize(("answers", "cause", "sip_code"), [((486,), 17, 486), ((180, 603), 21, 603), ((404,), 1, 404)])
async def test_a_created_leg_that_is_refused_ends_with_its_reason(
    pbx: Pbx, listener: Listener, answers: tuple[int, ...], cause: int, sip_code: int
) -> None:
    pbx.trunk.answers = answers
    scene = Scene(listener)
    scene.do((a.CreateLeg, scene.leg, {"number": "+821099999999"}))
    await listener.next(f.LegReady)
    scene.do((a.DialLeg, scene.leg, {"timeout_s": 20}))
    assert await ends(listener, scene.leg) == f.LegEnded(scene.leg, cause, sip_code)


async def test_a_dial_that_times_out_ends_the_leg_with_19_and_480(pbx: Pbx, listener: Listener) -> None:
    pbx.trunk.answers = (180,)
    scene = Scene(listener)
    scene.do((a.CreateLeg, scene.leg, {"number": "+821099999999"}))
    await listener.next(f.LegReady)
    scene.do((a.DialLeg, scene.leg, {"timeout_s": 1}))
    await listener.next(f.LegRinging)
    assert await ends(listener, scene.leg) == f.LegEnded(scene.leg, 19, 480)


async def test_a_created_leg_hung_up_at_once_ends_whatever_came_first(pbx: Pbx, listener: Listener) -> None:
    for _ in range(10):
        scene = Scene(listener)
        scene.do((a.CreateLeg, scene.leg, {"number": "+821099999999"}), (a.HangUp, scene.leg, {}))
        await ends(listener, scene.leg)


async def test_a_leg_that_is_dialled_twice_before_its_phone_says_that_it_rings_ends(
    pbx: Pbx, listener: Listener
) -> None:
    """Why the core does not dial anew on a look from before its own dialling."""
    pbx.trunk.answers = ()
    scene = Scene(listener)
    scene.do((a.CreateLeg, scene.leg, {"number": "+821099999999"}))
    await listener.next(f.LegReady)
    scene.do((a.DialLeg, scene.leg, {"timeout_s": 20}), (a.DialLeg, scene.leg, {"timeout_s": 20}))
    assert await ends(listener, scene.leg) == f.LegEnded(scene.leg, 16, 0)


async def test_an_unregistered_phone_is_unreachable_also_after_a_409(pbx: Pbx, listener: Listener) -> None:
    there, gone = Scene(listener), Scene(listener)
    create = (a.CreateLeg, there.leg, {"number": "+821099999999"})
    there.do(create)
    await listener.next(f.LegReady)
    there.do(create)
    assert (await listener.next(f.LegSeen)).leg.leg_id == there.leg
    gone.do((a.CreateLeg, gone.leg, {"cti_number": "1002"}))
    failed = await listener.next(f.ActionFailed)
    assert replace(failed, ordered=None) == f.ActionFailed(gone.leg, "CreateLeg", f.Failure.UNREACHABLE)
    there.do((a.HangUp, there.leg, {}))
    await ends(listener, there.leg)


async def test_the_called_phone_shows_who_calls_and_gets_the_auto_answer_headers(pbx: Pbx, listener: Listener) -> None:
    async with SipPeer.open() as phone:
        phone.server, phone.answers = pbx.trunk.server, (180,)
        assert await phone.register("1001", pbx.asterisk.password("1001")) == 200
        assert await listener.next(f.PhoneChanged) == f.PhoneChanged("main", "1001", True)
        scene = Scene(listener)
        shown = {
            "cti_number": "1001",
            "shown_number": "+8225551234",
            "shown_name": 'Sh"op, <sip:x>',
            "auto_answer": True,
        }
        scene.do((a.CreateLeg, scene.leg, shown))
        await listener.next(f.LegReady)
        scene.do((a.DialLeg, scene.leg, {"timeout_s": 20}))
        invite = await asyncio.wait_for(phone.invites.get(), 5)
        assert header(invite, "From").startswith('"Sh op sip:x" <sip:+8225551234@')
        assert header(invite, "Call-Info") == "<sip:cti-bridge>;answer-after=0"
        assert "alert-autoanswer" in header(invite, "Alert-Info")
        scene.do((a.HangUp, scene.leg, {}))
        await ends(listener, scene.leg)
        assert await phone.register("1001", pbx.asterisk.password("1001"), 0) == 200
        assert await listener.next(f.PhoneChanged) == f.PhoneChanged("main", "1001", False)


# --- a conversation


async def test_two_legs_enter_the_bridge_are_seen_in_it_leave_it_and_end(pbx: Pbx, listener: Listener) -> None:
    call, arrived = await arrive(pbx, listener)
    caller, scene = arrived.leg_id, Scene(listener)
    scene.do((a.Answer, caller, {}), (a.StartMusic, caller, {}), (a.CreateBridge, "", {"bridge_id": scene.bridge}))
    assert await pbx.trunk.final(call) == 200
    await lift(scene, listener)
    place = {"bridge_id": scene.bridge}
    scene.do((a.StopMusic, caller, {}), (a.AddToBridge, caller, {"also": (scene.leg,), **place}))
    entered = [await listener.next(f.LegEntered), await listener.next(f.LegEntered)]
    assert {fact.leg_id for fact in entered} == {caller, scene.leg}
    assert all((fact.bridge_id, fact.codec) == (scene.bridge, "ulaw") for fact in entered)
    scene.do((a.InspectLeg, scene.leg, {}))
    seen = await listener.next(f.LegSeen)
    assert (seen.leg.up, seen.leg.in_app, seen.leg.bridge_id) == (True, True, scene.bridge)
    listener.node.surprise()
    node = await listener.next(f.NodeSeen)
    assert {leg.leg_id: leg.bridge_id for leg in node.legs} == {caller: scene.bridge, scene.leg: scene.bridge}
    assert node.bridges == (scene.bridge,)
    scene.do((a.RemoveFromBridge, caller, place))
    assert replace(await listener.next(f.LegLeft), left_at=None) == f.LegLeft(caller, scene.bridge)
    scene.do((a.HangUp, scene.leg, {}), (a.HangUp, caller, {}), (a.DestroyBridge, "", place))
    ended = {(await listener.next(f.LegEnded)).leg_id for _ in range(2)}
    assert ended <= {caller, scene.leg}
    await listener.until(lambda: {x.leg_id for x in listener.facts if isinstance(x, f.LegEnded)} >= {caller, scene.leg})
    assert not [fact for fact in listener.facts if isinstance(fact, f.ActionFailed)]


# --- recovery


async def test_after_a_reconnect_lost_arrivals_are_seen_and_old_legs_events_come_again(pbx: Pbx) -> None:
    first = pbx.listener()
    await first.node.start()
    await first.next(f.NodeSeen)
    _, arrived = await arrive(pbx, first)
    scene = Scene(first)
    await lift(scene, first)
    await first.node.stop()

    second = pbx.listener()
    await second.node.start()
    seen = await second.next(f.NodeSeen)
    legs = {leg.leg_id: leg for leg in seen.legs}
    found = legs[arrived.leg_id].arrived
    assert isinstance(found, f.CallArrived)
    assert found.arrived_at == pytest.approx(arrived.arrived_at, abs=0.5)
    assert replace(found, arrived_at=arrived.arrived_at) == arrived
    assert (legs[scene.leg].up, legs[scene.leg].in_app, legs[scene.leg].arrived) == (True, True, None)
    again = Scene(second)
    again.do((a.HangUp, arrived.leg_id, {}), (a.HangUp, scene.leg, {}))
    await second.until(
        lambda: {x.leg_id for x in second.facts if isinstance(x, f.LegEnded)} >= {arrived.leg_id, scene.leg}
    )
    await second.node.stop()


async def test_a_second_controller_makes_the_first_step_down(pbx: Pbx, listener: Listener) -> None:
    second = pbx.listener()
    await second.node.start()
    await second.next(f.NodeSeen)
    await listener.until(lambda: listener.replaced == 1)
    assert (listener.node.state, second.node.state) == (State.REPLACED, State.UP)
    await second.node.stop()


async def test_the_probe_finds_what_is_missing_and_a_wrong_password(pbx: Pbx) -> None:
    found = await pbx.listener().node.probe(["sound:cti-no-such-sound"])
    assert (found.missing_sounds, found.music_possible) == (("cti-no-such-sound",), True)
    with pytest.raises(PbxRefusedLogin):
        await pbx.listener("wrong").node.probe()


# --- Asterisk's own description


async def description(pbx: Pbx, name: str) -> dict[str, Any]:
    login = {"Authorization": aiohttp.encode_basic_auth(pbx.asterisk.ari_username, pbx.asterisk.ari_password)}
    async with (
        aiohttp.ClientSession(headers=login) as session,
        session.get(f"{pbx.asterisk.ari_url}/api-docs/{name}.json") as response,
    ):
        found: dict[str, Any] = await response.json(content_type=None)
        return found


async def test_every_request_and_its_parameters_are_in_asterisks_description(pbx: Pbx) -> None:
    operations: dict[tuple[str, str], set[str]] = {}
    for name in ("channels", "bridges", "playbacks", "recordings"):
        for api in (await description(pbx, name))["apis"]:
            for operation in api["operations"]:
                queries = {p["name"] for p in operation.get("parameters", []) if p["paramType"] == "query"}
                operations[operation["httpMethod"], api["path"]] = queries
    requests = Requests("app", Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"))
    for action in [action for action, *_ in PLAIN] + [make(a.CreateLeg, cti_number="1")]:
        request = requests.of(action)
        assert request is not None
        parts = request.path.split("/")[1:]
        fitting = [
            queries
            for (method, path), queries in operations.items()
            if method == request.method
            and len(path.split("/")[1:]) == len(parts)
            and all(x == y or x.startswith("{") for x, y in zip(path.split("/")[1:], parts, strict=True))
        ]
        assert any(set(request.query) <= queries for queries in fitting), (request.method, request.uri)


async def test_the_mark_of_the_bridge_that_acts_stays_at_the_pbx_until_another_one_is_left(pbx: Pbx) -> None:
    login = (pbx.asterisk.ari_url, pbx.asterisk.ari_username, pbx.asterisk.ari_password)
    http = AriHttp(*login, Counters())
    try:
        mark, other = PbxMark(http, "of-tests"), PbxMark(http, "another")
        assert await mark.read() == ""
        for text in ("7:bridge-a.example", "8:b"):
            await mark.write(text)
            assert await mark.read() == text
        assert await other.read() == ""
    finally:
        await http.close()


async def test_every_event_type_used_is_in_asterisks_description(pbx: Pbx) -> None:
    models = (await description(pbx, "events"))["models"]
    # RESTResponse is not described among the events; the tests above could not pass without it.
    assert set(USED_TYPES) - {REST_RESPONSE} <= set(models["Event"]["subTypes"])


async def test_what_the_pbx_lacks_is_found_out_at_the_connect(pbx: Pbx) -> None:
    lacking = Listener(
        pbx.asterisk.ari_url, pbx.asterisk.ari_password, pbx.asterisk.ari_username, media=("sound:cti/welcme",)
    )
    await lacking.node.start()
    await lacking.next(f.NodeSeen)
    await asyncio.wait_for(lacking.node.media_checked.wait(), 5)
    assert lacking.node.lacks == ('the sound "cti/welcme"',)
    await lacking.node.stop()
