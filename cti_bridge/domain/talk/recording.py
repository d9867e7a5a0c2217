"""The recording of a conversation, as agents and the house command it (requirements K1, K2), and what follows when it
does not come about.

A call that has to be recorded (``record_must``) does not begin before its recorder was seen to run, and ends when it
does not within a second. Any later failure is told, and never ends a call. A pause of an agent ends by itself; they are
told a moment before. It also ends with their part in the call.
"""

from cti_bridge.domain.audio import notice
from cti_bridge.domain.border.commands import BeginRecording, EndRecording, PauseRecording, ResumeRecording
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.border.facts import RecordingEnded, RecordingMissing, RecordingSeen, RecordingStarted
from cti_bridge.domain.border.notices import RecordingFailed, Told
from cti_bridge.domain.ending.last_message import SORRY, announce
from cti_bridge.domain.floor import recorder
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import Order
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.recorded import Want, wants
from cti_bridge.domain.model.recorder import Recorder, Tape
from cti_bridge.domain.model.words import CallEventType, Cause, OfferResult, Outcome, Record, VisitExit
from cti_bridge.domain.offer.offer import fail
from cti_bridge.domain.queue import queueing
from cti_bridge.domain.talk.target import release_agent

NOTICE_S = 20.0
"""The seconds before the end of a pause at which the agent is told."""
MAY_COMMAND = (
    CallState.TALKING,
    CallState.WARNING,
    CallState.ON_HOLD,
    CallState.CONSULT_RINGING,
    CallState.CONSULT_TALKING,
    CallState.CONSULT_SWAPPED,
    CallState.THREE_TOGETHER,
)
"""The states in which the agent who leads the call commands its recorder."""
_TELLS_IN = frozenset({CallState.TALKING, CallState.CONSULT_SWAPPED, CallState.THREE_TOGETHER, CallState.TRANSFERRED})
_NOT_RECORDED = "The call is not recorded."
_FAILED = {"late": "the PBX did not begin in time", "refused": "the PBX refused", "ended": "it came to an end"}


# ------------------------------------------------------------------------------- commands


def begin(floor: Floor, command: BeginRecording) -> None:
    """The agent begins the recording, where that is on demand."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *MAY_COMMAND)
    found = call.recorder
    if found is None or found.mode is not Record.ON_DEMAND or found.on:
        raise NotAllowedNow
    found.on, found.failed, found.attempts = True, False, 0
    floor.event(call, CallEventType.RECORDING_BEGUN, by_cti_id=agent.cti_id)
    _follow(floor, call)


def pause(floor: Floor, command: PauseRecording) -> None:
    """The agent pauses the recording. In a pause it lasts as long again."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *MAY_COMMAND)
    found = _running(call)
    if not found.paused_by:
        floor.event(call, CallEventType.RECORDING_PAUSED, by_cti_id=agent.cti_id)
    found.paused_by, found.warned = agent.cti_id, False
    floor.set_deadline(Kind.RECORD_PAUSE, call, floor.now + pause_s(floor, call))
    _follow(floor, call)


def resume(floor: Floor, command: ResumeRecording) -> None:
    """The agent ends their pause. It is recorded when nothing else speaks against it."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *MAY_COMMAND)
    if not _running(call).paused_by:
        raise NotAllowedNow
    _end_pause(floor, call, agent.cti_id)


def end(floor: Floor, command: EndRecording) -> None:
    """The agent ends a recording that is on demand."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *MAY_COMMAND)
    found = _running(call)
    if found.mode is not Record.ON_DEMAND:
        raise NotAllowedNow("All calls are recorded here.")
    found.on = False
    found.paused_by = ""
    floor.set_deadline(Kind.RECORD_PAUSE, call, None)
    floor.event(call, CallEventType.RECORDING_STOPPED, by_cti_id=agent.cti_id)
    _follow(floor, call)


def _running(call: Call) -> Recorder:
    if call.recorder is None or not call.recorder.on:
        raise NotAllowedNow(_NOT_RECORDED)
    return call.recorder


def _follow(floor: Floor, call: Call) -> None:
    floor.touch_call(call)
    recorder.show(floor, call)
    notice.go_on(floor, call)
    rewire(floor, call)  # Whoever waited for a pause waits no longer, where nothing is recorded any more.


def follow_all(floor: Floor) -> None:
    """Let the recorders of the calls follow that this fact has changed. Parties who have come to be recorded in another
    way than most hear it first: with the change of a configuration, or when they had no time to hear it to its end."""
    for call in floor.touched_calls():
        if call.recorder is None:
            continue
        if call.state in _TELLS_IN:
            notice.go_on(floor, call)
        if recorder.waits(call) and not recorder.follow(floor, call):
            rewire(floor, call)
        else:
            recorder.follow(floor, call)
        recorder.show(floor, call)  # Why it is paused follows from the whole call.


# ------------------------------------------------------------------------------- the pause of an agent


def pause_s(floor: Floor, call: Call) -> float:
    """Return the seconds until the agent is told that the pause is to end; for short ones, until it ends."""
    found = call.recorder
    service = floor.directory.services.get(call.service or "")
    most_s = service.record_pause_most_s if service is not None else 300.0
    if found is not None and (found.warned or most_s <= NOTICE_S):
        return min(most_s, NOTICE_S)
    return most_s - NOTICE_S


def pause_due(floor: Floor, call: Call) -> None:
    """Tell the agent that the pause is to end; or it ends."""
    found = call.recorder
    if found is None or not found.paused_by:
        return
    service = floor.directory.services.get(call.service or "")
    if found.warned or (service is not None and service.record_pause_most_s <= NOTICE_S):
        _end_pause(floor, call, None)
        return
    found.warned = True
    floor.tell(Told(found.paused_by, "recording_pause_ends", f"The recording goes on in {round(NOTICE_S)} seconds."))
    floor.set_deadline(Kind.RECORD_PAUSE, call, floor.now + NOTICE_S)
    floor.touch_call(call)


def _end_pause(floor: Floor, call: Call, by_cti_id: str | None) -> None:
    assert call.recorder is not None
    call.recorder.paused_by, call.recorder.warned = "", False
    floor.set_deadline(Kind.RECORD_PAUSE, call, None)
    floor.event(call, CallEventType.RECORDING_RESUMED, by_cti_id=by_cti_id)
    _follow(floor, call)


# ------------------------------------------------------------------------------- what the PBX tells


def started(floor: Floor, fact: RecordingStarted) -> None:
    """The PBX has begun to record."""
    running = recorder.of_name(floor, fact.recording)
    if running is not None and running[1].tape is Tape.BEGINNING:
        _seen(floor, fact.recording, paused=False, asked_at=floor.now)


def seen(floor: Floor, fact: RecordingSeen) -> None:
    """A look has shown what the PBX does."""
    _seen(floor, fact.recording, paused=fact.paused, asked_at=fact.asked_at)


def _seen(floor: Floor, name: str, *, paused: bool, asked_at: float) -> None:
    call = recorder.seen(floor, name, paused, asked_at)
    if call is not None:
        rewire(floor, call)


def ended(floor: Floor, fact: RecordingEnded) -> None:
    """The PBX records no more: the bridge is empty; or its disk is full, or somebody else has ended it."""
    running = recorder.of_name(floor, fact.recording)
    if running is None:
        return
    call, found, _ = running
    if found.tape is not Tape.BEGINNING and not recorder.is_in_bridge(call):
        recorder.over(floor, call, found, seen=True)
        rewire(floor, call)
    else:
        _not_recorded(floor, call, found, "ended")


def missing(floor: Floor, fact: RecordingMissing) -> None:
    """The PBX knows nothing of it."""
    running = recorder.of_name(floor, fact.recording)
    if running is not None:
        _not_recorded(floor, running[0], running[1], "ended")


def refused(floor: Floor, order: Order | None, name: str) -> None:
    """The PBX does not record the bridge, or did not begin after all looks."""
    running = recorder.of_name(floor, name)
    if running is not None and running[1].tape is Tape.BEGINNING:
        _not_recorded(floor, running[0], running[1], "refused" if order is None else "late")


def due(floor: Floor, call: Call) -> None:
    """An order was not seen in time; or a file that came to nothing is followed by the next one."""
    found = call.recorder
    if found is None:
        return
    if found.tape is Tape.BEGINNING and found.must:
        _not_recorded(floor, call, found, "late")
        return
    if found.tape in (Tape.BEGINNING, Tape.RESUMING):
        _fail(floor, call, found, "late")
    elif found.tape is Tape.PAUSING:
        found.late = True
        if wants(call) is Want.PAUSED:
            _tell_agents(floor, call, "recording_not_paused", "The recording could not be paused: it still records.")
    floor.touch_call(call)
    recorder.show(floor, call)
    rewire(floor, call)


def _not_recorded(floor: Floor, call: Call, found: Recorder, why: str) -> None:
    must = found.must
    failed = found.failed
    wanted = wants(call) is not Want.NOTHING
    recorder.came_to_nothing(floor, call, found, why)
    if not failed:
        _tell_failed(floor, call, why)
    if must and wanted and call.state in (CallState.CONNECTING, CallState.TALKING):
        found.must = found.on = False
        _turn_away(floor, call)
    else:
        rewire(floor, call)


def _fail(floor: Floor, call: Call, found: Recorder, why: str) -> None:
    if not found.failed:
        recorder.fail(floor, call, found, why)
        _tell_failed(floor, call, why)


def _tell_failed(floor: Floor, call: Call, why: str) -> None:
    floor.tell(RecordingFailed(call.node, call.id, _FAILED[why], call.service or ""))
    _tell_agents(floor, call, "recording_failed", "The call is not recorded: " + _FAILED[why] + ".")


def _tell_agents(floor: Floor, call: Call, code: str, text: str) -> None:
    if call.cti_id is not None:
        floor.tell(Told(call.cti_id, code, text))


def _turn_away(floor: Floor, call: Call) -> None:
    """The house wants no call that is not recorded: the customer hears that nobody can serve them, and it ends."""
    if call.state is CallState.CONNECTING:
        fail(floor, call, OfferResult.WITHDRAWN)
        if not _waits(call):
            return
        queueing.leave(floor, call, VisitExit.ENDED, None)
    else:
        release_agent(floor, call, Cause.CALL_ENDED)
    announce(floor, call, SORRY, Outcome.NOT_RECORDED, Cause.CALL_ENDED)


def _waits(call: Call) -> bool:
    """Return whether the call waits again. One that has waited for too long has left its queue already."""
    return call.state is CallState.WAITING
