"""Figures of a queue as it is now. They are counted when they are asked for, so a call for which nobody asks costs
nothing."""

from typing import NamedTuple

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import OFFERED, CallState

_WITHOUT_AGENT = OFFERED | {CallState.WAITING}


class Figures(NamedTuple):
    waiting: int
    """The calls that wait, or for which an agent rings."""
    longest_s: float
    """The seconds for which the call waits that waits longest."""


def figures(floor: Floor, queue: str) -> Figures:
    since = [
        call.wait.since or floor.now
        for call in floor.calls.values()
        if call.queue == queue and call.state in _WITHOUT_AGENT
    ]
    return Figures(len(since), floor.now - min(since, default=floor.now))
