"""From the spool to a real Postgres: order, repeats, refusals, outages, and where a journal begins."""

import asyncio
import gc
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.domain.border.records import CallEvent, Record
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.kept import LastChange
from cti_bridge.domain.model.words import OfferResult
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.kinds import CALL
from cti_bridge.storage.rows import Row, outbox_row
from cti_bridge.storage.spool import OutboxRow, Spool
from cti_bridge.storage.spool_file import SpoolFile
from tests.support.changed import replace
from tests.support.storage import (
    NOWHERE,
    Storage,
    call_event,
    call_row,
    fetch,
    live_call,
    new_id,
    offer_row,
    state_change,
    storage,
    ticket_opened,
)
from tickets.ticket import TicketSummary


def record(parts: Storage, *records: Record) -> None:
    parts.journal.record(records, {}, time.time())


async def test_every_kind_of_record_becomes_its_row(tmp_path: Path, database_url: str) -> None:
    call, change = call_row(), state_change(reason="말", call_id=new_id())
    async with storage(tmp_path, database_url) as parts:
        record(parts, call, call_event(), offer_row(new_id()), change, opened := ticket_opened())
        await parts.drained()

        assert (parts.spool.backlog_rows, await parts.spool.refused()) == (0, [])
        assert (parts.writer.rows_written, parts.writer.batches) == (6, 1)

    (row,) = await fetch(database_url, "select *, extract(epoch from arrived_at)::float8 as arrived from cti.call")
    assert (str(row["id"]), row["service"], row["arrived"], row["ended_at"], row["epoch"]) == (
        call.id,
        "acme",
        1_700_000_000.25,
        None,
        1,
    )
    (row,) = await fetch(database_url, "select * from cti.agent_state_change")
    assert (row["reason"], row["lasted_s"], row["seq"], str(row["call_id"])) == ("말", 2.5, 1, change.call_id)
    (row,) = await fetch(database_url, "select detail->>'n' as n, type, seq from cti.call_event")
    assert row == {"n": "1", "type": "arrived", "seq": 1}
    (row,) = await fetch(database_url, "select cti_id, result, ended_at from cti.offer")
    assert row == {"cti_id": "a1", "result": None, "ended_at": None}
    (row,) = await fetch(database_url, "select id::text, owner, status, version from cti.ticket")
    assert row == {"id": opened.ticket_id, "owner": "a1", "status": "open", "version": 1}
    (row,) = await fetch(database_url, "select ticket_id::text, version, by, type from cti.ticket_event")
    assert row == {"ticket_id": opened.ticket_id, "version": 1, "by": "system", "type": "opened"}


async def test_a_batch_that_is_written_twice_changes_nothing(tmp_path: Path, database_url: str) -> None:
    call_id, offer_id = new_id(), new_id()
    records: list[Record] = [
        call_row(call_id),
        call_event(),
        offer_row(offer_id, OfferResult.MISSED),
        state_change(),
        ticket_opened(),
    ]
    async with storage(tmp_path, database_url) as parts:
        record(parts, *records)
        await parts.journal.committed()
        rows = await parts.spool.next_rows(100)
        await parts.writer.drain()
        before = await everything(database_url)
        parts.spool.stage([OutboxRow(row.kind, row.payload, row.at) for row in rows])
        await parts.drained()

        assert (await parts.spool.refused(), parts.writer.rows_written) == ([], 12)

    assert await everything(database_url) == before


@pytest.mark.parametrize("one_batch", [True, False])
@pytest.mark.parametrize("newer_first", [True, False])
async def test_of_two_present_states_the_newer_holds_whichever_comes_last(
    tmp_path: Path, database_url: str, one_batch: bool, newer_first: bool
) -> None:
    call_id, offer_id = new_id(), new_id()
    older = TicketSummary(new_id(), "acme", new_id(), "open", "a1", "+82100", 1.0, 1)
    over = call_row(call_id, 5, ended_at=9.0, outcome="completed", ended_by="agent")
    moments: list[list[Row]] = [
        [over, offer_row(offer_id, OfferResult.ANSWERED), replace(older, status="resolved", version=2)],
        [call_row(call_id, 4), offer_row(offer_id), older],
    ]
    async with storage(tmp_path, database_url) as parts:
        for moment in moments if newer_first else reversed(moments):
            parts.spool.stage([outbox_row(row, 1, 1.0) for row in moment])
            if not one_batch:
                await parts.drained()
        await parts.drained()

    assert await fetch(database_url, "select version, outcome, ended_by from cti.call") == [
        {"version": 5, "outcome": "completed", "ended_by": "agent"}
    ]
    assert await fetch(database_url, "select result from cti.offer") == [{"result": "answered"}]
    assert await fetch(database_url, "select version, status from cti.ticket") == [{"version": 2, "status": "resolved"}]


async def test_a_newer_epoch_beats_a_higher_version_and_an_older_one_never_does(
    tmp_path: Path, database_url: str
) -> None:
    call_id = new_id()
    async with storage(tmp_path, database_url) as parts:
        for epoch, version in ((3, 1), (2, 99), (3, 2), (1, 100)):
            parts.spool.stage([outbox_row(call_row(call_id, version), epoch, 1.0)])
            await parts.drained()

    assert await fetch(database_url, "select epoch, version from cti.call") == [{"epoch": 3, "version": 2}]


# -------------------------------------------------------------------------------- refused rows


async def test_refused_rows_are_set_aside_and_all_others_arrive(tmp_path: Path, database_url: str) -> None:
    good: list[CallEvent] = [call_event(number) for number in range(1, 60)]
    bad: list[Record] = [
        call_row(outcome="exploded"),
        call_row("no uuid"),
        state_change(1, cause="boredom"),
        call_event(1, type="a\0b"),
        call_event(2, call_id=good[1].call_id),
    ]
    records: list[Record] = [*good[:10], bad[0], bad[1], *good[10:30], bad[2], *good[30:], bad[3], bad[4]]
    async with storage(tmp_path, database_url) as parts:
        record(parts, *records)
        await parts.drained()

        refused = await parts.spool.refused()
        assert [kind for kind, _, _ in refused] == ["call", "call", "agent_state_change", "call_event", "call_event"]
        assert 'violates check constraint "call_outcome"' in refused[0][2]
        assert (parts.writer.rows_refused, parts.writer.rows_written, parts.spool.backlog_rows) == (5, 59, 0)

    assert await fetch(database_url, "select count(*) from cti.call_event") == [{"count": 59}]


async def test_a_row_for_no_table_or_that_is_no_json_is_set_aside(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        parts.spool.stage([OutboxRow("nothing", b"{}", 1.0), OutboxRow("call", b"{", 1.0)])
        record(parts, call_event())
        await parts.drained()

        assert [kind for kind, _, _ in await parts.spool.refused()] == ["nothing", "call"]

    assert await fetch(database_url, "select count(*) from cti.call_event") == [{"count": 1}]


async def test_a_missing_table_is_nobody_s_row_s_fault_and_everything_waits(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        await fetch(database_url, "alter table cti.call_event rename to elsewhere")
        record(parts, call_event(), call_row())
        await parts.journal.committed()
        with pytest.raises(DatabaseUnavailable, match="UndefinedTableError"):
            await parts.writer.drain()
        assert (parts.spool.backlog_rows, await parts.spool.refused()) == (2, [])

        await fetch(database_url, "alter table cti.elsewhere rename to call_event")
        await asyncio.sleep(parts.database.retry_in_s)
        await parts.writer.drain()

        assert parts.spool.backlog_rows == 0


# -------------------------------------------------------------------------------- outages


async def test_nothing_is_lost_doubled_or_out_of_order_when_postgres_dies_and_returns(tmp_path: Path) -> None:
    async with EmbeddedPostgres() as server:
        async with storage(tmp_path, server.url, batch=7) as parts:
            await parts.writer.start()
            call_id, seq = new_id(), 0
            for _ in range(2):
                for _ in range(200):
                    seq += 1
                    record(parts, call_event(seq, call_id), call_row(call_id, seq))
                    await parts.journal.committed()
                await server.kill()
                written = parts.writer.rows_written
                for _ in range(50):
                    seq += 1
                    record(parts, call_event(seq, call_id), call_row(call_id, seq))
                    await parts.journal.committed()
                assert parts.writer.rows_written - written <= 7
                assert parts.spool.backlog_rows > 0
                await server.start()
                await parts.watch.emptied()
            await parts.writer.stop()
            assert await parts.spool.refused() == []

        rows = await fetch(server.url, "select seq from cti.call_event where call_id = $1 order by seq", call_id)
        assert [row["seq"] for row in rows] == list(range(1, 501))
        assert await fetch(server.url, "select version from cti.call") == [{"version": 500}]


async def test_a_postgres_that_is_away_is_refused_at_once_until_the_pause_is_over() -> None:
    database = Database(NOWHERE)
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="FileNotFoundError"):
            async with database.connection():
                pass
        assert time.monotonic() - began < 1

    assert database.retry_in_s > 0
    assert database.fault is not None
    await database.close()


async def test_what_was_left_at_the_end_is_written_at_the_next_start(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, call_event())
        await parts.journal.committed()
        await parts.writer.stop()
    async with storage(tmp_path, database_url) as parts:
        await parts.writer.start()
        await parts.watch.emptied()
        await parts.writer.stop()

    assert await fetch(database_url, "select count(*) from cti.call_event") == [{"count": 1}]


async def test_stopping_writes_what_is_there(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        await parts.writer.start()
        record(parts, call_event())
        await parts.journal.committed()
        await parts.writer.stop()

        assert parts.spool.backlog_rows == 0


# -------------------------------------------------------------------------------- where it begins


def last_seqs(parts: Storage) -> dict[str, int]:
    """What the core is told of the agents' last rows."""
    return {one.cti_id: one.seq for one in parts.journal.load().core() if isinstance(one, LastChange)}


async def test_the_first_epoch_is_1_and_every_start_begins_the_next_one(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path / "a", database_url) as parts:
        assert (parts.journal.epoch, last_seqs(parts)) == (1, {})
        record(parts, state_change(1), state_change(2), state_change(1, "a2"))
        await parts.drained()
    async with storage(tmp_path / "a", database_url) as parts:
        assert (parts.spool.fresh, parts.journal.epoch) == (False, 2)
    async with storage(tmp_path / "b", database_url) as parts:
        assert (parts.spool.fresh, parts.journal.epoch) == (True, 2)
        assert last_seqs(parts) == {"a1": 2, "a2": 1}


async def test_given_rows_that_were_deleted_or_are_of_a_release_that_noted_no_epoch_then_none_is_used_again(
    tmp_path: Path, database_url: str
) -> None:
    for spool in ("a", "b"):
        async with storage(tmp_path / spool, database_url) as parts:
            record(parts, call_event())
            await parts.drained()
            await fetch(database_url, "delete from cti.call_event")
    assert [row["epoch"] for row in await fetch(database_url, "select epoch from cti.epoch order by epoch")] == [1, 2]
    earlier = state_change(1)
    async with storage(tmp_path / "c", database_url) as parts:
        assert parts.journal.epoch == 3
        record(parts, earlier)
        await parts.drained()
    await fetch(database_url, "delete from cti.epoch")
    async with storage(tmp_path / "d", database_url) as parts:
        assert parts.journal.epoch == 4


async def test_without_spool_and_postgres_the_epoch_is_the_time_and_beats_all_before(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path / "a", NOWHERE, clock=lambda: 1_700_000_000.9) as parts:
        assert parts.journal.epoch == 1_700_000_000
        assert last_seqs(parts) == {}
        record(parts, state_change(1))
        await parts.journal.committed()
    async with storage(tmp_path / "a", database_url) as parts:
        await parts.writer.drain()
    async with storage(tmp_path / "b", database_url) as parts:
        assert parts.journal.epoch == 1_700_000_002, "the run that wrote them had the one before"


async def test_given_a_start_that_is_over_then_nothing_of_its_checkpoint_stays_in_memory(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        parts.journal.record([], {("call", "x"): live_call("x"), ("agent", "a1"): Agent("a1", "1001")}, 1.0)
        await parts.journal.committed()
    async with storage(tmp_path, NOWHERE) as parts:
        found = {id(one): type(one) for one in (parts.journal.load(), *parts.journal.load().of(CALL).values())}
        assert len(found) == 2
        parts.journal.taken_up()
        gc.collect()
        assert [one for one in gc.get_objects() if found.get(id(one)) is type(one)] == []


async def test_states_are_kept_as_they_were_recorded_last(tmp_path: Path) -> None:
    call = live_call("x")
    async with storage(tmp_path, NOWHERE) as parts:
        parts.journal.record([], {("call", "x"): call, ("agent", "a1"): Agent("a1", "1001")}, 1.0)
        parts.journal.record([], {("call", "x"): replace(call, version=2), ("agent", "a1"): None}, 2.0)
        await parts.journal.committed()
    async with storage(tmp_path, NOWHERE) as parts:
        (key,) = found = parts.spool.load()
        assert key == ("call", "x")
        assert b'"version":2' in found[key]


async def test_a_state_that_cannot_be_written_is_an_error_and_nothing_of_it_is_staged(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        with pytest.raises(TypeError):
            parts.journal.record([call_event()], {("call", "x"): object()}, 1.0)
        await parts.journal.committed()
        assert (parts.spool.load(), parts.spool.backlog_rows) == ({}, 0)


async def everything(url: str) -> list[object]:
    tables = ("agent_state_change", "call", "call_event", "offer", "ticket", "ticket_event")
    return [await fetch(url, f"select * from cti.{table} order by id") for table in tables]


async def test_the_installations_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    secrets = []
    for _ in range(3):
        async with storage(tmp_path, NOWHERE) as parts:
            secrets.append(parts.journal.number_secret())
            await parts.journal.committed()
    assert len(secrets[0]) == 32
    assert len(set(secrets)) == 1


async def test_given_a_full_disk_at_the_start_then_it_begins_all_the_same_and_writes_its_epoch_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        parts.spool.stage((), {("agent", "a1"): b"{"})
        epoch = parts.journal.epoch
    commit, full = SpoolFile.commit, [True]

    def refuses(file: SpoolFile, *arguments: Any) -> None:
        if full[0]:
            raise sqlite3.OperationalError("database or disk is full")
        commit(file, *arguments)

    monkeypatch.setattr(SpoolFile, "commit", refuses)
    set_aside = SpoolFile.set_aside
    monkeypatch.setattr(SpoolFile, "set_aside", refuses)
    async with storage(tmp_path, NOWHERE) as parts:
        assert parts.journal.epoch > epoch
        assert not list(parts.journal.load().core())
        full[0] = False
        await parts.spool.committed()
        epoch = parts.journal.epoch
    monkeypatch.setattr(SpoolFile, "set_aside", set_aside)
    spool = Spool.open(tmp_path / "spool.db")
    assert spool.epoch == epoch
    await spool.close()
