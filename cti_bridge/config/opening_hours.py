"""The rules of opening hours, made from the configuration, and what is wrong with them.

Each entry that is right by itself becomes a rule, whatever is wrong elsewhere. Holiday files are read here, once: the
rule has what they say at this moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.reading import Unreadable, read_bytes
from cti_bridge.config.schema.hours import ExceptionSettings, HoursSettings
from cti_bridge.domain.model.hours import Hours, OpenState
from cti_bridge.hours.calendar import Calendar, CalendarUnusable, join, read_calendar
from cti_bridge.hours.public import last_year, public_holidays
from cti_bridge.hours.rule import Rule, Spec
from cti_bridge.hours.special import Special, parse_day
from cti_bridge.hours.week import DAYS, overlap, parse_ranges
from cti_bridge.hours.zone import local

_YEAR_S = 365 * 86_400
_NEVER_S = 8 * _YEAR_S
"""Hours that do not open within so many seconds never do."""


@dataclass(slots=True)
class _Entry:
    """An entry of ``[[hours]]``, and its place."""

    merged: Merged
    path: Path
    settings: HoursSettings
    now: float
    is_wrong: bool = False

    def error(self, path: Path, text: str) -> None:
        self.is_wrong = True
        self.merged.error((*self.path, *path), text)

    def warn(self, path: Path, text: str) -> None:
        self.merged.warn((*self.path, *path), text)


def opening_hours(merged: Merged, now: float) -> dict[str, Hours]:
    """Return the hours by id, and add what is wrong to the problems of ``merged``. ``now`` is POSIX seconds."""
    found: dict[str, Hours] = {}
    for path, row in _rows(merged):
        _lists(merged, path, row)
        try:
            entry = _Entry(merged, path, HoursSettings.model_validate(row), now)
        except ValidationError:
            continue  # Said with the other settings.
        hours = _made(entry)
        if hours is not None:
            found[hours.id] = hours
    return found


def _rows(merged: Merged) -> Iterator[tuple[Path, dict[str, Any]]]:
    rows = merged.values.get("hours")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield ("hours", index), row


def _lists(merged: Merged, path: Path, row: dict[str, Any]) -> None:
    """Find overlapping ranges and repetitions, also where the entry is wrong elsewhere."""
    week = row.get("week")
    for day in DAYS:
        _overlaps(merged, (*path, "week", day), week.get(day) if isinstance(week, dict) else None)
    exceptions = row.get("exceptions")
    for index, one in enumerate(exceptions if isinstance(exceptions, list) else ()):
        if isinstance(one, dict):
            _overlaps(merged, (*path, "exceptions", index, "open"), one.get("open"))
    for key in ("holidays", "holiday_files"):
        names = row.get(key)
        names = names if isinstance(names, list) else []
        for index, name in enumerate(names):
            if name in names[:index]:
                merged.error((*path, key, index), f'"{name}" stands in this list twice')


def _overlaps(merged: Merged, path: Path, ranges: Any) -> None:
    if isinstance(ranges, list) and all(isinstance(one, str) for one in ranges):
        found = overlap(ranges)
        if found is not None:
            merged.error((*path, found[0]), f'"{ranges[found[0]]}" overlaps "{found[1]}"')


def _made(entry: _Entry) -> Hours | None:
    """Return the hours of an entry, or None when they are wrong."""
    settings = entry.settings
    specials = tuple(_specials(entry))
    calendar = _calendar(entry)
    _library(entry)
    if entry.is_wrong:
        return None
    rule = Rule(
        Spec(
            settings.timezone,
            tuple(parse_ranges(getattr(settings.week, day)) for day in DAYS),
            specials,
            tuple(settings.holidays),
            calendar,
        )
    )
    if not any(found.state is OpenState.OPEN for _, _, found in rule.spans(entry.now, entry.now + _NEVER_S)):
        entry.error(("id",), f'the hours "{settings.id}" never open')
        return None
    return Hours(settings.id, settings.timezone, rule, partial(local, settings.timezone))


# ------------------------------------------------------------------------------- exceptions


def _specials(entry: _Entry) -> Iterator[Special]:
    before: list[Special] = []
    for index, one in enumerate(entry.settings.exceptions):
        special = _special(entry, ("exceptions", index), one)
        if special is None:
            continue
        if (other := next((known for known in before if _collide(known, special)), None)) is not None:
            text = f'"{special.name}" and "{other.name}" hold on the same day, and "{other.name}" comes first'
            entry.warn(("exceptions", index, "name"), text)
        before.append(special)
        yield special


def _special(entry: _Entry, path: Path, one: ExceptionSettings) -> Special | None:
    if bool(one.date) is bool(one.from_ or one.till) or bool(one.from_) is not bool(one.till):
        entry.error((*path, "name"), f'exception "{one.name}": write either date, or from and till')
        return None
    first, last = parse_day(one.date or one.from_), parse_day(one.date or one.till)
    if (first[0] == 0) is not (last[0] == 0):
        entry.error((*path, "till"), '"from" and "till" both have a year, or both have none')
        return None
    if first[0] and last < first:
        entry.error((*path, "till"), f'"{one.till}" is before "{one.from_}"')
        return None
    return Special(one.name, first, last, parse_ranges(one.open), one.sound)


def _collide(one: Special, other: Special) -> bool:
    """Return whether the two hold on the same day and neither is more particular."""
    if one.rank != other.rank or one.name == other.name:
        return False  # That a name stands there twice is an error, and said.
    if one.is_yearly:
        return any(one.holds(day) and other.holds(day) for day in _LEAP_YEAR)
    return one.first <= other.last and other.first <= one.last


_LEAP_YEAR = [date.fromordinal(date(2024, 1, 1).toordinal() + day) for day in range(366)]


# ------------------------------------------------------------------------------- holidays


def _calendar(entry: _Entry) -> Calendar:
    """Return what the holiday files say."""
    found: list[Calendar] = []
    today = datetime.fromtimestamp(entry.now, UTC).date()
    for index, file in enumerate(entry.settings.holiday_files):
        path: Path = ("holiday_files", index)
        try:
            one = read_calendar(read_bytes(file), entry.settings.timezone, today.year)
        except Unreadable as error:
            entry.error(path, f"{file} {error.text}")
        except CalendarUnusable as error:
            entry.error(path, f"{file} {error}")
        else:
            found.append(one)
            if one.last_day() < today:
                more = f"; {one.transparent} events are transparent, and do not count" if one.transparent else ""
                entry.warn(path, f"{file} has no day or time off that is yet to come{more}")
    return join(found)


def _library(entry: _Entry) -> None:
    """Warn when the library knows no holidays of the coming year."""
    in_a_year = datetime.fromtimestamp(entry.now + _YEAR_S, UTC).year
    for index, country in enumerate(entry.settings.holidays):
        if last_year(country) < in_a_year or not public_holidays(country, in_a_year):
            text = f'the library knows no public holidays of "{country}" for {in_a_year}; take a newer release of it'
            entry.warn(("holidays", index), text)
