"""The spool as the event loop sees it. Staging never waits. A thread commits, many stagings a commit.

A commit takes all that was staged while the one before ran, or in the few milliseconds of ``gather_s`` after it. A
caller of :meth:`Spool.committed` ends the gathering at once. When the disk refuses a commit, its callers are told. The
staged rows stay in memory, and the commit is tried again until it succeeds.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog

from cti_bridge.storage.disk_pace import DiskPace
from cti_bridge.storage.spool_file import Batch, RefusedRow, SpooledRow, SpoolFile, is_damage
from cti_bridge.storage.unshipped import Unshipped
from cti_bridge.supervisor import Watch, unwatched

_log = structlog.get_logger(__name__)

T = TypeVar("T")

SHORTEST_RETRY_S = 0.1
LONGEST_RETRY_S = 2.0
LOOK_EVERY_S = 2.0
"""The pause between two checks that the file is still there, in seconds. A check is one stat."""

SEQS_AN_EPOCH = 2**30
"""The rows of an epoch are numbered from the epoch times this on. No epoch is given twice, also where the spool was
lost or an older copy was put back. So many rows take half a year at 60 a second. Epochs are POSIX times at most: 61
bits in all."""


class SpoolFailed(Exception):
    """The disk did not take the rows. They are kept in memory and tried again."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row for the table ``kind``. ``payload`` is a JSON object. ``at`` is the POSIX time from which the row's age
    counts."""

    kind: str
    payload: bytes
    at: float


class Spool:
    """Belongs to one event loop; only that loop's thread calls it."""

    def __init__(
        self, file: SpoolFile, gather_s: float, on_failure: Callable[[str], None], watch: Watch = unwatched
    ) -> None:
        self._file = file
        self._gather_s = gather_s
        self._on_failure = on_failure
        self._watch = watch
        self._closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._staged = Batch()
        self._waiting: list[asyncio.Future[None]] = []
        self._riding: list[asyncio.Future[None]] | None = None
        """The callers that wait for the commit that runs now; None when none runs."""
        self._commit: asyncio.Task[None] | None = None
        self._timer: asyncio.Handle | None = None
        self._due_at_once = False
        self._failures = 0
        self.pace = DiskPace()
        self._looking: asyncio.Task[None] | None = None
        self.gone: str | None = None
        """The reason why a file that was removed could not be written anew."""
        self.damaged = False
        """The file on disk is no spool any more."""
        self.written_anew = 0
        """How often the file had been removed and was written anew."""
        self._epoch = file.meta("epoch")
        self.fresh = self._epoch is None
        """No spool was found: no earlier state is known."""
        self.shipped_epoch = file.meta("shipped_epoch") or 0
        """The last epoch whose states were shipped, or taken over from another bridge; 0: none."""
        self.late_before = file.meta("late_before") or 0
        """Rows before this seq are of the time before states were taken over from another bridge."""
        count, self.found_through, self._oldest_at = file.backlog()
        """Seq of the last row that was found; 0: there was none."""
        self._last_seq = max(self.found_through, file.meta("last_seq") or 0)
        self._committed_rows = count
        self._written_through = 0
        self.set_aside_entries = len(file.aside())
        """The number of unreadable entries of the checkpoint that wait for an operator."""
        self._committed_through = self.found_through
        self.unshipped: Unshipped | None = None
        """The changes that are to be shipped; None: none are."""
        self.states_came = asyncio.Event()
        """Set when there is something to ship. Who ships clears it."""
        self.rows_came = asyncio.Event()
        """Set when rows may go to Postgres. The reader of the outbox clears it."""
        if count:
            self.rows_came.set()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        gather_s: float = 0.05,
        on_failure: Callable[[str], None] = lambda reason: None,
        watch: Watch = unwatched,
    ) -> "Spool":
        """Open the file. Blocking, for the start. ``on_failure`` is called each time a commit fails. Raises
        SpoolLocked, SpoolUnusable, SpoolDamaged."""
        file = SpoolFile(Path(path))
        try:
            return cls(file, gather_s, on_failure, watch)
        except BaseException:
            file.close()
            raise

    # ---------------------------------------------------------------------------------------------- the state

    @property
    def healthy(self) -> bool:
        """The last commit succeeded."""
        return self._failures == 0

    @property
    def problem(self) -> str | None:
        """The reason why committed rows are not safe; None when they are."""
        if self.gone is not None:
            return f"its file {self.path} is gone, and cannot be written anew: {self.gone}"
        if self.damaged:
            return f"its file {self.path} is damaged"
        return self.pace.problem if self.healthy else "the disk refuses to take it"

    def look_after(self) -> None:
        """Check that the file stays where it is, until :meth:`close`."""
        self._looking = asyncio.get_running_loop().create_task(self._look(), name="spool file")
        self._watch(self._looking, lambda: self._closing)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not await self._in_thread(lambda: self._file.is_there):
                await self._write_anew()

    async def _write_anew(self) -> None:
        """The file was removed, or its directory replaced, while it is open: write all of it again. If another process
        has begun with the new file, that process goes on and this one ends."""
        if self.gone is None:
            _log.error("spool_file_gone", file=str(self.path))
        try:
            await self._in_thread(self._file.write_anew)
        except BlockingIOError:
            raise SpoolFailed(f"the file {self.path} was replaced, and another process uses it") from None
        except (OSError, sqlite3.Error) as error:
            self.gone = str(error)
            return
        self.gone = None
        self.written_anew += 1
        _log.warning("spool_file_written_anew", file=str(self.path))

    @property
    def epoch(self) -> int:
        """The present epoch. Raises LookupError when a fresh spool has none yet."""
        if self._epoch is None:
            raise LookupError("a fresh spool has no epoch yet")
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Begin an epoch. Its rows get higher numbers than all before. It reaches the disk no later than its first row,
        so a disk that is full or hangs keeps nobody waiting."""
        self._epoch = self._staged.epoch = epoch
        self._last_seq = max(self._last_seq, epoch * SEQS_AN_EPOCH)
        self._wake(self._gather_s)

    @property
    def last_seq(self) -> int:
        """The highest seq that was given or belongs to an earlier epoch. A row's seq is higher than that of every
        earlier row, in any run."""
        return self._last_seq

    @property
    def backlog_rows(self) -> int:
        """Rows on disk that Postgres has not got yet."""
        return self._committed_rows

    @property
    def backlog_oldest_at(self) -> float | None:
        """The POSIX time of the oldest of these rows; None when there are none."""
        return self._oldest_at if self._committed_rows else None

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self._file.path

    def load(self) -> dict[tuple[str, str], bytes]:
        """Return the checkpoint, by (kind, id). Blocking, for the start, before any staging."""
        return self._file.checkpoint()

    def set_aside(self, entries: Sequence[tuple[str, str, bytes, str]], at: float) -> None:
        """Take (kind, id, state, reason) out of the checkpoint for good; an operator finds them in the table
        ``unreadable``. Blocking, for the start. Raises sqlite3.Error."""
        self._file.set_aside(entries, at)
        self.set_aside_entries = len(self.aside())
        if self.unshipped is not None:
            self.unshipped.lost()
            self.states_came.set()

    def aside(self) -> list[tuple[str, str, bytes]]:
        """Return (kind, id, state) of the entries that were set aside, also by earlier starts. Blocking, for the
        start."""
        return self._file.aside()

    def payloads(self, kind: str) -> Iterator[bytes]:
        """Return the outbox's rows for one table, in order. Blocking, for the start."""
        return self._file.payloads(kind)

    # ------------------------------------------------------------------------------------------------ staging

    def stage(self, outbox: Sequence[OutboxRow], changes: Mapping[tuple[str, str], bytes | None] | None = None) -> int:
        """Stage rows to send, and states as they are now (None: removed). No I/O. Rows and states that are staged
        without an await in between are committed together. Return the seq of the last row staged so far."""
        for row in outbox:
            self._last_seq += 1
            self._staged.rows.append(SpooledRow(self._last_seq, row.kind, row.at, row.payload))
        if changes:
            self._staged.changes.update(changes)
        self._wake(self._gather_s)
        return self._last_seq

    async def committed(self) -> None:
        """Return when all that has been staged up to now is on disk. Raises SpoolFailed when the disk refused it; the
        commit is tried again all the same. A cancellation stops the wait alone."""
        if self._staged.empty and self._riding is None:
            return
        waiter = asyncio.get_running_loop().create_future()
        if self._staged.empty and self._riding is not None:
            self._riding.append(waiter)
        else:
            self._waiting.append(waiter)
            self._wake(0)
        await waiter

    async def close(self) -> None:
        """Commit the staged rows, and close the file. A failed commit is not tried again. Raises SpoolFailed. Waits for
        a disk that hangs."""
        self._closing = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        try:
            await self.committed()
        finally:
            if self._timer is not None:
                self._timer.cancel()
            if self._commit is not None:
                self._commit.cancel()
                await asyncio.gather(self._commit, return_exceptions=True)
            self._fail(self._waiting, "it was closed")
            await self._in_thread(self._file.close)
            self._thread.shutdown(wait=False)

    # --------------------------------------------------------------------------------------- states for a spare

    def ship(self) -> Unshipped:
        """Note from now on what is to be shipped, and return these notes. Rows wait for their states."""
        unshipped = self.unshipped = Unshipped(self._committed_through)
        self._note_shipped(self.epoch)
        self.states_came.set()
        return unshipped

    def shipped(self) -> None:
        """Postgres has got states, so rows may follow."""
        if self._committed_rows:
            self.rows_came.set()

    async def checkpoint(self) -> dict[tuple[str, str], bytes]:
        """Return the checkpoint with all that is committed by now. Raises SpoolDamaged."""
        return await self._in_thread(self._file.checkpoint)

    async def entries(self) -> int:
        """Return the number of entries of the checkpoint that are committed by now. Raises SpoolDamaged."""
        return await self._in_thread(self._file.entries)

    async def adopt(self, states: Mapping[tuple[str, str], bytes], epoch: int) -> None:
        """Take these states in place of the own checkpoint, and begin an epoch, in one transaction. Rows in the outbox
        stay, and go to Postgres as those of their own epoch. What was staged and not committed is committed with it.
        Raises SpoolFailed; it is tried again all the same."""
        self._staged.replaced = True
        self._staged.changes = dict(states)
        self.late_before = self._staged.meta["late_before"] = epoch * SEQS_AN_EPOCH
        self.fresh = False
        self.set_epoch(epoch)
        self._note_shipped(epoch)
        await self.committed()

    async def keep_own(self, epoch: int) -> None:
        """Begin an epoch with the own states, where another bridge could have had newer ones and has not. Raises
        SpoolFailed; it is tried again all the same."""
        self.set_epoch(epoch)
        self._note_shipped(epoch)
        await self.committed()

    def _note_shipped(self, epoch: int) -> None:
        if epoch != self.shipped_epoch:
            self.shipped_epoch = self._staged.meta["shipped_epoch"] = epoch
            self._wake(self._gather_s)

    # --------------------------------------------------------------------------------------------- the outbox

    async def next_rows(self, limit: int) -> list[SpooledRow]:
        """Return the oldest committed rows, in order, without those that :meth:`written` has named. While states are
        shipped, without those whose states Postgres has not got."""
        rows = await self._in_thread(lambda: self._file.rows_after(self._written_through, limit))
        if rows:
            self._oldest_at = rows[0].at
        if self.unshipped is not None:
            through = self.unshipped.shipped_rows_through
            rows = [row for row in rows if row.seq <= through]
        return rows

    def written(self, rows: Sequence[SpooledRow]) -> None:
        """Postgres has these rows: the oldest ones, in order. They leave the disk with the next commit. A crash before
        it only means that they are written again."""
        if not rows:
            return
        self._written_through = self._staged.written_through = rows[-1].seq
        self._committed_rows -= len(rows)
        self._wake(self._gather_s)

    def refuse(self, row: SpooledRow, error: str) -> None:
        """Set the oldest row aside: Postgres will never take it."""
        self._staged.refused.append(RefusedRow(row, error))
        self.written([row])

    def forget_refused(self, before: float) -> None:
        """Delete the rows set aside that are of before that time, POSIX seconds."""
        self._staged.refused_kept_from = before
        self._wake(self._gather_s)

    async def refused(self) -> list[tuple[str, bytes, str]]:
        """Return (kind, payload, error) of the rows set aside, oldest first. Raises SpoolFailed."""
        await self.committed()
        return await self._in_thread(self._file.refused)

    # --------------------------------------------------------------------------------------------- committing

    def _wake(self, delay_s: float) -> None:
        """Begin a commit after ``delay_s``, unless one is running, which goes on by itself."""
        if self._commit is not None:
            return
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if delay_s or self._due_at_once:
                return
            self._timer.cancel()
        self._due_at_once = delay_s == 0
        self._timer = loop.call_soon(self._begin) if self._due_at_once else loop.call_later(delay_s, self._begin)

    def _begin(self) -> None:
        self._timer = None
        task = self._commit = asyncio.get_running_loop().create_task(self._run(), name="spool commit")
        # A task that has done its work has taken itself out of there.
        self._watch(task, lambda: self._closing or self._commit is not task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        """The task of the commits has ended by a fault. Fail its waiters; a new task takes the staged rows."""
        if self._commit is task:
            self._commit = None
            self._fail(self._waiting, "its task has ended")
            self._waiting = []

    async def _run(self) -> None:
        """Commit. Commit again at once when somebody waits, after a pause when the disk refused; else let rows
        gather."""
        while True:
            await self._commit_staged()
            if self._failures:
                await asyncio.sleep(_retry_in(self._failures))
            elif not self._waiting:
                break
        self._commit = None
        if not self._staged.empty:
            self._wake(self._gather_s)

    async def _commit_staged(self) -> None:
        batch, self._staged = self._staged, Batch()
        waiting = self._riding = self._waiting
        self._waiting = []
        try:
            with self.pace.measured():
                await self._in_thread(lambda: self._file.commit(batch))
        except Exception as error:
            self._staged = batch.followed_by(self._staged)
            self._failed(error, waiting)
            return
        finally:
            self._riding = None
        if self._failures:
            _log.info("spool_recovered", failures=self._failures)
        self._failures, self.damaged = 0, False
        self._count(batch)
        if self.unshipped is not None:
            self._note_unshipped(batch, self.unshipped)
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _count(self, batch: Batch) -> None:
        if not batch.rows:
            return
        if not self._committed_rows:
            self._oldest_at = batch.rows[0].at
        self._committed_rows += len(batch.rows)
        self._committed_through = batch.rows[-1].seq
        if self.unshipped is None:
            self.rows_came.set()

    def _note_unshipped(self, batch: Batch, unshipped: Unshipped) -> None:
        if batch.replaced:
            unshipped.lost()
        if batch.changes or batch.rows or batch.replaced:
            unshipped.committed(batch.changes, self._committed_through)
            self.states_came.set()

    def _failed(self, error: Exception, waiting: Sequence[asyncio.Future[None]]) -> None:
        self._failures += 1
        self.damaged = is_damage(error)
        self._fail(waiting, str(error))
        _log.error("spool_failed", error=str(error), failures=self._failures)
        self._on_failure(str(error))

    @staticmethod
    def _fail(waiting: Sequence[asyncio.Future[None]], reason: str) -> None:
        for waiter in waiting:
            if not waiter.done():
                waiter.set_exception(SpoolFailed(f"the spool cannot be written: {reason}"))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _retry_in(failures: int) -> float:
    longest = min(LONGEST_RETRY_S, SHORTEST_RETRY_S * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)
