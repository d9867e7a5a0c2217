"""Access of commands to calls: finds the call that a command names, and whether the agent may command it.

Every command names its call, so that a late click never hits the next caller.
"""

from cti_bridge.domain.border.errors import CallChanged, NotAllowedNow, NotFound, PbxUnavailable
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState, Role


def own_call(floor: Floor, cti_id: str, call_id: str, *, away: bool = False) -> tuple[Agent, Call, Role]:
    """Return the agent, their call and their role in it. Raises NotFound for a foreign call, CallChanged for one that
    is over for them. Raises PbxUnavailable while the call's PBX is away, unless ``away`` says that it may be."""
    agent = floor.agent(cti_id)
    call = floor.calls.get(call_id)
    if call is None or agent.call_id != call_id:
        raise CallChanged if call_id in agent.recent_calls else NotFound
    if not away and not floor.node_up(call.node):
        raise PbxUnavailable
    return agent, call, Role.TARGET if call.cti_id != cti_id else Role.AGENT


def own_call_in(floor: Floor, cti_id: str, call_id: str, *states: CallState) -> tuple[Agent, Call]:
    """Return the agent and the call that they lead, in one of the states. Raises NotAllowedNow otherwise, and as
    :func:`own_call`."""
    agent, call, role = own_call(floor, cti_id, call_id)
    if role is not Role.AGENT or call.state not in states:
        raise NotAllowedNow
    return agent, call
