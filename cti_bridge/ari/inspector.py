"""Looks at one object when its event is overdue or a refusal was not clear.

The looks go over HTTP: the socket may be the trouble.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import msgspec
import structlog

from cti_bridge.ari.errors import PbxUnreachable
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.models import Bridge, Channel, Playback, Recording, RtpStatistics, Variable
from cti_bridge.ari.reconcile import Observer
from cti_bridge.ari.requests import Request, bridge, channel, playback, recording
from cti_bridge.ari.unreadable import Unreadable, is_unreadable
from cti_bridge.domain.border.actions import MuteLeg
from cti_bridge.domain.border.facts import (
    ActionFailed,
    AudioSeen,
    BridgeSeen,
    Failure,
    HoldSeen,
    LegEnded,
    LegMuted,
    LegSeen,
    PbxFact,
    PlaybackEnded,
    PlaybackStarted,
    RecordingEnded,
    RecordingMissing,
    RecordingSeen,
    RecordingStarted,
)
from cti_bridge.domain.model.ids import bridge_ids, channel_of_leg, is_conversation

log = structlog.get_logger(__name__)

_audio = msgspec.json.Decoder(RtpStatistics)
_channel = msgspec.json.Decoder(Channel)
_bridge = msgspec.json.Decoder(Bridge)
_variable = msgspec.json.Decoder(Variable)
_playback = msgspec.json.Decoder(Playback)
_recording = msgspec.json.Decoder(Recording)


class Inspector:
    """Each look returns a fact, or None when the request was not sent."""

    def __init__(self, http: AriHttp, observer: Observer, unreadable: Unreadable, clock: Callable[[], float]) -> None:
        self._http = http
        self._observer = observer
        self._unreadable = unreadable
        self._clock = clock

    async def leg(
        self, call_id: str, leg_id: str, if_gone: PbxFact | None = None, bridges: Sequence[str] = ()
    ) -> PbxFact | None:
        """Return LegSeen; ``if_gone`` (LegEnded by default) when the leg does not exist; ActionFailed when no answer
        came. A leg that the PBX cannot show is ended. With an empty ``call_id`` such a leg is not ours: it is left
        alone, and the result is None.

        A channel does not say which bridge it is in. So ``bridges`` are asked, else those that its call may have.
        """
        began = asyncio.get_running_loop().time()
        reply = await self._http.request(Request("GET", channel(leg_id)), kind="InspectLeg")
        if reply.status == 404:
            return if_gone or LegEnded(leg_id)
        if reply.status < 0:
            return None
        if is_unreadable(reply) and not call_id:
            return None
        if is_unreadable(reply):
            await self._unreadable.end(leg_id)
            return LegEnded(leg_id)
        if reply.ok:
            with contextlib.suppress(msgspec.DecodeError, PbxUnreachable):
                found = _channel.decode(reply.body)
                place = await self._place(bridges or bridge_ids(call_id), leg_id)
                # Not read before: our clock may have been set meanwhile.
                asked_at = self._clock() - (asyncio.get_running_loop().time() - began)
                return LegSeen(self._observer.seen_leg(found, place, asked_at), asked_at)
        return ActionFailed(leg_id, "InspectLeg", Failure.TIMED_OUT)

    async def _place(self, bridges: Sequence[str], leg_id: str) -> str | None:
        """Return the one of these bridges that the leg is in, or None. Raises PbxUnreachable when a bridge does not
        answer."""
        for identity in bridges:
            reply = await self._http.request(Request("GET", bridge(identity)), kind="InspectLeg")
            if not reply.ok and reply.status != 404:
                raise PbxUnreachable(f"{identity} answered {reply.status}")
            if reply.ok and channel_of_leg(leg_id) in _bridge.decode(reply.body).channel_ids:
                return identity
        return None

    async def muted(self, order: MuteLeg) -> PbxFact | None:
        """Return LegMuted when the order has taken effect, LegEnded when the leg does not exist, else ActionFailed.

        The PBX only queues such an order, and nothing shows whether a channel is muted. But a variable is set by the
        same queue, and that is answered when it was done.
        """
        asked = {"variable": "CTI_BRIDGE_ASKED", "value": "1"}
        reply = await self._http.request(Request("POST", channel(order.leg_id, "/variable"), asked), kind="InspectMute")
        if reply.ok:
            return LegMuted(order.leg_id, order.muted, order.number)
        if reply.status == 404:
            return LegEnded(order.leg_id)
        return None if reply.status < 0 else ActionFailed(order.leg_id, "MuteLeg", Failure.TIMED_OUT, order)

    async def bridge(self, bridge_id: str) -> PbxFact | None:
        """Return BridgeSeen, or None when no answer came: the core asks again."""
        began = asyncio.get_running_loop().time()
        reply = await self._http.request(Request("GET", bridge(bridge_id)), kind="InspectBridge")
        if not reply.ok and reply.status != 404:
            return None
        return BridgeSeen(bridge_id, reply.ok, self._clock() - (asyncio.get_running_loop().time() - began))

    async def audio(self, leg_id: str) -> PbxFact | None:
        """Return AudioSeen, or None when the PBX does not know. "RTP info not found" is a leg that never got any audio
        (seen)."""
        reply = await self._http.request(Request("GET", channel(leg_id, "/rtp_statistics")), kind="InspectAudio")
        with contextlib.suppress(msgspec.DecodeError):
            if reply.ok and (packets := _audio.decode(reply.body).rxcount) is not None:
                return self._heard(leg_id, packets)
            if reply.status == 404 and "RTP info" in str(reply.body):
                return self._heard(leg_id, 0)
        return None

    async def hold(self, leg_id: str) -> PbxFact | None:
        """Return HoldSeen, or None when no answer came."""
        answered, holds = await self._hold(leg_id)
        return HoldSeen(leg_id, holds) if answered else None

    async def holds(self, leg_id: str) -> bool | None:
        """Return whether the leg's phone holds, or None when nobody knows."""
        return (await self._hold(leg_id))[1]

    async def _hold(self, leg_id: str) -> tuple[bool, bool | None]:
        """Return whether there was an answer, and the answer. Asterisk keeps the hold with the leg's audio (RFC 3264,
        section 8.4)."""
        asked = Request("GET", channel(leg_id, "/variable"), {"variable": "CHANNEL(rtp,hold)"})
        reply = await self._http.request(asked, kind="InspectHold")
        with contextlib.suppress(msgspec.DecodeError):
            if reply.ok and (value := _variable.decode(reply.body).value) in ("0", "1"):
                return True, value == "1"
        return not (reply.status < 0 or reply.status == 404), None

    def _heard(self, leg_id: str, packets: int) -> AudioSeen:
        if not packets:
            log.warning("no_audio", leg=leg_id)
        return AudioSeen(leg_id, packets)

    async def playback(self, leg_id: str, playback_id: str) -> PbxFact | None:
        """Return PlaybackStarted while the message is queued or plays, ActionFailed when no answer came, else
        PlaybackEnded."""
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

    async def recording(self, name: str) -> PbxFact | None:
        """Return RecordingStarted while it runs, of a conversation RecordingSeen; RecordingEnded when there is a file
        of it alone, RecordingMissing when there is nothing; None when no answer came. The PBX forgets how much was
        said."""
        began = asyncio.get_running_loop().time()
        reply = await self._http.request(Request("GET", recording(name)), kind="InspectRecording")
        if reply.ok:
            with contextlib.suppress(msgspec.DecodeError):
                found = _recording.decode(reply.body)
                ended = found.state in ("done", "failed", "canceled")
                over = RecordingEnded(name, found.talking_duration, found.failed)
                if ended or not is_conversation(name):
                    return over if ended else RecordingStarted(name)
                asked_at = self._clock() - (asyncio.get_running_loop().time() - began)
                return RecordingSeen(name, found.state == "paused", asked_at)
        if reply.status != 404:
            return None
        stored = await self._http.request(Request("GET", recording(name, "stored")), kind="InspectRecording")
        if stored.ok:
            return RecordingEnded(name)
        return RecordingMissing(name) if stored.status == 404 else None
