"""Keys that a party presses, by RFC 4733, SIP INFO, or in the audio: the PBX tells all of them alike. A key counts when
it is the customer's, in a scenario, or of a target that has to confirm."""

from cti_bridge.domain.border.facts import DigitPressed
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Role
from cti_bridge.domain.scenario import steps
from cti_bridge.domain.talk import confirm


def pressed(floor: Floor, fact: DigitPressed) -> None:
    found = floor.leg(fact.leg_id)
    if found is None:
        return
    call, leg = found
    if call.leg_of(Role.CUSTOMER) is leg:
        steps.pressed(floor, call, fact.digit)
    elif call.leg_of(Role.TARGET) is leg:
        confirm.pressed(floor, call, fact.digit)
