"""One Postgres a test session, one database a test, copied from a migrated template."""

from collections.abc import AsyncIterator
from itertools import count

import asyncpg
import pytest

from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.storage.migrate import migrate

_numbers = count(1)


@pytest.fixture(scope="session")
async def postgres_server() -> AsyncIterator[EmbeddedPostgres]:
    """Shared by the session: never stop it; who wants to do that starts one."""
    async with EmbeddedPostgres() as server:
        connection = await asyncpg.connect(await server.create_database("migrated"))
        await migrate(connection)
        await connection.close()
        yield server


@pytest.fixture
async def empty_database_url(postgres_server: EmbeddedPostgres) -> str:
    """A database without our schema."""
    return await postgres_server.create_database(f"test_{next(_numbers)}")


@pytest.fixture
async def database_url(postgres_server: EmbeddedPostgres) -> str:
    """A database with our schema and no rows."""
    return await postgres_server.create_database(f"test_{next(_numbers)}", template="migrated")
