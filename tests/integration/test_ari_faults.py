"""The node against an Asterisk that does as it is told: what goes wrong on the way."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cti_bridge.ari import deferred, event_proof, node
from cti_bridge.ari.errors import PbxRefusedLogin, PbxTooOld, PbxUnreachable
from cti_bridge.ari.node import State
from cti_bridge.ari.translate import USED_TYPES
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from tests.support.ari import BRIDGE, CALL, CHANNEL, INBOUND, LEG, Listener
from tests.support.changed import replace
from tests.support.fake_ari import Answer, FakeAri, Sent

WHO: dict[str, Any] = {"executor": "main", "call_id": CALL}


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    ari = FakeAri()
    await ari.start()
    yield ari
    await ari.stop()


@pytest.fixture
async def listener(fake: FakeAri) -> AsyncIterator[Listener]:
    """A node that is up."""
    node = Listener(fake.url)
    await node.node.start()
    await node.next(f.NodeSeen)
    yield node
    await node.node.stop()


def channel(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": "PJSIP/1001-00000003", "state": "Up"} | more


def paths(fake: FakeAri, way: str) -> list[str]:
    return [f"{sent.method} {sent.uri}" for sent in fake.sent if sent.way == way]


def orders(fake: FakeAri, *, all_of_them: bool = False) -> list[str]:
    """What came by the socket; without the events that are ordered to prove it, unless all is wanted."""
    return [sent for sent in paths(fake, "socket") if all_of_them or "/events/user/" not in sent]


def reads(fake: FakeAri) -> int:
    """How often the lists were asked for."""
    return paths(fake, "http").count("GET /channels")


# --- connecting


async def test_a_connect_sets_the_filter_and_the_subscription_before_it_reads_the_lists(
    fake: FakeAri, listener: Listener
) -> None:
    sent = paths(fake, "http")
    assert sent[:3] == [
        "GET /asterisk/info",
        "PUT /applications/cti_bridge/eventFilter",
        "POST /applications/cti_bridge/subscription?eventSource=endpoint:PJSIP",
    ]
    assert set(sent[3:]) == {"GET /channels", "GET /bridges", "GET /endpoints"}
    assert orders(fake, all_of_them=True) == ["POST /events/user/cti_bridge_hears?application=cti_bridge"]
    allowed = json.loads(fake.sent[1].body)["allowed"]
    assert [kind["type"] for kind in allowed] == list(USED_TYPES)
    assert (listener.node.state, listener.node.problem) == (State.UP, None)


async def test_what_the_lists_hold_is_told_and_events_meanwhile_come_after_it(fake: FakeAri) -> None:
    caller = {"app_name": "Stasis", "app_data": "cti_bridge,inbound,+8225550000"}
    fake.channels = [
        channel(CHANNEL, dialplan=caller, creationtime=fake.stamp(ago_s=42), name="PJSIP/trunk-00000001"),
        channel(LEG, state="Ringing"),
    ]
    fake.bridges = [{"id": BRIDGE, "channels": [CHANNEL]}, {"id": "somebody-elses", "channels": []}]
    fake.endpoints = [{"technology": "PJSIP", "resource": "1001", "state": "online", "channel_ids": []}]
    fake.lists = asyncio.Event()
    listener = Listener(fake.url)
    await listener.node.start()
    await fake.until(lambda: "GET /channels" in paths(fake, "http"))
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    await fake.tell("ChannelStateChange", channel=channel(LEG))
    assert listener.facts == []
    fake.lists.set()
    await listener.next(f.LegAnswered)
    seen, ended, answered = listener.facts
    assert isinstance(seen, f.NodeSeen)
    assert (seen.boot_id, seen.bridges, seen.phones) == (fake.boot, (BRIDGE,), (("1001", True),))
    first, second = seen.legs
    assert isinstance(first.arrived, f.CallArrived)
    arrived_at = first.arrived.arrived_at
    assert first.arrived == f.CallArrived("main", INBOUND, "+8225550000", None, "", arrived_at, up=True)
    assert arrived_at == pytest.approx(time.time() - 42, abs=1)
    assert (first.bridge_id, first.endpoint, second.ringing, second.endpoint) == (BRIDGE, "trunk", True, "1001")
    assert (ended, answered) == (f.LegEnded(INBOUND), f.LegAnswered(LEG))
    await listener.node.stop()
    assert await listener.next(f.NodeLost) == f.NodeLost("main", we_stop=True), "the PBX is not away"


@pytest.mark.parametrize("ahead_s", [-3600.0, -90.0, 90.0, 3600.0])
async def test_given_a_pbx_whose_clock_is_off_then_arrivals_are_by_ours_and_it_is_said_once(
    fake: FakeAri, ahead_s: float, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.ahead_s = ahead_s
    caller = {"app_name": "Stasis", "app_data": "cti_bridge,inbound,1"}
    fake.channels = [channel(CHANNEL, dialplan=caller, creationtime=fake.stamp(ago_s=42), name="PJSIP/trunk-1")]
    listener = Listener(fake.url)
    await listener.node.start()
    (listed,) = (await listener.next(f.NodeSeen)).legs
    assert isinstance(listed.arrived, f.CallArrived)
    assert listed.arrived.arrived_at == pytest.approx(time.time() - 42, abs=1)
    created = channel("1795237870.1", creationtime=fake.stamp(ago_s=7), name="PJSIP/trunk-2")
    await fake.tell("StasisStart", args=["inbound", "1"], channel=created)
    arrived = await listener.next(f.CallArrived)
    assert arrived.arrived_at == pytest.approx(time.time() - 7, abs=1)
    assert listener.node.pbx_clock.ahead_s == pytest.approx(ahead_s, abs=1)
    fake.cut()
    await listener.next(f.NodeSeen)
    assert listener.node.pbx_clock.problem is not None
    assert capsys.readouterr().out.count("pbx_clock_differs") == 1
    await listener.node.stop()


async def test_an_old_asterisk_is_refused_in_words(fake: FakeAri) -> None:
    fake.version = "20.6.0"
    listener = Listener(fake.url)
    with pytest.raises(PbxTooOld, match=r"Asterisk 20\.6\.0; 22\.10\.1 or newer"):
        await listener.node.probe()
    await listener.node.start()
    await fake.until(lambda: len(fake.sent) >= 4)
    assert listener.node.problem is not None
    assert listener.node.problem.startswith("this is Asterisk")
    assert (listener.facts, fake.sockets) == ([f.NodeLost("main")], [])
    await listener.node.stop()


async def test_a_wrong_password_and_a_closed_door_are_told_apart(fake: FakeAri) -> None:
    wrong = Listener(fake.url, password="wrong-hunter2")
    with pytest.raises(PbxRefusedLogin) as refusal:
        await wrong.node.probe()
    assert "hunter2" not in str(refusal.value)
    url = fake.url
    await fake.stop()
    with pytest.raises(PbxUnreachable):
        await Listener(url).node.probe()


async def test_a_password_that_is_changed_meanwhile_is_a_problem_and_not_a_warning(fake: FakeAri) -> None:
    listener = Listener(fake.url)
    await listener.node.start()
    await listener.next(f.NodeSeen)
    fake.password = "another"
    listener.node.surprise()
    await listener.next(f.NodeLost)
    assert "refused the user name or the password" in (listener.node.problem or "")
    assert listener.node.state is not State.UP
    fake.password = "secret"
    await listener.next(f.NodeSeen)
    await listener.node.stop()


async def test_an_address_that_is_not_permitted_is_named_as_the_reason(fake: FakeAri) -> None:
    fake.permits = False
    with pytest.raises(PbxRefusedLogin, match=r"address.*permit"):
        await Listener(fake.url).node.probe()


async def test_the_probe_names_missing_sounds(fake: FakeAri) -> None:
    fake.answers = lambda sent: (404, {}) if "nope" in sent.uri else (200, {"status": "Running"})
    found = await Listener(fake.url).node.probe(["sound:cti/welcome", "sound:cti/nope", "number:3"])
    assert found.missing_sounds == ("cti/nope",)
    assert paths(fake, "http")[1:3] == ["GET /sounds/cti%2Fnope", "GET /sounds/cti%2Fwelcome"]


async def test_an_event_that_comes_twice_to_the_byte_is_told_once_and_a_second_one_of_its_kind_too(
    fake: FakeAri,
) -> None:
    listener = Listener(fake.url)
    await listener.node.start()
    await listener.next(f.NodeSeen)
    first, second = (
        json.dumps({"type": "ChannelStateChange", "timestamp": at, "channel": channel(LEG, state="Ringing")})
        for at in ("2026-11-29T22:27:04.057+0000", "2026-11-29T22:27:04.058+0000")
    )
    for frame in (first, first, second):
        await fake.sockets[-1].send_str(frame)
    await fake.tell("StasisStart", args=["leg"], channel=channel(LEG))
    await listener.next(f.LegReady)
    assert [fact for fact in listener.facts if isinstance(fact, f.LegRinging)] == [f.LegRinging(LEG)] * 2
    await listener.node.stop()


# --- losing the connection


async def test_a_cut_socket_is_told_once_and_a_new_one_reads_everything_again(
    fake: FakeAri, listener: Listener
) -> None:
    fake.cut()
    await listener.next(f.NodeLost)
    await listener.next(f.NodeSeen)
    assert [type(fact) for fact in listener.facts] == [f.NodeSeen, f.NodeLost, f.NodeSeen]
    assert listener.node.counters.reconnects == 1
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    await listener.next(f.LegEnded)


async def test_a_silent_socket_is_noticed_and_replaced_within_ten_seconds(fake: FakeAri, listener: Listener) -> None:
    fake.mute = True
    await listener.next(f.NodeLost, within_s=7)
    fake.mute = False
    await listener.next(f.NodeSeen, within_s=3)


async def test_a_deaf_connection_is_never_up_and_the_next_one_that_hears_is(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_proof, "WITHIN_S", 0.1)
    fake.deaf = True
    listener = Listener(fake.url)
    await listener.node.start()
    await fake.until(lambda: fake.asked_for == 3)
    assert (listener.facts, listener.node.problem) == ([f.NodeLost("main")], "it sends no events on this connection")
    fake.deaf = False
    await listener.next(f.NodeSeen)
    assert listener.node.state is State.UP
    await listener.node.stop()


async def test_a_connection_that_turns_deaf_is_replaced(fake: FakeAri, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_proof, "EVERY_S", 0.05)
    monkeypatch.setattr(event_proof, "WITHIN_S", 0.2)
    listener = Listener(fake.url)
    await listener.node.start()
    await listener.next(f.NodeSeen)
    fake.deaf = True
    await listener.next(f.NodeLost)
    fake.deaf = False
    await listener.next(f.NodeSeen)
    assert listener.node.counters.reconnects == 1
    await listener.node.stop()


async def test_on_a_pbx_that_lags_any_event_shows_that_the_connection_hears(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_proof, "EVERY_S", 0.05)
    monkeypatch.setattr(event_proof, "WITHIN_S", 0.2)
    listener = Listener(fake.url)
    await listener.node.start()
    await listener.next(f.NodeSeen)
    fake.deaf = True
    for sent in range(10):
        await fake.until(lambda sent=sent: len(orders(fake, all_of_them=True)) > sent + 1)  # type: ignore[misc]
        await fake.tell("ChannelStateChange", channel=channel(LEG))
    assert [fact for fact in listener.facts if isinstance(fact, f.NodeLost)] == []
    await listener.node.stop()


async def test_actions_while_the_node_is_away_are_thrown_away_and_never_sent(fake: FakeAri, listener: Listener) -> None:
    fake.answers = lambda _: None
    listener.node.submit([a.StartMusic(**WHO, leg_id=INBOUND)])
    await fake.until(lambda: len(orders(fake)) == 1)
    fake.lists = asyncio.Event()
    fake.cut()
    await listener.next(f.NodeLost)
    listener.node.submit([a.Answer(**WHO, leg_id=INBOUND), a.HangUp(**WHO, leg_id=LEG)])
    assert listener.node.counters.dropped == 2
    fake.lists.set()
    await listener.next(f.NodeSeen)
    fake.answers = lambda _: (204, None)
    listener.node.submit([a.StopMusic(**WHO, leg_id=INBOUND)])
    await fake.until(lambda: any("DELETE" in sent for sent in orders(fake)))
    assert orders(fake) == [
        f"POST /channels/{CHANNEL}/moh?mohClass=default",
        f"DELETE /channels/{CHANNEL}/moh",
    ]
    assert not [fact for fact in listener.facts if isinstance(fact, f.ActionFailed)]


async def test_a_replaced_node_steps_down_and_sends_nothing_more(fake: FakeAri, listener: Listener) -> None:
    await fake.tell("ApplicationReplaced")
    await listener.until(lambda: listener.replaced == 1)
    sent = len(fake.sent)
    listener.node.submit([a.HangUp(**WHO, leg_id=LEG), a.InspectLeg(**WHO, leg_id=LEG)])
    listener.node.surprise()
    with pytest.raises(PbxUnreachable):
        await listener.node.probe()
    assert listener.node.state is State.REPLACED
    assert "another bridge process" in (listener.node.problem or "")
    await listener.node.stop()
    assert (len(fake.sent), listener.replaced, len(fake.sockets)) == (sent, 1, 1)
    assert [type(fact) for fact in listener.facts] == [f.NodeSeen, f.NodeLost]


async def test_an_attempt_that_was_given_up_and_arrives_late_is_no_other_controller_but_the_next_one_is(
    fake: FakeAri, listener: Listener
) -> None:
    fake.upgrades = asyncio.Event()
    fake.cut()
    await listener.next(f.NodeLost)
    asked_for = fake.asked_for
    await fake.until(lambda: fake.asked_for > asked_for + 1)
    fake.upgrades.set()
    await listener.next(f.NodeSeen)
    await fake.tell("ApplicationReplaced")
    await listener.next(f.NodeLost)
    await listener.next(f.NodeSeen)
    assert listener.replaced == 0
    await fake.tell("ApplicationReplaced")
    await listener.until(lambda: listener.replaced == 1)


async def test_a_surprise_reads_the_lists_again_and_holds_events_back_meanwhile(
    fake: FakeAri, listener: Listener
) -> None:
    fake.lists = asyncio.Event()
    before = len(fake.sent)
    listener.node.surprise()
    await fake.until(lambda: len(fake.sent) >= before + 3)
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    fake.lists.set()
    await listener.next(f.LegEnded)
    assert [type(fact) for fact in listener.facts] == [f.NodeSeen, f.NodeSeen, f.LegEnded]


async def test_lists_that_do_not_come_hold_facts_back_for_a_moment_only_and_what_they_say_is_not_told(
    fake: FakeAri, listener: Listener
) -> None:
    fake.lists = asyncio.Event()
    before = reads(fake)
    listener.node.surprise()
    await fake.until(lambda: reads(fake) > before)
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    await listener.next(f.LegEnded, within_s=3)
    told_at = time.time()
    await fake.tell("ChannelStateChange", channel=channel(LEG))
    await listener.next(f.LegAnswered, within_s=3)
    fake.lists.set()
    seen = await listener.next(f.NodeSeen)
    assert seen.asked_at >= told_at, "asked anew: the old answer may hold what has ended since"
    assert [type(fact) for fact in listener.facts] == [f.NodeSeen, f.LegEnded, f.LegAnswered, f.NodeSeen]


async def test_slow_lists_of_a_pbx_that_says_nothing_meanwhile_are_waited_for(
    fake: FakeAri, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred, "HOLD_S", 0)
    fake.lists = asyncio.Event()
    before = reads(fake)
    listener.node.surprise()
    await fake.until(lambda: reads(fake) > before)
    fake.lists.set()
    await listener.next(f.NodeSeen)
    assert reads(fake) == before + 1


async def test_the_first_lists_of_a_connection_are_waited_for_whatever_happens_meanwhile(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deferred, "HOLD_S", 0)
    fake.lists = asyncio.Event()
    listener = Listener(fake.url)
    await listener.node.start()
    await fake.until(lambda: reads(fake) == 1)
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    assert (listener.facts, listener.node.state) == ([], State.CONNECTING)
    fake.lists.set()
    await listener.next(f.LegEnded)
    assert ([type(fact) for fact in listener.facts], reads(fake)) == ([f.NodeSeen, f.LegEnded], 1)
    await listener.node.stop()


async def test_lists_that_fail_are_asked_for_less_and_less_often_until_they_come(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "SURPRISE_PAUSE_S", 0.05)
    monkeypatch.setattr(node, "RECONCILE_EVERY_S", 0.8)
    listener = Listener(fake.url)
    await listener.node.start()
    await listener.next(f.NodeSeen)
    fake.channels = [{}]
    before, loop = reads(fake), asyncio.get_running_loop()
    listener.node.surprise()
    await fake.until(lambda: reads(fake) == before + 1)
    begun = loop.time()
    await fake.until(lambda: reads(fake) == before + 6)
    assert loop.time() - begun > 1.0, "at least 0.05 + 0.1 + 0.2 + 0.4 + 0.4"
    fake.channels = []
    await listener.next(f.NodeSeen)
    assert listener.node.state is State.UP
    await listener.node.stop()


async def test_unknown_and_malformed_events_are_counted_and_harmless(fake: FakeAri, listener: Listener) -> None:
    await fake.sockets[-1].send_str("{nonsense")
    await fake.tell("InventedNextYear", channel=[1, 2])
    await fake.tell("ChannelDestroyed", channel=channel(CHANNEL))
    await listener.next(f.LegEnded)
    counters = listener.node.counters
    assert (counters.malformed, counters.ignored, counters.events) == (1, 1, 3)


# --- actions


async def test_the_actions_of_a_call_arrive_in_order_on_the_socket(fake: FakeAri, listener: Listener) -> None:
    listener.node.submit(
        [
            a.StopMusic(**WHO, leg_id=INBOUND),
            a.CreateBridge(**WHO, leg_id="", bridge_id=BRIDGE),
            a.AddToBridge(**WHO, leg_id=INBOUND, also=(LEG,), bridge_id=BRIDGE),
        ]
    )
    await fake.until(lambda: len(orders(fake)) == 3)
    assert orders(fake) == [
        f"DELETE /channels/{CHANNEL}/moh",
        f"POST /bridges/{BRIDGE}?type=mixing",
        f"POST /bridges/{BRIDGE}/addChannel?channel={CHANNEL},{LEG}&inhibitConnectedLineUpdates=true",
    ]


def refuse(status: int, by_path: dict[str, Answer] | None = None) -> Any:
    """Refuse what comes by the socket; answer what comes by HTTP by its path, else with 404."""

    def answers(sent: Sent) -> Answer | None:
        if sent.way == "socket":
            return (status, {"message": "no"})
        return (by_path or {}).get(sent.uri, (404, {"message": "not found"}))

    return answers


REFUSALS: list[tuple[int, a.Action, f.PbxFact]] = [
    (404, a.StartMusic(**WHO, leg_id=LEG), f.LegEnded(LEG)),
    (404, a.HangUp(**WHO, leg_id=LEG), f.LegEnded(LEG)),
    (409, a.DialLeg(**WHO, leg_id=LEG, timeout_s=9), f.LegEnded(LEG)),
    (500, a.CreateLeg(**WHO, leg_id=LEG, cti_number="1001"), f.ActionFailed(LEG, "CreateLeg", f.Failure.UNREACHABLE)),
    (409, a.CreateLeg(**WHO, leg_id=LEG, cti_number="1001"), f.ActionFailed(LEG, "CreateLeg", f.Failure.UNREACHABLE)),
    (500, a.Answer(**WHO, leg_id=INBOUND), f.ActionFailed(INBOUND, "Answer", f.Failure.REFUSED)),
    (404, a.StopPlayback(**WHO, leg_id=LEG, playback_id="p"), f.PlaybackEnded("p")),
    (400, a.AddToBridge(**WHO, leg_id=INBOUND, bridge_id=BRIDGE), f.LegEnded(INBOUND)),
]


@pytest.mark.parametrize(("status", "action", "expected"), REFUSALS, ids=lambda item: str(item)[:30])
async def test_a_refusal_comes_back_as_its_fact(
    fake: FakeAri, listener: Listener, status: int, action: a.Action, expected: f.PbxFact
) -> None:
    fake.answers = refuse(status)
    listener.node.submit([action])
    found = await listener.next(type(expected))
    if isinstance(found, f.ActionFailed):
        assert found.ordered == action
        found = replace(found, ordered=None)
    assert found == expected
    assert len(listener.facts) == 2


async def test_409_on_create_of_a_leg_that_is_there_is_as_wanted(fake: FakeAri, listener: Listener) -> None:
    fake.answers = refuse(409, {f"/channels/{LEG}": (200, channel(LEG, state="Down"))})
    listener.node.submit([a.CreateLeg(**WHO, leg_id=LEG, cti_number="1001")])
    seen = await listener.next(f.LegSeen)
    assert (seen.leg.leg_id, seen.leg.up, seen.leg.bridge_id) == (LEG, False, None)


async def test_a_request_without_an_answer_is_looked_at(fake: FakeAri, listener: Listener) -> None:
    there = {
        f"/channels/{LEG}": (200, channel(LEG)),
        f"/bridges/{BRIDGE}": (200, {"id": BRIDGE, "channels": [LEG]}),
    }
    fake.answers = lambda sent: None if sent.way == "socket" else there.get(sent.uri, (404, {}))
    listener.node.submit([a.AddToBridge(**WHO, leg_id=LEG, bridge_id=BRIDGE)])
    seen = await listener.next(f.LegSeen)
    assert seen.leg.bridge_id == BRIDGE


async def test_a_hang_up_never_waits_behind_another_action(fake: FakeAri, listener: Listener) -> None:
    fake.answers = lambda sent: None if sent.way == "socket" else (204, None)
    listener.node.submit([a.StartMusic(**WHO, leg_id=LEG), a.HangUp(**WHO, leg_id=LEG)])
    wanted = f"DELETE /channels/{LEG}?reason_code=16"
    await fake.until(lambda: wanted in paths(fake, "http"), within_s=1.5)


async def test_a_leg_whose_create_is_overtaken_by_its_hang_up_does_not_stay(fake: FakeAri, listener: Listener) -> None:
    fake.answers = lambda sent: None if sent.way == "socket" else (404, {})
    listener.node.submit([a.CreateLeg(**WHO, leg_id=LEG, cti_number="1001"), a.HangUp(**WHO, leg_id=LEG)])
    wanted = f"DELETE /channels/{LEG}?reason_code=16"
    await fake.until(lambda: wanted in paths(fake, "http"))
    # The first DELETE found nothing yet. The late create is then hung up again, once its answer is overdue.
    await fake.until(lambda: paths(fake, "http").count(wanted) == 2, within_s=5)


async def test_slow_http_does_not_hold_facts_or_the_socket_up(fake: FakeAri, listener: Listener) -> None:
    fake.answers = lambda sent: (204, None) if sent.way == "socket" else None
    listener.node.submit([a.InspectLeg(**WHO, leg_id=LEG), a.StartMusic(**WHO, leg_id=LEG)])
    await fake.until(lambda: len(orders(fake)) == 1)
    failed = await listener.next(f.ActionFailed)
    assert replace(failed, ordered=None) == f.ActionFailed(LEG, "InspectLeg", f.Failure.TIMED_OUT)


async def test_a_leg_that_the_pbx_has_named_is_looked_at_under_that_name_and_found_in_its_bridge(
    fake: FakeAri, listener: Listener
) -> None:
    there = {
        f"/channels/{CHANNEL}": (200, channel(CHANNEL)),
        f"/bridges/{BRIDGE}": (200, {"id": BRIDGE, "channels": [CHANNEL]}),
    }
    fake.answers = lambda sent: there.get(sent.uri, (404, {}))
    listener.node.submit([a.InspectLeg(**WHO, leg_id=INBOUND)])
    seen = await listener.next(f.LegSeen)
    assert (seen.leg.leg_id, seen.leg.bridge_id) == (INBOUND, BRIDGE)


async def test_a_leg_of_a_newer_release_is_told_of_and_looked_at(
    fake: FakeAri, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers = lambda sent: (200, channel(LEG)) if sent.uri == f"/channels/{LEG}" else (404, {})
    listener.node.submit([a.InspectLeg(**WHO, leg_id=LEG, unknown_role="monitor")])
    assert (await listener.next(f.LegSeen)).leg.leg_id == LEG
    told = capsys.readouterr().out
    assert told.count("pbx_leg_of_newer_release") == 1
    assert LEG in told and "role=monitor" in told
