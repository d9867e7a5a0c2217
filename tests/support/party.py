"""One end of a call, whoever plays it: what it says, what it hears, and when its call began and ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.support.audio import Recording

WITHIN_S = 30.0
LOOK_S = 0.05


class Party:
    """Moments are `time.monotonic()` seconds, None until they come."""

    def __init__(self, tone_hz: int) -> None:
        self.tone_hz = tone_hz
        self.heard = Recording()
        self.started_at = time.monotonic()
        self.rang_at: float | None = None
        self.established_at: float | None = None
        self.ended_at: float | None = None
        self.end_reason = ""
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        """Whether it is answered and has not ended."""
        return self.established_at is not None and self.ended_at is None

    def tell(self) -> None:
        """Something has changed: wake who waits for it."""
        task = asyncio.get_running_loop().create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until(self, what: str, came: Callable[[], bool], within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(came)
        except TimeoutError:
            raise AssertionError(f"{what} did not come within {within_s} s; {self._describe()}") from None

    def _describe(self) -> str:
        moments = (self.started_at, self.rang_at, self.established_at, self.ended_at)
        shown = [f"{moment - self.started_at:.2f}" if moment else "-" for moment in moments]
        return f"started, rang, established, ended: {', '.join(shown)}; {self.end_reason!r}"

    async def established(self, within_s: float = WITHIN_S) -> float:
        """Wait until it is answered, and return when that was. An attempt that ended is an AssertionError."""
        await self._until("the answer", lambda: self.established_at is not None or self.ended_at is not None, within_s)
        assert self.established_at is not None, f"it ended unanswered: {self._describe()}"
        return self.established_at

    async def ended(self, within_s: float = WITHIN_S) -> float:
        """Wait until it is over, and return when that was."""
        await self._until("the end", lambda: self.ended_at is not None, within_s)
        assert self.ended_at is not None
        return self.ended_at

    async def hears(self, hz: int, for_s: float = 0.3, within_s: float = WITHIN_S, since: float | None = None) -> float:
        """Wait until a tone has been heard for a while without a break, and return when that began."""
        end = time.monotonic() + within_s
        while (began := self.heard.tone_began(hz, since, for_s)) is None:
            assert self.ended_at is None, f"ended before {hz} Hz was heard; {self._describe()}"
            assert time.monotonic() < end, f"{hz} Hz was not heard within {within_s} s; {self._describe()}"
            await asyncio.sleep(LOOK_S)
        return began

    async def listen(self, seconds: float) -> tuple[float, float]:
        """Wait until so much more audio was received, and return between which moments that was."""
        since = time.monotonic()
        until = since + seconds
        while (self.heard.ended_at or 0.0) < until and time.monotonic() < until + 1.0:
            assert self.ended_at is None, f"ended while it was listened to; {self._describe()}"
            await asyncio.sleep(LOOK_S / 2)
        return since, until
