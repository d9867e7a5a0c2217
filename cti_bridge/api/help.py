"""An agent asks for help with one click; the agent, or a supervisor, ends that (requirement L4)."""

from typing import Any

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Commands, Route
from cti_bridge.api.schemas import AgentAnswer, Nothing
from cti_bridge.domain.border.commands import AskHelp, EndHelp


class Help:
    def __init__(self, engine: Engine, directory: Present) -> None:
        self._engine, self._directory = engine, directory

    def routes(self, command: Commands) -> list[Route[Any]]:
        return [
            command("POST", "/me/help", Nothing, _ask, "Ask the supervisors for help; they see it until it is ended"),
            command("DELETE", "/me/help", Nothing, _end, "Ask for help no longer"),
            Route(
                "DELETE",
                "/agents/{cti_id}/help",
                Nothing,
                self._put_away,
                AgentAnswer,
                "End an agent's request for help, for who supervises the agent",
                operator="too",
            ),
        ]

    async def _put_away(self, asked: Asked[Nothing]) -> Answer:
        asker, cti_id = asked.by(self._directory()), asked.ids["cti_id"]
        asker.need_supervised(cti_id)
        agent = await self._engine.ask(EndHelp(cti_id, asker.name, asked.address), asked.idempotency)
        return Answer({"agent": agent})


def _ask(on: Asked[Nothing]) -> AskHelp:
    return AskHelp(on.cti_id, on.cti_id, on.address)


def _end(on: Asked[Nothing]) -> EndHelp:
    return EndHelp(on.cti_id, on.cti_id, on.address)
