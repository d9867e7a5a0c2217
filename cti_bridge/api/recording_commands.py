"""Commands of an agent to the recording of their conversation. A pause is answered when the PBX was seen to have
paused: a card number must not be said before."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cti_bridge.api.ports import Changes, Engine
from cti_bridge.api.routes import Answer, Asked, Commands, Route
from cti_bridge.api.schemas import AgentAnswer, Nothing
from cti_bridge.domain.border.commands import BeginRecording, EndRecording, PauseRecording, ResumeRecording
from cti_bridge.domain.border.errors import NotRecorded, RecordingNotPaused, Refusal
from cti_bridge.domain.model.recorder import Recorder, Tape

_CALL = "/calls/{call_id}/recording"
WITHIN_S = 2.0
"""The core says within a second that an order has failed; nobody waits for longer than this."""
_ON_THE_WAY = (Tape.BEGINNING, Tape.PAUSING, Tape.RESUMING)


class RecordingCommands:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self, command: Commands) -> list[Route[Any]]:
        def plain(path: str, kind: type[ResumeRecording | EndRecording], summary: str) -> Route[Any]:
            return command("POST", _CALL + path, Nothing, lambda on: kind(on.cti_id, on.ids["call_id"]), summary)

        return [
            Route("POST", _CALL + "/start", Nothing, self._start, AgentAnswer, "Record the conversation from now on"),
            Route("POST", _CALL + "/pause", Nothing, self._pause, AgentAnswer, "Leave out what is said from now on"),
            plain("/resume", ResumeRecording, "End the own pause of the recording"),
            plain("/stop", EndRecording, "End a recording that an agent has begun"),
        ]

    async def _start(self, asked: Asked[Nothing]) -> Answer:
        command = BeginRecording(asked.cti_id, asked.ids["call_id"])
        return await self._ask(asked, command, lambda found: not found.failed, NotRecorded())

    async def _pause(self, asked: Asked[Nothing]) -> Answer:
        command = PauseRecording(asked.cti_id, asked.ids["call_id"])
        return await self._ask(asked, command, lambda found: found.tape is not Tape.PAUSING, RecordingNotPaused())

    async def _ask(
        self,
        asked: Asked[Nothing],
        command: BeginRecording | PauseRecording,
        done: Callable[[Recorder], bool],
        otherwise: Refusal,
    ) -> Answer:
        """Answer when the order was seen to take effect. Raises ``otherwise`` when it was not in time."""
        await self._engine.ask(command, asked.idempotency)
        found = await self._settled(command.call_id)
        if found is not None and not done(found):
            raise otherwise
        return Answer({"agent": self._engine.view(asked.cti_id)})

    async def _settled(self, call_id: str) -> Recorder | None:
        """Return the recorder when nothing of it is on the way any more, or it has failed. None: the call is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WITHIN_S
        changed = asyncio.Event()

        def look(_at: float, changes: Changes) -> None:
            if ("call", call_id) in changes:
                changed.set()

        self._engine.watchers.append(look)
        try:
            while True:
                changed.clear()
                found = self._engine.read(lambda floor: call.recorder if (call := floor.calls.get(call_id)) else None)
                settled = found is None or found.late or found.failed or found.tape not in _ON_THE_WAY
                if settled or loop.time() >= until:
                    return found
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), until - loop.time())
        finally:
            self._engine.watchers.remove(look)
