"""Whether time runs as it should. Twice a second the loop shows that it turns, and looks at the system's clock.

Two faults are noticed. In a **stall** nothing is done for a while: the process was stopped, or the machine or a disk
stood still. The events of that time are yet to be read. A **clock that was set** was moved by hand, or by NTP that
corrects a wrong one. A clock that NTP slews is none: the system slews the monotonic clock with it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import structlog

from cti_bridge.clock import Clock

BEAT_S = 0.5
STALL_S = 1.0
"""A beat that is later than this, in seconds, is a stall."""
LONG_S = 3.0
"""A stall of more seconds is long. Shorter ones are only counted and logged: a busy machine has some."""
MOVED_S = 1.0
"""The difference, in seconds, from which on the system's clock is followed."""
TOLD_FOR_S = 3600.0
"""The seconds for which an operator is told."""

log = structlog.get_logger(__name__)


class Pulse:
    """``stalled`` and ``moved`` get seconds, before any other use of the time; the clock has been moved then.
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
        """Stop the beat."""
        if self._timer is not None:
            self._timer.cancel()

    def look(self) -> None:
        """Look for a stall or a set clock just now. Called before a deadline acts."""
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
        """Return words for the operator."""
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
