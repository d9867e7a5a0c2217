"""Limits of how often something may fail before it is refused for a while."""

from collections import OrderedDict, deque
from collections.abc import Callable

_KEPT = 4
"""The times kept of a key, as a multiple of the allowed attempts. Attempts beyond the limit that are cancelled must not
take others along."""


class Attempts:
    """At most ``most`` attempts a key within ``window_s`` seconds. Attempts that were counted and then cancelled do not
    count.

    Memory is bounded: beyond ``most_keys`` the key that was quiet longest is forgotten.
    """

    def __init__(self, most: int, window_s: float, clock: Callable[[], float], most_keys: int = 10_000) -> None:
        self._most, self._window_s, self._clock, self._most_keys = most, window_s, clock, most_keys
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Return the seconds until the next attempt is allowed; 0 when it is allowed now."""
        tried = self._tried.get(key)
        if tried is None:
            return 0.0
        over = self._clock() - self._window_s
        while tried and tried[0] <= over:
            tried.popleft()
        return tried[-self._most] - over if len(tried) >= self._most else 0.0

    def count(self, key: str) -> None:
        """Count an attempt. Counted at its beginning, many attempts at once are many. Counted at its end, only the
        failed ones count."""
        self._tried.setdefault(key, deque(maxlen=_KEPT * self._most)).append(self._clock())
        self._tried.move_to_end(key)
        if len(self._tried) > self._most_keys:
            self._tried.popitem(last=False)

    def take_back(self, key: str) -> None:
        """Cancel the newest attempt, which did not fail."""
        tried = self._tried.get(key)
        if tried:
            tried.pop()
        if not tried:
            self._tried.pop(key, None)
