"""Queues whose phones have gone together (requirement I7): a third of the agents who are logged in, within a minute.

One phone that goes is its agent's business. Many at once are a switch, a network or a PBX, and the operator has to
know before the callers do.
"""

from collections import defaultdict
from math import ceil
from typing import NamedTuple

from cti_bridge.domain.floor.floor import Floor

WITHIN_S = 60.0
_SHARE = 3
_FEWEST = 2
"""The fewest phones that have gone *together*."""


class PhonesGone(NamedTuple):
    queue: str
    gone: int
    """Agents whose phones have gone within a minute, and are still away."""
    agents: int
    """Agents of the queue who are logged in."""

    def __str__(self) -> str:
        return f"queue {self.queue}: the phones of {self.gone} of {self.agents} agents have gone within a minute"


def phones_gone(floor: Floor) -> list[PhonesGone]:
    """Return the queues, by their name. Nobody knows of phones while their PBX is away. It costs a look at all
    agents."""
    up = {name for name, node in floor.nodes.items() if node.up}
    agents: defaultdict[str, int] = defaultdict(int)
    gone: defaultdict[str, list[float]] = defaultdict(list)
    for agent in floor.agents.values():
        if not agent.logged_in:
            continue
        entry, counted = floor.entry(agent), floor.working.agents.get(agent.cti_id)
        known = entry.node in up if entry.node else bool(up)
        at = counted.phone_gone_at if known and counted is not None and not agent.reachable_on else None
        for queue in entry.queues:
            agents[queue] += 1
            if at is not None:
                gone[queue].append(at)
    found = (PhonesGone(queue, _most_together(times), agents[queue]) for queue, times in sorted(gone.items()))
    return [one for one in found if one.gone >= max(_FEWEST, ceil(one.agents / _SHARE))]


def _most_together(times: list[float]) -> int:
    """Return the most of these times that lie within a minute."""
    times = sorted(times)
    first = most = 0
    for last, at in enumerate(times):
        while at - times[first] > WITHIN_S:
            first += 1
        most = max(most, last - first + 1)
    return most
