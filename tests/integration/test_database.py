"""The pool before a Postgres that is hung, and with an address that the driver cannot read."""

import asyncio
import time
from pathlib import Path

import pytest

from cti_bridge.storage.database import Database, DatabaseUnavailable
from tests.support.hung_postgres import HungPostgres
from tests.support.storage import call_event, storage

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
        with pytest.raises(DatabaseUnavailable, match="Timeout"):
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
