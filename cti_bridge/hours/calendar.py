"""iCalendar files (RFC 5545): the days and times of their events, as holidays. Nothing is fetched from anywhere.

Events count that are not transparent (``TRANSP``) and not cancelled. The library reads the properties that matter here
and makes the recurrences; all other lines are dropped before. A file may come from anybody, so there are limits: its
size, its events, their times, and the seconds for all of it. A rule that recurs within a day is refused.

Times are made from the year before now to :data:`YEARS` years after, for a recurrence may have no end.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

from cti_bridge.hours.zone import zone

YEARS = 6
LARGEST = 1_048_576
"""Bytes."""
MOST_EVENTS = 5_000
MOST_TIMES = 50_000
"""The most times of all events of a file together."""
WITHIN_S = 5.0
"""Seconds of processor time: a busy machine reads as much."""
_MOST_DAYS = 60_000
"""The days that one recurrence may look at: from 1900 to the last year that is made there are fewer."""
_EARLIEST = 1900
_NO_NAME = "calendar"

_COMPONENTS = ("VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT")
_PROPERTIES = frozenset({
    "BEGIN", "END", "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "TRANSP",
    "STATUS", "SUMMARY", "TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "VERSION", "PRODID",
})  # fmt: skip
_NAME = re.compile(r"([A-Za-z0-9-]+)(?=[;:])")
_LONGEST_LINE = 10_000
_MOST_DEEP = 8
_PARTS = frozenset({
    "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
})  # fmt: skip
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")

Span = tuple[float, float, str]
"""Begin and end in POSIX seconds, and a name."""


class CalendarUnusable(Exception):
    """The message goes on behind the name of the file."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """``days`` are in order, and each stands there once; ``spans`` are in order and do not overlap."""

    days: tuple[tuple[date, str], ...] = ()
    spans: tuple[Span, ...] = ()
    transparent: int = field(default=0, compare=False)
    """The events that were left out since they are transparent."""

    def name_of(self, day: date) -> str | None:
        index = bisect_left(self.days, (day,))
        return self.days[index][1] if index < len(self.days) and self.days[index][0] == day else None

    def span_at(self, at: float) -> str | None:
        """Return the name of the timed event at a time, or None."""
        index = bisect_right(self.spans, at, key=lambda span: span[0]) - 1
        return self.spans[index][2] if index >= 0 and at < self.spans[index][1] else None

    def edges(self, begin: float, end: float) -> Iterator[float]:
        """Yield the times from ``begin`` to ``end`` at which a timed event begins or ends."""
        index = max(0, bisect_left(self.spans, begin, key=lambda span: span[0]) - 1)
        for first, last, _ in self.spans[index:]:
            if first >= end:
                return
            yield from (at for at in (first, last) if begin <= at < end)

    def last_day(self) -> date:
        """Return a day behind which nothing stands."""
        days = [self.days[-1][0]] if self.days else []
        days += [datetime.fromtimestamp(self.spans[-1][1], UTC).date()] if self.spans else []
        return max(days, default=date.min)


def join(calendars: Iterable[Calendar]) -> Calendar:
    """Return one calendar with all days and spans. Of two names the first counts."""
    every = list(calendars)
    days = {day: name for one in reversed(every) for day, name in one.days}
    return Calendar(tuple(sorted(days.items())), _apart(span for one in every for span in one.spans))


def _apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, without overlaps."""
    found: list[Span] = []
    for begin, end, name in sorted(spans, key=lambda span: span[:2]):
        begin = max(begin, found[-1][1]) if found else begin
        if begin < end:
            found.append((begin, end, name))
    return tuple(found)


@lru_cache(maxsize=32)
def read_calendar(content: bytes, timezone: str, year: int) -> Calendar:
    """Return the days and times of a file. A time without a zone is one of ``timezone``; ``year`` is the present one.
    Raises CalendarUnusable."""
    if len(content) > LARGEST:
        raise CalendarUnusable(f"is too large: {len(content)} bytes, and {LARGEST} are the most")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CalendarUnusable(f"is not UTF-8 (line {line})") from None
    return _Reading(zone(timezone), year).read(_sifted(text))


def _sifted(text: str) -> str:
    """Return the lines that matter. Raises CalendarUnusable."""
    found: list[str] = []
    within: list[str] = []
    events = 0
    for number, line in _unfolded(text):
        name = _NAME.match(line)
        if name is None:
            raise CalendarUnusable(f"is no iCalendar file: line {number} has no property")
        word, value = name[1].upper(), line.rpartition(":")[2].strip().upper()
        if word == "BEGIN":
            within.append(value)
        if within and word in _PROPERTIES and all(one in _COMPONENTS for one in within):
            if word == "RRULE":
                _check_rule(line.partition(":")[2], number, only_yearly=within[-1] in ("STANDARD", "DAYLIGHT"))
            found.append(line)
        if word == "END" and (not within or within.pop() != value):
            raise CalendarUnusable(f"is no iCalendar file: line {number} ends what has not begun")
        events += word == "BEGIN" and value == "VEVENT"
        if len(within) > _MOST_DEEP or events > MOST_EVENTS:
            raise CalendarUnusable(f"has more than {MOST_EVENTS} events, or they stand too deep (line {number})")
    if within or not found:
        raise CalendarUnusable("is no iCalendar file" if not found else f"is cut off: {within[-1]} has no end")
    return "\r\n".join([*found, ""])


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield the content lines (RFC 5545, section 3.1) with the number of their first line."""
    parts: list[str] = []
    begun = size = 0
    for number, line in enumerate(re.split("\r\n|\n|\r", text), 1):
        if line[:1] in (" ", "\t") and parts:
            size += len(line)
            if size <= _LONGEST_LINE:
                parts.append(line[1:])
            continue
        if parts:
            yield begun, "".join(parts)
        parts, begun, size = [line[:_LONGEST_LINE]] if line.strip() else [], number, len(line)
    if parts:
        yield begun, "".join(parts)


def _check_rule(text: str, line: int, *, only_yearly: bool) -> None:
    """Raise CalendarUnusable for a rule that could go on for hours."""
    parts = dict(part.upper().partition("=")[::2] for part in text.strip().split(";") if part)
    if unknown := sorted(parts.keys() - _PARTS):
        raise CalendarUnusable(f"has a recurrence with {unknown[0]} (line {line}), which no holiday has")
    frequency, interval = parts.get("FREQ", ""), parts.get("INTERVAL", "1")
    if frequency not in (_FREQUENCIES[-1:] if only_yearly else _FREQUENCIES):
        raise CalendarUnusable(f"has a recurrence that is not daily, weekly, monthly or yearly (line {line})")
    if not re.fullmatch("0*[1-9][0-9]{0,3}", interval):
        raise CalendarUnusable(f"has a recurrence with the interval {interval[:20]} (line {line})")


class _Reading:
    """One file on its way to days and spans."""

    def __init__(self, floating: ZoneInfo, year: int) -> None:
        self._floating = floating
        self._first, self._last = date(year - 1, 1, 1), date(year + YEARS, 12, 31)
        self._until = thread_time() + WITHIN_S
        self._left = MOST_TIMES
        self._days: dict[date, str] = {}
        self._spans: list[Span] = []
        self._transparent = 0

    def read(self, text: str) -> Calendar:
        """Raises CalendarUnusable."""
        events = list(_events(text))
        moved = {
            (str(one.get("UID", "")), self._instant(one["RECURRENCE-ID"].dt))
            for one in events
            if "RECURRENCE-ID" in one
        }
        for event in events:
            self._take(event, moved)
        return Calendar(tuple(sorted(self._days.items())), _apart(self._spans), self._transparent)

    def _take(self, event: Any, moved: set[tuple[str, float]]) -> None:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
            self._transparent += 1
            return
        if thread_time() > self._until:
            raise CalendarUnusable(f"takes longer than {WITHIN_S:.0f} s to read")
        name = re.sub(r"[\x00-\x1f\x7f]+", " ", str(event.get("SUMMARY", ""))).strip()[:100] or _NO_NAME
        begin, lasts = _extent(event, name)
        uid = None if "RECURRENCE-ID" in event else str(event.get("UID", ""))
        for at in self._times(event, begin, lasts, name):
            if (uid, self._instant(at)) not in moved:
                self._add(at, at + lasts, name)

    def _add(self, begin: date, end: date, name: str) -> None:
        self._spend(name)
        if not isinstance(begin, datetime):
            day, behind = max(begin, self._first), min(end, self._last)
            while day < behind:
                self._spend(name)
                self._days.setdefault(day, name)
                day += timedelta(days=1)
            return
        first, last = self._instant(begin), self._instant(end)
        if last > self._instant(self._first) and first < self._instant(self._last):
            self._spans.append((first, last, name))

    def _spend(self, name: str) -> None:
        self._left -= 1
        if self._left < 0:
            raise CalendarUnusable(f'has more than {MOST_TIMES} times, up to the event "{name}"')
        if self._left % 256 == 0 and thread_time() > self._until:
            raise CalendarUnusable(f'takes longer than {WITHIN_S:.0f} s, up to the event "{name}"')

    def _instant(self, at: date) -> float:
        if not isinstance(at, datetime):
            at = datetime.combine(at, time(0))
        return (at if at.tzinfo is not None else at.replace(tzinfo=self._floating)).timestamp()

    # ------------------------------------------------------------------------------- recurrences

    def _times(self, event: Any, begin: date, lasts: timedelta, name: str) -> Iterator[date]:
        """Yield the beginnings of all occurrences, of the type of ``begin``."""
        # As instants: an exception may stand in another zone.
        without = {self._instant(_like(at, begin)) for at in _dates(event, "EXDATE")}
        further = [_like(at, begin) for at in _dates(event, "RDATE")]
        rules = event.get("RRULE")
        if rules is None:
            recurring: Iterable[date] = [begin]
        elif isinstance(rules, list):
            raise CalendarUnusable(f'has several recurrences of one event, "{name}"')
        else:
            recurring = self._recurring(rules, begin, lasts, name)
        seen: set[float] = set()
        for at in (*recurring, *further):
            self._spend(name)
            if (instant := self._instant(at)) not in without and instant not in seen:
                seen.add(instant)
                yield at

    def _recurring(self, rule: Any, begin: date, lasts: timedelta, name: str) -> Iterator[date]:
        """Yield the times of a recurrence, by the clock on the wall of its own zone, but for those that were over long
        ago."""
        from dateutil.rrule import rrulestr

        in_zone = begin.tzinfo if isinstance(begin, datetime) else None
        wall = begin.replace(tzinfo=None) if isinstance(begin, datetime) else datetime.combine(begin, time(0))
        if wall.year < _EARLIEST:
            raise CalendarUnusable(f'has a recurrence from before {_EARLIEST}, "{name}"')
        early, end = (datetime.combine(day, time(0)) for day in (self._first - timedelta(days=2), self._last))
        for until in rule.get("UNTIL", ()):
            if not isinstance(until, datetime):
                until = datetime.combine(until, time(23, 59, 59))
            elif until.tzinfo is not None:
                until = until.astimezone(in_zone or self._floating).replace(tzinfo=None)
            end = min(end, until)
        count = rule.get("COUNT", [None])[0]
        parts = [
            part for part in rule.to_ical().decode().split(";") if part.partition("=")[0] not in ("UNTIL", "COUNT")
        ]
        try:
            found = rrulestr(f"{';'.join(parts)};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=wall)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            raise CalendarUnusable(f'has a recurrence that cannot be read, of the event "{name}"') from None
        # The library looks for the next match until the year 9999, whatever UNTIL says.
        found._bymonth = _Months(found._bymonth)
        try:
            for at in islice(found, None if count is None else int(count)):
                if at + lasts < early:
                    continue
                self._spend(name)
                yield at.replace(tzinfo=in_zone) if isinstance(begin, datetime) else at.date()
        except _LookedLong:
            return


class _LookedLong(Exception):
    """A recurrence has looked at more days than there are."""


class _Months:
    """The months of a recurrence, which is asked for each day that it looks at. It counts them."""

    def __init__(self, months: Container[int] | None) -> None:
        self._months, self._left = months, _MOST_DAYS

    def __contains__(self, month: int) -> bool:
        self._left -= 1
        if self._left < 0:
            raise _LookedLong
        return not self._months or month in self._months


def _events(text: str) -> Iterator[Any]:
    """Yield the events. Raises CalendarUnusable."""
    from icalendar import Calendar as Library

    try:
        for calendar in Library.from_ical(text, multiple=True):
            for event in calendar.walk("VEVENT"):
                if event.errors:
                    raise CalendarUnusable(f"has an event that cannot be read: {event.errors[0]}")
                if not isinstance(getattr(event.get("DTSTART"), "dt", None), date):
                    raise CalendarUnusable("has an event without a begin (DTSTART)")
                yield event
    except CalendarUnusable:
        raise
    except Exception as error:
        # The library raises many kinds for what is no calendar.
        raise CalendarUnusable(f"is no iCalendar file: {str(error)[:200]}") from None


def _extent(event: Any, name: str) -> tuple[date, timedelta]:
    """Return the begin and the length, by the clock on the wall. Raises CalendarUnusable."""
    begin: date = event["DTSTART"].dt
    zone_name = event["DTSTART"].params.get("TZID")
    if isinstance(begin, datetime) and zone_name and begin.tzinfo is None:
        raise CalendarUnusable(f'names the time zone "{zone_name}", which nobody knows, in the event "{name}"')
    end = event["DTEND"].dt if "DTEND" in event else None
    if end is not None:
        if isinstance(end, datetime) is not isinstance(begin, datetime):
            raise CalendarUnusable(f'has an event with a day and a time for its ends, "{name}"')
        if isinstance(end, datetime) and isinstance(begin, datetime):
            if (end.tzinfo is None) is not (begin.tzinfo is None):
                raise CalendarUnusable(f'has an event with a zone at one of its ends alone, "{name}"')
            if begin.tzinfo is not None:
                end = end.astimezone(begin.tzinfo)
            return begin, end.replace(tzinfo=None) - begin.replace(tzinfo=None)
        return begin, end - begin
    if "DURATION" in event and isinstance(event["DURATION"].dt, timedelta):
        return begin, event["DURATION"].dt
    return begin, timedelta(0 if isinstance(begin, datetime) else 1)


def _dates(event: Any, key: str) -> Iterator[date]:
    """Yield the values of EXDATE or RDATE. Of a period the begin counts."""
    lists = event.get(key, [])
    for one in lists if isinstance(lists, list) else [lists]:
        for value in one.dts:
            yield value.dt[0] if isinstance(value.dt, tuple) else value.dt


def _like(at: date, begin: date) -> date:
    """Return the time as one of the type of ``begin``."""
    if not isinstance(begin, datetime):
        return at.date() if isinstance(at, datetime) else at
    if not isinstance(at, datetime):
        return datetime.combine(at, begin.time(), begin.tzinfo)
    if at.tzinfo is not None and begin.tzinfo is not None:
        return at.astimezone(begin.tzinfo)
    return at.replace(tzinfo=begin.tzinfo) if at.tzinfo is None else at
