"""The order of service, and who is before whom (requirements I1, I4)."""

from math import inf

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import OFFERED, Call, CallState
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.ranks import OrderKey
from cti_bridge.domain.queue.stages import raised_by

WITHOUT_AGENT = OFFERED | {CallState.WAITING}
"""The states of a call that stands in a queue. While a phone rings for it, it may yet come back to its place."""

_OTHERS = 2


def order_key(floor: Floor, call: Call) -> OrderKey:
    """Return the call's place in the one order over all queues: the smallest is next."""
    queue, priority = floor.directory.queues.get(call.queue or ""), call.priority
    if queue is not None:
        priority += queue.priority + (raised_by(floor, call, queue) if queue.overflow else 0)
    rank = 0 if call.wait.first else 1 if call.wait.returned else _OTHERS
    return (rank, -priority, call.arrived_at, call.id)


def key_in(call: Call, queue: Queue) -> OrderKey:
    """Return the place that the call would have as a new one in this queue."""
    return (_OTHERS, -(call.priority + queue.priority), call.arrived_at, call.id)


def behind_all(queue: Queue) -> OrderKey:
    """Return the place behind all calls of the queue that wait there and came as new ones."""
    return (_OTHERS, -queue.priority, inf, "")


def before(floor: Floor, queue: str, key: OrderKey) -> int:
    """Return how many calls of the queue are served before one with this key."""
    _open(floor, queue)
    return floor.ranks.before(queue, key)


def waiting_before(floor: Floor, queue: str, key: OrderKey) -> int:
    """Return how many of these still need an agent to become free. One for which a phone rings has its agent."""
    _open(floor, queue)
    return floor.ranks.waiting_before(queue, key)


def waiting(floor: Floor, queue: str) -> int:
    """Return how many calls of the queue have no agent yet."""
    _open(floor, queue)
    return floor.ranks.count(queue)


def follow(floor: Floor, call: Call) -> None:
    """The call has changed: keep its place in a queue about which somebody has asked. One that is offered back to its
    sender stands in none."""
    ranks, state, queue = floor.ranks, call.state, call.queue
    known = ranks.by_of.get(call.id)
    if state in WITHOUT_AGENT and queue in ranks.queues and queue is not None and not call.recalled:
        wait = call.wait
        by = (queue, wait.first, wait.returned, call.priority, wait.reached_s, call.arrived_at, state in OFFERED)
        if known == by:
            return
        if known is not None and known[:-1] == by[:-1]:
            ranks.ring(call.id, by)
        else:
            ranks.put(call.id, by, order_key(floor, call))
    elif known is not None:
        ranks.remove(call.id)


def _open(floor: Floor, queue: str) -> None:
    if queue in floor.ranks.queues:
        return
    floor.ranks.open(queue)
    for call in floor.calls.values():
        if call.queue == queue:
            follow(floor, call)
