"""Recorders against the tapes that really run: what the core believes is so, and its time line says what is in a file.

The PBX may not hear an order, and one may be lost. So a recorder that was seen to run or to have paused is compared,
and one that has only been ordered to is not.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import Action, InspectRecording, PauseRecording, RecordBridge, ResumeRecording
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.recorder import RETRY_S
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.callbacks import Recording, RecordingKind
from cti_bridge.domain.model.recorder import SpanKind, Tape
from tests.unit.model_asterisk import ModelAsterisk

SURE = (Tape.RUNS, Tape.PAUSED)
_ENDS_S = 0.001


class Tapes:
    def __init__(self) -> None:
        self._in_doubt: set[str] = set()
        """Of before a restart: the checkpoint that was found may be older than the last orders."""
        self._unsure: set[str] = set()
        """What was ordered and not seen when the connection broke."""
        self._resumed: set[str] = set()
        """Files that were ordered to go on, and not to pause since."""
        self._begun: dict[str, tuple[float, int]] = {}
        """By call, when a file was ordered last, and behind how many that came to nothing."""
        self._pausing: dict[str, float] = {}
        """Files that were ordered to pause, and since when: nobody has seen it yet."""
        self._seen: defaultdict[str, list[tuple[float, float, bool]]] = defaultdict(list)
        """By file, what looks have shown: between asking and hearing, and whether it had paused."""

    def forget(self, floor: Floor) -> None:
        """Another controller has taken up a checkpoint."""
        self._in_doubt = set(_running(floor).values())
        self._unsure.clear()
        self._seen.clear()
        self._begun.clear()
        self._resumed.clear()
        self._pausing.clear()

    def clock_moved(self, by_s: float) -> None:
        """All times move along with the clock."""
        self._begun = {call_id: (at + by_s, failed) for call_id, (at, failed) in self._begun.items()}
        self._pausing = {name: at + by_s for name, at in self._pausing.items()}
        for name, looks in self._seen.items():
            self._seen[name] = [(asked_at + by_s, heard_at + by_s, paused) for asked_at, heard_at, paused in looks]

    def told(self, fact: facts.Fact, now: float) -> None:
        """The core was told this."""
        if isinstance(fact, facts.ActionFailed) and isinstance(fact.ordered, InspectRecording):
            self._in_doubt.add(fact.ordered.recording)  # Until the next list.
        if isinstance(fact, facts.RecordingSeen):
            self._in_doubt.discard(fact.recording)
            self._seen[fact.recording].append((fact.asked_at, now, fact.paused))
            if fact.paused and fact.asked_at >= self._pausing.get(fact.recording, 0.0):
                self._pausing.pop(fact.recording, None)

    def check_orders(self, floor: Floor, pbxs: Sequence[ModelAsterisk], actions: Iterable[Action]) -> None:
        """It goes on from a pause that has taken effect, and from no other. Behind a file that came to nothing the next
        one is not asked for at once. One that ends with its bridge, or because nobody knows what is in it, has not."""
        for action in actions:
            if isinstance(action, RecordBridge):
                call = floor.calls.get(action.call_id)
                at, before = self._begun.get(action.call_id, (0.0, 0))
                attempts = call.recorder.attempts if call is not None and call.recorder is not None else 0
                failed = attempts > before and call is not None
                failed = failed and call is not None and call.state is not CallState.CONNECTING  # A new conversation.
                soon = floor.now - at < RETRY_S[1] - _ENDS_S
                assert not (failed and soon), "a PBX that cannot record is asked again at once"
                self._begun[action.call_id] = floor.now, attempts
            if isinstance(action, PauseRecording):
                self._resumed.discard(action.recording)
                self._pausing.setdefault(action.recording, floor.now)
            elif isinstance(action, ResumeRecording) and action.recording not in self._in_doubt | self._resumed:
                self._resumed.add(action.recording)  # An order that has failed is repeated.
                tapes = [pbx.tapes[action.recording] for pbx in pbxs if action.recording in pbx.tapes]
                assert all(tape.paused for tape in tapes), "it is to go on, and has not paused yet"

    def check(self, floor: Floor, pbxs: Sequence[ModelAsterisk]) -> None:
        """What was seen is so, unless the file has ended and that is on its way to us."""
        names = _running(floor)
        # Behind a gap the next file begins at once, however the one before has ended.
        here = {call_id for call_id in self._begun if (call := floor.calls.get(call_id)) and floor.node_up(call.node)}
        self._begun = {call_id: begun for call_id, begun in self._begun.items() if call_id in here}
        for call_id, name in names.items():
            call = floor.calls[call_id]
            recorder, pbx = call.recorder, next(pbx for pbx in pbxs if pbx.node == call.node)
            assert recorder is not None
            up = floor.node_up(call.node)
            if not up and recorder.tape not in SURE:
                self._unsure.add(name)
            assert not up or name not in self._unsure, f"{name} goes on behind a gap, and nobody knows how"
            if not up or recorder.tape not in SURE or name in self._in_doubt:
                continue
            if name not in pbx.tapes:
                assert pbx.talkative() or pbx.busy_lanes(), f"{name} has ended, and nobody tells"
            else:
                paused = pbx.tapes[name].paused
                assert paused is (recorder.tape is Tape.PAUSED), f"believed {recorder.tape}, and paused: {paused}"
        self._unsure &= set(names.values())
        for found in floor.recordings.values():
            if found.kind is RecordingKind.CONVERSATION and found.name in self._seen:
                self._check_time_line(found)
            if found.name in self._pausing and found.ended_at is not None and found.spans:
                assert found.spans[-1].kind is SpanKind.ERASED, f"nobody has seen it pause: {found.spans}"

    def _check_time_line(self, found: Recording) -> None:
        """No cut lasts through a look that saw it record, and no talk through one that saw it paused. The answer is
        true at some moment between asking and hearing."""
        for asked_at, heard_at, paused in self._seen[found.name]:
            for span in found.spans:
                through = span.from_at + _ENDS_S < asked_at and heard_at < (span.till_at or heard_at + 1) - _ENDS_S
                wrong = SpanKind.TALK if paused else SpanKind.CUT
                assert not through or span.kind is not wrong, f"asked at {asked_at}, paused: {paused}: {found.spans}"


def _running(floor: Floor) -> dict[str, str]:
    """Return the names of the files that are being written, by call."""
    calls = [call for call in floor.calls.values() if call.recorder is not None and call.recorder.recording]
    return {call.id: floor.recordings[call.recorder.recording].name for call in calls if call.recorder is not None}
