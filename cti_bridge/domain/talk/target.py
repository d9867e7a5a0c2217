"""The other party of a consultation or a direct transfer: its choice, its ringing, and its leaving (requirements E2 to
E5).

A target who is an agent is offered the call with the pickup time and becomes ringing, Talking and ticket processing
like anybody else. An outside number shows the call's calling number, else the service's first confirmed one, never
the customer's.
"""

from cti_bridge.domain.audio import notice
from cti_bridge.domain.audio.hold import PANEL, end_hold, hold_if_phone_holds, remind_at
from cti_bridge.domain.border.errors import CallingNumberNotConfirmed, NotFound, TargetIsSelf, TargetNotReady
from cti_bridge.domain.ending.aftermath import REASON_AFTER, after_conversation, let_go, not_called_away, not_taken
from cti_bridge.domain.ending.outcome import close_offer, finish
from cti_bridge.domain.ending.ticketing import note
from cti_bridge.domain.floor import transfers
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import expect_in_bridge, fit_bridge, hang_up, rewire
from cti_bridge.domain.model.agent import CONVERSING, Agent
from cti_bridge.domain.model.call import WITH_TARGET, Call, CallState, Leg, Place, Role, Stage, Target
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.parts import TargetResult
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.model.words import (
    SYSTEM,
    AfterCall,
    AnswerMode,
    CallEventType,
    Cause,
    Direction,
    EndedBy,
    Noted,
    OfferKind,
    OfferResult,
    Outcome,
    Returned,
    TargetGone,
    TransferResult,
)
from cti_bridge.domain.numbers.dialing import permitted_number, shown_number
from cti_bridge.domain.offer.offer import accepted, pause, retry_later
from cti_bridge.domain.offer.ringing import (
    create_leg,
    goes_on_by_hand,
    is_emergency,
    missed,
    offer_to,
    ring_phone,
    target_s,
    tell_of,
)
from cti_bridge.domain.outbound import outside
from cti_bridge.domain.queue.no_calls import can_be_had, may_reach
from cti_bridge.domain.queue.queueing import back_to_queue_first
from cti_bridge.domain.scenario.interpreter import leave
from cti_bridge.domain.talk import confirm
from cti_bridge.domain.talk.handback import to_sender

# Members that every call looks up, by names of the module: see the package.
_COMPLETED = Outcome.COMPLETED


def resolve(floor: Floor, asking: Agent, call: Call, number: str | None, cti_id: str | None) -> Target:
    """Return the target that the agent means. A number equal to a CTI number means that agent. No rule stands in the
    way of an emergency number. Raises a Refusal; changes nothing."""
    if number in floor.policy.emergency_numbers and number is not None:
        return Target(number)
    cti_id = cti_id or floor.by_cti_number.get(number or "")
    if cti_id is not None:
        other = floor.agents.get(cti_id)
        if other is None or not may_reach(floor, asking, other):
            raise NotFound("There is no such agent, or they do not work for this call's service.")
        if other is asking:
            raise TargetIsSelf
        if not can_be_had(floor, asking, other):
            raise TargetNotReady
        return Target(other.cti_number, other.cti_id)
    service = floor.directory.services.get(call.service or "")
    if service is None:
        raise NotFound
    permitted = permitted_number(floor, service, number or "")
    outside.check(floor, service, asking.cti_id)
    if shown_number(floor, call) is None:
        raise CallingNumberNotConfirmed("The service has no confirmed calling number.")
    return Target(permitted)


def ring(floor: Floor, call: Call, target: Target, asking: Agent | None) -> None:
    """Ring the call's target for ``asking``; None: a step of the scenario transfers. The call's state and the deadline
    say for what."""
    call.target, call.last_result = target, None
    expires_at = floor.now + target_s(floor, call, target)
    floor.set_deadline(Kind.TARGET, call, expires_at)
    agent = floor.agents.get(target.cti_id or "")
    if agent is None:
        shown = shown_number(floor, call) or ""
        urgent = is_emergency(floor, target)
        if not urgent and call.service:
            outside.count(floor, call.service, asking.cti_id if asking is not None else None)
        create_leg(floor, call, Role.TARGET, number=target.number, shown_number=shown, emergency=urgent)
        return
    kind = _OFFERED_AS.get(call.state, OfferKind.TRANSFER)
    tell_of(floor, call, offer_to(floor, call, agent, expires_at, kind))
    if floor.entry(agent).answer is not AnswerMode.AUTO:
        ring_target(floor, call, agent, auto_answer=False)


_OFFERED_AS = {CallState.CONSULT_RINGING: OfferKind.CONSULT, CallState.INTERNAL_RINGING: OfferKind.INTERNAL}


def told_of(target: Target | None) -> dict[str, str | None]:
    """Return whom an event names as the target: the dialled number, and the agent whose number it is."""
    return {"target_number": target.number if target else None, "target_cti_id": target.cti_id if target else None}


def ring_target(floor: Floor, call: Call, agent: Agent, *, auto_answer: bool) -> None:
    """Call the phone of the agent who is the target."""
    ring_phone(floor, call, agent, Role.TARGET, auto_answer=auto_answer)


def lifted(floor: Floor, call: Call, leg: Leg) -> None:
    """The target has answered."""
    leg.stage = Stage.UP
    if leg.place is not Place.BRIDGE:
        leg.place = Place.NOWHERE
    floor.deadlines.set(Kind.TARGET, call.id, None)
    accepted(floor, call)
    transfers.answered(floor, call)
    close_offer(floor, call, OfferResult.ANSWERED)
    if call.target is not None and call.target.confirm and call.state is CallState.TRANSFER_RINGING:
        floor.event(call, CallEventType.TARGET_ANSWERED, **told_of(call.target))
        confirm.ask(floor, call)
        return
    floor.move_call(call, _answered_in(call), Cause.ANSWERED)
    floor.event(call, CallEventType.TARGET_ANSWERED, **told_of(call.target))
    notice.go_on(floor, call)
    rewire(floor, call)
    if leg.place is Place.BRIDGE and leg.early:
        fit_bridge(floor, call)
        if not leg.in_bridge:
            expect_in_bridge(floor, call, leg)


def _answered_in(call: Call) -> CallState:
    if call.state is CallState.INTERNAL_RINGING:
        return CallState.INTERNAL_TALKING
    if call.state is CallState.TRANSFER_RINGING:
        return CallState.JOINING
    return CallState.CONSULT_ALONE if call.leg_of(Role.CUSTOMER) is None else CallState.CONSULT_TALKING


def expired(floor: Floor, call: Call) -> None:
    """The target has not answered in time."""
    leg = call.leg_of(Role.TARGET)
    if call.state is CallState.TRANSFER_CONFIRMING:
        gone(floor, call, OfferResult.MISSED, TargetGone.NO_ANSWER)
        return
    if call.target is None or (leg is not None and leg.stage is Stage.UP):
        return
    agent = floor.agents.get(call.target.cti_id or "")
    if agent is not None:
        if goes_on_by_hand(floor, call, leg):
            return
        result = missed(floor, call, agent, leg)
        gone(floor, call, result, TargetGone(result))
    elif leg is not None and leg.rang:
        gone(floor, call, OfferResult.MISSED, TargetGone.NO_ANSWER)
    else:
        outside.failed(floor, call)
        gone(floor, call, OfferResult.UNREACHABLE, TargetGone.UNREACHABLE)


def gone(
    floor: Floor,
    call: Call,
    result: OfferResult,
    reason: TargetGone,
    cause: Cause | None = None,
    by: EndedBy = EndedBy.TARGET,
) -> None:
    """The target does not answer, refuses, cannot be reached, or has hung up. ``result`` ends the offer to an agent.
    ``reason`` is shown to the agent who asked."""
    number, state, told = call.target.number if call.target else "", call.state, told_of(call.target)
    outcome = outcome_of(call)
    let_target_go(floor, call, result, cause)
    transfers.end(floor, call, TransferResult(reason))
    floor.event(call, CallEventType.TARGET_GONE, reason=reason, **told)
    if state in (CallState.TRANSFER_RINGING, CallState.TRANSFER_CONFIRMING, CallState.JOINING):
        note(floor, call, Noted.CALL_EVENT, SYSTEM, event=CallEventType.TARGET_GONE, reason=reason, **told)
    if state is CallState.INTERNAL_RINGING:
        refused = _NOT_TAKEN.get(reason, Outcome.UNREACHABLE)
        finish(floor, call, refused, by if refused in (Outcome.BUSY, Outcome.REJECTED) else EndedBy.SYSTEM)
    elif call.leg_of(Role.CUSTOMER) is None:
        finish(floor, call, _COMPLETED, by)
    elif state is CallState.AGENT_LOST:
        call.last_result = TargetResult(number, reason)
    elif state in WITH_TARGET:
        call.last_result = TargetResult(number, reason)
        back_to_customer(floor, call, Cause.CONSULT_FAILED)
    elif call.sender is None and call.cti_id is None and state in BY_STEP:
        leave(floor, call, Exit.FAILED)
    elif state is CallState.TRANSFER_RINGING:
        call.last_result = TargetResult(number, reason)
        to_sender(floor, call, Cause.RECALLED)
    elif state is CallState.JOINING and call.leg_of(Role.AGENT) is not None:
        call.last_result = TargetResult(number, reason)
        back_on_hold(floor, call, Cause.CONSULT_FAILED)
    elif state is CallState.JOINING:
        to_sender(floor, call, Cause.RECALLED)
    elif state is CallState.TRANSFERRED:
        finish(floor, call, outcome, by)


_NOT_TAKEN = {
    TargetGone.BUSY: Outcome.BUSY,
    TargetGone.MISSED: Outcome.NO_ANSWER,
    TargetGone.NO_ANSWER: Outcome.NO_ANSWER,
    TargetGone.DECLINED: Outcome.REJECTED,
}
"""The outcome of an internal call that the colleague did not take, by the reason."""


BY_STEP = frozenset({CallState.TRANSFER_RINGING, CallState.TRANSFER_CONFIRMING, CallState.JOINING})
"""States in which a call without a sender, and without an agent, is being transferred by a step of its scenario."""


def outcome_of(call: Call) -> Outcome:
    """Return the outcome of a talk with a target, if it ends now."""
    return Outcome.TRANSFERRED_OUT if call.target is not None and call.target.by_step else _COMPLETED


def let_target_go(floor: Floor, call: Call, result: OfferResult, cause: Cause | None = None) -> None:
    """Hang up the target's leg. A target who is an agent is let go."""
    target, leg = call.target, call.leg_of(Role.TARGET)
    floor.set_deadline(Kind.TARGET, call, None)
    close_offer(floor, call, result)
    call.target = None
    call.parties.pop(Role.TARGET, None)
    if leg is not None:
        hang_up(floor, call, leg)
    agent = floor.agents.get(target.cti_id or "") if target else None
    if agent is None:
        return
    if result is OfferResult.UNREACHABLE:
        retry_later(floor, agent)
    if call.direction is Direction.INTERNAL:
        not_called_away(floor, agent, call, result, cause)
    elif agent.state in CONVERSING:
        agent.idle_since = floor.now
        let_go(floor, agent, call.id, Cause.CALL_ENDED, after_conversation(floor), AfterCall.CONSULT)
    else:
        not_taken(floor, agent, call, result, cause)
        if result in REASON_AFTER:
            pause(floor, agent, result)


_WITH_CUSTOMER = frozenset({CallState.CONSULT_SWAPPED, CallState.THREE_TOGETHER})
"""States of a consultation in which the agent talks to the customer."""


def back_to_customer(floor: Floor, call: Call, cause: Cause) -> None:
    """The target has gone. An agent who talks to the customer talks on; any other is On Hold."""
    if call.state not in _WITH_CUSTOMER:
        back_on_hold(floor, call, cause)
        return
    call.held_by = []
    floor.move_call(call, CallState.TALKING, cause)
    rewire(floor, call)
    hold_if_phone_holds(floor, call)


def back_on_hold(floor: Floor, call: Call, cause: Cause) -> None:
    """Leave the agent with the customer on hold (E4). Where the setting says so, they talk again at once."""
    if cause is Cause.CONSULT_CANCELLED and floor.policy.cancel_resumes and call.held_by in ([], [PANEL]):
        end_hold(floor, call, cause)
        return
    call.held_by = call.held_by or [PANEL]
    floor.move_call(call, CallState.ON_HOLD, cause)
    rewire(floor, call)
    remind_at(floor, call)


def agent_left(floor: Floor, call: Call) -> None:
    """The agent's leg has ended on hold: put the call back to the front of its queue, with the same ticket (matrix)."""
    release_agent(floor, call, Cause.CALL_ENDED)
    back_to_queue_first(floor, call, Cause.RECALLED, Returned.LEFT_ON_HOLD)


def release_agent(floor: Floor, call: Call, cause: Cause) -> None:
    """The agent of the conversation is let go; their leg is hung up if it is still there."""
    agent, leg = floor.agents.get(call.cti_id or ""), call.leg_of(Role.AGENT)
    call.cti_id = None
    call.parties.pop(Role.AGENT, None)
    call.held_by = []
    floor.show_agents(other.cti_id for _, other in floor.agents_of(call))
    floor.set_deadline(Kind.HOLD, call, None)
    if leg is not None:
        hang_up(floor, call, leg)
    if agent is not None:
        agent.idle_since = floor.now
        let_go(floor, agent, call.id, cause, after_conversation(floor))
