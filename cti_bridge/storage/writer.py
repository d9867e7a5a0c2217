"""The writer carries the outbox to Postgres: oldest first, a batch a transaction, one statement a table.

While Postgres is away the rows wait on disk, and the writer tries again after the database's pause. A row that Postgres
refuses is found by halving the batch. It is set aside in the spool and reported, and the rest goes on. A batch may be
written twice (a crash between Postgres's commit and the spool's). The statements make that harmless.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

import asyncpg
import structlog

from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.late import without_outrun
from cti_bridge.storage.outages import describe
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.spool_file import SpooledRow
from cti_bridge.supervisor import Watch, unwatched
from tickets.statements import load_statements
from tickets.store import WRITES as TICKET_WRITES

STATEMENTS = load_statements("cti_bridge.storage", "bridge.sql")

_KINDS = (
    "agent_state_change", "call", "call_event", "offer", "scenario_step", "queue_visit", "after_call_work",
    "call_interval", "transfer", "login", "gap", "hours_override", "callback", "recording", "audit", "monitor",
    "frequent_number",
)  # fmt: skip
WRITES = {kind: STATEMENTS[f"write_{kind}"] for kind in _KINDS} | TICKET_WRITES
"""The statement of each table: it takes a JSON array of rows."""

_log = structlog.get_logger(__name__)


PAUSE_AFTER_FAULT_S = 5.0


class UnknownKind(Exception):
    """A row is for a table without a statement."""


class Listener(Protocol):
    def written(self, seq: int) -> None:
        """Every row up to ``seq`` has left the outbox."""


LET_GO = "set local idle_in_transaction_session_timeout = '5s'"
"""With a spare: a machine that vanishes within a transaction must not keep its rows from the other one for hours."""
BATCH_ROWS = 500
"""The most rows in one transaction."""


class Writer:
    """``collect_s`` is the time for which rows gather, in seconds, so that those of a call share a transaction.
    ``batch`` is the most rows in one. ``back`` is told for how many seconds no row could be written. ``replaced``: this
    bridge does not act, so all its rows come late (:mod:`cti_bridge.storage.late`). The counters are for the
    metrics."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        listener: Listener,
        *,
        collect_s: float = 0.4,
        batch: int = BATCH_ROWS,
        watch: Watch = unwatched,
        back: Callable[[float], None] = lambda away_s: None,
        replaced: bool = False,
    ) -> None:
        self._replaced = replaced
        self._spool = spool
        self._database = database
        self._listener = listener
        self._collect_s = collect_s
        self._batch = batch
        self._watch = watch
        self._back = back
        self._away_since: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._epoch_noted = False
        self.rows_written = 0
        self.rows_refused = 0
        self.batches = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="writer")
        self._watch(self._task, lambda: self._stopping)

    async def stop(self, last_s: float = 2.0) -> None:
        """Write the committed rows for at most ``last_s`` seconds. The rest stays in the spool. A Postgres that hangs
        gets the same time to end its statement, and is then left."""
        self._stopping = True
        if self._task is None or await self._end(self._task, last_s):
            last = asyncio.create_task(self.drain(), name="last rows")
            await asyncio.wait({last}, timeout=last_s)
            await self._end(last, last_s)

    async def drain(self) -> None:
        """Write all committed rows of the spool, also those that come meanwhile. Raises DatabaseUnavailable. Rows that
        were written until then, or until a cancellation, stay written."""
        while await self._write_next():
            pass

    async def _end(self, task: asyncio.Task[None], within_s: float) -> bool:
        """Return whether the task ended before its connections had to be broken."""
        task.cancel()
        await asyncio.wait({task}, timeout=within_s)
        in_time = task.done()
        if not in_time:
            _log.warning("database_hung")
            self._database.drop()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(result, Exception) and not isinstance(result, DatabaseUnavailable):
            _log.error("writer_failed", exc_info=result)
        return in_time

    async def _run(self) -> None:
        while True:
            await self._spool.rows_came.wait()
            await asyncio.sleep(self._collect_s)
            self._spool.rows_came.clear()
            try:
                while await self._write_next() == self._batch:
                    pass
            except Exception as error:
                self._away_since = self._away_since or monotonic()
                self._spool.rows_came.set()
                await asyncio.sleep(self._pause_after(error))

    def _pause_after(self, error: Exception) -> float:
        if isinstance(error, DatabaseUnavailable):
            return self._database.retry_in_s
        _log.error("writer_failed", exc_info=error)
        return PAUSE_AFTER_FAULT_S

    async def _write_next(self) -> int:
        """Write the oldest batch. Return its number of rows."""
        rows = await self._spool.next_rows(self._batch)
        if rows:
            await self._write(rows)
        return len(rows)

    async def _write(self, rows: Sequence[SpooledRow]) -> None:
        try:
            async with self._database.connection() as connection, connection.transaction():
                if self._replaced or self._spool.unshipped is not None:
                    await connection.execute(LET_GO)
                if not self._epoch_noted:
                    await connection.execute(STATEMENTS["write_epoch"], self._spool.epoch)
                await _insert(connection, await self._without_outrun(connection, rows))
        except (asyncpg.PostgresError, UnknownKind) as error:
            if len(rows) > 1:
                await self._write(rows[: len(rows) // 2])
                await self._write(rows[len(rows) // 2 :])
            else:
                self._refuse(rows[0], error)
            return
        if self._away_since is not None:
            self._back(monotonic() - self._away_since)
            self._away_since = None
        self._epoch_noted = True
        self.batches += 1
        self.rows_written += len(rows)
        self._spool.written(rows)
        self._listener.written(rows[-1].seq)

    async def _without_outrun(self, connection: asyncpg.Connection, rows: Sequence[SpooledRow]) -> Sequence[SpooledRow]:
        """Return the rows without present states that come late. Without a spare none does."""
        if not self._replaced and rows[0].seq >= self._spool.late_before:
            return rows
        late = [row for row in rows if self._replaced or row.seq < self._spool.late_before]
        return [*await without_outrun(connection, late), *rows[len(late) :]]

    def _refuse(self, row: SpooledRow, error: Exception) -> None:
        _log.error("row_refused", kind=row.kind, seq=row.seq, reason=describe(error))
        self.rows_refused += 1
        self._spool.refuse(row, str(error))
        self._listener.written(row.seq)


async def _insert(connection: asyncpg.Connection, rows: Sequence[SpooledRow]) -> None:
    by_kind: defaultdict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row.payload)
    for kind, payloads in by_kind.items():
        if kind not in WRITES:
            raise UnknownKind(f"no table {kind}")
        await connection.execute(WRITES[kind], (b"[" + b",".join(payloads) + b"]").decode())
