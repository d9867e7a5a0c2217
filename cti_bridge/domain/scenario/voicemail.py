"""The step ``voicemail``: a message is heard, a beep, and then the caller speaks (requirements H2, J6).

The PBX records, and goes on when the bridge is away. The key ``#``, a silence, the length, and a hang-up end it. The
PBX does not say which: when it was the hang-up, the end of the leg follows within a moment. So the call waits for that
moment before it leaves the step, lest the phone of an agent rings for somebody who has gone.

Nor does the PBX know well how much was said: it counts whole seconds, and of a caller who has said nothing for five it
says that they have spoken for one (seen). Where it may be nothing, the call waits for the file, which tells.

The name of the recording follows from the call and its step. What a crash has left in doubt is ordered again under the
same name, which the PBX refuses when it records already.
"""

from cti_bridge.domain.audio.messages import stop
from cti_bridge.domain.border.actions import InspectRecording, RecordLeg, StopRecording
from cti_bridge.domain.border.facts import RecordingEnded, RecordingMissing, RecordingStarted, RecordingStored
from cti_bridge.domain.callbacks import entries, recordings
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, Leg, Role, Stage
from cti_bridge.domain.model.callbacks import Recording, RecordingState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import recording_name
from cti_bridge.domain.model.scenario import MESSAGE_LEFT, Exit, Voicemail
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.scenario import typed
from cti_bridge.domain.scenario.interpreter import leave
from cti_bridge.domain.scenario.say import enter, say

SILENCE_S = 5
"""A silence of so many seconds ends the recording."""
MARGIN_S = 15.0
"""The PBX ends a recording by itself after its length. So many seconds later the step ends it."""
GONE_WITHIN_S = 0.5
"""The end of the leg follows that of the recording within so many seconds, when the caller has hung up. They come in
the same millisecond (seen)."""
FILE_WITHIN_S = 2.0
"""The most seconds for which the file is waited for. Most often it is there before the end of the leg would be."""
COUNTED_TOO_MUCH_S = 1.0
"""The PBX counts up to so many seconds more than were said."""
END_KEY = "#"


def begin(floor: Floor, call: Call, way: Way, step: Voicemail) -> str | None:
    """The call comes to the step."""
    enter(floor, call)
    if entries.is_full(floor, entries.queue_of(floor, call, step.queue), entries.MESSAGES_BEYOND):
        return Exit.OTHERWISE
    if step.sound:
        say(floor, call, step.sound)
    else:
        record(floor, call, way, step)
    return None


def record(floor: Floor, call: Call, way: Way, step: Voicemail) -> None:
    """The message of the step is over: the caller speaks after the beep."""
    typed.forget_keys(floor, call)
    found = recordings.begin(
        floor, call, entries.queue_of(floor, call, step.queue), recording_name(call.id, way.seq + 1)
    )
    way.recording = found.id
    floor.touch_call(call)
    rewire(floor, call)
    _order(floor, call, found, step.most_s)
    floor.set_deadline(Kind.STEP, call, floor.now + longest_s(step))


def pressed(floor: Floor, call: Call, way: Way, step: Voicemail) -> None:
    """``#`` ends the message of the step, and then the recording. Other keys of the recording are nobody's."""
    if way.then:
        if not way.unsure:
            _leave_at_once(floor, call, way)
    elif way.recording:
        if END_KEY not in typed.keys(floor, call):
            typed.forget_keys(floor, call)
    elif typed.keys(floor, call).endswith(END_KEY):
        stop(floor, call)
        record(floor, call, way, step)


def longest_s(step: Voicemail) -> float:
    """Return the most seconds for which the step waits for the end of the recording."""
    return step.most_s + MARGIN_S


def time_over(floor: Floor, call: Call, way: Way) -> None:
    """Nobody has told the end of the recording in time, or the step is configured no more; or the caller has not hung
    up."""
    found = floor.recordings.get(way.recording)
    leg = call.leg_of(Role.CUSTOMER)
    if found is not None and leg is not None:
        floor.act(StopRecording(call.node, call.id, leg.id, found.name))
        _over(floor, call, way, found, None)
    _leave(floor, call, way)


def started(floor: Floor, fact: RecordingStarted) -> None:
    """The PBX records."""
    found = recordings.of_call(floor, fact.recording)
    if found is not None:
        recordings.started(floor, found[1])


def ended(floor: Floor, fact: RecordingEnded) -> None:
    """The recording is over. The call leaves the step, unless its caller has hung up."""
    running = recordings.of_call(floor, fact.recording)
    if running is None:
        return
    call, found = running
    way = call.way
    assert way is not None
    by_key = END_KEY in typed.keys(floor, call)
    _over(floor, call, way, found, 0.0 if fact.failed else fact.said_s)
    way.unsure = way.then == Exit.NEXT and (fact.said_s or 0.0) < recordings.LEAST_S + COUNTED_TOO_MUCH_S
    if by_key and not way.unsure:
        _leave_at_once(floor, call, way)
    else:
        floor.set_deadline(Kind.STEP, call, floor.now + (FILE_WITHIN_S if way.unsure else GONE_WITHIN_S))


def stored(floor: Floor, fact: RecordingStored) -> None:
    """The file is there, and tells how much was said. A caller who waits for that leaves the step."""
    recordings.stored(floor, fact)
    found = floor.recordings.get(fact.recording_id)
    call = floor.calls.get(found.call_id) if found is not None else None
    way = call.way if call is not None else None
    if call is None or found is None or way is None or not way.then:
        return
    if found.name == recording_name(call.id, way.seq + 1):
        way.then, way.unsure = Exit.OTHERWISE if found.state is RecordingState.EMPTY else way.then, False
        floor.set_deadline(Kind.STEP, call, max(floor.now, (found.ended_at or 0.0) + GONE_WITHIN_S))
        floor.touch_call(call)


def missing(floor: Floor, fact: RecordingMissing) -> None:
    """The order never got through: give it again, within the time of the step. A recording that was seen to run, and of
    which nothing is left, has failed."""
    running = recordings.of_call(floor, fact.recording)
    if running is None:
        return
    call, found = running
    leg, at = call.leg_of(Role.CUSTOMER), floor.deadlines.at(Kind.STEP, call.id)
    order = floor.orders.get(found.name)
    if found.state is not RecordingState.ORDERED or leg is None or at is None:
        ended(floor, RecordingEnded(fact.recording, failed=True))
    elif order is None or order.looked:
        _order(floor, call, found, max(1.0, at - MARGIN_S - floor.now))
        floor.orders[found.name].looked = False


def failed(floor: Floor, call: Call, leg: Leg) -> None:
    """The PBX does not record the leg."""
    found = floor.recordings.get(call.way.recording) if call.way is not None else None
    if found is not None:
        ended(floor, RecordingEnded(found.name, failed=True))


def look(floor: Floor, call: Call) -> None:
    """Look whether the call is still being recorded: news of its end may be lost."""
    found = floor.recordings.get(call.way.recording) if call.way is not None and call.way.recording else None
    leg = call.leg_of(Role.CUSTOMER)
    if found is not None and leg is not None and leg.stage is Stage.UP:
        floor.act(InspectRecording(call.node, call.id, leg.id, found.name))


def _order(floor: Floor, call: Call, found: Recording, most_s: float) -> None:
    leg = call.leg_of(Role.CUSTOMER)
    if leg is not None:
        floor.act(RecordLeg(call.node, call.id, leg.id, found.name, round(most_s), SILENCE_S))


def _over(floor: Floor, call: Call, way: Way, found: Recording, said_s: float | None) -> None:
    way.recording = ""
    typed.forget_keys(floor, call)
    way.then = Exit.OTHERWISE
    if recordings.over(floor, call, found, said_s):
        way.then = Exit.NEXT
    floor.touch_call(call)


def _leave_at_once(floor: Floor, call: Call, way: Way) -> None:
    typed.forget_keys(floor, call)
    _leave(floor, call, way)


def _leave(floor: Floor, call: Call, way: Way) -> None:
    way.unsure = False
    if way.then == Exit.NEXT:
        way.left_by = MESSAGE_LEFT
    leave(floor, call, way.then or Exit.OTHERWISE)
