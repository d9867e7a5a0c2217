"""The engine's clock: POSIX seconds that never run backwards by themselves.

Inside, time must be monotonic: a step of the system's clock must not end a pickup time early. Outside, rows and the
checkpoint need wall time. So this is the monotonic clock and an offset. When the system's clock was set, the offset
moves in one step, and the core moves all its times in the same step (decision 0001).
"""

import time

SURE_WITHIN_S = 0.05
"""The most seconds between the readings of two clocks. After more the process stood still in between."""


class Clock:
    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() + self._offset

    def behind_s(self) -> float:
        """Return the seconds by which the system's clock is ahead of this one; 0 when that cannot be told now."""
        began = time.monotonic()
        wall, now = time.time(), time.monotonic()
        return wall - now - self._offset if now - began < SURE_WITHIN_S else 0.0

    def move(self, by_s: float) -> None:
        """Follow the system's clock by ``by_s`` seconds."""
        self._offset += by_s
