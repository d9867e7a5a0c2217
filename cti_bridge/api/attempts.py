"""How often something may fail before it is refused for a while."""

from collections import OrderedDict, deque
from collections.abc import Callable


class Attempts:
    """At most ``most`` attempts a key within ``window_s`` seconds; one that turns out well does not count.

    Memory is bounded: beyond ``most_keys`` the key that was quiet longest is forgotten.
    """

    def __init__(self, most: int, window_s: float, clock: Callable[[], float], most_keys: int = 10_000) -> None:
        self._most, self._window_s, self._clock, self._most_keys = most, window_s, clock, most_keys
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """How long until the next attempt is allowed; 0 when it is now."""
        tried = self._tried.get(key)
        if tried is None:
            return 0.0
        over = self._clock() - self._window_s
        while tried and tried[0] <= over:
            tried.popleft()
        return tried[0] - over if len(tried) >= self._most else 0.0

    def begin(self, key: str) -> None:
        """Counts an attempt from its beginning on, so that many at once are many."""
        self._tried.setdefault(key, deque(maxlen=self._most)).append(self._clock())
        self._tried.move_to_end(key)
        if len(self._tried) > self._most_keys:
            self._tried.popitem(last=False)

    def went_well(self, key: str) -> None:
        """Takes the newest attempt back."""
        tried = self._tried.get(key)
        if tried:
            tried.pop()
        if not tried:
            self._tried.pop(key, None)
