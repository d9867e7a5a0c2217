"""The lost phone (matrix, agent_lost): the customer has music and the agent is rung again, until the set time is
over.

A phone in the browser vanishes with its page at every reload, and comes back a second later. So a phone that is lost on
hold or in a consultation does not mean that its agent has left. The agent is rung again and finds the customer on hold
as before. An ordinary target is let go, for nobody is left to talk to. An emergency service waits for the agent,
whether it rings or talks, as the target or as the called party.
"""

from cti_bridge.domain.audio.hold import PANEL, PHONE, hold_if_phone_holds, remind_at
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor import transfers
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import (
    AnswerMode,
    CallEventType,
    Cause,
    EndedBy,
    OfferResult,
    Outcome,
    Returned,
    TargetGone,
    TransferResult,
)
from cti_bridge.domain.offer.offer import ring_agent
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.queue.queueing import back_to_queue_first
from cti_bridge.domain.talk.consult import agent_left_consult
from cti_bridge.domain.talk.target import let_target_go, release_agent, told_of

RETRY_S = 2.0


def in_the_page(floor: Floor, call: Call) -> bool:
    """Return whether the phone of the call's agent is in the panel: it is lost with its page, and comes back."""
    agent = floor.agents.get(call.cti_id or "")
    return agent is not None and floor.entry(agent).answer is AnswerMode.BROWSER


def lost(floor: Floor, call: Call) -> None:
    """The agent's phone has vanished in the middle of a conversation."""
    if call.target is not None and not is_emergency(floor, call.target):
        floor.event(call, CallEventType.TARGET_GONE, reason=TargetGone.AGENT_LOST, **told_of(call.target))
        let_target_go(floor, call, OfferResult.WITHDRAWN)
        transfers.end(floor, call, TransferResult.AGENT_LOST)
    if call.held_by:
        # The phone has vanished, and with it the hold of its own key.
        call.held_by = [PANEL]
        floor.set_deadline(Kind.HOLD, call, None)
    floor.move_call(call, CallState.AGENT_LOST, Cause.AGENT_LOST)
    floor.event(call, CallEventType.AGENT_LOST, cti_id=call.cti_id)
    floor.set_deadline(Kind.LOST, call, floor.now + floor.policy.agent_lost_s)
    rewire(floor, call)
    ring_again(floor, call.id)


def ring_again(floor: Floor, call_id: str) -> None:
    """Ring the lost phone when it can be called and no leg to it is left. This is called when the call loses the phone,
    when the phone registers, when the last leg to it has ended, and every :data:`RETRY_S`."""
    call = floor.calls.get(call_id)
    agent = floor.agents.get(call.cti_id or "") if call else None
    if not (call and agent and call.state is CallState.AGENT_LOST and call.agent_leg is None):
        return
    if not floor.node_up(call.node):
        return
    if agent.legs:
        return  # A leg that is still ending may ring on the very phone: `legs.ended` comes back here.
    if call.node in agent.reachable_on:
        ring_agent(floor, call, agent, auto_answer=False)
    else:
        try_later(floor, call)


def try_later(floor: Floor, call: Call) -> None:
    """The phone could not be rung, or did not answer. Ring it again in a moment."""
    floor.set_deadline(Kind.LOST_RETRY, call, floor.now + RETRY_S)


def back(floor: Floor, call: Call, leg: Leg) -> None:
    """The phone has answered again."""
    leg.stage, leg.place = Stage.UP, Place.NOWHERE
    _clear(floor, call)
    if call.held_by and leg.phone_holds:
        call.held_by = [PANEL, PHONE]
    floor.move_call(call, _comes_back_to(call), Cause.AGENT_BACK)
    floor.event(call, CallEventType.AGENT_BACK, cti_id=call.cti_id, state=call.state)
    hold_if_phone_holds(floor, call)
    rewire(floor, call)
    if call.state is CallState.ON_HOLD:
        remind_at(floor, call)


def _comes_back_to(call: Call) -> CallState:
    target = call.leg_of(Role.TARGET)
    if target is not None and target.stage is not Stage.UP:
        return CallState.CONSULT_RINGING
    if target is not None:
        return CallState.CONSULT_ALONE if call.leg_of(Role.CUSTOMER) is None else CallState.CONSULT_TALKING
    if not_reached_yet(call):
        return CallState.DIALING_CUSTOMER
    return CallState.ON_HOLD if call.held_by else CallState.TALKING


def not_reached_yet(call: Call) -> bool:
    """Return whether the agent was lost before the emergency service had answered and the two were together."""
    return call.dialling.emergency and call.answered_at is None


def answered_meanwhile(floor: Floor, call: Call, leg: Leg) -> None:
    """The emergency service has answered while the agent is still away."""
    leg.stage = Stage.UP
    floor.touch_call(call)
    if leg.role is Role.TARGET:
        floor.deadlines.set(Kind.TARGET, call.id, None)
        transfers.answered(floor, call)
        floor.event(call, CallEventType.TARGET_ANSWERED, **told_of(call.target))
    rewire(floor, call)


def over(floor: Floor, call: Call) -> None:
    """The agent did not come back in time."""
    _clear(floor, call)
    if call.leg_of(Role.TARGET) is not None and call.leg_of(Role.CUSTOMER) is not None:
        agent_left_consult(floor, call)
        return
    release_agent(floor, call, Cause.AGENT_LOST)
    if call.leg_of(Role.CUSTOMER) is None:
        finish(floor, call, Outcome.AGENT_LOST, EndedBy.SYSTEM)
        return
    back_to_queue_first(floor, call, Cause.AGENT_LOST, Returned.AGENT_LOST)


def _clear(floor: Floor, call: Call) -> None:
    floor.set_deadline(Kind.LOST, call, None)
    floor.set_deadline(Kind.LOST_RETRY, call, None)
