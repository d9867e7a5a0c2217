"""The spool's file: SQLite, its tables, and the few statements that work on them. Blocking; knows nothing of
asyncio.

``outbox`` and ``checkpoint`` are written in one transaction. With ``synchronous=FULL`` a commit that returned has
reached the disk. A row leaves the outbox when Postgres has it. A row that Postgres will never take stands in
``refused``, an unreadable entry of the checkpoint in ``unreadable``.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cti_bridge.storage.lock import FileLock

SCHEMA_VERSION = 1

_SCHEMA = """
create table outbox (seq integer primary key, kind text not null, at real not null, payload blob not null);
create table checkpoint (
    kind text not null, id text not null, state blob not null, primary key (kind, id)
) without rowid;
create table refused (
    id integer primary key, kind text not null, at real not null, payload blob not null, error text not null
);
create table meta (name text primary key, value integer not null) without rowid;
"""

_ADDED = """
create table if not exists unreadable (
    number integer primary key, at real not null, kind text not null, id text not null, state blob not null,
    reason text not null
);
"""
"""Tables and columns that later releases have added. Earlier ones need not know them: the way back stays open."""


class SpoolLocked(Exception):
    """Another process uses this spool. One spool serves one process."""


class SpoolUnusable(Exception):
    """The spool cannot be used; the message says why."""


class SpoolDamaged(Exception):
    """The file is no spool any more. The message is SQLite's."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the spool {path} is damaged: {reason}")
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class SpooledRow:
    """A row of the outbox. ``kind`` is the table it is for, ``payload`` a JSON object, ``at`` POSIX
    seconds."""

    seq: int
    kind: str
    at: float
    payload: bytes


@dataclass(frozen=True, slots=True)
class RefusedRow:
    row: SpooledRow
    error: str


@dataclass(slots=True)
class Batch:
    """The content of one transaction."""

    rows: list[SpooledRow] = field(default_factory=list)
    changes: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    replaced: bool = False
    """The checkpoint of before goes, and the changes are all of it."""
    written_through: int = 0
    """Rows up to this seq leave the outbox; 0: none."""
    refused: list[RefusedRow] = field(default_factory=list)
    epoch: int | None = None
    """The epoch that begins; None: none does."""
    meta: dict[str, int] = field(default_factory=dict)
    """Values of the table ``meta``, by name."""
    refused_kept_from: float = 0.0
    """Refused rows of before are deleted, POSIX seconds; 0: none."""

    @property
    def empty(self) -> bool:
        changed = self.rows or self.changes or self.refused or self.written_through or self.refused_kept_from
        return not (changed or self.epoch or self.replaced or self.meta)

    def followed_by(self, later: "Batch") -> "Batch":
        """Return both batches as one."""
        return Batch(
            rows=self.rows + later.rows,
            changes=later.changes if later.replaced else self.changes | later.changes,
            replaced=self.replaced or later.replaced,
            written_through=max(self.written_through, later.written_through),
            refused=self.refused + later.refused,
            epoch=later.epoch or self.epoch,
            meta=self.meta | later.meta,
            refused_kept_from=max(self.refused_kept_from, later.refused_kept_from),
        )


class SpoolFile:
    """Used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file. Make it (mode 0600) and its directory (0700) when there is none.

        Raises SpoolLocked, SpoolUnusable, SpoolDamaged.
        """
        self.path = self._open_at = path
        self._spare = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock_path = path.with_name(path.name + ".lock")
            self._lock = FileLock(self._lock_path)
        except BlockingIOError:
            raise SpoolLocked(f"another process uses the spool {path}") from None
        except OSError as error:
            raise SpoolUnusable(f"the spool {path} cannot be used: {error.strerror}") from error
        try:
            self._db = _connect(path)
        except (OSError, sqlite3.Error) as error:
            self._lock.release()
            if is_damage(error):
                raise SpoolDamaged(path, str(error)) from error
            raise SpoolUnusable(f"the spool {path} cannot be used: {error}") from error
        except SpoolUnusable:
            self._lock.release()
            raise
        self._identity = _identity(path)

    def commit(self, batch: Batch) -> None:
        """Write all of ``batch``, or nothing. Raises sqlite3.Error."""
        with self._db:
            self._db.execute("begin immediate")
            self._insert(batch.rows)
            if batch.replaced:
                self._db.execute("delete from checkpoint")
            self._change(batch.changes)
            self._db.executemany(
                "insert into refused (kind, at, payload, error) values (?, ?, ?, ?)",
                ((refused.row.kind, refused.row.at, refused.row.payload, refused.error) for refused in batch.refused),
            )
            if batch.refused_kept_from:
                self._db.execute("delete from refused where at < ?", (batch.refused_kept_from,))
            if batch.epoch is not None:
                self._set_meta("epoch", batch.epoch)
            for name, value in batch.meta.items():
                self._set_meta(name, value)
            if batch.rows:
                self._set_meta("last_seq", batch.rows[-1].seq)
            if batch.written_through:
                self._db.execute("delete from outbox where seq <= ?", (batch.written_through,))

    def checkpoint(self) -> dict[tuple[str, str], bytes]:
        """Return the entries of the checkpoint. Raises SpoolDamaged."""
        with self._found():
            return {
                (kind, identity): state if isinstance(state, bytes) else str(state).encode()
                for kind, identity, state in self._db.execute("select kind, id, state from checkpoint")
            }

    def entries(self) -> int:
        """Return the number of entries of the checkpoint. Raises SpoolDamaged."""
        with self._found():
            return int(self._db.execute("select count(*) from checkpoint").fetchone()[0])

    def set_aside(self, entries: Sequence[tuple[str, str, bytes, str]], at: float) -> None:
        """Take (kind, id, state, reason) out of the checkpoint, and keep them for an operator. Raises sqlite3.Error."""
        with self._db:
            self._db.execute("begin immediate")
            self._db.executemany(
                "insert into unreadable (at, kind, id, state, reason) values (?, ?, ?, ?, ?)",
                ((at, kind, shown(identity), state, shown(reason)) for kind, identity, state, reason in entries),
            )
            self._db.executemany(
                "delete from checkpoint where kind = cast(? as text) and id = cast(? as text)",
                ((_raw(kind), _raw(identity)) for kind, identity, *_ in entries),
            )

    def aside(self) -> list[tuple[str, str, bytes]]:
        """Return (kind, id, state) of the entries that were set aside, oldest first. Raises SpoolDamaged."""
        with self._found():
            return list(self._db.execute("select kind, id, state from unreadable order by number"))

    def payloads(self, kind: str) -> Iterator[bytes]:
        """Return the outbox's rows for one table, in order. Raises SpoolDamaged."""
        with self._found():
            for (payload,) in self._db.execute("select payload from outbox where kind = ? order by seq", (kind,)):
                yield payload

    def rows_after(self, seq: int, limit: int) -> list[SpooledRow]:
        """Return the outbox's rows after ``seq``, in order."""
        found = self._db.execute(
            "select seq, kind, at, payload from outbox where seq > ? order by seq limit ?", (seq, limit)
        )
        return [SpooledRow(*row) for row in found]

    def backlog(self) -> tuple[int, int, float | None]:
        """Return (number of rows, highest seq, time of the oldest). Raises SpoolDamaged."""
        query = "select count(*), coalesce(max(seq), 0), min(at), sum(length(payload)) from outbox"
        with self._found():
            count, last, oldest, _ = self._db.execute(query).fetchone()
            return int(count), int(last), oldest

    def refused(self) -> list[tuple[str, bytes, str]]:
        """Return (kind, payload, error) of every row that Postgres has refused, oldest first."""
        return list(self._db.execute("select kind, payload, error from refused order by id"))

    def meta(self, name: str) -> int | None:
        """Return the value under this name, or None. Raises SpoolDamaged."""
        with self._found():
            found = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
            return None if found is None else int(found[0])

    def close(self) -> None:
        try:
            self._db.close()
        finally:
            self._lock.release()

    # ------------------------------------------------------------------------------------- a file that is gone

    @property
    def is_there(self) -> bool:
        """Return whether the path still has the open file. It may have been removed, or its directory replaced, and
        then no written row would be found again."""
        return _identity(self.path) == self._identity

    def write_anew(self) -> None:
        """Write all of the file to its path again, from the open file that has no name any more. A file that is at the
        path now is moved aside. Raises sqlite3.Error, OSError; BlockingIOError when another process has begun with the
        file at the path."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._lock_path) if self._lock.moved(self._lock_path) else None
        try:
            self._spare += 1
            spare = self.path.with_name(f"{self.path.name}.anew-{os.getpid()}-{self._spare}")
            _copy(self._db, spare)
            # First this: closing it removes what is beside the path by name, and that must not be the new file's.
            self._db.close()
            before, self._open_at = self._open_at, spare
            try:
                _move_aside(self.path)
                os.replace(spare, self.path)
                self._open_at = self.path
            finally:
                self._db = _connect(self._open_at)
                if before != self.path:
                    before.unlink(missing_ok=True)
            self._identity = _identity(self.path)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        if lock is not None:
            self._lock.release()
            self._lock = lock

    @contextmanager
    def _found(self) -> Iterator[None]:
        """Read what a start finds."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError) as error:
            if isinstance(error, sqlite3.Error) and not is_damage(error):
                raise
            raise SpoolDamaged(self.path, str(error)) from error

    def _set_meta(self, name: str, value: int) -> None:
        self._db.execute("insert or replace into meta values (?, ?)", (name, value))

    def _insert(self, rows: Sequence[SpooledRow]) -> None:
        self._db.executemany(
            "insert into outbox (seq, kind, at, payload) values (?, ?, ?, ?)",
            ((row.seq, row.kind, row.at, row.payload) for row in rows),
        )

    def _change(self, changes: Mapping[tuple[str, str], bytes | None]) -> None:
        gone: Iterable[tuple[str, str]] = (key for key, state in changes.items() if state is None)
        kept = ((*key, state) for key, state in changes.items() if state is not None)
        self._db.executemany("delete from checkpoint where kind = ? and id = ?", gone)
        self._db.executemany("insert or replace into checkpoint values (?, ?, ?)", kept)


def is_damage(error: BaseException) -> bool:
    """Return whether SQLite says that the file holds something else than it should. A disk that is full or fails is no
    damage."""
    if not isinstance(error, sqlite3.Error):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _raw(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def shown(text: str) -> str:
    """Return a text of the file for people, whatever its bytes are."""
    return text.encode(errors="backslashreplace").decode()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _copy(source: sqlite3.Connection, path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    copy = sqlite3.connect(path)
    try:
        source.backup(copy)
    finally:
        copy.close()


def _move_aside(path: Path) -> None:
    """Move the file at the path aside, with SQLite's files beside it: another process may own it. Without a file at the
    path, SQLite's files are our own remains and are removed."""
    somebodys = path.exists()
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        if not somebodys:
            each.unlink(missing_ok=True)
        elif each.exists():
            os.replace(each, each.with_name(f"{each.name}.found-{os.getpid()}"))


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # One text that is no UTF-8 must not keep the others from being read.
    database.text_factory = lambda text: text.decode(errors="surrogateescape")
    try:
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=full")
        _prepare(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    version = database.execute("pragma user_version").fetchone()[0]
    if version == 0:
        database.executescript(f"begin; {_SCHEMA} pragma user_version = {SCHEMA_VERSION}; commit;")
    elif version != SCHEMA_VERSION:
        raise SpoolUnusable(
            f"the spool {path} is of version {version}, this program knows version {SCHEMA_VERSION}: "
            "use the program that made it, or let that drain it first"
        )
    database.executescript(f"begin; {_ADDED} commit;")
