"""The reports of queues, from sums of visits."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from cti_bridge.domain.model.announcement import BRACKETS
from cti_bridge.reports.asking import House, Question
from cti_bridge.reports.catalogue_queues import DISTRIBUTION, HANDLING, LENGTHS, WAITING
from cti_bridge.reports.columns import Kind
from cti_bridge.reports.formulas import average, rate, service_level
from cti_bridge.reports.sums import Made, Row, Sums, counts, rows

Fetch = Callable[..., Awaitable[Sequence[Any]]]
"""Asks a statement by its name."""

KEYS = ("service", "queue")
_TURNED_AWAY = ("longest_wait", "full", "no_agents", "closed")
_EXITS = ("answered", "abandoned", *_TURNED_AWAY, "key", "moved", "ended", "node_lost", "waiting")
_KINDS = {
    "new": "new",
    "transferred": "transferred",
    "returned": "returned",
    "moved": "moved_in",
    "callback": "callbacks_in",
}
_RANGES = [upper for upper, _ in BRACKETS if isfinite(upper)]


def limits(question: Question, house: House) -> tuple[list[str], list[timedelta], list[timedelta]]:
    """Return, by queue, the time within which a call is to be answered, and up to which a caller is not missed."""
    queues = house.queues_of(question.services)
    return (
        [queue.id for queue in queues],
        [timedelta(seconds=queue.service_level_s) for queue in queues],
        [timedelta(seconds=queue.short_abandon_s) for queue in queues],
    )


def asked(question: Question, borders: Sequence[datetime]) -> tuple[Any, ...]:
    """Return the first parameters of the statements."""
    return borders, list(question.services), _all(question.queues), _all(question.numbers)


def _all(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def counted(question: Question, kind: str) -> bool:
    """Return whether a visit of this kind is in the rates."""
    return kind == "new" or question.transfers_in


async def visits(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Sums:
    """Return the sums of visits by service and queue."""
    sums = Sums()
    for one in await fetch("queue_visits", *asked(question, borders), *limits(question, house)):
        numbers = sums.at(one["interval"], one["service"], one["queue"])
        numbers["calls"] += one["calls"]
        numbers[_KINDS[one["kind"]]] += one["visits"]
        if one["exit"] == "answered":
            numbers["conversations"] += one["visits"]
            for name in ("talk_s", "hold_s", "after_call_s", "talking"):
                numbers[name] += one[name] or 0
            if one["lender"] is not None and (question.queues is None or one["lender"] in question.queues):
                sums.at(one["interval"], one["service"], one["lender"])["answered_for_others"] += one["visits"]
        numbers["open"] += one["visits"] if one["exit"] == "waiting" else 0
        if counted(question, one["kind"]):
            _count(numbers, one)
    return sums


def _count(numbers: defaultdict[str, float], one: Mapping[str, Any]) -> None:
    exit_ = "moved" if one["exit"] == "removed" else one["exit"]
    numbers["offered"] += one["visits"]
    numbers[exit_] += one["visits"]
    if exit_ in _TURNED_AWAY:
        numbers["turned_away"] += one["visits"]
    elif exit_ == "answered":
        numbers["within"] += one["within"]
        numbers["answered_by_others"] += one["visits"] if one["lender"] is not None else 0
    elif exit_ == "abandoned":
        numbers["abandoned_within"] += one["within"]
        numbers["abandoned_short"] += one["short"]
    for what in ("", "answered_", "abandoned_") if exit_ != "waiting" else ():
        if what in ("", f"{exit_}_"):
            numbers[f"{what}wait_s"] += one["wait_s"]
            numbers[f"{what}left"] += one["visits"]
            numbers[f"{what}wait_most_s"] = max(numbers[f"{what}wait_most_s"], one["wait_most_s"])


def _final(house: House, borders: Sequence[datetime]) -> Callable[[int, Mapping[str, float]], bool]:
    def final(interval: int, numbers: Mapping[str, float]) -> bool:
        return borders[interval] <= house.now and not numbers.get("open") and not numbers.get("talking")

    return final


async def handling(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums = await visits(fetch, question, house, borders)
    for one in await fetch("closed_entries", *asked(question, borders)):
        sums.at(one["interval"], one["service"], one["queue"])["closed_at_entry"] += one["calls"]
    names = HANDLING.names(Kind.COUNT)

    def reckon(of: Mapping[str, float]) -> Row:
        spent = of.get("talk_s", 0) + of.get("hold_s", 0) + of.get("after_call_s", 0)
        found = counts([*names, *HANDLING.names(Kind.SECONDS)], of)
        return found | {
            "answer_rate": rate(found["answered"], found["offered"]),
            "abandon_rate": rate(found["abandoned"], found["offered"]),
            "service_level": service_level(found, question.formula),
            "talk_avg_s": average(found["talk_s"], found["conversations"]),
            "handle_avg_s": average(spent, found["conversations"]),
        }

    return rows(HANDLING, sums, borders, KEYS, reckon, _final(house, borders))


async def waiting(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums = await visits(fetch, question, house, borders)
    for one in await fetch("predictions", *asked(question, borders), _RANGES):
        if counted(question, one["kind"]):
            numbers = sums.at(one["interval"], one["service"], one["queue"])
            numbers["predicted"] += one["predicted"]
            numbers["predicted_held"] += one["held"]

    def reckon(of: Mapping[str, float]) -> Row:
        found = counts(WAITING.names(Kind.COUNT), of)
        found |= {
            "answer_rate": rate(found["answered"], found["offered"]),
            "abandon_rate": rate(found["abandoned"], found["offered"]),
            "predicted_rate": rate(found["predicted_held"], found["predicted"]),
        }
        for what in ("", "answered_", "abandoned_"):
            left, wait_s = of.get(f"{what}left", 0), of.get(f"{what}wait_s", 0)
            found[f"{what}wait_s"] = wait_s
            found[f"{what}wait_most_s"] = of.get(f"{what}wait_most_s", 0) if left else None
            found[f"{what}wait_avg_s"] = average(wait_s, left)
        return found

    return rows(WAITING, sums, borders, KEYS, reckon, _final(house, borders))


async def distribution(fetch: Fetch, question: Question, house: House, borders: Sequence[datetime]) -> Made:
    sums = await visits(fetch, question, house, borders)
    names = [*(str(upper) for upper in LENGTHS), "more"]
    for one in await fetch("distribution", *asked(question, borders)):
        if counted(question, one["kind"]):
            numbers = sums.at(one["interval"], one["service"], one["queue"])
            numbers[f"{one['exit']}_{names[one['length'] - 1]}"] += one["visits"]
    return rows(
        DISTRIBUTION,
        sums,
        borders,
        KEYS,
        lambda of: counts(DISTRIBUTION.names(Kind.COUNT), of),
        _final(house, borders),
    )
