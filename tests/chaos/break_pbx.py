"""Faults of the PBX and of the connection to it."""

from __future__ import annotations

import asyncio
import os
import signal

from cti_bridge.ari.lanes import CAREFUL_S, OVER_HTTP
from tests.chaos.frames import Doubled, Lost, Refused, Swapped, Trick
from tests.chaos.house import House
from tests.chaos.trace import NothingBroken
from tests.support.priority import carries_audio
from tests.support.rows import eventually

SILENCE_S, TRICK_S = 6.0, 8.0
HOUR_S = 3600.0
DELAY_S = 0.25
"""Of everything in each direction: what a PBX in another part of the world has, or one that is overloaded."""
_NO = "HTTP/1.1 {} Chaos\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def socket_cut(house: House) -> None:
    house.ari.cut()


async def socket_silent(house: House) -> None:
    house.ari.fall_silent()
    await asyncio.sleep(SILENCE_S)
    house.ari.let_flow()


async def orders_held_back(house: House) -> None:
    house.ari.fall_silent(up=True, down=False)
    await asyncio.sleep(SILENCE_S)
    house.ari.let_flow()


async def events_held_back(house: House) -> None:
    house.ari.fall_silent(up=False, down=True)
    await asyncio.sleep(SILENCE_S)
    house.ari.let_flow()


async def silent_for_ever(house: House) -> None:
    """What was held back is lost, as with a firewall that has forgotten the connection."""
    house.ari.fall_silent()
    await asyncio.sleep(SILENCE_S)
    house.ari.cut()
    house.ari.let_flow()


async def socket_slow(house: House) -> None:
    house.ari.delay_s = DELAY_S
    await asyncio.sleep(TRICK_S)
    house.ari.delay_s = 0.0


async def lets_nobody_in(house: House) -> None:
    """The password was changed, and is put back."""
    await _answers(house, 401)


async def answers_with_errors(house: House) -> None:
    await _answers(house, 503)


async def _answers(house: House, status: int) -> None:
    house.ari.answers = _NO.format(status).encode()
    house.ari.cut()
    await asyncio.sleep(SILENCE_S)
    house.ari.answers = None


async def events_twice(house: House) -> None:
    await _tricked(house, Doubled())


async def events_swapped(house: House) -> None:
    await _tricked(house, Swapped())


async def events_lost(house: House) -> None:
    """They are lost without a trace; a connection that is begun anew tells what is true."""
    await _tricked(house, Lost())
    house.ari.cut()


async def orders_refused(house: House) -> None:
    """Orders go over HTTP for a minute after one hung, and would not be refused."""
    await eventually(house.bridge.warnings, lambda said: not any(OVER_HTTP in one for one in said), CAREFUL_S + 10)
    await _tricked(house, Refused(500))


async def _tricked(house: House, trick: Trick) -> None:
    before, house.ari.trick = house.ari.changed, trick
    await asyncio.sleep(TRICK_S)
    house.ari.trick = None
    if house.ari.changed == before:
        raise NothingBroken("no text was changed")


async def clock_ahead(house: House) -> None:
    await _clock_set(house, HOUR_S, "ahead of")


async def clock_behind(house: House) -> None:
    await _clock_set(house, -HOUR_S, "behind")


async def _clock_set(house: House, ahead_s: float, words: str) -> None:
    """It is set while callers wait, and set right again. The connection breaks at both moments, so that lists are read
    with times of either."""
    for now_s in (ahead_s, 0.0):
        house.ari.clock.set(now_s)
        house.ari.cut()
        await asyncio.sleep(TRICK_S / 2)
        told = any(words in warning for warning in await house.bridge.warnings())
        assert told is bool(now_s), f"the bridge {'says nothing' if now_s else 'still says'} that the clock is off"


async def killed(house: House) -> None:
    await house.pbx.kill()
    await house.start_pbx()


async def restarted(house: House) -> None:
    await house.pbx.restart()
    carries_audio(house.pbx.pid)


async def stands_still(house: House) -> None:
    os.kill(house.pbx.pid, signal.SIGSTOP)
    await asyncio.sleep(SILENCE_S)
    os.kill(house.pbx.pid, signal.SIGCONT)


async def reloaded(house: House) -> None:
    await house.pbx.command("core reload")
