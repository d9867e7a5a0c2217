"""Swap (requirement E11): in a consultation the agent talks to the customer and to the target by turns. Who is not
talked to has music.

Where the agent talks to the customer, the call does as any talk does when the target goes: the two talk on. An
emergency service is never given music, so nobody swaps away from one.
"""

from cti_bridge.domain.audio.hold import PANEL, holds_by_key
from cti_bridge.domain.border.commands import SwapConsult
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import CallState, Role
from cti_bridge.domain.model.words import HELD_BY_CONSULT, CallEventType, Cause
from cti_bridge.domain.offer.ringing import is_emergency

FROM = (CallState.CONSULT_TALKING, CallState.CONSULT_SWAPPED)


def swap(floor: Floor, command: SwapConsult) -> None:
    """Let the agent talk to the other one. Raises a Refusal; nothing has changed then."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *FROM)
    if is_emergency(floor, call.target):
        raise NotAllowedNow("An emergency service is not put on hold.")
    to_customer = call.state is CallState.CONSULT_TALKING
    call.held_by = holds_by_key(call) if to_customer else [PANEL, *holds_by_key(call)]
    floor.move_call(call, CallState.CONSULT_SWAPPED if to_customer else CallState.CONSULT_TALKING, Cause.COMMAND)
    party = Role.CUSTOMER if to_customer else Role.TARGET
    floor.event(call, CallEventType.SWAPPED, by_cti_id=agent.cti_id, party=party)
    if to_customer:
        floor.event(call, CallEventType.RESUMED)
    else:
        floor.event(call, CallEventType.HELD, held_by=HELD_BY_CONSULT)
    rewire(floor, call)
