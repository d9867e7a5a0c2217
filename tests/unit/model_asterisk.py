"""A model of Asterisk that holds the truth: which channels and bridges exist, who is in them, what plays to whom.

It carries out the core's actions in order per call (a hang-up overtakes all but the create of its own leg), and tells
what happened: the facts of one leg in order, those of several legs in any order, for the test picks whose fact is
delivered next. What is gone answers 404 (LegEnded), a phone that is not registered 500 (unreachable). The model
outlives the controller; while nobody is connected its events are lost and actions are thrown away.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.facts import Fact, Failure
from cti_bridge.domain.model.ids import bridge_name, is_conversation, leg_name
from cti_bridge.domain.model.monitor import KIND as MONITOR
from tests.support.changed import replace

RTP_TIMEOUT_S = 10.0

AnyFact = TypeVar("AnyFact", bound=Fact)


EDGE = "trunk"
"""The endpoint by which PBXs know the edge."""


@dataclass
class Channel:
    id: str
    endpoint: str
    inbound: facts.CallArrived | facts.KeypadDialed | None = None
    dialed: bool = False
    up: bool = False
    music: bool = False
    ringback: bool = False
    held: bool = False
    """By the phone's own key."""
    pbx_music: bool = False
    """The PBX itself has begun music, since a partner in a simple bridge held: it goes on until that one retrieves
    there, or something else begins."""
    hold_untold: bool = False
    """The key was pressed last when nobody was told: no list says who holds."""
    dialplan: bool = False
    """Its dialplan goes on with it: it is not in the application."""
    back: str | None = None
    """The word with which the dialplan has given it back last."""
    deaf: bool = False
    """The page that held it is gone: nobody can answer it or hang it up."""
    bridge: str | None = None
    playbacks: list[str] = field(default_factory=list)
    """What plays, first, and what is queued behind it."""
    recording: str | None = None
    """The name of the recording that runs."""
    spoken_s: float = 0.0
    """What is in it."""
    gives_up_at: float | None = None
    """When the PBX itself stops letting it ring."""
    spied: str = ""
    """The channel that a snoop is on."""
    muted: bool = False

    @property
    def codec(self) -> str:
        """Phones differ, and of some nothing is known; it is agreed when they are lifted."""
        if self.spied:
            return ""
        return codec_of(self.id if self.endpoint == "trunk" else self.endpoint) if self.up or self.inbound else ""

    @property
    def is_of_monitor(self) -> bool:
        """A supervisor's phone, or a snoop."""
        name = leg_name(self.id)
        return name is not None and name.kind == MONITOR


_BY_THE_CHANNEL = (act.Answer, act.AddToBridge, act.RemoveFromBridge, act.TakeOver, act.LimitDialplan, act.AgreeAnew)
"""Orders that the channel carries out itself, behind what it plays or records, and the PBX nothing else meanwhile."""
_OF_RECORDINGS = act.RecordLeg | act.RecordBridge | act.StopRecording | act.PauseRecording | act.ResumeRecording


class Heard(NamedTuple):
    """What was recorded in one piece, since when, and what of it may not be; empty: nothing."""

    length_s: float
    what: str
    from_at: float


@dataclass
class Tape:
    """A bridge that is recorded."""

    name: str
    bridge_id: str
    noted_at: float
    paused: bool = False
    content: list[Heard] = field(default_factory=list)


def _mixes(bridge: str | None) -> bool:
    """A softmix gives a holder's partner no music."""
    return bridge is not None and (bridge.endswith("-softmix") or bridge.startswith(f"cti-{MONITOR}-"))


def codec_of(name: str) -> str:
    """What the phone, or the caller, of this name has; empty when it is not told."""
    return ("alaw", "ulaw", "")[sum(map(ord, name)) % 3]


def _later(fact: AnyFact, by_s: float) -> AnyFact:
    """The fact with its times by a clock that was set."""
    times = {name: at + by_s for name in _TIMES if (at := getattr(fact, name, None)) is not None}
    return replace(fact, **times) if times else fact


_TIMES = ("arrived_at", "left_at", "asked_at")


@dataclass
class Counts:
    created: int = 0
    thrown_away: int = 0
    faults: int = 0
    gone: int = 0
    digits: int = 0


def _found(channel: Channel) -> facts.CallArrived | facts.KeypadDialed | None:
    """The beginning of a channel that is in a list."""
    began = channel.inbound
    return replace(began, up=channel.up) if isinstance(began, facts.CallArrived) else began


class ModelAsterisk:
    def __init__(self, node: str, clock: Callable[[], float]) -> None:
        self.node = node
        self.boots = 1
        self.connected = False
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, set[str]] = {}
        self.files: dict[str, float] = {}
        """The files of recordings, with the seconds in which somebody spoke."""
        self.tapes: dict[str, Tape] = {}
        """Recordings of bridges that run, by name."""
        self.deaf = 0
        """So many of the next orders to pause a recording, or to go on, come to nothing, though they are answered."""
        self.content: dict[str, list[Heard]] = {}
        """By file of a bridge: for how long, and what of it may not be recorded."""
        self.call_of: Callable[[str], str | None] = lambda leg_id: None
        """Tells the call of a channel that the PBX has named itself."""
        self.phones: dict[str, bool] = {}
        """CTI number → registered."""
        self.edge: bool | None = None
        """Whether the edge answers; None: there is none."""
        self.lanes: dict[str, deque[act.Action]] = {}
        self.told: dict[str, deque[Fact]] = {}
        """What was told and not delivered yet, by its source; of one source it is in order."""
        self.faults: deque[str] = deque()
        """What becomes of the next actions: "refused", "timed_out" (not done) or "late" (done, and nobody knows)."""
        self.blind = 0
        """So many looks are not answered."""
        self.orders = 0
        """Carried out, or not: all that is no look."""
        self.faults_at: dict[int, str] = {}
        """What becomes of the order of this number."""
        self.counts = Counts()
        self.twice_rung: list[str] = []
        self.music_in_bridge: list[str] = []
        self.behind: list[str] = []
        """Orders that had to wait for the end of a message or a recording that nobody had ordered to stop."""
        self.unstopped: set[str] = set()
        """Messages and recordings whose order to stop came to nothing."""
        self.in_dialplan: list[str] = []
        """Orders about channels that their dialplan has."""
        self.overhears: Callable[[str, str], bool] = lambda phone, leg_id: False
        """Tells whether this leg of a call is not to hear this phone of a supervisor."""
        self.overheard: list[str] = []
        """Who has heard a supervisor, and was not to."""
        self.crowded: list[str] = []
        """Bridges in which three were at once. Unless they talk together, the customer heard a consultation."""
        self._clock = clock

    # ------------------------------------------------------------------------------- the controller's side

    def submit(self, actions: list[act.Action]) -> None:
        for action in actions:
            if isinstance(action, act.InspectAudio):
                continue  # It goes over HTTP, beside everything, and nobody may know the answer.
            if isinstance(action, act.InspectHold):
                self._look_at_hold(action.leg_id)
                continue
            lane = self.lanes.setdefault(action.call_id, deque())
            if not self.connected:
                self.counts.thrown_away += 1
            elif isinstance(action, act.HangUp | act.Reject) and not self._is_being_created(lane, action.leg_id):
                self._carry_out(action)
            else:
                lane.append(action)

    def busy_lanes(self) -> list[str]:
        return [call_id for call_id, lane in self.lanes.items() if lane]

    def run_one(self, call_id: str) -> None:
        self._carry_out(self.lanes[call_id].popleft())

    def talkative(self) -> list[str]:
        """The sources that have something to tell."""
        return [source for source, told in self.told.items() if told]

    def disconnect(self) -> None:
        """The event socket drops: what waits is thrown away, what happens from now on is not told."""
        self.connected = False
        self._forget_keys()
        self.counts.thrown_away += sum(len(lane) for lane in self.lanes.values())
        self.lanes.clear()
        self.told.clear()
        self.heal()

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.faults.clear()
        self.deaf = 0
        self.blind = 0

    def subscribe(self) -> None:
        """The event socket is there: events are held back until the lists have been read."""
        self.connected = True

    def seen(self) -> facts.NodeSeen:
        return facts.NodeSeen(
            self.node,
            f"boot-{self.boots}",
            self._clock(),
            tuple(self._seen_leg(channel) for channel in self.channels.values()),
            tuple(self.bridges),
            (*self.phones.items(), *([(EDGE, self.edge)] if self.edge is not None else [])),
        )

    def restart(self) -> None:
        """The whole PBX: nothing of before is left."""
        self.disconnect()
        self.boots += 1
        for channel in self.channels.values():
            self.stop_recording(channel)
        for tape in list(self.tapes.values()):
            self.stop_tape(tape)
        self.channels.clear()
        self.bridges.clear()

    def stop_recording(self, channel: Channel) -> None:
        """By a key, by silence, by an order, or by the channel's end: the file is whole."""
        name, channel.recording = channel.recording, None
        if name is not None:
            self.files[name] = channel.spoken_s
            self._tell(channel.id, facts.RecordingEnded(name, float(int(channel.spoken_s))))

    def clock_set(self, by_s: float) -> None:
        """The controller's clock was set. What is told from now on is told in its new time; this PBX counts on."""
        for tape in self.tapes.values():
            tape.noted_at += by_s
        for channel in self.channels.values():
            channel.inbound = _later(channel.inbound, by_s) if channel.inbound else None
            if channel.gives_up_at is not None:
                channel.gives_up_at += by_s
        for source, told in self.told.items():
            self.told[source] = deque(_later(fact, by_s) for fact in told)

    # ------------------------------------------------------------------------------- the people's side

    def call_in(self, leg_id: str, number: str, caller: str) -> None:
        arrived = facts.CallArrived(self.node, leg_id, number, caller, "", self._clock(), codec=codec_of(leg_id))
        self.channels[leg_id] = Channel(leg_id, "trunk", inbound=arrived)
        self._tell(leg_id, arrived)

    def customers(self) -> list[Channel]:
        return [c for c in self.channels.values() if isinstance(c.inbound, facts.CallArrived)]

    def keypad(self, leg_id: str, cti_number: str, number: str) -> None:
        """A number is dialled on the phone itself."""
        dialed = facts.KeypadDialed(self.node, leg_id, cti_number, number, codec=codec_of(cti_number))
        self.channels[leg_id] = Channel(leg_id, cti_number, inbound=dialed)
        self._tell(leg_id, dialed)

    def hold_key(self, channel: Channel) -> None:
        channel.held, channel.hold_untold = not channel.held, not self.connected
        two = channel.bridge is not None and len(self.bridges[channel.bridge]) < 3
        if channel.bridge is not None and two and not _mixes(channel.bridge):
            for leg_id in self.bridges[channel.bridge] - {channel.id}:
                self.channels[leg_id].pbx_music = channel.held
        self._tell(channel.id, (facts.LegHeld if channel.held else facts.LegRetrieved)(channel.id))

    def press(self, channel: Channel, key: str) -> None:
        """A key is pressed; nobody is told while nobody listens."""
        self._tell(channel.id, facts.DigitPressed(channel.id, key))

    def give_back(self, channel: Channel, word: str) -> None:
        """The dialplan has done its work. While no controller is there it tries again and again."""
        if self.connected:
            channel.dialplan, channel.back = False, word
            self._tell(channel.id, facts.LegBack(channel.id, word))

    def ringing(self) -> list[Channel]:
        return [c for c in self.channels.values() if not c.inbound and c.dialed and not c.up and not c.deaf]

    def lifted(self) -> list[Channel]:
        """Phones and far ends that have answered, and phones that dial."""
        up = [c for c in self.channels.values() if c.up and not c.deaf]
        return [c for c in up if not isinstance(c.inbound, facts.CallArrived) and not c.spied]

    def lift(self, channel: Channel) -> None:
        channel.up = True
        self._tell(channel.id, facts.LegAnswered(channel.id, channel.codec))

    def end(self, channel: Channel, cause: int = 16, sip_code: int = 0) -> None:
        """The channel is gone, whoever hung up."""
        for playback in list(channel.playbacks):
            self.finish_playback(channel, playback, failed=True)
        self.stop_recording(channel)
        self._leave(channel)
        del self.channels[channel.id]
        for snoop in [one for one in self.channels.values() if one.spied == channel.id]:
            self.end(snoop, 0)
        self._tell(channel.id, facts.LegEnded(channel.id, cause, sip_code))

    def finish_playback(self, channel: Channel, playback_id: str, failed: bool = False) -> None:
        playing = channel.playbacks[0] == playback_id
        channel.playbacks.remove(playback_id)
        self._tell(channel.id, facts.PlaybackEnded(playback_id, failed))
        if playing and channel.playbacks:
            self._tell(channel.id, facts.PlaybackStarted(channel.playbacks[0]))

    def register(self, cti_number: str, reachable: bool) -> None:
        self.phones[cti_number] = reachable
        self._tell(f"phone-{cti_number}", facts.PhoneChanged(self.node, cti_number, reachable))

    def see_edge(self, there: bool) -> None:
        """The edge answers, or does not any more."""
        self.edge = there
        self._tell(EDGE, facts.PhoneChanged(self.node, EDGE, there))

    def page_gone(self, cti_number: str) -> None:
        """The page with the agent's phone is closed or reloaded, and its channels are kept until the RTP time-out."""
        for channel in self.channels.values():
            if channel.endpoint == cti_number and not channel.deaf:
                channel.deaf = True
                channel.gives_up_at = self._clock() + RTP_TIMEOUT_S if channel.up else channel.gives_up_at
        self.register(cti_number, False)
        self._tell(f"phone-{cti_number}", facts.PhoneLeft(self.node, cti_number))

    def time_has_passed(self) -> None:
        self.note_tapes()
        silent = [c for c in self.channels.values() if c.deaf and c.up]
        for channel in [c for c in silent if c.gives_up_at is not None and c.gives_up_at <= self._clock()]:
            self.end(channel, 44)
        ringing = [c for c in self.channels.values() if not c.inbound and c.dialed and not c.up]
        for channel in ringing:
            if channel.gives_up_at is not None and channel.gives_up_at <= self._clock():
                self.end(channel, 19, 480)

    # ------------------------------------------------------------------------------- actions

    def _is_being_created(self, lane: deque[act.Action], leg_id: str) -> bool:
        return any(isinstance(action, act.CreateLeg | act.SnoopLeg) and action.leg_id == leg_id for action in lane)

    def _carry_out(self, action: act.Action) -> None:
        inspects = isinstance(action, act.InspectLeg | act.InspectPlayback | act.InspectBridge | act.InspectRecording)
        fault = self._fault(inspects)
        if fault is None:
            self._do(action)
            return
        self.counts.faults += 1
        if isinstance(action, act.StopPlayback | act.StopRecording):
            self.unstopped.add(action.playback_id if isinstance(action, act.StopPlayback) else action.recording)
        if fault == "late":
            self._do(action)
        # A message that cannot be stopped plays to its end, and music waits behind it: the model knows no such waiting.
        always = inspects or isinstance(action, act.HangUp | act.Reject | act.StopPlayback)
        if fault == "refused" and not always:
            self._fail(action, Failure.REFUSED)
        elif inspects or isinstance(
            action, act.CreateLeg | act.SnoopLeg | act.CreateBridge | act.DestroyBridge | act.ForgetBridge
        ):
            self._fail(action, Failure.TIMED_OUT)
        elif isinstance(action, _OF_RECORDINGS):
            if not self.blind:
                self._look_at_recording(action.leg_id, action.recording)
        elif isinstance(action, act.StartPlayback | act.StopPlayback):
            look = act.InspectPlayback(self.node, action.call_id, action.leg_id, action.playback_id)
            self._carry_out(look) if self.blind else self._look_at_playback(action.leg_id, action.playback_id)
        else:
            for leg_id in (action.leg_id, *(action.also if isinstance(action, act.AddToBridge) else ())):
                look_at = act.InspectLeg(self.node, action.call_id, leg_id)
                self._carry_out(look_at) if self.blind else self._look(leg_id)

    def _fault(self, inspects: bool) -> str | None:
        if inspects and self.blind:
            self.blind -= 1
            return "timed_out"
        self.orders += not inspects
        if not inspects and self.orders in self.faults_at:
            return self.faults_at[self.orders]
        return self.faults.popleft() if self.faults else None

    def _do(self, action: act.Action) -> None:
        if isinstance(action, _BY_THE_CHANNEL):
            self._note_behind(action)
        if isinstance(action, act.CreateLeg):
            self._create(action)
        elif isinstance(action, act.SnoopLeg):
            self._snoop(action)
        elif isinstance(action, act.CreateBridge):
            self.bridges.setdefault(action.bridge_id, set())
        elif isinstance(action, act.DestroyBridge | act.ForgetBridge):
            self._destroy_bridge(action.bridge_id)
        elif isinstance(action, act.AddToBridge):
            self._add(action)
        elif isinstance(action, act.InspectPlayback | act.StopPlayback):
            self._on_playback(action)
        elif is_conversation(getattr(action, "recording", "")):
            self._on_tape(action)
        elif isinstance(action, act.InspectRecording | act.StopRecording):
            self._on_recording(action)
        elif isinstance(action, act.InspectBridge):
            there = action.bridge_id in self.bridges
            self._reply(action.bridge_id, facts.BridgeSeen(action.bridge_id, there, self._clock()))
        elif (channel := self.channels.get(action.leg_id)) is None:
            self.counts.gone += 1
            self._reply(action.leg_id, facts.LegEnded(action.leg_id))
        else:
            self._on_channel(action, channel)

    def _note_behind(self, action: act.Action) -> None:
        """Nobody waits in the model."""
        for leg_id in (action.leg_id, *(action.also if isinstance(action, act.AddToBridge) else ())):
            channel = self.channels.get(leg_id)
            runs = [*channel.playbacks, channel.recording] if channel is not None and not channel.dialplan else []
            if [one for one in runs if one and one not in self.unstopped]:
                self.behind.append(f"{type(action).__name__} for {leg_id}")

    def _on_channel(self, action: act.Action, channel: Channel) -> None:
        if isinstance(action, act.HangUp | act.Reject | act.InspectLeg):
            self._look(channel.id) if isinstance(action, act.InspectLeg) else self.end(channel)
        elif channel.dialplan or isinstance(action, act.SendToDialplan | act.LimitDialplan | act.TakeOver):
            self._on_dialplan(action, channel)
        elif isinstance(action, act.Answer):
            channel.up = True
        elif isinstance(action, act.DialLeg):
            self._dial(action, channel)
        elif isinstance(action, act.StartMusic | act.StopMusic):
            channel.music, channel.pbx_music = isinstance(action, act.StartMusic), False
            self._note_music(channel)
        elif isinstance(action, act.StartRingback | act.StopRingback):
            channel.ringback = isinstance(action, act.StartRingback)
            channel.pbx_music = channel.pbx_music and not channel.ringback
        elif isinstance(action, act.MuteLeg):
            self._mute(action, channel)
        elif isinstance(action, act.SendDigits | act.AgreeAnew):
            self.counts.digits += isinstance(action, act.SendDigits)
        elif isinstance(action, act.StartPlayback | act.RecordLeg):
            self._play(action, channel) if isinstance(action, act.StartPlayback) else self._record(action, channel)
        elif isinstance(action, act.RemoveFromBridge):
            if channel.bridge != action.bridge_id:
                self._look(channel.id)
            self._leave(channel)
        else:
            raise NotImplementedError(action)

    def _on_dialplan(self, action: act.Action, channel: Channel) -> None:
        if channel.dialplan:
            self.in_dialplan.append(f"{type(action).__name__} for {channel.id}")
            self._look(channel.id)
        channel.dialplan = channel.dialplan or isinstance(action, act.SendToDialplan)

    def _create(self, action: act.CreateLeg) -> None:
        number = action.number or action.cti_number or ""
        if action.number is None and not self.phones.get(number):
            self._fail(action, Failure.UNREACHABLE)
        elif action.leg_id not in self.channels:
            self.counts.created += 1
            theirs = [c for c in self.channels.values() if c.endpoint == number and not c.inbound and not c.deaf]
            if action.number is None and theirs:
                self.twice_rung.append(number)
            self.channels[action.leg_id] = Channel(action.leg_id, number)
            self._tell(action.leg_id, facts.LegReady(action.leg_id, self.node, number))

    def _snoop(self, action: act.SnoopLeg) -> None:
        if action.spied not in self.channels:
            self._fail(action, Failure.REFUSED)
        elif action.leg_id not in self.channels:
            self.channels[action.leg_id] = Channel(action.leg_id, "snoop", up=True, spied=action.spied)
            self._tell(action.leg_id, facts.LegReady(action.leg_id, self.node, "snoop"))

    def _dial(self, action: act.DialLeg, channel: Channel) -> None:
        if channel.dialed or channel.up:
            self._look(channel.id)
            return
        channel.dialed, channel.gives_up_at = True, self._clock() + action.timeout_s
        # Some numbers outside play something before they answer.
        early = not channel.endpoint.startswith("100") and codec_of(channel.endpoint) == "alaw"
        self._tell(channel.id, facts.LegRinging(channel.id, early_media=early))

    def _add(self, action: act.AddToBridge) -> None:
        legs = (action.leg_id, *action.also)
        if action.bridge_id not in self.bridges:
            self._fail(action, Failure.REFUSED)
        elif any(leg_id not in self.channels for leg_id in legs):
            for leg_id in legs:
                self._look(leg_id)
        else:
            for leg_id in legs:
                self._enter(self.channels[leg_id], action.bridge_id)

    def _enter(self, channel: Channel, bridge_id: str) -> None:
        if channel.bridge != bridge_id:
            self._leave(channel)
            self.note_tapes()
            channel.bridge = bridge_id
            self.bridges[bridge_id].add(channel.id)
            if len([one for one in self.bridges[bridge_id] if not self.channels[one].is_of_monitor]) > 2:
                self.crowded.append(bridge_id)
            self._note_overheard(bridge_id)
            self._note_music(channel)
        self._tell(channel.id, facts.LegEntered(channel.id, bridge_id, channel.codec))

    def _leave(self, channel: Channel) -> None:
        if channel.bridge is not None:
            self.note_tapes()
            self.bridges[channel.bridge].discard(channel.id)
            self._tell(channel.id, facts.LegLeft(channel.id, channel.bridge, self._clock()))
            if not self.bridges[channel.bridge]:
                for tape in [tape for tape in self.tapes.values() if tape.bridge_id == channel.bridge]:
                    self.stop_tape(tape)
            channel.bridge = None

    def _mute(self, action: act.MuteLeg, channel: Channel) -> None:
        channel.muted = action.muted
        self._reply(channel.id, facts.LegMuted(channel.id, action.muted, action.number))
        self._note_overheard(channel.bridge)

    def _note_overheard(self, bridge_id: str | None) -> None:
        legs = [self.channels[one] for one in self.bridges.get(bridge_id or "", ())]
        phones = [one for one in legs if one.is_of_monitor and not one.spied and not one.muted]
        self.overheard += [
            f"{one.id} hears {phone.id}"
            for phone in phones
            for one in legs
            if not one.is_of_monitor and self.overhears(phone.id, one.id)
        ]

    def heard_by(self, phone: str) -> set[str]:
        """The channels that hear this one."""
        channel = self.channels[phone]
        if channel.muted or channel.bridge is None:
            return set()
        others = [self.channels[one] for one in self.bridges[channel.bridge] - {phone}]
        return {one.id for one in others if not one.spied} | {one.spied for one in others if self.sends(one.spied)}

    def sends(self, leg_id: str) -> bool:
        """Whether anything is sent to the channel: a snoop whispers nothing into silence."""
        channel = self.channels.get(leg_id)
        if channel is None:
            return False
        partner = channel.bridge is not None and len(self.bridges[channel.bridge]) > 1
        return partner or channel.music or channel.ringback or bool(channel.playbacks)

    def hears(self, phone: str) -> set[str]:
        """The channels that this one hears."""
        bridge = self.channels[phone].bridge
        others = [self.channels[one] for one in self.bridges[bridge] - {phone}] if bridge is not None else []
        spied = [self.channels[one.spied] for one in others if one.spied]
        beyond = {other for one in spied if one.bridge is not None for other in self.bridges[one.bridge]}
        return {one.id for one in others if not one.spied} | {one.id for one in spied} | beyond

    def _destroy_bridge(self, bridge_id: str) -> None:
        for tape in [tape for tape in self.tapes.values() if tape.bridge_id == bridge_id]:
            self.stop_tape(tape, told=False)
        for leg_id in sorted(self.bridges.get(bridge_id, ())):
            self._leave(self.channels[leg_id])
        self.bridges.pop(bridge_id, None)

    def _on_playback(self, action: act.InspectPlayback | act.StopPlayback) -> None:
        """The PBX finds a message by its id, whichever leg an order names."""
        plays = next((one for one in self.channels.values() if action.playback_id in one.playbacks), None)
        if plays is not None and isinstance(action, act.StopPlayback):
            self.finish_playback(plays, action.playback_id)
        else:
            self._look_at_playback(plays.id if plays is not None else action.leg_id, action.playback_id)

    def _play(self, action: act.StartPlayback, channel: Channel) -> None:
        channel.playbacks.append(action.playback_id)
        channel.pbx_music = False
        if channel.playbacks[0] == action.playback_id:
            self._tell(channel.id, facts.PlaybackStarted(action.playback_id))

    def _record(self, action: act.RecordLeg, channel: Channel) -> None:
        if channel.recording is not None or action.recording in self.files:
            self._look_at_recording(channel.id, action.recording)
            return
        channel.recording, channel.spoken_s = action.recording, 0.0
        self._tell(channel.id, facts.RecordingStarted(action.recording))

    def _on_recording(self, action: act.InspectRecording | act.StopRecording) -> None:
        channel = self.channels.get(action.leg_id)
        stops = isinstance(action, act.StopRecording)
        if channel is not None and stops and channel.recording == action.recording:
            self.stop_recording(channel)
        else:
            self._look_at_recording(action.leg_id, action.recording)

    def _on_tape(self, action: act.Action) -> None:
        """An order about the recording of a bridge, or a look at it."""
        name: str = getattr(action, "recording")  # noqa: B009
        tape = self.tapes.get(name)
        if isinstance(action, act.RecordBridge):
            if action.bridge_id not in self.bridges or tape is not None or name in self.files:
                self._fail(action, Failure.REFUSED)
                return
            self.tapes[name] = Tape(name, action.bridge_id, self._clock())
            self._tell(f"tape-{name}", facts.RecordingStarted(name))
        elif tape is not None and isinstance(action, act.StopRecording):
            self.stop_tape(tape)
            return
        elif tape is not None and isinstance(action, act.PauseRecording | act.ResumeRecording):
            self.note_tapes()
            if self.deaf:
                self.deaf -= 1
            else:
                tape.paused = isinstance(action, act.PauseRecording)
        self._look_at_recording(action.leg_id, name)

    def stop_tape(self, tape: Tape, *, told: bool = True) -> None:
        """The file is whole."""
        self.note_tapes()
        del self.tapes[tape.name]
        self.files[tape.name] = sum(one.length_s for one in tape.content)
        self.content[tape.name] = tape.content
        if told:
            self._tell(f"tape-{tape.name}", facts.RecordingEnded(tape.name, None))

    def note_tapes(self) -> None:
        """Note what was recorded since the last time: for how long, and what of it may not be recorded."""
        for tape in self.tapes.values():
            length_s = self._clock() - tape.noted_at
            tape.noted_at = self._clock()
            if length_s > 0 and not tape.paused and self.bridges.get(tape.bridge_id):
                heard = Heard(length_s, self.forbidden(tape.bridge_id), tape.noted_at - length_s)
                tape.content.append(heard)

    def forbidden(self, bridge_id: str) -> str:
        """What is heard in the bridge now, and may not be recorded; empty: nothing. The customer does not hear it,
        though they are there."""
        legs = self.bridges[bridge_id]
        name = bridge_name(bridge_id)
        own = [c for c in self.channels.values() if name is not None and self._is_customer(c, name.owner)]
        if any(channel.id in legs for channel in own):
            return ""
        if len(legs) > 1:
            return "consultation"
        return "hold" if own and any(channel.up and channel.music for channel in own) else ""

    def _is_customer(self, channel: Channel, call_id: str) -> bool:
        made = leg_name(channel.id)
        if made is not None:
            return made.owner == call_id and made.role == "customer"
        return self.call_of(channel.id) == call_id and isinstance(channel.inbound, facts.CallArrived)

    def _look_at_tape(self, leg_id: str, name: str) -> None:
        tape = self.tapes.get(name)
        fact: Fact = facts.RecordingMissing(name)
        if tape is not None:
            fact = facts.RecordingSeen(name, tape.paused, self._clock())
        elif name in self.files:
            fact = facts.RecordingEnded(name)
        self._reply(name, fact)

    def _look_at_recording(self, leg_id: str, name: str) -> None:
        if is_conversation(name):
            self._look_at_tape(leg_id, name)
            return
        runs = any(channel.recording == name for channel in self.channels.values())
        fact: Fact = facts.RecordingMissing(name)
        if runs:
            fact = facts.RecordingStarted(name)
        elif name in self.files:
            fact = facts.RecordingEnded(name)
        self._reply(leg_id, fact)

    def _look_at_playback(self, leg_id: str, playback_id: str) -> None:
        channel = self.channels.get(leg_id)
        there = channel is not None and playback_id in channel.playbacks
        self._reply(leg_id, (facts.PlaybackStarted if there else facts.PlaybackEnded)(playback_id))

    def _note_music(self, channel: Channel) -> None:
        if channel.music and channel.bridge is not None:
            self.music_in_bridge.append(channel.id)

    # ------------------------------------------------------------------------------- telling

    def _forget_keys(self) -> None:
        """The keys that nobody will hear of."""
        untold = [fact for told in self.told.values() for fact in told]
        for fact in untold:
            keys = facts.LegHeld | facts.LegRetrieved | facts.HoldSeen
            if isinstance(fact, keys) and fact.leg_id in self.channels:
                self.channels[fact.leg_id].hold_untold = True

    def _tell(self, source: str, fact: Fact) -> None:
        if self.connected:
            self.told.setdefault(source, deque()).append(fact)

    def _reply(self, leg_id: str, fact: Fact) -> None:
        """A reply takes another way than the events of its leg."""
        self._tell(f"reply-{leg_id}", fact)

    def _look_at_hold(self, leg_id: str) -> None:
        """Over HTTP, beside everything. From now on it is known, when it is told."""
        channel = self.channels.get(leg_id)
        if channel is not None and self.connected:
            channel.hold_untold = False
            self._reply(leg_id, facts.HoldSeen(leg_id, channel.held))

    def _fail(self, action: act.Action, failure: Failure) -> None:
        self._reply(action.leg_id, facts.ActionFailed(action.leg_id, type(action).__name__, failure, action))

    def _look(self, leg_id: str) -> None:
        channel = self.channels.get(leg_id)
        found: Fact = facts.LegEnded(leg_id)
        if channel is not None:
            found = facts.LegSeen(self._seen_leg(channel), self._clock())
        self._reply(leg_id, found)

    def _seen_leg(self, channel: Channel) -> facts.SeenLeg:
        return facts.SeenLeg(
            leg_id=channel.id,
            up=channel.up,
            ringing=channel.dialed and not channel.up,
            in_app=not channel.dialplan,
            bridge_id=channel.bridge,
            endpoint=channel.endpoint,
            arrived=None if channel.dialplan or channel.back is not None else _found(channel),
            codec=channel.codec,
            back=facts.LegBack(channel.id, channel.back) if channel.back is not None and not channel.dialplan else None,
            made_at=channel.inbound.arrived_at if isinstance(channel.inbound, facts.CallArrived) else None,
        )
