"""Actions → requests, and what refusals mean: the pure tables of the executor."""

from collections.abc import Iterator
from typing import Any

import pytest

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import PbxTooOld
from cti_bridge.ari.probe import check_version
from cti_bridge.ari.refusals import DROPPED, TIMED_OUT, Meaning, meaning
from cti_bridge.ari.requests import Request, Requests
from cti_bridge.ari.text import clean, safe_name, safe_number
from cti_bridge.domain.border import actions as a
from tests.support.ari import BRIDGE, CALL, CHANNEL, INBOUND, LEG

REQUESTS = Requests("cti_bridge", Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"))


def make(kind: type[a.Action], **more: Any) -> a.Action:
    return kind(**({"executor": "main", "call_id": CALL, "leg_id": LEG} | more))


PLAIN = [
    (
        make(a.RecordLeg, recording="cti-1-recording-2", longest_s=60),
        "POST",
        f"/channels/{LEG}/record?name=cti-1-recording-2&format=wav&maxDurationSeconds=60&maxSilenceSeconds=5"
        "&ifExists=fail&beep=true&terminateOn=%23",
    ),
    (make(a.StopRecording, recording="cti-1-recording-2"), "POST", "/recordings/live/cti-1-recording-2/stop"),
    (
        make(a.RecordBridge, bridge_id="cti-1-softmix", recording="cti-1-conversation-2"),
        "POST",
        "/bridges/cti-1-softmix/record?name=cti-1-conversation-2&format=wav&ifExists=fail",
    ),
    (make(a.PauseRecording, recording="cti-1-conversation-2"), "POST", "/recordings/live/cti-1-conversation-2/pause"),
    (
        make(a.ResumeRecording, recording="cti-1-conversation-2"),
        "DELETE",
        "/recordings/live/cti-1-conversation-2/pause",
    ),
    (make(a.Answer), "POST", f"/channels/{LEG}/answer"),
    (
        make(a.AgreeAnew),
        "POST",
        f"/channels/{LEG}/variable?variable=PJSIP_SEND_SESSION_REFRESH%28%29&value=invite",
    ),
    (make(a.TakeOver), "POST", f"/channels/{LEG}/variable?variable=TIMEOUT%28absolute%29&value=0"),
    (
        make(a.LimitDialplan, seconds=600),
        "POST",
        f"/channels/{LEG}/variable?variable=TIMEOUT%28absolute%29&value=600",
    ),
    (
        make(a.SendToDialplan, context="acme-ivr", extension="s"),
        "POST",
        f"/channels/{LEG}/continue?context=acme-ivr&extension=s&priority=1",
    ),
    (make(a.HandBack), "POST", f"/channels/{LEG}/continue"),
    (make(a.DialLeg, timeout_s=30), "POST", f"/channels/{LEG}/dial?timeout=30"),
    (make(a.HangUp), "DELETE", f"/channels/{LEG}?reason_code=16"),
    (make(a.HangUp, hangup_cause=26), "DELETE", f"/channels/{LEG}?reason_code=26"),
    (make(a.Reject, sip_code=403, leg_id=INBOUND), "DELETE", f"/channels/{CHANNEL}?reason_code=21"),
    (make(a.Reject, sip_code=404, leg_id=INBOUND), "DELETE", f"/channels/{CHANNEL}?reason_code=1"),
    (make(a.Reject, sip_code=480, leg_id=INBOUND), "DELETE", f"/channels/{CHANNEL}?reason_code=19"),
    (make(a.StartMusic, music="a b&c"), "POST", f"/channels/{LEG}/moh?mohClass=a%20b%26c"),
    (make(a.StopMusic), "DELETE", f"/channels/{LEG}/moh"),
    (
        make(a.StartPlayback, playback_id="p/1", media="sound:cti/welcome"),
        "POST",
        f"/channels/{LEG}/play/p%2F1?media=sound:cti/welcome",
    ),
    (make(a.StopPlayback, playback_id="p1"), "DELETE", "/playbacks/p1"),
    (make(a.StartRingback), "POST", f"/channels/{LEG}/ring"),
    (make(a.StopRingback), "DELETE", f"/channels/{LEG}/ring"),
    (make(a.SendDigits, digits="1*#"), "POST", f"/channels/{LEG}/dtmf?dtmf=1%2A%23"),
    (make(a.CreateBridge, bridge_id=BRIDGE), "POST", f"/bridges/{BRIDGE}?type=mixing"),
    (make(a.CreateBridge, bridge_id=BRIDGE, softmix=True), "POST", f"/bridges/{BRIDGE}?type=mixing,video_sfu"),
    (make(a.DestroyBridge, bridge_id=BRIDGE), "DELETE", f"/bridges/{BRIDGE}"),
    (make(a.ForgetBridge, bridge_id=BRIDGE), "DELETE", f"/bridges/{BRIDGE}"),
    (
        make(a.AddToBridge, bridge_id=BRIDGE, leg_id=INBOUND, also=(LEG,)),
        "POST",
        f"/bridges/{BRIDGE}/addChannel?channel={CHANNEL},{LEG}&inhibitConnectedLineUpdates=true",
    ),
    (make(a.RemoveFromBridge, bridge_id=BRIDGE), "POST", f"/bridges/{BRIDGE}/removeChannel?channel={LEG}"),
    (
        make(a.SnoopLeg, spied=INBOUND),
        "POST",
        f"/channels/{CHANNEL}/snoop/{LEG}?spy=both&whisper=out&app=cti_bridge&appArgs=leg",
    ),
    (make(a.MuteLeg, muted=True), "POST", f"/channels/{LEG}/mute?direction=in"),
    (make(a.MuteLeg, muted=False), "DELETE", f"/channels/{LEG}/mute?direction=in"),
]


def test_a_leg_is_made_with_the_codec_of_its_originator_where_there_is_one() -> None:
    for originator, asked in ((INBOUND, CHANNEL), ("", None)):
        request = REQUESTS.of(make(a.CreateLeg, cti_number="1001", originator=originator))
        assert request is not None and request.query.get("originator") == asked


@pytest.mark.parametrize(("action", "method", "uri"), PLAIN, ids=lambda item: type(item).__name__)
def test_an_action_becomes_its_request(action: a.Action, method: str, uri: str) -> None:
    request = REQUESTS.of(action)
    assert request is not None
    assert (request.method, request.uri, request.body) == (method, uri, None)


def created(**more: Any) -> tuple[Request, dict[str, str]]:
    request = REQUESTS.of(make(a.CreateLeg, **more))
    assert request is not None
    assert request.body is not None
    return request, request.body["variables"]


def test_a_leg_to_an_agents_phone_shows_the_caller_as_its_connected_line() -> None:
    request, variables = created(cti_number="1001", shown_number="+8225551234", shown_name="Shop")
    assert (request.method, request.path) == ("POST", "/channels/create")
    assert request.query == {
        "endpoint": "PJSIP/1001",
        "app": "cti_bridge",
        "appArgs": "leg",
        "channelId": LEG,
    }
    assert variables == {
        "CONNECTEDLINE(num)": "+8225551234",
        "CONNECTEDLINE(name)": "Shop",
        "CONNECTEDLINE(num-pres)": "allowed",
    }


def test_an_auto_answered_leg_carries_both_headers() -> None:
    _, variables = created(cti_number="1001", auto_answer=True)
    assert variables["PJSIP_HEADER(add,Call-Info)"].endswith("answer-after=0")
    assert "alert-autoanswer" in variables["PJSIP_HEADER(add,Alert-Info)"]


def test_a_leg_to_a_number_goes_by_the_trunk() -> None:
    request, _ = created(number="+821012345678")
    assert request.query["endpoint"] == "PJSIP/+821012345678@trunk"


def test_an_emergency_number_goes_by_the_trunk_as_it_is_and_nothing_else_that_is_no_e164_does() -> None:
    request, _ = created(number="112", emergency=True)
    assert request.query["endpoint"] == "PJSIP/112@trunk"
    for refused in ({"number": "112"}, {"number": "1&2", "emergency": True}, {"number": "1234567", "emergency": True}):
        assert REQUESTS.of(make(a.CreateLeg, **refused)) is None


def test_a_withheld_number_is_shown_as_anonymous_and_an_unknown_calling_number_is_left_to_the_pbx() -> None:
    _, variables = created(cti_number="1001", shown_number=a.WITHHELD, shown_name="Kim")
    assert variables == {
        "CONNECTEDLINE(num)": "",
        "CONNECTEDLINE(name)": "",
        "CONNECTEDLINE(num-pres)": "prohib",
    }
    assert created(number="112", emergency=True)[1] == {}


HOSTILE = 'Ev"il\r\nX-Bad: 1 <sip:a@b>,|;${SHELL(id)}&\\\x00\u202e'


def test_a_hostile_name_or_number_cannot_leave_its_header_or_variable() -> None:
    request, variables = created(cti_number=HOSTILE, shown_number=HOSTILE, shown_name=HOSTILE)
    for text in (variables["CONNECTEDLINE(num)"], variables["CONNECTEDLINE(name)"], request.query["endpoint"]):
        assert not set(text) & set("\"'\\\r\n\x00<>,|;$&{}()\u202e"), text
    assert variables["CONNECTEDLINE(name)"].startswith("Ev ilX-Bad: 1 sip:a@b")


def test_ordinary_names_and_numbers_are_left_as_they_are() -> None:
    for name in ("Müller GmbH", "김민수", "O-Neil 3rd", "Anna-Lena Ø."):
        assert safe_name(name) == clean(name) == name
    assert safe_number("+82*31#") == "+82*31#"


STATUSES = [
    (a.Answer, 204, Meaning.DONE),
    (a.Answer, 404, Meaning.LEG_ENDED),
    (a.Answer, 412, Meaning.LOOK_AT_LEG),
    (a.HangUp, 404, Meaning.LEG_ENDED),
    (a.CreateLeg, 409, Meaning.LOOK_AT_NEW_LEG),
    (a.CreateLeg, 500, Meaning.UNREACHABLE),
    (a.CreateLeg, 400, Meaning.REFUSED),
    (a.CreateLeg, TIMED_OUT, Meaning.LOOK_AT_NEW_LEG),
    (a.CreateLeg, DROPPED, Meaning.FORGET),
    (a.DialLeg, 409, Meaning.LOOK_AT_LEG),
    (a.StartMusic, 500, Meaning.REFUSED),
    (a.StopPlayback, 404, Meaning.PLAYBACK_OVER),
    (a.CreateBridge, 409, Meaning.DONE),
    (a.DestroyBridge, 404, Meaning.DONE),
    (a.ForgetBridge, 404, Meaning.DONE),
    (a.AddToBridge, 400, Meaning.LOOK_AT_LEG),
    (a.AddToBridge, 404, Meaning.REFUSED),
    (a.RemoveFromBridge, 400, Meaning.LEG_ENDED),
    (a.RemoveFromBridge, 422, Meaning.LOOK_AT_LEG),
]


@pytest.mark.parametrize(("action", "status", "expected"), STATUSES)
def test_a_refusal_means_one_thing(action: type[a.Action], status: int, expected: Meaning) -> None:
    assert meaning(action, status) is expected


NOT_REQUESTS = (
    a.Action,
    a.InspectAudio,
    a.InspectHold,
    a.InspectBridge,
    a.InspectLeg,
    a.InspectPlayback,
    a.InspectRecording,
    a.Lookup,
    a.FindTalks,
)


def carried_out() -> Iterator[type[a.Action]]:
    for kind in vars(a).values():
        if isinstance(kind, type) and issubclass(kind, a.Action) and kind not in NOT_REQUESTS:
            yield kind


def test_every_action_has_a_request_and_a_meaning_for_no_answer() -> None:
    for kind in carried_out():
        assert meaning(kind, TIMED_OUT) is not Meaning.REFUSED, kind
        assert REQUESTS.of(next(x for x, *_ in [*PLAIN, (make(a.CreateLeg, cti_number="1"),)] if type(x) is kind))


@pytest.mark.parametrize("version", ["22.10.1", "22.10.1+dfsg+~cs6.17.60671434-1", "22.11.0", "23.0.0"])
def test_a_supported_version_passes(version: str) -> None:
    check_version(version)


@pytest.mark.parametrize("version", ["22.10.0", "22.9.9", "20.6.0~dfsg", "", "GIT-master-1a2b"])
def test_an_older_or_unknown_version_is_refused_in_words(version: str) -> None:
    with pytest.raises(PbxTooOld, match=r"22\.10\.1 or newer is needed"):
        check_version(version)
