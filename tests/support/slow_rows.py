"""What is asked of the slow program, and how it looks at rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Cells = dict[str, Any]
Span = tuple[datetime, datetime]


@dataclass
class Asked:
    """What is asked, and what the configuration says."""

    now: datetime
    zone: str
    services: Sequence[str]
    interval: str = "day"
    formula: str = "accepted"
    transfers_in: bool = False
    queues: Sequence[str] | None = None
    numbers: Sequence[str] | None = None
    within_s: Mapping[str, float] = field(default_factory=dict)
    short_s: Mapping[str, float] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    """Names by CTI ID."""
    scenarios: Mapping[str, str] = field(default_factory=dict)
    """Services by scenario."""


def spans(since: datetime, till: datetime, zone: str, interval: str) -> list[Span]:
    """Walk through the period minute by minute, with a look at the clock on the wall."""
    found, begin, shown, at = [], since, None, since
    while at < till:
        local = at.astimezone(ZoneInfo(zone))
        words: dict[str, object] = {
            "15": (local.date(), local.hour, local.minute // 15, local.utcoffset()),
            "30": (local.date(), local.hour, local.minute // 30, local.utcoffset()),
            "hour": (local.date(), local.hour, local.utcoffset()),
            "day": local.date(),
            "week": local.isocalendar()[:2],
            "month": (local.year, local.month),
        }
        if shown is not None and words[interval] != shown:
            found.append((begin, at))
            begin = at
        shown = words[interval]
        at += timedelta(minutes=1)
    return [*found, (begin, till)]


def percent(part: float, whole: float) -> float | None:
    return None if whole == 0 else part / whole * 100


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def lasted(row: Row, begin: str, end: str) -> float:
    found: timedelta = row[end] - row[begin]
    return found.total_seconds()


def overlap(begin: datetime, end: datetime, span: Span) -> float:
    """The seconds of it that are in the span."""
    return max(0.0, (min(end, span[1]) - max(begin, span[0])).total_seconds())


def cut(rows: Iterable[Row], begin: str, end: str, span: Span) -> float:
    return sum(overlap(row[begin], row[end], span) for row in rows)


class SlowRows:
    """``rows`` has the rows of each of `TABLES`."""

    def __init__(self, rows: Mapping[str, Sequence[Row]], asked: Asked) -> None:
        self.asked = asked
        self.calls = {row["id"]: row for row in rows["call"]}
        self.visits = [
            row
            for row in rows["queue_visit"]
            if row["service"] in asked.services
            and (asked.queues is None or row["queue"] in asked.queues)
            and (asked.numbers is None or self.calls[row["call_id"]]["dialed_number"] in asked.numbers)
        ]
        self.rows = rows
        self._by: dict[tuple[str, str], dict[Any, list[Row]]] = {}
        self._stretched: dict[str, list[tuple[str | None, datetime, datetime]]] = {}

    def _of(self, table: str, column: str, values: Iterable[Any]) -> list[Row]:
        """The rows of the table whose column has one of these values."""
        if (table, column) not in self._by:
            found = self._by[table, column] = {}
            for row in self.rows[table]:
                found.setdefault(row[column], []).append(row)
        return [row for value in values for row in self._by[table, column].get(value, ())]

    def _nothing_goes_on(self, span: Span, services: Iterable[str] | None = None) -> bool:
        since = [
            row["arrived_at"]
            for row in self.calls.values()
            if row["ended_at"] is None and (services is None or row["service"] in services)
        ]
        return span[1] <= self.asked.now and all(span[1] <= at for at in since)
