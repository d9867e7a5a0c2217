"""Holds back whatever goes out until a bridge that stood still knows that it still acts.

A process that was stopped, or whose machine stood still, does not know how long. It goes on in the middle of what it
did, while the other bridge may act by now. So each order, row and answer looks at the fence first. The fence closes by
itself: nobody has to notice the stop. It opens when the question whether this bridge still acts was answered, and stays
closed for good when it does not.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from cti_bridge.spare.lease import steady

BEAT_S = 0.2
STILL_S = 1.0
"""The loop stood still when it has not turned for so many seconds. A lease has more left when it is renewed in time."""

log = structlog.get_logger(__name__)


class Fence:
    """``acts`` asks whether this bridge still acts; it must not go through the fence. Raises nothing. Its answer False
    is final."""

    def __init__(self, acts: Callable[[], Awaitable[bool]], now: Callable[[], float] = steady) -> None:
        self._acts, self._now = acts, now
        self._beat_at = now()
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._shut = False
        self.stops = 0
        """How often the loop stood still."""

    def start(self) -> None:
        """Begin to watch the loop."""
        self._beat_at = self._now()
        self._beat()

    def stop(self) -> None:
        """Watch the loop no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def shut(self) -> None:
        """Let nothing through any more: another bridge acts, or this one ends."""
        self._shut = True

    @property
    def closed(self) -> bool:
        """Nothing may go out now."""
        return self._shut or self._stood_still() or self._asking is not None

    async def passed(self) -> bool:
        """Wait until the fence is open. Return False when this bridge acts no more."""
        while self.closed and not self._shut:
            if self._asking is not None:
                await asyncio.wait((self._asking,))
        return not self._shut

    def _stood_still(self) -> bool:
        """Return whether the loop has stood still since it turned last, and ask then who acts."""
        now = self._now()
        still_s = now - self._beat_at
        if still_s < STILL_S + BEAT_S:
            return False
        self._beat_at = now
        self.stops += 1
        log.warning("stood_still", for_s=round(still_s, 1), text="Nothing goes out until it is known who acts.")
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask(), name="who acts")
            self._asking.add_done_callback(self._asked)
        return True

    async def _ask(self) -> None:
        """Ask until an answer came without another stop meanwhile."""
        while True:
            before = self.stops
            if not await self._acts():
                self._shut = True
                return
            self._stood_still()
            if self.stops == before:
                return

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking = None
        if not task.cancelled() and (fault := task.exception()):
            log.error("fence_failed", exc_info=fault)
            self._shut = True

    def _beat(self) -> None:
        self._stood_still()
        self._beat_at = self._now()
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)
