"""Parts and records for the tests of the storage."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from cti_bridge.domain.border.records import AgentStateChange, CallEvent, CallRow, OfferRow, TicketOpened
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.parts import Customer
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, OfferResult
from cti_bridge.storage.database import Database
from cti_bridge.storage.journal import Journal
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.ticket_desk import TicketDesk
from cti_bridge.storage.writer import Writer
from tests.support.changed import replace

NOWHERE = "postgresql://nobody@/nothing?host=/nonexistent"
"""The address of a Postgres that is away."""

_ids = Ids(os.urandom)


def new_id() -> str:
    return _ids.uuid(time.time())


def live_call(identity: str) -> Call:
    """One that goes on, for the checkpoint."""
    return Call(identity, "main", Direction.INBOUND, Customer("+82100"), "+82200", 1.0, CallState.WAITING, 1.0)


class Watch:
    """Stands between writer and desk, and knows when the outbox is empty."""

    def __init__(self, spool: Spool, desk: TicketDesk) -> None:
        self._spool, self._desk = spool, desk
        self._written = asyncio.Event()

    def written(self, seq: int) -> None:
        self._desk.written(seq)
        self._written.set()

    async def emptied(self) -> None:
        async with asyncio.timeout(30):
            while self._spool.backlog_rows:
                self._written.clear()
                await self._written.wait()


@dataclass(slots=True)
class Storage:
    spool: Spool
    database: Database
    journal: Journal
    writer: Writer
    watch: Watch
    shipping: Shipping
    """Not started."""

    async def drained(self) -> None:
        """Everything recorded so far is in Postgres."""
        await self.journal.committed()
        await self.writer.drain()


@asynccontextmanager
async def storage(directory: Path, url: str, *, batch: int = 500, **journal: Any) -> AsyncIterator[Storage]:
    """The parts as the program puts them together; the writer is not started."""
    spool = Spool.open(directory / "spool.db")
    database = Database(url)
    try:
        made = Journal(spool, database, **journal)
        await made.start()
        watch = Watch(spool, made.desk)
        writer = Writer(spool, database, watch, collect_s=0.001, batch=batch)
        parts = Storage(spool, database, made, writer, watch, Shipping(spool, database))
        try:
            yield parts
        finally:
            await parts.shipping.stop()
    finally:
        await spool.close()
        await database.close()


async def fetch(url: str, sql: str, *arguments: object) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]
    finally:
        await connection.close()


def call_row(call_id: str | None = None, version: int = 1, **changes: Any) -> CallRow:
    row = CallRow(
        id=call_id or new_id(),
        node="main",
        direction=Direction.INBOUND,
        service="acme",
        customer_number="+82100",
        dialed_number="+82200",
        calling_number=None,
        queue="support",
        arrived_at=1_700_000_000.25,
        answered_at=None,
        ended_at=None,
        outcome=None,
        emergency=False,
        ended_by=None,
        version=version,
    )
    return replace(row, **changes)


def call_event(seq: int = 1, call_id: str | None = None, **changes: Any) -> CallEvent:
    event = CallEvent(new_id(), call_id or new_id(), seq, 1_700_000_000.5, CallEventType.ARRIVED, {"n": seq})
    return replace(event, **changes)


def offer_row(offer_id: str, result: OfferResult | None = None) -> OfferRow:
    ended_at = None if result is None else 1_700_000_020.0
    return OfferRow(offer_id, new_id(), "a1", 1_700_000_000.0, ended_at, result)


def state_change(seq: int = 1, cti_id: str = "a1", **changes: Any) -> AgentStateChange:
    row = AgentStateChange(
        id=new_id(),
        cti_id=cti_id,
        seq=seq,
        from_status=Status.READY,
        from_state=AgentState.IDLE,
        to_status=Status.READY,
        to_state=AgentState.RINGING,
        reason=None,
        cause=Cause.OFFERED,
        call_id=None,
        at=1_700_000_000.125,
        lasted_s=2.5,
    )
    return replace(row, **changes)


def ticket_opened(**changes: Any) -> TicketOpened:
    return replace(TicketOpened(new_id(), new_id(), "acme", "a1", "+82100", 1_700_000_000.0, {}), **changes)
