"""The database of registrations fails: phones register and are found on, and one that was registered is kept."""

import asyncio
import time

import asyncpg
import pytest

from tests.farm.bare_edge import NUMBERS, House, open_house
from tests.farm.stranger import Stranger

AT_ONCE_S = 1.0


async def registers(house: House, number: str) -> None:
    """The phone registers, and the PBX is told that it is there; both at once."""
    async with Stranger.open((house.edge.host, house.edge.port)) as phone:
        began = time.monotonic()
        answer = await phone.authorized("REGISTER", number, f"of {number}", f"sip:{house.edge.address}")
        assert " 200 " in answer.splitlines()[0]
        assert await is_there(house, number)
        assert time.monotonic() - began < AT_ONCE_S


async def is_there(house: House, number: str) -> bool:
    call_id = house.pbx.say("OPTIONS", "pbx", uri=f"sip:{number}@{house.edge.address}")
    while f"Call-ID: {call_id}" not in (answer := await house.pbx.answer()):
        continue
    return " 200 " in answer.splitlines()[0]


async def stored(house: House, wanted: set[str], within_s: float = 15) -> None:
    """Wait until the table has these phones."""
    connection = await asyncpg.connect(house.postgres.url)
    try:
        async with asyncio.timeout(within_s):
            rows: list[asyncpg.Record] = []
            while {row["username"] for row in rows} != wanted:
                await asyncio.sleep(0.05)
                rows = await connection.fetch("select username from edge.location")
    finally:
        await connection.close()


@pytest.mark.parametrize("how", ["dead", "hung"])
async def test_phones_register_and_are_found_while_postgres_is_away(how: str) -> None:
    async with open_house() as house:
        await registers(house, NUMBERS[0])
        await stored(house, set(NUMBERS[:1]))
        if how == "dead":
            await house.postgres.kill()
        else:
            house.way.fall_silent()
        for number in NUMBERS[1:]:
            await registers(house, number)
            await asyncio.sleep(0.1)  # Over several seconds, in each of which the edge tries to write.
        if how == "dead":
            await house.postgres.start()
        else:
            house.way.cut()
            house.way.let_flow()
        await stored(house, set(NUMBERS))
        await house.edge.kill()
        await house.edge.start()
        # It answers a moment before it has read the whole table.
        async with asyncio.timeout(AT_ONCE_S):
            while not all([await is_there(house, number) for number in NUMBERS]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
