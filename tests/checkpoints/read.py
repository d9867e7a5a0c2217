"""The files, and a spool made of one of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent


def files() -> list[Path]:
    """Those of all releases."""
    return sorted(HERE.glob("v*/*.sql"))


def spool_of(file: Path, directory: Path) -> Path:
    """The spool, as the release has left it on disk."""
    path = directory / "spool.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(file.read_text())
    return path
