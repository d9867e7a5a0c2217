"""Ranges of a day, as ``09:00-12:00``. The end does not belong to a range, and ``24:00`` is the end of the day."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FORM = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", re.ASCII)
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Range:
    """``begin`` and ``end`` are minutes of the clock on the wall."""

    begin: int
    end: int
    text: str


def parse_range(text: str) -> Range:
    """Raises ValueError, in words."""
    found = _FORM.fullmatch(text)
    hours = [int(part) for part in found.groups()] if found else [99] * 4
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or begin >= _DAY or end > _DAY:
        raise ValueError(f'write a range as "09:00-12:00", from 00:00 to 24:00, not "{text}"')
    if end <= begin:
        raise ValueError(
            f'"{text}" ends before it begins; hours over midnight are two ranges, "{text[:5]}-24:00" and '
            f'"00:00-{text[6:]}" on the next day'
        )
    return Range(begin, end, text)


def parse_ranges(texts: Iterable[str]) -> tuple[Range, ...]:
    """Return the ranges in order. Raises ValueError."""
    return tuple(sorted(map(parse_range, texts), key=lambda one: one.begin))


def overlap(texts: Sequence[str]) -> tuple[int, str] | None:
    """Return the index of a range that overlaps another one, and the text of that one. Ranges that are wrong by
    themselves are left out."""
    seen: list[Range] = []
    for index, text in enumerate(texts):
        try:
            one = parse_range(text)
        except ValueError:
            continue
        for other in seen:
            if one.begin < other.end and other.begin < one.end:
                return index, other.text
        seen.append(one)
    return None
