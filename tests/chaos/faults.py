"""The faults: what breaks, for how long, and how it is mended. Each is a coroutine over the house."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.house import House
from tests.support.priority import carries_audio

Break = Callable[[House], Awaitable[None]]

SILENCE_S = 6.0
STALL_S = 10.0
OUTAGE_S = 6.0


@dataclass(frozen=True, slots=True)
class Fault:
    """``most_s`` is the longest time without a phone that rings, in seconds from its beginning, that is allowed while
    customers wait and agents are free."""

    name: str
    act: Break
    most_s: float
    of_pbx: bool = False
    """Whether calls that are up may end by it, or have gaps: the PBX itself dies, or stands still."""


async def _bridge_killed(house: House) -> None:
    await house.bridge.kill()
    await house.bridge.start()


async def _bridge_ended(house: House) -> None:
    await house.bridge.stop()
    await house.bridge.start()


async def _bridge_stands_still(house: House) -> None:
    house.bridge.pause()
    await asyncio.sleep(STALL_S)
    house.bridge.go_on()


async def _killed_twice(house: House) -> None:
    await house.bridge.kill()
    await house.bridge.start(wait_ready=False)
    await asyncio.sleep(1.0)
    await _bridge_killed(house)


async def _socket_cut(house: House) -> None:
    house.ari.cut()


async def _socket_silent(house: House) -> None:
    house.ari.fall_silent()
    await asyncio.sleep(SILENCE_S)
    house.ari.let_flow()


async def _orders_held_back(house: House) -> None:
    house.ari.fall_silent(up=True, down=False)
    await asyncio.sleep(SILENCE_S)
    house.ari.let_flow()


async def _events_held_back(house: House) -> None:
    house.ari.fall_silent(up=False, down=True)
    await asyncio.sleep(SILENCE_S)
    house.ari.let_flow()


async def _silent_for_ever(house: House) -> None:
    """What was held back is lost, as with a firewall that has forgotten the connection."""
    house.ari.fall_silent()
    await asyncio.sleep(SILENCE_S)
    house.ari.cut()
    house.ari.let_flow()


async def _pbx_killed(house: House) -> None:
    await house.pbx.kill()
    await house.start_pbx()


async def _pbx_restarted(house: House) -> None:
    await house.pbx.restart()
    carries_audio(house.pbx.pid)


async def _pbx_stands_still(house: House) -> None:
    os.kill(house.pbx.pid, signal.SIGSTOP)
    await asyncio.sleep(SILENCE_S)
    os.kill(house.pbx.pid, signal.SIGCONT)


async def _pbx_reloaded(house: House) -> None:
    await house.pbx.command("core reload")


async def _database_killed(house: House) -> None:
    await house.postgres.kill()
    await asyncio.sleep(OUTAGE_S)
    await house.postgres.start()


async def _database_cut(house: House) -> None:
    house.database.cut()


async def _database_silent(house: House) -> None:
    house.database.fall_silent()
    await asyncio.sleep(OUTAGE_S)
    house.database.let_flow()


async def _commit_unheard(house: House) -> None:
    """Postgres commits, and nobody hears of it."""
    house.database.fall_silent(up=False, down=True)
    await asyncio.sleep(1.0)
    house.database.cut()
    house.database.let_flow()


async def _bridge_killed_without_database(house: House) -> None:
    house.database.fall_silent()
    await asyncio.sleep(2.0)
    await house.bridge.kill()
    house.database.cut()
    await house.bridge.start(wait_ready=False)
    await asyncio.sleep(OUTAGE_S)
    house.database.let_flow()
    await house.bridge.ready()


async def _bridge_and_pbx_killed(house: House) -> None:
    await asyncio.gather(house.bridge.kill(), house.pbx.kill())
    await house.start_pbx()
    await house.bridge.start()


async def _reload(house: House) -> None:
    await house.bridge.reload('[[queues]]\nid = "chaos"\nservice = "chaos"\nlongest_wait_s = 25\npickup_time_s = 4\n')


FAULTS = (
    Fault("bridge: SIGKILL", _bridge_killed, 2.0),
    Fault("bridge: SIGTERM", _bridge_ended, 3.0),
    Fault("bridge: SIGSTOP for 10 s", _bridge_stands_still, STALL_S + 2),
    Fault("bridge: SIGKILL twice", _killed_twice, 5.0),
    Fault("event socket: cut", _socket_cut, 2.0),
    Fault("event socket: silent for 6 s", _socket_silent, 10.0),
    Fault("event socket: orders held back for 6 s", _orders_held_back, 10.0),
    Fault("event socket: events held back for 6 s", _events_held_back, 10.0),
    Fault("event socket: silent, then reset", _silent_for_ever, 10.0),
    Fault("PBX: SIGKILL", _pbx_killed, 10.0, of_pbx=True),
    Fault("PBX: restarted", _pbx_restarted, 10.0, of_pbx=True),
    Fault("PBX: SIGSTOP for 6 s", _pbx_stands_still, 10.0, of_pbx=True),
    Fault("PBX: reloaded", _pbx_reloaded, 2.0),
    Fault("Postgres: SIGKILL, away for 6 s", _database_killed, 2.0),
    Fault("Postgres: connections cut", _database_cut, 2.0),
    Fault("Postgres: silent for 6 s", _database_silent, 2.0),
    Fault("Postgres: COMMIT unheard", _commit_unheard, 2.0),
    Fault("bridge: SIGKILL while Postgres is silent", _bridge_killed_without_database, 4.0),
    Fault("bridge and PBX: SIGKILL", _bridge_and_pbx_killed, 10.0, of_pbx=True),
)
"""In the order in which a run takes them."""
