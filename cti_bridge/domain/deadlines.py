"""Deadlines are data: each is a key and a time, and the engine keeps one timer for the earliest."""

from heapq import heappop, heappush

Key = tuple[str, str]
"""(what it is for, the id of what it is for)."""


class Deadlines:
    """A heap with lazy removal: setting, moving and taking back cost O(log n)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, Key]] = []
        self._at: dict[Key, float] = {}

    def set(self, kind: str, identity: str, at: float | None) -> None:
        """Set, move, or (``at`` None) take back."""
        key = (kind, identity)
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heappush(self._heap, (at, key))
            self._shed()

    def at(self, kind: str, identity: str) -> float | None:
        """When it is due; None: it is not set."""
        return self._at.get((kind, identity))

    def next(self) -> float | None:
        """The earliest deadline, or None."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """Take the earliest deadline that is due, or None."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, key = heappop(self._heap)
        del self._at[key]
        return key

    def _drop_stale(self) -> None:
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)

    def _shed(self) -> None:
        """Rebuild when most of the heap is stale: taken-back deadlines that lie far ahead must not pile up."""
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._at):
            self._heap = sorted((at, key) for key, at in self._at.items())
