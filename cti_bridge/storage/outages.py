"""Decides for each error of Postgres whether a row or the database is at fault.

An error about the data itself is the row's fault: SQLSTATE classes 22 data exception, 23 integrity constraint
violation, 54 program limit exceeded (PostgreSQL manual, appendix A). Any other error is not, from a refused connection
to a missing table. The rows then wait until it is put right.
"""

import re
import ssl

import asyncpg

_ROW_CLASSES = ("22", "23", "54")
_SESSION_CODES = ("08", "28", "25006", "42501", "57P0")
"""Beginnings of SQLSTATEs: connection exception, invalid authorization, read-only transaction, insufficient privilege,
operator intervention (shutdown, crash, not yet ready, database dropped, idle too long)."""

OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Errors of asyncpg when it cannot carry out a request."""


def row_is_at_fault(error: BaseException) -> bool:
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate)[:2] in _ROW_CLASSES


def session_is_at_fault(error: BaseException) -> bool:
    """Return whether a new session may work where this one fails, as after a switch-over: the server behind it has
    become a standby, was shut down, or knows other rights."""
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate).startswith(_SESSION_CODES)


def describe(error: BaseException) -> str:
    """Return words for the log: the kind of error and the names of the schema in it, never the data in question."""
    if words := _known(error):
        return words
    if not isinstance(error, asyncpg.PostgresError):
        return f"{type(error).__name__}: {error}".rstrip(": ")
    names = (error.sqlstate, getattr(error, "table_name", None), getattr(error, "constraint_name", None))
    return " ".join([type(error).__name__, *(str(name) for name in names if name)])


def _known(error: BaseException) -> str:
    """Return the words of an error that an operator can mend; empty for all others."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {error.verify_message}"
    if isinstance(error, asyncpg.ProtocolViolationError):
        refused = re.search(r"unsupported startup parameter: (\w+)", str(error))
        if refused:
            return f"a pooler refuses the session's setting {refused[1]}; pgbouncer: {IGNORED}"
    if isinstance(error, ConnectionRefusedError):
        return f"nobody listens there, or the network keeps us out: {error}"
    if isinstance(error, ConnectionError | asyncpg.PostgresConnectionError) and not isinstance(error, _TOLD_BY_SERVER):
        return "the connection was lost"
    if isinstance(error, TimeoutError):
        return "there was no answer in time"
    return next((words for kind, words in _WORDS.items() if isinstance(error, kind)), "")


IGNORED = "ignore_startup_parameters = jit,synchronous_commit"
POOLED_BY_TRANSACTION = (
    "a pooler gives each transaction another session, and the bridge needs one of its own: pool_mode = session"
)
OF_POOLERS = (asyncpg.ProtocolViolationError, asyncpg.InvalidSQLStatementNameError)
"""Errors that mean nothing to an operator in the words of Postgres."""
_TOLD_BY_SERVER = (asyncpg.ProtocolViolationError, asyncpg.ClientCannotConnectError)
_WORDS: dict[type[BaseException], str] = {
    asyncpg.InvalidSQLStatementNameError: POOLED_BY_TRANSACTION,
    asyncpg.InvalidAuthorizationSpecificationError: "it refuses the user or the password",
    asyncpg.InvalidCatalogNameError: "there is no database of that name",
    asyncpg.TooManyConnectionsError: "it has no connection left for us (max_connections)",
    asyncpg.CannotConnectNowError: "it is starting up or shutting down",
    asyncpg.AdminShutdownError: "it is shutting down",
    asyncpg.ReadOnlySQLTransactionError: "it takes no rows: a standby, or read-only",
    asyncpg.DiskFullError: "its disk is full",
}
