"""What Postgres holds, waited for: the bridge writes a little later than it acts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")
Row = dict[str, Any]
WITHIN_S = 30.0


async def eventually(look: Callable[[], Awaitable[T]], enough: Callable[[T], object], within_s: float = WITHIN_S) -> T:
    """Look again and again until it is enough, at most so long; the last look is in the AssertionError."""
    end = time.monotonic() + within_s
    while not enough(seen := await look()):
        assert time.monotonic() < end, f"not within {within_s} s; seen last: {seen!r}"
        await asyncio.sleep(0.05)
    return seen


class Rows:
    """A reader of the tables of schema cti, with one connection, and a new one where Postgres has been away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._free = asyncio.Lock()

    async def fetch(self, query: str, *arguments: Any) -> list[Row]:
        """Run a query once."""
        async with self._free:
            if self._connection is not None:
                try:
                    return await self._ask(self._connection, query, arguments)
                except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError):
                    self._give_up()
            self._connection = await asyncpg.connect(self._url)
            return await self._ask(self._connection, query, arguments)

    async def close(self) -> None:
        """Give the connection up."""
        self._give_up()

    def _give_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _ask(self, connection: asyncpg.Connection, query: str, arguments: tuple[Any, ...]) -> list[Row]:
        return [dict(row) for row in await connection.fetch(query, *arguments)]

    async def call(self, customer_number: str, *, ended: bool = True, within_s: float = WITHIN_S) -> Row:
        """The one call of a customer; more than one is an AssertionError."""
        query = "select *, id::text as id from cti.call where customer_number = $1"
        rows = await eventually(
            lambda: self.fetch(query, customer_number),
            lambda rows: rows and (not ended or all(row["ended_at"] for row in rows)),
            within_s,
        )
        assert len(rows) == 1, rows
        return rows[0]

    async def offers(self, call_id: str) -> list[tuple[str, str | None]]:
        """Who was offered a call and how that ended, in order."""
        rows = await self.fetch("select * from cti.offer where call_id = $1::uuid order by offered_at, id", call_id)
        return [(row["cti_id"], row["result"]) for row in rows]

    async def offers_ended(self, call_id: str, count: int) -> list[tuple[str, str | None]]:
        """The same, when that many have ended."""
        return await eventually(
            lambda: self.offers(call_id), lambda offers: len(offers) >= count and all(result for _, result in offers)
        )

    async def changes(self, cti_id: str) -> list[Row]:
        """All changes of an agent's state, in order."""
        return await self.fetch("select * from cti.agent_state_change where cti_id = $1 order by epoch, seq", cti_id)

    async def changes_up_to(self, cti_id: str, cause: str, within_s: float = WITHIN_S) -> list[Row]:
        """All changes when the last one has this cause."""
        return await eventually(
            lambda: self.changes(cti_id), lambda rows: rows and rows[-1]["cause"] == cause, within_s
        )

    async def ticket(self, call_id: str, *, owner: str | None = None) -> Row:
        """The one ticket of a call, as soon as it is this agent's if one is named."""
        query = "select *, id::text as id from cti.ticket where call_id = $1::uuid"
        found = await eventually(
            lambda: self.fetch(query, call_id), lambda rows: rows and (owner is None or rows[0]["owner"] == owner)
        )
        return found[0]

    async def no_ticket(self, call_id: str) -> bool:
        """Tell whether there is no ticket for a call."""
        return not await self.fetch("select 1 from cti.ticket where call_id = $1::uuid", call_id)

    async def ticket_events(self, ticket_id: str, at_least: int = 1) -> list[Row]:
        """The events of a ticket, in order, when there are so many."""
        query = "select * from cti.ticket_event where ticket_id = $1::uuid order by version"
        return await eventually(lambda: self.fetch(query, ticket_id), lambda events: len(events) >= at_least)

    async def call_events(self, call_id: str) -> list[Row]:
        """The events of a call, in order."""
        return await self.fetch("select * from cti.call_event where call_id = $1::uuid order by epoch, seq", call_id)
