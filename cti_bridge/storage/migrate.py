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

LONGEST_S = 3600.0
"""An index over years of rows takes longer than anything else that is asked of Postgres."""

_LOCK = 0x63_74_69
"""The advisory lock that keeps two processes from migrating at once."""

_PREPARE = """
create schema if not exists cti;
create table if not exists cti.migration (
    component text, name text, checksum text not null, applied_at timestamptz not null default now(),
    primary key (component, name)
);
"""


_RIGHTS = """
select current_database() as database, current_user as name,
    has_database_privilege(current_database(), 'create') as on_database,
    coalesce(has_schema_privilege(to_regnamespace('cti')::oid, 'create'), true) as on_schema
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
        missing = await _missing(connection, wanted)
        for migration in missing:
            await connection.execute(migration.sql, timeout=LONGEST_S)
            await connection.execute(
                "insert into cti.migration (component, name, checksum) values ($1, $2, $3)",
                migration.component,
                migration.name,
                migration.checksum,
            )
    return [f"{migration.component}/{migration.name}" for migration in missing]


async def pending(connection: asyncpg.Connection) -> list[str]:
    """The names of what :func:`migrate` would apply; raises what it would. Changes nothing."""
    wanted = migrations()
    if await connection.fetchval("select to_regclass('cti.migration') is not null"):
        wanted = await _missing(connection, wanted)
    return [f"{migration.component}/{migration.name}" for migration in wanted]


async def missing_grants(connection: asyncpg.Connection) -> list[str]:
    """The statements that would let the connection's user :func:`migrate`. Postgres asks for the right to create even
    where the schema and the table are there already. Changes nothing."""
    row = await connection.fetchrow(_RIGHTS)
    asked = (("on_database", f'on database "{row["database"]}"'), ("on_schema", "on schema cti"))
    return [f'grant create {where} to "{row["name"]}"' for right, where in asked if not row[right]]


async def _missing(connection: asyncpg.Connection, wanted: Sequence[Migration]) -> list[Migration]:
    """Raises MigrationRefused."""
    rows = await connection.fetch("select component, name, checksum from cti.migration")
    applied = {(row["component"], row["name"]): row["checksum"] for row in rows}
    _check(wanted, applied)
    return [migration for migration in wanted if (migration.component, migration.name) not in applied]


def _check(wanted: Sequence[Migration], applied: dict[tuple[str, str], str]) -> None:
    known = {(migration.component, migration.name): migration.checksum for migration in wanted}
    for key, checksum in sorted(applied.items()):
        name = "/".join(key)
        if key not in known:
            raise MigrationRefused(f"the database is newer than this program: it has the migration {name}")
        if known[key] != checksum:
            raise MigrationRefused(f"the migration {name} was edited after this database had applied it")
