"""Whether time goes as it should: twice a second the loop shows that it turns, and looks at the system's clock.

Two things are noticed. A **stall**: nothing was done for a while, since the process was stopped, the machine stood
still, or a disk did. What came meanwhile is yet to be read. And a **clock that was set**, by hand or by NTP that mends
a wrong one. One that is slewed by NTP is none: the system slews the monotonic clock with it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import structlog

from cti_bridge.clock import Clock

BEAT_S = 0.5
STALL_S = 1.0
"""A beat that is later than this is a stall."""
LONG_S = 3.0
"""Shorter ones are counted and logged: a busy machine has some."""
MOVED_S = 1.0
"""The system's clock is followed when it differs by so much."""
TOLD_FOR_S = 3600.0
"""So long an operator is told."""

log = structlog.get_logger(__name__)


class Pulse:
    """``stalled`` and ``moved`` get seconds, before anything else is done with the time; the clock has been moved then.
    ``steady`` is the monotonic clock."""

    def __init__(
        self,
        clock: Clock,
        stalled: Callable[[float], None],
        moved: Callable[[float], None],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stalls = 0
        self.stalled_s = 0.0
        self.moves = 0
        self._clock, self._stalled, self._moved, self._steady = clock, stalled, moved, steady
        self._beat_at = steady()
        self._moves: deque[tuple[float, float]] = deque()
        self._stalls: deque[tuple[float, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._beat_at = self._steady()
        self._beat()

    async def stop(self) -> None:
        """No beat any more."""
        if self._timer is not None:
            self._timer.cancel()

    def look(self) -> None:
        """Was there a stall just now, or was the clock set? To be asked before a deadline acts."""
        now = self._steady()
        still_s, self._beat_at = now - self._beat_at, now
        if still_s >= BEAT_S + STALL_S:
            self.stalls += 1
            self.stalled_s += still_s
            self._stalls.append((now, still_s))
            log.warning("stalled", for_s=round(still_s, 1))
            self._stalled(still_s)
        by_s = self._clock.behind_s()
        if abs(by_s) >= MOVED_S:
            self.moves += 1
            self._moves.append((now, by_s))
            log.warning("clock_was_set", by_s=round(by_s, 1))
            self._clock.move(by_s)
            self._moved(by_s)

    @property
    def words(self) -> list[str]:
        """What an operator is to be told."""
        moves = self._lately(self._moves)
        stalls = [for_s for for_s in self._lately(self._stalls) if for_s >= LONG_S]
        words = []
        if moves:
            words.append(
                f"clock: it was set by {', '.join(f'{by_s:+.0f} s' for by_s in moves[-3:])} within the last hour"
            )
        if stalls:
            words.append(f"stalls: {len(stalls)} within the last hour, the longest of {max(stalls):.0f} s")
        return words

    def _lately(self, noted: deque[tuple[float, float]]) -> list[float]:
        while noted and noted[0][0] < self._steady() - TOLD_FOR_S:
            noted.popleft()
        return [seconds for _, seconds in noted]

    def _beat(self) -> None:
        self.look()
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)
