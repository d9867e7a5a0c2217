"""Records of who took part in a call, and of its transfers. Both are written once, when they are over."""

from typing import Self

from msgspec import Struct

from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.stretch import TransferUnderWay
from cti_bridge.domain.model.words import Cause, Direction, TransferKind, TransferResult


class CallInterval(Struct, frozen=True, gc=False):
    """Table ``call_interval``: one party beside the customer, in one state of the call, written when it is over.
    ``stage`` is the call's state, ``ended_with`` the cause of the next one. ``seq`` is gapless per call."""

    id: str
    call_id: str
    visit_id: str | None
    seq: int
    service: str | None
    direction: Direction
    queue: str | None
    stage: CallState
    role: str
    cti_id: str | None
    number: str | None
    held_by: str | None
    at: float
    till: float
    ended_with: Cause
    seen_late: bool


class TransferRow(Struct, frozen=True, gc=False):
    """Table ``transfer``: a consultation or a transfer, written when it is completed or has failed. ``seq`` is gapless
    per call."""

    id: str
    call_id: str
    seq: int
    service: str | None
    queue: str | None
    kind: TransferKind
    by_cti_id: str | None
    target_cti_id: str | None
    target_number: str | None
    target_queue: str | None
    target_scenario: str | None
    at: float
    answered_at: float | None
    completed_at: float | None
    ended_at: float
    result: TransferResult
    seen_late: bool = False

    @classmethod
    def of(
        cls, call: Call, transfer: TransferUnderWay, ended_at: float, result: TransferResult, *, seen_late: bool
    ) -> Self:
        return cls(
            id=transfer.id,
            call_id=call.id,
            seq=transfer.seq,
            service=call.service,
            queue=call.queue,
            kind=transfer.kind,
            by_cti_id=transfer.by_cti_id,
            target_cti_id=transfer.target_cti_id,
            target_number=transfer.target_number,
            target_queue=transfer.target_queue,
            target_scenario=transfer.target_scenario,
            at=transfer.begun_at,
            answered_at=transfer.answered_at,
            completed_at=ended_at if result is TransferResult.COMPLETED else None,
            ended_at=ended_at,
            result=result,
            seen_late=seen_late,
        )
