"""Which calls failed, and why: SIPp on both sides, Postgres and the driver must agree that all went well."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.mix.kinds import Kind, PlannedCall
from benchmarks.mix.rows import CallRow
from benchmarks.sipp import Logged


def failures(
    calls: Sequence[PlannedCall],
    customers: Sequence[Logged],
    phones: Sequence[Logged],
    rows: Sequence[CallRow],
    troubles: Mapping[str, str],
) -> dict[PlannedCall, str]:
    """Why, by call that failed. ``customers`` are callers and called alike, ``troubles`` what the driver met."""
    done = Counter(line.number for line in customers if line.event == "done")
    answers = Counter(line.number for line in phones if line.event == "answer")
    over = Counter(line.number for line in phones if line.event == "over")
    rows_of = defaultdict(list)
    for row in rows:
        rows_of[row.number].append(row)
    found = {}
    for call in calls:
        number, wanted = call.number, call.kind.agents
        why = [
            *_difference("customer's ends", done[number], 1),
            *_difference("phones that answered", answers[number], wanted),
            *_difference("phones that were done", over[number], wanted),
            *_faults(rows_of[number], call.kind),
            *([troubles[number]] if number in troubles else []),
        ]
        if why:
            found[call] = "; ".join(why)
    return found


def _faults(rows: Sequence[CallRow], kind: Kind) -> Iterator[str]:
    yield from _difference("rows", len(rows), 1)
    for row in rows:
        yield from _difference("direction", row.direction, "outbound" if kind.outbound else "inbound")
        yield from _difference("outcome", row.outcome, "completed")
        yield from _difference("end is written", row.ended, True)
        yield from _difference("events of the end", row.ends, 1)
        if row.offers != kind.offers:
            yield f"offers: {row.offers}, not {kind.offers} ({row.results})"
        yield from _difference("offers answered", row.answered, kind.offers)
        yield from _difference("tickets", row.tickets, 1)


def _difference(what: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {found}, not {wanted}"
