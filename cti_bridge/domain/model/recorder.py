"""The recorder of a call: what is recorded of its conversation, what the PBX was ordered, and what was seen of that.

A call has one recorder as soon as its conversation may be recorded. It follows the customer over hold, consultation and
transfer. Each file of it is a :class:`~cti_bridge.domain.model.callbacks.Recording`; a bridge that is made anew, or
that was empty, begins the next one. Times are POSIX seconds of the engine's clock.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from cti_bridge.domain.model.words import Record


class Tape(StrEnum):
    """The state of the recording on the PBX, as far as it was ordered and seen."""

    OFF = "off"
    """No file is being written."""
    BEGINNING = "beginning"
    """Ordered, and not seen yet."""
    RUNS = "runs"
    PAUSING = "pausing"
    """A pause was ordered, and not seen yet."""
    PAUSED = "paused"
    RESUMING = "resuming"


class RecordingShown(StrEnum):
    """The recording of a conversation, as panels show it."""

    OFF = "off"
    """The agent may begin it."""
    BEGINNING = "beginning"
    RECORDING = "recording"
    PAUSING = "pausing"
    PAUSED = "paused"
    FAILED = "failed"
    """The conversation should be recorded, and is not."""


class Reason(StrEnum):
    """Why a conversation is not recorded now. It is recorded while there is no reason."""

    HOLD = "hold"
    CONSULT = "consult"
    AGENT = "agent"
    """The agent has paused it."""
    HOUSE = "house"
    """The house wants it: the customer hears a message of ours."""


class SpanKind(StrEnum):
    TALK = "talk"
    CUT = "cut"
    """The PBX has left it out. The stored file has silence there."""
    ERASED = "erased"
    """The PBX has recorded it, for a pause was late. The stored file has silence there."""


@dataclass(slots=True)
class Span:
    """A part of a recording. ``till_at`` None: it goes on."""

    kind: SpanKind
    from_at: float
    till_at: float | None = None
    who: list[str] = field(default_factory=list)
    """The parties of a talk: ``customer``, CTI IDs, and ``outside`` for an outside number."""
    reason: str = ""
    """The first reason of a cut."""


@dataclass(slots=True)
class Recorder:
    """``on``: the conversation is to be recorded, always, or since its agent has begun it."""

    mode: Record
    on: bool = False
    tape: Tape = Tape.OFF
    recording: str = ""
    """The id of the file that is being written; empty: none."""
    number: int = 0
    """The number of files that were begun."""
    ordered_at: float = 0.0
    """The time of the last order. What was asked before says nothing of it."""
    paused_by: str = ""
    """The agent (CTI ID) who has paused it; empty: nobody."""
    warned: bool = False
    """That agent was told that the pause is about to end."""
    late: bool = False
    """The last order was not seen to take effect within its time. Nobody waits for it any more."""
    unsure: bool = False
    """The PBX was away, and the file was not seen to run since: a bridge that died may have paused it."""
    failed: bool = False
    """The conversation should be recorded, and is not."""
    attempts: int = 0
    """The files in a row that came to nothing."""
    must: bool = False
    """The call does not go on without it. This holds for the beginning of the conversation alone."""
    tells: bool = False
    """The house lets those outside hear that the call is recorded, before they are."""
    told: list[str] = field(default_factory=list)
    """The legs that have heard it."""
