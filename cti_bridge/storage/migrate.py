"""Brings a database up to the schema that this program knows. The files are the truth. Each is applied once, in the
order of its number, and never edited afterwards.

A line ``-- compatible: 0004`` in a file names the programs that work with its result though they do not know it: those
whose last migration of this component is 0004 or later. So the way back to an earlier release stays open. The number
stands in the database, for an earlier program does not have the file. A file without such a line closes the way back.
An unknown component counts from 0000.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from tickets.store import MIGRATIONS as TICKETS

SOURCES = (("bridge", "cti_bridge.storage.migrations"), TICKETS)

LONGEST_S = 3600.0
"""The limit of a migration, in seconds. An index over years of rows takes longer than any other statement."""

_LOCK = 0x63_74_69
"""The advisory lock that keeps two processes from migrating at once."""

_PREPARE = """
create schema if not exists cti;
create table if not exists cti.migration (
    component text, name text, checksum text not null, applied_at timestamptz not null default now(),
    primary key (component, name)
);
"""
_COMPATIBLE = "alter table cti.migration add column compatible text"
_HAS_COMPATIBLE = """
select exists (select from pg_attribute where attrelid = 'cti.migration'::regclass and attname = 'compatible')
"""
_WORD = re.compile(r"^--\s*compatible\b.*$", re.MULTILINE)
_NUMBER = re.compile(r"-- compatible: ([0-9]{4})")

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

    @property
    def number(self) -> str:
        return self.name[:4]

    @property
    def compatible(self) -> str | None:
        """Return the number from which on programs work with the migration without knowing it; None: no program does.
        Raises ValueError."""
        words = _WORD.findall(self.sql)
        if not words:
            return None
        found = _NUMBER.fullmatch(words[0])
        if len(words) > 1 or found is None or found[1] >= self.number:
            raise ValueError(f"{self.component}/{self.name}: one line '-- compatible: NUMBER', with a lower number")
        return found[1]


@dataclass(frozen=True, slots=True)
class _Applied:
    checksum: str
    compatible: str | None


def migrations() -> list[Migration]:
    """Return the migrations of the program, in order."""
    return [
        Migration(component, file.name, file.read_text(encoding="utf-8"))
        for component, package in SOURCES
        for file in sorted(files(package).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
    ]


async def migrate(connection: asyncpg.Connection, wanted: Sequence[Migration] | None = None) -> list[str]:
    """Apply the missing migrations, all or none, and return their names. Raises MigrationRefused, and whatever asyncpg
    raises. A cancellation applies none."""
    wanted = migrations() if wanted is None else wanted
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(_PREPARE)
        if not await connection.fetchval(_HAS_COMPATIBLE):
            await connection.execute(_COMPATIBLE)
        missing = await _missing(connection, wanted)
        for migration in missing:
            await connection.execute(migration.sql, timeout=LONGEST_S)
            await connection.execute(
                "insert into cti.migration (component, name, checksum, compatible) values ($1, $2, $3, $4)",
                migration.component,
                migration.name,
                migration.checksum,
                migration.compatible,
            )
    return [f"{migration.component}/{migration.name}" for migration in missing]


async def pending(connection: asyncpg.Connection) -> list[str]:
    """Return the names of the migrations that :func:`migrate` would apply. Raises as it would. Changes nothing."""
    wanted = migrations()
    if await connection.fetchval("select to_regclass('cti.migration') is not null"):
        wanted = await _missing(connection, wanted)
    return [f"{migration.component}/{migration.name}" for migration in wanted]


async def newer(connection: asyncpg.Connection, wanted: Sequence[Migration] | None = None) -> list[str]:
    """Return the names of migrations in the database that the program does not know. Changes nothing."""
    known = {(migration.component, migration.name) for migration in (migrations() if wanted is None else wanted)}
    return ["/".join(key) for key in sorted(await _applied(connection)) if key not in known]


async def missing_grants(connection: asyncpg.Connection) -> list[str]:
    """Return the statements that would let the connection's user :func:`migrate`. Postgres asks for the right to create
    even where the schema and the table exist already. Changes nothing."""
    row = await connection.fetchrow(_RIGHTS)
    asked = (("on_database", f'on database "{row["database"]}"'), ("on_schema", "on schema cti"))
    return [f'grant create {where} to "{row["name"]}"' for right, where in asked if not row[right]]


async def _missing(connection: asyncpg.Connection, wanted: Sequence[Migration]) -> list[Migration]:
    """Return the migrations that are missing. Raises MigrationRefused."""
    applied = await _applied(connection)
    unknown = _check(wanted, applied)
    missing = [migration for migration in wanted if (migration.component, migration.name) not in applied]
    for migration in missing:
        if migration.component in unknown:
            name = f"{migration.component}/{migration.name}"
            raise MigrationRefused(f"the database is newer than this program, and lacks {name}")
    return missing


async def _applied(connection: asyncpg.Connection) -> dict[tuple[str, str], _Applied]:
    """Return the applied migrations by component and name."""
    column = "compatible" if await connection.fetchval(_HAS_COMPATIBLE) else "null"
    rows = await connection.fetch(f"select component, name, checksum, {column} as compatible from cti.migration")
    return {(row["component"], row["name"]): _Applied(row["checksum"], row["compatible"]) for row in rows}


def _check(wanted: Sequence[Migration], applied: Mapping[tuple[str, str], _Applied]) -> set[str]:
    """Return the components of which the database has more than the program knows. Raises MigrationRefused when the
    database does not fit."""
    known = {(migration.component, migration.name): migration.checksum for migration in wanted}
    last: defaultdict[str, str] = defaultdict(lambda: "0000")
    for migration in wanted:
        last[migration.component] = max(last[migration.component], migration.number)
    unknown = set()
    for (component, name), found in sorted(applied.items()):
        whole = f"{component}/{name}"
        if (component, name) not in known:
            _check_unknown(whole, name[:4], found.compatible, last[component])
            unknown.add(component)
        elif known[component, name] != found.checksum:
            raise MigrationRefused(f"the migration {whole} was edited after this database had applied it")
    return unknown


def _check_unknown(whole: str, number: str, compatible: str | None, last: str) -> None:
    """Check one migration that the program does not know. ``last`` is the number of the program's last one. Raises
    MigrationRefused."""
    text = f"the database is newer than this program: it has the migration {whole}"
    # One among those that the program knows is of another line of releases, and its word is on those.
    if compatible is None or number <= last:
        raise MigrationRefused(text)
    if last < compatible:
        raise MigrationRefused(f"{text}, which works with programs from {compatible} on; this one knows {last}")
