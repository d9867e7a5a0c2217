"""Deletes rows that are older than the house wants to keep them, in small portions, oldest first.

A call goes with its events, its offers and its ticket. It stays as long as its ticket is not resolved, or had an event
since. The last change of each agent stays, for the next start goes on from it. A call-back stays until it is dealt with
and its message is deleted, a recording until its file is.

Tickets are also in memory and in the spool. They are forgotten there first: what is deleted must be found nowhere, and
a comment on a ticket in memory would write half a ticket back.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog

from cti_bridge.regularly import Regular
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.writer import STATEMENTS
from cti_bridge.supervisor import Watch, unwatched

PORTION = 200
"""The most calls, or other rows, in one transaction."""
PAUSE_S = 0.5
"""The seconds after a portion that was deleted: rows that are written go first. One of which all is kept only costs a
look."""
LOOK_PAUSE = 0.1
"""The part of that pause after such a look."""
EVERY_S = 3600.0
FIRST_AFTER_S = 60.0
DAY_S = 86_400.0

_FORGET = (
    "forget_agent_states",
    "forget_logins",
    "forget_gaps",
    "forget_hours_overrides",
    "forget_audit",
    "forget_monitors",
    "forget_callbacks",  # Before recordings, which say whether a message can still be heard.
    "forget_recordings",
)
_BEGINNING = (float("-inf"), "00000000-0000-0000-0000-000000000000")

_log = structlog.get_logger(__name__)


class Tickets(Protocol):
    """The ticket desk."""

    def let_go(self, ticket_ids: Iterable[str]) -> set[str]: ...

    def gone(self, ticket_ids: Iterable[str]) -> None: ...


class Refused(Protocol):
    """The spool, which keeps the rows that Postgres has refused."""

    def forget_refused(self, before: float) -> None: ...


class Retention:
    """``keep_days`` gives the days for which rows are kept, by the present configuration; 0: for ever. ``clock`` gives
    POSIX seconds."""

    def __init__(
        self,
        database: Database,
        tickets: Tickets,
        refused: Refused,
        keep_days: Callable[[], int],
        *,
        clock: Callable[[], float],
        watch: Watch = unwatched,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._database, self._tickets, self._refused = database, tickets, refused
        self._keep_days, self._clock = keep_days, clock
        self._pause_s = pause_s
        self._job = Regular(
            "retention",
            self.forget,
            first_after_s=FIRST_AFTER_S,
            every_s=EVERY_S,
            passes=(DatabaseUnavailable,),
            failed="old_rows_not_deleted",
            watch=watch,
        )

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def forget(self) -> int:
        """Delete all that is too old now, and return the number of calls and other rows. Raises DatabaseUnavailable,
        asyncpg.PostgresError; portions that were deleted stay deleted."""
        days = self._keep_days()
        if not days:
            return 0
        before = self._clock() - days * DAY_S
        self._refused.forget_refused(before)
        deleted = {"forget_calls": await self._calls(before)}
        deleted |= {name: await self._all(name, before) for name in _FORGET}
        if any(deleted.values()):
            _log.info("old_rows_deleted", keep_days=days, **deleted)
        return sum(deleted.values())

    async def _calls(self, before: float) -> int:
        deleted, place = 0, _BEGINNING
        while True:
            async with self._database.connection() as connection:
                calls = await connection.fetch(STATEMENTS["old_calls"], before, PORTION, *place)
                found = await self._delete(connection, calls)
            deleted += found
            if len(calls) < PORTION:
                return deleted
            place = (calls[-1]["arrived_at"], calls[-1]["id"])
            await asyncio.sleep(self._pause_s if found else self._pause_s * LOOK_PAUSE)

    async def _delete(self, connection: Any, calls: Iterable[Any]) -> int:
        """Delete those calls that nothing keeps, in one transaction, and return their number."""
        over = [call for call in calls if call["is_over"]]
        tickets = self._tickets.let_go(call["ticket_id"] for call in over if call["ticket_id"] is not None)
        wanted = [call["id"] for call in over if call["ticket_id"] is None or call["ticket_id"] in tickets]
        try:
            found: int = await connection.fetchval(STATEMENTS["forget_calls"], wanted) if wanted else 0
        finally:
            self._tickets.gone(tickets)
        return found

    async def _all(self, name: str, before: float) -> int:
        deleted = 0
        while found := await self._portion(name, before):
            deleted += found
            await asyncio.sleep(self._pause_s)
        return deleted

    async def _portion(self, name: str, before: float) -> int:
        async with self._database.connection() as connection:
            found: int = await connection.fetchval(STATEMENTS[name], before, PORTION)
        return found
