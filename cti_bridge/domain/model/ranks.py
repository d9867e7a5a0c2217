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
        self.queues: dict[str, list[OrderKey]] = {}
        """The open queues."""
        self.by_of: dict[str, By] = {}
        """By call, where it stands, and by what."""
        self._key_of: dict[str, OrderKey] = {}

    def open(self, queue: str) -> None:
        """Open the queue, without calls as yet."""
        self.queues[queue] = []

    def close_all(self) -> None:
        self.queues.clear()
        self.by_of.clear()
        self._key_of.clear()

    def put(self, call_id: str, by: By, key: OrderKey) -> None:
        """The call stands in an open queue under this key now."""
        if call_id in self.by_of:
            self.remove(call_id)
        insort(self.queues[by[0]], key)
        self.by_of[call_id], self._key_of[call_id] = by, key

    def remove(self, call_id: str) -> None:
        """The call stands in no queue any more."""
        keys = self.queues[self.by_of.pop(call_id)[0]]
        del keys[bisect_left(keys, self._key_of.pop(call_id))]

    def before(self, queue: str, key: OrderKey) -> int:
        """Return how many calls of an open queue are served before a call with this key."""
        return bisect_left(self.queues[queue], key)

    def count(self, queue: str) -> int:
        """Return how many calls stand in an open queue."""
        return len(self.queues[queue])
