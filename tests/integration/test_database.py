"""The pool before a Postgres that is hung, slow, or switched over, and with an address that the driver cannot read."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.storage.database import MOST_READERS, Database, DatabaseBusy, DatabaseUnavailable
from tests.support.hung_postgres import HungPostgres
from tests.support.storage import call_event, fetch, storage
from tickets.store import TicketQuery

UNREADABLE = [
    "postgresql://cti:Sup3rSecret/x@db.example/cti",
    "postgresql://cti:Sup3r#Secret@db.example/cti",
    "postgresql://cti:Sup3r[Secret@db.example/cti",
    "postgresql://cti@db.example:54x2/Sup3rSecret",
    "postgresql://cti@127.0.0.1:99999/Sup3rSecret",
    "postgresql://cti@db.example/cti?Sup3rSecret",
    "postgresql://cti@a,,Sup3rSecret/cti",
    "postgresql://cti@127.0.0.1:1/cti?sslmode=Sup3rSecret",
]


@pytest.mark.parametrize("url", UNREADABLE)
async def test_given_an_address_that_the_driver_cannot_read_then_unavailable_and_no_word_of_it_is_said(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailable) as raised:
        async with database.connection():
            pass
    assert str(raised.value) == database.fault == "the address is wrong"
    said = "".join(capsys.readouterr())
    assert "database_unavailable" in said and "Secret" not in said
    await database.close()


async def test_given_a_hung_server_when_its_user_is_cancelled_then_it_ends_as_cancelled(database_url: str) -> None:
    async def use(database: Database) -> None:
        async with database.connection() as connection, connection.transaction():
            await connection.execute("select 'hang'")

    async with HungPostgres(database_url, b"hang") as server:
        database = Database(server.url, command_timeout_s=0.3, connect_timeout_s=0.3)
        user = asyncio.create_task(use(database))
        await asyncio.wait_for(server.hung.wait(), 20)
        user.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(user), 20)
        assert user.cancelled()
        database.drop()


async def test_given_a_hung_server_when_nobody_is_cancelled_then_unavailable(database_url: str) -> None:
    async with HungPostgres(database_url, b"hang") as server:
        database = Database(server.url, command_timeout_s=0.3, connect_timeout_s=0.3)
        with pytest.raises(DatabaseUnavailable, match="no answer in time"):
            async with database.connection() as connection, connection.transaction():
                await connection.execute("select 'hang'")
        database.drop()


async def test_given_a_hung_server_when_the_writer_is_stopped_then_it_stops_in_time_and_the_rows_stay(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        HungPostgres(database_url, b"insert into cti.call_event") as server,
        storage(tmp_path, server.url) as parts,
    ):
        await parts.writer.start()
        parts.journal.record([call_event()], {}, time.time())
        await parts.journal.committed()
        await asyncio.wait_for(server.hung.wait(), 20)
        began = time.monotonic()
        await parts.writer.stop(last_s=0.2)
        assert time.monotonic() - began < 5, "a command may take 10 s"
        assert parts.spool.backlog_rows == 1


async def test_given_a_server_that_hangs_when_the_last_rows_are_written_then_the_writer_stops_in_time(
    tmp_path: Path, database_url: str
) -> None:
    async with (
        HungPostgres(database_url, b"insert into cti.call_event") as server,
        storage(tmp_path, server.url) as parts,
    ):
        parts.journal.record([call_event()], {}, time.time())
        await parts.journal.committed()
        began = time.monotonic()
        await parts.writer.stop(last_s=1)
        assert server.hung.is_set()
        assert time.monotonic() - began < 6, "a command may take 10 s"
        assert parts.spool.backlog_rows == 1


# ------------------------------------------------------------------------------------ after a switch-over

NEW_SESSION = ["25006", "57P01", "57P02", "57P03", "57P04", "57P05", "08006", "08003", "28000", "28P01", "42501"]
SAME_SESSION = ["23505", "22003", "40001", "42P01", "53100", "57014"]


async def session_after(url: str, code: str) -> tuple[int, int]:
    """The server's processes of a session in which the error comes, and of the next one."""
    database = Database(url)
    pids: list[int] = []

    async def use(statement: str) -> None:
        await asyncio.sleep(database.retry_in_s)
        async with database.connection() as connection:
            pids.append(connection.get_server_pid())
            await connection.execute(statement)

    with pytest.raises((DatabaseUnavailable, asyncpg.PostgresError)):
        await use(f"do $$ begin raise exception using errcode = '{code}'; end $$")
    await use("select 1")
    await database.close()
    return pids[0], pids[1]


async def test_given_an_error_of_the_session_then_the_next_attempt_has_a_new_one_and_after_others_it_stays(
    database_url: str,
) -> None:
    pids = {code: await session_after(database_url, code) for code in (*NEW_SESSION, *SAME_SESSION)}
    assert [code for code, (first, second) in pids.items() if first != second] == NEW_SESSION


@asynccontextmanager
async def sessions_of_before_read_only(server: EmbeddedPostgres, url: str) -> AsyncIterator[None]:
    """Sessions that exist may only read from now on, and new ones of this database may write: a switch-over as its
    clients see it."""
    (row,) = await fetch(url, "select current_database() as name")
    await fetch(url, f"alter database {row['name']} set default_transaction_read_only = off")
    await fetch(url, "alter system set default_transaction_read_only = on")
    await fetch(url, "select pg_reload_conf()")
    try:
        yield
    finally:
        await fetch(url, "alter system reset default_transaction_read_only")
        await fetch(url, "select pg_reload_conf()")


async def test_given_a_switch_over_that_leaves_sessions_read_only_then_rows_flow_on(
    tmp_path: Path, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        await parts.writer.start()
        parts.journal.record([call_event()], {}, time.time())
        await parts.watch.emptied()
        async with sessions_of_before_read_only(postgres_server, database_url):
            # A session that is found to be so at once is given to nobody.
            with contextlib.suppress(DatabaseUnavailable):
                async with parts.database.reading() as connection, asyncio.timeout(20):
                    while await connection.fetchval("show transaction_read_only") == "off":
                        pass
            parts.journal.record([call_event()], {}, time.time())
            await parts.journal.committed()
            await parts.watch.emptied()
            assert parts.database.fault is None
        await parts.writer.stop()
    assert await fetch(database_url, "select count(*) from cti.call_event") == [{"count": 2}]


# ------------------------------------------------------------------------------------ readers that are slow


async def read(database: Database, sql: str) -> object:
    async with database.reading() as connection:
        return await connection.fetchval(sql)


async def test_given_as_many_slow_readers_as_there_may_be_then_rows_are_written_and_one_more_is_told(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with storage(tmp_path, database_url) as parts:
        parts.database._connect_timeout_s = 0.5
        slow = [asyncio.create_task(read(parts.database, "select pg_sleep(60)")) for _ in range(MOST_READERS)]
        sleeping = "select count(*) as number from pg_stat_activity where query = 'select pg_sleep(60)'"
        async with asyncio.timeout(20):
            while await fetch(database_url, sleeping) != [{"number": MOST_READERS}]:
                pass
        with pytest.raises(DatabaseBusy):
            await read(parts.database, "select 1")
        with pytest.raises(StorageUnavailable):
            await parts.journal.desk.search(TicketQuery(("acme",)))
        parts.journal.record([call_event()], {}, time.time())
        await parts.drained()
        assert (parts.spool.backlog_rows, parts.database.fault) == (0, None)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert await read(parts.database, "select 1") == 1
    assert "database_unavailable" not in "".join(capsys.readouterr())


async def test_given_a_question_that_takes_too_long_then_its_reader_alone_is_refused(database_url: str) -> None:
    database = Database(database_url, command_timeout_s=0.2)
    with pytest.raises(DatabaseBusy, match="too long"):
        await read(database, "select pg_sleep(60)")
    assert (database.fault, database.retry_in_s) == (None, 0)
    assert await read(database, "select 1") == 1
    await database.close()


async def test_given_a_hung_server_when_a_reader_finds_it_then_it_is_an_outage(database_url: str) -> None:
    async with HungPostgres(database_url, b"hang") as server:
        database = Database(server.url, command_timeout_s=0.3, connect_timeout_s=0.3)
        with pytest.raises(DatabaseUnavailable) as raised:
            await read(database, "select 'hang'")
        assert not isinstance(raised.value, DatabaseBusy)
        assert database.fault is not None
        database.drop()
