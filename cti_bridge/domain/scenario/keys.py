"""Keys that a customer presses, by RFC 4733, SIP INFO, or in the audio: the PBX tells all of them alike."""

from cti_bridge.domain.border.facts import DigitPressed
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Role
from cti_bridge.domain.scenario import steps


def pressed(floor: Floor, fact: DigitPressed) -> None:
    """A key counts only when it is the customer's."""
    found = floor.leg(fact.leg_id)
    if found is not None and found[0].leg_of(Role.CUSTOMER) is found[1]:
        steps.pressed(floor, found[0], fact.digit)
