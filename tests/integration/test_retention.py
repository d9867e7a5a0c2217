"""Old rows are deleted in portions where the house has set for how long they are kept, and what is still needed
stays."""

from collections.abc import Iterable
from pathlib import Path

import asyncpg
import pytest

from cti_bridge.domain.border.errors import NotFound, StorageUnavailable
from cti_bridge.storage import retention
from cti_bridge.storage.database import Database
from cti_bridge.storage.retention import DAY_S, Retention
from cti_bridge.storage.spool import OutboxRow
from tests.support.storage import NOWHERE, Storage, call_row, fetch, live_call, storage, ticket_opened

NOW = 1_800_000_000.0
OLD = NOW - 40 * DAY_S
FILL = """
insert into cti.call (id, node, direction, dialed_number, arrived_at, ended_at, version, epoch)
select ('20000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'main', 'inbound', '+82200',
    to_timestamp({old} + n), case when n = 9 then null else to_timestamp({old} + n) end, 1, 1
from generate_series(1, 9) n;
insert into cti.call_event (id, call_id, seq, at, type, detail, epoch)
select gen_random_uuid(), id, 1, arrived_at, 'arrived', '{{}}', 1 from cti.call;
insert into cti.offer (id, call_id, cti_id, offered_at, epoch)
select gen_random_uuid(), id, 'a1', arrived_at, 1 from cti.call;
insert into cti.ticket (id, service, call_id, status, owner, created_at, version, epoch)
select id, 'acme', id, 'resolved', 'a1', arrived_at, 1, 1 from cti.call;
insert into cti.ticket_event (id, ticket_id, version, at, by, type, detail, epoch)
select gen_random_uuid(), id, 1, created_at, 'a1', 'opened', '{{}}', 1 from cti.ticket;
insert into cti.call (id, node, direction, dialed_number, arrived_at, ended_at, version, epoch)
values
    ('20000000-0000-7000-8000-0000000000aa', 'main', 'inbound', '+82200', to_timestamp({now}), to_timestamp({now}), 1,
    1);
insert into cti.agent_state_change
    (id, cti_id, seq, from_status, from_state, to_status, to_state, cause, at, lasted_s, epoch)
select gen_random_uuid(), 'a' || n % 2, n, 'ready', 'idle', 'ready', 'ringing', 'offered', to_timestamp({old} + n), 1, 1
from generate_series(1, 6) n;
insert into cti.login (id, cti_id, at, ended_at, epoch) values
    (gen_random_uuid(), 'a0', to_timestamp({old}), to_timestamp({old}), 1),
    (gen_random_uuid(), 'a1', to_timestamp({old}), null, 1);
insert into cti.audit (id, at, who, what, object, epoch) values
    (gen_random_uuid(), to_timestamp({old}), 's1', 'logout', 'old', 1),
    (gen_random_uuid(), to_timestamp({now}), 's1', 'logout', 'present', 1);
insert into cti.gap (id, what, from_at, till_at, epoch) values
    (gen_random_uuid(), 'bridge', to_timestamp({old}), to_timestamp({old}), 1);
insert into cti.callback (id, kind, service, queue, number, status, placed_at, ended_at, recording, version, epoch)
select ('40000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'voicemail', 'acme', 'support', '+82' || n,
    case when n = 1 then 'waiting' else 'done' end, to_timestamp({old}),
    case when n = 1 then null else to_timestamp({old}) end,
    ('30000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 1
from generate_series(1, 5) n;
insert into cti.recording (id, call_id, service, state, started_at, ended_at, version, epoch)
select ('30000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 'acme',
    (array['deleted', 'stored', 'lost', 'deleted'])[n], to_timestamp({old}), to_timestamp({old}), 1, 1
from generate_series(1, 4) n;
insert into cti.hours_override (id, hours, state, by, at, ended_at, epoch) values
    (gen_random_uuid(), 'past', 'open', 'operator', to_timestamp({old}), to_timestamp({old}), 1),
    (gen_random_uuid(), 'present', 'open', 'operator', to_timestamp({old}), null, 1);
update cti.ticket set status = 'open' where call_id = '20000000-0000-7000-8000-000000000001';
update cti.ticket_event set at = to_timestamp({now}) where ticket_id = '20000000-0000-7000-8000-000000000002';
"""
"""Nine old calls: the first has an open ticket, the second one with an event of today, the last goes on. One call of
today."""


@pytest.fixture
async def filled(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    await connection.execute(FILL.format(old=OLD, now=NOW))
    await connection.close()
    return database_url


class NoTickets:
    """No ticket is in memory, and no row was refused."""

    def forget_refused(self, before: float) -> None:
        pass

    def let_go(self, ticket_ids: Iterable[str]) -> set[str]:
        return set(ticket_ids)

    def gone(self, ticket_ids: Iterable[str]) -> None:
        pass


async def forget(url: str, days: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(retention, "PORTION", 2)
    database = Database(url)
    try:
        return await Retention(
            database, NoTickets(), NoTickets(), lambda: days, clock=lambda: NOW, pause_s=0.0
        ).forget()
    finally:
        await database.close()


async def count(url: str, table: str) -> int:
    return int((await fetch(url, f"select count(*) as n from cti.{table}"))[0]["n"])


async def test_given_nothing_is_set_then_nothing_is_deleted(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await forget(filled, 0, monkeypatch) == 0
    assert await count(filled, "call") == 10


async def test_given_days_then_older_calls_go_with_all_that_is_theirs_and_what_is_needed_stays(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forget(filled, 30, monkeypatch)
    left = [str(row["id"])[-2:] for row in await fetch(filled, "select id from cti.call order by id")]
    assert left == ["01", "02", "09", "aa"]
    for table in ("call_event", "offer", "ticket", "ticket_event"):
        assert await count(filled, table) == 3, table
    changes = await fetch(filled, "select cti_id, seq from cti.agent_state_change order by seq")
    assert [(row["cti_id"], row["seq"]) for row in changes] == [("a1", 5), ("a0", 6)], "the last of each agent"
    assert [row["cti_id"] for row in await fetch(filled, "select cti_id from cti.login")] == ["a1"], "it goes on"
    assert await count(filled, "gap") == 0
    assert [row["hours"] for row in await fetch(filled, "select hours from cti.hours_override")] == ["present"]
    assert [row["object"] for row in await fetch(filled, "select object from cti.audit")] == ["present"]


async def test_given_days_then_customers_go_who_were_called_and_whose_message_is_deleted(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is not called yet, the message of the second can be heard; the fifth has left none."""
    await forget(filled, 30, monkeypatch)
    assert [row["number"] for row in await fetch(filled, "select number from cti.callback order by 1")] == [
        "+821",
        "+822",
    ]
    assert [row["state"] for row in await fetch(filled, "select state from cti.recording")] == ["stored"]


async def test_given_rows_that_are_young_enough_then_they_stay(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await forget(filled, 41, monkeypatch) == 0


async def test_given_calls_that_are_kept_then_they_are_looked_at_once_however_many_are_deleted(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody resolves tickets in a house whose tickets are elsewhere: each portion would read all of them again."""
    looked_at: list[str] = []

    class Looking(NoTickets):
        def let_go(self, ticket_ids: Iterable[str]) -> set[str]:
            found = list(ticket_ids)
            looked_at.extend(found)
            return set(found)

    monkeypatch.setattr(retention, "PORTION", 2)
    at_once = "update cti.call set arrived_at = to_timestamp({old}) where arrived_at < to_timestamp({now})"
    await fetch(filled, at_once.format(old=OLD, now=NOW))
    database = Database(filled)
    try:
        deleted = await Retention(database, Looking(), NoTickets(), lambda: 30, clock=lambda: NOW, pause_s=0.0).forget()
    finally:
        await database.close()
    assert len(looked_at) == len(set(looked_at)) == 6, "all of the same moment, and none twice"
    assert deleted == 6 + 4 + 1 + 1 + 1 + 1 + 3 + 3
    assert await count(filled, "call") == 4


async def test_given_a_ticket_in_memory_then_it_is_found_nowhere_when_it_is_deleted(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        desk = parts.journal.desk
        kept, gone = await resolved(parts), await resolved(parts)
        await resolve_in(parts, [kept, gone], OLD)
        await desk.comment(kept, "a1", "not in Postgres yet")

        assert (
            await Retention(parts.database, desk, parts.spool, lambda: 30, clock=lambda: NOW, pause_s=0.0).forget() >= 1
        )

        assert await desk.get(gone) is None
        with pytest.raises(NotFound):
            await desk.comment(gone, "a1", "too late")
        await parts.drained()
        assert [str(row["id"]) for row in await fetch(database_url, "select id from cti.ticket")] == [kept]
        assert await count(database_url, "ticket_event") == 3, "opened, resolved, commented: of the kept one alone"
    async with storage(tmp_path, NOWHERE) as again:
        with pytest.raises(StorageUnavailable):
            await again.journal.desk.get(gone)
        assert await again.journal.desk.get(kept) is not None, "in the checkpoint"


async def test_given_postgres_that_goes_in_the_middle_then_the_ticket_can_be_found_again(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        desk = parts.journal.desk
        ticket_id = await resolved(parts)
        assert desk.let_go([ticket_id]) == {ticket_id}
        assert await desk.get(ticket_id) is None
        desk.gone([ticket_id])
        assert await desk.get(ticket_id) is not None


async def test_given_rows_that_postgres_refused_then_the_old_ones_leave_the_spool_too(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path, database_url) as parts:
        parts.spool.stage([OutboxRow("nothing", b"{}", OLD), OutboxRow("call", b"{", NOW)])
        await parts.drained()
        await Retention(
            parts.database, parts.journal.desk, parts.spool, lambda: 30, clock=lambda: NOW, pause_s=0.0
        ).forget()
        assert [kind for kind, _, _ in await parts.spool.refused()] == ["call"]


async def resolved(parts: Storage) -> str:
    """A ticket of a call that is over, with all of it in Postgres and in memory."""
    opened = ticket_opened()
    row = call_row(opened.call_id, arrived_at=OLD, ended_at=OLD)
    parts.journal.record([opened, row], {("call", opened.call_id): live_call(opened.call_id)}, OLD)
    await parts.journal.desk.set_status(opened.ticket_id, "a1", "resolved", 1)
    parts.journal.record([], {("call", opened.call_id): None}, OLD)
    await parts.drained()
    return opened.ticket_id


async def resolve_in(parts: Storage, ticket_ids: list[str], at: float) -> None:
    """The history of the tickets is of that moment."""
    await fetch(parts.database._url, "update cti.ticket_event set at = to_timestamp($1::float8)", at)
