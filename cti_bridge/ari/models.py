"""The parts of ARI's models that are used, for msgspec. Fields that Asterisk adds are ignored.

Source: ``/ari/api-docs/{events,channels,bridges,endpoints,playbacks,asterisk}.json`` of Asterisk 22.10.1.
"""

import re
from typing import Any

import msgspec

from cti_bridge.domain.model.ids import is_ours, leg_of_channel

CODEC = "CHANNEL(audionativeformat)"
"""The variable that ``channelvars`` in ari.conf must name."""

_ONE_CODEC = re.compile(r"\((\w+)\)")
"""``(alaw)``; ``(none)`` while there is no audio, ``(alaw|ulaw)`` while nothing is agreed (seen)."""


class CallerId(msgspec.Struct, frozen=True, gc=False):
    name: str = ""
    number: str = ""


class Dialplan(msgspec.Struct, frozen=True, gc=False):
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct, frozen=True, gc=False):
    """``channel_id`` is the PBX's own, and may be that of another channel on another PBX."""

    channel_id: str = msgspec.field(name="id")
    name: str = ""
    state: str = ""
    caller: CallerId = CallerId()
    dialplan: Dialplan = Dialplan()
    creationtime: str = ""
    channelvars: dict[str, Any] = {}
    """The variables that ``channelvars`` in ari.conf names; absent where it names none."""

    @property
    def is_ours(self) -> bool:
        """Whether we made it."""
        return is_ours(self.channel_id)

    def leg_id(self, node: str) -> str:
        """Return the id of the channel's leg."""
        return leg_of_channel(node, self.channel_id)

    @property
    def codec(self) -> str:
        """The codec of its audio, e.g. ``alaw``; empty before there is one, and where the PBX does not tell it."""
        found = _ONE_CODEC.fullmatch(str(self.channelvars.get(CODEC, "")))
        return found[1] if found and found[1] != "none" else ""


class Bridge(msgspec.Struct, frozen=True, gc=False):
    id: str
    channel_ids: tuple[str, ...] = msgspec.field(name="channels", default=())


class Playback(msgspec.Struct, frozen=True, gc=False):
    id: str
    state: str = ""
    media_uri: str = ""
    """The one of a list that plays, or has played last."""


class SoundForm(msgspec.Struct, frozen=True, gc=False):
    language: str


class Sound(msgspec.Struct, frozen=True, gc=False):
    """``GET /sounds/NAME``."""

    formats: tuple[SoundForm, ...] = ()


class Recording(msgspec.Struct, frozen=True, gc=False):
    """``GET /recordings/live/NAME``, and in its events. ``talking_duration`` are whole seconds, up to one more than
    were said (seen): five of silence at the end are one of talk. One that is done and has no ``duration`` never began:
    its caller hung up in the beep, or the PBX could not write (seen)."""

    name: str
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None

    @property
    def failed(self) -> bool:
        """Whether one that is over has no file."""
        return self.state != "done" or self.duration is None


class Variable(msgspec.Struct, frozen=True, gc=False):
    """``GET /channels/ID/variable``."""

    value: str = ""


class RtpStatistics(msgspec.Struct, frozen=True, gc=False):
    """``GET /channels/ID/rtp_statistics``."""

    rxcount: int | None = None
    txcount: int | None = None


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    technology: str = ""
    resource: str = ""
    state: str | None = None
    channel_ids: tuple[str, ...] = ()


class Application(msgspec.Struct, frozen=True, gc=False):
    """The channels and bridges of our application."""

    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()


class ContactInfo(msgspec.Struct, frozen=True, gc=False):
    contact_status: str = ""


class Peer(msgspec.Struct, frozen=True, gc=False):
    """In a Dial, the channel that is dialled. In a PeerStatusChange it is something else, and has no id."""

    channel_id: str = msgspec.field(name="id", default="")


class Event(msgspec.Struct, frozen=True, gc=False):
    """Any frame of the event socket: one flat shape is cheaper than a union and takes every type."""

    type: str
    timestamp: str = ""
    """The time at which the PBX sent the event, by its own clock."""
    channel: Channel | None = None
    replace_channel: Channel | None = None
    """In a StasisStart, the channel whose place this one has taken though we did not ask for that."""
    bridge: Bridge | None = None
    playback: Playback | None = None
    recording: Recording | None = None
    endpoint: Endpoint | None = None
    contact_info: ContactInfo | None = None
    args: tuple[str, ...] = ()
    eventname: str = ""
    digit: str = ""
    cause: int = 0
    tech_cause: int = 0
    peer: Peer = Peer()
    dialstatus: str = ""
    request_id: str = ""
    status_code: int = 0
    message_body: str = ""


class EventType(msgspec.Struct, frozen=True, gc=False):
    """The part that is read of a frame that does not have the shape of :class:`Event`."""

    type: str


class Status(msgspec.Struct, frozen=True, gc=False):
    startup_time: str = ""


class System(msgspec.Struct, frozen=True, gc=False):
    version: str = ""


class Config(msgspec.Struct, frozen=True, gc=False):
    """``name`` is the ``systemname`` of asterisk.conf; empty where it has none."""

    name: str = ""


class Info(msgspec.Struct, frozen=True, gc=False):
    """``GET /asterisk/info``."""

    config: Config = Config()
    system: System = System()
    status: Status = Status()


class RestRequest(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A request on the event socket (Asterisk's documentation, "ARI REST over WebSocket"). ``type`` has no default, so
    that it is always sent."""

    type: str
    request_id: str
    method: str
    uri: str
    content_type: str = ""
    message_body: str = ""
