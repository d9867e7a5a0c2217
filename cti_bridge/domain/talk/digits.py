"""Digits for the menus of other houses (requirement E7): they go to the outside party whom the agent talks to.

The PBX takes digits for a party that has answered. To one that only plays something before it answers the agent's own
phone can send them.
"""

from cti_bridge.domain.border import actions
from cti_bridge.domain.border.commands import SendDigits
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.floor.access import own_call
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState, Leg, Role, Stage
from cti_bridge.domain.model.words import CallEventType

_TO = {
    CallState.TALKING: Role.CUSTOMER,
    CallState.CONSULT_TALKING: Role.TARGET,
    CallState.CONSULT_ALONE: Role.TARGET,
}


def hearer(call: Call) -> Leg | None:
    """Return the leg to which digits of the agent who leads the call go now; None: to nobody. A colleague needs
    none."""
    leg = call.leg_of(_TO[call.state]) if call.state in _TO else None
    return leg if leg is not None and leg.stage is Stage.UP and leg.cti_id is None else None


def send(floor: Floor, command: SendDigits) -> None:
    _, call, role = own_call(floor, command.cti_id, command.call_id)
    leg = hearer(call)
    if role is not Role.AGENT or leg is None:
        raise NotAllowedNow
    floor.event(call, CallEventType.DIGITS, count=len(command.digits), party=leg.role)
    floor.act(actions.SendDigits(call.node, call.id, leg.id, command.digits))
