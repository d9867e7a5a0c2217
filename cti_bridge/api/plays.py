"""Plays of recordings: a browser asks for the bytes of one play by many requests, and the audit wants one row."""

from collections.abc import Callable

SAME_S = 60.0
"""Requests of one person for one recording within so many seconds after the last one belong to the same play."""

Key = tuple[str, str]
"""(who, recording)"""


class Plays:
    """``clock`` gives seconds. Each play is forgotten a minute after its last request."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[Key, float] = {}

    def goes_on(self, who: str, recording_id: str) -> bool:
        """Return whether a request belongs to a play that has a row."""
        now = self._clock()
        self._last = {key: at for key, at in self._last.items() if now - at < SAME_S}
        if (who, recording_id) not in self._last:
            return False
        self._last[who, recording_id] = now
        return True

    def began(self, who: str, recording_id: str) -> None:
        """The play has its row."""
        self._last[who, recording_id] = self._clock()
