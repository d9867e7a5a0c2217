"""Seconds of agents at whatever they were at, cut at the borders of intervals.

A scan of all changes gives every stretch to the interval in which it ends. The few that lie over a border are known
from a look at each border, and what they had before it goes where it belongs: a month has millions of changes, and some
thousand of these.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cti_bridge.reports.asking import LONG_AFTER_CALL_S, House
from cti_bridge.reports.queues import Fetch

Spent = defaultdict[tuple[int, str, str], list[float]]
"""By interval, agent, and what they were at: the seconds, and those of them beyond the limit."""
Begun = defaultdict[tuple[int, str, str], int]
"""By interval, agent, and what they were at then: how often it began."""


async def stretches(fetch: Fetch, house: House, borders: Sequence[datetime]) -> tuple[Spent, Begun]:
    """Return the seconds, and how often each began."""
    agents = list(house.agents)
    spent: Spent = defaultdict(lambda: [0.0, 0.0])
    begun: Begun = defaultdict(int)
    for one in await fetch("agent_moves", borders, agents, LONG_AFTER_CALL_S):
        seconds = spent[one["interval"], one["cti_id"], one["was"]]
        seconds[0] += one["seconds"]
        seconds[1] += one["long_s"]
        if one["was"] != one["becomes"]:
            begun[one["interval"], one["cti_id"], one["becomes"]] += one["changes"]
    marks = [border.timestamp() for border in borders]
    for one in await fetch("agent_borders", borders, agents):
        _cut(spent, marks, one["place"], one["cti_id"], one["was"], _ends(one, house.now.timestamp()))
    return spent, begun


def _ends(one: Mapping[str, Any], now: float) -> tuple[float, float, bool]:
    """Return when a stretch began and ends, and whether the scan has seen its end."""
    if (since := one["goes_on_since"]) is not None:
        return since, max(now, since), False
    return one["since"], one["till"], True


def _cut(
    spent: Spent, marks: Sequence[float], place: int, cti_id: str, was: str, ends: tuple[float, float, bool]
) -> None:
    """Bring what the stretch had right before the border into the interval that ends there."""
    since, till, seen = ends
    border, first = marks[place - 1], place == 1
    before = since if first else max(since, marks[place - 2])
    upper = min(border, till)
    whole, long = max(0.0, upper - before), max(0.0, upper - max(before, since + LONG_AFTER_CALL_S))
    if not first:
        seconds = spent[place - 1, cti_id, was]
        seconds[0] += whole
        seconds[1] += long
    if seen and (ended := _interval(marks, till)) is not None:
        seconds = spent[ended, cti_id, was]
        seconds[0] -= whole
        seconds[1] -= long


def _interval(marks: Sequence[float], at: float) -> int | None:
    """Return the interval of the moment, from 1; None: it is in none."""
    place = bisect_right(marks, at)
    return place if 0 < place < len(marks) else None
