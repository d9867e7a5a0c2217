"""Whether a call of the checkpoint hangs together. A bit may flip on disk and leave valid JSON. Such a call would fail
in every procedure that touches it, and with it the comparison with the whole PBX."""

from cti_bridge.domain.model.call import INTERNAL, OFFERED, WITH_TARGET, Call, CallState, Place, Role
from cti_bridge.domain.model.wiring import AGENT_STATES, WIRING

_WITH_TARGET = WITH_TARGET | INTERNAL | {CallState.JOINING, CallState.TRANSFER_CONFIRMING}
_WITHOUT_AGENT = frozenset({CallState.JOINING})
"""States in which the agent may have left already."""


def fault_of(call: Call) -> str | None:
    """Return the fault of the call in words, or None when it is sound."""
    if any(identity != leg.id for identity, leg in call.legs.items()):
        return "a leg stands under another id"
    for role, identity in call.parties.items():
        if identity not in call.legs or call.legs[identity].role is not role:
            return f"it has no leg of the {role}"
    if call.state in OFFERED and call.offer is None:
        return f"it is {call.state} without an offer"
    if call.state in _WITH_TARGET and call.target is None:
        return f"it is {call.state} without a target"
    waits_for_key = call.way is not None and call.way.ends_at is not None
    plays = call.state is CallState.IN_SCENARIO or Place.MESSAGE in WIRING[call.state].values()
    if call.prompt is None and plays and not waits_for_key:
        return f"it is {call.state} without a prompt"
    led = (call.state, Role.AGENT) in AGENT_STATES and call.state not in _WITHOUT_AGENT
    return f"it is {call.state} without an agent" if led and call.cti_id is None else None
