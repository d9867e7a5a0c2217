"""Answers questions from the rows, with connections of its own: reports never stand in the way of calls.

A question is one transaction that can only read, sees one state of the rows, and is ended when it takes too long. There
are few at a time; others wait for their turn. One that is given up ends at once.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn
from zoneinfo import ZoneInfo

import asyncpg

from cti_bridge.domain.model.directory import Directory
from cti_bridge.reports import agents, calls, queues
from cti_bridge.reports.asking import House, Question
from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.columns import Report
from cti_bridge.reports.formulas import TEXTS
from cti_bridge.reports.periods import PeriodWrong, borders, moment
from cti_bridge.reports.queues import Fetch
from cti_bridge.reports.sessions import MOST_S, sessions
from cti_bridge.reports.sums import Made, Row
from cti_bridge.reports.turns import ReportsBusy, Turns
from cti_bridge.trial.zone import zone_of_service

AT_ONCE = 1
"""The questions that are asked at a time."""
MOST_ROWS = 200_000
"""The most rows of an answer that has intervals."""

_MAKERS: Mapping[str, Callable[[Fetch, Question, House, Sequence[datetime]], Awaitable[Made]]] = {
    "all": calls.every,
    "queue-handling": queues.handling,
    "queue-waiting": queues.waiting,
    "agent-calls": agents.calls,
    "agent-states": agents.states,
    "agent-reasons": agents.reasons,
    "call-detail": calls.detail,
    "distribution": queues.distribution,
    "transfers": calls.transfers,
    "scenario-exits": calls.scenario_exits,
    "callbacks": calls.callbacks,
}
OF_AGENTS = ("agent-calls", "agent-states", "agent-reasons")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of the services of one time zone, their total, and all groups together by interval. ``behind`` is the
    last call of a list that goes on."""

    zone: str
    services: tuple[str, ...]
    rows: list[Row]
    total: Row
    intervals: list[Row] = field(default_factory=list)
    behind: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    report: Report
    question: Question
    formula: str
    """The formula of the service level in words."""
    parts: list[Part]


class Reading:
    """``connect`` begins a session with the database; ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        directory: Callable[[], Directory],
        clock: Callable[[], float],
    ) -> None:
        self._connect, self._directory, self._clock = connect, directory, clock
        self._turns = Turns(AT_ONCE)

    async def answer(self, question: Question) -> Answer:
        """Answer the question. Raises PeriodWrong, ReportsBusy, and whatever ``connect`` and asyncpg raise."""
        directory = self._directory()
        zones = by_zone(directory, question)
        for name in zones:
            cut(question, ZoneInfo(name))
        return await self._turns.run(partial(self._ask, directory, question, zones))

    async def _ask(self, directory: Directory, question: Question, zones: Mapping[str, tuple[str, ...]]) -> Answer:
        parts: list[Part] = []
        try:
            async with sessions(self._connect, several=question.report in OF_AGENTS) as fetch:
                gone: list[str] = []
                if question.report in OF_AGENTS and set(question.services) >= set(directory.services):
                    gone = [one["cti_id"] for one in await fetch("agents_of_rows")]
                for name, services in zones.items():
                    first = not parts
                    chosen = agents_of(directory, question, services, gone if first else ())
                    house = House(directory, datetime.fromtimestamp(self._clock(), UTC), chosen)
                    one = replace(question, services=services)
                    made = await _MAKERS[question.report](fetch, one, house, cut(one, ZoneInfo(name)))
                    if len(made.rows) > MOST_ROWS and not REPORTS[question.report].pages:
                        raise PeriodWrong(f"these are more than {MOST_ROWS} rows; ask for a shorter period")
                    parts.append(Part(name, services, *made, _behind(question, made.rows)))
        except asyncpg.QueryCanceledError:
            _too_slow()
        return Answer(REPORTS[question.report], question, TEXTS[question.formula], parts)


def _too_slow() -> NoReturn:
    raise ReportsBusy(f"it took more than {MOST_S} s; ask for a shorter period") from None


def _behind(question: Question, made: Sequence[Row]) -> tuple[datetime, str] | None:
    if not REPORTS[question.report].pages or len(made) < question.most:
        return None
    return made[-1]["arrived_at"], made[-1]["call"]


def cut(question: Question, zone: ZoneInfo) -> list[datetime]:
    """Return the borders of the question's intervals in the zone. Raises PeriodWrong."""
    since, till = moment(question.since, zone, end=False), moment(question.till, zone, end=True)
    if REPORTS[question.report].pages:
        if since >= till:
            raise PeriodWrong("the period ends before it begins")
        return [since, till]
    return borders(since, till, question.interval, zone)


def by_zone(directory: Directory, question: Question) -> dict[str, tuple[str, ...]]:
    """Return the services of the question by their time zone. A list has that of the first one."""
    if REPORTS[question.report].pages:
        return {zone_of_service(directory, question.services[0]).name: question.services}
    found: dict[str, tuple[str, ...]] = {}
    for name in question.services:
        zone = zone_of_service(directory, name).name
        found[zone] = (*found.get(zone, ()), name)
    return found


def agents_of(directory: Directory, question: Question, services: Sequence[str], gone: Sequence[str]) -> list[str]:
    """Return the agents whose days are those of these services: each agent stands once, with the first of their own
    services that is asked for. Agents of ``gone`` who are configured no more come too."""

    def chosen() -> Iterator[str]:
        for name, entry in directory.agents.items():
            first = next((service for service in entry.services if service in question.services), None)
            if first in services:
                yield name
        yield from (name for name in gone if name not in directory.agents)

    return [name for name in chosen() if question.agents is None or name in question.agents]
