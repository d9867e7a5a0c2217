"""The edge (Kamailio) with which all phones register, as each PBX sees it.

While the edge is away its PBXs reach no phone, and say so of one after another. That is no loss of phones: whoever
talks goes on talking, for audio does not pass the edge. So nobody is rung meanwhile, and nothing follows from it for
agents and talks, until the edge is back and each phone was asked for again (:data:`DOUBT_S`).
"""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.edge import EdgeSight


def seen(floor: Floor, node: str, *, there: bool) -> None:
    """The node has told whether the edge answers. The first word of a node changes nothing, unless it is no."""
    known = floor.edges.get(node)
    if known is None:
        known = floor.edges[node] = EdgeSight()
    if there is (known.away_at is None):
        return
    if there:
        known.away_at, known.back_at = None, floor.now
        for call in floor.calls.values():
            if call.node == node and call.state is CallState.WAITING:
                floor.touch_call(call)
    else:
        known.away_at = floor.now
    count(floor)
    _touch(floor)


def count(floor: Floor) -> None:
    """A node was lost, or is back, or sees another thing of the edge: who works may be another question from now on."""
    up = [name for name in floor.edges if floor.node_up(name)]
    gone = bool(up) and all(map(floor.edge_away, up))
    if gone is not floor.edge_gone:
        floor.edge_gone = gone
        _touch(floor)


def _touch(floor: Floor) -> None:
    for agent in floor.agents.values():
        if agent.logged_in:
            floor.touch_agent(agent)
