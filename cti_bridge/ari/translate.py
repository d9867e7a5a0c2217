"""JSON of the event socket → facts. Pure but for the counters.

Which event means what, as seen on Asterisk 22.10.1 (the integration tests prove it again):

- A channel has ended, with its phone free, at ChannelDestroyed: only then is the Q.850 cause known, which says whether
  its party hung up (0, 16, or what its BYE gives as the reason) or was lost (44 after ``rtp_timeout``, 18 with 408 when
  the session was not refreshed). StasisEnd comes 0 to 3 ms before it and says nothing.
- ChannelDestroyed comes always: busy, refused, timed out, hung up before its StasisStart, and after a reconnect. Of an
  inbound channel it comes only because of the subscription to ``endpoint:PJSIP``; a caller over another technology has
  ended at StasisEnd.
- ChannelCreated comes by that subscription too, also of channels that are never handed to us: a phone's other calls.
- A snoop has ended at StasisEnd: ChannelDestroyed never comes.
- A keypad channel with an emergency number may go on in the dialplan (``[cti-emergency-call]``): its StasisEnd says
  that it is with us no more.
- That subscription sends ChannelStateChange and ChannelDestroyed of every PJSIP channel, of ours twice. The core
  takes a fact twice without harm; not to subscribe would cost the phones' states.
- Dial says PROGRESS when the other end plays something before it answers (183), which nothing else says. What else it
  says, other events say too.
- PeerStatusChange comes once for each registration and its end. EndpointStateChange says the same, but comes
  also for every channel that begins or ends.
- ContactStatusChange says Removed when a registration ran out, was ended or replaced, and when the WebSocket
  over which it came was closed: 50 ms after a page was reloaded. The channel stays up then, until ``rtp_timeout``.
"""

from collections.abc import Callable, Sequence

import msgspec

from cti_bridge.ari.caller import caller
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.models import Channel, Event, EventType
from cti_bridge.ari.pbx_clock import PbxClock, age_s
from cti_bridge.ari.text import clean
from cti_bridge.domain.border.facts import (
    CallArrived,
    DigitPressed,
    KeypadDialed,
    LegAnswered,
    LegBack,
    LegEnded,
    LegEntered,
    LegHeld,
    LegLeft,
    LegLetGo,
    LegReady,
    LegRetrieved,
    LegRinging,
    PbxFact,
    PhoneChanged,
    PhoneLeft,
    PhoneUsed,
    PlaybackEnded,
    PlaybackStarted,
    RecordingEnded,
    RecordingStarted,
)
from cti_bridge.domain.model.ids import leg_of_channel

INBOUND = "inbound"
"""The first argument of ``Stasis()`` in the dialplan for a call from the trunk. The second is the dialled number; the
others say whether the caller's number may be shown."""

KEYPAD = "keypad"
"""The first argument for a number that an agent dialled on the phone itself."""

BACK = "back"
"""The first argument for a call that the dialplan gives back to its scenario. The second is a word, or missing."""

EMERGENCY = "emergency"
"""The third argument for a dialled number that the dialplan takes for one of an emergency service."""

MOST_OF_A_WORD = 64

ORDERED = "ChannelUserevent"
"""The type of the event that :mod:`cti_bridge.ari.event_proof` orders."""
REPLACED = "ApplicationReplaced"
REST_RESPONSE = "RESTResponse"

_decoder = msgspec.json.Decoder(Event)
_type_decoder = msgspec.json.Decoder(EventType)


def arrival(node: str, channel: Channel, args: Sequence[str], arrived_at: float) -> CallArrived:
    """Return the CallArrived of an inbound channel. ``arrived_at`` is by our clock."""
    who = caller(channel.caller, args)
    return CallArrived(
        node=node,
        leg_id=channel.leg_id(node),
        dialed_number=clean(args[1]),
        caller_number=who.number,
        caller_name=who.name,
        withheld_number=who.withheld_number,
        arrived_at=arrived_at,
        codec=channel.codec,
        up=channel.state == "Up",
    )


def back(node: str, channel: Channel, args: Sequence[str]) -> LegBack | None:
    """Return the fact of a channel that the dialplan has given back; None for any other."""
    if channel.is_ours or list(args[:1]) != [BACK]:
        return None
    return LegBack(channel.leg_id(node), clean("".join(args[1:2]))[:MOST_OF_A_WORD])


def beginning(
    node: str, endpoints: Endpoints, channel: Channel, args: Sequence[str], arrived_at: float
) -> CallArrived | KeypadDialed | None:
    """Return the fact of an inbound channel's StasisStart with these arguments; None for arguments that are not
    ours."""
    if channel.is_ours or len(args) < 2:
        return None
    if args[0] == INBOUND:
        return arrival(node, channel, args, arrived_at)
    if args[0] == KEYPAD:
        emergency = list(args[2:3]) == [EMERGENCY]
        phone = endpoints.of_channel(channel.name)
        return KeypadDialed(node, channel.leg_id(node), phone, clean(args[1]), emergency, channel.codec)
    return None


class Translator:
    """For one node: decodes the frames of its socket, and tells the facts in them."""

    def __init__(self, node: str, endpoints: Endpoints, counters: Counters, pbx_clock: PbxClock | None = None) -> None:
        self._node = node
        self._endpoints = endpoints
        self._counters = counters
        self._pbx_clock = pbx_clock or PbxClock(node)

    def decode(self, frame: bytes | str) -> Event | None:
        """Read and return one frame. A frame that is malformed, or of an unused type and another shape, is counted and
        gives None."""
        try:
            return _decoder.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._count_unread(frame)
            return None

    def fact(self, event: Event, received_at: float) -> PbxFact | None:
        """Return the fact of an event. An event of no use is counted and gives None."""
        self._counters.events += 1
        reader = _READERS.get(event.type)
        fact = reader(self, event, received_at) if reader else None
        if fact is None:
            self._counters.ignored += 1
        return fact

    def _count_unread(self, frame: bytes | str) -> None:
        self._counters.events += 1
        try:
            known = _type_decoder.decode(frame).type in USED_TYPES
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            known = True
        if known:
            self._counters.malformed += 1
        else:
            self._counters.ignored += 1

    def _created(self, event: Event, _: float) -> PbxFact | None:
        channel = event.channel
        if channel is None or channel.is_ours or not self._is_of_phones(channel):
            return None
        return PhoneUsed(self._node, channel.leg_id(self._node), self._endpoints.of_channel(channel.name))

    def _stasis_start(self, event: Event, received_at: float) -> PbxFact | None:
        channel = event.channel
        if channel is None:
            return None
        if channel.is_ours:
            return LegReady(channel.leg_id(self._node), self._node, self._endpoints.of_channel(channel.name))
        if (returned := back(self._node, channel, event.args)) is not None:
            return returned
        arrived_at = received_at - age_s(channel.creationtime, event.timestamp)
        return beginning(self._node, self._endpoints, channel, event.args, arrived_at)

    def _stasis_end(self, event: Event, _: float) -> PbxFact | None:
        channel = event.channel
        if channel is not None and channel.name.startswith("Snoop/"):
            return LegEnded(channel.leg_id(self._node))
        if channel is None or channel.is_ours:
            return None
        args = channel.dialplan.app_data.split(",")[1:]
        if args[:1] == [KEYPAD] and args[2:3] == [EMERGENCY]:
            return LegLetGo(channel.leg_id(self._node))
        return None if self._is_of_phones(channel) else LegEnded(channel.leg_id(self._node))

    def _is_of_phones(self, channel: Channel) -> bool:
        """Return whether the subscription to the agents' phones tells all events of this channel."""
        return channel.name.startswith(f"{self._endpoints.technology}/")

    def _state_change(self, event: Event, _: float) -> PbxFact | None:
        if event.channel is None:
            return None
        if event.channel.state == "Up":
            return LegAnswered(event.channel.leg_id(self._node), event.channel.codec)
        return LegRinging(event.channel.leg_id(self._node)) if event.channel.state == "Ringing" else None

    def _dial(self, event: Event, _: float) -> PbxFact | None:
        plays = event.peer.channel_id and event.dialstatus == "PROGRESS"
        return LegRinging(leg_of_channel(self._node, event.peer.channel_id), early_media=True) if plays else None

    def _entered(self, event: Event, _: float) -> PbxFact | None:
        if event.channel is None or event.bridge is None:
            return None
        return LegEntered(event.channel.leg_id(self._node), event.bridge.id, event.channel.codec)

    def _left(self, event: Event, received_at: float) -> PbxFact | None:
        if event.channel is None or event.bridge is None:
            return None
        left_at = self._pbx_clock.ours(event.timestamp, received_at)
        return LegLeft(event.channel.leg_id(self._node), event.bridge.id, left_at)

    def _held(self, event: Event, _: float) -> PbxFact | None:
        return LegHeld(event.channel.leg_id(self._node)) if event.channel else None

    def _retrieved(self, event: Event, _: float) -> PbxFact | None:
        return LegRetrieved(event.channel.leg_id(self._node)) if event.channel else None

    def _digit(self, event: Event, _: float) -> PbxFact | None:
        return DigitPressed(event.channel.leg_id(self._node), event.digit) if event.channel and event.digit else None

    def _destroyed(self, event: Event, _: float) -> PbxFact | None:
        return LegEnded(event.channel.leg_id(self._node), event.cause, event.tech_cause) if event.channel else None

    def _playback_started(self, event: Event, _: float) -> PbxFact | None:
        return PlaybackStarted(event.playback.id) if event.playback else None

    def _playback_finished(self, event: Event, _: float) -> PbxFact | None:
        return PlaybackEnded(event.playback.id, event.playback.state == "failed") if event.playback else None

    def _recording_started(self, event: Event, _: float) -> PbxFact | None:
        return RecordingStarted(event.recording.name) if event.recording else None

    def _recording_finished(self, event: Event, _: float) -> PbxFact | None:
        found = event.recording
        return RecordingEnded(found.name, found.talking_duration, found.failed) if found else None

    def _peer_status(self, event: Event, _: float) -> PbxFact | None:
        cti_number = self._phone(event)
        reachable = event.endpoint is not None and event.endpoint.state == "online"
        return PhoneChanged(self._node, cti_number, reachable) if cti_number else None

    def _contact_status(self, event: Event, _: float) -> PbxFact | None:
        cti_number = self._phone(event)
        removed = event.contact_info is not None and event.contact_info.contact_status == "Removed"
        return PhoneLeft(self._node, cti_number) if cti_number and removed else None

    def _phone(self, event: Event) -> str | None:
        endpoint = event.endpoint
        if endpoint is None or endpoint.technology != self._endpoints.technology:
            return None
        return self._endpoints.cti_number(endpoint.resource)


_READERS: dict[str, Callable[[Translator, Event, float], PbxFact | None]] = {
    "ChannelCreated": Translator._created,
    "StasisStart": Translator._stasis_start,
    "StasisEnd": Translator._stasis_end,
    "ChannelStateChange": Translator._state_change,
    "Dial": Translator._dial,
    "ChannelEnteredBridge": Translator._entered,
    "ChannelLeftBridge": Translator._left,
    "ChannelHold": Translator._held,
    "ChannelUnhold": Translator._retrieved,
    "ChannelDtmfReceived": Translator._digit,
    "ChannelDestroyed": Translator._destroyed,
    "PlaybackStarted": Translator._playback_started,
    "PlaybackFinished": Translator._playback_finished,
    "RecordingStarted": Translator._recording_started,
    "RecordingFinished": Translator._recording_finished,
    "RecordingFailed": Translator._recording_finished,
    "PeerStatusChange": Translator._peer_status,
    "ContactStatusChange": Translator._contact_status,
}

USED_TYPES = (*_READERS, ORDERED, REST_RESPONSE, REPLACED)
"""The event filter. Without the last two, replies on the socket are dropped and a second controller goes unnoticed."""
