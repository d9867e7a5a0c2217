"""Callers who wait at a PBX from which no agent of their queue can be rung, while other PBXs reach some.

A call lives on one PBX, and phones are rung there. Where phones register with one PBX each, a call may come in where
none of its agents are: they are ready, the caller waits, and neither is wrong. The operator has to know.
"""

from collections import Counter, defaultdict
from typing import NamedTuple

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import CallState


class OutOfReach(NamedTuple):
    node: str
    queue: str
    callers: int
    elsewhere: tuple[str, ...]
    """The PBXs that reach agents of the queue."""

    def __str__(self) -> str:
        others = " and ".join(self.elsewhere)
        return (
            f"{self.callers} callers of queue {self.queue} wait where none of its agents can be rung: "
            f"the phones of those who are logged in are at {others}"
        )


def out_of_reach(floor: Floor) -> list[OutOfReach]:
    """Return the callers by PBX and queue. It costs a look at all calls, and at all agents while somebody waits."""
    calls = (call for call in floor.calls.values() if call.state is CallState.WAITING and floor.node_up(call.node))
    waiting = Counter((call.node, call.queue) for call in calls if call.queue is not None)
    reached = _reached(floor, {queue for _, queue in waiting})
    return [
        OutOfReach(node, queue, callers, tuple(sorted(reached[queue])))
        for (node, queue), callers in sorted(waiting.items())
        if reached[queue] and node not in reached[queue]
    ]


def _reached(floor: Floor, queues: set[str]) -> defaultdict[str, set[str]]:
    """Return the nodes that reach agents of these queues who are logged in, by queue."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for agent in floor.agents.values() if queues else ():
        for queue in queues.intersection(floor.entry(agent).queues) if agent.logged_in else ():
            found[queue].update(agent.reachable_on)
    return found
