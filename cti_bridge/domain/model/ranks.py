"""The calls without an agent in the order of service, for each queue for which somebody has asked.

A queue is *open* from the first question on. The calls of a queue that nobody asks about cost nothing.
"""

from bisect import bisect_left, insort

OrderKey = tuple[int, int, float, str]
"""(rank, minus the priority, arrival, id): the smallest is served next. The rank is 0 for a call that a supervisor has
moved to the front, 1 for one that came back from an agent, 2 for all others."""


By = tuple[str, bool, bool, int, float, float, bool]
"""The queue of a call, all of the call on which its place depends, and whether a phone rings for it. While it stays,
the place does."""


class Ranks:
    def __init__(self) -> None:
        self.queues: dict[str, list[OrderKey]] = {}
        """The open queues."""
        self._ringing: dict[str, list[OrderKey]] = {}
        """By open queue, the calls of it for which a phone rings."""
        self.by_of: dict[str, By] = {}
        """By call, where it stands, and by what."""
        self._key_of: dict[str, OrderKey] = {}

    def open(self, queue: str) -> None:
        """Open the queue, without calls as yet."""
        self.queues[queue], self._ringing[queue] = [], []

    def close_all(self) -> None:
        self.queues.clear()
        self._ringing.clear()
        self.by_of.clear()
        self._key_of.clear()

    def put(self, call_id: str, by: By, key: OrderKey) -> None:
        """The call stands in an open queue under this key now."""
        if call_id in self.by_of:
            self.remove(call_id)
        queue, rings = by[0], by[-1]
        insort(self.queues[queue], key)
        if rings:
            insort(self._ringing[queue], key)
        self.by_of[call_id], self._key_of[call_id] = by, key

    def ring(self, call_id: str, by: By) -> None:
        """A phone rings for the call now, or no more. It keeps its place."""
        key, ringing = self._key_of[call_id], self._ringing[by[0]]
        if by[-1]:
            insort(ringing, key)
        else:
            del ringing[bisect_left(ringing, key)]
        self.by_of[call_id] = by

    def remove(self, call_id: str) -> None:
        """The call stands in no queue any more."""
        by, key = self.by_of.pop(call_id), self._key_of.pop(call_id)
        queue, rings = by[0], by[-1]
        for keys in (self.queues[queue], self._ringing[queue])[: 1 + rings]:
            del keys[bisect_left(keys, key)]

    def before(self, queue: str, key: OrderKey) -> int:
        """Return how many calls of an open queue are served before a call with this key."""
        return bisect_left(self.queues[queue], key)

    def waiting_before(self, queue: str, key: OrderKey) -> int:
        """Return how many of these have no agent whose phone rings for them."""
        return self.before(queue, key) - bisect_left(self._ringing[queue], key)

    def count(self, queue: str) -> int:
        """Return how many calls stand in an open queue."""
        return len(self.queues[queue])
