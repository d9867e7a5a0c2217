"""States reach Postgres before their rows, whatever becomes of Postgres and of the table (P1)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.storage import shipping as shipping_module
from cti_bridge.storage import writer as writer_module
from cti_bridge.storage.shipped import (
    NUMBERS_AN_EPOCH,
    ShippedGone,
    Superseded,
    load_shipped,
    write_changes,
    write_whole,
)
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.unshipped import Key
from cti_bridge.storage.writer import Writer
from tests.support.hung_postgres import HungPostgres
from tests.support.shipped import ROWS_FOLLOW, has_caught_up, is_waiting, mark_in, put, shipped_in, until
from tests.support.storage import NOWHERE, Storage, call_row, fetch, new_id, storage

A, B, C = ("later", "a"), ("later", "b"), ("latest", "c")
"""Of kinds that this program does not know, so the journal leaves them alone."""


@asynccontextmanager
async def shipping_to(directory: Path, url: str) -> AsyncIterator[Storage]:
    async with storage(directory, url) as parts:
        parts.shipping.start()
        yield parts


async def run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def own(states: dict[Key, bytes]) -> dict[Key, bytes]:
    """Without those of the journal."""
    return {key: state for key, state in states.items() if key in (A, B, C)}


# ------------------------------------------------------------------------------------------- states and removals


async def test_the_newest_states_are_in_postgres_and_removed_ones_are_gone(tmp_path: Path, database_url: str) -> None:
    async with shipping_to(tmp_path, database_url) as parts:
        put(parts, {A: 1, B: 1})
        await has_caught_up(parts)
        first = await mark_in(database_url)
        put(parts, {A: 2, B: None, C: 1})
        await has_caught_up(parts)

        assert await shipped_in(database_url) == parts.spool.load()
        assert own(parts.spool.load()) == {A: b"2", C: b"1"}
        assert await mark_in(database_url) > first >= parts.spool.epoch * NUMBERS_AN_EPOCH
        assert (parts.shipping.states, parts.shipping.behind_s, parts.shipping.warnings()) == (0, 0.0, [])


async def test_what_was_there_before_the_start_is_shipped_once_and_what_a_run_of_before_had_left_is_gone(
    tmp_path: Path, database_url: str
) -> None:
    async with shipping_to(tmp_path, database_url) as parts:
        put(parts, {A: 1, B: 1})
        await has_caught_up(parts)
    async with storage(tmp_path, database_url) as parts:
        put(parts, {A: None, C: 1})
        await parts.spool.committed()
    async with shipping_to(tmp_path, database_url) as parts:
        await has_caught_up(parts)
        assert await shipped_in(database_url) == parts.spool.load()
        assert own(parts.spool.load()) == {B: b"1", C: b"1"}
        assert (parts.shipping.counts.whole, parts.shipping.counts.shipments) == (1, 1)


async def test_a_checkpoint_of_many_entries_comes_over_in_parts(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_bridge.storage.shipped.ENTRIES_AT_ONCE", 7)
    async with storage(tmp_path, database_url) as parts:
        put(parts, {("later", str(number)): number for number in range(50)})
        await parts.spool.committed()
        parts.shipping.start()
        await has_caught_up(parts)
        put(parts, {("later", str(number)): number if number % 2 else None for number in range(40)})
        await has_caught_up(parts)
        assert await shipped_in(database_url) == parts.spool.load()


async def test_an_entry_whose_name_postgres_cannot_take_is_told_and_keeps_no_other_back(
    tmp_path: Path, database_url: str
) -> None:
    async with shipping_to(tmp_path, database_url) as parts:
        put(parts, {("later", "nul\0"): 1, A: 1})
        await has_caught_up(parts)
        assert own(await shipped_in(database_url)) == {A: b"1"}
        assert ["1 entries are not shipped" in words for words in parts.shipping.warnings()] == [True]


async def test_bytes_that_are_no_json_and_no_text_come_over_as_they_are(tmp_path: Path, database_url: str) -> None:
    async with shipping_to(tmp_path, database_url) as parts:
        parts.spool.stage((), {A: b'\xff\x00{"v":2}', B: b""})
        await has_caught_up(parts)
        assert own(await shipped_in(database_url)) == {A: b'\xff\x00{"v":2}', B: b""}


# ------------------------------------------------------------------------------------------------- rows follow


async def test_a_row_is_never_there_before_its_state(tmp_path: Path, database_url: str) -> None:
    await run(database_url, ROWS_FOLLOW)
    calls = [new_id() for _ in range(20)]
    async with shipping_to(tmp_path, database_url) as parts:
        await parts.writer.start()
        await has_caught_up(parts)
        for version in range(1, 41):
            for call_id in calls:
                over = version == 40
                row = call_row(call_id, version, ended_at=9.0 if over else None)
                state = None if over else json.dumps({"version": version}).encode()
                parts.journal.record([row], {}, time.time())
                parts.spool.stage((), {("call", call_id): state, ("over", call_id): b"" if over else None})
                if version % 3:
                    await asyncio.sleep(0)
            if version % 4:
                await parts.spool.committed()
        await has_caught_up(parts)
        await asyncio.wait_for(parts.watch.emptied(), 20)
        assert await parts.spool.refused() == []
        await parts.writer.stop()
    assert await fetch(database_url, "select distinct version from cti.call") == [{"version": 40}]


async def test_rows_wait_while_states_cannot_be_shipped_and_follow_by_themselves(
    tmp_path: Path, database_url: str
) -> None:
    await run(database_url, "alter table cti.checkpoint rename to hidden")
    async with shipping_to(tmp_path, database_url) as parts:
        await parts.writer.start()
        parts.journal.record([call_row()], {}, time.time())
        await parts.spool.committed()
        await until(lambda: parts.shipping.fault)
        await parts.writer.drain()
        assert (await fetch(database_url, "select 1 from cti.call"), parts.spool.backlog_rows) == ([], 1)

        await run(database_url, "alter table cti.hidden rename to checkpoint")
        await asyncio.wait_for(parts.watch.emptied(), 20)
        await parts.writer.stop()
    assert len(await fetch(database_url, "select 1 from cti.call")) == 1


async def test_without_a_spare_rows_wait_for_nothing_and_nothing_is_noted(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        put(parts, {A: 1})
        parts.journal.record([call_row()], {}, time.time())
        await parts.drained()
        assert (parts.spool.backlog_rows, parts.spool.unshipped) == (0, None)
    assert await fetch(database_url, "select 1 from cti.checkpoint") == []


# -------------------------------------------------------------------------------- what may become of Postgres


HARM = {
    "emptied": "truncate cti.checkpoint",
    "without its mark": "delete from cti.checkpoint where kind = 'shipped'",
    "of some moments ago": "update cti.checkpoint set seq = seq - 1 where kind = 'shipped'",
    "one is missing": "delete from cti.checkpoint where id = 'a'",
}


@pytest.mark.parametrize(
    ("harm", "busy"),
    [*((harm, False) for harm in HARM), *((harm, True) for harm in HARM if harm != "one is missing")],
)
async def test_given_a_table_that_has_lost_something_then_all_is_shipped_again_and_it_is_said(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, harm: str, busy: bool
) -> None:
    """The next shipment sees it, else a look does; a look alone sees a single entry that is missing."""
    monkeypatch.setattr(shipping_module, "LOOK_EVERY_S", 60.0 if busy else 0.05)
    async with shipping_to(tmp_path, database_url) as parts:
        put(parts, {A: 1, B: 1})
        await has_caught_up(parts)
        with capture_logs() as logs:
            await run(database_url, HARM[harm])
            if busy:
                put(parts, {B: 2})
            await until(lambda: parts.shipping.counts.whole == 2)
            await has_caught_up(parts)
        assert await shipped_in(database_url) == parts.spool.load()
        assert [one["event"] for one in logs] == ["shipped_states_gone"]


async def test_given_nothing_wrong_then_looking_ships_nothing(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping_module, "LOOK_EVERY_S", 0.01)
    async with shipping_to(tmp_path, database_url) as parts:
        for number in range(30):
            put(parts, {("later", str(number)): number, ("later", str(number - 2)): None})
            await parts.spool.committed()
            await asyncio.sleep(0.02)
        await has_caught_up(parts)
        assert (parts.shipping.counts.whole, parts.shipping.counts.failures) == (1, 0)


async def test_given_a_postgres_that_dies_and_returns_then_all_is_shipped_once_and_said(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "postgres") as server, shipping_to(tmp_path, server.url) as parts:
        put(parts, {A: 1, B: 1})
        await has_caught_up(parts)
        await server.stop()
        put(parts, {A: 2, B: None})
        await parts.spool.committed()
        await until(lambda: parts.shipping.fault)
        began = time.monotonic()
        assert not await parts.shipping.shipped(5.0) and time.monotonic() - began < 1.0

        with capture_logs() as logs:
            await server.start()
            put(parts, {C: 1})
            await has_caught_up(parts)
        assert await shipped_in(server.url) == parts.spool.load()
        assert own(parts.spool.load()) == {A: b"2", C: b"1"}
        assert parts.shipping.counts.whole == 2
        assert "states_shipped_again" in [one["event"] for one in logs]


async def test_given_a_postgres_that_is_away_from_the_start_then_it_is_told_and_nobody_waits(tmp_path: Path) -> None:
    async with shipping_to(tmp_path, NOWHERE) as parts:
        put(parts, {A: 1})
        await parts.spool.committed()
        await until(lambda: parts.shipping.fault)
        assert not await parts.shipping.shipped(30.0)
        assert parts.shipping.states > 0 and parts.shipping.behind_s > 0


async def test_given_a_standby_that_takes_no_rows_then_it_says_so_and_goes_on_when_it_may_write(
    tmp_path: Path, database_url: str
) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]
    await run(database_url, f"alter database {name} set default_transaction_read_only = on")
    async with shipping_to(tmp_path, database_url) as parts:
        put(parts, {A: 1})
        await parts.spool.committed()
        await until(lambda: parts.shipping.fault)
        assert parts.shipping.fault == "it takes no rows: a standby, or read-only"
        await run(database_url, f"begin read write; alter database {name} reset default_transaction_read_only; commit")
        await has_caught_up(parts)
        assert own(await shipped_in(database_url)) == {A: b"1"}


async def test_given_a_postgres_that_does_not_answer_then_the_connection_is_broken_and_all_is_shipped_anew(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping_module, "LONGEST_S", 0.3)
    async with HungPostgres(database_url, b"moment-of-silence") as proxy, shipping_to(tmp_path, proxy.url) as parts:
        put(parts, {A: 1})
        await has_caught_up(parts)
        put(parts, {A: "moment-of-silence"})
        await parts.spool.committed()
        began = time.monotonic()
        assert not await parts.shipping.shipped(0.2)
        assert proxy.hung.is_set() and 0.1 < time.monotonic() - began < 5.0
        await until(lambda: parts.shipping.fault)
        put(parts, {A: 3})
        await parts.spool.committed()
        proxy.let_flow()
        await has_caught_up(parts)
        assert own(await shipped_in(database_url)) == {A: b"3"}


# ----------------------------------------------------------------------------------------- shipments that are late


@pytest.mark.parametrize("late_first", [True, False])
async def test_a_shipment_that_comes_late_changes_nothing_in_whichever_order(
    database_url: str, late_first: bool
) -> None:
    """Of two sessions of one bridge, as after a connection that was given up while its server still worked."""
    late, now = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    try:
        await write_whole(now, 10, {A: b"0"})
        if late_first:
            # The later one waits for the earlier one, and sees what it has written: else the removal would miss it.
            async with late.transaction():
                await late.fetchval("select seq from cti.checkpoint where kind = 'shipped' for update")
                later = asyncio.create_task(write_whole(now, 12, {A: b"2"}), name="later")
                await is_waiting(database_url)
                await write_changes(late, 11, {A: b"1", B: b"1"}, 10)
            await later
        else:
            await write_whole(now, 12, {A: b"2"})
            with pytest.raises(Superseded):
                await write_changes(late, 11, {A: b"1", B: b"1"}, 10)
            with pytest.raises(Superseded):
                await write_whole(late, 11, {A: b"1", B: b"1"})
        assert (await shipped_in(database_url), await mark_in(database_url)) == ({A: b"2"}, 12)
    finally:
        await late.close()
        await now.close()


async def test_given_another_session_that_ships_at_this_moment_then_a_shipment_changes_nothing(
    database_url: str,
) -> None:
    """Its statement began before the other one's was there, and would not see what that has written."""
    first, second = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    try:
        await write_whole(first, 10, {B: b"0"})
        async with first.transaction():
            await write_changes(first, 11, {A: b"1"}, 10)
            other = asyncio.create_task(write_changes(second, 12, {A: None, B: b"2"}, 10), name="other")
            await is_waiting(database_url)
        with pytest.raises(ShippedGone):
            await other
        assert (await shipped_in(database_url), await mark_in(database_url)) == ({A: b"1", B: b"0"}, 11)
    finally:
        await first.close()
        await second.close()


async def test_two_first_shipments_at_once_leave_that_of_the_higher_number(database_url: str) -> None:
    lower, higher = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    try:
        async with higher.transaction():
            await write_whole(higher, 20, {A: b"2"})
            other = asyncio.create_task(write_whole(lower, 10, {B: b"1"}), name="other")
            await is_waiting(database_url)
        with pytest.raises(Superseded):
            await other
        assert await shipped_in(database_url) == {A: b"2"}
    finally:
        await lower.close()
        await higher.close()


@pytest.mark.parametrize("busy", [True, False])
async def test_who_was_replaced_ships_nothing_more_and_its_rows_wait_until_it_is_the_spare(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    monkeypatch.setattr(shipping_module, "LOOK_EVERY_S", 60.0 if busy else 0.05)
    told: list[int] = []
    async with storage(tmp_path / "old", database_url) as old, storage(tmp_path / "new", database_url) as new:
        old.shipping = Shipping(old.spool, old.database, on_superseded=told.append)
        old.shipping.start()
        await old.writer.start()
        put(old, {A: "old"})
        await has_caught_up(old)
        new.spool.set_epoch(old.spool.epoch + 5)
        new.shipping = Shipping(new.spool, new.database)
        new.shipping.start()
        put(new, {A: "new"})
        await has_caught_up(new)

        if busy:
            put(old, {A: "later", B: "later"})
            old.journal.record([call_row()], {}, time.time())
            await old.spool.committed()
        await until(lambda: told)
        assert told == [new.spool.epoch] and old.shipping.superseded == new.spool.epoch
        assert not await old.shipping.shipped(5.0)
        assert old.shipping.warnings() == ["spare: another bridge has taken over; what this one does reaches no spare"]
        assert own(await shipped_in(database_url)) == {A: b"new"}
        put(new, {B: "new"})
        await has_caught_up(new)
        assert own(await shipped_in(database_url)) == {A: b"new", B: b"new"}
        await old.writer.stop()
        await old.shipping.stop()
        assert await fetch(database_url, "select 1 from cti.call") == []
    async with storage(tmp_path / "old", database_url) as spare:
        await Writer(spare.spool, spare.database, spare.watch, replaced=True).drain()
    assert len(await fetch(database_url, "select 1 from cti.call")) == (1 if busy else 0)


async def test_a_machine_that_vanishes_within_a_shipment_keeps_the_other_one_waiting_for_seconds_only(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shipping_module, "_SESSION", shipping_module._SESSION.replace("timeout = '5s'", "timeout = '300ms'")
    )
    async with (
        HungPostgres(database_url, b"last-words") as proxy,
        shipping_to(tmp_path / "old", proxy.url) as old,
        storage(tmp_path / "new", database_url) as new,
    ):
        await has_caught_up(old)
        put(old, {A: "last-words"})
        await asyncio.wait_for(proxy.hung.wait(), 10)  # Its transaction is open, and holds the mark.
        new.spool.set_epoch(old.spool.epoch + 5)
        new.shipping = Shipping(new.spool, new.database)
        new.shipping.start()
        put(new, {B: "new"})
        await has_caught_up(new)
        assert own(await shipped_in(database_url)) == {B: b"new"}


async def test_a_machine_that_vanishes_within_its_rows_keeps_those_of_the_other_one_waiting_for_seconds_only(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "= '5s'" in writer_module.LET_GO
    monkeypatch.setattr(writer_module, "LET_GO", writer_module.LET_GO.replace("5s", "300ms"))
    call_id = new_id()
    async with (
        HungPostgres(database_url, b"not yet") as proxy,
        shipping_to(tmp_path / "old", proxy.url) as old,
        storage(tmp_path / "new", database_url) as new,
    ):
        await old.writer.start()
        await has_caught_up(old)
        proxy.hang_at(b"COMMIT")  # Only rows are written by several statements now.
        old.journal.record([call_row(call_id)], {}, time.time())
        await asyncio.wait_for(proxy.hung.wait(), 10)
        new.spool.set_epoch(old.spool.epoch + 5)
        new.journal.record([call_row(call_id, queue="sales")], {}, time.time())
        await new.spool.committed()
        await asyncio.wait_for(new.writer.drain(), 8)
        assert await fetch(database_url, "select queue from cti.call") == [{"queue": "sales"}]


# --------------------------------------------------------------------------------------------------- a spare loads


async def test_a_spare_loads_what_was_shipped_and_nothing_where_nothing_was(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        assert await load_shipped(parts.database) is None
        parts.shipping.start()
        put(parts, {A: 1, C: 1})
        await has_caught_up(parts)
        found = await load_shipped(parts.database)
        assert found is not None and dict(found.states) == parts.spool.load()
        assert (found.epoch, found.seq) == (parts.spool.epoch, await mark_in(database_url))


async def test_after_the_end_no_row_is_written_whose_state_was_not_shipped(tmp_path: Path, database_url: str) -> None:
    """Another bridge may go on with what was shipped, while this one writes its last rows."""
    async with shipping_to(tmp_path, database_url) as parts:
        parts.journal.record([call_row()], {}, time.time())
        await has_caught_up(parts)
        await parts.shipping.stop(0)
        parts.journal.record([call_row()], {}, time.time())
        await parts.spool.committed()
        await parts.writer.stop()
        assert (parts.spool.backlog_rows, len(await fetch(database_url, "select 1 from cti.call"))) == (1, 1)


async def test_the_end_ships_what_was_committed_last(tmp_path: Path, database_url: str) -> None:
    async with shipping_to(tmp_path, database_url) as parts:
        await has_caught_up(parts)
        put(parts, {A: "last"})
        await parts.spool.committed()
    assert own(await shipped_in(database_url)) == {A: b"last"}
