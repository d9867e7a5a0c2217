"""Brings a database up to the schema that this program knows. The files are the truth: a file is applied
once, in the order of its number, and never edited afterwards.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from tickets.store import MIGRATIONS as TICKETS

SOURCES = (("bridge", "cti_bridge.storage.migrations"), TICKETS)

_LOCK = 0x63_74_69
"""The advisory lock that keeps two processes from migrating at once."""

_PREPARE = """
create schema if not exists cti;
create table if not exists cti.migration (
    component text, name text, checksum text not null, applied_at timestamptz not null default now(),
    primary key (component, name)
);
"""


class MigrationRefused(Exception):
    """The database does not fit this program; the message says how."""


@dataclass(frozen=True, slots=True)
class Migration:
    component: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Those of the program, in order."""
    return [
        Migration(component, file.name, file.read_text(encoding="utf-8"))
        for component, package in SOURCES
        for file in sorted(files(package).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
    ]


async def migrate(connection: asyncpg.Connection, wanted: Sequence[Migration] | None = None) -> list[str]:
    """Applies what is missing, all or nothing, and returns its names. Raises MigrationRefused, and what
    asyncpg raises."""
    wanted = migrations() if wanted is None else wanted
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(_PREPARE)
        rows = await connection.fetch("select component, name, checksum from cti.migration")
        applied = {(row["component"], row["name"]): row["checksum"] for row in rows}
        _check(wanted, applied)
        missing = [migration for migration in wanted if (migration.component, migration.name) not in applied]
        for migration in missing:
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into cti.migration (component, name, checksum) values ($1, $2, $3)",
                migration.component,
                migration.name,
                migration.checksum,
            )
    return [f"{migration.component}/{migration.name}" for migration in missing]


def _check(wanted: Sequence[Migration], applied: dict[tuple[str, str], str]) -> None:
    known = {(migration.component, migration.name): migration.checksum for migration in wanted}
    for key, checksum in sorted(applied.items()):
        name = "/".join(key)
        if key not in known:
            raise MigrationRefused(f"the database is newer than this program: it has the migration {name}")
        if known[key] != checksum:
            raise MigrationRefused(f"the migration {name} was edited after this database had applied it")
