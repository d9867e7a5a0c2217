"""Recordings of what callers say: begun, over, stored, deleted. What becomes of the file of a conversation is here too
(:mod:`cti_bridge.domain.floor.recorder` has what is before).

The PBX writes the file. When it is whole, the store of recordings (:mod:`cti_bridge.recordings`) fetches it, and tells
here what has become of it. It sees by the kept state what is to be done, so nothing is forgotten over a restart: a file
stays on the PBX until the bridge has it on its own disk, and has written that down.
"""

from collections.abc import Iterable

from cti_bridge.domain.border.facts import RecordingCleared, RecordingDeleted, RecordingLost, RecordingStored
from cti_bridge.domain.border.notices import RecordingFailed, RecordingReady
from cti_bridge.domain.callbacks import entries
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.recorder import write
from cti_bridge.domain.floor.time_line import close
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.callbacks import Recording, RecordingKind, RecordingState
from cti_bridge.domain.model.ids import call_of_recording
from cti_bridge.domain.model.words import CallEventType
from cti_bridge.domain.rights.asker import Asker

LEAST_S = 1.0
"""The seconds that must be said, or nothing counts as said."""


def begin(floor: Floor, call: Call, queue: str, name: str) -> Recording:
    """Note that the call is recorded from now on, and return the recording."""
    found = Recording(
        floor.ids.uuid(floor.now), name, call.node, call.id, call.service or "", queue, started_at=floor.now
    )
    floor.recordings[found.id] = found
    write(floor, found)
    return found


def started(floor: Floor, found: Recording) -> None:
    """The PBX records."""
    if found.state is RecordingState.ORDERED:
        found.state = RecordingState.RECORDING
        floor.touch("recording", found.id, found)


def over(floor: Floor, call: Call, found: Recording, said_s: float | None) -> bool:
    """The recording of the call is over. Register the message, and return True, unless nothing was said. When nobody
    knows, it is kept until the file tells."""
    found.ended_at, found.said_s = max(floor.end_at, found.started_at), said_s
    if said_s is not None and said_s < LEAST_S:
        _change(floor, found, RecordingState.EMPTY)
        return False
    _change(floor, found, RecordingState.ENDED)
    made = entries.register_message(floor, found, call)
    floor.event(call, CallEventType.MESSAGE_LEFT, callback_id=made.id, queue=made.queue)
    return True


def of_call(floor: Floor, name: str) -> tuple[Call, Recording] | None:
    """Return the call that is being recorded under this name, with the recording; None when it is not."""
    call = floor.calls.get(call_of_recording(name) or "")
    found = floor.recordings.get(call.way.recording) if call is not None and call.way is not None else None
    return (call, found) if call is not None and found is not None and found.name == name else None


def call_over(floor: Floor, call: Call) -> None:
    """The call has ended while it was recorded, and nobody has told how much was said."""
    found = floor.recordings.get(call.way.recording) if call.way is not None else None
    if found is not None and call.way is not None:
        call.way.recording = ""
        over(floor, call, found, None)


# ------------------------------------------------------------------------------- the store


def stored(floor: Floor, fact: RecordingStored) -> None:
    """The file lies in the directory of recordings. It also tells how long the message is. One of before news of the
    customer that came late may hold what must not be stored."""
    found = floor.recordings.get(fact.recording_id)
    if found is None or found.state is not RecordingState.ENDED or fact.version not in (None, found.version):
        return
    found.file, found.sha256, found.bytes = fact.file, fact.sha256, fact.bytes
    found.length_s, found.delete_after = fact.length_s, fact.delete_after
    if found.kind is RecordingKind.CONVERSATION:
        found.missing_s = fact.missing_s
        _change(floor, found, RecordingState.STORED if fact.length_s > 0 else RecordingState.EMPTY)
        if fact.missing_s is not None:
            floor.tally.recordings_failed += 1
            floor.tell(RecordingFailed(found.node, found.call_id, f"{fact.missing_s:g} s are missing", found.service))
        return
    if fact.length_s < LEAST_S:  # Of a silence at the end the PBX keeps a fifth of a second.
        _change(floor, found, RecordingState.EMPTY)
        entries.cancel(floor, found)
        return
    found.segments = [{"kind": "voicemail", "from_s": 0.0, "till_s": round(fact.length_s, 3)}]
    _change(floor, found, RecordingState.STORED)


def lost(floor: Floor, fact: RecordingLost) -> None:
    """There is no file: the caller has hung up before the beep, or the PBX was set up anew. Who is known to have spoken
    stays in the list, to be called."""
    found = floor.recordings.get(fact.recording_id)
    if found is None or found.state is not RecordingState.ENDED:
        return
    found.on_pbx = False
    _change(floor, found, RecordingState.LOST)
    if found.kind is RecordingKind.CONVERSATION:
        floor.tally.recordings_failed += 1
        floor.tell(RecordingFailed(found.node, found.call_id, "the PBX has no file", found.service))
    elif found.said_s is None:
        entries.cancel(floor, found)
    _forget(floor, found)


def cleared(floor: Floor, fact: RecordingCleared) -> None:
    """The PBX has no file of it any more."""
    found = floor.recordings.get(fact.recording_id)
    if found is None or found.state not in (RecordingState.STORED, RecordingState.EMPTY):
        return
    found.on_pbx = False
    floor.touch("recording", found.id, found)
    if found.state is RecordingState.EMPTY or found.kind is RecordingKind.CONVERSATION:
        _forget(floor, found)  # The row says all else of a conversation, and outlives what is in memory.
        _tell_ready(floor, found)


def _tell_ready(floor: Floor, found: Recording) -> None:
    """Tell those who have talked in it, and may hear it."""
    if found.state is not RecordingState.STORED:
        return
    talked = dict.fromkeys(who for part in found.segments for who in part.get("who", ()))
    for cti_id in talked:
        if cti_id in floor.agents and Asker(floor.directory, cti_id).may_hear(found):
            of_talk = found.id, found.call_id, found.ticket_id, found.service
            floor.tell(RecordingReady(cti_id, *of_talk, found.length_s, found.missing_s))


def deleted(floor: Floor, fact: RecordingDeleted) -> None:
    """The file was kept long enough. The row stays."""
    found = floor.recordings.get(fact.recording_id)
    if found is None or found.state is not RecordingState.STORED:
        return
    found.file = ""
    _change(floor, found, RecordingState.DELETED)
    _forget(floor, found)


def take_up(floor: Floor, recordings: Iterable[Recording]) -> None:
    """Take up the recordings of the checkpoint. One whose call is not known any more is over. With one PBX before and
    one now, it is the same one under another name."""
    nodes = floor.directory.nodes
    for found in recordings:
        if len(nodes) == 1 and found.node not in nodes:
            (found.node,) = nodes
        floor.recordings[found.id] = found
        floor.touch("recording", found.id, found)
        call = floor.calls.get(found.call_id)
        if found.kind is RecordingKind.CONVERSATION:
            _take_up_conversation(floor, found, call)
            continue
        runs = call is not None and call.way is not None and call.way.recording == found.id
        if not runs and found.state in (RecordingState.ORDERED, RecordingState.RECORDING):
            found.ended_at = max(floor.now, found.started_at)
            _change(floor, found, RecordingState.ENDED)
            entries.register_message(floor, found, call)


def _take_up_conversation(floor: Floor, found: Recording, call: Call | None) -> None:
    """A conversation that nobody records any more is over."""
    runs = call is not None and call.recorder is not None and call.recorder.recording == found.id
    if not runs and found.state in (RecordingState.ORDERED, RecordingState.RECORDING):
        close(found, max(floor.now, found.started_at))
        write(floor, found)


def _change(floor: Floor, found: Recording, state: RecordingState) -> None:
    found.state = state
    write(floor, found)


def _forget(floor: Floor, found: Recording) -> None:
    del floor.recordings[found.id]
    floor.touch("recording", found.id, None)
    entries.forget_old(floor)
