"""Customers who are to be called: who has left a message, or wants to be called back; and the recordings of messages.

Both stand in the checkpoint: a call-back as long as it is open or its message is kept, a recording as long as a file of
it exists. Times are POSIX seconds of the engine's clock.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cti_bridge.domain.model.recorder import Span


class CallbackKind(StrEnum):
    REQUESTED = "requested"
    """The caller has asked to be called back."""
    VOICEMAIL = "voicemail"
    """The caller has left a message."""


class CallbackStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"
    """Nothing was said after all."""


class RecordingKind(StrEnum):
    VOICEMAIL = "voicemail"
    """A caller has spoken to a machine."""
    CONVERSATION = "conversation"


class RecordingState(StrEnum):
    ORDERED = "ordered"
    RECORDING = "recording"
    ENDED = "ended"
    """The file is whole, and still on the PBX alone."""
    STORED = "stored"
    """The file is in the bridge's own directory."""
    EMPTY = "empty"
    """Nobody has said anything. The file is deleted."""
    LOST = "lost"
    """There is no file."""
    DELETED = "deleted"
    """The file was kept long enough."""


@dataclass(slots=True)
class Callback:
    """``number`` None: the caller withholds it. ``version`` counts the changes."""

    id: str
    kind: CallbackKind
    service: str
    queue: str
    number: str | None
    name: str
    placed_at: float
    status: CallbackStatus = CallbackStatus.WAITING
    owner: str | None = None
    """The CTI ID of the agent who has marked it done."""
    attempts: int = 0
    source_call: str | None = None
    """The call in which it was registered."""
    recording: str | None = None
    """The id of the recording of a message."""
    ended_at: float | None = None
    version: int = 1
    entered_by: str | None = None
    """The caller who has entered a number that is not their own: their number, or the key of a withheld one. None:
    nobody, or nobody knows who."""

    @property
    def is_open(self) -> bool:
        return self.status is CallbackStatus.WAITING


@dataclass(slots=True)
class Recording:
    """``name`` is the name of its file on the PBX ``node``."""

    id: str
    name: str
    node: str
    call_id: str
    service: str
    queue: str
    started_at: float
    state: RecordingState = RecordingState.ORDERED
    ended_at: float | None = None
    said_s: float | None = None
    """The seconds in which somebody spoke, as the PBX counts them; None: nobody knows."""
    on_pbx: bool = True
    """The PBX may have a file of it."""
    file: str = ""
    """The path below the directory of recordings; empty: it is not there."""
    sha256: str = ""
    bytes: int = 0
    length_s: float | None = None
    delete_after: float | None = None
    """The time from which on the file is deleted; None: never."""
    segments: list[dict[str, Any]] = field(default_factory=list)
    version: int = 0
    kind: RecordingKind = RecordingKind.VOICEMAIL
    spans: list[Span] = field(default_factory=list)
    """The parts of a conversation: those in the file of the PBX, and those that were left out."""
    ticket_id: str | None = None
    missing_s: float | None = None
    """The seconds of talk that are not in the file, though they should be; None: it is whole, as far as is known."""
