"""Emergency calls that a PBX holds and nobody here knows: begun just before the bridge was killed, or while nothing
could be written. They go on.

Who talks is left alone until the PBX says that they are gone; at most the next look ends a party that has stayed
behind. A phone that reached nobody yet is handed back to the dialplan, which dials by itself. Each is written down as
handed back, and keeps other calls away from its agent.
"""

from cti_bridge.domain.emergency import hand_back, write_down
from cti_bridge.domain.facts import NodeSeen, SeenLeg
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.kept import Stray


def left_alone(floor: Floor, fact: NodeSeen) -> set[str]:
    """See to them; returns the channels and bridges that are theirs."""
    theirs: set[str] = set()
    for leg in fact.legs:
        if leg.emergency is not None and floor.leg(leg.leg_id) is None and leg.leg_id not in floor.departed:
            theirs |= _left_alone(floor, fact, leg)
    return theirs


def _left_alone(floor: Floor, fact: NodeSeen, phone: SeenLeg) -> set[str]:
    assert phone.emergency is not None
    agent = floor.agents.get(floor.by_cti_number.get(phone.emergency.cti_number, ""))
    together = {leg.leg_id for leg in fact.legs if leg.bridge_id and leg.bridge_id == phone.bridge_id}
    is_new = phone.leg_id not in floor.strays
    for leg_id in together | {phone.leg_id}:
        floor.add_stray(Stray(leg_id, fact.node, agent.cti_id if agent and leg_id == phone.leg_id else None))
    if len(together) > 1:
        if is_new:
            write_down(floor, phone.emergency, agent)
        return together | {phone.bridge_id or ""}
    if is_new:
        # Once: the other party may have gone by now, and nobody wants to call them again.
        hand_back(floor, phone.emergency, agent)
    return {phone.leg_id}
