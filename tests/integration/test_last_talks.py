"""Who has talked with a number, from the rows of a real Postgres: found, not there, slow, away (requirement I3)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.domain.border.actions import TALKS, FindTalks
from cti_bridge.domain.border.facts import TalksFound
from cti_bridge.domain.model.talks import Talk
from cti_bridge.domain.model.words import Direction, Outcome
from cti_bridge.storage import last_talks
from cti_bridge.storage.database import Database
from cti_bridge.storage.last_talks import LastTalks
from cti_bridge.storage.writer import STATEMENTS
from tests.support.hung_postgres import HungPostgres
from tests.support.storage import NOWHERE, call_row, new_id, storage

KIM, NOW, DAY_S = "+821012345678", 1_700_000_000.0, 86_400.0


class Asked:
    """Asks, and keeps the answers."""

    def __init__(self, database: Database) -> None:
        self.answers: asyncio.Queue[TalksFound] = asyncio.Queue()
        self.talks = LastTalks(database, self.answers.put_nowait)

    async def of(self, number: str = KIM, service: str = "acme", days: float = 7) -> TalksFound:
        self.talks.submit([FindTalks(TALKS, new_id(), "", service, number, NOW, NOW - days * DAY_S)])
        return await asyncio.wait_for(self.answers.get(), 20)


@asynccontextmanager
async def asking(database: Database) -> AsyncIterator[Asked]:
    asked = Asked(database)
    try:
        yield asked
    finally:
        database.drop()
        await asyncio.wait_for(asked.talks.stop(), 20)


def talk(cti_id: str | None, ago_s: float, **changes: Any) -> Any:
    """The row of a call of Kim's that ended so many seconds ago."""
    row: dict[str, Any] = {
        "customer_number": KIM,
        "arrived_at": NOW - ago_s - 60,
        "ended_at": NOW - ago_s,
        "outcome": Outcome.COMPLETED,
        "last_cti_id": cti_id,
        "version": 3,
    }
    return call_row(**(row | changes))


async def test_the_last_talk_of_each_agent_is_found(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        rows = [
            talk("a1", 900),
            talk("a2", 300),
            talk("a1", 100, direction=Direction.OUTBOUND),
            talk("a2", 400, outcome=Outcome.FORCE_DISCONNECTED),
            talk("a3", 50, service="other"),
            talk("a4", 60, customer_number="+82100"),
            talk("a5", 8 * DAY_S),
            talk(None, 10, outcome=Outcome.ABANDONED_WAITING),
        ]
        parts.journal.record(rows, {}, NOW)
        await parts.drained()
        async with asking(parts.database) as asked:
            found = await asked.of()
            assert found.talks == (Talk("a1", NOW - 100), Talk("a2", NOW - 300))
            assert (await asked.of("+82555")).talks == ()
            assert (await asked.of(service="nothing")).talks == ()
            assert dict(asked.talks.results()) == {"found": 1, "none": 2}


async def test_one_that_goes_on_is_now_and_a_forced_one_is_told(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        forced = talk("a1", 100, outcome=Outcome.FORCE_DISCONNECTED)
        parts.journal.record([forced, talk("a2", 0, ended_at=None, outcome=None)], {}, NOW)
        await parts.drained()
        async with asking(parts.database) as asked:
            assert (await asked.of()).talks == (Talk("a2", NOW), Talk("a1", NOW - 100, forced=True))


async def test_of_many_agents_six_are_told(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        parts.journal.record([talk(f"a{n}", 100 + n) for n in range(9)], {}, NOW)
        await parts.drained()
        async with asking(parts.database) as asked:
            assert [one.cti_id for one in (await asked.of()).talks] == [f"a{n}" for n in range(6)]


async def test_a_postgres_that_is_away_has_answered_at_once() -> None:
    async with asking(Database(NOWHERE)) as asked:
        began = time.monotonic()
        for _ in range(3):
            assert (await asked.of()).talks == ()
        assert time.monotonic() - began < 0.5
        assert dict(asked.talks.results()) == {"unknown": 3}


async def test_a_postgres_that_hangs_is_given_up_and_not_asked_for_a_while(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_talks, "ANSWERED_WITHIN_S", 0.3)
    async with HungPostgres(database_url, b"customer_number") as server:
        database = Database(server.url)
        async with database.reading():
            pass  # Connected, and the schema looked at.
        async with asking(database) as asked:
            began = time.monotonic()
            assert (await asked.of()).talks == ()
            took_s = time.monotonic() - began
            assert server.hung.is_set() and 0.3 <= took_s < 2
            for _ in range(20):
                began = time.monotonic()
                assert (await asked.of()).talks == ()
                assert time.monotonic() - began < 0.1


async def test_a_fault_is_an_answer_too(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STATEMENTS, "last_talks", "select $1::text, $2::text, $3::float8, $4::float8")
    database = Database(database_url)
    async with asking(database) as asked:
        assert (await asked.of()).talks == ()
    await database.close()
