"""Sums by interval and group, and the rows that become of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from cti_bridge.reports.columns import Kind, Report

Row = dict[str, Any]
Group = tuple[str, ...]
Reckon = Callable[[Mapping[str, float]], Row]
"""Makes the figures of a row from its sums."""


class Made(NamedTuple):
    """The rows of a report, their total, and a row for each interval with all groups together."""

    rows: list[Row]
    total: Row
    intervals: list[Row]


class Sums:
    """Named numbers by interval, from 1, and group. Those that end with ``_most_s`` are maxima."""

    def __init__(self) -> None:
        self.of: dict[tuple[int, Group], defaultdict[str, float]] = {}

    def at(self, interval: int, *group: str | None) -> defaultdict[str, float]:
        """Return the numbers of the group in the interval, to be changed."""
        key = interval, tuple(part or "" for part in group)
        return self.of.setdefault(key, defaultdict(float))

    def by_interval(self) -> dict[int, defaultdict[str, float]]:
        """Return the numbers of all groups together, by interval."""
        found: dict[int, defaultdict[str, float]] = {}
        for (interval, _), numbers in self.of.items():
            add(found.setdefault(interval, defaultdict(float)), numbers)
        return found


def add(to: defaultdict[str, float], numbers: Mapping[str, float]) -> None:
    """Add the numbers."""
    for name, number in numbers.items():
        to[name] = max(to[name], number) if name.endswith("_most_s") else to[name] + number


def rows(
    report: Report,
    sums: Sums,
    borders: Sequence[datetime],
    keys: Sequence[str],
    reckon: Reckon,
    is_final: Callable[[int, Mapping[str, float]], bool],
) -> Made:
    """Return the rows in order, and what they come to. Where all figures are 0 there is no row."""
    made: list[Row] = []
    for (interval, group), numbers in sorted(sums.of.items()):
        figures = reckon(numbers)
        if any(figures.values()):
            row = {"from": borders[interval - 1], "till": borders[interval], **dict(zip(keys, group, strict=True))}
            made.append(shaped(report, row | figures | {"final": is_final(interval, numbers)}))
    whole: defaultdict[str, float] = defaultdict(float)
    intervals: list[Row] = []
    for interval, numbers in sorted(sums.by_interval().items()):
        add(whole, numbers)
        figures = reckon(numbers)
        if any(figures.values()):
            row = {"from": borders[interval - 1], "till": borders[interval]}
            intervals.append(shaped(report, row | figures | {"final": is_final(interval, numbers)}))
    total = shaped(report, {"from": borders[0], "till": borders[-1], **reckon(whole)})
    total["final"] = all(row["final"] for row in made)
    return Made(made, total, intervals)


def shaped(report: Report, found: Mapping[str, Any]) -> Row:
    """Return the row with all columns of the report in their order, seconds to the millisecond, counts whole."""
    row: Row = {column.name: found.get(column.name) for column in report.columns}
    # A report of a month has half a million cells: by kind it takes a third of the time.
    for name in _names(report, Kind.COUNT):
        if (value := row[name]) is not None:
            row[name] = int(value)
    for name in _names(report, Kind.SECONDS):
        if (value := row[name]) is not None:
            row[name] = round(value, 3)
    return row


@cache
def _names(report: Report, kind: Kind) -> tuple[str, ...]:
    return tuple(report.names(kind))


def counts(names: Iterable[str], numbers: Mapping[str, float]) -> Row:
    """Return these numbers, 0 where there is none."""
    return {name: numbers.get(name, 0) for name in names}
