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

from cti_bridge.reports.asking import LONG_AFTER_CALL_S, House, Question
from cti_bridge.reports.queues import Fetch

Spent = defaultdict[tuple[int, str], dict[str, list[float]]]
"""By interval and agent: for what they were at, the seconds, and those of them beyond the limit."""
Begun = defaultdict[tuple[int, str], dict[str, int]]
"""By interval and agent: for what they were at then, how often it began."""
FREE = ("ready", "after_call")


async def stretches(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> tuple[Spent, Begun]:
    """Return the seconds, and how often each began."""
    spent: Spent = defaultdict(dict)
    begun: Begun = defaultdict(dict)
    known = set(house.agents)
    for one in await fetch("agent_moves", borders, asked_agents(question, house), LONG_AFTER_CALL_S):
        if one["cti_id"] not in known:
            continue
        seconds, starts = spent[one["interval"], one["cti_id"]], begun[one["interval"], one["cti_id"]]
        for was, becomes, changes, whole, long in zip(
            one["was"], one["becomes"], one["changes"], one["seconds"], one["long_s"], strict=True
        ):
            _add(seconds, was, whole, long)
            if was != becomes:
                starts[becomes] = starts.get(becomes, 0) + changes
    await _at_borders(fetch, house, borders, spent)
    return spent, begun


async def free_and_after_calls(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Spent:
    """Return the seconds of `FREE` alone, from fewer rows."""
    spent: Spent = defaultdict(dict)
    known = set(house.agents)
    for one in await fetch("agent_free", borders, asked_agents(question, house), LONG_AFTER_CALL_S):
        if one["cti_id"] in known:
            seconds = spent[one["interval"], one["cti_id"]]
            for was, whole, long in zip(one["was"], one["seconds"], one["long_s"], strict=True):
                _add(seconds, was, whole, long)
    await _at_borders(fetch, house, borders, spent)
    return spent


def asked_agents(question: Question, house: House) -> list[str] | None:
    """Return the agents for a statement; None where nobody was chosen. To compare each row with hundreds takes longer
    than to leave out the sums of others afterwards."""
    return None if question.agents is None else list(house.agents)


def _add(to: dict[str, list[float]], was: str, seconds: float, long: float) -> None:
    found = to.get(was)
    if found is None:
        to[was] = [seconds, long]
    else:
        found[0] += seconds
        found[1] += long


async def _at_borders(fetch: Fetch, house: House, borders: Sequence[datetime], spent: Spent) -> None:
    marks = [border.timestamp() for border in borders]
    for one in await fetch("agent_borders", borders, list(house.agents)):
        _cut(spent, marks, one["place"], one["cti_id"], one["was"], _ends(one, house.now.timestamp()))


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
        _add(spent[place - 1, cti_id], was, whole, long)
    if seen and (ended := _interval(marks, till)) is not None:
        _add(spent[ended, cti_id], was, -whole, -long)


def _interval(marks: Sequence[float], at: float) -> int | None:
    """Return the interval of the moment, from 1; None: it is in none."""
    place = bisect_right(marks, at)
    return place if 0 < place < len(marks) else None
