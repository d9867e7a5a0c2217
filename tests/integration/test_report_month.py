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
from cti_bridge.reports.reading import Reading
from tests.support.made_call import SERVICES
from tests.support.month import AGENTS, CALLS, TIMES, fill

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

MOST_S = {"all": 6.0, "agent-calls": 5.0, "agent-states": 5.0}
"""Seconds of processor that the statements of a report may take in all sessions together; 4 elsewhere. Twice what they
took on a machine with much else to do."""
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


@pytest.mark.parametrize("name", REPORTS)
async def test_a_month_of_a_million_calls(month: str, name: str) -> None:
    made: list[Measured] = []

    async def connect() -> Any:
        connection = await asyncpg.connect(month, server_settings={"jit": "off"})
        made.append(Measured(connection, await connection.fetchval("select pg_backend_pid()")))
        return made[-1]

    now = datetime(2026, 11, 2, tzinfo=UTC).timestamp()
    question = Question(name, "2026-10-01", "2026-10-31", tuple(SERVICES))
    before = process_time()
    (part,) = (await Reading(connect, house, lambda: now).answer(question)).parts
    spent_s = process_time() - before
    assert part.rows
    if name == "all":
        assert part.total["in_calls"] + part.total["out_calls"] >= CALLS * 0.95
    took_s = sum(one.took_s for one in made)
    assert took_s < MOST_S.get(name, 4.0), f"{took_s:.2f} s"
    assert spent_s < MOST_OF_PROGRAM_S, f"{spent_s:.2f} s"
