"""Looking at one object when its event is overdue or a refusal was not clear.

It goes over HTTP: the socket may be the trouble.
"""

import contextlib
from collections.abc import Callable

import msgspec

from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.models import Bridge, Channel, Playback
from cti_bridge.ari.reconcile import Observer
from cti_bridge.ari.requests import Request, bridge, channel, playback
from cti_bridge.ari.unreadable import Unreadable, is_unreadable
from cti_bridge.domain.facts import (
    ActionFailed,
    Failure,
    LegEnded,
    LegSeen,
    PbxFact,
    PlaybackEnded,
    PlaybackStarted,
)
from cti_bridge.domain.ids import bridge_id

_channel = msgspec.json.Decoder(Channel)
_bridge = msgspec.json.Decoder(Bridge)
_playback = msgspec.json.Decoder(Playback)


class Inspector:
    """Answers with a fact, or None when the request was not sent."""

    def __init__(self, http: AriHttp, observer: Observer, unreadable: Unreadable, clock: Callable[[], float]) -> None:
        self._http = http
        self._observer = observer
        self._unreadable = unreadable
        self._clock = clock

    async def leg(self, call_id: str, leg_id: str, if_gone: PbxFact | None = None) -> PbxFact | None:
        """LegSeen, or when the leg is not there ``if_gone`` (LegEnded by default), or ActionFailed without an answer.
        A leg that the PBX cannot show is ended.

        A channel does not say which bridge it is in; only its call's one bridge is asked.
        """
        asked_at = self._clock()
        reply = await self._http.request(Request("GET", channel(leg_id)), kind="InspectLeg")
        if reply.status == 404:
            return if_gone or LegEnded(leg_id)
        if reply.status < 0:
            return None
        if is_unreadable(reply):
            await self._unreadable.end(leg_id)
            return LegEnded(leg_id)
        if reply.ok:
            place = await self._http.request(Request("GET", bridge(bridge_id(call_id))), kind="InspectLeg")
            with contextlib.suppress(msgspec.DecodeError):
                if place.ok or place.status == 404:
                    found = _channel.decode(reply.body)
                    here = _bridge.decode(place.body) if place.ok else None
                    bridged = here.id if here and leg_id in here.channels else None
                    return LegSeen(self._observer.seen_leg(found, bridged, asked_at), asked_at)
        return ActionFailed(leg_id, "InspectLeg", Failure.TIMED_OUT)

    async def playback(self, leg_id: str, playback_id: str) -> PbxFact | None:
        """PlaybackStarted while it is queued or plays, else PlaybackEnded, or ActionFailed without an answer."""
        reply = await self._http.request(Request("GET", playback(playback_id)), kind="InspectPlayback")
        if reply.status == 404:
            return PlaybackEnded(playback_id)
        if reply.status < 0:
            return None
        try:
            state = _playback.decode(reply.body).state if reply.ok else ""
        except msgspec.DecodeError:
            state = ""
        if not state:
            return ActionFailed(leg_id, "InspectPlayback", Failure.TIMED_OUT)
        if state in ("done", "failed"):
            return PlaybackEnded(playback_id, state == "failed")
        return PlaybackStarted(playback_id)
