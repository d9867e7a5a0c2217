"""Periods cut into intervals: by the clock on the wall of a time zone, kept as moments.

An hour in Kolkata begins at half past of UTC; a day on which the clock is set back has 25 hours, and that hour stands
twice.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MOST = 10_000
"""The most intervals of a report."""
_STEP = timedelta(minutes=15)
"""Zones differ from UTC by whole quarters of an hour."""


class Interval(StrEnum):
    QUARTER = "15"
    HALF_HOUR = "30"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday on."""
    MONTH = "month"


_MINUTES = {Interval.QUARTER: 15, Interval.HALF_HOUR: 30, Interval.HOUR: 60}


class PeriodWrong(ValueError):
    """The period cannot be cut into these intervals; the message says why."""


def moment(text: str, zone: ZoneInfo, *, end: bool) -> datetime:
    """Return the moment that a date or a time means in the zone. A date is its beginning, or as the ``end`` of a period
    its end. Raises PeriodWrong."""
    try:
        if len(text) == len("2026-12-31"):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return _begin(day, zone)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PeriodWrong(f'write a date as "2026-12-31" or a time as "2026-12-31T14:00", not "{text}"') from None


def borders(since: datetime, till: datetime, interval: Interval, zone: ZoneInfo) -> list[datetime]:
    """Return the borders of the intervals between two moments, both included. The first and the last interval may be
    parts of one. Raises PeriodWrong."""
    if since >= till:
        raise PeriodWrong("the period ends before it begins")
    found = [since]
    for at in _marks(since, till, interval, zone):
        if since < at < till:
            found.append(at)
            if len(found) > MOST:
                raise PeriodWrong(
                    f"these are more than {MOST} intervals; ask for a shorter period or a longer interval"
                )
    return [*found, till]


def _marks(since: datetime, till: datetime, interval: Interval, zone: ZoneInfo) -> Iterator[datetime]:
    if interval in _MINUTES:
        yield from _by_the_clock(since, till, _MINUTES[interval], zone)
        return
    day = since.astimezone(zone).date()
    while True:
        day = _next(day, interval)
        at = _begin(day, zone)
        if at >= till:
            return
        yield at


def _next(day: date, interval: Interval) -> date:
    if interval is Interval.DAY:
        return day + timedelta(days=1)
    if interval is Interval.WEEK:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _by_the_clock(since: datetime, till: datetime, minutes: int, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield each moment at which the clock shows another interval, or was set."""
    at = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    before = None
    while at < till:
        local = at.astimezone(zone)
        shown = (local.date(), (local.hour * 60 + local.minute) // minutes, local.utcoffset())
        if shown != before and before is not None:
            yield at
        before = shown
        at += _STEP


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of the day, also where midnight is skipped."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
