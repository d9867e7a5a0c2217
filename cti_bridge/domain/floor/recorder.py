"""The recorder follows its call: what the PBX is ordered is the difference between what it does, as far as that was
seen, and what :func:`cti_bridge.domain.model.recorded.wants` says.

The bridge of the conversation is recorded. What is left out is paused, never muted: a second order to mute switches the
recording on again (seen). A pause counts when a look has shown it, and no leg moves before
(:func:`cti_bridge.domain.floor.rewire.rewire` asks :func:`follow`): the customer is still in the bridge, and the target
not yet. It goes on again when the customer was seen in the bridge, and the target out of it. Who waited for a pause in
vain for :data:`WITHIN_S` waits no longer; what is in the file though it should not be is noted, and silenced when the
file is fetched.

The PBX ends a file by itself when the last party has left the bridge. Then, and with each new bridge, the next file
begins.
"""

from collections.abc import Collection

from cti_bridge.domain.border.actions import (
    CreateBridge,
    InspectRecording,
    PauseRecording,
    RecordBridge,
    ResumeRecording,
    StopRecording,
)
from cti_bridge.domain.border.records import RecordingRow
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.time_line import (
    came_together,
    close,
    erase,
    erase_since,
    not_resumed,
)
from cti_bridge.domain.model.call import OFFERED, Call, CallState, Leg, Place, Stage
from cti_bridge.domain.model.callbacks import Recording, RecordingKind, RecordingState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import call_of_recording, conversation_name
from cti_bridge.domain.model.recorded import (
    TWO,
    Want,
    is_clean,
    is_customer_inside,
    others_inside,
    reasons,
    wants,
    who_talks,
)
from cti_bridge.domain.model.recorder import Reason, Recorder, Span, SpanKind, Tape
from cti_bridge.domain.model.words import CallEventType, Record

# Members that every call looks up, by names of the module: see the package.
_ALWAYS, _OFF, _ON_DEMAND = Record.ALWAYS, Record.OFF, Record.ON_DEMAND

WITHIN_S = 1.0
"""An order to the recorder must have been seen to take effect within so many seconds."""
RETRY_S = (0.0, 0.5, 5.0, 30.0)
"""The seconds before the next file begins, by the files in a row that came to nothing."""
LASTS_S = 5.0
"""A file that was written for so many seconds has not come to nothing."""
_IN_QUEUE = OFFERED | {CallState.WAITING}
_RECORDS = frozenset({Tape.BEGINNING, Tape.RUNS, Tape.RESUMING})


def follow(floor: Floor, call: Call, coming: Collection[Leg] = ()) -> bool:
    """Order what the recorder is to do now. Return whether the legs have to wait for it before they move. ``coming``:
    who is about to be ordered into the bridge."""
    recorder = call.recorder
    if recorder is None:
        return False
    want = wants(call)
    if want is Want.NOTHING:
        over(floor, call, recorder)
        if recorder.paused_by and call.state in _IN_QUEUE:
            another_agent(floor, call, None)  # Also when it is the same one who takes them again.
        return False
    if want is Want.PAUSED and recorder.tape in _RECORDS:
        _order(floor, call, recorder, Tape.PAUSING)
    elif want is Want.RUNS and is_clean(call, coming):
        if recorder.tape is Tape.OFF:
            _begin(floor, call, recorder)
        elif recorder.tape is Tape.PAUSED:
            _order(floor, call, recorder, Tape.RESUMING)
        elif recorder.tape is Tape.PAUSING and recorder.late:
            # Behind an order to go on nobody could tell whether it has ever paused.
            _over_unseen(floor, call, recorder)
            return waits(call)
    _note_span(floor, call, recorder)
    return waits(call)


def waits(call: Call) -> bool:
    """Return whether the legs of the call have to wait for its recorder: for a pause that was not seen yet; or, where a
    call has to be recorded, for the beginning."""
    recorder = call.recorder
    if recorder is None or recorder.late or recorder.failed:
        return False
    if recorder.tape is Tape.PAUSING:
        return True
    begins = recorder.tape in (Tape.OFF, Tape.BEGINNING) and wants(call) is Want.RUNS
    return recorder.must and call.state is CallState.CONNECTING and begins


# ------------------------------------------------------------------------------- orders


def equip(floor: Floor, call: Call) -> None:
    """A conversation begins: give the call a recorder, where its queue, else its service, wants that. One that runs
    goes on as it was begun, unless the house wants another thing of the present queue. Calls to emergency services are
    not recorded."""
    if call.recorder is None and not floor.directory.records:
        return
    service = floor.directory.services.get(call.service or "")
    if service is None or call.dialling.emergency:
        return
    queue = floor.directory.queues.get(call.queue or "")
    mode = service.record if queue is None or queue.record is None else queue.record
    found = call.recorder
    if found is None and mode is _OFF:
        return
    if found is None:
        found = call.recorder = Recorder(mode)
        floor.recorded.add(call.id)
    found.mode = mode
    found.on = mode is _ALWAYS or (mode is _ON_DEMAND and found.on)
    found.tells = bool(service.record_notice)
    found.must = found.must or (service.record_must and mode is _ALWAYS and not found.number)
    floor.touch_call(call)


def another_agent(floor: Floor, call: Call, cti_id: str | None) -> None:
    """The agent has the customer now; None: whoever is outside. The pause of another one is over."""
    found = call.recorder
    if found is not None and found.paused_by and found.paused_by != cti_id:
        found.paused_by, found.warned = "", False
        floor.set_deadline(Kind.RECORD_PAUSE, call, None)
        floor.event(call, CallEventType.RECORDING_RESUMED, by_cti_id=None)


def make_bridge(floor: Floor, call: Call, coming: Collection[Leg] = ()) -> None:
    """Order the call's bridge. One that is recorded mixes anyway, so it is made to mix from the first moment: unless
    others than those who come now are in the one of before, as far as anybody knows, and would stay there."""
    recorder = call.recorder
    if recorder is not None and recorder.on:
        stay = any(leg.place is Place.BRIDGE and leg not in coming for leg in call.legs.values())
        call.softmix = call.softmix or not stay
    call.has_bridge = True
    floor.touch_call(call)
    floor.act(CreateBridge(call.node, call.id, "", call.bridge_id, call.softmix))


def _begin(floor: Floor, call: Call, recorder: Recorder) -> None:
    if recorder.attempts and floor.deadlines.at(Kind.RECORDER, call.id) is not None:
        return  # It is tried again then.
    if not call.has_bridge:
        make_bridge(floor, call)
    recorder.number += 1
    found = Recording(
        floor.ids.uuid(floor.now),
        conversation_name(call.id, recorder.number),
        call.node,
        call.id,
        call.service or "",
        call.queue or "",
        started_at=floor.now,
        kind=RecordingKind.CONVERSATION,
    )
    floor.recordings[found.id] = found
    recorder.recording = found.id
    write(floor, found)
    _order(floor, call, recorder, Tape.BEGINNING)


def _order(floor: Floor, call: Call, recorder: Recorder, tape: Tape) -> None:
    name = floor.recordings[recorder.recording].name
    recorder.tape, recorder.ordered_at, recorder.late = tape, floor.now, False
    if tape is Tape.BEGINNING:
        floor.act(RecordBridge(call.node, call.id, "", call.bridge_id, name))
    elif tape is Tape.PAUSING:
        floor.act(PauseRecording(call.node, call.id, "", name))
    else:
        floor.act(ResumeRecording(call.node, call.id, "", name))
    floor.set_deadline(Kind.RECORDER, call, floor.now + WITHIN_S)
    floor.touch_call(call)
    show(floor, call)


def over(floor: Floor, call: Call, recorder: Recorder, *, seen: bool = False) -> None:
    """The file is over. ``seen``: the PBX says so. The store fetches it."""
    if recorder.tape is Tape.OFF:
        return
    found = floor.recordings[recorder.recording]
    if recorder.tape is Tape.PAUSING and found.spans:
        found.spans[-1].kind = SpanKind.ERASED  # Nobody has seen the pause.
    found.ticket_id = call.ticket_id
    unseen, others = floor.end_at < floor.now, others_talk(floor, call)
    if unseen and others:
        erase_since(found, floor.end_at, Reason.CONSULT)  # Nobody saw whether the customer was there from then on.
    alone = others and (unseen or (not seen and not is_customer_inside(call)))
    close(found, max(floor.end_at, found.started_at), alone=alone)
    floor.drop_order(found.name)
    if not seen:
        floor.act(StopRecording(call.node, call.id, "", found.name))
    recorder.tape, recorder.recording, recorder.late, recorder.unsure = Tape.OFF, "", False, False
    floor.deadlines.set(Kind.RECORDER, call.id, None)
    write(floor, found)
    floor.touch_call(call)
    show(floor, call)


def bridge_gone(floor: Floor, call: Call) -> None:
    """The bridge that was recorded is destroyed, or is no more."""
    if call.recorder is not None:
        over(floor, call, call.recorder)


def came_to_nothing(floor: Floor, call: Call, recorder: Recorder, why: str) -> None:
    """The file has ended though it should not, or never began: it is told, and the next one begins in a moment. A call
    is never ended for it."""
    found = floor.recordings.get(recorder.recording)
    lasted_s = floor.now - found.started_at if found is not None and found.spans else 0.0
    over(floor, call, recorder, seen=True)
    recorder.attempts = 0 if lasted_s >= LASTS_S else recorder.attempts + 1
    fail(floor, call, recorder, why)
    retry_s = RETRY_S[min(recorder.attempts, len(RETRY_S) - 1)]
    if recorder.attempts:
        floor.set_deadline(Kind.RECORDER, call, floor.now + retry_s)


def fail(floor: Floor, call: Call, recorder: Recorder, why: str) -> None:
    """The conversation is not recorded though it should be. It is told once, until it is recorded again."""
    if not recorder.failed:
        recorder.failed = True
        floor.event(call, CallEventType.RECORDING_FAILED, reason=why)
        floor.tally.recordings_failed += 1
        show(floor, call)


def others_talk(floor: Floor, call: Call) -> bool:
    """Return whether two may be in the bridge beside the customer, supervisors included."""
    phones = [one.phone for one in monitoring.of_call(floor, call.id)] if floor.monitors else []
    near = [phone for phone in phones if phone is not None and call.bridge_id in (phone.place, phone.seen)]
    return len(others_inside(call)) + len(near) >= TWO


def look(floor: Floor, call: Call, *, back: bool, seen_at: float | None) -> None:
    """The PBX's list was read. Look what the recorder does: news of it may be lost. When the PBX is ``back``, nobody
    knows when an order that was not seen has taken effect, if at all. So that file is over, and the next one begins:
    also where it is to do something else than it was seen to, for a bridge that died may have ordered that before.
    ``seen_at``: the time at which the PBX was seen before."""
    recorder = call.recorder
    if recorder is None or recorder.tape is Tape.OFF:
        return
    name = floor.recordings[recorder.recording].name
    settled = {Tape.RUNS: Want.RUNS, Tape.PAUSED: Want.PAUSED}
    if back and settled.get(recorder.tape) is not wants(call):
        _note_unseen_beginning(floor, call, recorder, seen_at or 0.0)
        _over_unseen(floor, call, recorder)
    else:
        if back and recorder.tape is Tape.RUNS:
            recorder.unsure = True
            floor.touch_call(call)
        follow(floor, call)
        floor.act(InspectRecording(call.node, call.id, "", name))


def _note_unseen_beginning(floor: Floor, call: Call, recorder: Recorder, seen_at: float) -> None:
    """A file was ordered, and nobody saw it begin. If it did, that was before the PBX was away, or a moment later, when
    it is we who were away."""
    found = floor.recordings[recorder.recording]
    if not found.spans and recorder.tape is Tape.BEGINNING:
        began_at = min(floor.now, max(found.started_at, seen_at) + WITHIN_S)
        found.spans.append(Span(SpanKind.TALK, began_at, who=who_talks(call)))


def _over_unseen(floor: Floor, call: Call, recorder: Recorder) -> None:
    """The file is over, for what is in its last part is not known."""
    over(floor, call, recorder)
    follow(floor, call)


def anew(floor: Floor, call: Call) -> float | None:
    """Return the time until which the recorder is waited for when the PBX is back."""
    recorder = call.recorder
    waits = recorder is not None and (recorder.tape not in (Tape.OFF, Tape.RUNS, Tape.PAUSED) or recorder.attempts)
    return floor.now + WITHIN_S if waits else None


# ------------------------------------------------------------------------------- what is seen


def of_name(floor: Floor, name: str) -> tuple[Call, Recorder, Recording] | None:
    """Return the call whose recorder writes this file now, with both; None when none does."""
    call = floor.calls.get(call_of_recording(name) or "")
    recorder = call.recorder if call is not None else None
    found = floor.recordings.get(recorder.recording) if recorder is not None else None
    if call is None or recorder is None or found is None or found.name != name:
        return None
    return call, recorder, found


def seen(floor: Floor, name: str, paused: bool, asked_at: float) -> Call | None:
    """The PBX was seen to record, or to have paused. Return the call; None when that says nothing new."""
    running = of_name(floor, name)
    if running is None or asked_at < running[1].ordered_at:
        return None
    call, recorder, found = running
    if paused and recorder.tape is Tape.RESUMING:
        not_resumed(found, asked_at)
        floor.touch("recording", found.id, found)
        return None
    if not paused and recorder.tape is Tape.PAUSING:
        recorder.unsure = False
        floor.touch_call(call)
        erase(found, asked_at)
        floor.touch("recording", found.id, found)
        return None
    if recorder.tape is (Tape.RUNS if paused else Tape.PAUSED):
        if not paused:
            erase(found, floor.now)
        _over_unseen(floor, call, recorder)  # Somebody else has done that, at a time that nobody knows.
        return call
    if paused and (recorder.late or recorder.unsure):
        _over_unseen(floor, call, recorder)  # It has recorded meanwhile, and until when nobody knows.
        return call
    if recorder.tape is Tape.RESUMING:
        # A file that is longer than we think loses its last moments. A shorter one would shift what is silenced.
        not_resumed(found, floor.now)
    recorder.tape = Tape.PAUSED if paused else Tape.RUNS
    recorder.late = recorder.unsure = False
    if not paused:
        recorder.failed = recorder.must = False
        found.state = RecordingState.RECORDING
        floor.touch("recording", found.id, found)
    floor.deadlines.set(Kind.RECORDER, call.id, None)
    floor.touch_call(call)
    show(floor, call)
    follow(floor, call)
    return call


def show(floor: Floor, call: Call) -> None:
    """The panels show what the recorder does."""
    floor.show_agents(agent.cti_id for _, agent in floor.agents_of(call))


# ------------------------------------------------------------------------------- the time line


def _note_span(floor: Floor, call: Call, recorder: Recorder) -> None:
    """Note what is in the file from now on. It begins with the first party in the bridge: of an empty one nothing is
    written (seen). Whoever waits there for the customer alone is not stored."""
    found = floor.recordings.get(recorder.recording)
    if found is None or recorder.tape in (Tape.OFF, Tape.BEGINNING):
        return
    present = found.spans[-1] if found.spans else None
    talks = recorder.tape in (Tape.RUNS, Tape.RESUMING)
    if talks:
        who = who_talks(call)
        if present is not None and present.kind is SpanKind.TALK and present.who == who:
            return
        if present is None and not any(leg.in_bridge for leg in call.legs.values()):
            return
        if is_customer_inside(call):
            span = Span(SpanKind.TALK, came_together(found, floor.now), who=who)
        elif present is not None and present.kind is SpanKind.ERASED:
            return
        else:
            span = Span(SpanKind.ERASED, floor.now, reason=Reason.HOLD)
    else:
        if present is None or present.kind is SpanKind.CUT:
            return
        span = Span(SpanKind.CUT, floor.now, reason=next(iter(reasons(call)), ""))
    if found.spans:
        found.spans[-1].till_at = floor.now
    found.spans.append(span)
    floor.touch("recording", found.id, found)


def write(floor: Floor, found: Recording) -> None:
    """Write the recording down, as it is now."""
    found.version += 1
    floor.record(RecordingRow.of(found))
    floor.touch("recording", found.id, found)


def is_in_bridge(call: Call) -> bool:
    """Return whether a party of the call was seen in its bridge."""
    return any(leg.in_bridge and leg.stage is not Stage.ENDING for leg in call.legs.values())
