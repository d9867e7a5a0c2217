"""What an earlier run has left open in Postgres ends truthfully, whatever became of its spool."""

import asyncio
import shutil
import time
from datetime import timedelta
from pathlib import Path

from cti_bridge.domain.border.records import AgentStateChange, CallEvent, CallRow, OfferRow, Record
from cti_bridge.domain.model.agent import Agent, AgentState, Status
from cti_bridge.domain.model.kept import LastChange
from cti_bridge.domain.model.words import CallEventType, EndedBy, OfferResult, Outcome
from cti_bridge.storage.closing import Closing
from tests.support.changed import replace
from tests.support.storage import (
    NOWHERE,
    Storage,
    call_row,
    fetch,
    live_call,
    new_id,
    offer_row,
    state_change,
    storage,
    ticket_opened,
)

BEGAN_AT = 1_700_001_000.0
TALKING_SINCE = 1_700_000_500.0


def closing(parts: Storage) -> Closing:
    return Closing(parts.spool, parts.database, parts.journal.goes_on, parts.watch, began_at=BEGAN_AT)


def record(parts: Storage, *records: Record, calls: tuple[str, ...] = (), agents: tuple[str, ...] = ()) -> None:
    states: dict[tuple[str, str], object | None] = {("call", call_id): live_call(call_id) for call_id in calls}
    states |= {("agent", cti_id): Agent(cti_id, "1001", seq=2) for cti_id in agents}
    parts.journal.record(records, states, time.time())


def over(call: CallRow, at: float, outcome: Outcome) -> CallRow:
    """The customer has ended it."""
    return replace(call, ended_at=at, outcome=outcome, ended_by=EndedBy.CUSTOMER)


def talk(call_id: str, cti_id: str = "a1") -> tuple[CallRow, OfferRow, CallEvent, AgentStateChange]:
    """A call that goes on: its row, an offer that is out, an event, and what its agent is."""
    began = replace(state_change(2, cti_id), to_status=Status.READY, to_state=AgentState.TALKING, at=TALKING_SINCE)
    return (
        call_row(call_id),
        replace(offer_row(new_id()), call_id=call_id),
        CallEvent(new_id(), call_id, 3, TALKING_SINCE, CallEventType.CONNECTED, {}),
        began,
    )


async def calls(url: str) -> dict[str, tuple[str | None, str | None, float | None]]:
    rows = await fetch(url, "select *, id::text as id, extract(epoch from ended_at)::float8 as ended from cti.call")
    return {row["id"]: (row["outcome"], row["ended_by"], row["ended"]) for row in rows}


async def last_change(url: str, cti_id: str = "a1") -> tuple[object, ...]:
    (row,) = await fetch(
        url,
        "select * from cti.agent_state_change where cti_id = $1 order by epoch desc, seq desc limit 1",
        cti_id,
    )
    return (row["seq"], row["from_state"], row["to_status"], row["to_state"], row["cause"], row["lasted_s"])


async def test_given_a_lost_spool_then_calls_offers_and_states_of_before_are_closed_at_what_is_known_of_them(
    tmp_path: Path, database_url: str
) -> None:
    call_id = new_id()
    async with storage(tmp_path / "lost", database_url) as parts:
        record(parts, *talk(call_id), calls=(call_id,), agents=("a1",))
        await parts.drained()
    async with storage(tmp_path / "new", NOWHERE) as parts:
        epoch = parts.journal.epoch
    async with storage(tmp_path / "new", database_url) as parts:
        assert parts.journal.epoch > epoch
        parts.journal.goes_on.agents.clear()  # As where Postgres was away at the start.
        for _ in range(2):
            await closing(parts).close_what_is_open()

    assert await calls(database_url) == {call_id: ("node_lost", "system", TALKING_SINCE)}
    assert await fetch(database_url, "select result, ended_at - offered_at as rang from cti.offer") == [
        {"result": "withdrawn", "rang": timedelta(0)}
    ]
    assert await last_change(database_url) == (3, "talking", "offline", "idle", "recovery", BEGAN_AT - TALKING_SINCE)
    events = await fetch(database_url, "select seq, type, detail from cti.call_event order by seq")
    assert [(event["seq"], event["type"]) for event in events] == [(3, "connected"), (4, "ended")]
    assert '"node_lost"' in events[1]["detail"]


async def test_given_a_spool_that_is_found_then_what_it_knows_stays_open_and_unreadable_calls_are_closed(
    tmp_path: Path, database_url: str
) -> None:
    known, broken = new_id(), new_id()
    async with storage(tmp_path, database_url) as parts:
        record(parts, *talk(known), *talk(broken, "a2"), calls=(known, broken), agents=("a1", "a2"))
        await parts.drained()
        parts.spool.stage((), {("call", broken): b'{"id":"', ("agent", "a2"): b"{"})
        await parts.spool.committed()
    async with storage(tmp_path, database_url) as parts:
        assert parts.spool.set_aside_entries == 2
        await closing(parts).close_what_is_open()
    assert {call_id: outcome for call_id, (outcome, *_) in (await calls(database_url)).items()} == {
        known: None,
        broken: "node_lost",
    }
    assert (await last_change(database_url))[0] == 2, "it goes on"
    assert (await last_change(database_url, "a2"))[0] == 2, "for the core to close"
    offers = await fetch(database_url, "select call_id::text, result from cti.offer")
    assert {row["call_id"]: row["result"] for row in offers} == {known: "withdrawn", broken: "withdrawn"}


async def test_given_the_true_end_among_the_rows_that_were_found_then_it_is_waited_for(
    tmp_path: Path, database_url: str
) -> None:
    call_id = new_id()
    async with storage(tmp_path, database_url) as parts:
        record(parts, *talk(call_id), calls=(call_id,))
        await parts.drained()
    async with storage(tmp_path, NOWHERE) as parts:
        end = replace(
            call_row(call_id, 2), ended_at=TALKING_SINCE + 60, outcome=Outcome.COMPLETED, ended_by=EndedBy.CUSTOMER
        )
        parts.journal.record([end], {("call", call_id): None}, time.time())
        await parts.journal.committed()
    async with storage(tmp_path, database_url) as parts:
        made = closing(parts)
        made.start()
        assert made._task is not None
        for row in await parts.spool.next_rows(100):
            assert not made._written.is_set()
            last = row.seq
        await parts.writer.drain()
        made.written(last)
        await asyncio.wait_for(made._task, 10)
        await made.stop()
    assert await calls(database_url) == {call_id: ("completed", "customer", TALKING_SINCE + 60)}


async def test_given_a_spool_that_was_copied_while_a_call_was_up_then_what_its_run_writes_harms_nothing(
    tmp_path: Path, database_url: str
) -> None:
    call_id, later = new_id(), new_id()
    offer = replace(offer_row(new_id()), call_id=call_id)
    async with storage(tmp_path / "spool", database_url) as parts:
        record(parts, call_row(call_id), offer, state_change(1), state_change(2), calls=(call_id,), agents=("a1",))
        await parts.drained()
        shutil.copytree(tmp_path / "spool", tmp_path / "copy", ignore=shutil.ignore_patterns("*.lock"))
        # It goes on: the call ends, another one begins, the agent changes.
        end = replace(
            call_row(call_id, 3), ended_at=TALKING_SINCE, outcome=Outcome.COMPLETED, ended_by=EndedBy.CUSTOMER
        )
        answered = replace(offer, ended_at=TALKING_SINCE, result=OfferResult.ANSWERED)
        record(parts, end, answered, call_row(later), state_change(3), state_change(4))
        await parts.drained()

    async with storage(tmp_path / "copy", database_url) as parts:
        assert parts.journal.epoch == 2
        last = [one for one in parts.journal.load().core() if isinstance(one, LastChange)]
        assert [(one.cti_id, one.seq) for one in last] == [("a1", 4)]
        # It believes the call to be up, finds it gone (which it has not seen), and numbers what it writes from where
        # the copy was.
        gone = replace(
            call_row(call_id, 2),
            ended_at=TALKING_SINCE + 900,
            outcome=Outcome.ABANDONED_WAITING,
            ended_by=EndedBy.CUSTOMER,
            seen_late=True,
        )
        left = replace(offer, ended_at=TALKING_SINCE + 900, result=OfferResult.CALLER_LEFT, seen_late=True)
        record(parts, gone, left, state_change(3), state_change(4))
        await parts.drained()
        await closing(parts).close_what_is_open()
        assert await parts.spool.refused() == []

    found = await calls(database_url)
    assert found[call_id] == ("completed", "customer", TALKING_SINCE)
    assert found[later][:2] == ("node_lost", "system")
    assert await fetch(database_url, "select result from cti.offer") == [{"result": "answered"}]
    assert await fetch(database_url, "select count(*) from cti.agent_state_change") == [{"count": 6}]


async def test_given_postgres_that_is_away_then_it_is_closed_when_it_is_back(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path / "lost", database_url) as parts:
        record(parts, *talk(new_id()))
        await parts.drained()
    async with storage(tmp_path / "new", NOWHERE) as parts:
        made = Closing(parts.spool, parts.database, parts.journal.goes_on, parts.watch, began_at=BEGAN_AT)
        made.start()
        await asyncio.sleep(0)  # Its first attempt begins, while Postgres is nowhere.
        parts.database._url = database_url
        assert made._task is not None
        await asyncio.wait_for(made._task, 10)
    assert [outcome for outcome, *_ in (await calls(database_url)).values()] == ["node_lost"]
    assert (await last_change(database_url))[2:5] == ("offline", "idle", "recovery")


async def test_given_a_ticket_that_has_gone_on_since_the_copy_then_its_history_has_no_version_twice(
    tmp_path: Path, database_url: str
) -> None:
    async with storage(tmp_path / "spool", database_url) as parts:
        record(parts, opened := ticket_opened(), same := ticket_opened(), calls=(opened.call_id, same.call_id))
        await parts.drained()
        shutil.copytree(tmp_path / "spool", tmp_path / "copy", ignore=shutil.ignore_patterns("*.lock"))
        await parts.journal.desk.comment(opened.ticket_id, "a1", "since the copy")
        await parts.drained()
    async with storage(tmp_path / "copy", database_url) as parts:
        shown = await parts.journal.desk.comment(opened.ticket_id, "a1", "after it")
        await parts.journal.desk.comment(same.ticket_id, "a1", "after it")
        await parts.drained()
        assert await parts.spool.refused() == []
    assert [comment.text for comment in shown.comments] == ["since the copy", "after it"]
    rows = await fetch(database_url, "select version from cti.ticket order by version")
    assert [row["version"] for row in rows] == [2, 3]
