"""Seconds of agents at whatever they were at, cut at the borders of intervals.

A scan of all changes gives every stretch to the interval in which it ends. The few that lie over a border are known
from a look at each border, and what they had before it goes where it belongs: a month has millions of changes, and some
thousand of these.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cti_bridge.reports.asking import LONG_AFTER_CALL_S, House, Question
from cti_bridge.reports.catalogue_agents import GROUPS
from cti_bridge.reports.queues import Fetch
from cti_bridge.reports.sums import Sums

_FREE = ("ready", "after_call")
_GROUPS = tuple(name for name, _ in GROUPS)


class OfAgents:
    """Sums by interval and agent, of the agents of the question alone."""

    def __init__(self, house: House) -> None:
        self.sums = Sums()
        self.names = {cti_id: house.name_of(cti_id) for cti_id in house.agents}

    def at(self, interval: int, cti_id: str) -> defaultdict[str, float]:
        """Return the numbers of the agent in the interval, to be changed. Raises KeyError for another agent."""
        return self.sums.at(interval, cti_id, self.names[cti_id])

    def add(self, found: Iterable[Any]) -> None:
        """Add rows of interval, CTI ID and sums. Those of other agents are left out."""
        columns: Sequence[str] = ()
        for one in found:
            columns = columns or tuple(one.keys())[2:]
            interval, cti_id, *values = one
            if cti_id in self.names:
                numbers = self.at(interval, cti_id)
                for column, value in zip(columns, values, strict=True):
                    if value:
                        numbers[column] += value


async def add_stretches(
    fetch: Fetch, question: Question, house: House, borders: Sequence[datetime], to: OfAgents
) -> None:
    """Add the seconds of each state, and how often it began."""
    to.add(await fetch("agent_moves", borders, asked_agents(question, house)))
    await _add_borders(fetch, house, borders, to, _GROUPS)


async def add_free_and_after_calls(
    fetch: Fetch, question: Question, house: House, borders: Sequence[datetime], to: OfAgents
) -> None:
    """Add the seconds in which agents were ready, and those of after-call work, from fewer rows."""
    to.add(await fetch("agent_free", borders, asked_agents(question, house), LONG_AFTER_CALL_S))
    await _add_borders(fetch, house, borders, to, _FREE)


def asked_agents(question: Question, house: House) -> list[str] | None:
    """Return the agents for a statement; None where nobody was chosen. To compare each row with hundreds takes longer
    than to leave out the sums of others afterwards."""
    return None if question.agents is None else list(house.agents)


async def at_borders(
    fetch: Fetch, house: House, borders: Sequence[datetime], groups: Collection[str]
) -> Iterator[tuple[Mapping[str, Any], int, float, float]]:
    """Return what stretches over a border change: what the agent was at (a row of agent_borders), the interval, its
    seconds, and those of them beyond the limit of after-call work."""
    marks, now = [border.timestamp() for border in borders], house.now.timestamp()
    found = await fetch("agent_borders", borders, list(house.agents))
    return (
        (one, *part) for one in found if one["was"] in groups for part in _cut(marks, one["place"], _ends(one, now))
    )


async def _add_borders(
    fetch: Fetch, house: House, borders: Sequence[datetime], to: OfAgents, groups: Collection[str]
) -> None:
    for one, interval, whole, long in await at_borders(fetch, house, borders, groups):
        numbers = to.at(interval, one["cti_id"])
        numbers[f"{one['was']}_s"] += whole
        if one["was"] == "after_call":
            numbers["after_call_long_s"] += long


def _ends(one: Mapping[str, Any], now: float) -> tuple[float, float, bool]:
    """Return when a stretch began and ends, and whether the scan has seen its end."""
    if (since := one["goes_on_since"]) is not None:
        return since, max(now, since), False
    return one["since"], one["till"], True


def _cut(marks: Sequence[float], place: int, ends: tuple[float, float, bool]) -> Iterator[tuple[int, float, float]]:
    """Yield what the stretch had right before the border for the interval that ends there, and take it out of the one
    in which the scan has seen it all."""
    since, till, seen = ends
    border, first = marks[place - 1], place == 1
    before = since if first else max(since, marks[place - 2])
    upper = min(border, till)
    whole, long = max(0.0, upper - before), max(0.0, upper - max(before, since + LONG_AFTER_CALL_S))
    if not first:
        yield place - 1, whole, long
    if seen and (ended := _interval(marks, till)) is not None:
        yield ended, -whole, -long


def _interval(marks: Sequence[float], at: float) -> int | None:
    """Return the interval of the moment, from 1; None: it is in none."""
    place = bisect_right(marks, at)
    return place if 0 < place < len(marks) else None
