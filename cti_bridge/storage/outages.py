"""Whose fault an error of Postgres is: the one place that decides.

Only what Postgres says about the data itself (SQLSTATE classes 22 data exception, 23 integrity constraint
violation, 54 program limit exceeded; PostgreSQL manual, appendix A) is the row's fault. Everything else, from
a refused connection to a missing table, is not, and the rows wait until it is put right.
"""

import asyncpg

_ROW_CLASSES = ("22", "23", "54")

OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises when it cannot do what it was asked."""


def row_is_at_fault(error: BaseException) -> bool:
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate)[:2] in _ROW_CLASSES


def describe(error: BaseException) -> str:
    """For logs: the kind of error, and what it names in the schema; never the data in question."""
    if not isinstance(error, asyncpg.PostgresError):
        return f"{type(error).__name__}: {error}".rstrip(": ")
    names = (error.sqlstate, getattr(error, "table_name", None), getattr(error, "constraint_name", None))
    return " ".join([type(error).__name__, *(str(name) for name in names if name)])
