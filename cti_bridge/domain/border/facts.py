"""What has happened: the only input of the core. Names are in the past tense.

Facts come from the PBX (through ``cti_bridge.ari``), from failed actions, and from the bridge itself. An odd fact
(unknown leg, twice the same, too late) changes nothing and never raises. What agents ask for is
:mod:`None.commands`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.commands import Command
from cti_bridge.domain.model.directory import Directory

# ----------------------------------------------------------------------------------- from the PBX


@dataclass(frozen=True, slots=True)
class CallArrived:
    """An inbound channel entered our application (StasisStart with the argument ``inbound``)."""

    node: str
    leg_id: str
    dialed_number: str
    caller_number: str | None
    """None: withheld, or what came identifies nobody; the name is empty then."""
    caller_name: str
    arrived_at: float
    """When the channel was made, by the engine's clock: a caller in the dialplan's retry loop keeps the place."""
    withheld_number: str | None = None
    """Whom the network names though the caller withholds it: for marks alone, and never to be shown or written."""
    codec: str = ""
    """Of the leg's audio, by the PBX's name, e.g. ``alaw``; empty when it is not known, or not agreed yet."""


@dataclass(frozen=True, slots=True)
class LegReady:
    """A leg that we created entered our application and can be dialled."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    leg_id: str


@dataclass(frozen=True, slots=True)
class LegAnswered:
    leg_id: str
    codec: str = ""
    """As in CallArrived."""


@dataclass(frozen=True, slots=True)
class LegEntered:
    """The leg is in the bridge."""

    leg_id: str
    bridge_id: str
    codec: str = ""
    """As in CallArrived."""


@dataclass(frozen=True, slots=True)
class LegLeft:
    """The leg is no longer in the bridge (it may live on)."""

    leg_id: str
    bridge_id: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The leg is gone for good, or was found to be gone."""

    leg_id: str
    hangup_cause: int = 0
    """ITU-T Q.850 cause; 0 when unknown."""
    sip_code: int = 0
    """The SIP final response that ended it (``tech_cause`` of ChannelDestroyed, Asterisk 22); 0 when unknown."""


@dataclass(frozen=True, slots=True)
class LegLetGo:
    """An inbound leg has left our application. It may live on: then the dialplan has it."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegStuck:
    """The leg exists and carries nothing out: it hangs in the PBX. Its end may never be told, or late."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegHeld:
    """The phone's own hold key was pressed."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegRetrieved:
    """The phone took the call back from its own hold."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class KeypadDialed:
    """An agent dialled a number on the phone itself (StasisStart with the argument ``keypad``)."""

    node: str
    leg_id: str
    cti_number: str
    number: str
    emergency: bool = False
    """The dialplan takes it for an emergency number."""
    codec: str = ""
    """As in CallArrived."""


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    playback_id: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """The message is over, failed, or was found not to be playing."""

    playback_id: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """A phone registered, or its registration is over."""

    node: str
    cti_number: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class PhoneUsed:
    """A channel to or from a phone has begun that is not of our making."""

    node: str
    leg_id: str
    cti_number: str


@dataclass(frozen=True, slots=True)
class PhoneLeft:
    """A registration of the phone was removed: it was taken back, ran out, or its connection was closed. Another one
    may have taken its place."""

    node: str
    cti_number: str


@dataclass(frozen=True, slots=True)
class NodeLost:
    """The node's event socket is gone, or was never there. Its calls go on, unseen."""

    node: str


@dataclass(frozen=True, slots=True)
class SeenLeg:
    """A channel as the PBX lists it."""

    leg_id: str
    up: bool
    ringing: bool
    in_app: bool
    """It is in our application now (after its StasisStart)."""
    bridge_id: str | None
    endpoint: str
    """The technology's own name of the other end, e.g. ``1001`` for ``PJSIP/1001-00000003``."""
    arrived: CallArrived | KeypadDialed | None
    """For an inbound channel that is in our application: what its arrival would have said. None when it can no longer
    begin a call: then, unless it is a leg of a call, nobody knows what it is for."""
    codec: str = ""
    """As in CallArrived."""
    emergency: KeypadDialed | None = None
    """For a phone that has dialled an emergency number, and is answered: what its arrival said."""


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """What the node held when it was asked: at each connect, every 30 s, and on a surprise."""

    node: str
    boot_id: str
    """Changes when the PBX was restarted."""
    asked_at: float
    """When the question was sent: what was confirmed after it may be missing here and yet exist."""
    legs: tuple[SeenLeg, ...]
    bridges: tuple[str, ...]
    """Ids of the bridges of our making."""
    phones: tuple[tuple[str, bool], ...]
    """(CTI number or endpoint name, reachable)."""


@dataclass(frozen=True, slots=True)
class LegSeen:
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectLeg` when the leg exists; else it is LegEnded."""

    leg: SeenLeg
    asked_at: float


@dataclass(frozen=True, slots=True)
class AudioSeen:
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectAudio`."""

    leg_id: str
    packets: int
    """Of audio, that the PBX has received from the leg since it exists."""


@dataclass(frozen=True, slots=True)
class HoldSeen:
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectHold`. ``holds`` None: the PBX cannot tell."""

    leg_id: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class BridgeSeen:
    """The answer to :class:`~cti_bridge.domain.actions.InspectBridge`, asked for at ``asked_at``."""

    bridge_id: str
    there: bool
    asked_at: float


class Failure(StrEnum):
    """Why an action failed, as far as anybody cares."""

    UNREACHABLE = "unreachable"
    """The endpoint cannot be called: unknown or not registered."""
    REFUSED = "refused"
    """The PBX said no, for a reason of ours."""
    TIMED_OUT = "timed_out"
    """No answer: it may or may not have happened."""
    NOBODY = "nobody"
    """There is nobody of the name who was to carry it out."""


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """An action failed. What is already as wanted (404 on a delete, 409 on our own id) never comes here,
    and a leg found to be gone comes as LegEnded."""

    leg_id: str
    action: str
    """The action's class name."""
    failure: Failure
    ordered: Action | None = field(default=None, compare=False)
    """The action itself, where who tells has it."""


PbxFact = (
    CallArrived
    | LegReady
    | LegRinging
    | LegAnswered
    | LegEntered
    | LegLeft
    | LegEnded
    | LegLetGo
    | LegStuck
    | LegHeld
    | LegRetrieved
    | HoldSeen
    | KeypadDialed
    | PlaybackStarted
    | PlaybackEnded
    | PhoneChanged
    | PhoneUsed
    | PhoneLeft
    | NodeLost
    | NodeSeen
    | LegSeen
    | AudioSeen
    | BridgeSeen
    | ActionFailed
)

# ------------------------------------------------------------------------------- of the bridge itself


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing happened but time: deadlines that are due are handled."""


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The machine's clock was set: the engine's clock says ``now``, which is ``by_s`` later than it would have said,
    or earlier."""

    by_s: float
    now: float


@dataclass(frozen=True, slots=True)
class Stalled:
    """For so long the bridge saw nothing: what happened meanwhile is yet to be read."""

    for_s: float


@dataclass(frozen=True, slots=True)
class ConfigurationChanged:
    """Another configuration is in force from now on. Its nodes are those of before."""

    directory: Directory


@dataclass(frozen=True, slots=True)
class ConfigurationGoesOn:
    """Some more agents are looked at, of those whom another configuration concerns."""


Fact = PbxFact | Command | TimePassed | ClockMoved | Stalled | ConfigurationChanged | ConfigurationGoesOn
