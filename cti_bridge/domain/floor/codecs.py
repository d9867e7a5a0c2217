"""Codecs: what each leg has, and which bridge joins legs that do not have the same.

Debian's Asterisk drops what it transcodes from a new source when the source's RTP numbers are "late" against those of
the source before, which is so with probability 1/2: after a change of partner in a simple bridge a party hears nothing
of the new one, for minutes, and no event says so. Where the codecs are equal nothing is transcoded, so every leg is
made with the codec of the leg that it is to talk to (``originator`` of `CreateLeg`). Where they differ all the same,
the call's bridge is a softmix, whose frames have no such numbers (``docs/decisions/0018-codecs-and-bridges.md``).
"""

from collections.abc import Iterable

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Leg, Role


def note_codec(floor: Floor, call: Call, leg: Leg, codec: str) -> None:
    """The PBX has told the leg's codec; when it does not know one, what was known stays."""
    if codec and leg.codec != codec:
        leg.codec = codec
        floor.touch_call(call)


def differ(legs: Iterable[Leg]) -> bool:
    """Do two of these legs have different codecs? Of a leg whose codec is not known nothing is said: most likely the
    phone took the one it was asked for."""
    return len({leg.codec for leg in legs if leg.codec}) > 1


def originator(call: Call, role: Role) -> str:
    """The leg that a new one in this role is to talk to, or will when it is connected: the customer's, and for the
    customer the agent's. Empty when there is none yet."""
    return (call.agent_leg if role is Role.CUSTOMER else call.customer_leg) or ""
