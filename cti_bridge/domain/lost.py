"""The lost phone (matrix, agent_lost): the customer has music and the agent is rung again, until the set time is
over."""

from cti_bridge.domain.call import Call, CallState, Leg, Place, Stage
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.offer import ring_agent
from cti_bridge.domain.queueing import back_to_queue_first, forget_message
from cti_bridge.domain.rewire import rewire
from cti_bridge.domain.target import release_agent
from cti_bridge.domain.waiting import Waiting

RETRY_S = 2.0
_NORMAL = frozenset({0, 16, 17, 19, 21, 31})
"""Q.850 causes of a leg that was hung up on purpose, or of whose end nothing is known. A phone that vanished ends
with others: Asterisk gives 44 on its RTP time-out (pjsip ``rtp_timeout``)."""


def is_lost(hangup_cause: int) -> bool:
    return hangup_cause not in _NORMAL


def lost(floor: Floor, call: Call) -> None:
    """The agent's phone has vanished in the middle of a conversation."""
    forget_message(floor, call)
    floor.move_call(call, CallState.AGENT_LOST, "agent_lost")
    floor.event(call, "agent_lost", cti_id=call.cti_id)
    call.lost_until_at = floor.now + floor.policy.agent_lost_s
    floor.deadlines.set("lost", call.id, call.lost_until_at)
    rewire(floor, call)
    ring_again(floor, call.id)


def ring_again(floor: Floor, call_id: str) -> None:
    call = floor.calls.get(call_id)
    agent = floor.agents.get(call.cti_id or "") if call else None
    if call and agent and call.state is CallState.AGENT_LOST and call.agent_leg is None and floor.node_up(call.node):
        ring_agent(floor, call, agent, auto_answer=False)


def try_later(floor: Floor, call: Call) -> None:
    """The phone could not be rung, or did not answer: again in a moment."""
    floor.deadlines.set("lost_retry", call.id, floor.now + RETRY_S)


def back(floor: Floor, call: Call, leg: Leg) -> None:
    """The phone has answered again."""
    leg.stage, leg.place = Stage.UP, Place.NOWHERE
    _clear(floor, call)
    floor.move_call(call, CallState.TALKING, "agent_back")
    floor.event(call, "agent_back", cti_id=call.cti_id)
    rewire(floor, call)


def over(floor: Floor, waiting: Waiting, call_id: str) -> None:
    call = floor.calls.get(call_id)
    if call is None or call.state is not CallState.AGENT_LOST or not floor.node_up(call.node):
        return
    _clear(floor, call)
    release_agent(floor, call, "agent_lost")
    back_to_queue_first(floor, waiting, call, "agent_lost", "agent_lost")


def _clear(floor: Floor, call: Call) -> None:
    call.lost_until_at = None
    floor.deadlines.set("lost", call.id, None)
    floor.deadlines.set("lost_retry", call.id, None)
