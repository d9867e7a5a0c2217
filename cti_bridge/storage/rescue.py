"""Saves the readable part of a damaged spool in a new one beside it.

Each table is read from both ends, as far as that goes, from a copy; the damaged file itself is not touched. Lost are
rows on damaged pages, and rows between the first and the last of these. The operator decides whether the bridge goes on
with the result: the disk may be failing, and the newest rows may be missing.
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cti_bridge.storage.spool_file import SpoolFile

_TABLES = {
    "outbox": ("seq, kind, at, payload", "seq"),
    "checkpoint": ("kind, id, state", "kind {0}, id"),
    "refused": ("id, kind, at, payload, error", "id"),
    "unreadable": ("number, at, kind, id, state, reason", "number"),
    "meta": ("name, value", "name"),
}
"""By table, its columns and the order of its rows."""


@dataclass(frozen=True, slots=True)
class Saved:
    """``path`` None: no row could be read."""

    path: Path | None
    rows: int = 0
    entries: int = 0

    def told(self) -> dict[str, object]:
        """Words for the log: the saved rows, and the next step."""
        if self.path is None:
            return {"saved": None, "text": "Nothing of it can be read. Move it away, and start without it."}
        return {
            "saved": str(self.path),
            "rows": self.rows,
            "entries": self.entries,
            "text": "Move it away, put what was saved in its place or begin without it, and start.",
        }


def rescue(path: Path) -> Saved:
    """Make ``PATH.saved``. Never raises for the content of the file, nor for a full disk."""
    target = path.with_name(path.name + ".saved")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{path.name}.copy-") as directory:
            copy = Path(directory) / path.name
            for end in ("", "-wal"):
                if path.with_name(path.name + end).exists():
                    shutil.copyfile(path.with_name(path.name + end), copy.with_name(copy.name + end))
            found = _read(copy)
            if not (found["outbox"] or found["checkpoint"]):
                return Saved(None)
            made = Path(directory) / "saved"
            _write(made, found)
            os.replace(made, target)
    except (OSError, sqlite3.Error):
        return Saved(None)
    return Saved(target, len(found["outbox"]), len(found["checkpoint"]))


def _read(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.text_factory = lambda text: text.decode(errors="replace")
        return {name: _both_ends(database, name, *how) for name, how in _TABLES.items()}


def _both_ends(database: sqlite3.Connection, table: str, columns: str, order: str) -> list[tuple[Any, ...]]:
    first, whole = _as_far(database, f"select {columns} from {table} order by {order.format('')}")
    if whole:
        return first
    last, _ = _as_far(database, f"select {columns} from {table} order by {order.format('desc')} desc")
    return list(dict.fromkeys([*first, *reversed(last)]))


def _as_far(database: sqlite3.Connection, query: str) -> tuple[list[tuple[Any, ...]], bool]:
    found: list[tuple[Any, ...]] = []
    try:
        for row in database.execute(query):
            found.append(row)
    except sqlite3.Error:
        return found, False
    return found, True


def _write(path: Path, found: dict[str, list[tuple[Any, ...]]]) -> None:
    SpoolFile(path).close()
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        for table, (columns, _) in _TABLES.items():
            marks = ", ".join("?" * len(columns.split(", ")))
            database.executemany(f"insert or ignore into {table} ({columns}) values ({marks})", found[table])
        # With a spare: what was shipped is whole, and goes before states of which some may be missing.
        database.execute("delete from meta where name = 'shipped_epoch'")
