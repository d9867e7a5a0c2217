"""Closes rows in Postgres that earlier runs have left open.

Each start takes up the content of the spool and writes its end later. A row may be open in Postgres and not in the
spool: a spool was lost, an entry cannot be read, or the spool is an older copy. Such a row is closed once, as soon as
Postgres is there and has the rows that were found at the start. Its true end may be among them.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.writer import STATEMENTS, Listener
from cti_bridge.supervisor import Watch, unwatched

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_PAUSE_AFTER_FAULT_S = 60.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The ids of objects that a start has found and goes on with."""

    calls: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    """The rows of overrides of opening hours."""
    agents: list[str] = field(default_factory=list)
    """The agents whose last change the start knew."""


class Closing:
    """Stands between the writer and its listener, which tells when the older rows are written. ``began_at`` is POSIX
    seconds. ``wait_s`` are the seconds for which the rows of another machine may still come."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        goes_on: GoesOn,
        then: Listener,
        *,
        began_at: float,
        wait_s: float = 0.0,
        watch: Watch = unwatched,
    ) -> None:
        self._wait_s = wait_s
        self._database, self._then, self._watch = database, then, watch
        self._goes_on, self._began_at, self._epoch = goes_on, began_at, spool.epoch
        self._found = spool.found_through
        self._written = asyncio.Event()
        if not self._found:
            self._written.set()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def written(self, seq: int) -> None:
        """As :class:`cti_bridge.storage.writer.Listener` says."""
        if seq >= self._found:
            self._written.set()
        self._then.written(seq)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="closing")
        self._watch(self._task, lambda: True)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        await self._written.wait()
        await asyncio.sleep(self._wait_s)
        while True:
            try:
                await self.close_what_is_open()
                return
            except DatabaseUnavailable:
                pause_s = min(max(self._database.retry_in_s, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)
            except Exception:
                # Open rows stay open; they must not cost the calls of today.
                _log.exception("earlier_runs_not_closed")
                pause_s = _PAUSE_AFTER_FAULT_S
            await asyncio.sleep(pause_s)

    async def close_what_is_open(self) -> None:
        """Close the open rows. A second time does no harm. Raises DatabaseUnavailable, asyncpg.PostgresError."""
        goes_on = self._goes_on
        async with self._database.connection() as connection, connection.transaction():
            calls = await connection.fetch(STATEMENTS["close_calls"], self._epoch, goes_on.calls)
            offers = await connection.fetch(STATEMENTS["close_offers"], self._epoch, goes_on.offers)
            await connection.execute(STATEMENTS["close_queue_visits"], self._epoch, goes_on.calls)
            await connection.execute(STATEMENTS["close_logins"], self._epoch, goes_on.logins)
            await connection.execute(STATEMENTS["close_hours_overrides"], self._epoch, goes_on.overrides)
            agents = await connection.fetch(
                STATEMENTS["close_agent_states"], self._epoch, goes_on.agents, self._began_at
            )
        if calls or offers or agents:
            _log.warning(
                "earlier_runs_closed",
                calls=_ids(row["call_id"] for row in calls),
                offers=len(offers),
                agents=_ids(row["cti_id"] for row in agents),
            )


def _ids(found: Iterable[object]) -> list[str]:
    """Return a few of the ids for the log: a lost spool may leave hundreds."""
    return [str(one) for one in found][:20]
