"""Reports over a month of a million calls: neither the statements nor the program take more of the processor than they
need."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import asyncpg
import pytest

from cti_bridge.domain.model.directory import AgentEntry, Directory, Queue, Service
from cti_bridge.domain.model.scenario import Scenario
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.reports.asking import Question
from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.day import AgentDays
from cti_bridge.reports.reading import Reading
from tests.support.made_call import SERVICES
from tests.support.month import AGENTS, CALLS, TIMES, fill

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

MOST_S = {"all": 6.0, "agent-calls": 5.0, "agent-states": 5.0}
"""Seconds of processor that the statements of a report may take in all sessions together; 4 elsewhere. Twice what they
took on a machine with much else to do."""
MOST_OF_DAYS_S = 1.0
"""Seconds of processor of the days of all agents, statements and program together."""
MOST_OF_PROGRAM_S = 2.5
"""The same, of what makes rows of their sums."""


@pytest.fixture(scope="module")
async def month(postgres_server: EmbeddedPostgres) -> str:
    url = await postgres_server.create_database("month", template="migrated")
    await fill(url)
    return url


def house() -> Directory:
    services = tuple(SERVICES)
    people = [f"a{number}-{time}" for number in range(1, AGENTS + 1) for time in range(1, TIMES + 1)]
    return Directory(
        services={name: Service(name, timezone="Asia/Seoul") for name in services},
        queues={name: Queue(name, service) for service, names in SERVICES.items() for name in names},
        agents={name: AgentEntry(name, name, services=services) for name in people},
        scenarios={f"{name}-main": Scenario(f"{name}-main", name, (), "hours", {}) for name in services},
    )


class Measured:
    """A session in one process, so that its processor time is that of the statements."""

    def __init__(self, connection: Any, pid: int) -> None:
        self._connection, self._pid, self.took_s = connection, pid, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def _used(self) -> float:
        words = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    async def fetch(self, sql: str, *values: Any) -> Sequence[Any]:
        await self._connection.execute("set local max_parallel_workers_per_gather = 0")
        before = self._used()
        found: Sequence[Any] = await self._connection.fetch(sql, *values)
        self.took_s += self._used() - before
        return found


class Sessions:
    """Begins them, and knows what their statements took."""

    def __init__(self, url: str) -> None:
        self._url, self._made = url, list[Measured]()

    async def connect(self) -> Any:
        connection = await asyncpg.connect(self._url, server_settings={"jit": "off"})
        self._made.append(Measured(connection, await connection.fetchval("select pg_backend_pid()")))
        return self._made[-1]

    @property
    def took_s(self) -> float:
        return sum(one.took_s for one in self._made)


@pytest.mark.parametrize("name", REPORTS)
async def test_a_month_of_a_million_calls(month: str, name: str) -> None:
    sessions = Sessions(month)
    now = datetime(2026, 11, 2, tzinfo=UTC).timestamp()
    question = Question(name, "2026-10-01", "2026-10-31", tuple(SERVICES))
    before = process_time()
    (part,) = (await Reading(sessions.connect, house, lambda: now).answer(question)).parts
    spent_s = process_time() - before
    assert part.rows
    if name == "all":
        assert part.total["in_calls"] + part.total["out_calls"] >= CALLS * 0.95
    assert sessions.took_s < MOST_S.get(name, 4.0), f"{sessions.took_s:.2f} s"
    assert spent_s < MOST_OF_PROGRAM_S, f"{spent_s:.2f} s"


async def test_the_day_so_far_of_all_its_agents(month: str) -> None:
    """Three hundred agents, 33,000 calls a day. It is reckoned anew every five seconds while somebody looks."""
    sessions = Sessions(month)
    now = datetime(2026, 10, 20, 14, 59, tzinfo=UTC).timestamp()
    before = process_time()
    found = await AgentDays(sessions.connect, house, lambda: now).of("a1-1")
    spent_s = process_time() - before
    assert found.calls is not None and found.calls["offered"] and found.states is not None
    assert sessions.took_s + spent_s < MOST_OF_DAYS_S, f"{sessions.took_s:.2f} s and {spent_s:.2f} s"
