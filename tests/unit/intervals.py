"""What the intervals of calls and their transfers must be, over a whole run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import inf

from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.records import AgentStateChange, CallRow, Record
from cti_bridge.domain.model.call import SPENT
from cti_bridge.domain.model.course import Spent

NEAR_S = 0.002
"""Rows round to a millisecond."""


def check_intervals(records: Iterable[Record], really_at: Mapping[str, float] | None = None) -> None:
    """Of each party none overlaps another, and together they are the talk and the hold of the call's row. ``really_at``
    is, by the id of an interval, when it was over by a clock that nobody sets."""
    of_call: defaultdict[str, list[CallInterval]] = defaultdict(list)
    over: dict[tuple[str, str, str | None], float] = {}
    transfers: dict[str, int] = {}
    late: set[str] = set()
    for record in records:
        if isinstance(record, CallInterval):
            assert record.seq == len(of_call[record.call_id]) + 1, f"an interval is missing before {record}"
            assert record.till > record.at, record
            of_call[record.call_id].append(record)
            if record.seen_late:
                late.add(record.call_id)
            _check_order(over, record, really_at)
        elif isinstance(record, AgentStateChange) and record.seen_late and record.call_id is not None:
            # A stretch that was over before it was seen to begin has no row, and takes back from the one before it.
            late.add(record.call_id)
        elif isinstance(record, TransferRow):
            assert record.seq == transfers.get(record.call_id, 0) + 1, f"a transfer is missing before {record}"
            assert record.ended_at >= record.at, record
            transfers[record.call_id] = record.seq
            if of_call[record.call_id] and record.ended_at < of_call[record.call_id][-1].till:
                late.add(record.call_id)  # So does the end of a target outside, of whom no agent's row tells.
        elif isinstance(record, CallRow) and _seen_whole(record, late):
            _check_sums(record, of_call[record.id])


def _seen_whole(call: CallRow, late: set[str]) -> bool:
    """Whether the call has ended, and every part of it was seen."""
    return call.outcome is not None and not call.seen_late and call.id not in late


def _check_order(
    over: dict[tuple[str, str, str | None], float], row: CallInterval, really_at: Mapping[str, float] | None
) -> None:
    """Rows of one party follow one another."""
    party = (row.call_id, row.role, row.cti_id or row.number)
    if row.seen_late or (really_at is not None and row.id not in really_at):
        over.pop(party, None)
        return
    till = row.till if really_at is None else really_at[row.id]
    if party in over:
        assert till - (row.till - row.at) >= over[party] - NEAR_S, f"it overlaps the one before: {row}"
    over[party] = till


def _check_sums(call: CallRow, rows: Iterable[CallInterval]) -> None:
    """Nothing counts once the customer has left, which may have been seen late."""
    rows = list(rows)
    whole, until = _spent(rows, inf), _spent(rows, call.customer_left_at or inf)
    for kind, counted_s in ((Spent.TALK, call.talk_s), (Spent.HOLD, call.hold_s)):
        near = min(abs(whole[kind] - counted_s), abs(until[kind] - counted_s))
        assert near < NEAR_S * 5, (call, whole, until, rows)


def _spent(rows: Iterable[CallInterval], left_at: float) -> dict[Spent, float]:
    spent = {Spent.TALK: 0.0, Spent.HOLD: 0.0}
    for row in rows:
        kind = SPENT.get(row.stage)
        if row.role == "agent" and kind in spent:
            spent[kind] += max(0.0, min(row.till, left_at) - row.at)
    return spent
