"""Tells the core that sessions are used, and that time passes for them."""

import asyncio
import time
from collections.abc import Callable

from cti_bridge.api.auth import Caller
from cti_bridge.api.ports import Engine
from cti_bridge.domain.border.commands import SessionUsed
from cti_bridge.domain.border.facts import SessionsAged

LOOK_S = 30.0
"""The seconds between two looks at the ages of sessions."""
TELL_S = 60.0
"""A session that is used is told of at most once in so many seconds."""


class SessionUse:
    """``has_panel`` says whether a panel of the agent is connected: the core knows of such a use."""

    def __init__(
        self, engine: Engine, has_panel: Callable[[str], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._has_panel, self._clock = engine, has_panel, clock
        self._told: dict[str, dict[str, float]] = {}
        """By CTI ID the sessions that were told of, and when: the agent's, and that of a program beside it."""
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._next = asyncio.get_running_loop().call_later(LOOK_S, self.look)

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def note(self, caller: Caller) -> None:
        """The caller has made a request."""
        told, now = self._told.get(caller.cti_id, {}), self._clock()
        at = told.get(caller.session)
        if (at is None or now - at >= TELL_S) and not self._has_panel(caller.cti_id):
            lately = {session: at for session, at in told.items() if now - at < TELL_S}
            self._told[caller.cti_id] = {**lately, caller.session: now}
            self._engine.tell(SessionUsed(caller.cti_id, caller.session))

    def look(self) -> None:
        self.start()
        self._engine.tell(SessionsAged())
