"""JSON of Asterisk → facts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.models import Channel
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.reconcile import Observer
from cti_bridge.ari.text import posix_time
from cti_bridge.ari.translate import Translator
from cti_bridge.domain.border import facts as f
from tests.support.ari import BRIDGE, CHANNEL, INBOUND, LEG
from tests.support.changed import replace

NOW = 1795237870.0
"""By our clock."""
CREATED = "2026-11-21T05:11:09.154+0000"
SENT = "2026-11-21T05:11:09.404+0000"
"""By the PBX's clock: a quarter of a second apart."""


def translator() -> tuple[Translator, Counters]:
    counters = Counters()
    return Translator("main", Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"), counters), counters


def translated(event: dict[str, Any]) -> f.PbxFact | None:
    reader, _ = translator()
    decoded = reader.decode(json.dumps(event).encode())
    return reader.fact(decoded, NOW) if decoded else None


def channel(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": "PJSIP/1001-00000003", "state": "Up", "creationtime": CREATED, "new": 1} | more


def starts(**more: Any) -> dict[str, Any]:
    """The StasisStart of a caller."""
    event = {"type": "StasisStart", "timestamp": SENT, "args": ["inbound", "+8225550000"], "channel": channel(CHANNEL)}
    return event | more


def test_an_inbound_stasis_start_is_an_arrival_as_long_ago_as_the_channel_was_made() -> None:
    caller = {"name": "Ann", "number": "+821012345678"}
    expected = f.CallArrived("main", INBOUND, "+8225550000", "+821012345678", "Ann", NOW - 0.25)
    assert translated(starts(channel=channel(CHANNEL, caller=caller, state="Ring"))) == expected
    answered = translated(starts(channel=channel(CHANNEL, caller=caller, state="Up")))
    assert answered == replace(expected, up=True), "by the dialplan"


@pytest.mark.parametrize(
    ("told", "codec"),
    [("(alaw)", "alaw"), ("(g722)", "g722"), ("(alaw|ulaw)", ""), ("(none)", ""), ("", ""), (None, ""), (7, "")],
)
def test_the_codec_is_taken_over_when_it_is_agreed(told: Any, codec: str) -> None:
    told_by = channel(LEG, channelvars={"CHANNEL(audionativeformat)": told})
    assert translated({"type": "ChannelStateChange", "channel": told_by}) == f.LegAnswered(LEG, codec)
    entered = {"type": "ChannelEnteredBridge", "channel": told_by, "bridge": {"id": BRIDGE}}
    assert translated(entered) == f.LegEntered(LEG, BRIDGE, codec)


def test_without_channelvars_in_its_configuration_a_pbx_tells_no_codec() -> None:
    assert translated({"type": "ChannelStateChange", "channel": channel(LEG)}) == f.LegAnswered(LEG, "")


ODD = ["", "soon", "2026-11-21", "2026-11-21T05:11:09", "2999-01-01T00:00:00.000+0000", "1970-01-01T00:00:00.000+0000"]


@pytest.mark.parametrize("created", ODD)
def test_a_creation_time_that_makes_no_sense_becomes_the_time_of_receipt(created: str) -> None:
    fact = translated(starts(channel=channel(CHANNEL, creationtime=created)))
    assert isinstance(fact, f.CallArrived)
    assert fact.arrived_at == NOW


@pytest.mark.parametrize("sent", ["", "soon", "2026-11-21T05:11:09"])
def test_an_event_that_does_not_say_when_it_was_sent_is_an_arrival_now(sent: str) -> None:
    fact = translated(starts(timestamp=sent))
    assert isinstance(fact, f.CallArrived)
    assert fact.arrived_at == NOW


def test_a_hostile_caller_name_is_cut_and_freed_of_control_characters() -> None:
    caller = {"name": 'Evil\x07\r\nX: "\u202e<b>' + "x" * 500, "number": "1\x002"}
    event = {"type": "StasisStart", "args": ["inbound", "1"], "channel": channel(CHANNEL, caller=caller)}
    fact = translated(event)
    assert isinstance(fact, f.CallArrived)
    assert fact.caller_name.startswith('EvilX: "<b>xxx')
    assert len(fact.caller_name) == 80
    assert fact.caller_number == "12"


@pytest.mark.parametrize("args", [[], ["inbound"], ["other", "1"]])
def test_a_channel_that_is_neither_inbound_nor_ours_is_ignored(args: list[str]) -> None:
    assert translated({"type": "StasisStart", "args": args, "channel": channel(CHANNEL)}) is None


PHONE = {"technology": "PJSIP", "resource": "1001", "state": "online"}
EVENTS: list[tuple[dict[str, Any], f.PbxFact | None]] = [
    ({"type": "StasisStart", "args": ["leg"], "channel": channel(LEG)}, f.LegReady(LEG, "main", "1001")),
    ({"type": "ChannelStateChange", "channel": channel(LEG, state="Ringing")}, f.LegRinging(LEG)),
    (
        {"type": "Dial", "peer": channel(LEG, state="Down"), "dialstatus": "PROGRESS"},
        f.LegRinging(LEG, early_media=True),
    ),
    ({"type": "Dial", "peer": channel(LEG, state="Down"), "dialstatus": "RINGING"}, None),
    ({"type": "Dial", "peer": channel(LEG, state="Down"), "dialstatus": ""}, None),
    ({"type": "Dial", "dialstatus": "PROGRESS"}, None),
    ({"type": "ChannelStateChange", "channel": channel(LEG)}, f.LegAnswered(LEG)),
    ({"type": "ChannelStateChange", "channel": channel(LEG, state="Ring")}, None),
    (
        {"type": "ChannelEnteredBridge", "channel": channel(LEG), "bridge": {"id": BRIDGE}},
        f.LegEntered(LEG, BRIDGE),
    ),
    ({"type": "ChannelLeftBridge", "channel": channel(LEG), "bridge": {"id": BRIDGE}}, f.LegLeft(LEG, BRIDGE, NOW)),
    (
        {"type": "ChannelDestroyed", "channel": channel(LEG), "cause": 17, "tech_cause": 486},
        f.LegEnded(LEG, 17, 486),
    ),
    ({"type": "ChannelDestroyed", "channel": channel(LEG), "cause": 16}, f.LegEnded(LEG, 16, 0)),
    ({"type": "StasisEnd", "channel": channel(CHANNEL, name="PJSIP/trunk-00000003")}, None),
    ({"type": "StasisEnd", "channel": channel(CHANNEL, name="DAHDI/1-1")}, f.LegEnded(INBOUND)),
    ({"type": "StasisEnd", "channel": channel(LEG)}, None),
    ({"type": "StasisEnd", "channel": channel(LEG, name=f"Snoop/{CHANNEL}-00000001")}, f.LegEnded(LEG)),
    ({"type": "PlaybackStarted", "playback": {"id": "p", "state": "playing"}}, f.PlaybackStarted("p")),
    ({"type": "PlaybackFinished", "playback": {"id": "p", "state": "done"}}, f.PlaybackEnded("p")),
    ({"type": "PlaybackFinished", "playback": {"id": "p", "state": "failed"}}, f.PlaybackEnded("p", failed=True)),
    ({"type": "RecordingStarted", "recording": {"name": "r", "state": "recording"}}, f.RecordingStarted("r")),
    (
        {
            "type": "RecordingFinished",
            "recording": {"name": "r", "state": "done", "duration": 4, "talking_duration": 3},
        },
        f.RecordingEnded("r", 3),
    ),
    ({"type": "RecordingFailed", "recording": {"name": "r", "state": "failed"}}, f.RecordingEnded("r", failed=True)),
    # The caller has hung up in the beep, or the PBX cannot write: it has made no file, and tells no length (seen).
    ({"type": "RecordingFinished", "recording": {"name": "r", "state": "done"}}, f.RecordingEnded("r", failed=True)),
    (
        {
            "type": "PeerStatusChange",
            "endpoint": PHONE,
            "peer": {},
        },
        f.PhoneChanged("main", "1001", True),
    ),
    ({"type": "PeerStatusChange", "endpoint": {"technology": "IAX2", "resource": "1001", "state": "online"}}, None),
    (
        {"type": "ContactStatusChange", "endpoint": PHONE, "contact_info": {"contact_status": "Removed"}},
        f.PhoneLeft("main", "1001"),
    ),
    ({"type": "ContactStatusChange", "endpoint": PHONE, "contact_info": {"contact_status": "Unreachable"}}, None),
    ({"type": "ChannelVarset", "channel": channel(LEG), "value": 3}, None),
]


@pytest.mark.parametrize(("event", "expected"), EVENTS, ids=lambda item: str(item)[:60])
def test_an_event_becomes_its_fact(event: dict[str, Any], expected: f.PbxFact | None) -> None:
    assert translated(event) == expected


def test_a_leg_has_left_its_bridge_when_the_pbx_said_so_by_our_clock_however_late_that_is_read() -> None:
    pbx_clock = PbxClock("main")
    sent_at = posix_time(SENT) or 0.0
    pbx_clock.heard(SENT, NOW)
    endpoints = Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk")
    reader = Translator("main", endpoints, Counters(), pbx_clock)
    event = {"type": "ChannelLeftBridge", "timestamp": SENT, "channel": channel(LEG), "bridge": {"id": BRIDGE}}
    decoded = reader.decode(json.dumps(event).encode())
    assert decoded is not None and sent_at
    fact = reader.fact(decoded, NOW + 4)
    assert isinstance(fact, f.LegLeft) and fact.left_at == pytest.approx(NOW)
    unread = reader.decode(json.dumps(event | {"timestamp": ""}).encode())
    assert unread is not None
    fact = reader.fact(unread, NOW + 4)
    assert isinstance(fact, f.LegLeft) and fact.left_at == NOW + 4


@pytest.mark.parametrize("event_type", sorted({event["type"] for event, fact in EVENTS if fact}))
def test_an_event_without_its_object_is_ignored(event_type: str) -> None:
    reader, counters = translator()
    event = reader.decode(json.dumps({"type": event_type}))
    assert event is not None
    assert reader.fact(event, NOW) is None
    assert (counters.events, counters.ignored) == (1, 1)


@pytest.mark.parametrize(
    "frame", [b"", b"{", b"[]", b"null", b'{"type":5}', b"\xff\xfe", b"[" * 100_000, b'{"type":"StasisStart","args":7}']
)
def test_a_malformed_frame_is_counted_and_never_raises(frame: bytes) -> None:
    reader, counters = translator()
    assert reader.decode(frame) is None
    assert (counters.events, counters.malformed, counters.ignored) == (1, 1, 0)


def test_an_unknown_type_of_an_unknown_shape_is_ignored_not_malformed() -> None:
    reader, counters = translator()
    assert reader.decode(b'{"type":"FutureEvent","channel":[1],"cause":"x"}') is None
    assert (counters.malformed, counters.ignored) == (0, 1)


@given(st.binary(max_size=200))
def test_no_frame_whatever_raises(frame: bytes) -> None:
    reader, _ = translator()
    event = reader.decode(frame)
    if event is not None:
        reader.fact(event, NOW)


def test_a_template_names_the_phone_in_both_directions() -> None:
    endpoints = Endpoints("PJSIP/agent-{cti_number}", "PJSIP/{number}@trunk")
    assert endpoints.of_agent("1001") == "PJSIP/agent-1001"
    assert endpoints.of_number("+82&PJSIP/1002") == "PJSIP/+82PJSIP1002@trunk"
    assert endpoints.cti_number("agent-1001") == "1001"
    assert endpoints.cti_number("trunk") is None
    assert endpoints.of_channel("PJSIP/agent-1001-0000000a") == "1001"
    assert endpoints.of_channel("PJSIP/my-trunk-0000000a") == "my-trunk"


def test_a_listed_caller_of_our_application_is_seen_as_arrived() -> None:
    import msgspec

    clock = PbxClock("main")
    clock.heard(SENT, NOW)
    observer = Observer("main", "cti_bridge", Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"), clock)

    def seen(app_data: str, app_name: str = "Stasis", identity: str = CHANNEL) -> f.SeenLeg:
        raw = channel(identity, dialplan={"app_name": app_name, "app_data": app_data})
        return observer.seen_leg(msgspec.convert(raw, Channel), BRIDGE, NOW)

    ours = seen("cti_bridge,inbound,+8225550000")
    assert (ours.in_app, ours.bridge_id, ours.endpoint, ours.up) == (True, BRIDGE, "1001", True)
    assert ours.arrived == f.CallArrived("main", INBOUND, "+8225550000", None, "", NOW - 0.25, up=True)
    assert seen("cti_bridge2,inbound,1").in_app is False
    assert seen("cti_bridge,inbound,1", "Wait").arrived is None
    created = seen("cti_bridge,leg", identity=LEG)
    assert (created.in_app, created.arrived) == (True, None)
    for caller in (seen("cti_bridge,back,sales"), seen("acme-ivr,s,1", "Goto")):
        assert (caller.arrived, caller.made_at) == (None, NOW - 0.25), "in the dialplan, or come back from it"
