"""Postgres: a small pool that connects on demand, and refuses at once when an attempt is of no use.

After a failure no attempt is made until a pause is over, which grows with each failure. The schema is brought up to
date on the first connection. A database that does not fit the program counts as unavailable, with its reason in words.

Readers have connections of their own number. However many are slow, rows are written on. A slow reader is no outage.
After a switch-over the sessions of before may be of no use. An error that says so ends them all, for new ones may work.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import asyncpg
import structlog

from cti_bridge.storage.migrate import MigrationRefused, migrate, newer
from cti_bridge.storage.outages import OUTAGES, describe, row_is_at_fault, session_is_at_fault
from cti_bridge.storage.session import SESSION, AddressWrong, address_is_at_fault, connect

_log = structlog.get_logger(__name__)

MOST_READERS = 4
"""The most readers at once, each with a connection. More of them wait for their turn."""
_WRITERS = 3
"""The most connections of others: the writer, and two tasks that end soon after a start."""
SHORTEST_RETRY_S = 0.2
LONGEST_RETRY_S = 5.0


class DatabaseUnavailable(Exception):
    """Postgres cannot be used at the moment. The message says why, without credentials."""


class MayWrite(Protocol):
    @property
    def closed(self) -> bool:
        """Nothing may be written now."""

    async def passed(self) -> bool:
        """Wait until something may be written. Return False when nothing may any more."""


class DatabaseBusy(DatabaseUnavailable):
    """Postgres is there, and has no time for this reader: others are slow, or this one was."""


class Database:
    """``url`` is a libpq connection URI. Nothing is connected before it is needed. ``may_write`` says whether rows may
    be written: a bridge whose spare acts writes none."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout_s: float = 3.0,
        command_timeout_s: float = 10.0,
        may_write: MayWrite | None = None,
    ) -> None:
        self._may_write = may_write
        self._url = url
        self._connect_timeout_s = connect_timeout_s
        self._command_timeout_s = command_timeout_s
        self._pool: asyncpg.Pool | None = None
        self._fits = False
        """The schema was looked at since the sessions began."""
        self._opening = asyncio.Lock()
        self._readers = asyncio.Semaphore(MOST_READERS)
        self._rows_failed = False
        """A failure was no reader's, so a reader who succeeds says nothing of it."""
        self._failures = 0
        self._retry_at = 0.0
        self.fault: str | None = None
        """The reason why the last attempt failed; None when it succeeded, or there was none yet."""

    @property
    def retry_in_s(self) -> float:
        """The seconds for which :meth:`connection` will refuse at once."""
        return max(0.0, self._retry_at - time.monotonic())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a database that fits. Raises DatabaseUnavailable, from inside the block too. Errors that are
        the row's fault pass through as asyncpg raises them. A cancellation of the block stays a cancellation."""
        if self._may_write is not None and self._may_write.closed and not await self._may_write.passed():
            raise DatabaseUnavailable("another bridge acts")
        try:
            async with self._used() as connection:
                yield connection
        except DatabaseUnavailable:
            self._rows_failed = True
            raise
        self._worked()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for a reader; no other may wait for it. Raises as :meth:`connection`, and DatabaseBusy: there
        was no turn for the reader, or its question took too long."""
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._readers.acquire()
        except TimeoutError:
            raise DatabaseBusy("all connections for readers are taken") from None
        try:
            async with self._used(reader=True) as connection:
                yield connection
        finally:
            self._readers.release()
        if not self._rows_failed:
            self._worked()

    async def session(self) -> asyncpg.Connection:
        """Begin a session beside those of the pool, for who asks for much: it is the caller's. Raises AddressWrong, and
        whatever asyncpg raises."""
        return await connect(self._url, self._connect_timeout_s)

    @asynccontextmanager
    async def _used(self, *, reader: bool = False) -> AsyncIterator[asyncpg.Connection]:
        if self.retry_in_s:
            raise DatabaseUnavailable(self.fault)
        cancelled_before = _cancellations()
        try:
            pool = await self._open()
            async with pool.acquire(timeout=self._connect_timeout_s) as connection:
                yield connection
        except (*OUTAGES, MigrationRefused, AddressWrong) as error:
            if _cancellations() > cancelled_before:
                # After a cancellation a silent server fails the ROLLBACK, and that error replaces the cancellation.
                raise asyncio.CancelledError from error
            if row_is_at_fault(error):
                if not reader:
                    self._worked()
                raise
            if reader and isinstance(error, TimeoutError) and await self._answers():
                raise DatabaseBusy("the question took too long") from error
            await self._failed(error)
            raise DatabaseUnavailable(self.fault) from error

    async def _answers(self) -> bool:
        """Return whether Postgres answers a question that costs nothing."""
        pool = self._pool
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                return pool is not None and await pool.fetchval("select true") is True
        except OUTAGES:
            return False

    def drop(self) -> None:
        """Break every connection to a server that does not answer. Their users get DatabaseUnavailable."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), self._connect_timeout_s)
            except TimeoutError:
                pool.terminate()

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                pool = await self._new_pool()
                try:
                    await self._reach(pool)
                    await self._look_at_schema(pool)
                except BaseException:
                    pool.terminate()
                    raise
                self._pool = pool
            elif not self._fits:
                await self._look_at_schema(self._pool)
            return self._pool

    async def _look_at_schema(self, pool: asyncpg.Pool) -> None:
        """Bring the schema up to date. Raises MigrationRefused, and whatever asyncpg raises."""
        async with pool.acquire(timeout=self._connect_timeout_s) as connection:
            applied = await migrate(connection)
            unknown = await newer(connection)
        if applied:
            _log.info("database_migrated", applied=applied)
        if unknown:
            _log.info("database_newer", migrations=unknown)
        self._fits = True

    async def _new_pool(self) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=MOST_READERS + _WRITERS,
            timeout=self._connect_timeout_s,
            command_timeout=self._command_timeout_s,
            server_settings=SESSION,
        )

    async def _reach(self, pool: asyncpg.Pool) -> None:
        """Connect once. The driver reads the address only then, and its error about an unreadable address may hold the
        password. Raises AddressWrong."""
        try:
            await pool.release(await pool.acquire(timeout=self._connect_timeout_s))
        except (ValueError, LookupError, OverflowError) as error:
            if address_is_at_fault(error):
                raise AddressWrong("the address is wrong") from None
            raise

    async def _failed(self, error: BaseException) -> None:
        if self._pool is not None and session_is_at_fault(error):
            # A connection in use goes on, and ends when its user gives it back.
            await self._pool.expire_connections()
            self._fits = False
        self.fault = str(error) if isinstance(error, MigrationRefused | AddressWrong) else describe(error)
        self._failures += 1
        longest = min(LONGEST_RETRY_S, SHORTEST_RETRY_S * 2.0 ** min(self._failures - 1, 10))
        self._retry_at = time.monotonic() + longest * random.uniform(0.5, 1.0)
        if self._failures == 1:
            _log.warning("database_unavailable", reason=self.fault)

    def _worked(self) -> None:
        if self._failures:
            _log.info("database_back", failures=self._failures)
        self._failures = 0
        self._retry_at = 0.0
        self._rows_failed = False
        self.fault = None


def _cancellations() -> int:
    """Return how many cancellations of the present task are requested."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()
