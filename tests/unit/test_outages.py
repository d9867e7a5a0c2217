"""What an operator is told of a Postgres that cannot be used: words of the bridge, never a library's."""

import asyncpg
import pytest

from cti_bridge.storage.outages import describe


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionError("unexpected connection_lost() call"), "the connection was lost"),
        (ConnectionResetError(104, "Connection reset by peer"), "the connection was lost"),
        (
            asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
            "the connection was lost",
        ),
        (TimeoutError(), "there was no answer in time"),
        (ConnectionRefusedError(111, "Connect call failed"), "nobody listens there"),
        (asyncpg.InvalidPasswordError("no"), "it refuses the user or the password"),
        (asyncpg.InvalidCatalogNameError("no"), "there is no database of that name"),
        (asyncpg.TooManyConnectionsError("no"), "max_connections"),
        (asyncpg.CannotConnectNowError("no"), "it is starting up"),
        (asyncpg.AdminShutdownError("no"), "it is shutting down"),
        (asyncpg.ReadOnlySQLTransactionError("no"), "a standby"),
        (asyncpg.DiskFullError("no"), "its disk is full"),
        (asyncpg.ProtocolViolationError("unsupported startup parameter: jit"), "ignore_startup_parameters"),
        (asyncpg.InvalidSQLStatementNameError("__asyncpg_stmt_1__"), "pool_mode = session"),
    ],
)
def test_a_fault_that_an_operator_can_mend_is_told_in_words(error: BaseException, words: str) -> None:
    described = describe(error)
    assert words in described
    assert "asyncpg" not in described and "connection_lost" not in described


def test_any_other_fault_is_told_by_its_kind_and_never_with_the_data() -> None:
    error = asyncpg.UndefinedTableError("relation of +821012345678")
    assert describe(error) == "UndefinedTableError 42P01"
