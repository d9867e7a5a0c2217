"""What tests of shipped states look at in Postgres."""

import asyncio
from collections.abc import Callable
from typing import Any

from cti_bridge.storage.shipped import MARK
from cti_bridge.storage.unshipped import Key
from tests.support.rows import eventually
from tests.support.storage import Storage, fetch

ROWS_FOLLOW = """
create function cti.states_first() returns trigger language plpgsql as $$
declare held bytea;
begin
    select state into held from cti.checkpoint where kind = 'call' and id = new.id::text;
    if (convert_from(held, 'UTF8')::jsonb ->> 'version')::int >= new.version then return new; end if;
    perform 1 from cti.checkpoint where kind = 'over' and id = new.id::text;
    if held is null and found then return new; end if;
    raise exception 'the row of version % is there before its state', new.version using errcode = '23514';
end $$;
create trigger states_first before insert or update on cti.call for each row execute function cti.states_first();
create function cti.slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.01); return null; end $$;
create trigger slowly before insert on cti.checkpoint for each statement execute function cti.slowly();
"""
"""Refuses rows of calls that come before their state. A call's state says its version. With its last row it is removed,
and an entry of the kind ``over`` comes. States take their time, so that rows could overtake them."""


async def shipped_in(url: str) -> dict[Key, bytes]:
    """The states in Postgres."""
    rows = await fetch(url, "select kind, id, state from cti.checkpoint")
    return {(row["kind"], row["id"]): row["state"] for row in rows if (row["kind"], row["id"]) != MARK}


async def mark_in(url: str) -> int:
    """The number of the last shipment."""
    (row,) = await fetch(url, "select seq from cti.checkpoint where kind = 'shipped'")
    return int(row["seq"])


async def has_caught_up(parts: Storage, within_s: float = 20.0) -> None:
    """Return when Postgres has all states that were staged."""
    await parts.spool.committed()
    async with asyncio.timeout(within_s):
        while not await parts.shipping.shipped(within_s):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # It says no at once while Postgres is away.


async def until(so: Callable[[], object], within_s: float = 20.0) -> None:
    """Return when it is so. What happens in a part's own task tells nobody."""
    async with asyncio.timeout(within_s):
        while not so():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def is_waiting(url: str) -> None:
    """Return when a session waits for another one's lock."""
    await eventually(lambda: fetch(url, "select 1 from pg_locks where not granted"), bool)


def put(parts: Storage, states: dict[Key, Any]) -> None:
    """Stage states alone."""
    parts.spool.stage((), {key: None if state is None else str(state).encode() for key, state in states.items()})
