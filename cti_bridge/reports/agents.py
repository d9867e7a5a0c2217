"""The reports of agents, from offers, intervals of calls, transfers and changes of state."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from cti_bridge.reports.asking import House, Question
from cti_bridge.reports.catalogue_agents import CALLS, GROUPS, STATES
from cti_bridge.reports.columns import Kind
from cti_bridge.reports.formulas import average, rate
from cti_bridge.reports.queues import Fetch
from cti_bridge.reports.stretches import FREE, asked_agents, free_and_after_calls, stretches
from cti_bridge.reports.sums import Made, Row, Sums, counts, rows

_STAGES = {
    "talking": "talk",
    "consult_swapped": "talk",
    "three_together": "talk",
    "on_hold": "hold",
    "agent_lost": "hold",
    "dialing_agent": "dial",
    "dialing_customer": "dial",
    "consult_ringing": "consult",
    "consult_talking": "consult",
    "consult_alone": "consult",
}
_FIGURES = tuple(CALLS.names(Kind.COUNT, Kind.SECONDS))
_TIMES = tuple(STATES.names(Kind.COUNT, Kind.SECONDS))
_WORK = ("ring_s", "dial_s", "in_talk_s", "out_talk_s", "in_hold_s", "out_hold_s", "consult_s", "consulted_s")


def _final(
    house: House, borders: Sequence[datetime], since: datetime | None
) -> Callable[[int, Mapping[str, float]], bool]:
    over = house.now if since is None else min(house.now, since)
    return lambda interval, _: borders[interval] <= over


async def calls(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums, chosen = Sums(), asked_agents(question, house)
    names = {cti_id: house.name_of(cti_id) for cti_id in house.agents}

    def at(one: Mapping[str, Any], cti_id: str) -> dict[str, float]:
        return sums.at(one["interval"], cti_id, names[cti_id])

    async def known(statement: str) -> list[Any]:
        return [one for one in await fetch(statement, borders, chosen) if one["cti_id"] in names]

    for one in await known("agent_offers"):
        numbers = at(one, one["cti_id"])
        numbers["ring_s"] += one["ring_s"]
        _offers(one, numbers)
    for one in await known("agent_intervals"):
        numbers = at(one, one["cti_id"])
        for part in zip(one["directions"], one["roles"], one["stages"], one["seconds"], strict=True):
            numbers[_sum_of(*part[:3])] += part[3]
    for one in await known("agent_calls_out"):
        numbers = at(one, one["cti_id"])
        numbers["out_attempts"] += one["attempts"]
        numbers["out_answered"] += one["answered"]
    for one in await known("agent_transfers"):
        _transfers(one, at(one, one["cti_id"]))
    for one in await known("agent_transfers_in"):
        at(one, one["cti_id"])["transfers_in"] += one["transfers"]
    for one in await known("agent_talks_behind_transfers"):
        at(one, one["cti_id"])["transfers_in_talk_s"] += one["seconds"]
    for (interval, cti_id), spent in (await free_and_after_calls(fetch, question, house, borders)).items():
        numbers = sums.at(interval, cti_id, names[cti_id])
        for what in FREE:
            seconds, long_s = spent.get(what, (0.0, 0.0))
            numbers[f"{what}_s"] += seconds
            numbers[f"{what}_long_s"] += long_s
    (first,) = await fetch("not_final", list(house.directory.services))
    return rows(CALLS, sums, borders, ("agent", "name"), _reckon, _final(house, borders, first["since"]))


def _offers(one: Mapping[str, Any], numbers: dict[str, float]) -> None:
    for kind, result, offers in zip(one["kinds"], one["results"], one["offers"], strict=True):
        if kind in (None, "queue", "recall"):
            numbers["offered"] += offers
            numbers[result] += offers
        elif kind == "consult" and result == "answered":
            numbers["consulted"] += offers


@cache
def _sum_of(direction: str, role: str, stage: str) -> str:
    """Return the name of the sum to which the seconds of an interval belong."""
    if direction == "internal":
        return "internal_s"
    if role == "target":
        return "consulted_s"
    kind = _STAGES.get(stage, stage)
    if kind in ("talk", "hold"):
        return f"{'in' if direction == 'inbound' else 'out'}_{kind}_s"
    return f"{kind}_s"


def _transfers(one: Mapping[str, Any], numbers: dict[str, float]) -> None:
    if one["kind"] == "consult":
        numbers["consults"] += one["transfers"]
    if one["completed"]:
        numbers[f"transfers_{one['way']}"] += one["transfers"]
    elif one["kind"] == "direct":
        numbers["transfers_failed"] += one["transfers"]


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
    agents = list(house.agents)
    names = {cti_id: house.name_of(cti_id) for cti_id in agents}
    sums = Sums()
    moments: dict[tuple[int, str], Row] = {}
    spent, begun = await stretches(fetch, question, house, borders)
    for (interval, cti_id), seconds in spent.items():
        numbers = sums.at(interval, cti_id, names[cti_id])
        for what, (whole, _) in seconds.items():
            if what != "offline":
                numbers[f"{what}_s"] += whole
    for (interval, cti_id), starts in begun.items():
        numbers = sums.at(interval, cti_id, names[cti_id])
        for what, times in starts.items():
            if what != "offline":
                numbers[f"{what}_n"] += times
    for one in await fetch("agent_logins", borders, agents):
        numbers = sums.at(one["interval"], one["cti_id"], names[one["cti_id"]])
        numbers["logins"] += one["logins"]
        numbers["logouts"] += one["logouts"]
        moments[one["interval"], one["cti_id"]] = {
            "first_login": one["first_login"],
            "last_logout": one["last_logout"],
        }

    def reckon(of: Mapping[str, float]) -> Row:
        found = counts(_TIMES, of)
        return found | {f"{name}_avg_s": average(found[f"{name}_s"], found[f"{name}_n"]) for name, _ in GROUPS}

    made = rows(STATES, sums, borders, ("agent", "name"), reckon, _final(house, borders, None))
    places = {border: place for place, border in enumerate(borders, 1)}
    for row in made.rows:
        row |= moments.get((places[row["from"]], row["agent"]), {})
    return made
