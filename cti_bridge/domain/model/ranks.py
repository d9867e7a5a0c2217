"""The calls without an agent in the order of service, for each queue for which somebody has asked.

A queue is *open* from the first question on. The calls of a queue that nobody asks about cost nothing.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

OrderKey = tuple[bool, int, float, str]
"""(has not returned, minus the priority, arrival, id): the smallest is served next."""


class Ranks:
    def __init__(self) -> None:
        self._queues: dict[str, list[OrderKey]] = {}
        self._known: dict[str, tuple[str, OrderKey]] = {}
        """By call, its queue and its key there."""

    def __bool__(self) -> bool:
        """Whether any queue is open."""
        return bool(self._queues)

    def is_open(self, queue: str) -> bool:
        return queue in self._queues

    def open(self, queue: str, keys: Iterable[OrderKey]) -> None:
        """Open the queue with these calls."""
        self._queues[queue] = sorted(keys)
        self._known |= {key[3]: (queue, key) for key in self._queues[queue]}

    def close_all(self) -> None:
        self._queues.clear()
        self._known.clear()

    def put(self, call_id: str, queue: str | None, key: OrderKey | None) -> None:
        """The call stands in this queue under this key now; None: in none that is open."""
        before = self._known.get(call_id)
        now = (queue, key) if queue is not None and key is not None else None
        if before == now:
            return
        if before is not None:
            keys = self._queues[before[0]]
            del keys[bisect_left(keys, before[1])]
            del self._known[call_id]
        if queue is not None and key is not None:
            insort(self._queues[queue], key)
            self._known[call_id] = (queue, key)

    def knows(self, call_id: str) -> bool:
        return call_id in self._known

    def before(self, queue: str, key: OrderKey) -> int:
        """Return how many calls of an open queue are served before a call with this key."""
        return bisect_left(self._queues[queue], key)

    def count(self, queue: str) -> int:
        """Return how many calls stand in an open queue."""
        return len(self._queues[queue])
