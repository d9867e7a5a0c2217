"""Every column of every report, against a slow program that knows nothing of the statements."""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from cti_bridge.domain.model.directory import AgentEntry, Directory, Queue, Service
from cti_bridge.domain.model.scenario import Scenario
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.reports.asking import Question
from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.formulas import Formula
from cti_bridge.reports.periods import Interval
from cti_bridge.reports.reading import OF_AGENTS, Answer, Reading
from tests.support.history import History, history
from tests.support.made_call import NUMBERS, SERVICES, MadeCall
from tests.support.slow_detail import calls_of
from tests.support.slow_reports import TABLES, Slow, differences
from tests.support.slow_rows import Asked

AGENTS = 8
ZONES = {"Europe/Berlin": "2026-10-20", "America/New_York": "2026-03-03", "Asia/Kolkata": "2026-12-28"}
"""Zones, and the first day of a week and a day there: the clock is set back, it is set forward, the year ends."""
KEYS = {
    "all": ("service",),
    "queue-handling": ("service", "queue"),
    "queue-waiting": ("service", "queue"),
    "distribution": ("service", "queue"),
    "agent-calls": ("agent", "name"),
    "agent-states": ("agent", "name"),
    "agent-reasons": ("agent", "name", "status", "reason"),
    "transfers": ("service", "kind", "by", "to_agent", "to_queue", "to_scenario", "to_number"),
    "scenario-exits": ("service", "scenario", "step", "exit"),
    "callbacks": ("service", "queue"),
}


@dataclass
class House:
    url: str
    directory: Directory
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    zone: str
    first: datetime

    async def answer(self, question: Question, now: datetime) -> Answer:
        reading = Reading(lambda: asyncpg.connect(self.url), lambda: self.directory, now.timestamp)
        return await reading.answer(question)


def directory(zone: str) -> Directory:
    queues = [
        Queue(name, service, service_level_s=10 if name == "sales" else 20, short_abandon_s=3 if name == "sales" else 5)
        for service, names in SERVICES.items()
        for name in names
    ]
    services = tuple(SERVICES)
    return Directory(
        services={name: Service(name, timezone=zone) for name in services},
        queues={queue.id: queue for queue in queues},
        agents={
            f"a{n}": AgentEntry(f"a{n}", f"10{n}", f"Agent {n}", services=services if n % 2 else ("acme",))
            for n in range(1, AGENTS)
        },
        scenarios={f"{name}-main": Scenario(f"{name}-main", name, (), "hours", {}) for name in services},
    )


@pytest.fixture(
    scope="module",
    params=[zone if zone == "Europe/Berlin" else pytest.param(zone, marks=pytest.mark.soak) for zone in ZONES],
)
async def house(request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres) -> AsyncIterator[House]:
    """A history of a week and a day, of which all rows are known."""
    zone = request.param
    first = datetime.fromisoformat(ZONES[zone]).replace(tzinfo=UTC)
    url = await postgres_server.create_database(f"history_{list(ZONES).index(zone)}", template="migrated")
    connection = await asyncpg.connect(url)
    for part in history(list(ZONES).index(zone) + 1, first, 8, AGENTS, hours=6):
        await part.copy(connection)
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    rows = {table: [dict(row) for row in await connection.fetch(f"select * from cti.{table}")] for table in TABLES}
    await connection.close()
    yield House(url, directory(zone), rows, zone, first)


def asked(house: House, question: Question, now: datetime) -> Asked:
    queues = house.directory.queues.values()
    return Asked(
        now,
        house.zone,
        question.services,
        question.interval,
        question.formula,
        question.transfers_in,
        question.queues,
        question.numbers,
        {queue.id: queue.service_level_s for queue in queues},
        {queue.id: queue.short_abandon_s for queue in queues},
        # One is configured no more, and shown all the same.
        {f"a{n}": f"Agent {n}" if n < AGENTS else "" for n in range(1, AGENTS + 1)},
        {one.id: one.service for one in house.directory.scenarios.values()},
    )


async def compared(house: House, question: Question, now: datetime) -> set[str]:
    """Compare the report, and return the columns in which there is nothing."""
    answer = await house.answer(question, now)
    (part,) = answer.parts
    since, till = part.total["from"].astimezone(UTC), part.total["till"].astimezone(UTC)
    slow = Slow(house.rows, asked(house, question, now))
    expected, whole = slow.of(question.report, since, till)
    wrong = differences(part.rows, part.total, expected, whole, KEYS[question.report])
    assert part.rows and not wrong, "\n".join(wrong[:20])
    names = {column.name for column in REPORTS[question.report].columns} - {"from", "till", *KEYS[question.report]}
    assert names == set(next(iter(expected.values()))), "each column is compared"
    return names - {name for name in names for row in part.rows if row[name]}


def cases(common: Interval, *rare: Interval, slow: Collection[str] = ()) -> list[Any]:
    """Each report by an interval, and by others when there is time, but for those for which the slow program takes
    minutes then."""
    more = [pytest.param(*case, marks=pytest.mark.soak) for case in product(KEYS, rare) if case[0] not in slow]
    return [*product(KEYS, [common]), *more]


@pytest.mark.parametrize(("report", "interval"), cases(Interval.DAY, Interval.WEEK, Interval.MONTH))
async def test_a_report_over_a_week_and_a_day_is_what_the_slow_program_says(
    house: House, report: str, interval: Interval
) -> None:
    day = house.first.date().isoformat()
    last = house.first.date().replace(day=house.first.day + 7 if house.first.day < 24 else 31).isoformat()
    question = Question(report, day, last, tuple(SERVICES), interval)
    now = max(row["at"] for row in house.rows["agent_state_change"]) if report in OF_AGENTS else None
    empty = await compared(house, question, now or house.first + timedelta(days=6, hours=12))
    assert interval is not Interval.DAY or empty <= {"final"}, "each column has figures"


@pytest.mark.parametrize(
    ("report", "interval"), cases(Interval.HOUR, Interval.HALF_HOUR, Interval.QUARTER, slow=OF_AGENTS)
)
async def test_a_report_over_a_day_on_which_the_clock_is_set_is_what_the_slow_program_says(
    house: House, report: str, interval: Interval
) -> None:
    days = {"Europe/Berlin": "2026-10-25", "America/New_York": "2026-03-08", "Asia/Kolkata": "2026-12-31"}
    question = Question(report, days[house.zone], days[house.zone], ("acme", "shop"), interval)
    await compared(house, question, datetime(2027, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize("interval", [Interval.QUARTER, Interval.HALF_HOUR])
@pytest.mark.parametrize("report", OF_AGENTS)
async def test_a_report_of_agents_over_the_hours_in_which_the_clock_is_set_is_what_the_slow_program_says(
    house: House, report: str, interval: Interval
) -> None:
    """Some hours alone: for a day of quarters the slow program takes minutes."""
    evening, day = {
        "Europe/Berlin": ("2026-10-24T23:10", "2026-10-25T04:05"),
        "America/New_York": ("2026-03-07T22:00", "2026-03-08T04:20"),
        "Asia/Kolkata": ("2026-12-31T09:00", "2026-12-31T12:50"),
    }[house.zone]
    question = Question(report, evening, day, tuple(SERVICES), interval)
    await compared(house, question, datetime(2027, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "filters",
    [{}, {"queues": ("support",)}, {"agents": ("a1", "a2")}, {"numbers": (NUMBERS["acme"][0],)}],
    ids=["all", "queue", "agents", "number"],
)
async def test_the_list_of_calls_is_what_the_slow_program_says(house: House, filters: Mapping[str, Any]) -> None:
    day = (house.first.date() + timedelta(days=1)).isoformat()
    question = Question("call-detail", day, day, ("acme", "shop"), most=10_000, **filters)
    (part,) = (await house.answer(question, datetime(2027, 1, 10, tzinfo=UTC))).parts
    since = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(house.zone))
    till = since + timedelta(days=1)
    slowly = calls_of(house.rows, asked(house, question, house.first), since, till, filters.get("agents"))
    assert [dict(row) for row in part.rows] == slowly and len(slowly) > 10
    assert set(slowly[0]) == {column.name for column in REPORTS["call-detail"].columns}


@pytest.mark.parametrize("report", KEYS)
async def test_all_groups_together_by_day_are_what_each_day_alone_comes_to(house: House, report: str) -> None:
    first = house.first.date()
    now = datetime(2027, 1, 10, tzinfo=UTC)
    question = Question(report, first.isoformat(), (first + timedelta(days=2)).isoformat(), ("acme", "shop"))
    (part,) = (await house.answer(question, now)).parts
    assert len(part.intervals) == 3
    for row in part.intervals:
        day = row["from"].astimezone(ZoneInfo(house.zone)).date().isoformat()
        (alone,) = (await house.answer(replace(question, since=day, till=day), now)).parts
        assert row == alone.total


@pytest.mark.parametrize("formula", Formula)
@pytest.mark.parametrize("transfers_in", [False, True])
@pytest.mark.parametrize("report", ["all", "queue-handling", "queue-waiting", "distribution"])
async def test_each_formula_and_transfers_are_what_the_slow_program_says(
    house: House, report: str, formula: Formula, transfers_in: bool
) -> None:
    day = house.first.date().isoformat()
    question = Question(report, day, day, ("acme", "shop"), Interval.DAY, formula=formula, transfers_in=transfers_in)
    await compared(house, replace(question, queues=None), datetime(2027, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize("report", ["queue-handling", "queue-waiting", "distribution"])
async def test_filters_by_service_queue_and_number(house: House, report: str) -> None:
    day = house.first.date().isoformat()
    question = Question(
        report,
        day,
        day,
        ("acme",),
        Interval.HOUR,
        queues=("support",),
        numbers=(NUMBERS["acme"][0],),
        transfers_in=True,
    )
    await compared(house, question, datetime(2027, 1, 10, tzinfo=UTC))


async def test_the_identity_holds_in_each_row_and_in_the_total(house: House) -> None:
    day = house.first.date().isoformat()
    for transfers_in in (False, True):
        question = Question("queue-handling", day, day, ("acme", "shop"), Interval.HOUR, transfers_in=transfers_in)
        (part,) = (await house.answer(question, datetime(2027, 1, 10, tzinfo=UTC))).parts
        for row in (*part.rows, part.total):
            ends = ("answered", "abandoned", "turned_away", "key", "moved", "ended", "node_lost", "waiting")
            assert row["offered"] == sum(row[name] for name in ends), row
            turned = ("longest_wait", "full", "no_agents", "closed")
            assert row["turned_away"] == sum(row[name] for name in turned)
            arrived = ("new", "transferred", "returned", "moved_in", "callbacks_in")
            assert row["offered"] == (sum(row[name] for name in arrived) if transfers_in else row["new"])


# ------------------------------------------------------------------------------------------------ known figures


FIRST = datetime(2026, 11, 2, 1, tzinfo=UTC)


async def written(server: EmbeddedPostgres, name: str, made: History) -> House:
    url = await server.create_database(name, template="migrated")
    connection = await asyncpg.connect(url)
    await made.copy(connection)
    await connection.close()
    return House(url, directory("Asia/Seoul"), {}, "Asia/Seoul", FIRST)


def call(made: History, at: datetime = FIRST) -> MadeCall:
    return MadeCall(made, "inbound", "acme", at)


ENDS = (
    *(("answered", 10.0),) * 56,
    *(("answered", 30.0),) * 14,
    *(("abandoned", 4.9),) * 6,
    *(("abandoned", 20.0),) * 6,
    *(("abandoned", 21.0),) * 8,
    *(("key", 15.0),) * 6,
    *(("longest_wait", 600.0),) * 4,
)
LEVELS = {"accepted": 63.6, "answered": 80.0, "answered_or_left": 75.6, "offered": 56.0}


@pytest.fixture(scope="module")
async def hundred(postgres_server: EmbeddedPostgres) -> House:
    """A hundred callers."""
    made = History(99, odd=False)
    for exit_, waits_s in ENDS:
        one = call(made)
        visit = one.visit("support", "new", FIRST, exit_, timedelta(seconds=waits_s))
        if exit_ == "answered":
            visit.answered("a1", None)
            one.talks("a1", visit)
        one.ends(visit)
    return await written(postgres_server, "hundred", made)


@pytest.mark.parametrize("formula", Formula)
async def test_given_a_hundred_callers_then_the_service_level_is_that_of_each_formula(
    hundred: House, formula: Formula
) -> None:
    question = Question("queue-handling", "2026-11-02", "2026-11-02", ("acme",), formula=formula)
    (part,) = (await hundred.answer(question, datetime(2026, 11, 5, tzinfo=UTC))).parts
    (row,) = part.rows
    assert (row["offered"], row["answered"], row["abandoned"], row["key"], row["longest_wait"]) == (100, 70, 20, 6, 4)
    assert (row["within"], row["abandoned_within"], row["abandoned_short"]) == (56, 12, 6)
    assert (row["service_level"], row["answer_rate"], row["abandon_rate"]) == (LEVELS[formula], 70.0, 20.0)
    assert (row["from"], row["final"]) == (datetime(2026, 11, 1, 15, tzinfo=UTC), True), "a day of Seoul"


async def test_given_nobody_then_rates_are_nothing(hundred: House) -> None:
    question = Question("queue-handling", "2026-11-03", "2026-11-03", ("acme",))
    (part,) = (await hundred.answer(question, datetime(2026, 11, 5, tzinfo=UTC))).parts
    assert part.rows == []
    assert [part.total[name] for name in ("offered", "service_level", "answer_rate", "talk_avg_s")] == [
        0,
        None,
        None,
        None,
    ]


async def test_given_a_call_that_is_sent_from_a_to_b_then_each_queue_has_its_own(
    postgres_server: EmbeddedPostgres,
) -> None:
    made = History(98, odd=False)
    one = call(made)
    first = one.visit("support", "new", FIRST, None, None)
    one.now += timedelta(seconds=40)
    first.answered("a1", None)
    one.interval("talking", "agent", "a1", timedelta(seconds=120), first, "transferred")
    one.transfer("direct", "a1", "completed", target_queue="sales")
    first.over()
    second = one.visit("sales", "transferred", one.now, None, None, "transferred", "a1")
    one.now += timedelta(seconds=40)
    second.answered("a2", None)
    one.interval("talking", "agent", "a2", timedelta(seconds=300), second, "call_ended")
    one.ends(second)
    house = await written(postgres_server, "sent_on", made)

    async def rows(report: str, *, transfers_in: bool = False) -> dict[str, Any]:
        question = Question(report, "2026-11-02", "2026-11-02", ("acme",), transfers_in=transfers_in)
        (part,) = (await house.answer(question, datetime(2026, 11, 5, tzinfo=UTC))).parts
        return {row["queue"]: row for row in part.rows} | {"total": part.total}

    handled = await rows("queue-handling")
    names = ("offered", "transferred", "calls", "talk_s")
    assert [handled["support"][name] for name in names] == [1, 0, 1, 120.0]
    assert [handled["sales"][name] for name in names] == [0, 1, 0, 300.0]
    assert [handled["total"][name] for name in names] == [1, 1, 1, 420.0]
    waited = await rows("queue-waiting", transfers_in=True)
    assert [waited[queue]["wait_s"] for queue in ("support", "sales")] == [40.0, 40.0], "not 200"
    assert (await rows("queue-handling", transfers_in=True))["sales"]["offered"] == 1
