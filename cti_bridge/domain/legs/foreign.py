"""Calls on an agent's phone that are not ours: a second line, a way of the dialplan's own, an emergency call that went
around the bridge. The agent is given no call from a queue meanwhile. Nothing else is done about such a call.

Each such channel stands among the strays until the PBX says that it has ended.
"""

from cti_bridge.domain.border.facts import LegEnded, LegLetGo, PhoneUsed, SeenLeg
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.legs.legs import ended
from cti_bridge.domain.model.ids import is_ours
from cti_bridge.domain.model.kept import Stray


def phone_used(floor: Floor, fact: PhoneUsed) -> None:
    """A channel to or from the phone has begun that we did not make. When the agent has dialled a number, the channel
    is handed to us in a moment and becomes a leg of that call."""
    _occupy(floor, fact.node, fact.leg_id, fact.cti_number)


def let_go(floor: Floor, fact: LegLetGo) -> None:
    """The phone has left our call. It was hung up, or the dialplan has gone on with it; the end of the channel will
    tell."""
    found = floor.leg(fact.leg_id)
    if found is None:
        return
    call, leg = found
    ended(floor, LegEnded(leg.id))
    if leg.cti_id is not None:
        floor.add_stray(Stray(leg.id, call.node, leg.cti_id))


def seen(floor: Floor, node: str, leg: SeenLeg) -> None:
    """A list of the PBX shows such a channel."""
    if leg.arrived is None and not leg.in_app:
        _occupy(floor, node, leg.leg_id, leg.endpoint)


def _occupy(floor: Floor, node: str, leg_id: str, cti_number: str) -> None:
    cti_id = floor.by_cti_number.get(cti_number)
    known = leg_id in floor.call_of_leg or leg_id in floor.strays or leg_id in floor.departed
    if cti_id is not None and not known and not is_ours(leg_id):
        floor.add_stray(Stray(leg_id, node, cti_id))
