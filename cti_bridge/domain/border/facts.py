"""Facts: the only input of the core. A fact has happened, so its name is in the past tense.

Facts come from the PBX (through ``cti_bridge.ari``), from failed actions, and from the bridge itself. An odd fact
(unknown leg, twice the same, too late) changes nothing and never raises. Requests of agents are commands
(:mod:`cti_bridge.domain.border.commands`).
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.commands import Command, HouseCommand
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.talks import Talk

# ----------------------------------------------------------------------------------- from the PBX


class CallArrived(Struct, frozen=True, gc=False):
    """An inbound channel entered our application (StasisStart with the argument ``inbound``)."""

    node: str
    leg_id: str
    dialed_number: str
    caller_number: str | None
    """None: the caller withholds the number, or it identifies nobody. The name is empty then."""
    caller_name: str
    arrived_at: float
    """The time at which the channel was made, by the engine's clock. It keeps the place of a caller in the dialplan's
    retry loop."""
    withheld_number: str | None = None
    """The caller's number, where the network names it though the caller withholds it. It serves marks alone, and is
    never shown or written."""
    codec: str = ""
    """The codec of the leg's audio, by the PBX's name, e.g. ``alaw``. Empty when it is not known, or not agreed yet."""
    up: bool = False
    """The caller has been answered already: by the dialplan, or by a bridge that has died."""


class LegReady(Struct, frozen=True, gc=False):
    """A leg that we created entered our application and can be dialled. ``node`` and ``endpoint``, the number of its
    phone, are empty where they were not asked for."""

    leg_id: str
    node: str = ""
    endpoint: str = ""


class LegRinging(Struct, frozen=True, gc=False):
    """The other end has been reached: it rings (180), or plays something before it answers (183)."""

    leg_id: str
    early_media: bool = False


class LegAnswered(Struct, frozen=True, gc=False):
    leg_id: str
    codec: str = ""
    """As in CallArrived."""


class LegEntered(Struct, frozen=True, gc=False):
    """The leg is in the bridge."""

    leg_id: str
    bridge_id: str
    codec: str = ""
    """As in CallArrived."""


class LegLeft(Struct, frozen=True, gc=False):
    """The leg is no longer in the bridge (it may live on)."""

    leg_id: str
    bridge_id: str
    left_at: float | None = None
    """The time at which the PBX says it left, by our clock; None when it does not say."""


class LegEnded(Struct, frozen=True, gc=False):
    """The leg has ended, or was found to exist no longer."""

    leg_id: str
    hangup_cause: int = 0
    """ITU-T Q.850 cause; 0 when unknown."""
    sip_code: int = 0
    """The SIP final response that ended it (``tech_cause`` of ChannelDestroyed, Asterisk 22); 0 when unknown."""


class LegLetGo(Struct, frozen=True, gc=False):
    """An inbound leg has left our application. If it lives on, the dialplan has it."""

    leg_id: str


class LegStuck(Struct, frozen=True, gc=False):
    """The leg exists and carries nothing out: it hangs in the PBX. News of its end may come late or never."""

    leg_id: str


class LegHeld(Struct, frozen=True, gc=False):
    """The phone's own hold key was pressed."""

    leg_id: str


class LegRetrieved(Struct, frozen=True, gc=False):
    """The phone has ended its own hold."""

    leg_id: str


class LegMuted(Struct, frozen=True, gc=False):
    """The leg was muted, or is so no more: an order of that ``number`` has taken effect."""

    leg_id: str
    muted: bool
    number: int


class DigitPressed(Struct, frozen=True, gc=False):
    """A party has pressed a key: a digit, ``*``, ``#``, or A to D."""

    leg_id: str
    digit: str


class KeypadDialed(Struct, frozen=True, gc=False):
    """An agent dialled a number on the phone itself (StasisStart with the argument ``keypad``)."""

    node: str
    leg_id: str
    cti_number: str
    number: str
    emergency: bool = False
    """The dialplan takes it for an emergency number."""
    codec: str = ""
    """As in CallArrived."""


class PlaybackStarted(Struct, frozen=True, gc=False):
    playback_id: str


class PlaybackEnded(Struct, frozen=True, gc=False):
    """The message is over, failed, or was found not to be playing."""

    playback_id: str
    failed: bool = False


class RecordingStarted(Struct, frozen=True, gc=False):
    """The PBX records, or is about to: the beep comes first."""

    recording: str


class RecordingEnded(Struct, frozen=True, gc=False):
    """The recording is over, and its file whole. ``said_s`` are the seconds in which somebody spoke, as the PBX counts
    them, whole ones; None: nobody knows. ``failed``: there is no file."""

    recording: str
    said_s: float | None = None
    failed: bool = False


class RecordingSeen(Struct, frozen=True, gc=False):
    """A look at the recording of a conversation, asked for at ``asked_at``, has shown that it runs, or is paused."""

    recording: str
    paused: bool
    asked_at: float


class RecordingMissing(Struct, frozen=True, gc=False):
    """A look has shown that the PBX has no such recording, neither running nor as a file."""

    recording: str


class PhoneChanged(Struct, frozen=True, gc=False):
    """A phone registered, or its registration is over."""

    node: str
    cti_number: str
    reachable: bool


class PhoneUsed(Struct, frozen=True, gc=False):
    """A channel to or from a phone has begun that we did not make."""

    node: str
    leg_id: str
    cti_number: str


class PhoneLeft(Struct, frozen=True, gc=False):
    """A registration of the phone was removed: the phone unregistered, the time ran out, or the connection was closed.
    Another one may have taken its place."""

    node: str
    cti_number: str


class NodeTakenOver(Struct, frozen=True, gc=False):
    """Another controller has taken the node over, which is given up. Its calls are the other one's."""

    node: str


class NodeLost(Struct, frozen=True, gc=False):
    """The connection to the node's events is lost, or could not be made. The node's calls go on, unseen."""

    node: str
    we_stop: bool = False
    """The bridge stops. The PBX is not away: deadlines go on as when the bridge is killed."""


class LegBack(Struct, frozen=True, gc=False):
    """The dialplan has given an inbound leg back. ``result`` is the word that it brings along; may be empty."""

    leg_id: str
    result: str = ""


class SeenLeg(Struct, frozen=True, gc=False):
    """A channel as the PBX lists it."""

    leg_id: str
    up: bool
    ringing: bool
    in_app: bool
    """The leg is in our application now (after its StasisStart)."""
    bridge_id: str | None
    endpoint: str
    """The technology's own name of the other end, e.g. ``1001`` for ``PJSIP/1001-00000003``."""
    arrived: CallArrived | KeypadDialed | None
    """The CallArrived of an inbound channel that is in our application. None when the channel can no longer begin a
    call: unless it is a leg of a call, nobody knows its purpose."""
    codec: str = ""
    """As in CallArrived."""
    back: LegBack | None = None
    """The LegBack of a leg that the dialplan has given back at some time."""
    emergency: KeypadDialed | None = None
    """The KeypadDialed of a phone that has dialled an emergency number and is answered."""
    made_at: float | None = None
    """The time at which the channel was made, by our clock. None: the PBX does not say."""


class NodeSeen(Struct, frozen=True, gc=False):
    """The list of all that the node holds. We ask for it at each connect, every 30 s, and on a surprise."""

    node: str
    boot_id: str
    """The id of the PBX's run. It changes when the PBX is restarted."""
    asked_at: float
    """The time at which the question was sent. Objects that were confirmed later may be missing here and yet exist."""
    legs: tuple[SeenLeg, ...]
    bridges: tuple[str, ...]
    """Ids of the bridges of our making."""
    phones: tuple[tuple[str, bool], ...]
    """(CTI number or endpoint name, reachable)."""
    version: str = ""
    """The version of the PBX, as it tells it; empty: not known."""


class LegSeen(Struct, frozen=True, gc=False):
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectLeg` when the leg exists; else it is LegEnded."""

    leg: SeenLeg
    asked_at: float


class AudioSeen(Struct, frozen=True, gc=False):
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectAudio`."""

    leg_id: str
    packets: int
    """The number of audio packets that the PBX has received from the leg since the leg exists."""


class HoldSeen(Struct, frozen=True, gc=False):
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectHold`. ``holds`` None: the PBX cannot tell."""

    leg_id: str
    holds: bool | None


class BridgeSeen(Struct, frozen=True, gc=False):
    """The answer to :class:`~cti_bridge.domain.border.actions.InspectBridge`, asked for at ``asked_at``."""

    bridge_id: str
    there: bool
    asked_at: float


class Failure(StrEnum):
    """The reason why an action failed, as far as the core treats it differently."""

    UNREACHABLE = "unreachable"
    """The endpoint cannot be called: unknown or not registered."""
    REFUSED = "refused"
    """The PBX refused, for a reason that lies with us."""
    TIMED_OUT = "timed_out"
    """No answer came: the action may or may not have happened."""
    NOBODY = "nobody"
    """The action names an executor that does not exist."""


class ActionFailed(Struct, frozen=True, gc=False):
    """An action failed. A refusal that says that all is already as wanted never comes here (404 on a delete, 409 on our
    own id). A leg that does not exist any more comes as LegEnded."""

    leg_id: str
    action: str
    """The action's class name."""
    failure: Failure
    ordered: Action | None = None
    """The action itself, where the executor has it."""


class LookupResult(StrEnum):
    FOUND = "found"
    NONE = "none"
    """The system knows nothing of the caller."""
    ERROR = "error"
    """No answer came in time, or none that can be used."""


class LookupAnswered(Struct, frozen=True, gc=False):
    """The answer to :class:`~cti_bridge.domain.border.actions.Lookup`. ``values`` are personal data."""

    call_id: str
    seq: int
    result: LookupResult
    values: dict[str, str] = {}


class TalksFound(Struct, frozen=True, gc=False):
    """The answer to :class:`~cti_bridge.domain.border.actions.FindTalks`: the last talk of each agent, of a few agents.
    It is empty when Postgres does not answer."""

    call_id: str
    talks: tuple[Talk, ...] = ()


PbxFact = (
    CallArrived
    | LegReady
    | LegRinging
    | LegAnswered
    | LegEntered
    | LegLeft
    | LegEnded
    | LegBack
    | LegLetGo
    | LegStuck
    | DigitPressed
    | LegHeld
    | LegRetrieved
    | HoldSeen
    | LegMuted
    | KeypadDialed
    | PlaybackStarted
    | PlaybackEnded
    | RecordingStarted
    | RecordingEnded
    | RecordingSeen
    | RecordingMissing
    | PhoneChanged
    | PhoneUsed
    | PhoneLeft
    | NodeLost
    | NodeTakenOver
    | NodeSeen
    | LegSeen
    | AudioSeen
    | BridgeSeen
    | ActionFailed
)

# ------------------------------------------------------------------------------- of the bridge itself


class RecordingStored(Struct, frozen=True, gc=False):
    """The file of a recording lies in the bridge's own directory. ``recording_id`` is the id of its row, ``file`` the
    path below the directory, ``length_s`` the length of the audio. It is to be deleted at ``delete_after`` (POSIX
    seconds); None: never."""

    recording_id: str
    file: str
    sha256: str
    bytes: int
    length_s: float
    delete_after: float | None = None
    missing_s: float | None = None
    """The seconds of talk that are not in it, though they should be; None: it is whole."""
    version: int | None = None
    """The version of the recording along which the file was laid out; None: any. Where there is a later one by now, the
    file is not taken, and still to be fetched."""


class RecordingLost(Struct, frozen=True, gc=False):
    """The PBX has no file of the recording."""

    recording_id: str


class RecordingCleared(Struct, frozen=True, gc=False):
    """The PBX's own copy of the file is deleted."""

    recording_id: str


class RecordingDeleted(Struct, frozen=True, gc=False):
    """The file was deleted, since it was kept long enough."""

    recording_id: str


RecordingFact = RecordingStored | RecordingLost | RecordingCleared | RecordingDeleted
"""Facts of the store of recordings."""


class SessionsAged(Struct, frozen=True, gc=False):
    """Time has passed for the sessions of agents. It is told about twice a minute."""


class TimePassed(Struct, frozen=True, gc=False):
    """Time has passed: the deadlines that are due are handled."""


class ClockMoved(Struct, frozen=True, gc=False):
    """The machine's clock was set. The engine's clock says ``now``: by ``by_s`` seconds later, or earlier, than it
    would have said."""

    by_s: float
    now: float


class Stalled(Struct, frozen=True, gc=False):
    """The bridge saw nothing for so long. The events of that time are yet to be read."""

    for_s: float


class UsualHandleTimes(Struct, frozen=True, gc=False):
    """The handling times in seconds that are usual at this hour of the week, by queue, as the database tells them."""

    lasted_s: Mapping[str, float]


class ConfigurationChanged(Struct, frozen=True, gc=False):
    """Another configuration is in force from now on. Its nodes are those of before, and perhaps more."""

    directory: Directory


class ConfigurationGoesOn(Struct, frozen=True, gc=False):
    """More agents are to be looked at, of those whom another configuration concerns."""


Fact = (
    PbxFact
    | Command
    | HouseCommand
    | LookupAnswered
    | TalksFound
    | RecordingFact
    | SessionsAged
    | TimePassed
    | ClockMoved
    | Stalled
    | UsualHandleTimes
    | ConfigurationChanged
    | ConfigurationGoesOn
)
