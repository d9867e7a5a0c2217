"""Does audio come at all? A while after two parties were connected, the PBX is asked how much each of their legs
has sent. A leg without a single packet is a fault of a phone, a network or a firewall. Nobody else would notice: SIP is
fine, and the call is up. The fault is written down, counted, and told to the agent. No call is hung up for it.

A person who says no word still sends packets. A phone that sends nothing while it is muted is no fault, but a phone
that was muted before it was lifted is rare.
"""

from cti_bridge.domain.border.actions import InspectAudio
from cti_bridge.domain.border.facts import AudioSeen
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import ROLES, Call, Leg, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import CallEventType

# Members that every call looks up, by names of the module: see the package.
_AUDIO = Kind.AUDIO

LOOK_AFTER_S = 5.0
"""The time from connection to look, in seconds. Calls that are over sooner are not looked at."""

_TOLD = {
    Role.CUSTOMER: ("no_audio_customer", "No sound comes from the customer."),
    Role.AGENT: ("no_audio_agent", "No sound comes from your phone."),
}


def look_later(floor: Floor, call: Call) -> None:
    """The parties were just connected. Ask for their audio in :data:`LOOK_AFTER_S`."""
    floor.set_deadline(_AUDIO, call, floor.now + LOOK_AFTER_S)
    floor.touch_call(call)


def look(floor: Floor, call: Call) -> None:
    """Ask for the audio of each leg; again and again while the PBX cannot reach a phone of the call."""
    legs = [leg for role in ROLES if (leg := call.leg_of(role)) and leg.stage is Stage.UP]
    for leg in legs:
        floor.act(InspectAudio(call.node, call.id, leg.id))
    if any(out_of_reach(floor, call, leg) for leg in legs):
        look_later(floor, call)


def out_of_reach(floor: Floor, call: Call, leg: Leg) -> bool:
    """Return whether it is an agent's phone that the call's PBX cannot reach."""
    agent = floor.agents.get(leg.cti_id or "")
    return agent is not None and call.node not in agent.reachable_on


def seen(floor: Floor, fact: AudioSeen) -> None:
    found = floor.leg(fact.leg_id)
    if found is None or fact.packets or found[1].stage is not Stage.UP or found[1].packets is not None:
        return
    call, leg = found
    floor.silent_legs[leg.role] = floor.silent_legs.get(leg.role, 0) + 1
    floor.event(call, CallEventType.NO_AUDIO, party=leg.role, cti_id=leg.cti_id)
    if leg.role in _TOLD and call.cti_id:
        floor.tell(Told(call.cti_id, *_TOLD[leg.role]))
