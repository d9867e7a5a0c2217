"""Actions of supervisors on agents, and of the machine's operator (requirement L3)."""

from typing import Any

import structlog

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import AgentAnswer, Nothing
from cti_bridge.domain.border.commands import EndSession

_log = structlog.get_logger("cti_bridge.api")


class Supervision:
    def __init__(self, engine: Engine, directory: Present) -> None:
        self._engine, self._directory = engine, directory

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "POST",
                "/agents/{cti_id}/logout",
                Nothing,
                self._log_out,
                AgentAnswer,
                "Log an agent out, for who supervises the agent; in a conversation when it ends",
                operator="too",
            ),
        ]

    async def _log_out(self, asked: Asked[Nothing]) -> Answer:
        """End an agent's session. The answer shows the agent, who is still there while a conversation goes on."""
        asker, cti_id = asked.by(self._directory()), asked.ids["cti_id"]
        asker.need_supervised(cti_id)
        agent = await self._engine.ask(EndSession(cti_id, asker.name, asked.address), asked.idempotency)
        _log.info("logout_ordered", cti_id=cti_id, by=asker.name)
        return Answer({"agent": agent})
