"""A house with supervisors whose reports are made up: the same figures each time, without a database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from cti_bridge.domain.model.directory import AgentEntry, Directory, Queue, Service
from cti_bridge.domain.model.words import Right
from cti_bridge.reports.asking import Question
from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.columns import Kind, Report
from cti_bridge.reports.formulas import TEXTS, average, rate, service_level
from cti_bridge.reports.reading import Answer, Part, cut
from cti_bridge.reports.sums import Row, shaped
from cti_bridge.reports.turns import ReportsBusy
from tests.support.api import PASSWORD, Api, api_server
from tests.unit.floor import Driver

ZONE = "Asia/Seoul"
NOW = datetime(2026, 11, 28, 8, 20, tzinfo=UTC)
"""20 past 5 in the afternoon, in Seoul."""
LONGEST = "Wolfeschlegelsteinhausenbergerdorff, Hubert"
AGENTS = {
    "a1": AgentEntry("a1", "1001", "Minseo Kwon", services=("acme",), queues=("support",)),
    "a2": AgentEntry("a2", "1002", LONGEST, services=("acme",), queues=("billing",)),
    "boss": AgentEntry("boss", "1100", "Sora Choi", services=("acme", "shop"), role="supervisor"),
    "a9": AgentEntry(
        "a9", "1101", "Hana Jung", services=("acme",), role="supervisor", rights=frozenset({Right.UNMASK})
    ),
    "other": AgentEntry("other", "1200", "Juno Lee", services=("shop",), role="supervisor"),
}
HOUSE = Directory(
    services={
        "acme": Service("acme", "Acme support", timezone=ZONE),
        "shop": Service("shop", "Shop", timezone=ZONE),
    },
    queues={name: Queue(name, of) for name, of in (("support", "acme"), ("billing", "acme"), ("orders", "shop"))},
    agents=AGENTS,
)

HOURS = (
    # offered, answered, abandoned, at once, within
    (92, 78, 9, 3, 70),
    (118, 101, 11, 4, 88),
    (126, 104, 15, 5, 82),
    (71, 55, 12, 4, 38),
    (104, 92, 8, 2, 86),
    (131, 116, 10, 3, 106),
    (109, 99, 7, 1, 92),
    (88, 81, 5, 1, 77),
    (76, 70, 5, 1, 68),
)
"""From 9 o'clock on."""


def _handled(hour: Sequence[int], question: Question) -> Row:
    offered, answered, abandoned, short, within = hour
    others = offered - answered - abandoned
    nothing = dict.fromkeys(REPORTS["queue-handling"].names(Kind.COUNT, Kind.SECONDS), 0)
    found: dict[str, Any] = nothing | {
        "offered": offered,
        "calls": offered,
        "new": offered,
        "transferred": offered % 4,
        "answered": answered,
        "abandoned": abandoned,
        "abandoned_within": short,
        "abandoned_short": short,
        "turned_away": others // 2,
        "longest_wait": others // 2,
        "key": others - others // 2,
        "within": within,
        "conversations": answered,
        "talk_s": answered * 224.0,
        "hold_s": answered * 11.0,
        "after_call_s": answered * 31.0,
    }
    return found | {
        "answer_rate": rate(answered, offered),
        "abandon_rate": rate(abandoned, offered),
        "service_level": service_level(found, question.formula),
        "talk_avg_s": average(found["talk_s"], answered),
        "handle_avg_s": average(answered * 266.0, answered),
    }


def _made_up(report: Report, chance: random.Random, seen: datetime) -> Row:
    values: dict[Kind, Any] = {
        Kind.COUNT: lambda: chance.randrange(40),
        Kind.SECONDS: lambda: chance.randrange(9_000) / 10,
        Kind.RATE: lambda: chance.randrange(600, 1000) / 10,
        Kind.MOMENT: lambda: seen,
        Kind.TEXT: lambda: "",
        Kind.NUMBER: lambda: "+82 10-••••-5678",
        Kind.FLAG: lambda: False,
    }
    return {column.name: values[column.kind]() for column in report.columns}


_GROUPS: dict[str, str] = {
    "service": "acme",
    "agent": "a2",
    "name": LONGEST,
    "kind": "direct",
    "by": "a1",
    "to_agent": "a2",
    "scenario": "acme-main",
    "step": "menu",
    "exit": "1",
    "direction": "inbound",
    "outcome": "completed",
    "ended_by": "customer",
    "status": "rest",
    "reason": "meal",
    "last_agent": "a1",
}


@dataclass
class Counted:
    """Answers in place of the rows. ``held`` keeps it from answering until it is set."""

    calls: int = 3
    """The calls of a list."""
    is_empty: bool = False
    refuses: bool = False
    held: asyncio.Event | None = None
    asked: list[Question] = field(default_factory=list)

    async def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.held is not None:
            await self.held.wait()
        if self.refuses:
            raise ReportsBusy("other reports take all the time; try again in a moment")
        report = REPORTS[question.report]
        borders = cut(question, ZoneInfo(ZONE))
        part = self._part(report, question, borders)
        return Answer(report, question, TEXTS[question.formula], [part])

    def _part(self, report: Report, question: Question, borders: Sequence[datetime]) -> Part:
        services = question.services
        if self.is_empty:
            return Part(ZONE, services, [], shaped(report, {"from": borders[0], "till": borders[-1]}))
        if report.pages:
            return self._list(report, question, borders)
        chance = random.Random(report.name)
        rows: list[Row] = []
        intervals: list[Row] = []
        nine = 9 if len(borders) > 20 else 0
        spans = list(pairwise(borders))[nine : nine + len(HOURS)]
        for hour, (since, till) in zip(HOURS, spans, strict=False):
            span = {"from": since, "till": till, "final": till <= NOW}
            figures = _made_up(report, chance, since)
            if report.name == "queue-handling":
                figures = _handled(hour, question)
            intervals.append(shaped(report, figures | span))
            for queue in question.queues or ("support", "billing"):
                groups = {**_GROUPS, "queue": queue}
                names = [column.name for column in report.columns]
                rows.append(shaped(report, figures | span | {k: v for k, v in groups.items() if k in names}))
        sums = [sum(of) for of in zip(*HOURS[: len(intervals)], strict=True)]
        whole = _made_up(report, chance, borders[0])
        if report.name == "queue-handling":
            whole = _handled(sums, question)
        total = shaped(report, whole | {"from": borders[0], "till": borders[-1], "final": False})
        return Part(ZONE, services, rows, total, intervals)

    def _list(self, report: Report, question: Question, borders: Sequence[datetime]) -> Part:
        chance = random.Random(1)
        known = {"customer_number", "number"} | set(_GROUPS)
        rows = []
        for number in range(min(self.calls, question.most)):
            row = _made_up(report, chance, borders[0]) | {name: _GROUPS.get(name, "+82 2-555-0000") for name in known}
            row |= {"call": f"00000000-0000-7000-8000-{number:012}", "queue": "support"}
            row["customer_number"] = "+82 10-••••-5678"
            rows.append(shaped(report, row))
        return Part(ZONE, question.services, rows, shaped(report, {}))


class CallNumbers:
    """Calls that are over: the last digits of a number are those of its call. One is of a service of others."""

    async def get(self, call_id: str) -> tuple[str, str]:
        return ("shop" if call_id.endswith("1") else "acme", f"+82101234{int(call_id[-4:]):04}")


@asynccontextmanager
async def counted_house(counted: Counted | None = None, **config: Any) -> AsyncIterator[tuple[Api, Counted]]:
    """The real server, in front of a house of `HOUSE`."""
    found = counted or Counted()
    async with api_server(agents=AGENTS, house=HOUSE, reports=found, call_numbers=CallNumbers(), **config) as api:
        api.engine.floor = Driver(HOUSE).center.floor
        yield api, found


__all__ = ["AGENTS", "HOUSE", "NOW", "PASSWORD", "Counted", "counted_house"]
