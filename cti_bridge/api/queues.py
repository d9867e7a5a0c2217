"""Queues as they are now (requirement I4). An agent sees those of the own services, the machine's operator all."""

from collections.abc import Callable
from typing import Any

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Nothing, QueueList
from cti_bridge.domain.views.queues import queue_views


class Queues:
    """``clock`` gives POSIX seconds."""

    def __init__(self, engine: Engine, directory: Present, clock: Callable[[], float]) -> None:
        self._engine, self._directory, self._clock = engine, directory, clock

    def routes(self) -> list[Route[Any]]:
        text = "Queues of the own services: how many wait, for how long, the expected wait, agents"
        return [Route("GET", "/queues", Nothing, self._list, QueueList, text, operator="too")]

    async def _list(self, asked: Asked[Nothing]) -> Answer:
        services = set(asked.by(self._directory()).services)
        return Answer(self._engine.read(lambda floor: queue_views(floor, self._clock(), services)))
