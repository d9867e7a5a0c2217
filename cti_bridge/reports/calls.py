"""The reports of calls."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cti_bridge.numbers.e164 import mask
from cti_bridge.reports.asking import House, Question
from cti_bridge.reports.catalogue_calls import ALL, CALLBACKS, DETAIL, SCENARIO_EXITS, TRANSFERS
from cti_bridge.reports.columns import Kind
from cti_bridge.reports.formulas import average, rate, service_level
from cti_bridge.reports.queues import Fetch, asked, visits
from cti_bridge.reports.sums import Made, Row, Sums, counts, rows, shaped

_BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-000000000000")
_OF_LEVEL = ("offered", "answered", "abandoned", "abandoned_short", "abandoned_within", "turned_away", "within")
_ENDS = ("completed", "cancelled", "recalled", "customer_left")


async def every(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    """All calls, each once."""
    sums = Sums()
    for one in await fetch("all_calls", *asked(question, borders)):
        if question.queues is None or one["queued"]:
            _count(sums.at(one["interval"], one["service"]), one)
    for (interval, (service, _)), found in (await visits(fetch, question, house, borders)).of.items():
        numbers = sums.at(interval, service)
        for name in _OF_LEVEL:
            numbers[f"level_{name}"] += found.get(name, 0)

    def reckon(of: Mapping[str, float]) -> Row:
        level = {name: of.get(f"level_{name}", 0) for name in _OF_LEVEL}
        found = counts([*ALL.names(Kind.COUNT), *ALL.names(Kind.SECONDS)], of)
        return found | {
            "answer_rate": rate(of.get("in_queue_answered", 0), found["in_queue"]),
            "service_level": service_level(level, question.formula),
            "in_talk_avg_s": average(found["in_talk_s"], found["in_answered"]),
            "out_talk_avg_s": average(found["out_talk_s"], found["out_answered"]),
        }

    def final(interval: int, numbers: Mapping[str, float]) -> bool:
        return borders[interval] <= house.now and not numbers.get("open")

    return rows(ALL, sums, borders, ("service",), reckon, final)


def _count(numbers: dict[str, float], one: Mapping[str, Any]) -> None:
    calls = one["calls"]
    numbers["open"] += calls if one["open"] else 0
    if one["direction"] == "outbound":
        numbers["out_calls"] += calls
        name = "out_answered" if one["answered"] else None if one["open"] else "out_failed"
        way = "out"
    else:
        numbers["in_calls"] += calls
        numbers["in_queue"] += calls if one["queued"] else 0
        numbers["in_queue_answered"] += calls if one["queued"] and one["answered"] else 0
        unanswered = "in_open" if one["open"] else "in_lost" if one["queued"] else "in_scenario"
        name = "in_answered" if one["answered"] else unanswered
        way = "in"
    if name is not None:
        numbers[name] += calls
    numbers[f"{way}_talk_s"] += one["talk_s"] or 0
    numbers[f"{way}_hold_s"] += one["hold_s"] or 0


async def detail(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    """One call a row. The list goes on behind the last one."""
    agents = None if question.agents is None else list(question.agents)
    behind = question.behind or _BEGINNING
    found = await fetch("call_detail", *asked(question, borders), agents, *behind, question.most)
    return Made([shaped(DETAIL, _call(one)) for one in found], shaped(DETAIL, {}), [])


def _call(one: Mapping[str, Any]) -> Row:
    number = one["customer_number"]
    return dict(one) | {
        "call": str(one["id"]),
        "customer_number": None if number is None else mask(number),
        "number": one["calling_number"] if one["direction"] == "outbound" else one["dialed_number"],
        "first_agent": one["first_cti_id"],
        "last_agent": one["last_cti_id"],
        "ticket": None if one["ticket_id"] is None else str(one["ticket_id"]),
    }


async def transfers(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums = Sums()
    agents = None if question.agents is None else list(question.agents)
    for one in await fetch("transfers", *asked(question, borders), agents):
        to = one["target_cti_id"], one["target_queue"], one["target_scenario"], mask(one["target_number"] or "")
        numbers = sums.at(one["interval"], one["service"], one["kind"], one["by_cti_id"], *to)
        numbers["asked"] += one["transfers"]
        numbers["answered"] += one["answered"]
        numbers["answered_s"] += one["answered_s"] or 0
        result = one["result"] if one["result"] in _ENDS else "failed"
        numbers[result] += one["transfers"]

    def reckon(of: Mapping[str, float]) -> Row:
        return counts(TRANSFERS.names(Kind.COUNT), of) | {
            "answer_avg_s": average(of.get("answered_s", 0), of.get("answered", 0))
        }

    (first,) = await fetch("not_final", list(question.services))
    over = min(house.now, first["since"] or house.now)
    keys = ("service", "kind", "by", "to_agent", "to_queue", "to_scenario", "to_number")
    return rows(TRANSFERS, sums, borders, keys, reckon, lambda interval, _: borders[interval] <= over)


async def scenario_exits(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums = Sums()
    scenarios = {one.id: one.service for one in house.directory.scenarios.values() if one.service in question.services}
    for one in await fetch("scenario_exits", borders, list(scenarios)):
        group = scenarios[one["scenario"]], one["scenario"], one["step"], one["exit"]
        numbers = sums.at(one["interval"], *group)
        numbers["calls"] += one["calls"]
        numbers["lasted_s"] += one["lasted_s"]

    def reckon(of: Mapping[str, float]) -> Row:
        found = counts(("calls", "lasted_s"), of)
        return found | {"lasted_avg_s": average(found["lasted_s"], found["calls"])}

    (first,) = await fetch("not_final", list(question.services))
    over = min(house.now, first["since"] or house.now)
    keys = ("service", "scenario", "step", "exit")
    return rows(SCENARIO_EXITS, sums, borders, keys, reckon, lambda interval, _: borders[interval] <= over)


async def callbacks(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums = Sums()
    for one in await fetch("callbacks", *asked(question, borders)[:3]):
        numbers = sums.at(one["interval"], one["service"], one["queue"])
        numbers["registered"] += one["callbacks"]
        numbers[one["kind"]] += one["callbacks"]
        numbers[one["status"]] += one["callbacks"]
        numbers["attempts"] += one["attempts"]
        numbers["ended_s"] += one["ended_s"] or 0
        numbers["over"] += one["ended"]

    def reckon(of: Mapping[str, float]) -> Row:
        return counts(CALLBACKS.names(Kind.COUNT), of) | {
            "done_avg_s": average(of.get("ended_s", 0), of.get("over", 0))
        }

    def final(interval: int, numbers: Mapping[str, float]) -> bool:
        return borders[interval] <= house.now and not numbers.get("waiting")

    return rows(CALLBACKS, sums, borders, ("service", "queue"), reckon, final)
