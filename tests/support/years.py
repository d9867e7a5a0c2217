"""Years of rows: a million tickets, and other tables that no query may read from end to end.

What is asked for is spread unevenly, as it comes to be in years: a service that was closed long ago, one that is hardly
used, an agent who has left, callers who withhold their number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

TICKETS = 1_000_000
CALLS = 200_000
"""Calls, and events of tickets: a plan may rightly read all of a few."""
OTHERS = 60_000
"""Rows of each of the other tables: enough to be large, for they are half of what it costs to fill a database."""
FIRST_AT = 1_600_000_000
EVERY_S = 60
"""One ticket a minute."""
CLOSED_AFTER = 50_000
"""The tickets of the service ``other``: the oldest ones, and no later ones. Half of them are of the agent who left."""
RARE_EVERY = 20_000
LARGE = 50_000
"""A table with more rows is large."""

_OWN_INDEXES = """
    select indexdef, format('drop index %I.%I', schemaname, indexname) as dropping from pg_indexes
    where schemaname = 'cti' and not exists (select from pg_constraint where conname = indexname)
"""


def uuid(table: int, row: str) -> str:
    """SQL for the id of a row, by its number in its table; as UUIDv7 they come in order."""
    return f"('{table:x}0000000-0000-7000-8000-' || lpad(to_hex({row}), 12, '0'))::uuid"


def _at(row: str = "n") -> str:
    return f"to_timestamp({FIRST_AT} + {row} * {EVERY_S})"


_TICKETS = f"""
    select {uuid(1, "n")},
        case when n <= {CLOSED_AFTER} then 'other' when n % {RARE_EVERY} = 0 then 'rare'
            when n % 2 = 0 then 'acme' else 'sales' end,
        {uuid(2, "n")},
        case when n <= 60 or n % 5000 = 0 then 'pending' when n > {TICKETS} - 100 then 'open' else 'resolved' end,
        case when n <= {CLOSED_AFTER // 2} then 'left' else 'a' || n % 97 end,
        case when n % 10 = 0 then '' else '+8210' || n % 300007 end,
        {_at()}, 3, 1
"""
_FILLINGS = {
    "ticket": (TICKETS, _TICKETS),
    "ticket_event": (CALLS, f"select {uuid(3, 'n')}, {uuid(1, 'n')}, 1, {_at()}, 'a1', 'opened', '{{}}', 1"),
    "call": (
        CALLS,
        f"select {uuid(2, 'n')}, 'main', 'inbound', 'acme',"
        f" case when n % 4 = 0 then '+8210often' else '+8210' || n end, '+82200', null, 'support', {_at()}, {_at()},"
        f" {_at()}, 'completed', 'agent', 3, 1",
    ),
    "call_event": (OTHERS, f"select {uuid(4, 'n')}, {uuid(2, 'n / 5')}, n % 5, {_at()}, 'arrived', '{{}}', 1"),
    "offer": (OTHERS, f"select {uuid(5, 'n')}, {uuid(2, 'n')}, 'a' || n % 97, {_at()}, {_at()}, 'answered', 1"),
    "scenario_step": (
        OTHERS,
        f"select {uuid(10, 'n')}, {uuid(2, 'n / 5')}, n % 5, 'acme', 'menu', '1', {_at()}, 1, 1",
    ),
    "queue_visit": (
        OTHERS,
        f"select {uuid(12, 'n')}, {uuid(2, 'n')}, 1, 'acme', 'inbound', 'q' || n % 7, 'new', null, null, null, {_at()},"
        f" {_at()}, 'answered', null, 'a' || n % 97, null, 1, null, null, 60, 0, null, false, 3, 1",
    ),
    "call_interval": (
        OTHERS,
        f"select {uuid(14, 'n')}, {uuid(2, 'n')}, {uuid(12, 'n')}, 1, 'acme', 'inbound', 'q' || n % 7, 'talking',"
        f" 'agent', 'a' || n % 97, null, null, {_at()}, {_at()}, 'call_ended', false, 1",
    ),
    "transfer": (
        OTHERS,
        f"select {uuid(15, 'n')}, {uuid(2, 'n')}, 1, 'acme', 'q' || n % 7, 'direct', 'a' || n % 97, 'a1', '1001', null,"
        f" null, {_at()}, {_at()}, {_at()}, {_at()}, 'completed', false, 1",
    ),
    "agent_state_change": (
        OTHERS,
        f"select {uuid(6, 'n')}, 'a' || n % 97, n, 'ready', 'idle', 'ready', 'ringing', null, 'offered', null, {_at()},"
        " 1, 1",
    ),
    "login": (OTHERS, f"select {uuid(8, 'n')}, 'a' || n % 97, {_at()}, {_at()}, 'self', null, 1"),
    "gap": (OTHERS, f"select {uuid(9, 'n')}, 'node', 'main', {_at()}, {_at()}, 1"),
    "hours_override": (
        OTHERS,
        f"select {uuid(11, 'n')}, 'office', 'closed', {_at()}, 'operator', {_at()}, {_at()}, 'expired', null, 1",
    ),
    "callback": (
        OTHERS,
        f"select {uuid(12, 'n')}, 'voicemail', 'acme', 'support', '+82' || n, '', 'done', 'a1', {_at()}, null, null, 0,"
        f" {uuid(2, 'n')}, null, {uuid(13, 'n')}, '', {_at()}, 2, 1",
    ),
    "recording": (
        OTHERS,
        f"select {uuid(13, 'n')}, {uuid(2, 'n')}, null, 'acme', 'deleted', {_at()}, {_at()}, '[]', null, null, 1, null,"
        " 5, 1",
    ),
    "audit": (
        OTHERS,
        f"select {uuid(14, 'n')}, {_at()}, 's' || n % 7, '192.0.2.1', 'logout', 'a' || n % 97, '{{}}', 1",
    ),
    "monitor": (
        OTHERS,
        f"select {uuid(15, 'n')}, {uuid(2, 'n')}, {uuid(2, 'n')}, 's' || n % 7, 'listen', {_at()}, {_at()},"
        " 'stopped', 1",
    ),
    "checkpoint": (2_000, f"select 'call', {uuid(2, 'n')}::text, '{{}}', 1"),
    "frequent_number": (2_000, f"select {uuid(7, 'n')}, 'a' || n % 97, '+82' || n, 'label', 1"),
}


async def fill(url: str) -> None:
    """Fill a migrated, empty database with all of it."""
    await fill_with(url, [_filling(table) for table in _FILLINGS])


async def fill_with(url: str, fillings: Sequence[str]) -> None:
    """Run what fills a migrated, empty database, two at a time. What need not be safe is not, and indexes are made when
    the rows are there."""
    async with asyncpg.create_pool(url, min_size=0, max_size=2, init=_hurry) as pool:
        indexes = await pool.fetch(_OWN_INDEXES)
        for index in indexes:
            await pool.execute(index["dropping"])
        for table in _FILLINGS:
            await pool.execute(f"alter table cti.{table} set unlogged")
        await asyncio.gather(*(pool.execute(filling) for filling in fillings))
        await asyncio.gather(*(pool.execute(index["indexdef"]) for index in indexes))
        await pool.execute("analyze")


async def _hurry(connection: asyncpg.Connection) -> None:
    await connection.execute("set synchronous_commit = off; set maintenance_work_mem = '256MB'")


def _filling(table: str) -> str:
    rows, select = _FILLINGS[table]
    return f"insert into cti.{table} {select} from generate_series(1, {rows}) as n"
