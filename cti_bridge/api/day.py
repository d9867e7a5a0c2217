"""The agent's own day so far (requirement M4), as the reports have it."""

from collections.abc import Mapping
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from cti_bridge.api.day_schemas import DayAnswer
from cti_bridge.api.errors import storage_unavailable
from cti_bridge.api.reports import refusals
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Nothing
from cti_bridge.reports.catalogue_agents import CALLS, GROUPS
from cti_bridge.reports.columns import Kind
from cti_bridge.reports.day import AgentDay
from cti_bridge.reports.sums import Row
from cti_bridge.reports.tables import local

_FIGURES = tuple(CALLS.names(Kind.COUNT, Kind.SECONDS, Kind.RATE))


class Days(Protocol):
    """Reckons days of agents from the rows."""

    async def of(self, cti_id: str) -> AgentDay: ...


class OwnDay:
    """``days`` None: there is no database."""

    def __init__(self, days: Days | None) -> None:
        self._days = days

    def routes(self) -> list[Route[Any]]:
        return [Route("GET", "/me/day", Nothing, self._day, DayAnswer, "The agent's own day so far")]

    async def _day(self, asked: Asked[Nothing]) -> Answer:
        if self._days is None:
            raise storage_unavailable()
        with refusals():
            return Answer(_shown(await self._days.of(asked.cti_id)))


def _shown(day: AgentDay) -> dict[str, Any]:
    zone, states = ZoneInfo(day.zone), day.states or {}
    return {
        "timezone": day.zone,
        "since": local(day.since, zone),
        "till": local(day.now, zone),
        "calls": {name: (day.calls or {}).get(name, 0) for name in _FIGURES},
        "states": [_state(name, states) for name, _ in GROUPS if states.get(f"{name}_n") or states.get(f"{name}_s")],
        "reasons": [{name: one[name] for name in ("status", "reason", "times", "lasted_s")} for one in day.reasons],
        "not_taken": [one | {"at": local(one["at"], zone)} for one in day.not_taken],
    }


def _state(name: str, states: Mapping[str, Any]) -> Row:
    return {"name": name, "times": states[f"{name}_n"], "lasted_s": states[f"{name}_s"]}
