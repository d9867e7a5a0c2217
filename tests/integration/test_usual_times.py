"""The handling times that are usual at this hour of the week, from the rows of four weeks (requirement I4)."""

import asyncpg

from cti_bridge.domain.border.facts import UsualHandleTimes
from cti_bridge.storage.database import Database
from cti_bridge.storage.usual_times import HOUR_S, UsualTimes

NOW = 1_800_000_000.0 // HOUR_S * HOUR_S + 1234
WEEK_S = 7 * 86_400
FILL = """
with visits as (
    insert into cti.queue_visit
        (id, call_id, seq, direction, queue, kind, entered_at, left_at, exit, offers, talk_s, hold_s, after_call_s,
         seen_late, version, epoch)
    select gen_random_uuid(), gen_random_uuid(), 1, 'inbound', $1, 'new', to_timestamp($2::float8 + n),
        to_timestamp($2::float8 + n), 'answered', 1, 100, 20, $4, false, 3, 1
    from generate_series(1, $3) as n returning id, call_id, entered_at
)
insert into cti.offer (id, call_id, visit_id, cti_id, offered_at, ended_at, result, epoch)
select gen_random_uuid(), call_id, id, 'a1', entered_at, entered_at + interval '10 seconds', 'answered', 1 from visits
"""


async def test_the_mean_of_this_hour_in_four_weeks_where_there_are_enough(database_url: str) -> None:
    hour = NOW // HOUR_S * HOUR_S
    connection = await asyncpg.connect(database_url)
    try:
        for week in (1, 2, 3, 4):
            await connection.execute(FILL, "support", hour - week * WEEK_S, 2, 50.0)
        await connection.execute(FILL, "long", hour - WEEK_S, 8, 900.0)
        await connection.execute(FILL, "without", hour - WEEK_S, 8, None)
        await connection.execute(FILL, "few", hour - WEEK_S, 7, 50.0)
        await connection.execute(FILL, "another-hour", hour - WEEK_S - HOUR_S, 20, 50.0)
        await connection.execute(FILL, "five-weeks-ago", hour - 5 * WEEK_S, 20, 50.0)
    finally:
        await connection.close()
    database, told = Database(database_url), list[UsualHandleTimes]()
    try:
        found = await UsualTimes(database, told.append, clock=lambda: NOW).ask()
    finally:
        await database.close()
    assert found == {"support": 180.0, "long": 430.0, "without": 130.0}
