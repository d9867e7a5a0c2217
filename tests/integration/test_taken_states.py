"""A spare takes the shipped states over: from that moment the bridge before says of nothing more that it is safe
(P1)."""

import time
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.own_spool import OwnSpool
from cti_bridge.spare.acting import Acting
from cti_bridge.spare.lease import Lease
from cti_bridge.storage.database import Database
from cti_bridge.storage.shipped import NUMBERS_AN_EPOCH, Superseded, take_shipped
from cti_bridge.storage.spool import Spool
from cti_bridge.supervisor import unwatched
from tests.support.shipped import has_caught_up, mark_in, put, shipped_in, until
from tests.support.storage import storage

A, B = ("later", "a"), ("later", "b")
"""Of a kind that this program does not know, so the journal leaves them alone."""
QUICKLY_S = 2.0


async def test_given_nothing_that_was_ever_shipped_then_there_is_nothing_to_take(database_url: str) -> None:
    database = Database(database_url)
    assert await take_shipped(database, 7) is None
    assert await mark_in(database_url) == 7 * NUMBERS_AN_EPOCH
    assert await take_shipped(database, 8) is None
    await database.close()


async def test_given_states_that_are_taken_then_what_the_bridge_before_does_later_is_local_and_it_is_told(
    tmp_path: Path, database_url: str
) -> None:
    told: list[int] = []
    async with storage(tmp_path, database_url) as parts:
        parts.shipping._on_superseded = told.append
        parts.shipping.start()
        put(parts, {A: 1, B: 1})
        await has_caught_up(parts)
        assert await parts.shipping.acknowledge() == "shipped"

        other = Database(database_url)
        taken = await take_shipped(other, parts.spool.epoch + 1)
        assert taken is not None
        assert (taken.states[A], taken.states[B], taken.epoch) == (b"1", b"1", parts.spool.epoch)

        put(parts, {A: 2})
        await parts.spool.committed()
        assert await parts.shipping.acknowledge() == "local"
        await until(lambda: told)
        assert told == [parts.spool.epoch + 1]
        again = await take_shipped(other, parts.spool.epoch + 2)
        assert again is not None and again.states[A] == b"1"
        with pytest.raises(Superseded):
            await take_shipped(other, parts.spool.epoch)
        await other.close()


async def test_given_a_machine_that_vanished_within_a_shipment_then_its_session_is_ended_and_nobody_waits_for_it(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        parts.shipping.start()
        put(parts, {A: 1})
        await has_caught_up(parts)
        epoch = parts.spool.epoch
    vanished = await asyncpg.connect(database_url)
    await vanished.execute("begin")
    await vanished.execute("select seq from cti.checkpoint where kind = 'shipped' for update")
    await vanished.execute(f"update cti.checkpoint set state = '2', seq = {epoch * NUMBERS_AN_EPOCH + 99}")
    database, began = Database(database_url), time.monotonic()
    taken = await take_shipped(database, epoch + 1)
    assert time.monotonic() - began < QUICKLY_S
    assert taken is not None and taken.states[A] == b"1"
    await until(vanished.is_closed)
    assert (await shipped_in(database_url))[A] == b"1"
    await database.close()


@pytest.mark.parametrize(
    ("own_epoch", "shipped_epoch", "expected"),
    [
        (None, None, None),
        (None, 3, "shipped"),
        (2, 3, "shipped"),
        (3, 3, "own"),
        (4, 3, "own"),
        (4, None, "own"),
    ],
)
async def test_who_takes_over_goes_on_with_the_states_of_who_acted_last(
    tmp_path: Path, database_url: str, own_epoch: int | None, shipped_epoch: int | None, expected: str | None
) -> None:
    if own_epoch is not None:
        earlier = Spool.open(tmp_path / "spool.db")
        await earlier.keep_own(own_epoch)
        earlier.stage((), {A: b'"own"', B: b'"own"'})
        await earlier.close()
    spool, database = Spool.open(tmp_path / "spool.db"), Database(database_url)
    try:
        if shipped_epoch is not None:
            async with database.connection() as connection:
                number = shipped_epoch * NUMBERS_AN_EPOCH + 5
                await connection.execute(
                    "insert into cti.checkpoint values ('shipped', '', 'whole', $1), ('later', 'a', '\"shipped\"', $1)",
                    number,
                )
        lease = Lease(database_url, "b")
        lease.term = 9
        acting = Acting(lease, OwnSpool(tmp_path / "spool.db"), (), unwatched)
        await acting.take_over(spool, database)
        await spool.committed()
        found = spool.load()
        assert found.get(A) == (f'"{expected}"'.encode() if expected else None)
        assert (B in found) == (expected == "own"), "nothing of an older checkpoint stays"
        assert await mark_in(database_url) == 9 * NUMBERS_AN_EPOCH, "nobody else ships any more"
    finally:
        await spool.close()
        await database.close()
