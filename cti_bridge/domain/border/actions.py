"""Actions: the orders of the core, most of them to a PBX. Names are imperative. The executor that an action names
carries it out, in order per call, and answers only with facts. A hang-up overtakes the other actions of its call."""

from msgspec import Struct, field

WITHHELD = "anonymous"
"""The word for a number that is withheld or identifies nobody. The phone displays no number at all."""


class Action(Struct, frozen=True, gc=False):
    """One order. ``executor`` is the name of the PBX, or of another part of the bridge (:mod:`cti_bridge.executors`),
    that carries it out. ``call_id`` names the lane: actions of one call are carried out one after another. A row of
    :data:`cti_bridge.domain.floor.orders.RULES` makes the core look for its effect."""

    executor: str
    call_id: str
    leg_id: str

    @property
    def object_id(self) -> str:
        """The id of its object: the leg, unless the action names another one."""
        named = getattr(self, "playback_id", "") or getattr(self, "recording", "") or getattr(self, "bridge_id", "")
        return named or self.leg_id


class Answer(Action, frozen=True, gc=False):
    """Answer an inbound leg."""


class Reject(Action, frozen=True, gc=False):
    """Refuse an unanswered inbound leg with a SIP response: 403 service off or number blocked, 404 unknown number,
    480 no more."""

    sip_code: int


class CreateLeg(Action, frozen=True, gc=False):
    """Create a leg without dialling it; its LegReady says when it may be dialled. Exactly one of ``cti_number`` (an
    agent's phone) and ``number`` (by the trunk: E.164, or with ``emergency`` such a number) is set. ``shown_number``
    and ``shown_name`` are what the called phone displays; an empty number leaves that to the PBX. ``originator`` is
    the leg whose codec the new one is to have, where its phone can."""

    cti_number: str | None = None
    number: str | None = None
    shown_number: str = ""
    shown_name: str = ""
    auto_answer: bool = False
    emergency: bool = False
    originator: str = ""


class SnoopLeg(Action, frozen=True, gc=False):
    """Make a leg that hears all that the leg ``spied`` says and hears, and what it is told ``spied`` alone hears. Its
    LegReady says that it is there."""

    spied: str = ""


class MuteLeg(Action, frozen=True, gc=False):
    """Let nobody hear the leg, or, not ``muted``, let it be heard again. LegMuted is the answer. ``number`` tells
    orders of the leg apart."""

    muted: bool = True
    number: int = 0


class TakeOver(Action, frozen=True, gc=False):
    """Tell the dialplan that we have the inbound leg, so that it does not go on with it by itself."""


class AgreeAnew(Action, frozen=True, gc=False):
    """Agree on the leg's audio once more (a re-INVITE), since the PBX may have got it wrong."""


class HandBack(Action, frozen=True, gc=False):
    """Let go of an inbound leg: the dialplan goes on with it."""


class LimitDialplan(Action, frozen=True, gc=False):
    """Let the PBX itself end the leg's time in the dialplan after so many seconds: the leg goes to the extension ``T``
    of its context, where there is one."""

    seconds: int


class SendToDialplan(Action, frozen=True, gc=False):
    """Let the dialplan go on with the leg, at the first priority of the extension. Its LegBack says when it is back."""

    context: str
    extension: str


class DialLeg(Action, frozen=True, gc=False):
    """Let the leg ring. ``timeout_s`` is a safety net on the PBX for the case that we have died. The core's own
    deadline is shorter."""

    timeout_s: int


class HangUp(Action, frozen=True, gc=False):
    """End the leg. ``hangup_cause`` is the ITU-T Q.850 cause to send."""

    hangup_cause: int = 16


class StartMusic(Action, frozen=True, gc=False):
    music: str = "default"


class StopMusic(Action, frozen=True, gc=False):
    pass


class StartPlayback(Action, frozen=True, gc=False):
    """Play a message to one leg. ``media`` is one ARI media URI, e.g. ``sound:cti/welcome``, or several with commas
    between them. ``language`` chooses among the sounds of the PBX; empty: its own."""

    playback_id: str = ""
    media: str = ""
    language: str = ""


class StopPlayback(Action, frozen=True, gc=False):
    playback_id: str = ""


class StartRingback(Action, frozen=True, gc=False):
    """Let the leg hear ringing."""


class StopRingback(Action, frozen=True, gc=False):
    pass


class SendDigits(Action, frozen=True, gc=False):
    """Let the leg receive DTMF digits, 0-9, A-D, *, #."""

    digits: str = ""


class CreateBridge(Action, frozen=True, gc=False):
    """Create the call's mixing bridge. ``leg_id`` is empty. A ``softmix`` mixes from the first moment, for legs of
    different codecs (:mod:`cti_bridge.domain.floor.codecs`)."""

    bridge_id: str = ""
    softmix: bool = False


class DestroyBridge(Action, frozen=True, gc=False):
    bridge_id: str = ""


class AddToBridge(Action, frozen=True, gc=False):
    """Let the leg enter the bridge. ``also`` are further legs that enter in the same request, after ``leg_id``."""

    bridge_id: str = ""
    also: tuple[str, ...] = field(default=())


class RemoveFromBridge(Action, frozen=True, gc=False):
    bridge_id: str = ""


class InspectLeg(Action, frozen=True, gc=False):
    """Look at the leg; LegSeen or LegEnded is the answer. ``unknown_role`` is the role of a leg of ours that only a
    newer release knows: the operator is told of it. ``bridges`` are those that it may be in; none named: those of its
    call."""

    unknown_role: str = ""
    bridges: tuple[str, ...] = ()


class InspectPlayback(Action, frozen=True, gc=False):
    """Look whether the message still plays; PlaybackStarted or PlaybackEnded is the answer."""

    playback_id: str = ""


LOOKUPS = "house.lookups"
"""The executor of lookups. No PBX can have such a name."""


class Lookup(Action, frozen=True, gc=False):
    """Ask a system of the house what it knows of the caller; LookupAnswered is the answer. ``leg_id`` is empty.
    ``scenario`` and ``step`` name the system, ``seq`` tells this question from others of the call. ``variables`` hold
    secrets: not for a log."""

    seq: int = 0
    scenario: str = ""
    step: str = ""
    service: str | None = None
    number: str | None = None
    """None: the caller withholds it."""
    dialed: str = ""
    variables: dict[str, str] = field(default_factory=dict)


TALKS = "rows.talks"
"""The executor of questions to Postgres about talks. No PBX can have such a name."""


class FindTalks(Action, frozen=True, gc=False):
    """Look in the rows of calls who has talked with the number; TalksFound is the answer. ``leg_id`` is empty. ``now``
    and ``since`` are POSIX seconds."""

    service: str = ""
    number: str = ""
    now: float = 0.0
    since: float = 0.0


class InspectBridge(Action, frozen=True, gc=False):
    """Look whether the bridge exists; BridgeSeen is the answer. ``leg_id`` is empty."""

    bridge_id: str = ""


class InspectAudio(Action, frozen=True, gc=False):
    """Look how much audio has come from the leg. AudioSeen is the answer; none comes if the PBX does not know."""


class InspectHold(Action, frozen=True, gc=False):
    """Look whether the leg's phone holds; HoldSeen is the answer."""


class RecordLeg(Action, frozen=True, gc=False):
    """Let the leg hear a beep, then record what its party says into a file of the PBX. The key ``#``, a silence of
    ``silence_s`` and the length ``longest_s`` end it; so does a hang-up. ``recording`` is the name of the file."""

    recording: str = ""
    longest_s: int = 120
    silence_s: int = 5


class RecordBridge(Action, frozen=True, gc=False):
    """Record what is heard in the bridge into a file of the PBX. ``leg_id`` is empty; ``recording`` is the name of the
    file. RecordingSeen is the answer."""

    bridge_id: str = ""
    recording: str = ""


class PauseRecording(Action, frozen=True, gc=False):
    """Leave out what is heard from now on. ``leg_id`` is empty. Only RecordingSeen says that it is so."""

    recording: str = ""


class ResumeRecording(Action, frozen=True, gc=False):
    """Record again behind a pause. ``leg_id`` is empty. RecordingSeen is the answer."""

    recording: str = ""


class StopRecording(Action, frozen=True, gc=False):
    """End the recording. Its file is kept."""

    recording: str = ""


class InspectRecording(Action, frozen=True, gc=False):
    """Look whether it is still being recorded; RecordingStarted, of a conversation RecordingSeen, else RecordingEnded
    or RecordingMissing is the answer."""

    recording: str = ""


class ForgetBridge(Action, frozen=True, gc=False):
    """Destroy a bridge of ours that has no call. ``call_id`` is the one in its id."""

    bridge_id: str = ""
