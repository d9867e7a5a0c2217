"""The repeat of a request under its Idempotency-Key is harmless, whatever has happened to the first."""

import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cti_bridge.domain.border.errors import InvalidBody, NotFound
from cti_bridge.idempotency import KEPT_S, Key
from cti_bridge.storage.frequent_numbers import FrequentNumbers
from cti_bridge.storage.spool import SpoolFailed
from cti_bridge.storage.spool_file import Batch, SpoolFile
from tests.support.storage import NOWHERE, Storage, live_call, new_id, storage, ticket_opened
from tickets.errors import VersionConflict

KEY = "a1 POST /api/v1/x k1"


@asynccontextmanager
async def running(directory: Path, url: str = NOWHERE) -> AsyncIterator[tuple[Storage, FrequentNumbers]]:
    async with storage(directory, url) as parts:
        numbers = FrequentNumbers(
            parts.spool, parts.database, parts.journal.repeats, clock=time.time, new_id=lambda now: new_id()
        )
        await numbers.start(parts.journal.load())
        yield parts, numbers
        await numbers.stop()


async def a_ticket(parts: Storage) -> str:
    opened = ticket_opened()
    parts.journal.record([opened], {("call", opened.call_id): live_call(opened.call_id)}, time.time())
    await parts.journal.committed()
    return opened.ticket_id


@pytest.fixture
def disk_refuses_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """When it is called, the next commit fails."""
    commit = SpoolFile.commit
    refusals: list[int] = []

    def refuse(file: SpoolFile, batch: Batch) -> None:
        if refusals:
            refusals.pop()
            raise sqlite3.OperationalError("database or disk is full")
        commit(file, batch)

    monkeypatch.setattr(SpoolFile, "commit", refuse)
    return lambda: refusals.append(1)


async def test_given_a_comment_that_the_disk_refused_then_its_repeat_is_the_same_comment(
    tmp_path: Path, disk_refuses_once: Callable[[], None]
) -> None:
    async with running(tmp_path) as (parts, _):
        ticket_id, desk = await a_ticket(parts), parts.journal.desk
        disk_refuses_once()
        with pytest.raises(SpoolFailed):
            await desk.comment(ticket_id, "a1", "called back", KEY)
        ticket = await desk.comment(ticket_id, "a1", "called back", KEY)
        assert [comment.text for comment in ticket.comments] == ["called back"]


async def test_given_a_status_that_the_disk_refused_then_its_repeat_is_no_conflict(
    tmp_path: Path, disk_refuses_once: Callable[[], None]
) -> None:
    async with running(tmp_path) as (parts, _):
        ticket_id, desk = await a_ticket(parts), parts.journal.desk
        disk_refuses_once()
        with pytest.raises(SpoolFailed):
            await desk.set_status(ticket_id, "a1", "resolved", 1, KEY)
        ticket = await desk.set_status(ticket_id, "a1", "resolved", 1, KEY)
        assert (ticket.status, ticket.version) == ("resolved", 2)


async def test_given_a_restart_then_a_repeat_gets_the_first_answer_though_the_ticket_has_gone_on(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as (parts, _):
        ticket_id, desk = await a_ticket(parts), parts.journal.desk
        first = [
            await desk.comment(ticket_id, "a1", "called back", "k1"),
            await desk.set_status(ticket_id, "a1", "resolved", 2, "k2"),
            await desk.set_status(ticket_id, "a1", "resolved", 3, "k3"),
        ]
        assert [ticket.version for ticket in first] == [2, 3, 3]
        last = await desk.comment(ticket_id, "a2", "and again")
    async with running(tmp_path) as (parts, _):
        desk = parts.journal.desk
        again = [
            await desk.comment(ticket_id, "a1", "called back", "k1"),
            await desk.set_status(ticket_id, "a1", "resolved", 2, "k2"),
            await desk.set_status(ticket_id, "a1", "resolved", 3, "k3"),
        ]
        assert again == first
        assert await desk.get(ticket_id) == last


async def test_given_a_restart_and_a_ticket_that_only_postgres_has_then_the_same_answer(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url, tickets_at_rest=0) as parts:
        opened = ticket_opened()
        parts.journal.record([opened], {("call", opened.call_id): None}, time.time())
        first = await parts.journal.desk.comment(opened.ticket_id, "a1", "called back", KEY)
        await parts.journal.desk.comment(opened.ticket_id, "a1", "more")
        await parts.drained()
        await parts.journal.committed()
    async with storage(tmp_path, database_url) as parts:
        assert [kind for kind, _ in parts.spool.load()] == ["idempotency"]
        assert await parts.journal.desk.comment(opened.ticket_id, "a1", "called back", KEY) == first


async def test_given_the_key_is_on_disk_then_so_is_what_was_done_under_it(tmp_path: Path) -> None:
    async with running(tmp_path) as (parts, numbers):
        ticket_id = await a_ticket(parts)
        before = len(batches := committed(parts))
        await parts.journal.desk.comment(ticket_id, "a1", "called back", "k1")
        await numbers.add("a1", "+82100", "Bakery", "k2")
        kinds = [{kind for kind, _ in batch.changes} for batch in batches[before:]]
        assert kinds == [{"ticket", "ticket_event", "idempotency"}, {"frequent_number", "idempotency"}]


async def test_given_a_refused_change_then_its_key_is_free(tmp_path: Path) -> None:
    async with running(tmp_path) as (parts, numbers):
        ticket_id, desk = await a_ticket(parts), parts.journal.desk
        with pytest.raises(VersionConflict):
            await desk.set_status(ticket_id, "a1", "resolved", 7, KEY)
        assert (await desk.set_status(ticket_id, "a1", "pending", 1, KEY)).status == "pending"
        with pytest.raises(NotFound):
            await numbers.remove("a1", new_id(), "k2")
        assert (await numbers.add("a1", "+82100", "Bakery", "k2")).label == "Bakery"


async def test_given_a_key_of_something_else_then_refused_also_after_a_restart(tmp_path: Path) -> None:
    long = "x" * 10_000
    async with running(tmp_path) as (parts, _):
        ticket_id = await a_ticket(parts)
        first = await parts.journal.desk.comment(ticket_id, "a1", long, KEY)
        state = parts.spool.load()["idempotency", KEY]
        assert len(state) < 1_000
    async with running(tmp_path) as (parts, _):
        assert await parts.journal.desk.comment(ticket_id, "a1", long, KEY) == first
        with pytest.raises(InvalidBody, match="another request"):
            await parts.journal.desk.comment(ticket_id, "a1", long + "x", KEY)


async def test_given_a_number_added_and_one_removed_then_repeats_get_the_same_answer_after_a_refusal_and_a_restart(
    tmp_path: Path, disk_refuses_once: Callable[[], None]
) -> None:
    async with running(tmp_path) as (_, numbers):
        disk_refuses_once()
        with pytest.raises(SpoolFailed):
            await numbers.add("a1", "+82100", "Bakery", "k1")
        added = await numbers.add("a1", "+82100", "Bakery", "k1")
        other = await numbers.add("a1", "+82200", "Butcher")
        disk_refuses_once()
        with pytest.raises(SpoolFailed):
            await numbers.remove("a1", other.id, "k2")
        await numbers.remove("a1", other.id, "k2")
    async with running(tmp_path) as (_, numbers):
        assert await numbers.add("a1", "+82100", "Bakery", "k1") == added
        await numbers.remove("a1", other.id, "k2")
        assert numbers.of("a1") == [added]
        with pytest.raises(InvalidBody):
            await numbers.add("a1", "+82100", "Baker", "k1")


async def test_given_a_day_has_gone_then_the_key_has_left_the_checkpoint(tmp_path: Path) -> None:
    times = [1_700_000_000.0]
    async with storage(tmp_path, NOWHERE, clock=lambda: times[-1]) as parts:
        ticket_id, desk = await a_ticket(parts), parts.journal.desk
        await desk.comment(ticket_id, "a1", "called back", "k1")
        times.append(times[0] + KEPT_S + 1)
        ticket = await desk.comment(ticket_id, "a1", "called back", "k1")
        await desk.comment(ticket_id, "a1", "something", "k2")
        times.append(times[1] + KEPT_S + 1)
        await desk.comment(ticket_id, "a1", "something", "k3")
        assert len(ticket.comments) == 2
        assert [identity for kind, identity in parts.spool.load() if kind == "idempotency"] == ["k3"]


async def test_given_keys_of_the_engine_then_they_are_restored_with_the_others(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        now = time.time()
        parts.journal.record([], parts.journal.keys.remember("k1", "command", now), now)
        parts.spool.stage((), {("idempotency", "bad"): b"{"})
        await parts.journal.committed()
    async with storage(tmp_path, NOWHERE) as parts:
        assert parts.journal.keys.earlier("k1", "command", now) == Key("k1", "'command'", now)


def committed(parts: Storage) -> list[Batch]:
    """Every batch from now on."""
    batches: list[Batch] = []
    commit = parts.spool._file.commit

    def watched(batch: Batch) -> None:
        batches.append(batch)
        commit(batch)

    parts.spool._file.commit = watched  # type: ignore[method-assign]
    return batches
