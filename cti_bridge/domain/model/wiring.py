"""Two tables: the place of each party by the state of the call, and the agent's state that follows. All else reads them
and nothing writes them. :func:`wanted` says where one party is to be now.

Audio actions are never written by hand: they are the difference between where the parties are and where they are
wanted (:mod:`cti_bridge.domain.floor.rewire`).
"""

from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.call import Call, CallState, Place, Role, Stage
from cti_bridge.domain.model.prompt import Prompt, Then, To

# Members that every call looks up, by names of the module: see the package.
_C, _A, _T = Role.CUSTOMER, Role.AGENT, Role.TARGET
_BRIDGE, _IN_SCENARIO = Place.BRIDGE, CallState.IN_SCENARIO

WIRING: dict[CallState, dict[Role, Place]] = {
    CallState.IN_SCENARIO: {_C: Place.SILENCE},
    CallState.IN_DIALPLAN: {_C: Place.DIALPLAN},
    CallState.WAITING: {_C: Place.MUSIC},
    CallState.RINGING: {_C: Place.MUSIC, _A: Place.RINGING},
    CallState.ACCEPTED: {_C: Place.MUSIC, _A: Place.RINGING},
    # First the agent may hear a message of the queue, alone.
    CallState.CONNECTING: {_C: Place.BRIDGE, _A: Place.BRIDGE},
    CallState.DIALING_AGENT: {_A: Place.RINGING},
    # Both stand in the bridge before the customer is dialled, so that the agent hears ringing or early media.
    CallState.DIALING_CUSTOMER: {_C: Place.BRIDGE, _A: Place.BRIDGE},
    CallState.TALKING: {_C: Place.BRIDGE, _A: Place.BRIDGE},
    # Messages never play in a bridge: each hears it for itself.
    CallState.WARNING: {_C: Place.MESSAGE, _A: Place.MESSAGE},
    # A target there is an emergency service; any other is let go.
    CallState.AGENT_LOST: {_C: Place.MUSIC, _A: Place.RINGING, _T: Place.SILENCE},
    # Alone in the bridge, which is silence.
    CallState.ON_HOLD: {_C: Place.MUSIC, _A: Place.BRIDGE},
    CallState.CONSULT_RINGING: {_C: Place.MUSIC, _A: Place.RINGBACK, _T: Place.RINGING},
    CallState.CONSULT_TALKING: {_C: Place.MUSIC, _A: Place.BRIDGE, _T: Place.BRIDGE},
    CallState.CONSULT_SWAPPED: {_C: Place.BRIDGE, _A: Place.BRIDGE, _T: Place.MUSIC},
    CallState.THREE_TOGETHER: {_C: Place.BRIDGE, _A: Place.BRIDGE, _T: Place.BRIDGE},
    CallState.CONSULT_ALONE: {_A: Place.BRIDGE, _T: Place.BRIDGE},
    # The agent makes room, and is kept until the customer was seen with the target.
    CallState.JOINING: {_A: Place.SILENCE, _C: Place.BRIDGE, _T: Place.BRIDGE},
    CallState.TRANSFER_RINGING: {_C: Place.RINGBACK, _T: Place.RINGING},
    CallState.TRANSFER_CONFIRMING: {_C: Place.RINGBACK, _T: Place.SILENCE},
    CallState.TRANSFERRED: {_C: Place.BRIDGE, _T: Place.BRIDGE},
    CallState.INTERNAL_RINGING: {_A: Place.RINGBACK, _T: Place.RINGING},
    CallState.INTERNAL_TALKING: {_A: Place.BRIDGE, _T: Place.BRIDGE},
    CallState.INTERNAL_ON_HOLD: {_A: Place.BRIDGE, _T: Place.MUSIC},
    CallState.INTERNAL_HELD: {_A: Place.MUSIC, _T: Place.BRIDGE},
    CallState.ANNOUNCING: {_C: Place.MESSAGE},
    CallState.ENDED: {},
}

AGENT_STATES: dict[tuple[CallState, Role], AgentState | None] = {
    (CallState.RINGING, _A): AgentState.RINGING,
    (CallState.ACCEPTED, _A): AgentState.ACCEPTED,
    # A few milliseconds: the agent stays ringing, or accepted, until both were seen in the bridge. Who hears a message
    # before is accepted.
    (CallState.CONNECTING, _A): None,
    (CallState.DIALING_AGENT, _A): AgentState.DIALING,
    (CallState.DIALING_CUSTOMER, _A): AgentState.DIALING,
    (CallState.TALKING, _A): AgentState.TALKING,
    (CallState.WARNING, _A): AgentState.TALKING,
    (CallState.AGENT_LOST, _A): AgentState.RECONNECTING,
    (CallState.ON_HOLD, _A): AgentState.ON_HOLD,
    (CallState.CONSULT_RINGING, _A): AgentState.CONSULTING,
    (CallState.CONSULT_TALKING, _A): AgentState.CONSULTING,
    (CallState.CONSULT_SWAPPED, _A): AgentState.CONSULTING,
    (CallState.THREE_TOGETHER, _A): AgentState.TALKING,
    (CallState.CONSULT_ALONE, _A): AgentState.CONSULTING,
    (CallState.JOINING, _A): None,
    (CallState.CONSULT_RINGING, _T): AgentState.RINGING,
    (CallState.CONSULT_TALKING, _T): AgentState.TALKING,
    (CallState.CONSULT_SWAPPED, _T): AgentState.TALKING,
    (CallState.THREE_TOGETHER, _T): AgentState.TALKING,
    (CallState.CONSULT_ALONE, _T): AgentState.TALKING,
    (CallState.JOINING, _T): None,
    (CallState.INTERNAL_RINGING, _A): AgentState.DIALING,
    (CallState.INTERNAL_RINGING, _T): AgentState.RINGING,
    (CallState.INTERNAL_TALKING, _A): AgentState.TALKING,
    (CallState.INTERNAL_TALKING, _T): AgentState.TALKING,
    (CallState.INTERNAL_ON_HOLD, _A): AgentState.ON_HOLD,
    (CallState.INTERNAL_ON_HOLD, _T): AgentState.TALKING,
    (CallState.INTERNAL_HELD, _A): AgentState.TALKING,
    (CallState.INTERNAL_HELD, _T): AgentState.ON_HOLD,
    (CallState.TRANSFER_RINGING, _T): AgentState.RINGING,
}
"""The agent's state by the call's state and the agent's role in it; None: as before."""

TOGETHER = frozenset(
    {
        CallState.TALKING,
        CallState.CONSULT_TALKING,
        CallState.CONSULT_SWAPPED,
        CallState.THREE_TOGETHER,
        CallState.CONSULT_ALONE,
        CallState.TRANSFERRED,
        CallState.INTERNAL_TALKING,
    }
)
"""States in which two parties, or three, have the bridge and stay there. In the other states one is alone in it, or
they are on their way and must first be seen in it together."""

_HEARS_EARLY = frozenset(
    {
        (CallState.CONSULT_RINGING, _A),
        (CallState.CONSULT_RINGING, _T),
        (CallState.TRANSFER_RINGING, _C),
        (CallState.TRANSFER_RINGING, _T),
    }
)

_HEARERS: dict[To, tuple[Role, ...]] = {To.CUSTOMER: (_C,), To.OWN: (_A,), To.BOTH: (_C, _A), To.TARGET: (_T,)}
NOTICE_IN = frozenset(
    {
        CallState.WAITING,
        CallState.RINGING,
        CallState.ACCEPTED,
        CallState.CONNECTING,
        CallState.DIALING_CUSTOMER,
        CallState.TALKING,
        CallState.ON_HOLD,
        CallState.CONSULT_SWAPPED,
        CallState.THREE_TOGETHER,
        CallState.JOINING,
    }
)
"""States in which a party may hear that the call is recorded."""
_GIVES_WAY = frozenset({Place.MUSIC, Place.SILENCE})


def wanted(call: Call, role: Role) -> Place | None:
    """Return the place where this party is to be now, or None when nobody plays this role. Every order and every look
    asks here.

    A prompt for one party replaces the music, or the silence, that the table says; the one to an agent who has lifted
    keeps both out of the bridge until it is over. A prompt for both has a state of its own. What an outside number
    plays before it answers (183) replaces our ringing. Nobody is alone in the bridge with phones that hold: they have
    music of ours until one retrieves.
    """
    place = WIRING[call.state].get(role)
    if call.state is _IN_SCENARIO and place is Place.SILENCE and call.way is not None and call.way.music:
        place = Place.MUSIC
    if call.prompt is not None and place is not None:
        if call.prompt.then is Then.RECORD:
            return _in_notice(call, call.prompt, role, place)
        if call.state is CallState.CONNECTING and call.prompt.to is To.OWN:
            return Place.MESSAGE if role is _A else Place.MUSIC
        if _hears(call.prompt, role, place):
            return Place.MESSAGE
    if _T in call.parties and (call.state, role) in _HEARS_EARLY and plays_early(call):
        return _BRIDGE
    if place is _BRIDGE and call.state in TOGETHER and _with_holders_alone(call, role):
        return Place.MUSIC
    return place


def _in_notice(call: Call, prompt: Prompt, role: Role, place: Place) -> Place:
    """Return the place while somebody hears that the call is recorded. Nobody is with them meanwhile: a caller who
    waits hears it in place of the music, and their agent waits for them in silence."""
    if role in _HEARERS[prompt.to]:
        leg = call.leg_of(role)
        return Place.MESSAGE if leg is not None and leg.stage is Stage.UP else place
    return Place.SILENCE if call.state is CallState.CONNECTING and role is _A else place


def plays_early(call: Call) -> bool:
    """Return whether the target is an outside number that plays something before it answers."""
    leg = call.leg_of(Role.TARGET)
    return leg is not None and leg.early and leg.cti_id is None and leg.stage is Stage.DIALED


def holding(call: Call) -> list[Role]:
    """Return the roles whose phones hold by their own key."""
    legs = call.legs
    return [
        role
        for role, leg_id in call.parties.items()
        if (leg := legs.get(leg_id)) is not None and leg.phone_holds and leg.stage is Stage.UP
    ]


def _with_holders_alone(call: Call, role: Role) -> bool:
    held = holding(call)
    if not held:
        return False
    row = WIRING[call.state]
    others = [other for other in call.parties if other is not role and row.get(other) is _BRIDGE]
    return bool(others) and all(other in held for other in others)


def anybody_hears(prompt: Prompt, state: CallState) -> bool:
    """Return whether a party hears the prompt in this state."""
    row = WIRING[state]
    if prompt.then is Then.RECORD:
        return state in NOTICE_IN and any(role in row for role in _HEARERS[prompt.to])
    return any(role in row and _hears(prompt, role, row[role]) for role in _HEARERS[prompt.to])


def _hears(prompt: Prompt, role: Role, place: Place) -> bool:
    if role not in _HEARERS[prompt.to]:
        return False
    return place is Place.MESSAGE or (prompt.to is not To.BOTH and place in _GIVES_WAY)
