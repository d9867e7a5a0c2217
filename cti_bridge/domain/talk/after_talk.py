"""After the talk (exit ``after_talk`` of a queue's step): a caller whom the agent leaves goes on in the scenario, for
instance to say by a key how they were served.

The agent is let go as at the end of any talk, and the visit to the queue is over. The call has been completed, whatever
the caller does from here on.
"""

from cti_bridge.domain.border.notices import CallEnded
from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState, Role, Stage
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.model.words import Cause, EndedBy, Outcome
from cti_bridge.domain.queue.exits import queue_step
from cti_bridge.domain.scenario.interpreter import leave
from cti_bridge.domain.talk.target import release_agent

_LEFT_FROM = frozenset({CallState.TALKING, CallState.ON_HOLD})


def goes_on(floor: Floor, call: Call) -> bool:
    """Let the caller, whom the agent leaves, go on where the step of the queue says. Return False where it says
    nothing, or nobody is there to go on: the call ends then."""
    way, step, customer = call.way, queue_step(floor, call), call.leg_of(Role.CUSTOMER)
    if way is None or step is None or Exit.AFTER_TALK not in step.exits or call.state not in _LEFT_FROM:
        return False
    if customer is None or customer.stage is not Stage.UP or not floor.node_up(call.node):
        return False
    cti_id = call.cti_id or ""
    release_agent(floor, call, Cause.CALL_ENDED)
    call.sender, call.recalled, call.wait.returned = None, False, False
    floor.move_call(call, CallState.IN_SCENARIO, Cause.CALL_ENDED)
    visits.end(floor, call)
    way.talked, way.ends_as = True, Outcome.COMPLETED
    floor.tell(CallEnded(cti_id, call.id, Role.AGENT, Outcome.COMPLETED, EndedBy.AGENT))
    leave(floor, call, Exit.AFTER_TALK)
    return True
