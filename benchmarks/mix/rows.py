"""What Postgres and the spool hold when the mix is over."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

WITHIN_S = 60.0

_CALLS = """
select
    customer_number as number,
    direction,
    coalesce(outcome, 'none') as outcome,
    ended_at is not null as ended,
    (select count(*) from cti.call_event as event where event.call_id = call.id and event.type = 'ended') as ends,
    (select count(*) from cti.offer where offer.call_id = call.id) as offers,
    (
        select count(*) from cti.offer
        where offer.call_id = call.id and result = 'answered' and offer.ended_at is not null
    ) as answered,
    coalesce((
        select string_agg(
            concat(coalesce(result, 'open'), ' after ', round(extract(epoch from ended_at - offered_at), 3), ' s'),
            ', ' order by offered_at
        )
        from cti.offer where offer.call_id = call.id
    ), '') as results,
    (select count(*) from cti.ticket where ticket.call_id = call.id) as tickets
from cti.call
"""

_AGENTS_BUSY = """
select count(*) from (
    select distinct on (cti_id) to_state, to_status from cti.agent_state_change order by cti_id, epoch desc, seq desc
) as last
where to_state <> 'idle' or to_status <> 'ready'
"""

_AGENTS_GAPS = """
select count(*) from (
    select 1 from cti.agent_state_change group by cti_id, epoch having count(*) <> max(seq) - min(seq) + 1
) as gap
"""

# An agent who has transferred a call is free while it goes on, so the agent's own state tells who was busy.
_AGENTS_OFFERED_BUSY = """
select count(*)
from cti.offer left join cti.agent_state_change as change
    on change.cti_id = offer.cti_id and change.call_id = offer.call_id
    and change.at = offer.offered_at and change.to_state = 'ringing'
where change.from_state is distinct from 'idle'
"""

_CALLS_OFFERED_TWICE = """
select count(*) from (
    select offered_at, max(coalesce(ended_at, 'infinity')) over (
        partition by call_id order by offered_at rows unbounded preceding exclude current row
    ) as last_over
    from cti.offer
) as each
where last_over > offered_at
"""

# The outbox empties with the commit that follows Postgres's.
_SPOOL = """
select 'outbox', count(*) from outbox
union all select 'refused', count(*) from refused
union all select 'calls', count(*) from checkpoint where kind = 'call'
"""


# In the order of Rows.
_COUNTS = (_AGENTS_BUSY, _AGENTS_GAPS, _AGENTS_OFFERED_BUSY, _CALLS_OFFERED_TWICE)


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row of cti.call, and how many rows of other tables belong to it."""

    number: str
    direction: str
    outcome: str
    ended: bool
    ends: int
    """Events of the type ended."""
    offers: int
    answered: int
    results: str
    """How each offer ended, and after how long."""
    tickets: int


@dataclass(frozen=True, slots=True)
class Rows:
    calls: Sequence[CallRow]
    agents_busy: int
    """Agents whose last row is another state than idle, or another status than ready."""
    agents_with_gaps: int
    agents_offered_busy: int
    """Offers that did not find their agent idle."""
    calls_offered_twice: int
    """Offers of a call that was being offered to another agent."""


async def read_rows(database_url: str) -> Rows:
    """All of it: the database is the mix's own. Raises TimeoutError."""
    connection = await asyncpg.connect(database_url, command_timeout=WITHIN_S)
    try:
        # Postgres has looked at these tables when they were nearly empty, or never.
        await connection.execute("analyze")
        calls = [CallRow(**dict(row)) for row in await connection.fetch(_CALLS)]
        counts = [await connection.fetchval(query) for query in _COUNTS]
    finally:
        await connection.close()
    return Rows(calls, *counts)


def spool_rows(path: Path) -> dict[str, int]:
    """Rows of the outbox, rows that Postgres refused, and calls in the checkpoint."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return dict(connection.execute(_SPOOL).fetchall())
    finally:
        connection.close()
