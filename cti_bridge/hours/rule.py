"""The rule of opening hours: a time → open, closed or holiday, until when, and why. Exceptions go before holidays,
holidays before the week.

A time is judged by the clock on the wall of the zone: it is open when that clock stands within a range of its day. So a
time that occurs twice when the clock is set back counts twice, and one that is skipped does not occur. The answer can
change only where the clock passes the end of a range or of a day, is set, or a timed event of a calendar begins or
ends. All these instants are found for one day (of UTC) at a time, and kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import floor

from cti_bridge.domain.model.hours import Opening, OpenState
from cti_bridge.hours.calendar import Calendar
from cti_bridge.hours.public import public_holidays
from cti_bridge.hours.special import Special, holding
from cti_bridge.hours.week import NAMES, Range
from cti_bridge.hours.zone import zone

_DAY_S = 86_400
_SAMPLE_S = 3_600
"""Between two looks at the zone's offset, in seconds. No zone is set twice within an hour."""
_LOOK_DAYS = 8 * 366
"""So many days are looked at for the next change. What comes each year may be 29 February, which may come after 8 years
only."""
_MOST_KEPT = 4_096
_FURTHEST_S = 253_370_764_800
"""The year 9999 begins to end: no calendar goes further. POSIX seconds."""


@dataclass(frozen=True, slots=True)
class Spec:
    """The content of a rule."""

    timezone: str
    week: tuple[tuple[Range, ...], ...]
    """Monday first; a day without ranges is closed."""
    specials: tuple[Special, ...] = ()
    countries: tuple[str, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A day of the calendar: the state within its ranges, and ``beside`` them."""

    ranges: tuple[tuple[Range, Opening], ...]
    beside: Opening
    by_week: bool
    """Timed events count, since no exception holds."""


class Rule:
    """Rules are equal when their specs are."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._zone = zone(spec.timezone)
        self._plans: dict[date, _Plan] = {}
        self._days: dict[int, list[tuple[float, Opening]]] = {}
        self._last: tuple[float, float, Opening] | None = None
        self._closed = Opening(OpenState.CLOSED, None, why="week: closed")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(self.spec)

    def __call__(self, at: float) -> Opening:
        """Return the state at a time (POSIX seconds)."""
        if self._last is not None and self._last[0] <= at < self._last[1]:
            return self._last[2]
        now = self._judge(at)
        until = self._change(at, now)
        found = Opening(now.state, until, now.sound, now.why)
        self._last = (at, _FURTHEST_S if until is None else until, found)
        return found

    def spans(self, begin: float, end: float) -> Iterator[tuple[float, float, Opening]]:
        """Yield the spans between two times, each with its state."""
        while begin < end:
            found = self(begin)
            until = end if found.until is None else min(found.until, end)
            yield begin, until, found
            begin = until

    # ------------------------------------------------------------------------------- one time

    def _judge(self, at: float) -> Opening:
        """Return the state at a time, without its end."""
        there = datetime.fromtimestamp(at, self._zone)
        plan = self._plan(there.date())
        if plan.by_week and (name := self.spec.calendar.span_at(at)) is not None:
            return _holiday(name)
        second = (there.hour * 60 + there.minute) * 60 + there.second
        for one, opening in plan.ranges:
            if one.begin * 60 <= second < one.end * 60:
                return opening
        return plan.beside

    def _plan(self, day: date) -> _Plan:
        if (known := self._plans.get(day)) is None:
            if len(self._plans) >= _MOST_KEPT:
                self._plans.clear()
            known = self._plans[day] = self._make_plan(day)
        return known

    def _make_plan(self, day: date) -> _Plan:
        special = holding(self.spec.specials, day)
        if special is not None:
            why = f"exception: {special.name}"
            is_open = Opening(OpenState.OPEN, None, special.sound, why)
            closed = Opening(OpenState.CLOSED, None, special.sound, why)
            return _Plan(tuple((one, is_open) for one in special.ranges), closed, by_week=False)
        if (name := self._holiday_of(day)) is not None:
            return _Plan((), _holiday(name), by_week=False)
        weekday = day.weekday()
        ranges = tuple(
            (one, Opening(OpenState.OPEN, None, why=f"week: {NAMES[weekday]} {one.text}"))
            for one in self.spec.week[weekday]
        )
        return _Plan(ranges, self._closed, by_week=True)

    def _holiday_of(self, day: date) -> str | None:
        for country in self.spec.countries:
            if (name := public_holidays(country, day.year).get(day)) is not None:
                return name
        return self.spec.calendar.name_of(day)

    # ------------------------------------------------------------------------------- the next change

    def _change(self, at: float, now: Opening) -> float | None:
        """Return the next time after ``at`` with another state or reason; None: there is none."""
        first = floor(at / _DAY_S)
        for index in range(first, min(self._looks_until(first), _FURTHEST_S // _DAY_S)):
            for begin, opening in self._day(index):
                if begin > at and opening != now:
                    return begin
        return None

    def _looks_until(self, first: int) -> int:
        """Return the day (of UTC) at which all has been seen that can come."""
        spec = self.spec
        last = max((end for one in spec.specials if (end := one.ends()) is not None), default=date.min)
        last = max(last, spec.calendar.last_day())
        yearly = spec.countries or any(one.is_yearly for one in spec.specials)
        return max(first, (last - date(1970, 1, 1)).days + 2) + (_LOOK_DAYS if yearly else 9)

    def _day(self, index: int) -> list[tuple[float, Opening]]:
        """Return the changes within a day of UTC: the times at which they begin, with the state from then on."""
        if (known := self._days.get(index)) is None:
            if len(self._days) >= _MOST_KEPT:
                self._days.clear()
            known = self._days[index] = self._make_day(index)
        return known

    def _make_day(self, index: int) -> list[tuple[float, Opening]]:
        begin, end = float(index * _DAY_S), float((index + 1) * _DAY_S)
        times = {begin, *self._settings(begin, end), *self.spec.calendar.edges(begin, end)}
        times |= {at for at in self._edges(begin) if begin <= at < end}
        changes: list[tuple[float, Opening]] = []
        for at in sorted(times):
            opening = self._judge(at)
            if not changes or changes[-1][1] != opening:
                changes.append((at, opening))
        return changes

    def _edges(self, begin: float) -> Iterator[float]:
        """Yield the instants at which the clock passes the ends of ranges and days, of all days that a day of UTC
        touches. A time that occurs twice has two. One that is skipped may give a time of no meaning, which does no
        harm."""
        middle = (datetime.fromtimestamp(begin, UTC) + timedelta(hours=12)).date()
        for day in (middle + timedelta(days=more) for more in (-1, 0, 1)):
            minutes = {0} | {edge for one, _ in self._plan(day).ranges for edge in (one.begin, one.end)}
            for minute in minutes:
                wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
                for fold in (0, 1):
                    yield wall.replace(tzinfo=self._zone, fold=fold).timestamp()

    def _settings(self, begin: float, end: float) -> Iterator[float]:
        """Yield the instants at which the zone's clock is set."""
        samples = [begin + more for more in range(0, int(end - begin) + 1, _SAMPLE_S)]
        for early, late in pairwise(samples):
            if self._offset(early) != self._offset(late):
                low, high = int(early), int(late)
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if self._offset(middle) == self._offset(early) else (low, middle)
                yield float(high)

    def _offset(self, at: float) -> timedelta | None:
        return datetime.fromtimestamp(at, self._zone).utcoffset()


def _holiday(name: str) -> Opening:
    return Opening(OpenState.HOLIDAY, None, why=f"holiday: {name}")
