"""The agent's own day over the API: what the reports say of it so far, and what it costs and tells when it cannot be
had."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from cti_bridge.domain.model.directory import AgentEntry, Directory, Queue, Service
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.numbers.e164 import mask
from cti_bridge.reports import day as own_day
from cti_bridge.reports import sessions
from cti_bridge.reports.asking import Question
from cti_bridge.reports.day import FRESH_S, MOST_NOT_TAKEN, AgentDays
from cti_bridge.reports.reading import Reading
from cti_bridge.reports.sums import Row
from cti_bridge.reports.turns import ReportsBusy
from tests.support.api import Api, api_server
from tests.support.history import history
from tests.support.hung_postgres import HungPostgres

BERLIN, SEOUL = "Europe/Berlin", "Asia/Seoul"
BEGIN = datetime(2026, 10, 24, 22, tzinfo=UTC)
"""Berlin's 25 October 2026 begins, which has 25 hours."""
EVENING = BEGIN + timedelta(hours=22)


NOT_TAKEN = """select offer.*, call.customer_number from cti.offer join cti.call on call.id = offer.call_id
where cti_id = 'a1' and offered_at >= $1 and offered_at < $1 + interval '25 hours'
    and result in ('missed', 'declined', 'busy', 'unreachable') and offer.kind in ('queue', 'recall')
order by offered_at desc"""


def house(**more: AgentEntry) -> Directory:
    """``a4`` works for the shop, in Korea."""
    services = {"acme": Service("acme", timezone=BERLIN), "shop": Service("shop", timezone=SEOUL)}
    own = {"a1": ("acme",), "a2": ("acme", "shop"), "a3": ("acme",), "a4": ("shop", "acme")}
    agents = {cti_id: AgentEntry(cti_id, f"100{cti_id[1]}", f"Agent {cti_id}", names) for cti_id, names in own.items()}
    queues = {name: Queue(name, "acme") for name in ("support", "sales")}
    return Directory(services=services, queues=queues, agents=agents | more)


HOUSE = house()


@pytest.fixture(scope="module")
async def url(postgres_server: EmbeddedPostgres) -> str:
    """Four days of calls around it."""
    made = await postgres_server.create_database("days", template="migrated")
    connection = await asyncpg.connect(made)
    for part in history(11, datetime(2026, 10, 23, tzinfo=UTC), 4, 4):
        await part.copy(connection)
    await connection.close()
    return made


@dataclass
class World:
    url: str
    now: datetime = EVENING
    house: Directory = field(default_factory=house)
    sessions: int = 0
    away: Exception | None = None

    async def connect(self) -> asyncpg.Connection:
        self.sessions += 1
        if self.away is not None:
            raise self.away
        return await asyncpg.connect(self.url)

    def days(self) -> AgentDays:
        return AgentDays(self.connect, lambda: self.house, lambda: self.now.timestamp())

    async def reported(self, report: str, cti_id: str, day: date, service: str) -> list[Row]:
        reading = Reading(lambda: asyncpg.connect(self.url), lambda: self.house, lambda: self.now.timestamp())
        question = Question(report, day.isoformat(), day.isoformat(), (service,), agents=(cti_id,))
        (part,) = (await reading.answer(question)).parts
        return part.rows


@asynccontextmanager
async def shown_by(world: World) -> AsyncIterator[Api]:
    async with api_server(agents=world.house.agents, house=world.house, days=world.days()) as api:
        yield api


async def ask(api: Api, cti_id: str) -> Any:
    token, _ = await api.log_in(cti_id)
    reply = await api.call("GET", "/me/day", token)
    assert reply.status == 200, reply.text
    return reply.json


@pytest.mark.parametrize("hours", [0.5, 6, 13, 22, 24.9])
@pytest.mark.parametrize(
    ("cti_id", "zone", "service"), [("a1", BERLIN, "acme"), ("a2", BERLIN, "acme"), ("a4", SEOUL, "shop")]
)
async def test_at_any_hour_the_day_is_what_the_reports_say_of_it_so_far(
    url: str, hours: float, cti_id: str, zone: str, service: str
) -> None:
    world = World(url, BEGIN + timedelta(hours=hours))
    async with shown_by(world) as api:
        found = await ask(api, cti_id)
    assert found["timezone"] == zone and datetime.fromisoformat(found["till"]) == world.now
    since = datetime.fromisoformat(found["since"])
    assert (since.hour, since.minute) == (0, 0) and timedelta(0) <= world.now - since < timedelta(hours=25)
    [calls] = await world.reported("agent-calls", cti_id, since.date(), service) or [{}]
    assert {name: value for name, value in found["calls"].items() if value} == {
        name: value for name, value in calls.items() if value and name in found["calls"]
    }
    [states] = await world.reported("agent-states", cti_id, since.date(), service) or [{}]
    for one in found["states"]:
        assert (one["times"], one["lasted_s"]) == (states[f"{one['name']}_n"], states[f"{one['name']}_s"])
    shown = {one["name"] for one in found["states"]}
    assert shown == {
        name.removesuffix("_s")
        for name, value in states.items()
        if name.endswith("_s") and "_avg" not in name and value
    } | {name.removesuffix("_n") for name, value in states.items() if name.endswith("_n") and value}
    reasons = await world.reported("agent-reasons", cti_id, since.date(), service)
    columns = ("status", "reason", "times", "lasted_s")
    assert found["reasons"] == [{name: one[name] for name in columns} for one in reasons]


async def test_what_was_not_taken_is_listed_with_time_and_masked_number_the_latest_first(url: str) -> None:
    world = World(url)
    async with shown_by(world) as api:
        found = await ask(api, "a1")
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(NOT_TAKEN, BEGIN)
    await connection.close()
    assert rows, "nothing was missed, and nothing is tried"
    calls = found["calls"]
    assert sum(calls[name] for name in ("missed", "declined", "busy", "unreachable")) == len(rows)
    assert [
        (datetime.fromisoformat(one["at"]), one["result"], one["customer_number"], one["queue"])
        for one in found["not_taken"]
    ] == [
        (
            row["offered_at"].replace(microsecond=row["offered_at"].microsecond // 1000 * 1000),
            row["result"],
            None if row["customer_number"] is None else mask(row["customer_number"]),
            row["queue"],
        )
        for row in rows[:MOST_NOT_TAKEN]
    ]
    assert any(one["customer_number"] and "•" in one["customer_number"] for one in found["not_taken"])


async def test_two_hundred_who_look_at_once_cost_one_session_and_the_next_looks_are_fresh_after_a_while(
    url: str,
) -> None:
    world = World(url)
    days = world.days()
    first = await asyncio.gather(*(days.of(f"a{1 + number % 3}") for number in range(200)))
    assert world.sessions == 1
    world.now += timedelta(seconds=FRESH_S / 2)
    assert await days.of("a1") is first[0]
    world.now += timedelta(seconds=FRESH_S / 2)
    assert (await days.of("a1")).now == world.now and world.sessions == 2
    world.now -= timedelta(hours=1)
    assert (await days.of("a1")).now == world.now, "the clock was set back"


async def test_after_midnight_the_day_is_another_one(url: str) -> None:
    world = World(url, BEGIN + timedelta(hours=25) - timedelta(seconds=1))
    days = world.days()
    before = await days.of("a1")
    world.now += timedelta(seconds=2)
    after = await days.of("a1")
    assert after.since - before.since == timedelta(hours=25)


async def test_given_a_reload_with_another_agent_then_they_have_a_day_at_once(url: str) -> None:
    world = World(url)
    days = world.days()
    await days.of("a1")
    world.house = house(new=AgentEntry("new", "1009", "New", ("acme",)))
    found = await days.of("new")
    assert (found.calls, found.states, found.reasons, found.not_taken) == (None, None, [], [])


async def test_given_an_agent_without_anything_then_all_is_zero_and_nothing_is_missing(url: str) -> None:
    world = World(url, house=house(new=AgentEntry("new", "1009", "New", ("acme",))))
    async with shown_by(world) as api:
        found = await ask(api, "new")
    assert found["calls"]["offered"] == 0 and found["states"] == found["reasons"] == found["not_taken"] == []


async def test_given_postgres_away_then_all_who_wait_are_told_at_once_and_later_looks_work(url: str) -> None:
    world = World(url, away=OSError("away"))
    days = world.days()
    found = await asyncio.gather(*(days.of("a1") for _ in range(50)), return_exceptions=True)
    assert {type(one) for one in found} == {OSError} and world.sessions == 1
    async with shown_by(world) as api:
        token, _ = await api.log_in("a1")
        reply = await api.call("GET", "/me/day", token)
        assert (reply.status, reply.code) == (503, "storage_unavailable")
        world.away = None
        assert (await api.call("GET", "/me/day", token)).status == 200


async def test_given_no_database_then_it_says_so() -> None:
    async with api_server() as api:
        token, _ = await api.log_in("a1")
        assert (await api.call("GET", "/me/day", token)).code == "storage_unavailable"


async def test_given_a_statement_that_takes_too_long_then_it_is_said_in_words(url: str) -> None:
    world = World(url, away=asyncpg.QueryCanceledError("canceling statement due to statement timeout"))
    with pytest.raises((ReportsBusy, asyncpg.QueryCanceledError)):
        await world.days().of("a1")


async def test_given_postgres_that_falls_silent_then_all_who_wait_are_told_and_later_looks_work(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_day, "WITHIN_S", 1.0)
    monkeypatch.setattr(sessions, "GIVEN_UP_WITHIN_S", 0.1)
    async with HungPostgres(url, b"statement_timeout") as hung:
        world = World(hung.url)
        days = world.days()
        asked = [asyncio.create_task(days.of("a1"), name="look") for _ in range(50)]
        _, waits = await asyncio.wait(asked, timeout=10)
        assert not waits, "they wait for ever"
        assert {type(one.exception()) for one in asked} == {TimeoutError} and world.sessions == 1
        world.url = url
        async with asyncio.timeout(10):
            assert (await days.of("a1")).now == world.now, "the silent one keeps the turn"


async def test_given_an_agent_whom_a_reload_removed_then_their_day_goes_on_as_in_the_report_of_all(url: str) -> None:
    world = World(url)
    days = world.days()
    before = await days.of("a3")
    world.house = Directory(
        services=HOUSE.services,
        queues=HOUSE.queues,
        agents={name: entry for name, entry in HOUSE.agents.items() if name != "a3"},
    )
    found = await days.of("a3")
    assert found.zone == BERLIN and before.calls is not None and found.calls is not None
    assert found.calls["offered"] == before.calls["offered"] > 0


async def test_given_an_agent_without_a_service_then_their_day_is_that_of_the_first_service(url: str) -> None:
    world = World(url, house=house(a3=AgentEntry("a3", "1003", "Agent a3", ())))
    found = await world.days().of("a3")
    assert found.zone == BERLIN and found.calls is not None
