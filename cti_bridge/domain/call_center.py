"""The façade of the core. One fact and the time go in; actions, records, notices and changed state come out.

Follow a call from here: :data:`CallCenter._handlers` names one small procedure for every fact, by the fact's type.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cti_bridge.domain.agents import session_limits, sessions
from cti_bridge.domain.audio import hold, messages
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.callbacks import entries, recordings
from cti_bridge.domain.emergency import emergency
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import CONFIRMS
from cti_bridge.domain.follows import after_prompt, beginnings, due
from cti_bridge.domain.hours import emergency_switch, override
from cti_bridge.domain.legs import confirming, foreign, inspection, keys, legs, vanished
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.callbacks import Callback, Recording
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.emergency_switch import EmergencySwitch
from cti_bridge.domain.model.handling import HandleTimes
from cti_bridge.domain.model.hours import HoursOverride
from cti_bridge.domain.model.ids import Ids, is_conversation
from cti_bridge.domain.model.kept import Kept, Mark, Placed
from cti_bridge.domain.model.monitor import Monitor
from cti_bridge.domain.model.today import DayFigures
from cti_bridge.domain.monitors import recover, told
from cti_bridge.domain.monitors import rules as monitors
from cti_bridge.domain.numbers.marks import take_up as take_up_marks
from cti_bridge.domain.offer import offer
from cti_bridge.domain.outbound.outside import take_up as take_up_placed
from cti_bridge.domain.outbound.refused import refused
from cti_bridge.domain.queue import expected, last_agent, limits, order, stages, working
from cti_bridge.domain.queue.waiting import Waiting
from cti_bridge.domain.recovery import checkpoint, configuration, reconcile, times
from cti_bridge.domain.rights.audit import AUDITED, audit_row
from cti_bridge.domain.scenario import dialplan, inbound, interpreter, steps, voicemail
from cti_bridge.domain.supervision import calls, help, status, teams
from cti_bridge.domain.talk import (
    consult,
    digits,
    force_disconnect,
    handback,
    hanging_up,
    internal,
    offered,
    recording,
    swap,
    three,
    transfer,
    warning,
)

Handler = Callable[[Floor, Any], object]


class CallCenter:
    """Takes facts in, one by one. A command that is not allowed raises a
    :class:`~cti_bridge.domain.border.errors.Refusal`; nothing has changed then."""

    def __init__(self, directory: Directory, ids: Ids) -> None:
        self.floor = Floor(directory, ids, due.TABLE, after_prompt.TABLE, beginnings.TABLE, interpreter.leave_queue)
        self.waiting = Waiting(self.floor)
        self.floor.anybody_free = self.waiting.anybody_free
        self._handlers: dict[type, Handler] = self._table()
        self._enroll()

    def handle(self, fact: facts.Fact, now: float) -> Output:
        """Take one fact in and return the output. Only a TimePassed handles deadlines, so the first in the inbox wins.
        Raises a Refusal for a command that is not allowed."""
        floor = self.floor
        if now > floor.now:
            floor.now = now
        kind = type(fact)
        if floor.orders and kind in CONFIRMS:
            floor.confirm(fact)
        if not floor.monitors or not told.takes(floor, fact):
            self._handlers[kind](floor, fact)
        if kind in AUDITED:
            floor.record(audit_row(fact, floor.ids.uuid(floor.now), floor.now))
        if floor.deadlines.to_be_tried:
            due.act_on_entry(floor)
        if floor.recorded:
            recording.follow_all(floor)
        if floor.monitors:
            monitors.follow_all(floor)
        self._match()
        if floor.monitors:
            monitors.show_all(floor)  # Also that their call has been given to somebody.
        return floor.gathered()

    def refused(self, command: commands.Command, refusal: Refusal, now: float) -> Output:
        """Return what a refused command leaves behind: a row where it would have called a number."""
        self.floor.now = max(now, self.floor.now)
        refused(self.floor, command, refusal)
        return self.floor.gathered()

    def left_over(self) -> Output:
        """Return what a fact had changed and ordered before it failed. It goes out with that fact, not with the next:
        its rows say what has become of the state in memory."""
        with suppress(Exception):
            self._match()
        return self.floor.gathered()

    def next_deadline(self) -> float | None:
        """Return the time at which a :class:`~cti_bridge.domain.border.facts.TimePassed` is needed, POSIX seconds;
        None: never."""
        return self.floor.deadlines.next()

    def take_up(self, kept: Kept, now: float) -> Output:
        """Take up the checkpoint; to be called once, before any fact."""
        self.floor.now = max(now, self.floor.now)
        times.taken_up(self.floor, kept.of(object))
        self.floor.figures.take_up(kept.of(DayFigures), kept.of(Call))
        self.floor.figures.forget_other_days(self.floor.directory, self.floor.now, kept.of(Call))
        checkpoint.take_up(self.floor, kept)
        recover.take_up(self.floor, kept.of(Monitor))
        take_up_marks(self.floor, kept.of(Mark))
        take_up_placed(self.floor, kept.of(Placed))
        recordings.take_up(self.floor, kept.of(Recording))
        entries.take_up(self.floor, kept.of(Callback))
        expected.take_up(self.floor, kept.of(HandleTimes))
        override.take_up(self.floor, kept.of(HoursOverride))
        emergency_switch.take_up(self.floor, kept.of(EmergencySwitch))
        working.count_all(self.floor)
        stages.look_again(self.floor)
        times.taken_up_all(self.floor)
        self._match()
        return self.floor.gathered()

    def _enroll(self) -> None:
        for entry in self.floor.directory.agents.values():
            self.floor.agents[entry.cti_id] = Agent(entry.cti_id, entry.cti_number)
            self.floor.by_cti_number[entry.cti_number] = entry.cti_id

    def _configured(self, _: Floor, fact: facts.ConfigurationChanged) -> None:
        working.forget_groups(self.floor)
        self.floor.ranks.close_all()
        configuration.changed(self.floor, fact)
        monitors.look_at_rights(self.floor)
        self.waiting.rebuild()

    def _usual(self, _: Floor, fact: facts.UsualHandleTimes) -> None:
        self.floor.usual_handle_s = fact.lasted_s

    def _override(self, _: Floor, command: commands.SetHoursOverride | commands.DropHoursOverride) -> None:
        if isinstance(command, commands.SetHoursOverride):
            override.set_override(self.floor, command)
        else:
            override.drop(self.floor, command)
        limits.hours_changed(self.floor, command.hours)

    def _match(self) -> None:
        """Give calls to agents. Only the changed calls and agents can be served now though they were not before."""
        floor, waiting = self.floor, self.waiting
        others = False
        for agent in [*floor.changed_agents.values()]:
            others |= working.count(floor, agent)
            waiting.add_agent(agent)
        for call in [*floor.changed_calls.values()]:
            if call.wait.stage_at is not None:  # It may come from an offer, and its stage be over meanwhile.
                stages.leave_out(floor, call)
            waiting.add_call(call)
            order.follow(floor, call)
        while waiting.recalls and (pair := waiting.next_recall()):
            handback.offer_back(floor, *pair)
            others |= working.count(floor, pair[1])  # Also somebody on a break is offered their own call.
        if others or floor.working.flipped:
            limits.look_again(floor)
            for call in stages.look_again(floor):
                waiting.add_call(call)
                order.follow(floor, call)
        if not waiting.changed:
            return
        while pair := waiting.next_pair():
            offer.make(floor, *pair)
            order.follow(floor, pair[0])

    def _table(self) -> dict[type, Handler]:
        return {
            facts.TimePassed: lambda floor, _: due.pass_time(floor),
            facts.ClockMoved: times.clock_moved,
            facts.Stalled: times.stalled,
            facts.ConfigurationChanged: self._configured,
            facts.ConfigurationGoesOn: lambda floor, _: configuration.go_on(floor),
            facts.UsualHandleTimes: self._usual,
            facts.CallArrived: inbound.arrived,
            facts.LegReady: legs.ready,
            facts.LegRinging: legs.rings,
            facts.LegAnswered: legs.answered,
            facts.LegEntered: legs.entered,
            facts.LegLeft: legs.left,
            facts.LegEnded: legs.ended,
            facts.LegStuck: legs.stuck,
            facts.LegHeld: hold.phone_held,
            facts.LegRetrieved: hold.phone_retrieved,
            facts.HoldSeen: hold.seen,
            facts.LegMuted: told.muted,
            facts.LookupAnswered: steps.looked_up,
            facts.TalksFound: last_agent.found,
            facts.DigitPressed: keys.pressed,
            facts.KeypadDialed: emergency.keypad_dialed,
            facts.LegBack: dialplan.back,
            facts.LegSeen: inspection.seen,
            facts.AudioSeen: vanished.audio_seen,
            facts.BridgeSeen: confirming.bridge_seen,
            facts.ActionFailed: confirming.action_failed,
            facts.PlaybackStarted: messages.started,
            facts.PlaybackEnded: messages.ended,
            facts.RecordingStarted: lambda floor, fact: _of(fact, voicemail.started, recording.started)(floor, fact),
            facts.RecordingSeen: recording.seen,
            facts.RecordingEnded: lambda floor, fact: _of(fact, voicemail.ended, recording.ended)(floor, fact),
            facts.RecordingMissing: lambda floor, fact: _of(fact, voicemail.missing, recording.missing)(floor, fact),
            facts.RecordingStored: voicemail.stored,
            facts.RecordingLost: recordings.lost,
            facts.RecordingCleared: recordings.cleared,
            facts.RecordingDeleted: recordings.deleted,
            facts.PhoneChanged: sessions.phone_changed,
            facts.LegLetGo: foreign.let_go,
            facts.PhoneUsed: foreign.phone_used,
            facts.PhoneLeft: legs.phone_left,
            facts.NodeLost: reconcile.node_lost,
            facts.NodeTakenOver: reconcile.node_taken_over,
            facts.NodeSeen: reconcile.node_seen,
            commands.LogIn: sessions.log_in,
            commands.LogOut: sessions.log_out,
            commands.EndSession: session_limits.end,
            commands.SetStatus: sessions.set_status,
            commands.SetAgentStatus: status.set_status,
            commands.SetNextStatus: sessions.set_next_status,
            commands.PanelChanged: sessions.panel_changed,
            commands.SessionUsed: session_limits.used,
            facts.SessionsAged: lambda floor, _: session_limits.aged(floor),
            commands.AnswerOffer: offered.answer,
            commands.DeclineOffer: offered.decline,
            commands.SetHoursOverride: self._override,
            commands.DropHoursOverride: self._override,
            commands.SetEmergency: emergency_switch.switch_on,
            commands.DropEmergency: emergency_switch.switch_off,
            commands.EndCall: calls.end,
            commands.MoveCall: calls.move,
            commands.MessageTeam: teams.message,
            commands.AskHelp: help.ask,
            commands.EndHelp: help.end,
            commands.StartMonitor: monitors.begin,
            commands.ChangeMonitor: monitors.change,
            commands.StopMonitor: monitors.stop,
            commands.NoteAct: lambda floor, _: None,
            commands.CallbackDone: entries.done,
            **self._call_commands(),
        }

    def _call_commands(self) -> dict[type, Handler]:
        return {
            commands.Dial: emergency.dial,
            commands.HangUpCall: hanging_up.hang_up_call,
            commands.SendDigits: digits.send,
            commands.DialAgent: internal.dial,
            commands.HoldCall: internal.hold,
            commands.ResumeCall: internal.resume,
            commands.StartConsult: consult.start,
            commands.ConnectConsult: consult.connect,
            commands.CancelConsult: consult.cancel,
            commands.SwapConsult: swap.swap,
            commands.JoinAll: three.join_all,
            commands.LeaveThree: three.leave,
            commands.TakeOut: three.take_out,
            commands.TransferCall: transfer.transfer,
            commands.RecallCall: transfer.recall,
            commands.Warn: warning.warn,
            commands.StopWarning: warning.stop,
            commands.BeginRecording: recording.begin,
            commands.PauseRecording: recording.pause,
            commands.ResumeRecording: recording.resume,
            commands.EndRecording: recording.end,
            commands.ForceDisconnect: force_disconnect.force_disconnect,
        }


def _of(fact: Any, of_messages: Callable[[Floor, Any], None], of_conversations: Callable[[Floor, Any], None]) -> Any:
    return of_conversations if is_conversation(fact.recording) else of_messages
