"""The core's actions → ARI requests: one table. Pure.

Source: ``/ari/api-docs/{channels,bridges,playbacks}.json`` of Asterisk 22.10.1; a test compares.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.text import safe_name, safe_number
from cti_bridge.domain.border import actions as act
from cti_bridge.domain.model.ids import channel_of_leg
from cti_bridge.sounds.provided import AtPbx

Q850_OF_SIP = {403: 21, 404: 1, 480: 19, 486: 17, 500: 38, 503: 34, 603: 16}
"""``reason_code`` of DELETE is a Q.850 cause; chan_pjsip answers the INVITE with the SIP code before it (seen)."""

AUTO_ANSWER = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:cti-bridge>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<http://cti-bridge>;info=alert-autoanswer;delay=0",
}
"""Two headers, since phones differ in which one they obey."""

_WITHHELD = {"CONNECTEDLINE(num)": "", "CONNECTEDLINE(name)": "", "CONNECTEDLINE(num-pres)": "prohib"}
"""Becomes ``From: "Anonymous" <sip:anonymous@anonymous.invalid>`` (RFC 3323, section 4.1.1.3)."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SHORT = re.compile(r"[0-9]{2,6}", re.ASCII)
_DIGITS = re.compile(r"[0-9A-D*#]{1,64}", re.ASCII)
_PLAIN_PART = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII).fullmatch
"""Signs that need no encoding in a path (RFC 3986, section 2.3)."""
_PLAIN = re.compile(r"[A-Za-z0-9_.~/,:@-]*", re.ASCII).fullmatch
"""Signs that need none in a value of the query (section 3.4)."""

LEG = "leg"
"""The application argument of the legs that we create."""


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` begins with ``/`` and holds encoded ids; ``body`` becomes JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def uri(self) -> str:
        """Path and query, encoded."""
        if not self.query:
            return self.path
        parts = [f"{name}={text if _PLAIN(text) else quote(text, safe='')}" for name, text in self.query.items()]
        return f"{self.path}?{'&'.join(parts)}"


def _encoded(part: str) -> str:
    """Encode one part of a path. Most are ids of ours; to look is ten times cheaper than to encode."""
    return part if _PLAIN_PART(part) else quote(part, safe="")


def channel(leg_id: str, operation: str = "") -> str:
    """The address of the leg on its PBX."""
    return f"/channels/{_encoded(channel_of_leg(leg_id))}{operation}"


def bridge(bridge_id: str, operation: str = "") -> str:
    return f"/bridges/{_encoded(bridge_id)}{operation}"


def recording(name: str, where: str = "live", operation: str = "") -> str:
    """The address of a recording: ``live`` while it runs, ``stored`` as a file."""
    return f"/recordings/{where}/{_encoded(name)}{operation}"


def playback(playback_id: str) -> str:
    return f"/playbacks/{_encoded(playback_id)}"


class Requests:
    """Makes the request of each action for the application ``app``."""

    def __init__(self, app: str, endpoints: Endpoints, sounds: Callable[[], AtPbx] = AtPbx) -> None:
        """``sounds`` returns those that the bridge provides at present."""
        self._app = app
        self._endpoints = endpoints
        self._sounds = sounds

    def of(self, action: act.Action) -> Request | None:
        """Return the request that carries the action out. None: the request must not be sent, or the action is one of
        Inspect…, which take several requests or go over HTTP."""
        make = _TABLE.get(type(action))
        return make(self, action) if make else None

    def events_of(self, bridge_id: str) -> Request:
        """Return the request to be told of the bridge, also while none of our channels is in it."""
        query = {"eventSource": f"bridge:{bridge_id}"}
        return Request("POST", f"/applications/{_encoded(self._app)}/subscription", query)

    def _create(self, a: act.CreateLeg) -> Request | None:
        endpoint = self._endpoint(a)
        if endpoint is None:
            return None
        # The called phone shows the connected line of the new channel, not its caller ID (seen).
        variables = {
            "CONNECTEDLINE(num)": safe_number(a.shown_number),
            "CONNECTEDLINE(name)": safe_name(a.shown_name),
            "CONNECTEDLINE(num-pres)": "allowed",
        }
        if a.shown_number in ("", act.WITHHELD):
            variables = _WITHHELD.copy() if a.shown_number else {}
        if a.auto_answer:
            variables |= AUTO_ANSWER
        query = {"endpoint": endpoint, "app": self._app, "appArgs": LEG, "channelId": a.leg_id}
        if a.originator:
            # The originator's codec comes first in the offer; an originator that has ended is ignored (seen).
            query["originator"] = channel_of_leg(a.originator)
        return Request("POST", "/channels/create", query, {"variables": variables})

    def _snoop(self, a: act.SnoopLeg) -> Request:
        # What comes from the agent is "in", what goes to the agent is "out".
        query = {"spy": "both", "whisper": "out", "app": self._app, "appArgs": LEG}
        return Request("POST", channel(a.spied, f"/snoop/{_encoded(a.leg_id)}"), query)

    def _endpoint(self, a: act.CreateLeg) -> str | None:
        """Return the endpoint to call. None unless the action names exactly one of an agent's phone and a number (E.164
        or emergency). The core has checked the number; a fault of the core must not reach a dial string."""
        if a.number is None:
            return self._endpoints.of_agent(a.cti_number) if a.cti_number else None
        form = _SHORT if a.emergency else _E164
        return self._endpoints.of_number(a.number) if a.cti_number is None and form.fullmatch(a.number) else None

    def _digits(self, a: act.SendDigits) -> Request | None:
        return Request("POST", channel(a.leg_id, "/dtmf"), {"dtmf": a.digits}) if _DIGITS.fullmatch(a.digits) else None

    def _play(self, a: act.StartPlayback) -> Request:
        sounds = self._sounds()
        query = {"media": sounds.media(a.media, a.language)}
        if language := sounds.language(a.language):
            query["lang"] = language
        return Request("POST", channel(a.leg_id, f"/play/{_encoded(a.playback_id)}"), query)

    def _add(self, a: act.AddToBridge) -> Request:
        legs = ",".join(map(channel_of_leg, (a.leg_id, *a.also)))
        # A customer enters before being dialled, and would be shown the agent's own number, not the calling number.
        query = {"channel": legs, "inhibitConnectedLineUpdates": "true"}
        return Request("POST", bridge(a.bridge_id, "/addChannel"), query)


def _post(operation: str) -> Callable[[Requests, Any], Request]:
    return lambda _, a: Request("POST", channel(a.leg_id, operation))


def _delete(operation: str) -> Callable[[Requests, Any], Request]:
    return lambda _, a: Request("DELETE", channel(a.leg_id, operation))


def _hang_up(leg_id: str, hangup_cause: int) -> Request:
    return Request("DELETE", channel(leg_id), {"reason_code": str(hangup_cause)})


def _destroy(_: Requests, a: act.DestroyBridge | act.ForgetBridge) -> Request:
    return Request("DELETE", bridge(a.bridge_id))


_TABLE: dict[type[act.Action], Callable[[Requests, Any], Request | None]] = {
    act.Answer: _post("/answer"),
    act.Reject: lambda _, a: _hang_up(a.leg_id, Q850_OF_SIP.get(a.sip_code, 21)),
    act.TakeOver: lambda _, a: Request(
        "POST", channel(a.leg_id, "/variable"), {"variable": "TIMEOUT(absolute)", "value": "0"}
    ),
    act.LimitDialplan: lambda _, a: Request(
        "POST", channel(a.leg_id, "/variable"), {"variable": "TIMEOUT(absolute)", "value": str(a.seconds)}
    ),
    act.SendToDialplan: lambda _, a: Request(
        "POST",
        channel(a.leg_id, "/continue"),
        {"context": a.context, "extension": a.extension, "priority": "1"},
    ),
    act.AgreeAnew: lambda _, a: Request(
        "POST", channel(a.leg_id, "/variable"), {"variable": "PJSIP_SEND_SESSION_REFRESH()", "value": "invite"}
    ),
    act.HandBack: _post("/continue"),
    act.CreateLeg: Requests._create,
    act.DialLeg: lambda _, a: Request("POST", channel(a.leg_id, "/dial"), {"timeout": str(a.timeout_s)}),
    act.SnoopLeg: Requests._snoop,
    act.MuteLeg: lambda _, a: Request("POST" if a.muted else "DELETE", channel(a.leg_id, "/mute"), {"direction": "in"}),
    act.HangUp: lambda _, a: _hang_up(a.leg_id, a.hangup_cause),
    act.StartMusic: lambda _, a: Request("POST", channel(a.leg_id, "/moh"), {"mohClass": a.music}),
    act.StopMusic: _delete("/moh"),
    act.StartPlayback: Requests._play,
    act.StopPlayback: lambda _, a: Request("DELETE", playback(a.playback_id)),
    act.RecordLeg: lambda _, a: Request(
        "POST",
        channel(a.leg_id, "/record"),
        {
            "name": a.recording,
            "format": "wav",
            "maxDurationSeconds": str(a.longest_s),
            "maxSilenceSeconds": str(a.silence_s),
            "ifExists": "fail",
            "beep": "true",
            "terminateOn": "#",
        },
    ),
    act.RecordBridge: lambda _, a: Request(
        "POST", bridge(a.bridge_id, "/record"), {"name": a.recording, "format": "wav", "ifExists": "fail"}
    ),
    act.PauseRecording: lambda _, a: Request("POST", recording(a.recording, operation="/pause")),
    act.ResumeRecording: lambda _, a: Request("DELETE", recording(a.recording, operation="/pause")),
    act.StopRecording: lambda _, a: Request("POST", recording(a.recording, operation="/stop")),
    act.StartRingback: _post("/ring"),
    act.StopRingback: _delete("/ring"),
    act.SendDigits: Requests._digits,
    # With video_sfu the bridge is a softmix from the first moment, also for two; no other type is (seen).
    act.CreateBridge: lambda _, a: Request(
        "POST", bridge(a.bridge_id), {"type": "mixing,video_sfu" if a.softmix else "mixing"}
    ),
    act.DestroyBridge: _destroy,
    act.ForgetBridge: _destroy,
    act.AddToBridge: Requests._add,
    act.RemoveFromBridge: lambda _, a: Request(
        "POST", bridge(a.bridge_id, "/removeChannel"), {"channel": channel_of_leg(a.leg_id)}
    ),
}
