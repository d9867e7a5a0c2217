"""Figures of today against the rows: what the core counts is what a reader of the rows would say at the same moment."""

from collections import Counter
from collections.abc import Iterable, Sequence

from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.records import CallRow, OfferRow, QueueVisit, Record
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.today import EXITS, Day, DayFigures

SHORT_DAY_S = 600.0
"""Days of the simulation end often."""
_KINDS = {"new": "new", "transferred": "transferred", "returned": "returned", "moved": "moved_in"}
_TALK = ("talking", "consult_swapped", "three_together")


def short_day(at: float) -> Day:
    number = at // SHORT_DAY_S
    return Day(f"day {number:.0f}", number * SHORT_DAY_S, (number + 1) * SHORT_DAY_S)


class FiguresByRows:
    """By figures' id and day the counts, from rows alone."""

    def __init__(self, reached: Counter[str]) -> None:
        self._reached = reached
        self._rows: dict[str, tuple[tuple[str, str], tuple[str, ...]]] = {}
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        self._seconds: dict[tuple[str, str], float] = {}
        self._within: dict[tuple[str, bool], float | None] = {}
        """By row, and whether the visit is over, the limit of its queue when that was first so. A removed queue has
        none."""

    def note(self, floor: Floor, records: Iterable[Record]) -> None:
        for row in records:
            if isinstance(row, QueueVisit):
                queue = floor.directory.queues.get(row.queue)
                within_s = self._within.setdefault(
                    (row.id, row.exit is not None), queue.service_level_s if queue else None
                )
                self._stands(row.id, f"queue/{row.queue}", row.entered_at, (_KINDS[row.kind], *_visit(row, within_s)))
            elif isinstance(row, OfferRow) and row.result and row.kind in ("queue", "recall"):
                self._stands(row.id, f"agent/{row.cti_id}", row.offered_at, (str(row.result),))
            elif isinstance(row, TransferRow) and row.result == "completed" and row.target_cti_id:
                self._stands(row.id, f"agent/{row.target_cti_id}", row.at, ("transfers_in",))
            elif isinstance(row, CallInterval):
                self._interval(row)
            elif isinstance(row, CallRow) and row.direction == "outbound" and row.answered_at is not None:
                self._stands(row.id, f"agent/{row.first_cti_id}", row.arrived_at, ("out_answered",))

    def _stands(self, row_id: str, id_: str, at: float, names: tuple[str, ...]) -> None:
        key = id_, short_day(at).name
        if row_id in self._rows:
            before, counted = self._rows[row_id]
            self._counts[before].subtract(counted)
        self._rows[row_id] = key, names
        self._counts.setdefault(key, Counter()).update(names)

    def _interval(self, row: CallInterval) -> None:
        if row.role == "agent" and row.direction != "internal" and row.stage in _TALK:
            at = row.at
            while at < row.till:
                day = short_day(at)
                key = f"agent/{row.cti_id}", day.name
                self._seconds[key] = self._seconds.get(key, 0.0) + min(row.till, day.till) - at
                at = day.till

    def check(self, floor: Floor, *, clock_was_set: bool) -> None:
        """Compare. Where a clock was set, rows keep the time of before: then only the sums must be right."""
        for figures in floor.figures.of_id.values():
            check_identity(figures)
            if figures.day != short_day(floor.now).name or clock_was_set or figures.id.startswith("service/"):
                continue
            key = figures.id, figures.day
            found = {name: count for name, count in self._counts.get(key, Counter()).items() if count}
            assert {name: count for name, count in figures.counts.items() if count} == found, (figures, found)
            talk_s = figures.seconds.get("in_talk_s", 0.0) + figures.seconds.get("out_talk_s", 0.0)
            assert abs(talk_s - self._seconds.get(key, 0.0)) < 0.01, figures.id
            self._reached["figures compared"] += 1

    def forget(self, floor: Floor, records: Sequence[Record]) -> None:
        """A restart may find a checkpoint of before the last rows."""
        self._rows, self._counts, self._seconds = {}, {}, {}
        self.note(floor, records)


def check_identity(figures: DayFigures) -> None:
    """What was offered is one of what may become of it, at every moment."""
    counts = figures.counts
    if not figures.id.startswith("agent/"):
        assert counts.get("offered", 0) == sum(counts.get(name, 0) for name in EXITS), figures
        assert all(count >= 0 for count in counts.values()), figures


def _visit(row: QueueVisit, service_level_s: float | None) -> tuple[str, ...]:
    if row.kind != "new":
        return ()
    exit_ = {None: "waiting", "removed": "moved"}.get(row.exit, row.exit)
    names = ["offered", str(exit_)]
    if exit_ in ("answered", "abandoned") and row.left_at is not None and service_level_s is not None:
        waited_s = row.left_at - row.entered_at
        if waited_s <= service_level_s:
            names.append("within" if exit_ == "answered" else "abandoned_within")
        if exit_ == "abandoned" and waited_s < 5:
            names.append("abandoned_short")
    return tuple(names)
