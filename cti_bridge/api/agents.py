"""The list of agents, searchable (requirement E2)."""

import asyncio
from collections.abc import AsyncIterator

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Asked, Route
from cti_bridge.api.schemas import AgentList, AgentsQuery
from cti_bridge.api.streaming import Streamed, json_list
from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.queue.no_calls import can_be_had
from cti_bridge.domain.rights.asker import Asker

_SHOWN = ("cti_id", "name", "cti_number", "label")
_AT_A_TIME = 200
"""Views made before others get their turn."""


class Agents:
    def __init__(self, engine: Engine, directory: Present) -> None:
        self._engine, self._directory = engine, directory

    def routes(self) -> list[Route[AgentsQuery]]:
        return [
            Route(
                "GET",
                "/agents",
                AgentsQuery,
                self._list,
                AgentList,
                "Agents of the own services by status, name, CTI ID or number; ready: others who can take a call now",
            )
        ]

    async def _list(self, asked: Asked[AgentsQuery]) -> Streamed:
        wanted, text = asked.body.status, asked.body.q.casefold()
        return Streamed(json_list(self._lines(asked.cti_id, wanted, text)))

    async def _lines(self, asking: str, wanted: str | None, text: str) -> AsyncIterator[dict[str, object]]:
        for count, entry in enumerate(_named(Asker(self._directory(), asking), text)):
            if count % _AT_A_TIME == _AT_A_TIME - 1:
                await asyncio.sleep(0)
            view = self._engine.view(entry.cti_id)
            if wanted in (None, view.status) and (wanted != "ready" or self._can_be_had(asking, entry.cti_id)):
                yield {name: getattr(view, name) for name in _SHOWN}

    def _can_be_had(self, asking: str, cti_id: str) -> bool:
        return self._engine.read(lambda floor: can_be_had(floor, floor.agent(asking), floor.agent(cti_id)))


def _named(asker: Asker, text: str) -> list[AgentEntry]:
    """Return the agents who share a service with the asking one. All others do not exist for them."""
    entries = [entry for entry in asker.directory.agents.values() if asker.knows(entry.cti_id)]
    found = [e for e in entries if text in f"{e.name}\n{e.cti_id}\n{e.cti_number}".casefold()]
    return sorted(found, key=lambda entry: (entry.name.casefold(), entry.cti_id))
