"""Faults of Postgres and of the connections to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from tests.chaos.house import House

OUTAGE_S = 6.0


async def killed(house: House) -> None:
    await house.postgres.kill()
    await asyncio.sleep(OUTAGE_S)
    await house.postgres.start()


async def cut(house: House) -> None:
    house.database.cut()


async def silent(house: House) -> None:
    house.database.fall_silent()
    await asyncio.sleep(OUTAGE_S)
    house.database.let_flow()


async def commit_unheard(house: House) -> None:
    """Postgres commits, and nobody hears of it."""
    house.database.fall_silent(up=False, down=True)
    await asyncio.sleep(1.0)
    house.database.cut()
    house.database.let_flow()


async def stands_still(house: House) -> None:
    """The server and all that it has started."""
    with contextlib.ExitStack() as going_on:
        for pid in _family(house.postgres.pid):
            os.kill(pid, signal.SIGSTOP)
            going_on.callback(os.kill, pid, signal.SIGCONT)
        await asyncio.sleep(OUTAGE_S)


async def read_only(house: House) -> None:
    """A standby that was taken for the primary."""
    connection = await asyncpg.connect(house.postgres.url)
    await connection.execute("set default_transaction_read_only = off")
    await connection.execute("alter system set default_transaction_read_only = on")
    await connection.execute("select pg_reload_conf()")
    await asyncio.sleep(OUTAGE_S)
    await connection.execute("alter system reset default_transaction_read_only")
    await connection.execute("select pg_reload_conf()")
    await connection.close()


async def locked(house: House) -> None:
    """Somebody alters tables by hand, in a transaction that stays open."""
    connection = await asyncpg.connect(house.postgres.url)
    tables = "cti.call, cti.call_event, cti.agent_state_change"
    while True:
        # Whoever waits for the other one crosswise is turned away, the bridge or we.
        with contextlib.suppress(asyncpg.DeadlockDetectedError):
            async with connection.transaction():
                await connection.execute(f"lock table {tables} in access exclusive mode")
                await asyncio.sleep(OUTAGE_S)
            break
    await connection.close()


async def full(house: House) -> None:
    """Others have all connections; the bridge has lost its own."""
    others: list[asyncpg.Connection] = []

    async def take_all() -> None:
        with contextlib.suppress(asyncpg.TooManyConnectionsError):
            while True:
                others.append(await asyncpg.connect(house.postgres.url))

    await take_all()
    house.database.cut()
    for _ in range(int(OUTAGE_S)):
        await take_all()
        await asyncio.sleep(1.0)
    for connection in others:
        connection.terminate()


async def bridge_killed_meanwhile(house: House) -> None:
    house.database.fall_silent()
    await asyncio.sleep(2.0)
    await house.bridge.kill()
    house.database.cut()
    await house.bridge.start(wait_ready=False)
    await asyncio.sleep(OUTAGE_S)
    house.database.let_flow()
    await house.bridge.ready()


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))
