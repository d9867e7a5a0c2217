"""Debian's pgbouncer between the bridge and Postgres: what is supported works, what is not is said, and so is a
certificate that nobody trusts."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cti_bridge.config.connect import Finding, connect_checks
from cti_bridge.local.ports import claim_ports
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.local.postgres_home import make_directory, postgres_user
from cti_bridge.settings import load_settings
from cti_bridge.storage.database import Database, DatabaseUnavailable
from tests.support.certificates import Certificate, make_certificate
from tests.support.configuration import ENVIRONMENT, configuration
from tests.support.debian_programs import listens, running

SUPPORTED = "pool_mode = session\nignore_startup_parameters = jit,synchronous_commit\n"
CONFIG = """\
[databases]
{name} = host={socket} dbname={name} user=cti
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
"""


@asynccontextmanager
async def pgbouncer(
    server: EmbeddedPostgres, url: str, more: str, tls: Certificate | None = None
) -> AsyncIterator[str]:
    """The address of a pgbouncer before that database. It refuses to run as root."""
    user, ports = postgres_user(), claim_ports(1)
    directory = make_directory(Path(tempfile.mkdtemp(prefix="cti-pgbouncer-")), user)
    name = url.partition("@/")[2].partition("?")[0]
    text = CONFIG.format(name=name, socket=server.url.partition("host=")[2], port=ports.first) + more
    if tls is not None:
        for file in (tls.cert, tls.key):
            shutil.copy(file, directory)
        text += f"client_tls_sslmode = require\nclient_tls_cert_file = {directory}/cert.pem\n"
        text += f"client_tls_key_file = {directory}/key.pem\n"
    (directory / "pgbouncer.ini").write_text(text)
    if user is not None:
        for file in directory.iterdir():
            os.chown(file, user.pw_uid, user.pw_gid)
    try:
        with running("pgbouncer", [directory / "pgbouncer.ini"], directory, user):
            async with asyncio.timeout(20):
                await listens(ports.first)
            yield f"postgresql://cti@127.0.0.1:{ports.first}/{name}"
    finally:
        ports.release()
        shutil.rmtree(directory, ignore_errors=True)


async def check(directory: Path, url: str) -> list[Finding]:
    """The findings of ``check-config --connect`` about the database."""
    path = configuration(directory) / "cti_bridge.toml"
    found = await connect_checks(load_settings(path, {**ENVIRONMENT, "CTI_BRIDGE_DATABASE__URL": url}))
    return [finding for finding in found if finding.where == "database"]


def bad(found: list[Finding]) -> str:
    return "; ".join(finding.text for finding in found if not finding.good)


async def test_a_pooler_by_session_is_supported_as_the_docs_have_it(
    tmp_path: Path, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    async with pgbouncer(postgres_server, database_url, SUPPORTED) as url:
        assert bad(await check(tmp_path, url)) == ""
        database = Database(url)
        async with database.connection() as connection:
            assert await connection.fetchval("show synchronous_commit") == "on"
        await database.close()


async def test_a_pooler_that_refuses_the_settings_of_a_session_is_said_by_check_and_bridge(
    tmp_path: Path, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    async with pgbouncer(postgres_server, database_url, "pool_mode = session\n") as url:
        assert "refuses the session's setting jit" in bad(await check(tmp_path, url))
        database = Database(url)
        with pytest.raises(DatabaseUnavailable, match="ignore_startup_parameters"):
            async with database.connection():
                pass


@pytest.mark.parametrize("mode", ["transaction", "transaction\nserver_round_robin = 1"])
async def test_a_pooler_by_transaction_is_refused_by_the_check_though_it_answers(
    mode: str, tmp_path: Path, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    more = SUPPORTED.replace("session", mode, 1)
    async with pgbouncer(postgres_server, database_url, more) as url:
        assert "pool_mode = session" in bad(await check(tmp_path, url))


async def test_settings_that_a_pooler_drops_may_not_make_rows_unsafe(
    tmp_path: Path, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    name = database_url.partition("@/")[2].partition("?")[0]
    database = Database(database_url)
    async with database.connection() as connection:
        await connection.execute(f"alter database {name} set synchronous_commit = off")
    await database.close()
    async with pgbouncer(postgres_server, database_url, SUPPORTED) as url:
        assert "before they are on disk" in bad(await check(tmp_path, url))


async def test_a_certificate_that_nobody_trusts_is_called_so_by_check_and_bridge(
    tmp_path: Path, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    (tmp_path / "other").mkdir()
    theirs, other = make_certificate(tmp_path, "127.0.0.1"), make_certificate(tmp_path / "other", "127.0.0.1")
    async with pgbouncer(postgres_server, database_url, SUPPORTED, theirs) as url:
        trusted, untrusted = (f"{url}?sslmode=verify-full&sslrootcert={one.authority}" for one in (theirs, other))
        assert bad(await check(tmp_path, trusted)) == ""
        assert "its certificate cannot be trusted" in bad(await check(tmp_path, untrusted))
        database = Database(untrusted)
        with pytest.raises(DatabaseUnavailable, match="certificate cannot be trusted"):
            async with database.connection():
                pass
