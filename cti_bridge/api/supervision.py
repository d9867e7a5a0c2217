"""Actions of supervisors, and of the machine's operator, on agents, calls and teams (requirement L3)."""

from typing import Any

import structlog

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import AgentAnswer, Nothing
from cti_bridge.api.supervision_schemas import (
    AgentStatusBody,
    CallAnswer,
    MessageAnswer,
    MoveBody,
    TeamMessageBody,
)
from cti_bridge.domain.border.commands import EndCall, EndSession, MessageTeam, MoveCall, SetAgentStatus
from cti_bridge.domain.rights.asker import Asker
from cti_bridge.domain.supervision.teams import logged_in

_log = structlog.get_logger("cti_bridge.api")


class Supervision:
    def __init__(self, engine: Engine, directory: Present) -> None:
        self._engine, self._directory = engine, directory

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "PUT",
                "/agents/{cti_id}/status",
                AgentStatusBody,
                self._set_status,
                AgentAnswer,
                "Set the status of an agent, for who supervises the agent; in a call the one for afterwards",
                operator="too",
            ),
            Route(
                "POST",
                "/agents/{cti_id}/logout",
                Nothing,
                self._log_out,
                AgentAnswer,
                "Log an agent out, for who supervises the agent; in a conversation when it ends",
                operator="too",
            ),
            Route(
                "POST",
                "/calls/{call_id}/end",
                Nothing,
                self._end,
                CallAnswer,
                "End a call for all who are in it, for supervisors of its service",
                operator="too",
            ),
            Route(
                "POST",
                "/calls/{call_id}/move",
                MoveBody,
                self._move,
                CallAnswer,
                "Move a call that waits to another queue or to the front, for supervisors of its service",
                operator="too",
            ),
            Route(
                "POST",
                "/teams/{team_id}/message",
                TeamMessageBody,
                self._message,
                MessageAnswer,
                "Show a message to the agents of a team who are logged in, for who supervises them",
                operator="too",
            ),
        ]

    async def _set_status(self, asked: Asked[AgentStatusBody]) -> Answer:
        asker, cti_id, body = self._by(asked), asked.ids["cti_id"], asked.body
        asker.need_supervised(cti_id)
        command = SetAgentStatus(cti_id, body.status, body.reason, asker.name, asked.address)
        return Answer({"agent": await self._engine.ask(command, asked.idempotency)})

    async def _log_out(self, asked: Asked[Nothing]) -> Answer:
        """End an agent's session. The answer shows the agent, who is still there while a conversation goes on."""
        asker, cti_id = self._by(asked), asked.ids["cti_id"]
        asker.need_supervised(cti_id)
        agent = await self._engine.ask(EndSession(cti_id, asker.name, asked.address), asked.idempotency)
        _log.info("logout_ordered", cti_id=cti_id, by=asker.name)
        return Answer({"agent": agent})

    async def _end(self, asked: Asked[Nothing]) -> Answer:
        asker, call_id = self._by(asked), self._call(asked)
        await self._engine.order(EndCall(call_id, asker.name, asked.address))
        return Answer({"call_id": call_id})

    async def _move(self, asked: Asked[MoveBody]) -> Answer:
        asker, call_id, body = self._by(asked), self._call(asked), asked.body
        if body.queue is not None:
            asker.need_queue(body.queue)
        await self._engine.order(MoveCall(call_id, body.queue, body.first, asker.name, asked.address))
        return Answer({"call_id": call_id})

    async def _message(self, asked: Asked[TeamMessageBody]) -> Answer:
        asker, team = self._by(asked), asked.ids["team_id"]
        members = asker.need_team(team)
        there = self._engine.read(lambda floor: logged_in(floor, members))
        await self._engine.order(MessageTeam(team, tuple(there), asked.body.text, asker.name, asked.address))
        return Answer({"agents": len(there)})

    def _by(self, asked: Asked[Any]) -> Asker:
        return asked.by(self._directory())

    def _call(self, asked: Asked[Any]) -> str:
        """Return the id of the call, for who may act on it. Raises WrongRole, NotFound."""
        call_id, asker = asked.ids["call_id"], self._by(asked)
        return self._engine.read(lambda floor: asker.need_call(floor.calls.get(call_id)).id)
