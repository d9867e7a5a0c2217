"""An agent's phone: whether it is in use, as far as legs and foreign calls to it say, and the PBXs that can ring it."""

from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Stage

# Members that every call looks up, by names of the module: see the package.
_ENDING = Stage.ENDING


def uses_phone(floor: Floor, agent: Agent, but: str = "") -> bool:
    """Return whether the agent's phone has a leg, other than ``but``. One that was to end when its PBX went away does
    not count: it is ended when the PBX is back."""
    for leg_id in agent.legs:
        if leg_id == but:
            continue
        node = ending_on(floor, leg_id)
        if node is None or floor.node_up(node):
            return True
    return False


def ending_on(floor: Floor, leg_id: str) -> str | None:
    """Return the node of the leg when it is ending; None: it is not, or nobody knows the leg."""
    found = floor.leg(leg_id) or (monitoring.of_leg(floor, leg_id) if floor.monitors else None)
    return found[0].node if found is not None and found[1].stage is _ENDING else None


def nodes_to_ring(floor: Floor, agent: Agent) -> list[str]:
    """Return the nodes that can ring the agent's phone. The one that the configuration names comes first, then
    those with which the phone registered first."""
    own = floor.entry(agent).node
    return sorted(filter(floor.rings, agent.reachable_on), key=lambda node: node != own)
