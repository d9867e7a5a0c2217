"""A month of a million calls: a made-up history of some agents, written by COPY, many times over with other names."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from tests.support.history import history
from tests.support.made_call import COLUMNS
from tests.support.years import _OWN_INDEXES

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 31
AGENTS = 30
"""They are made up; the others do the same under other names."""
TIMES = 10
CALLS = 1_000_000
"""At least so many calls come of it."""

_AT = {
    "call": "arrived_at",
    "queue_visit": "entered_at",
    "call_interval": "till",
    "offer": "offered_at",
    "callback": "placed_at",
    "transfer": "ended_at",
}
"""The column in whose order rows come; ``at`` elsewhere."""
_IDS = ("id", "call_id", "visit_id", "source_call", "after_call_of")
_PEOPLE = ("cti_id", "by_cti_id", "target_cti_id", "answered_by", "first_cti_id", "last_cti_id", "from_cti_id")


async def fill(url: str, agents: int = AGENTS, times: int = TIMES) -> None:
    """Fill a migrated, empty database. The rows lie in the order in which the bridge would have written them."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "set synchronous_commit = off; set maintenance_work_mem = '256MB'; set work_mem = '256MB'"
        )
        indexes = await connection.fetch(_OWN_INDEXES)
        for index in indexes:
            await connection.execute(index["dropping"])
        for table in COLUMNS:
            await connection.execute(f"alter table cti.{table} set unlogged")
        for part in history(7, FIRST, DAYS, agents, odd=False):
            await part.copy(connection)
        for table, columns in COLUMNS.items():
            await connection.execute(_multiply(table, columns.split(), times))
        for index in indexes:
            await connection.execute(index["indexdef"])
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def _multiply(table: str, columns: list[str], times: int) -> str:
    def of(column: str) -> str:
        if column in _IDS:
            return f"md5({column}::text || n)::uuid"
        return f"{column} || '-' || n" if column in _PEOPLE else column

    moved = ", ".join(columns)
    made = ", ".join(of(column) for column in columns)
    order = _AT.get(table, "at")
    return f"""
        create temp table made on commit drop as table cti.{table} with no data;
        insert into made ({moved}) select {made} from cti.{table}, generate_series(1, {times}) as n order by {order};
        truncate cti.{table}; insert into cti.{table} ({moved}) select {moved} from made
    """
