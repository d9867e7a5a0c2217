"""The figures of a wallboard, asked for once; as they change they come over ``/wallboard/events`` (requirement L1)."""

from typing import Any

import msgspec

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Nothing
from cti_bridge.api.watching import Wallboard as Topic
from cti_bridge.api.watching import name_of_client
from cti_bridge.api.watching_schemas import WallboardAnswer
from cti_bridge.domain.model.words import Scope


class Wallboard:
    """``topic`` is the one of the feed."""

    def __init__(self, engine: Engine, directory: Present, topic: Topic) -> None:
        self._engine, self._directory, self._topic = engine, directory, topic

    def routes(self) -> list[Route[Any]]:
        text = "Queues, services, teams and calls for help as a wallboard shows them, for supervisors and screens"
        figures, scope = self._figures, Scope.WALLBOARD
        return [Route("GET", "/wallboard", Nothing, figures, WallboardAnswer, text, operator="too", scope=scope)]

    def _name(self, asked: Asked[Nothing]) -> str | None:
        if asked.client is not None:
            return name_of_client(asked.client)
        return None if asked.operator else asked.cti_id

    async def _figures(self, asked: Asked[Nothing]) -> Answer:
        asked.by(self._directory()).need_watcher()
        rows = self._topic.rows(self._name(asked))
        return Answer({name: [msgspec.Raw(row) for row in section.values()] for name, section in rows.items()})
