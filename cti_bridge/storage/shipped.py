"""The table ``cti.checkpoint``: how a shipment is written, and how a spare loads what was shipped.

A shipment is one transaction, and has a number: that of the run's epoch, counted on. The number of the last one stands
in the entry ``shipped``, which is held while the next one is written. A shipment that finds a higher number there comes
late, or from a bridge that another one has replaced, and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from cti_bridge.storage.database import Database
from cti_bridge.storage.spool import SEQS_AN_EPOCH
from cti_bridge.storage.unshipped import Changes, Key
from tickets.statements import load_statements

STATEMENTS = load_statements("cti_bridge.storage", "shipping.sql")

MARK = ("shipped", "")
"""The entry whose number is that of the last shipment."""
ENTRIES_AT_ONCE = 2_000
"""The entries in one statement."""
NUMBERS_AN_EPOCH = SEQS_AN_EPOCH
"""The shipments of an epoch are numbered from the epoch times this on, as its rows are."""


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
    """Return all that was shipped; None when nothing ever was. Raises DatabaseUnavailable, asyncpg.PostgresError."""
    async with database.connection() as connection:
        rows = await connection.fetch(STATEMENTS["load_shipped"])
    states = {(row["kind"], row["id"]): row["state"] for row in rows}
    if MARK not in states:
        return None
    del states[MARK]
    return Shipped(states, max(row["seq"] for row in rows))


async def write_whole(connection: asyncpg.Connection, number: int, states: Changes) -> None:
    """Write the whole checkpoint in place of what is there. Raises Superseded, and whatever asyncpg raises."""
    async with connection.transaction():
        await connection.execute(STATEMENTS["mark_shipped"])
        await _hold(connection, number)
        await _write(connection, number, states)
        await connection.execute(STATEMENTS["ship_nothing_else"], number)


async def write_changes(connection: asyncpg.Connection, number: int, states: Changes, last: int) -> None:
    """Write states, and remove those that are None. ``last`` is the number of the shipment before. Raises Superseded,
    ShippedGone, and whatever asyncpg raises."""
    async with connection.transaction():
        if await _hold(connection, number) != last:
            raise ShippedGone
        await _write(connection, number, states)


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


async def _write(connection: asyncpg.Connection, number: int, states: Changes) -> None:
    kept = [(MARK, b""), *((key, state) for key, state in states.items() if state is not None)]
    gone = [key for key, state in states.items() if state is None]
    for begin in range(0, len(kept), ENTRIES_AT_ONCE):
        part = kept[begin : begin + ENTRIES_AT_ONCE]
        kinds, ids = [key[0] for key, _ in part], [key[1] for key, _ in part]
        await connection.execute(STATEMENTS["ship_states"], kinds, ids, [state for _, state in part], number)
    if gone:
        await connection.execute(STATEMENTS["ship_removals"], [key[0] for key in gone], [key[1] for key in gone])


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
