"""Who is where, and what that makes of the agent: two tables that are read by everything else and written nowhere
else.

Audio actions are never written by hand: they are the difference between where the parties are and where
:data:`WIRING` wants them (:mod:`cti_bridge.domain.rewire`).
"""

from cti_bridge.domain.agent import AgentState
from cti_bridge.domain.call import CallState, Place, Role

_C, _A = Role.CUSTOMER, Role.AGENT

WIRING: dict[CallState, dict[Role, Place]] = {
    CallState.GREETING: {_C: Place.MESSAGE},
    CallState.WAITING: {_C: Place.MUSIC},
    CallState.RINGING: {_C: Place.MUSIC, _A: Place.RINGING},
    CallState.ACCEPTED: {_C: Place.MUSIC, _A: Place.RINGING},
    CallState.CONNECTING: {_C: Place.BRIDGE, _A: Place.BRIDGE},
    CallState.TALKING: {_C: Place.BRIDGE, _A: Place.BRIDGE},
    CallState.ANNOUNCING: {_C: Place.MESSAGE},
    CallState.ENDED: {},
}

AGENT_STATES: dict[tuple[CallState, Role], AgentState | None] = {
    (CallState.RINGING, _A): AgentState.RINGING,
    (CallState.ACCEPTED, _A): AgentState.ACCEPTED,
    # A few milliseconds: the agent stays ringing, or accepted, until both were seen in the bridge.
    (CallState.CONNECTING, _A): None,
    (CallState.TALKING, _A): AgentState.TALKING,
}
"""The agent's state by the call's state and the agent's role in it; None: as before."""
