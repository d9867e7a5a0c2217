"""The reports of agents, from offers, intervals of calls, transfers and changes of state."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cti_bridge.reports.asking import House, Question
from cti_bridge.reports.catalogue_agents import CALLS, GROUPS, REASONS, STATES
from cti_bridge.reports.columns import Kind
from cti_bridge.reports.formulas import average, rate
from cti_bridge.reports.queues import Fetch
from cti_bridge.reports.stretches import (
    OfAgents,
    add_free_and_after_calls,
    add_stretches,
    asked_agents,
    at_borders,
)
from cti_bridge.reports.sums import Made, Row, Sums, counts, rows

_FIGURES = tuple(CALLS.names(Kind.COUNT, Kind.SECONDS))
_TIMES = tuple(STATES.names(Kind.COUNT, Kind.SECONDS))
_WORK = ("ring_s", "dial_s", "in_talk_s", "out_talk_s", "in_hold_s", "out_hold_s", "consult_s", "consulted_s")


def _final(
    house: House, borders: Sequence[datetime], since: datetime | None
) -> Callable[[int, Mapping[str, float]], bool]:
    over = house.now if since is None else min(house.now, since)
    return lambda interval, _: borders[interval] <= over


_SUMS = (
    "agent_offers",
    "agent_intervals",
    "agent_calls_out",
    "agent_transfers",
    "agent_transfers_in",
)
"""Statements whose columns are sums of the report."""


async def calls(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    of_agents = OfAgents(house)
    for statement in _SUMS:
        of_agents.add(await fetch(statement, borders, asked_agents(question, house)))
    for one in await fetch("agent_talks_behind_transfers", borders, asked_agents(question, house)):
        if one["cti_id"] in of_agents.names:
            of_agents.at(one["interval"], one["cti_id"])["transfers_in_talk_s"] += one["seconds"]
    await add_free_and_after_calls(fetch, question, house, borders, of_agents)
    (first,) = await fetch("not_final", list(house.directory.services))
    return rows(CALLS, of_agents.sums, borders, ("agent", "name"), _reckon, _final(house, borders, first["since"]))


def _reckon(of: Mapping[str, float]) -> Row:
    found = counts(_FIGURES, of)
    work_s = sum(found[name] for name in _WORK) + found["after_call_s"]
    return found | {
        "out_failed": found["out_attempts"] - found["out_answered"],
        "in_talk_avg_s": average(found["in_talk_s"], found["answered"] + found["transfers_in"]),
        "out_talk_avg_s": average(found["out_talk_s"], found["out_answered"]),
        "work_s": work_s,
        "occupancy": rate(work_s, work_s + found["ready_s"]),
    }


async def states(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    of_agents = OfAgents(house)
    moments: dict[tuple[int, str], Row] = {}
    await add_stretches(fetch, question, house, borders, of_agents)
    for one in await fetch("agent_logins", borders, list(house.agents)):
        numbers = of_agents.at(one["interval"], one["cti_id"])
        numbers["logins"] += one["logins"]
        numbers["logouts"] += one["logouts"]
        moments[one["interval"], one["cti_id"]] = {
            "first_login": one["first_login"],
            "last_logout": one["last_logout"],
        }

    def reckon(of: Mapping[str, float]) -> Row:
        found = counts(_TIMES, of)
        return found | {f"{name}_avg_s": average(found[f"{name}_s"], found[f"{name}_n"]) for name, _ in GROUPS}

    made = rows(STATES, of_agents.sums, borders, ("agent", "name"), reckon, _final(house, borders, None))
    places = {border: place for place, border in enumerate(borders, 1)}
    for row in made.rows:
        row |= moments.get((places[row["from"]], row["agent"]), {})
    return made


async def reasons(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums, names = Sums(), {cti_id: house.name_of(cti_id) for cti_id in house.agents}

    def at(interval: int, one: Mapping[str, Any]) -> defaultdict[str, float]:
        return sums.at(interval, one["cti_id"], names[one["cti_id"]], one["status"], one["reason"])

    for one in await fetch("agent_reasons", borders, asked_agents(question, house)):
        if one["cti_id"] in names:
            numbers = at(one["interval"], one)
            numbers["times"] += one["times"]
            numbers["lasted_s"] += one["lasted_s"]
    for one, interval, seconds, _ in await at_borders(fetch, house, borders, ("rest", "business")):
        at(interval, one)["lasted_s"] += seconds

    def reckon(of: Mapping[str, float]) -> Row:
        # What was taken out again leaves less than a millisecond.
        times, lasted_s = of.get("times", 0), round(of.get("lasted_s", 0), 3)
        return {"times": times, "lasted_s": lasted_s, "lasted_avg_s": average(lasted_s, times)}

    keys = ("agent", "name", "status", "reason")
    return rows(REASONS, sums, borders, keys, reckon, _final(house, borders, None))
