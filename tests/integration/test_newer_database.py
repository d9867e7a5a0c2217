"""A program on a database that a newer release has migrated: it goes on where that release says it may."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.storage import migrate as module
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.migrate import Migration, MigrationRefused, migrate, migrations, newer
from tests.support.storage import call_row, fetch, storage

LAST = max(one.number for one in migrations() if one.component == "bridge")


def later(number: str, compatible: str = "", sql: str = "select 1", component: str = "bridge") -> Migration:
    return Migration(component, f"{number}_later.sql", f"-- compatible: {compatible}\n{sql};" if compatible else sql)


async def release(url: str, wanted: list[Migration]) -> tuple[list[str], list[str]]:
    """What a program of these migrations applies, and what it finds and does not know."""
    connection = await asyncpg.connect(url)
    try:
        return await migrate(connection, wanted), await newer(connection, wanted)
    finally:
        await connection.close()


async def test_given_a_newer_database_that_allows_it_then_an_older_program_goes_on(database_url: str) -> None:
    wider = later("0090", LAST, "alter table cti.call add column later text")
    assert await release(database_url, [*migrations(), wider]) == (["bridge/0090_later.sql"], [])

    assert await release(database_url, migrations()) == ([], ["bridge/0090_later.sql"])
    assert await release(database_url, [*migrations(), wider]) == ([], []), "and the newer one again"


async def test_given_a_newer_database_that_allows_it_then_the_older_program_writes_and_reads(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await release(database_url, [*migrations(), later("0090", LAST, "alter table cti.call add column later text")])

    async with storage(tmp_path, database_url) as parts:
        parts.journal.record([call_row()], {}, 1.0)
        await parts.drained()

    assert await fetch(database_url, "select queue, later from cti.call") == [{"queue": "support", "later": None}]
    assert "database_newer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("compatible", "words"),
    [
        ("", r"the database is newer than this program: it has the migration bridge/0090_later\.sql$"),
        (
            "0089",
            rf"it has the migration bridge/0090_later\.sql, which works with programs from 0089 on; "
            rf"this one knows {LAST}$",
        ),
    ],
)
async def test_given_a_newer_database_that_does_not_allow_it_then_it_is_refused_in_words(
    database_url: str, compatible: str, words: str
) -> None:
    await release(database_url, [*migrations(), later("0090", compatible)])

    with pytest.raises(MigrationRefused, match=words):
        await release(database_url, migrations())
    database = Database(database_url)
    with pytest.raises(DatabaseUnavailable, match=words):
        async with database.connection():
            pass
    await database.close()


async def test_given_several_newer_migrations_then_each_must_allow_it(database_url: str) -> None:
    allowing, narrowing = later("0090", LAST), later("0091", "0090")
    await release(database_url, [*migrations(), allowing, narrowing])

    with pytest.raises(MigrationRefused, match="0091_later"):
        await release(database_url, migrations())
    assert await release(database_url, [*migrations(), allowing]) == ([], ["bridge/0091_later.sql"])


async def test_given_a_component_that_is_new_then_it_says_itself_whether_older_programs_may_go_on(
    database_url: str,
) -> None:
    await release(database_url, [*migrations(), later("0001", "0000", component="reports")])

    assert await release(database_url, migrations()) == ([], ["reports/0001_later.sql"])


async def test_given_an_unknown_migration_among_the_known_ones_then_no_word_of_it_counts(database_url: str) -> None:
    await release(database_url, [*migrations(), later("0002", "0001")])

    with pytest.raises(MigrationRefused, match="0002_later"):
        await release(database_url, migrations())


async def test_given_a_newer_database_that_lacks_one_of_ours_then_nothing_is_applied(database_url: str) -> None:
    await release(database_url, [*migrations(), later("0095", LAST)])

    with pytest.raises(MigrationRefused, match=r"lacks bridge/0090_later\.sql"):
        await release(database_url, [*migrations(), later("0090", LAST, "create table cti.other (id integer)")])
    assert await fetch(database_url, "select 1 from pg_tables where tablename = 'other'") == []


async def test_given_a_database_of_a_release_that_knew_nothing_of_this_then_it_is_brought_up_to_date(
    database_url: str,
) -> None:
    await fetch(database_url, "alter table cti.migration drop column compatible")
    assert await release(database_url, migrations()) == ([], [])

    await fetch(
        database_url, "insert into cti.migration (component, name, checksum) values ('bridge', '0090_x.sql', '')"
    )
    with pytest.raises(MigrationRefused, match="newer than this program"):
        await release(database_url, migrations())


async def test_given_a_look_at_a_database_of_before_then_it_changes_nothing(database_url: str) -> None:
    await fetch(database_url, "alter table cti.migration drop column compatible")
    connection = await asyncpg.connect(database_url)
    try:
        assert await module.pending(connection) == []
        assert await newer(connection) == []
    finally:
        await connection.close()
    found = await fetch(database_url, "select 1 from information_schema.columns where column_name = 'compatible'")
    assert found == []


@pytest.mark.parametrize(
    "header", ["-- compatible 0003", "-- compatible: 3", "-- compatible: 0090", "--compatible: 0003"]
)
def test_given_a_word_on_compatibility_that_is_not_understood_then_the_migration_is_no_migration(header: str) -> None:
    with pytest.raises(ValueError, match=r"bridge/0090_later\.sql"):
        _ = replace(later("0090"), sql=header + "\nselect 1;").compatible


def test_given_the_migrations_of_the_program_then_what_they_say_is_understood() -> None:
    assert all(one.compatible is None or one.compatible < one.number for one in migrations())
