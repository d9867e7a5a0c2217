"""The sessions with Postgres in which a question is answered, and the statements that they share.

A statement that adds up what lies in pieces of time is asked for in two sessions at once, each with every second piece:
Postgres has a process for each session, and can divide work of this kind among processes in no other way. Both sessions
see one state of the rows. Where no second session is to be had, the first one does all.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import asyncpg
import structlog

from cti_bridge.reports.queues import Fetch
from tickets.statements import load_statements

MOST_S = 60
"""The seconds after which a statement is ended."""
GIVEN_UP_WITHIN_S = 2.0
"""The seconds for a server to end a statement that is given up."""
_LEAST_PIECES = 8
"""Pieces of a period, however few intervals it has: each session is to have about the same work."""

BY_PIECE = load_statements("cti_bridge.reports", "pieces.sql")
STATEMENTS = {
    **{
        name: sql
        for file in ("queues.sql", "calls.sql", "agents.sql")
        for name, sql in load_statements("cti_bridge.reports", file).items()
    },
    **BY_PIECE,
}
_SETTINGS = f"""
    set local statement_timeout = '{MOST_S}s';
    set local work_mem = '64MB';
    -- The planner cannot know how few intervals there are, and would rather sort millions of rows, in one process.
    set local hash_mem_multiplier = 8;
    set local parallel_setup_cost = 0;
    set local parallel_tuple_cost = 0;
    set local plan_cache_mode = force_custom_plan;
    set local max_parallel_workers_per_gather = 1
"""

log = structlog.get_logger(__name__)

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Piece(NamedTuple):
    since: datetime
    till: datetime
    interval: int
    """The interval of the report, from 1, that the piece is of."""


def pieces(borders: Sequence[datetime]) -> list[Piece]:
    """Return the intervals between the borders, each cut into as many pieces as there are to be at least."""
    each = -(-_LEAST_PIECES // (len(borders) - 1))
    found: list[Piece] = []
    for interval, (since, till) in enumerate(pairwise(borders), 1):
        marks = [since, *(since + (till - since) / each * part for part in range(1, each)), till]
        found += (Piece(*ends, interval) for ends in pairwise(marks))
    return found


@contextlib.asynccontextmanager
async def sessions(connect: Connect, *, several: bool) -> AsyncIterator[Fetch]:
    """Begin a transaction that can only read, and yield what asks statements by their names. ``several``: those by
    piece are asked for in two sessions. Raises whatever ``connect`` and asyncpg raise."""
    first = await connect()
    others: list[asyncpg.Connection] = []
    try:
        transaction = first.transaction(isolation="repeatable_read", readonly=True)
        await transaction.start()
        await first.execute(_SETTINGS)
        if several:
            await _second(first, connect, others)
        yield _Asking([first, *others]).fetch
        await transaction.commit()
    except BaseException:
        await asyncio.gather(*(_give_up(connection) for connection in (first, *others)))
        raise
    finally:
        for connection in (first, *others):
            connection.terminate()


async def _give_up(connection: asyncpg.Connection) -> None:
    """End a session whose statement nobody waits for any more: the server is told, or it would count on. One that does
    not answer keeps the turn no longer than that; it would never answer to a rollback."""
    with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.close(timeout=GIVEN_UP_WITHIN_S)


class _Asking:
    def __init__(self, connections: Sequence[asyncpg.Connection]) -> None:
        self._connections = connections

    async def fetch(self, name: str, *values: Any) -> Sequence[Any]:
        sql = STATEMENTS[name]
        if name not in BY_PIECE:
            found: Sequence[Any] = await self._connections[0].fetch(sql, *values)
            return found
        cut, each = pieces(values[0]), len(self._connections)
        asked = (
            connection.fetch(sql, *map(list, zip(*cut[place::each], strict=True)), *values[1:])
            for place, connection in enumerate(self._connections)
        )
        return [row for part in await asyncio.gather(*asked) for row in part]


async def _second(first: asyncpg.Connection, connect: Connect, others: list[asyncpg.Connection]) -> None:
    """Begin one more session, which sees the rows as the first one does."""
    snapshot = await first.fetchval("select pg_export_snapshot()")
    try:
        others.append(other := await connect())
        await other.transaction(isolation="repeatable_read", readonly=True).start()
        await other.execute(f"set transaction snapshot '{snapshot}'; {_SETTINGS}")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.info("report_in_one_session", reason=str(error))
        while others:
            others.pop().terminate()
