"""Calls that a supervisor tries (requirement H4): which way they would take through the running configuration."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cti_bridge.api.errors import invalid, not_found
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import TryAnswer, TryBody
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.emergency_switch import EmergencySwitch
from cti_bridge.domain.model.hours import HoursOverride
from cti_bridge.domain.rights.asker import Asker
from cti_bridge.trial.taken import Result
from cti_bridge.trial.trial import apart, run, staffed
from cti_bridge.trial.wanted import Wanted, Wrong, understand


class Scenarios:
    """``clock`` gives POSIX seconds."""

    def __init__(self, engine: Engine, directory: Present, clock: Callable[[], float]) -> None:
        self._engine, self._directory, self._clock = engine, directory, clock
        self._one_at_a_time = asyncio.Lock()

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "POST",
                "/scenarios/try",
                TryBody,
                self._try,
                TryAnswer,
                "The way that a call would take through its scenario, for supervisors; nothing is called",
                operator="too",
            )
        ]

    async def _try(self, asked: Asked[TryBody]) -> Answer:
        """Try the call in a thread, one after another: a trial takes some milliseconds, and the loop has calls."""
        directory, body = self._directory(), asked.body
        asker = asked.by(directory)
        asker.need_supervisor()
        wanted = Wanted(
            number=body.number,
            caller=body.from_,
            at=body.at,
            press=body.press,
            agents=body.agents,
            emergency=body.emergency,
        )
        by_hand = self._engine.read(_by_hand)
        async with self._one_at_a_time:
            result = await asyncio.to_thread(_tried, asker, wanted, by_hand, self._clock())
        return Answer(result.content())


def _by_hand(floor: Floor) -> tuple[list[HoursOverride], list[EmergencySwitch]]:
    """Return what somebody has set by hand."""
    return [replace(one) for one in floor.overrides.values()], [replace(one) for one in floor.switches.values()]


def _tried(
    asker: Asker,
    wanted: Wanted,
    by_hand: tuple[list[HoursOverride], list[EmergencySwitch]],
    now: float,
) -> Result:
    """Called in a thread: the directory is only read. Raises a problem."""
    directory = asker.directory
    try:
        understood = understand(directory, wanted, now)
    except Wrong as wrong:
        raise invalid("The request is not valid.", [{"field": wrong.field, "message": str(wrong)}]) from None
    if understood.scenario is not None and not asker.sees_service(understood.scenario.service):
        raise not_found()
    return run(staffed(apart(directory), understood.asked.agents), understood.asked, *by_hand)
