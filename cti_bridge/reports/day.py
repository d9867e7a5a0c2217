"""The present day of agents, for themselves (requirement M4): what the reports of agents say of it so far.

The days of all agents of a time zone are reckoned at once, and asked for no more often than every :data:`FRESH_S`: two
hundred agents who look at theirs cost as much as one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from cti_bridge.domain.model.directory import Directory
from cti_bridge.hours.days import Days
from cti_bridge.numbers.e164 import mask
from cti_bridge.reports import agents
from cti_bridge.reports.asking import House, Question
from cti_bridge.reports.reading import cut
from cti_bridge.reports.sessions import MOST_S, sessions
from cti_bridge.reports.sums import Row
from cti_bridge.reports.turns import ReportsBusy, Turns
from cti_bridge.trial.zone import zone_of_service

FRESH_S = 5.0
"""The seconds for which the days of a zone are not reckoned anew."""
WITHIN_S = 30.0
"""The seconds within which the days of a zone are reckoned, a wait for the turn included. A server that falls silent
would keep all who wait for ever."""
MOST_NOT_TAKEN = 20
"""The most offers of an agent that are listed, the latest first. All are counted."""
_REPORTS = ("agent-calls", "agent-states", "agent-reasons")


@dataclass(frozen=True, slots=True)
class AgentDay:
    """``calls`` and ``states`` are rows of the reports ``agent-calls`` and ``agent-states``; None where there would be
    none. ``reasons`` are those of ``agent-reasons``."""

    zone: str
    since: datetime
    """The beginning of the day."""
    now: datetime
    """The moment up to which it is reckoned."""
    calls: Row | None = None
    states: Row | None = None
    reasons: Sequence[Row] = ()
    not_taken: Sequence[Row] = ()
    """Offers: ``at``, ``result``, the masked ``customer_number``, ``queue``."""


@dataclass(slots=True)
class _Zone:
    """The days of one zone, as they were last asked for."""

    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    since: float = 0.0
    until: float = 0.0
    """The days are fresh between these moments, POSIX seconds. A clock that is set back makes them stale."""
    found: Mapping[str, AgentDay] = field(default_factory=dict)
    directory: Directory | None = None
    gone: set[str] = field(default_factory=set)
    """Agents who have asked and are configured no more."""
    failure: Exception | None = None
    failed_at: float = 0.0
    """A moment of the monotonic clock."""


class AgentDays:
    """``connect`` begins a session with the database; ``clock`` gives POSIX seconds. They have turns of their own: a
    long report of a supervisor keeps no agent waiting."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        directory: Callable[[], Directory],
        clock: Callable[[], float],
    ) -> None:
        self._connect, self._directory, self._clock = connect, directory, clock
        self._turns = Turns(1)
        self._zones: dict[str, _Zone] = {}

    async def of(self, cti_id: str) -> AgentDay:
        """Return the day of an agent. Raises ReportsBusy, TimeoutError, and whatever ``connect`` and asyncpg
        raise."""
        directory = self._directory()
        name = zone_of_service(directory, _service_of(directory, cti_id)).name
        zone = self._zones.setdefault(name, _Zone())
        if cti_id not in directory.agents:
            zone.gone.add(cti_id)
        began = time.monotonic()
        async with zone.asking:
            if zone.failure is not None and zone.failed_at >= began:
                raise zone.failure  # It was of those who waited, too: one after another would fail for minutes.
            now = self._clock()
            fresh = zone.directory is directory and zone.since <= now < zone.until
            if not fresh or cti_id not in zone.found:
                agents_there = [*_agents_of(directory, name), *(zone.gone - directory.agents.keys())]
                await self._reckon(zone, name, House(directory, datetime.fromtimestamp(now, UTC), agents_there))
                zone.since, zone.until = now, min(now + FRESH_S, Days(name)(now).till)
                zone.directory = directory
            return zone.found[cti_id]

    async def _reckon(self, zone: _Zone, name: str, house: House) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                zone.found = await self._turns.run(partial(self._ask, house, name))
        except Exception as failure:
            zone.failure, zone.failed_at = failure, time.monotonic()
            raise

    async def _ask(self, house: House, zone: str) -> dict[str, AgentDay]:
        day = Days(zone)(house.now.timestamp()).name
        calls, states, reasons = (Question(name, day, day, tuple(house.directory.services)) for name in _REPORTS)
        borders = cut(calls, ZoneInfo(zone))
        found = {cti_id: _Parts() for cti_id in house.agents}
        try:
            async with sessions(self._connect, several=False) as fetch:
                for row in (await agents.calls(fetch, calls, house, borders)).rows:
                    found[row["agent"]].calls = row
                for row in (await agents.states(fetch, states, house, borders)).rows:
                    found[row["agent"]].states = row
                for row in (await agents.reasons(fetch, reasons, house, borders)).rows:
                    found[row["agent"]].reasons.append(row)
                for one in await fetch("agent_offers_not_taken", *borders, list(house.agents), MOST_NOT_TAKEN):
                    found[one["cti_id"]].not_taken.append(_not_taken(one))
        except asyncpg.QueryCanceledError:
            raise ReportsBusy(f"it took more than {MOST_S} s") from None
        return {
            cti_id: AgentDay(zone, borders[0], house.now, part.calls, part.states, part.reasons, part.not_taken)
            for cti_id, part in found.items()
        }


@dataclass(slots=True)
class _Parts:
    calls: Row | None = None
    states: Row | None = None
    reasons: list[Row] = field(default_factory=list)
    not_taken: list[Row] = field(default_factory=list)


def _not_taken(one: Mapping[str, Any]) -> Row:
    number = one["customer_number"]
    return {
        "at": one["offered_at"],
        "result": one["result"],
        "customer_number": None if number is None else mask(number),
        "queue": one["queue"],
    }


def _service_of(directory: Directory, cti_id: str) -> str:
    """Return the agent's first service, whose days are theirs in the reports too. Who has none, or is configured no
    more, has the first of all, as in the report of all services."""
    entry = directory.agents.get(cti_id)
    own = entry.services if entry is not None else ()
    return next(iter(own or directory.services), "")


def _agents_of(directory: Directory, zone: str) -> list[str]:
    of = {cti_id: _service_of(directory, cti_id) for cti_id in directory.agents}
    zones = {service: zone_of_service(directory, service).name for service in set(of.values())}
    return [cti_id for cti_id, service in of.items() if zones[service] == zone]
