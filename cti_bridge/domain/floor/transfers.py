"""Consultations and transfers of calls: each begins, ends in exactly one way, and is a row of ``cti.transfer`` then."""

from cti_bridge.domain.border.interval_rows import TransferRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Target
from cti_bridge.domain.model.stretch import TransferUnderWay
from cti_bridge.domain.model.words import TransferKind, TransferResult


def begin(
    floor: Floor,
    call: Call,
    kind: TransferKind,
    by_cti_id: str | None,
    target: Target | None = None,
    *,
    queue: str | None = None,
    scenario: str | None = None,
) -> None:
    """A transfer is asked for. One before it that goes on is over."""
    end(floor, call, TransferResult.ENDED)
    call.course.transfers += 1
    call.transfer = TransferUnderWay(
        floor.ids.uuid(floor.now),
        call.course.transfers,
        kind,
        by_cti_id,
        floor.now,
        target.cti_id if target is not None else None,
        target.number if target is not None else None,
        queue,
        scenario,
    )
    floor.touch_call(call)


def become_direct(call: Call) -> None:
    """The agent leaves before the target has answered."""
    if call.transfer is not None:
        call.transfer.kind = TransferKind.DIRECT


def answered(floor: Floor, call: Call) -> None:
    """The target has answered."""
    if call.transfer is not None:
        call.transfer.answered_at = floor.now
        floor.touch_call(call)


def end(floor: Floor, call: Call, result: TransferResult) -> None:
    """The transfer is completed, or has failed: write it down. Nothing happens when there is none."""
    transfer = call.transfer
    if transfer is None:
        return
    call.transfer = None
    ended_at = max(floor.end_at, transfer.answered_at or transfer.begun_at)
    floor.record(TransferRow.of(call, transfer, ended_at, result, seen_late=floor.late_at is not None))
    if result is TransferResult.COMPLETED and transfer.target_cti_id is not None:
        floor.figures.agent(floor.directory, floor.now, transfer.target_cti_id, "transfers_in", transfer.begun_at)
    floor.touch_call(call)
