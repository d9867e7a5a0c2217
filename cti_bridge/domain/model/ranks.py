"""The calls without an agent in the order of service, for each queue for which somebody has asked.

A queue is *open* from the first question on. The calls of a queue that nobody asks about cost nothing.
"""

from bisect import bisect_left, insort

OrderKey = tuple[bool, int, float, str]
"""(has not returned, minus the priority, arrival, id): the smallest is served next."""


By = tuple[str, bool, int, float, float]
"""The queue of a call, and all of the call on which its place depends. While it stays, the place does."""


class Ranks:
    def __init__(self) -> None:
        self._queues: dict[str, list[OrderKey]] = {}
        self._known: dict[str, tuple[By, OrderKey]] = {}

    def __bool__(self) -> bool:
        """Whether any queue is open."""
        return bool(self._queues)

    def is_open(self, queue: str) -> bool:
        return queue in self._queues

    def open(self, queue: str) -> None:
        """Open the queue, without calls as yet."""
        self._queues[queue] = []

    def close_all(self) -> None:
        self._queues.clear()
        self._known.clear()

    def stands(self, call_id: str, by: By) -> bool:
        """Return whether the call stands where ``by`` says."""
        known = self._known.get(call_id)
        return known is not None and known[0] == by

    def put(self, call_id: str, by: By, key: OrderKey) -> None:
        """The call stands in an open queue under this key now."""
        if call_id in self._known:
            self.remove(call_id)
        insort(self._queues[by[0]], key)
        self._known[call_id] = (by, key)

    def remove(self, call_id: str) -> None:
        """The call stands in no queue any more."""
        by, key = self._known.pop(call_id)
        keys = self._queues[by[0]]
        del keys[bisect_left(keys, key)]

    def knows(self, call_id: str) -> bool:
        return call_id in self._known

    def before(self, queue: str, key: OrderKey) -> int:
        """Return how many calls of an open queue are served before a call with this key."""
        return bisect_left(self._queues[queue], key)

    def count(self, queue: str) -> int:
        """Return how many calls stand in an open queue."""
        return len(self._queues[queue])
