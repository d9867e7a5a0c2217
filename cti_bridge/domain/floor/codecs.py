"""The codecs of legs, and the bridge that joins legs with different ones.

Debian's Asterisk drops transcoded audio from a new source when the source's RTP numbers are "late" against those of the
source before. The chance of that is 1/2. After a change of partner in a simple bridge a party then hears nothing of the
new one, for minutes, and no event tells it. Where the codecs are equal no audio is transcoded. So every leg is made
with the codec of its future partner (``originator`` of `CreateLeg`). Where the codecs differ all the same, the call's
bridge is a softmix, whose frames have no such numbers (``docs/decisions/0018-codecs-and-bridges.md``).
"""

from collections.abc import Iterable

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Leg, Role

# Members that every call looks up, by names of the module: see the package.
_CUSTOMER = Role.CUSTOMER


def note_codec(floor: Floor, call: Call, leg: Leg, codec: str) -> None:
    """The PBX has told the leg's codec. When it does not know one, the known codec stays."""
    if codec and leg.codec != codec:
        leg.codec = codec
        floor.touch_call(call)


def differ(legs: Iterable[Leg]) -> bool:
    """Return whether two of these legs have different codecs. A leg whose codec is not known does not count: most
    likely the phone took the one that it was asked for."""
    return len({leg.codec for leg in legs if leg.codec}) > 1


def originator(call: Call, role: Role) -> str:
    """Return the leg that a new one in this role will talk to: the customer's, and for the customer the agent's. Empty
    when there is none yet."""
    partner = call.agent_leg if role is _CUSTOMER or call.customer_leg is None else call.customer_leg
    return partner if partner and call.legs[partner].role is not role else ""
