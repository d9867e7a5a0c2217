"""Supervisors monitor calls of their services on their own phones (requirement L2), and what a page of theirs shows.

An answer says what was ordered. Which mode is in force says the agent's view a moment later: ``monitor.confirmed``.
"""

from collections.abc import Collection, Iterable
from typing import Any

from cti_bridge.api.ports import Changes, Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Accepted, AgentAnswer, Nothing
from cti_bridge.domain.border.commands import ChangeMonitor, StartMonitor, StopMonitor
from cti_bridge.domain.border.views import MonitorView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.words import MonitorMode
from cti_bridge.domain.rights.asker import Asker
from cti_bridge.domain.views.monitors import monitors_of

_PATH = "/calls/{call_id}/monitor"


class MonitorBody(Accepted):
    """listen: nobody hears the supervisor; whisper: the agent alone; barge: all whom the agent talks with."""

    mode: MonitorMode


class MonitorRoutes:
    def __init__(self, engine: Engine, directory: Present) -> None:
        self._engine, self._directory = engine, directory

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "POST",
                _PATH,
                MonitorBody,
                self._start,
                AgentAnswer,
                "Monitor a call on the own phone, for supervisors of its service with the right monitor",
            ),
            Route("PATCH", _PATH, MonitorBody, self._change, AgentAnswer, "Listen, whisper or barge in from now on"),
            Route("DELETE", _PATH, Nothing, self._stop, AgentAnswer, "Monitor the call no more"),
        ]

    async def _start(self, asked: Asked[MonitorBody]) -> Answer:
        call_id, mode = self._call(asked), asked.body.mode
        command = StartMonitor(asked.cti_id, call_id, mode, asked.cti_id, asked.address)
        return Answer({"agent": await self._engine.ask(command, asked.idempotency)})

    async def _change(self, asked: Asked[MonitorBody]) -> Answer:
        call_id, mode = self._call(asked), asked.body.mode
        command = ChangeMonitor(asked.cti_id, call_id, mode, asked.cti_id, asked.address)
        return Answer({"agent": await self._engine.ask(command, asked.idempotency)})

    async def _stop(self, asked: Asked[Nothing]) -> Answer:
        """End it. Whoever monitors may end that, whatever else they may."""
        self._asker(asked).need_supervisor()
        command = StopMonitor(asked.cti_id, asked.ids["call_id"], asked.cti_id, asked.address)
        return Answer({"agent": await self._engine.ask(command, asked.idempotency)})

    def _call(self, asked: Asked[Any]) -> str:
        """Return the id of the call, for who may monitor it. Raises WrongRole, MissingRight, NotFound."""
        call_id, asker = asked.ids["call_id"], self._asker(asked)
        return self._engine.read(lambda floor: asker.need_monitored(floor.calls.get(call_id)).id)

    def _asker(self, asked: Asked[Any]) -> Asker:
        return asked.by(self._directory())


class Monitors:
    """The topic ``monitors:CTI_ID``: all monitors of calls of the supervisor's services."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def permits(self, cti_id: str, name: str) -> bool:
        return cti_id == name and self._engine.read(lambda floor: Asker(floor.directory, cti_id).is_supervisor)

    def view(self, name: str) -> list[MonitorView]:
        return self._engine.read(lambda floor: self._of(floor, name))

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]:
        return names if any(kind in ("monitor", "call") for kind, _ in changes) else ()

    def _of(self, floor: Floor, cti_id: str) -> list[MonitorView]:
        asker = Asker(floor.directory, cti_id)
        call_ids = dict.fromkeys(one.call_id for one in floor.monitors.values())
        calls = [call for call_id in call_ids if (call := floor.calls.get(call_id)) is not None]
        return [view for call in calls if asker.sees_call(call) for view in monitors_of(floor, call)]
