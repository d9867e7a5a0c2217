"""The recording of a conversation, as the agent in it sees it."""

from cti_bridge.domain.border.views import RecordingView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.recorded import WHILE, Want, reasons, wants
from cti_bridge.domain.model.recorder import Recorder, RecordingShown, SpanKind, Tape
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import MayAsk, Record
from cti_bridge.domain.talk.recording import MAY_COMMAND, NOTICE_S

_SHOWN = {
    Tape.BEGINNING: RecordingShown.BEGINNING,
    Tape.RUNS: RecordingShown.RECORDING,
    Tape.PAUSING: RecordingShown.PAUSING,
    Tape.PAUSED: RecordingShown.PAUSED,
    Tape.RESUMING: RecordingShown.PAUSED,
}


def recording_view(floor: Floor, call: Call) -> RecordingView | None:
    """Return the recording, or None where nothing is recorded and nothing can be begun."""
    found = call.recorder
    if found is None or call.state not in WHILE or (found.mode is Record.OFF and found.tape is Tape.OFF):
        return None
    at = floor.deadlines.at(Kind.RECORD_PAUSE, call.id) if found.paused_by else None
    ends_at = at if at is None or found.warned else at + NOTICE_S
    return RecordingView(
        state=_state(call, found),
        reasons=reasons(call) if found.on else [],
        not_paused=found.tape is Tape.PAUSING and found.late,
        paused_by=found.paused_by or None,
        paused_since=_paused_since(floor, found),
        pause_ends_at=iso(ends_at) if ends_at is not None else None,
    )


def recording_actions(call: Call) -> list[MayAsk]:
    """Return what the agent who leads the call may ask of the recorder."""
    found = call.recorder
    if found is None or call.state not in MAY_COMMAND:
        return []
    if not found.on:
        return [MayAsk.RECORDING_START] if found.mode is Record.ON_DEMAND else []
    actions = [MayAsk.RECORDING_PAUSE, *([MayAsk.RECORDING_RESUME] if found.paused_by else [])]
    return [*actions, *([MayAsk.RECORDING_STOP] if found.mode is Record.ON_DEMAND else [])]


def _paused_since(floor: Floor, found: Recorder) -> str | None:
    recording = floor.recordings.get(found.recording)
    span = recording.spans[-1] if recording is not None and recording.spans else None
    cut = found.tape in (Tape.PAUSED, Tape.RESUMING) and span is not None and span.kind is SpanKind.CUT
    return iso(span.from_at) if span is not None and cut else None


def _state(call: Call, found: Recorder) -> RecordingShown:
    if found.tape is Tape.PAUSING and found.late:
        return RecordingShown.RECORDING
    if found.failed and found.tape is not Tape.PAUSED:
        return RecordingShown.FAILED
    if found.tape is not Tape.OFF:
        return _SHOWN[found.tape]
    if not found.on:
        return RecordingShown.OFF
    return RecordingShown.PAUSED if wants(call) is Want.PAUSED else RecordingShown.BEGINNING
