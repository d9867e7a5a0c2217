"""The table ``cti.checkpoint``: how a shipment is written, and how a spare loads what was shipped.

A shipment is one transaction, and has a number: that of the run's epoch, counted on. The number of the last one stands
in the entry ``shipped``. The whole checkpoint takes the lock of that entry first. It changes nothing when a higher
number stands there: it comes late, or from a bridge that another one has replaced. A shipment of changes is a single
statement. It changes nothing when another number stands there than that of its session's last shipment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from cti_bridge.storage.database import Database
from cti_bridge.storage.spool import SEQS_AN_EPOCH, Spool
from cti_bridge.storage.unshipped import Changes, Key
from tickets.statements import load_statements

STATEMENTS = load_statements("cti_bridge.storage", "shipping.sql")

MARK = ("shipped", "")
"""The entry whose number is that of the last shipment, or of the take-over after it."""
WHOLE = b"whole"
"""The content of the mark when there was a shipment. So nobody goes on with an empty table."""
ENTRIES_AT_ONCE = 2_000
"""The entries in one statement."""
NUMBERS_AN_EPOCH = SEQS_AN_EPOCH
"""The shipments of an epoch are numbered from the epoch times this on, as its rows are."""


LOCKED_WITHIN = "set local lock_timeout = '500ms'"
"""A shipment takes some milliseconds. One that takes longer is of a machine that has vanished."""


class Superseded(Exception):
    """A bridge of a higher epoch has shipped states since."""

    def __init__(self, epoch: int) -> None:
        super().__init__(f"another bridge has shipped states in epoch {epoch}")
        self.epoch = epoch


class ShippedGone(Exception):
    """Postgres does not have what this session has shipped."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """The states that were shipped, as they were together at one moment."""

    states: Mapping[Key, bytes]
    seq: int
    """The number of the last shipment."""

    @property
    def epoch(self) -> int:
        """The epoch of the bridge that has shipped it."""
        return self.seq // NUMBERS_AN_EPOCH


async def load_shipped(database: Database) -> Shipped | None:
    """Return all that was shipped; None when nothing ever was. It changes nothing: the bridge that acts ships on.
    Raises DatabaseUnavailable, asyncpg.PostgresError."""
    async with database.connection() as connection:
        return await _load(connection)


async def take_shipped(database: Database, epoch: int) -> Shipped | None:
    """Return all that was shipped, for a bridge that takes over in this epoch; None when nothing ever was. From then on
    the bridge before ships nothing any more, so it tells nobody that a state is safe which this one does not have. A
    session of a machine that has vanished within a shipment is ended. Raises Superseded, DatabaseUnavailable,
    asyncpg.PostgresError."""
    async with database.connection() as connection:
        try:
            return await _take(connection, epoch)
        except asyncpg.LockNotAvailableError:
            await connection.execute(STATEMENTS["end_shipments"])
            return await _take(connection, epoch)


async def go_on_with_shipped(spool: Spool, database: Database, epoch: int) -> Shipped | None:
    """Begin ``epoch`` as the bridge that takes over: the states that were shipped come into the spool in place of its
    own. Rows in its outbox stay. Return what was taken; None when its own states go on, since no other bridge has
    shipped after it. For the time before the journal's start. Raises as :func:`take_shipped`, and SpoolFailed."""
    found = await take_shipped(database, epoch)
    # Not by the spool's epoch, which a life without a spare may have raised.
    if found is None or spool.shipped_epoch >= found.epoch:
        await spool.keep_own(epoch)
        return None
    await spool.adopt(found.states, epoch)
    return found


async def write_whole(connection: asyncpg.Connection, number: int, states: Mapping[Key, bytes]) -> None:
    """Write the whole checkpoint in place of what is there. Raises Superseded, and whatever asyncpg raises."""
    async with connection.transaction():
        await connection.execute(STATEMENTS["mark_shipped"])
        await _hold(connection, number)
        kept = [(*MARK, WHOLE), *((*key, state) for key, state in states.items())]
        for begin in range(0, len(kept), ENTRIES_AT_ONCE):
            part = _columns(kept[begin : begin + ENTRIES_AT_ONCE], 3)
            await connection.execute(STATEMENTS["ship_states"], *part, number)
        await connection.execute(STATEMENTS["ship_nothing_else"], number)


async def write_changes(connection: asyncpg.Connection, number: int, states: Changes, last: int) -> None:
    """Write states, and remove those that are None, in one turn. ``last`` is the number of the shipment before, of the
    same session. Raises Superseded, ShippedGone, and whatever asyncpg raises."""
    kept = [(*key, state) for key, state in states.items() if state is not None]
    gone = [key for key, state in states.items() if state is None]
    kinds, ids, contents = _columns(kept, 3)
    written = await connection.fetchval(
        STATEMENTS["ship_changes"], kinds, ids, contents, *_columns(gone, 2), number, last
    )
    if written is None:
        row = await connection.fetchrow(STATEMENTS["shipped_through"])
        if row is not None:
            _refuse_higher(row["seq"], number)
        raise ShippedGone


async def is_there(connection: asyncpg.Connection, last: int, entries: int) -> bool:
    """Return whether Postgres has what was shipped up to the number ``last``: so many entries. Raises Superseded, and
    whatever asyncpg raises."""
    row = await connection.fetchrow(STATEMENTS["shipped_through"])
    if row is None:
        return False
    _refuse_higher(row["seq"], last)
    return bool(row["seq"] == last and row["entries"] == entries)


def fits(key: Key) -> bool:
    """Return whether Postgres can take the names. Only a kind or an id that this program does not know may not fit."""
    return all("\0" not in name and (name.isascii() or _is_utf8(name)) for name in key)


async def _take(connection: asyncpg.Connection, epoch: int) -> Shipped | None:
    async with connection.transaction():
        await connection.execute(LOCKED_WITHIN)
        await connection.execute(STATEMENTS["mark_shipped"])
        await _hold(connection, epoch * NUMBERS_AN_EPOCH)
        found = await _load(connection)
        await connection.execute(STATEMENTS["mark_taken"], epoch * NUMBERS_AN_EPOCH)
    return found


async def _load(connection: asyncpg.Connection) -> Shipped | None:
    rows = await connection.fetch(STATEMENTS["load_shipped"])
    seq = next((row["seq"] for row in rows if (row["kind"], row["id"]) == MARK), 0)
    states = {(row["kind"], row["id"]): row["state"] for row in rows}
    return Shipped(states, seq) if states.pop(MARK, b"") == WHOLE else None


async def _hold(connection: asyncpg.Connection, number: int) -> int | None:
    """Keep every other bridge from shipping until the transaction ends. Return the number of the last shipment, or None
    when there is none."""
    held: int | None = await connection.fetchval(STATEMENTS["hold_shipped"])
    if held is not None:
        _refuse_higher(held, number)
    return held


def _refuse_higher(held: int, number: int) -> None:
    if held > number:
        raise Superseded(held // NUMBERS_AN_EPOCH)


def _columns(rows: Sequence[tuple[Any, ...]], number: int) -> list[list[Any]]:
    return [[row[column] for row in rows] for column in range(number)]


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
