"""The queries, bodies and answers about recordings of conversations (:mod:`cti_bridge.api.recordings`)."""

from typing import Annotated, Self

from pydantic import Field, RootModel, StringConstraints, model_validator

from cti_bridge.api.paths import UUID_PATTERN
from cti_bridge.api.schemas import Accepted, Answered

Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN, to_lower=True)]


class RecordingsQuery(Accepted):
    """The query names a call or a ticket."""

    call: Uuid | None = None
    ticket: Uuid | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.call is None) is (self.ticket is None):
            raise ValueError("give either call or ticket")
        return self


class LegalHoldBody(Accepted):
    on: bool


class SegmentAnswer(Answered):
    """A part of the audio, in seconds of it. ``who`` of a ``talk``: customer, CTI IDs, outside. ``reason`` of a ``cut``
    or ``erased`` part, which is silence: hold, consult, agent or house."""

    kind: str
    from_s: float
    till_s: float
    who: list[str] = Field(default_factory=list)
    reason: str = ""


class RecordingAnswer(Answered):
    """A recorded conversation. ``state`` is stored when its audio is there. ``missing_s``: so much of the talk is not
    in it, though it should be. ``delete_after`` null: it is kept until somebody erases it."""

    recording_id: str
    call_id: str
    ticket_id: str | None
    service: str
    state: str
    started_at: str
    ended_at: str | None
    length_s: float | None
    missing_s: float | None
    segments: list[SegmentAnswer]
    delete_after: str | None
    legal_hold: bool


class RecordingList(RootModel[list[RecordingAnswer]]):
    """Oldest first."""


class OneRecordingAnswer(Answered):
    recording: RecordingAnswer
