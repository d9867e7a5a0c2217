"""A call that has lost its agent finds another one, or comes back to its sender: the customer is never lost
(requirement E5)."""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import Cause, Returned
from cti_bridge.domain.offer.offer import make
from cti_bridge.domain.queue.no_calls import recallable
from cti_bridge.domain.queue.queueing import back_to_queue_first

RECALL_GRACE_S = 3.0
"""The limit for the sender's phone to become free for a recall, in seconds: their own leg may be ending still."""


def to_sender(floor: Floor, call: Call, cause: Cause) -> None:
    """Offer the call back to its sender. When they cannot take it, put it into the queue."""
    sender = floor.agents.get(call.sender or "")
    floor.touch_sender(call)
    if sender is not None and recallable(floor, sender, call.node):
        offer_back(floor, call, sender)
    elif sender is None or not _may_wait_for(floor, sender, call):
        back_to_queue_first(floor, call, cause, Returned.TRANSFER_FAILED)
    else:
        floor.recalls[sender.cti_id] = call.id
        floor.set_deadline(Kind.RECALL, call, floor.now + RECALL_GRACE_S)
        if call.state is not CallState.TRANSFER_RINGING:
            floor.move_call(call, CallState.TRANSFER_RINGING, cause)
        rewire(floor, call)
        floor.touch_call(call)


def offer_back(floor: Floor, call: Call, sender: Agent) -> None:
    floor.forget_recall(call)
    call.recalled = True
    call.wait.since = floor.now
    make(floor, call, sender, Cause.RECALLED)
    rewire(floor, call)


def waits_anew(floor: Floor, call: Call) -> float | None:
    """Return the new limit for a call that waits for its sender's phone, POSIX seconds; None when the call does not
    wait for it."""
    if call.state is not CallState.TRANSFER_RINGING or call.target is not None or not call.sender:
        return None
    floor.recalls[call.sender] = call.id
    return floor.now + RECALL_GRACE_S


def grace_over(floor: Floor, call: Call) -> None:
    """The sender's phone did not become free in time."""
    floor.forget_recall(call)
    if call.state is CallState.TRANSFER_RINGING and call.target is None:
        back_to_queue_first(floor, call, Cause.RECALLED, Returned.TRANSFER_FAILED)


def can_take_back(floor: Floor, sender: Agent, call: Call) -> bool:
    """Return whether the sender can be offered the call at once, or when their own leg has ended."""
    return recallable(floor, sender, call.node) or _may_wait_for(floor, sender, call)


def _may_wait_for(floor: Floor, sender: Agent, call: Call) -> bool:
    """Return whether only the sender's own ending leg is in the way, and no other call comes back to them."""
    if sender.cti_id in floor.recalls:
        return False
    idle = sender.logged_in and sender.state is AgentState.IDLE and sender.call_id is None
    return idle and bool(sender.legs) and sender.phone_reachable_on(call.node)
