"""A session with Postgres: how it begins, for the bridge and for the commands alike, and whether it is one of our own.

A pooler in between may refuse the settings that a session begins with, or give each transaction to another session.
"""

import asyncio
import ssl

import asyncpg

SESSION = {"application_name": "cti-bridge", "jit": "off", "synchronous_commit": "on"}
"""A row leaves the spool when Postgres has acknowledged it, so the acknowledgement must mean that it is on disk,
whatever the server's default says."""

_TRIES = 4
"""The transactions in which another session is looked for. A pooler may take turns among its sessions."""


class AddressWrong(Exception):
    """The address is wrong."""


def address_is_at_fault(error: BaseException) -> bool:
    """Return whether the driver could not read the address; its error may then hold the password. An error about a
    certificate is a ValueError, too."""
    return isinstance(error, ValueError | LookupError | OverflowError) and not isinstance(error, ssl.SSLError)


async def connect(url: str, timeout_s: float) -> asyncpg.Connection:
    """Begin a session as the bridge does. Raises AddressWrong, and whatever asyncpg raises."""
    try:
        return await asyncpg.connect(url, timeout=timeout_s, server_settings=SESSION)
    except (ValueError, LookupError, OverflowError) as error:
        if address_is_at_fault(error):
            raise AddressWrong("the address is wrong") from None
        raise


async def is_shared(connection: asyncpg.Connection, url: str, timeout_s: float) -> bool:
    """Return whether a pooler gives a client another session for each transaction. Then two clients are seen in one
    session, or one client in two."""
    async with asyncio.timeout(timeout_s):
        other = await connect(url, timeout_s)
        try:
            first = await _session(connection)
            for _ in range(_TRIES):
                async with other.transaction():
                    theirs, ours = await _session(other), await _session(connection)
                if ours in (theirs, None) or ours != first:
                    return True
        finally:
            await other.close(timeout=timeout_s)
    return False


async def _session(connection: asyncpg.Connection) -> int | None:
    """Return the number of the server's process; None when a pooler has lost the question between two sessions."""
    try:
        found: int = await connection.fetchval("select pg_backend_pid()")
    except asyncpg.InvalidSQLStatementNameError:
        return None
    return found


async def acknowledges_early(connection: asyncpg.Connection) -> bool:
    """Return whether Postgres says that a row is there before it is on disk, since a pooler has dropped our setting."""
    return bool(await connection.fetchval("show synchronous_commit") == "off")
