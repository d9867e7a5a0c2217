"""Rows of a bridge that was replaced come late: history always, a present state only where it is newer (P1)."""

import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.domain.border.records import (
    AfterCallWork,
    CallbackRow,
    HoursOverrideRow,
    LoginRow,
    QueueVisit,
    RecordingRow,
)
from cti_bridge.domain.model.callbacks import Callback, CallbackKind, CallbackStatus, Recording, RecordingState
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.words import Direction, LoginEnd, OfferResult, OverrideEnd, VisitExit, VisitKind
from cti_bridge.storage.database import Database
from cti_bridge.storage.journal import Journal
from cti_bridge.storage.rows import Row, outbox_row
from cti_bridge.storage.shipped import NUMBERS_AN_EPOCH, Shipped, Superseded, go_on_with_shipped, take_shipped
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import OutboxRow, Spool, SpoolFailed
from cti_bridge.storage.spool_file import Batch, SpoolFile
from cti_bridge.storage.unshipped import Key
from cti_bridge.storage.writer import WRITES, Writer
from tests.support.changed import replace
from tests.support.shipped import has_caught_up, put, shipped_in
from tests.support.storage import (
    NOWHERE,
    Storage,
    Watch,
    call_event,
    call_row,
    fetch,
    new_id,
    offer_row,
    state_change,
    storage,
)
from tickets.ticket import TicketSummary

A, B, C = ("later", "a"), ("later", "b"), ("latest", "c")

ONE = new_id()
OLDER_ID, NEWER_ID = sorted((new_id(), new_id()))
VISIT = QueueVisit(
    ONE, new_id(), 1, "acme", Direction.INBOUND, "support", VisitKind.NEW, None, None, None, 1_700_000_000.0, None,
    None, None, None, 0, None, None, False, 3,
)  # fmt: skip
CALLBACK = Callback(ONE, CallbackKind.VOICEMAIL, "acme", "support", None, "", 1_700_000_000.0, version=3)
RECORDING = Recording(ONE, "a name", "main", new_id(), "acme", "support", 1_700_000_000.0, version=3)
HOURS = HoursOverrideRow(ONE, "office", OpenState.CLOSED, None, "operator", 1_700_000_000.0)
OFFER = offer_row(ONE)
LOGIN = LoginRow(ONE, "a1", 1_700_000_000.0, None, None, None)
TICKET = TicketSummary(ONE, "acme", new_id(), "open", "a1", "+82100", 1.0, 1)


def frequent(identity: str, label: str) -> Callable[[int], OutboxRow]:
    """A saved number, which has no record."""
    row = {"id": identity, "cti_id": "a1", "number": "+82100", "label": label, "gone": False}
    return lambda epoch: OutboxRow("frequent_number", json.dumps({**row, "epoch": epoch}).encode(), 1.0)


Made = Row | Callable[[int], OutboxRow]


@dataclass(frozen=True)
class Case:
    """Rows of one object. ``early`` came before the bridge was replaced, ``late`` afterwards. ``goes_on`` and
    ``over`` are of the bridge that goes on with it. ``asked`` says what Postgres knows of it, ``says`` the answers in
    the end, after each of these two. ``entry`` is the entry in which it lives, and ``state`` what that holds of
    ``early``."""

    early: Made
    late: Made
    goes_on: Made
    over: Made
    asked: str
    says: tuple[dict[str, Any], dict[str, Any]]
    entry: Key
    state: dict[str, Any]


CASES: Mapping[str, Case] = {
    "call": Case(
        call_row(ONE, 5),
        call_row(ONE, 9, ended_at=9.0, outcome="agent_lost", ended_by="system"),
        call_row(ONE, 6, queue="sales"),
        call_row(ONE, 7, ended_at=12.0, outcome="completed", ended_by="agent"),
        "select version, outcome from cti.call",
        ({"version": 6, "outcome": None}, {"version": 7, "outcome": "completed"}),
        ("call", ONE),
        {"id": ONE, "version": 5},
    ),
    "queue_visit": Case(
        VISIT,
        replace(VISIT, version=9, exit=VisitExit.ABANDONED, left_at=1_700_000_009.0),
        replace(VISIT, version=4, offers=1),
        replace(VISIT, version=5, exit=VisitExit.ANSWERED, left_at=1_700_000_012.0),
        "select version, exit from cti.queue_visit",
        ({"version": 4, "exit": None}, {"version": 5, "exit": "answered"}),
        ("call", VISIT.call_id),
        {"id": VISIT.call_id, "version": 20, "visit": {"id": ONE, "version": 3}},
    ),
    "offer": Case(
        OFFER,
        replace(OFFER, ended_at=1_700_000_009.0, result=OfferResult.MISSED),
        replace(OFFER, accepted_at=1_700_000_005.0),
        replace(OFFER, ended_at=1_700_000_012.0, result=OfferResult.ANSWERED),
        "select result from cti.offer",
        ({"result": None}, {"result": "answered"}),
        ("call", OFFER.call_id),
        {"id": OFFER.call_id, "version": 20, "offer": {"id": ONE}},
    ),
    "login": Case(
        LOGIN,
        replace(LOGIN, ended_at=1_700_000_009.0, ended_by=LoginEnd.EXPIRED),
        replace(LOGIN, from_address="192.0.2.1"),
        replace(LOGIN, ended_at=1_700_000_012.0, ended_by=LoginEnd.SELF),
        "select ended_by from cti.login",
        ({"ended_by": None}, {"ended_by": "self"}),
        ("agent", "a1"),
        {"cti_id": "a1", "login": {"id": ONE}},
    ),
    "hours_override": Case(
        HOURS,
        replace(HOURS, ended_at=1_700_000_009.0, ended_why=OverrideEnd.EXPIRED),
        HOURS,
        replace(HOURS, ended_at=1_700_000_012.0, ended_why=OverrideEnd.DROPPED, ended_by="s1"),
        "select ended_why from cti.hours_override",
        ({"ended_why": None}, {"ended_why": "dropped"}),
        ("hours_override", "office"),
        {"hours": "office", "row_id": ONE},
    ),
    "callback": Case(
        CallbackRow.of(CALLBACK),
        CallbackRow.of(replace(CALLBACK, version=9, status=CallbackStatus.CANCELLED)),
        CallbackRow.of(replace(CALLBACK, version=4, owner="a2")),
        CallbackRow.of(replace(CALLBACK, version=5, status=CallbackStatus.DONE)),
        "select version, status from cti.callback",
        ({"version": 4, "status": "waiting"}, {"version": 5, "status": "done"}),
        ("callback", ONE),
        {"id": ONE, "version": 3},
    ),
    "recording": Case(
        RecordingRow.of(RECORDING),
        RecordingRow.of(replace(RECORDING, version=9, state=RecordingState.LOST)),
        RecordingRow.of(replace(RECORDING, version=4, state=RecordingState.ENDED)),
        RecordingRow.of(replace(RECORDING, version=5, state=RecordingState.STORED)),
        "select version, state from cti.recording",
        ({"version": 4, "state": "ended"}, {"version": 5, "state": "stored"}),
        ("recording", ONE),
        {"id": ONE, "version": 3},
    ),
    "ticket": Case(
        TICKET,
        replace(TICKET, version=9, status="resolved"),
        replace(TICKET, version=4, owner="a2"),
        replace(TICKET, version=5, status="pending"),
        "select version, status from cti.ticket",
        ({"version": 4, "status": "open"}, {"version": 5, "status": "pending"}),
        ("ticket", ONE),
        {"id": ONE, "version": 1},
    ),
    "frequent_number": Case(
        frequent(OLDER_ID, "first"),
        frequent(NEWER_ID, "of a clock that was ahead"),
        frequent(OLDER_ID, "second"),
        frequent(OLDER_ID, "third"),
        "select label from cti.frequent_number",
        ({"label": "second"}, {"label": "third"}),
        ("frequent_number", OLDER_ID),
        {},
    ),
}
"""Each table whose rows are written again."""


def test_each_table_with_a_present_state_has_its_case() -> None:
    changing = {kind for kind, sql in WRITES.items() if "do update" in sql or "\nupdate " in sql}
    assert changing == {*CASES, "after_call_work"}


@asynccontextmanager
async def two_bridges(directory: Path, url: str) -> AsyncIterator[Callable[[int, Made], Awaitable[None]]]:
    """Write a row as the bridge of the epoch 1 or 2 does; of the epoch 1 in time, and late when there is one of 2."""
    async with storage(directory, url) as parts:
        late = Writer(parts.spool, parts.database, parts.watch, replaced=True)
        begun = False

        async def write(epoch: int, row: Made) -> None:
            nonlocal begun
            begun = begun or epoch == 2
            parts.spool.stage([row(epoch) if callable(row) else outbox_row(row, epoch, 1.0)])
            await parts.spool.committed()
            await (late if epoch == 1 and begun else parts.writer).drain()

        yield write
        assert await parts.spool.refused() == []


@pytest.mark.parametrize("late_first", [True, False])
@pytest.mark.parametrize("kind", CASES)
async def test_while_the_object_goes_on_its_present_state_is_that_of_the_bridge_that_goes_on_with_it(
    tmp_path: Path, database_url: str, kind: str, late_first: bool
) -> None:
    case = CASES[kind]
    async with two_bridges(tmp_path, database_url) as write:
        await write(1, case.early)
        insert = "insert into cti.checkpoint values ($1, $2, $3, 1)"
        await fetch(database_url, insert, *case.entry, json.dumps(case.state).encode())
        if late_first:
            await write_late(tmp_path, database_url, case.late)
            await write(2, case.goes_on)
        else:
            await write(2, case.goes_on)
            await write(1, case.late)
        assert await fetch(database_url, case.asked) == [case.says[0]]
        await write(2, case.over)
        assert await fetch(database_url, case.asked) == [case.says[1]]


async def write_late(directory: Path, url: str, row: Made) -> None:
    async with storage(directory / "late", url) as parts:
        parts.spool.stage([row(1) if callable(row) else outbox_row(row, 1, 1.0)])
        await parts.spool.committed()
        await Writer(parts.spool, parts.database, parts.watch, replaced=True).drain()
        assert (parts.spool.backlog_rows, await parts.spool.refused()) == (0, [])


@pytest.mark.parametrize(
    ("kind", "late_first"),
    [*((kind, False) for kind in CASES), *((kind, True) for kind in CASES if kind not in ("login", "hours_override"))],
)
async def test_when_it_is_over_its_end_is_the_one_that_the_bridge_which_went_on_with_it_saw(
    tmp_path: Path, database_url: str, kind: str, late_first: bool
) -> None:
    """Its entry is gone. Of logins and overrides the end that comes first stays: within the moment between the entry's
    removal and the row of the true end."""
    case = CASES[kind]
    async with two_bridges(tmp_path, database_url) as write:
        await write(1, case.early)
        if late_first:
            await write_late(tmp_path, database_url, case.late)
            await write(2, case.over)
        else:
            await write(2, case.over)
            await write(1, case.late)
        assert await fetch(database_url, case.asked) == [case.says[1]]


@pytest.mark.parametrize("kind", CASES)
async def test_a_row_of_the_very_state_that_was_shipped_is_written_though_it_comes_late(
    tmp_path: Path, database_url: str, kind: str
) -> None:
    """The machine died between the shipment and the row, and the other bridge has had no reason to write it again."""
    case = CASES[kind]
    insert = "insert into cti.checkpoint values ($1, $2, $3, 1)"
    await fetch(database_url, insert, *case.entry, json.dumps(case.state).encode())
    await write_late(tmp_path, database_url, case.early)
    assert len(await fetch(database_url, case.asked)) == 1


@pytest.mark.parametrize("kind", CASES)
async def test_an_object_that_the_other_bridge_never_knew_is_written_as_it_was(
    tmp_path: Path, database_url: str, kind: str
) -> None:
    case = CASES[kind]
    async with storage(tmp_path, database_url) as parts:
        await fetch(database_url, "insert into cti.checkpoint values ('call', 'another', '{}', 1)")
        await write_late(tmp_path, database_url, case.early)
        assert len(await fetch(database_url, case.asked)) == 1
        assert parts.spool.backlog_rows == 0


@pytest.mark.parametrize("late_first", [True, False])
async def test_after_call_work_is_that_of_the_later_bridge_in_whichever_order(
    tmp_path: Path, database_url: str, late_first: bool
) -> None:
    async with two_bridges(tmp_path, database_url) as write:
        await write(1, VISIT)
        rows = [(1, AfterCallWork(ONE, 10.0)), (2, AfterCallWork(ONE, 20.0))]
        for epoch, row in rows if late_first else reversed(rows):
            await write(epoch, row)
    assert await fetch(database_url, "select after_call_s from cti.queue_visit") == [{"after_call_s": 20.0}]


# ------------------------------------------------------------------------------------------------ both bridges


def own(states: Mapping[Key, bytes]) -> dict[Key, bytes]:
    """Without those of the journal."""
    return {key: state for key, state in states.items() if key in (A, B, C)}


@asynccontextmanager
async def taking_over(directory: Path, url: str, epoch: int) -> AsyncIterator[tuple[Storage, Shipped | None]]:
    """The parts of a bridge that takes over, with what it has taken."""
    spool, database = Spool.open(directory / "spool.db"), Database(url)
    journal = Journal(spool, database)
    watch = Watch(spool, journal.desk)
    try:
        found = await go_on_with_shipped(spool, database, epoch)
        await journal.start(epoch)
        shipping = Shipping(spool, database)
        shipping.start()
        try:
            yield (
                Storage(spool, database, journal, Writer(spool, database, watch, collect_s=0.001), watch, shipping),
                found,
            )
        finally:
            await shipping.stop()
    finally:
        await spool.close()
        await database.close()


async def test_the_spare_goes_on_with_what_was_shipped_and_what_the_other_one_wrote_alone_comes_later(
    tmp_path: Path, database_url: str
) -> None:
    """The first machine is cut off from Postgres, goes on for a moment, and dies; the second one takes over. It has
    been a bridge without a spare before, in a later epoch, and has rows left from then."""
    call_id, change = new_id(), state_change(7)
    async with storage(tmp_path / "second", NOWHERE) as before:
        put(before, {C: "of an earlier life"})
        before.journal.record([call_event(1, call_id)], {}, time.time())
        await before.spool.committed()
        early = before.spool.epoch
    async with storage(tmp_path / "first", database_url) as first:
        first.shipping.start()
        put(first, {A: "shipped", B: "shipped"})
        first.journal.record([call_row(call_id, 1)], {}, time.time())
        await has_caught_up(first)
        await first.writer.drain()
        await first.shipping.stop()
        assert early > first.spool.epoch
        put(first, {A: "alone", C: "alone"})
        first.journal.record([call_row(call_id, 5), change, call_event(4, call_id)], {}, time.time())
        await first.spool.committed()
        last = first.spool.epoch

    async with taking_over(tmp_path / "second", database_url, early + 1) as (second, found):
        assert found is not None and found.epoch == last
        assert own(found.states) == own(second.spool.load()) == {A: b"shipped", B: b"shipped"}
        assert (second.spool.epoch, second.spool.backlog_rows) == (early + 1, 1)
        put(second, {B: None, C: "second"})
        second.journal.record([call_row(call_id, 2, queue="sales")], {}, time.time())
        await has_caught_up(second)
        await second.writer.drain()
        assert own(await shipped_in(database_url)) == {A: b"shipped", C: b"second"}

    # The first one is back, and writes what is left, as a spare does.
    async with late(tmp_path / "first", database_url) as (spool, writer):
        await writer.drain()
        assert (spool.backlog_rows, await spool.refused()) == (0, [])
    assert await fetch(database_url, "select version, queue from cti.call") == [{"version": 2, "queue": "sales"}]
    assert await fetch(database_url, "select seq from cti.call_event order by seq") == [{"seq": 1}, {"seq": 4}]
    assert await fetch(database_url, "select seq from cti.agent_state_change") == [{"seq": 7}]
    assert own(await shipped_in(database_url)) == {A: b"shipped", C: b"second"}


@asynccontextmanager
async def late(directory: Path, url: str) -> AsyncIterator[tuple[Spool, Writer]]:
    """The writer of a spare, which begins no epoch."""
    spool, database = Spool.open(directory / "spool.db"), Database(url)
    try:
        yield spool, Writer(spool, database, Watch(spool, Journal(spool, database).desk), replaced=True)
    finally:
        await spool.close()
        await database.close()


async def test_who_acted_last_goes_on_with_its_own_states_which_are_newer(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as first:
        first.shipping.start()
        put(first, {A: "shipped"})
        await has_caught_up(first)
        await first.shipping.stop()
        put(first, {A: "alone"})
        await first.spool.committed()
        epoch = first.spool.epoch
    async with taking_over(tmp_path, database_url, epoch + 1) as (again, found):
        assert found is None and own(again.spool.load()) == {A: b"alone"}
        await has_caught_up(again)
        assert own(await shipped_in(database_url)) == {A: b"alone"}


async def test_two_in_turn_each_go_on_with_the_states_of_the_other(tmp_path: Path, database_url: str) -> None:
    for turn in range(1, 7):
        directory = tmp_path / ("first" if turn % 2 else "second")
        async with taking_over(directory, database_url, turn) as (parts, found):
            before = own(parts.spool.load())
            assert (found is None, before) == (turn == 1, {} if turn == 1 else {A: str(turn - 1).encode()})
            put(parts, {A: turn})
            await has_caught_up(parts)
            put(parts, {B: turn})  # That is never shipped.
            await parts.shipping.stop(0)
            parts.spool.stage((), {B: b"alone"})
            await parts.spool.committed()
            await fetch(database_url, "delete from cti.checkpoint where id = 'b'")


async def test_what_is_shipped_after_the_spare_has_loaded_is_refused_so_nothing_is_acknowledged_that_it_lacks(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path / "first", database_url) as first:
        first.shipping.start()
        put(first, {A: 1})
        await has_caught_up(first)
        async with storage(tmp_path / "second", NOWHERE) as second:
            second.database = Database(database_url)
            found = await take_shipped(second.database, first.spool.epoch + 1)
            await second.database.close()
        put(first, {A: 2})
        await first.spool.committed()
        assert not await first.shipping.shipped(10.0)
        assert first.shipping.superseded == first.spool.epoch + 1
        assert found is not None and own(found.states) == own(await shipped_in(database_url)) == {A: b"1"}
        with pytest.raises(Superseded):
            await take_shipped(first.database, first.spool.epoch)


async def test_the_epoch_of_a_start_is_above_all_that_were_shipped_or_leased(tmp_path: Path, database_url: str) -> None:
    await fetch(database_url, "insert into cti.checkpoint values ('shipped', '', '', $1)", 7 * NUMBERS_AN_EPOCH + 3)
    async with storage(tmp_path, database_url) as parts:
        assert parts.spool.epoch == 8
    await fetch(
        database_url, "insert into cti.lease (name, term, expires_at, phase) values ('bridge', 20, now(), 'active')"
    )
    async with storage(tmp_path, database_url) as parts:
        assert parts.spool.epoch == 21


async def test_a_spool_that_took_states_over_holds_them_alone_after_a_death_at_any_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The own states, or the other's with their epoch: never some of both."""
    commit = SpoolFile.commit

    def dies(self: SpoolFile, batch: Batch) -> None:
        if batch.replaced:
            raise sqlite3.OperationalError("disk I/O error")
        commit(self, batch)

    spool = Spool.open(tmp_path / "spool.db")
    spool.set_epoch(3)
    spool.stage([OutboxRow("call", b"{}", 1.0)], {A: b"own", B: b"own"})
    await spool.committed()
    monkeypatch.setattr(SpoolFile, "commit", dies)
    with pytest.raises(SpoolFailed):
        await spool.adopt({C: b"other"}, 9)
    with sqlite3.connect(tmp_path / "spool.db") as seen:
        assert seen.execute("select id from checkpoint order by id").fetchall() == [("a",), ("b",)]
    monkeypatch.undo()
    await spool.committed()
    await spool.close()

    again = Spool.open(tmp_path / "spool.db")
    assert (again.load(), again.epoch, again.shipped_epoch, again.backlog_rows) == ({C: b"other"}, 9, 9, 1)
    await again.close()
