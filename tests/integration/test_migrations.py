"""The schema on a real Postgres: applied once, edited or newer ones refused, enumerations and columns as they
must be."""

import asyncio
import importlib.util
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.records import (
    AgentStateChange,
    CallbackRow,
    CallEvent,
    CallRow,
    GapRow,
    HoursOverrideRow,
    LoginRow,
    OfferRow,
    QueueVisit,
    RecordingRow,
    ScenarioStep,
)
from cti_bridge.domain.floor.intervals import STAGES
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.callbacks import CallbackKind, CallbackStatus, RecordingKind, RecordingState
from cti_bridge.domain.model.words import (
    AfterCall,
    Cause,
    Direction,
    EndedBy,
    LoginEnd,
    OfferKind,
    OfferResult,
    Outcome,
    OverrideEnd,
    TransferKind,
    TransferResult,
    Unseen,
    VisitExit,
    VisitKind,
    VisitReason,
)
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.migrate import Migration, MigrationRefused, migrate, migrations
from tests.support.changed import field_names
from tests.support.storage import fetch
from tickets.ticket import TicketEvent, TicketEventType, TicketStatus, TicketSummary

DOCS = Path(__file__).parents[2] / "docs"


async def run(url: str, wanted: list[Migration]) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return await migrate(connection, wanted)
    finally:
        await connection.close()


def test_each_migration_has_a_number_of_its_own_and_none_is_left_out() -> None:
    """Another program is told to be compatible by these numbers."""
    found = [one.number for one in migrations() if one.component == "bridge"]
    assert [int(number) for number in found] == list(range(1, len(found) + 1))


async def test_an_empty_database_gets_everything_once(empty_database_url: str) -> None:
    first = await run(empty_database_url, migrations())
    again = await run(empty_database_url, migrations())

    assert (first, again) == ([f"{one.component}/{one.name}" for one in migrations()], [])
    assert first.index("bridge/0001_calls.sql") < first.index("tickets/0001_tickets.sql")


async def test_two_processes_that_migrate_at_once_do_it_once(empty_database_url: str) -> None:
    applied = await asyncio.gather(*(run(empty_database_url, migrations()) for _ in range(4)))

    assert sorted(len(names) for names in applied) == [0, 0, 0, len(migrations())]


async def test_an_edited_migration_is_refused(database_url: str) -> None:
    edited = [replace(migration, sql=migration.sql + "-- more") for migration in migrations()]

    with pytest.raises(MigrationRefused, match=r"bridge/0001_calls\.sql was edited"):
        await run(database_url, edited)


async def test_a_newer_database_is_refused_and_nothing_is_applied(database_url: str) -> None:
    newer = Migration("bridge", "0002_later.sql", "create table cti.later (id integer)")
    await run(database_url, [*migrations(), newer])
    wanted = [*migrations(), Migration("bridge", "0003_other.sql", "create table cti.other (id integer)")]

    with pytest.raises(MigrationRefused, match=r"newer than this program: it has the migration bridge/0002_later\.sql"):
        await run(database_url, wanted)

    assert await fetch(database_url, "select 1 from pg_tables where tablename = 'other'") == []


async def test_a_migration_may_take_longer_than_any_other_question(empty_database_url: str) -> None:
    slow = Migration("bridge", "0003_slow.sql", "select pg_sleep(2.5)")
    connection = await asyncpg.connect(empty_database_url, command_timeout=2)
    try:
        assert "bridge/0003_slow.sql" in await migrate(connection, [*migrations(), slow])
    finally:
        await connection.close()


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    broken = Migration("bridge", "0002_broken.sql", "create table cti.half (id integer); select nonsense")

    with pytest.raises(asyncpg.UndefinedColumnError):
        await run(empty_database_url, [*migrations(), broken])

    assert await fetch(empty_database_url, "select 1 from pg_tables where schemaname = 'cti'") == []


async def test_a_database_that_does_not_fit_is_unavailable_and_says_why(database_url: str) -> None:
    await run(database_url, [*migrations(), Migration("bridge", "0002_later.sql", "select 1")])
    database = Database(database_url)

    with pytest.raises(DatabaseUnavailable, match="newer than this program"):
        async with database.connection():
            pass

    assert database.fault is not None
    assert "newer than this program" in database.fault
    await database.close()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("agent_state_change_status", Status),
        ("agent_state_change_state", AgentState),
        ("agent_state_change_cause", Cause),
        ("call_direction", Direction),
        ("call_outcome", Outcome),
        ("call_ended_by", EndedBy),
        ("offer_result", OfferResult),
        ("offer_kind", OfferKind),
        ("queue_visit_kind", VisitKind),
        ("queue_visit_reason", VisitReason),
        ("queue_visit_exit", VisitExit),
        ("agent_state_change_after_call_kind", AfterCall),
        ("call_interval_stage", STAGES),
        ("call_interval_ended_with", Cause),
        ("transfer_kind", TransferKind),
        ("transfer_result", TransferResult),
        ("gap_what", Unseen),
        ("hours_override_ended_why", OverrideEnd),
        ("callback_kind", CallbackKind),
        ("callback_status", CallbackStatus),
        ("recording_state", RecordingState),
        ("recording_kind", RecordingKind),
        ("login_ended_by", LoginEnd),
        ("ticket_status", TicketStatus),
        ("ticket_event_type", TicketEventType),
    ],
)
async def test_the_enumerations_in_sql_are_those_of_python(
    database_url: str, constraint: str, values: Collection[str]
) -> None:
    (found,) = await fetch(
        database_url, "select pg_get_constraintdef(oid) as sql from pg_constraint where conname = $1", constraint
    )

    assert set(re.findall(r"'(\w+)'", found["sql"])) == {str(value) for value in values}


WRITTEN_LATER = {"recording": {"legal_hold", "erased_by", "place", "leftover"}}
"""Columns that are changed in Postgres alone (:mod:`cti_bridge.storage.recording_archive`)."""


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("agent_state_change", AgentStateChange),
        ("call", CallRow),
        ("call_event", CallEvent),
        ("offer", OfferRow),
        ("scenario_step", ScenarioStep),
        ("queue_visit", QueueVisit),
        ("call_interval", CallInterval),
        ("transfer", TransferRow),
        ("gap", GapRow),
        ("hours_override", HoursOverrideRow),
        ("callback", CallbackRow),
        ("recording", RecordingRow),
        ("audit", AuditRow),
        ("login", LoginRow),
        ("ticket", TicketSummary),
        ("ticket_event", TicketEvent),
    ],
)
async def test_a_table_has_the_columns_of_its_record_and_the_epoch(database_url: str, table: str, row: type) -> None:
    found = await fetch(
        database_url,
        "select column_name from information_schema.columns where table_schema = 'cti' and table_name = $1",
        table,
    )

    written = set(field_names(row)) | {"epoch"} | WRITTEN_LATER.get(table, set())
    assert {column["column_name"] for column in found} == written


async def test_every_column_says_what_it_is_and_the_page_of_tables_is_up_to_date(database_url: str) -> None:
    spec = importlib.util.spec_from_file_location("dictionary", DOCS / "dictionary.py")
    assert spec is not None and spec.loader is not None
    dictionary = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dictionary)

    rows = await dictionary.read(database_url)

    assert [(row["table"], row["column"]) for row in rows if not (row["says"] and row["about"])] == []
    assert (DOCS / "data.md").read_text() == dictionary.page(rows), "run make dictionary"
