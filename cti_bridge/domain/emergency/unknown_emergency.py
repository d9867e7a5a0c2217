"""Emergency calls that a PBX holds and the bridge does not know. They began just before the bridge was killed, or while
nothing could be written. They go on.

Two parties who talk are left alone until the PBX says that they have ended. The next look ends a party that has stayed
behind. A phone that has reached nobody yet is handed back to the dialplan, which dials by itself. Each call is written
down once, as handed back, and keeps other calls away from its agent.
"""

from cti_bridge.domain.border.actions import HandBack, HangUp
from cti_bridge.domain.border.facts import NodeSeen, SeenLeg
from cti_bridge.domain.emergency.emergency import write_down
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.kept import Stray


def left_alone(floor: Floor, fact: NodeSeen) -> set[str]:
    """See to unknown emergency calls. Return the channels and bridges that belong to them."""
    theirs: set[str] = set()
    for leg in fact.legs:
        if leg.emergency is not None and floor.leg(leg.leg_id) is None and leg.leg_id not in floor.departed:
            theirs |= _left_alone(floor, fact, leg)
    return theirs


def _left_alone(floor: Floor, fact: NodeSeen, phone: SeenLeg) -> set[str]:
    assert phone.emergency is not None
    agent = floor.agents.get(floor.by_cti_number.get(phone.emergency.cti_number, ""))
    together = {leg.leg_id for leg in fact.legs if leg.bridge_id and leg.bridge_id == phone.bridge_id}
    known = floor.strays.get(phone.leg_id)
    talks = len(together) > 1
    for leg_id in together - {phone.leg_id}:
        floor.add_stray(Stray(leg_id, fact.node, None))
    talked = talks or (known is not None and known.talked)
    floor.add_stray(Stray(phone.leg_id, fact.node, agent.cti_id if agent else None, talked))
    if known is None:
        write_down(floor, phone.emergency, agent)
    if talks:
        return together | {phone.bridge_id or ""}
    # A phone that has talked must not reach the service a second time.
    order = HangUp if talked else HandBack
    floor.act(order(fact.node, f"keypad-{phone.leg_id}", phone.leg_id))
    return {phone.leg_id}
