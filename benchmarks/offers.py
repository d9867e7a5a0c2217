"""What the bridge wrote down: was anybody offered two calls at once, or a call to two, or was one not answered?"""

from dataclasses import dataclass
from typing import Any

import asyncpg

_OFFERS = """
with busy as (
    select
        offer.cti_id,
        offer.call_id,
        offer.offered_at as begun,
        -- An agent who answers is busy until the call is over.
        coalesce(case when offer.result = 'answered' then call.ended_at else offer.ended_at end, 'infinity') as over
    from cti.offer left join cti.call on call.id = offer.call_id
    where call.arrived_at between to_timestamp($1) and to_timestamp($2)
),
before as (
    select
        begun,
        max(over) over (partition by cti_id order by begun rows unbounded preceding exclude current row) as agent_over,
        max(over) over (partition by call_id order by begun rows unbounded preceding exclude current row) as call_over
    from busy
)
select
    count(*) filter (where agent_over > begun) as agents_offered_twice,
    count(*) filter (where call_over > begun) as calls_offered_twice
from before
"""

_CALLS = """
select
    count(*) as calls,
    count(*) filter (where outcome is distinct from 'completed') as not_completed,
    count(*) filter (where tickets <> 1) as without_one_ticket,
    coalesce(sum(offers), 0) as offers,
    coalesce(sum(offers - answered), 0) as offers_not_answered,
    count(*) filter (where answered <> 1) as not_answered_once
from (
    select
        call.id,
        call.outcome,
        (select count(*) from cti.ticket where ticket.call_id = call.id) as tickets,
        (select count(*) from cti.offer where offer.call_id = call.id) as offers,
        (select count(*) from cti.offer where offer.call_id = call.id and result = 'answered') as answered
    from cti.call
    where call.arrived_at between to_timestamp($1) and to_timestamp($2)
) as each
"""


@dataclass(frozen=True, slots=True)
class OfferCheck:
    """Of one period; all but ``calls`` and ``offers`` should be 0."""

    calls: int
    offers: int
    agents_offered_twice: int
    calls_offered_twice: int
    offers_not_answered: int
    not_answered_once: int
    not_completed: int
    without_one_ticket: int

    @property
    def doubles(self) -> int:
        return self.agents_offered_twice + self.calls_offered_twice

    @property
    def faults(self) -> int:
        """Calls that did not go as they should."""
        return max(self.offers_not_answered, self.not_answered_once, self.not_completed, self.without_one_ticket)


async def check_offers(database_url: str, since: float, until: float) -> OfferCheck:
    """Look at the calls that arrived between two POSIX times."""
    connection = await asyncpg.connect(database_url)
    try:
        row: dict[str, Any] = dict(await connection.fetchrow(_CALLS, since, until))
        row |= dict(await connection.fetchrow(_OFFERS, since, until))
    finally:
        await connection.close()
    return OfferCheck(**{name: int(value) for name, value in row.items()})
