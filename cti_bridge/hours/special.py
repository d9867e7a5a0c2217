"""Exceptions: days on which other hours hold than in the week. They have a date, a span of dates, or come each year.

Where two of them hold on a day, the one with a year goes before a yearly one, then a single day before a span, then the
first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cti_bridge.hours.week import Range

_DATED = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_YEARLY = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_LEAP_YEAR = 2024

Day = tuple[int, int, int]
"""Year, month, day. Year 0: each year."""


def parse_day(text: str) -> Day:
    """Return the day. Raises ValueError, in words."""
    try:
        if found := _DATED.fullmatch(text):
            day = date(int(found[1]), int(found[2]), int(found[3]))
            return day.year, day.month, day.day
        if found := _YEARLY.fullmatch(text):
            day = date(_LEAP_YEAR, int(found[1]), int(found[2]))
            return 0, day.month, day.day
    except ValueError:
        raise ValueError(f'"{text}" is no day of the calendar') from None
    raise ValueError(f'write a day as "2026-12-24", or "12-24" for each year, not "{text}"')


@dataclass(frozen=True, slots=True)
class Special:
    """``first`` and ``last`` are both yearly, or both have a year."""

    name: str
    first: Day
    last: Day
    ranges: tuple[Range, ...]
    sound: str = ""

    @property
    def is_yearly(self) -> bool:
        return self.first[0] == 0

    @property
    def rank(self) -> tuple[bool, bool]:
        """The order in which exceptions of one day hold."""
        return self.is_yearly, self.first != self.last

    def holds(self, day: date) -> bool:
        if not self.is_yearly:
            return self.first <= (day.year, day.month, day.day) <= self.last
        here = (0, day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last  # Over the turn of the year.

    def ends(self) -> date | None:
        """Return the last day; None: it comes each year."""
        return None if self.is_yearly else date(*self.last)


def holding(specials: Iterable[Special], day: date) -> Special | None:
    """Return the exception that holds on the day, or None."""
    return min((one for one in specials if one.holds(day)), key=lambda one: one.rank, default=None)
