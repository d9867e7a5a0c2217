"""The pace at which an agent's programs may ask: one that asks without end must not slow all others down."""

import math
import time
from collections.abc import Callable

from cti_bridge.api.errors import Problem

BURST = 400
PER_S = 50.0
"""Requests of an agent, at once and in each second."""


class Pace:
    """``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, burst: int = BURST, per_s: float = PER_S) -> None:
        self._clock, self._burst, self._per_s = clock, burst, per_s
        self._left: dict[str, tuple[float, float]] = {}
        """By CTI ID the requests that are left, and when that was so."""
        self.refused = 0

    def check(self, cti_id: str) -> None:
        """Count a request. Raises the problem 429."""
        now = self._clock()
        left, at = self._left.get(cti_id, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_s)
        if left < 1:
            self.refused += 1
            headers = {"Retry-After": str(math.ceil((1 - left) / self._per_s))}
            raise Problem(429, "too_many_requests", "Too many requests. Ask less often.", headers=headers)
        self._left[cti_id] = (left - 1, now)
