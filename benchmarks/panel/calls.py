"""Calls at an open panel: ringing, talking, hold, resume, hang up, one after another."""

from pathlib import Path
from typing import NamedTuple

from benchmarks.panel.page import PanelPage
from benchmarks.panel.shown import OnScreen, on_screen
from benchmarks.panel.transferred import Kb
from benchmarks.pbx import NUMBER
from benchmarks.sipp import Callers, Phones
from benchmarks.systems import Bridge

RATE = 0.6
"""Calls a second: one is over before the next one comes, if the machine is not too busy."""
RINGS_S = 0.3
PATIENCE_S = 60


class Ports(NamedTuple):
    """For SIP and for audio."""

    phones: int
    callers: int
    phones_audio: int
    callers_audio: int


async def take_calls(
    panel: PanelPage, system: Bridge, calls: int, directory: Path, ports: Ports
) -> tuple[OnScreen, Kb]:
    """The agent is ready. What was on the screen when, and what the first call transferred. Raises PanelFailed."""
    phones = Phones(directory, ports.phones, ports.phones_audio, RINGS_S, "desk")
    numbers = [f"+8210{number}" for number in range(20_000_000, 20_000_000 + calls)]
    await panel.take()
    await panel.transferred.take()
    first_call = Kb(0, 0)
    try:
        patience = int(calls / RATE + PATIENCE_S)
        target = system.pbx.target
        callers = Callers(
            directory, "callers", ports.callers, ports.callers_audio, target, NUMBER, numbers, RATE, patience
        )
        try:
            for call in range(calls):
                await _take_one(panel)
                if call == 0:
                    first_call = await panel.transferred.take()
            await panel.shows("Ready")
            await callers.wait()
        finally:
            await callers.stop()
    finally:
        await phones.stop()
    return on_screen(*await panel.take()), first_call


async def _take_one(panel: PanelPage) -> None:
    """Ringing and Ready are not waited for: on a busy machine they may be over before they are drawn."""
    await panel.shows("Talking")
    await panel.press("Hold")
    await panel.shows("On Hold")
    await panel.press("Resume")
    await panel.shows("Talking")
    await panel.press("Hang up")
