"""Digits for the menus of other houses (requirements E7, E11): they go to the outside party whom the agent talks to.

The PBX takes digits for a party that has answered. To one that only plays something before it answers the agent's own
phone can send them.
"""

from cti_bridge.domain.border import actions
from cti_bridge.domain.border.commands import SendDigits
from cti_bridge.domain.border.errors import InvalidBody, NotAllowedNow
from cti_bridge.domain.floor.access import own_call
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState, Leg, Role, Stage
from cti_bridge.domain.model.words import CallEventType

_TO = {
    CallState.TALKING: (Role.CUSTOMER,),
    CallState.CONSULT_TALKING: (Role.TARGET,),
    CallState.CONSULT_SWAPPED: (Role.CUSTOMER,),
    CallState.THREE_TOGETHER: (Role.CUSTOMER, Role.TARGET),
    CallState.CONSULT_ALONE: (Role.TARGET,),
}


def hearers(call: Call) -> list[Leg]:
    """Return the legs to which digits of the agent who leads the call may go now. A colleague needs none."""
    legs = (call.leg_of(role) for role in _TO.get(call.state, ()))
    return [leg for leg in legs if leg is not None and leg.stage is Stage.UP and leg.cti_id is None]


def send(floor: Floor, command: SendDigits) -> None:
    """Send the digits. Raises a Refusal; nothing has changed then."""
    _, call, role = own_call(floor, command.cti_id, command.call_id)
    legs = [leg for leg in hearers(call) if command.to in (None, leg.role)]
    if role is not Role.AGENT or not legs:
        raise NotAllowedNow
    if len(legs) > 1:
        raise InvalidBody("You talk to two: say to whom the digits go.")
    (leg,) = legs
    floor.event(call, CallEventType.DIGITS, count=len(command.digits), party=leg.role)
    floor.act(actions.SendDigits(call.node, call.id, leg.id, command.digits))
