"""The ticket desk with a real spool and a real Postgres: seen at once, with or without Postgres, before and
after a restart (requirements F2, F3)."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.domain.border.errors import NotFound, StorageUnavailable
from cti_bridge.domain.border.records import Record, TicketNoted, TicketOpened
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.words import Noted
from cti_bridge.storage.spool import SpoolFailed
from cti_bridge.storage.spool_file import Batch, SpoolFile
from cti_bridge.storage.ticket_desk import TicketDesk
from tests.support.storage import NOWHERE, Storage, fetch, live_call, new_id, storage, ticket_opened
from tickets import store
from tickets.errors import UnusableText, VersionConflict
from tickets.store import TicketQuery, TicketsFound, place_of
from tickets.ticket import Ticket


def record(parts: Storage, *records: Record) -> None:
    """As the engine does it: a ticket that is opened belongs to a call that is in the checkpoint."""
    calls = {("call", one.call_id): live_call(one.call_id) for one in records if isinstance(one, TicketOpened)}
    parts.journal.record(records, calls, time.time())


def end_call(parts: Storage, opened: TicketOpened) -> None:
    parts.journal.record([], {("call", opened.call_id): None}, time.time())


def noted(ticket_id: str, event_type: Noted = Noted.CALL_EVENT, **detail: str) -> TicketNoted:
    return TicketNoted(ticket_id, event_type, "system", 1_700_000_001.0, detail)


def ids(found: TicketsFound) -> list[str]:
    return [ticket.id for ticket in found.tickets]


async def test_a_ticket_is_there_the_moment_it_is_opened_and_the_listener_hears(tmp_path: Path) -> None:
    heard: list[tuple[int, bool]] = []
    async with storage(tmp_path, NOWHERE) as parts:
        parts.journal.desk.on_change = lambda ticket, opened: heard.append((ticket.version, opened))
        record(parts, opened := ticket_opened(), noted(opened.ticket_id, event="held"))

        ticket = await parts.journal.desk.get(opened.ticket_id)

    assert ticket is not None
    assert (ticket.owner, ticket.status, ticket.version) == ("a1", "open", 2)
    assert heard == [(1, True), (2, False)]


async def test_a_ticket_that_the_engine_still_gathers_is_found_and_listed(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        desk, gathered = parts.journal.desk, [ticket_opened(), ticket_opened()]
        first, second = gathered
        desk.catch_up = lambda: record(parts, gathered.pop(0))

        ticket = await desk.get(first.ticket_id)
        listed = await desk.search(TicketQuery((second.service or "",)))

    assert ticket is not None and ticket.id == first.ticket_id
    assert second.ticket_id in ids(listed)


async def test_postgres_holds_in_the_end_what_memory_showed(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        record(parts, opened := ticket_opened(detail={"queue": "support"}))
        desk = parts.journal.desk
        await desk.comment(opened.ticket_id, "a1", "quote ' and \\u0000 and 말")
        record(parts, noted(opened.ticket_id, Noted.OWNER_CHANGED, owner="a2"))
        shown = await desk.set_status(opened.ticket_id, "a2", "resolved", 3)
        await parts.drained()

    assert await loaded(database_url, opened.ticket_id) == shown
    assert (shown.owner, shown.status, shown.version) == ("a2", "resolved", 4)


async def test_a_change_that_was_answered_is_in_the_spool(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, opened := ticket_opened())
        await parts.journal.desk.comment(opened.ticket_id, "a1", "hello")

        kinds = [row.kind for row in await parts.spool.next_rows(10)]

    assert kinds == ["ticket_event", "ticket", "ticket_event", "ticket"]


async def test_two_agents_who_saw_the_same_version_cannot_both_set_the_status(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        record(parts, opened := ticket_opened())
        asked = [parts.journal.desk.set_status(opened.ticket_id, by, "pending", 1) for by in ("a1", "a2")]

        first, second = await asyncio.gather(*asked, return_exceptions=True)

    assert isinstance(first, Ticket)
    assert isinstance(second, VersionConflict)


async def test_a_refused_change_changes_nothing(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, opened := ticket_opened())
        with pytest.raises(UnusableText):
            await parts.journal.desk.comment(opened.ticket_id, "a1", "")
        ticket = await parts.journal.desk.set_status(opened.ticket_id, "a1", "open", 1)

        assert ticket.version == 1


async def test_a_change_that_the_disk_refused_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: SpoolFile, batch: Batch) -> None:
        raise OSError("no space")

    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, opened := ticket_opened())
        await parts.journal.committed()
        with monkeypatch.context() as patch:
            patch.setattr(SpoolFile, "commit", refuse)
            with pytest.raises(SpoolFailed):
                await parts.journal.desk.comment(opened.ticket_id, "a1", "hello")


@pytest.mark.parametrize("ticket_id", ["", "nonsense", "a\0b", "{0196e7a0-0000-7000-8000-000000000000}"])
async def test_an_id_that_is_none_finds_nothing_without_asking(tmp_path: Path, ticket_id: str) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        assert await parts.journal.desk.get(ticket_id) is None
        with pytest.raises(NotFound):
            await parts.journal.desk.comment(ticket_id, "a1", "hello")


# ---------------------------------------------------------------------------------------------------- out of memory


async def test_a_ticket_that_rests_leaves_memory_and_checkpoint_and_can_still_be_worked(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url, tickets_at_rest=0) as parts:
        record(parts, opened := ticket_opened())
        await parts.drained()
        assert len(parts.journal.desk._cached) == 1, "its call goes on"
        end_call(parts, opened)
        assert len(parts.journal.desk._cached) == 0
        await parts.journal.committed()
        assert parts.spool.load() == {}

        changed = await asyncio.gather(*(parts.journal.desk.comment(opened.ticket_id, "a1", str(n)) for n in range(5)))
        await parts.drained()

        assert sorted(ticket.version for ticket in changed) == [2, 3, 4, 5, 6]
        assert len(parts.journal.desk._cached) == 0
    shown = await loaded(database_url, opened.ticket_id)
    assert [comment.text for comment in shown.comments] == ["0", "1", "2", "3", "4"]


async def test_of_the_tickets_at_rest_those_used_last_stay(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url, tickets_at_rest=2) as parts:
        tickets = [ticket_opened() for _ in range(3)]
        for opened in tickets[:2]:
            record(parts, opened)
            end_call(parts, opened)
        await parts.drained()
        await parts.journal.desk.get(tickets[0].ticket_id)
        record(parts, tickets[2])
        end_call(parts, tickets[2])
        await parts.drained()

        held = {one.ticket.id for one in parts.journal.desk._cached}

    assert held == {tickets[0].ticket_id, tickets[2].ticket_id}


# --------------------------------------------------------------------------------------------------------- searching


async def test_a_search_shows_tickets_as_they_are_now_newest_first(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url, tickets_at_rest=0) as parts:
        old, mid, new = (ticket_opened(at=float(at), owner=f"o{at}", customer_number=f"+{at}") for at in (1, 2, 3))
        other = ticket_opened(at=9.0, service="other")
        record(parts, old, mid, other)
        await parts.drained()
        for opened in (old, mid, other):
            end_call(parts, opened)
        record(parts, new)
        desk = parts.journal.desk
        await desk.set_status(mid.ticket_id, "a1", "resolved", 1)

        async def search(*query: object, **more: object) -> list[str]:
            return ids(await desk.search(TicketQuery(("acme",), *query, **more)))  # type: ignore[arg-type]

        assert await search() == [new.ticket_id, mid.ticket_id, old.ticket_id]
        assert await search("open") == [new.ticket_id, old.ticket_id]
        assert await search("resolved") == [mid.ticket_id]
        assert await search(owner="o1") == [old.ticket_id]
        assert await search(number="+2") == [mid.ticket_id]
        assert await search(limit=2) == [new.ticket_id, mid.ticket_id]
        assert await search(number="a\0b") == []
        await parts.drained()
        assert await search("resolved") == [mid.ticket_id]


async def pages(desk: TicketDesk, query: TicketQuery) -> list[list[str]]:
    found = [await desk.search(query)]
    while found[-1].more:
        found.append(await desk.search(replace(query, behind=place_of(found[-1].tickets[-1]))))
    return [ids(page) for page in found]


async def test_given_more_tickets_than_a_page_holds_then_pages_have_each_once_wherever_they_are(
    tmp_path: Path, database_url: str
) -> None:
    """Times that are equal, and rows that Postgres has, has in an older form, or has not."""
    times = [1.0, 2.0, 2.0, 2.0, 3.000001, 3.000002, 4.0]
    opened = [ticket_opened(at=at, customer_number="+1") for at in times]
    async with storage(tmp_path, database_url, tickets_at_rest=0) as parts:
        desk = parts.journal.desk
        record(parts, *opened[:5])
        await parts.drained()
        for ticket in opened[:5]:
            end_call(parts, ticket)
        record(parts, *opened[5:])
        await desk.set_status(opened[1].ticket_id, "a1", "pending", 1)
        newest = [ticket.ticket_id for ticket in sorted(opened, key=lambda one: (one.at, one.ticket_id), reverse=True)]
        for more in ({}, {"number": "+1"}, {"owner": "a1"}):
            for limit in (1, 2, 3, 7, 8):
                found = await pages(desk, TicketQuery(("acme",), limit=limit, **more))  # type: ignore[arg-type]
                assert [one for page in found for one in page] == newest
                assert all(len(page) == limit for page in found[:-1]) and found[-1]
        assert await pages(desk, TicketQuery(("acme",), status="pending", limit=1)) == [[opened[1].ticket_id]]


async def test_given_an_id_then_the_ticket_or_that_of_the_call_is_found_for_who_may_see_it(
    tmp_path: Path, database_url: str
) -> None:
    written, waiting = ticket_opened(), ticket_opened()
    async with storage(tmp_path, database_url, tickets_at_rest=0) as parts:
        desk = parts.journal.desk
        record(parts, written)
        await parts.drained()
        end_call(parts, written)
        record(parts, waiting)
        for ticket in (written, waiting):
            for identity in (ticket.ticket_id, ticket.call_id):
                assert ids(await desk.search(TicketQuery(("acme",), id=identity))) == [ticket.ticket_id]
                assert ids(await desk.search(TicketQuery(("acme",), id=identity, status="resolved"))) == []
                assert ids(await desk.search(TicketQuery(("other",), id=identity))) == []
        assert ids(await desk.search(TicketQuery(("acme",), id=new_id()))) == []


async def test_without_postgres_a_list_says_that_there_may_be_more_and_a_later_page_is_refused(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, ticket_opened())
        found = await parts.journal.desk.search(TicketQuery(("acme",)))
        assert (len(found.tickets), found.more) == (1, True)
        with pytest.raises(StorageUnavailable):
            await parts.journal.desk.search(TicketQuery(("acme",), behind=place_of(found.tickets[0])))


async def test_without_postgres_a_search_finds_what_memory_holds_and_says_when_that_is_nothing(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, opened := ticket_opened())

        assert ids(await parts.journal.desk.search(TicketQuery(("acme",)))) == [opened.ticket_id]
        with pytest.raises(StorageUnavailable):
            await parts.journal.desk.search(TicketQuery(("other",)))
        with pytest.raises(StorageUnavailable):
            await parts.journal.desk.get(new_id())


async def test_without_postgres_nobody_is_told_of_a_part_of_a_number_s_tickets(tmp_path: Path) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, ticket_opened(customer_number="+82100"))
        for number in ("+82100", "+82200"):
            with pytest.raises(StorageUnavailable):
                await parts.journal.desk.search(TicketQuery(("acme",), number=number))


# ----------------------------------------------------------------------------------------------------- after a restart


async def test_after_a_restart_without_postgres_tickets_are_read_and_worked_on(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        record(parts, written := ticket_opened())
        await parts.journal.desk.comment(written.ticket_id, "a1", "written")
        await parts.drained()
        record(parts, unwritten := ticket_opened(), noted(written.ticket_id))
        end_call(parts, unwritten)
        await parts.journal.committed()
    async with storage(tmp_path, NOWHERE) as parts:
        desk = parts.journal.desk
        shown = await desk.comment(written.ticket_id, "a1", "again")
        resolved = await desk.set_status(unwritten.ticket_id, "a1", "resolved", 1)
        assert [comment.text for comment in shown.comments] == ["written", "again"]
        assert [type(state) for state in parts.journal.load().core()] == [Call]
    async with storage(tmp_path, database_url) as parts:
        await parts.drained()
        assert await parts.spool.refused() == []

    assert await loaded(database_url, written.ticket_id) == shown
    assert await loaded(database_url, unwritten.ticket_id) == resolved


async def test_after_a_restart_tickets_rest_once_the_old_outbox_is_drained(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, NOWHERE) as parts:
        record(parts, opened := ticket_opened(), live := ticket_opened())
        end_call(parts, opened)
        await parts.journal.committed()
    async with storage(tmp_path, database_url, tickets_at_rest=0) as parts:
        assert len(parts.journal.desk._cached) == 2
        await parts.drained()
        assert [held.ticket.id for held in parts.journal.desk._cached] == [live.ticket_id]


async def test_after_a_restart_a_search_shows_what_is_still_in_the_outbox(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        record(parts, opened := ticket_opened())
        await parts.drained()
        await parts.journal.desk.set_status(opened.ticket_id, "a1", "resolved", 1)
    async with storage(tmp_path, database_url) as parts:
        assert ids(await parts.journal.desk.search(TicketQuery(("acme",), status="resolved"))) == [opened.ticket_id]
        assert ids(await parts.journal.desk.search(TicketQuery(("acme",), status="open"))) == []


async def test_a_note_on_a_ticket_that_only_postgres_knows_finds_it(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path / "a", database_url) as parts:
        record(parts, opened := ticket_opened())
        await parts.drained()
    async with storage(tmp_path / "lost", NOWHERE) as parts:
        record(parts, noted(opened.ticket_id, event="ended"))
        await parts.journal.committed()
    async with storage(tmp_path / "lost", database_url) as parts:
        ticket = await parts.journal.desk.get(opened.ticket_id)
        await parts.drained()
        assert parts.spool.load().keys() == {("ticket", opened.ticket_id)} | {
            ("ticket_event", f"{opened.ticket_id}/{version}") for version in (1, 2)
        }

    assert ticket is not None
    assert (ticket.version, ticket.events[-1].detail) == (2, {"event": "ended"})
    assert await loaded(database_url, opened.ticket_id) == ticket


async def test_a_note_on_a_ticket_that_nobody_knows_is_dropped_once_postgres_has_said_so(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        record(parts, noted(new_id()), noted("no uuid"))
        await asyncio.gather(*parts.journal.desk._loading.values())
        await parts.drained()

        assert parts.spool.load() == {}

    assert await fetch(database_url, "select 1 from cti.ticket_event") == []


async def test_a_listener_that_fails_does_not_hurt_the_bridge(tmp_path: Path) -> None:
    def fail(ticket: Ticket, opened: bool) -> None:
        raise RuntimeError("listener")

    async with storage(tmp_path, NOWHERE) as parts:
        parts.journal.desk.on_change = fail
        record(parts, opened := ticket_opened())

        assert await parts.journal.desk.get(opened.ticket_id) is not None


async def loaded(url: str, ticket_id: str) -> Ticket:
    connection = await asyncpg.connect(url)
    try:
        ticket = await store.load(connection, ticket_id)
    finally:
        await connection.close()
    assert ticket is not None
    return ticket
