"""Consultation (requirements E2 to E4): the customer has music, the agent talks to a target, then connects the two,
or cancels.

Connect leads through *joining*: the agent makes room, the customer enters, and the agent's leg is kept until the
customer was seen with the target still there. Any failure until then leads back to On Hold.
"""

from cti_bridge.domain.audio import notice
from cti_bridge.domain.audio.audio import look_later
from cti_bridge.domain.audio.hold import PANEL, hold_if_phone_holds
from cti_bridge.domain.border.commands import CancelConsult, ConnectConsult, StartConsult
from cti_bridge.domain.border.errors import CustomerLeft, NotAllowedNow
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.ending.ticketing import take_part
from cti_bridge.domain.floor import intervals, recorder, transfers, visits
from cti_bridge.domain.floor.access import own_call, own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import CONSULTING, Call, CallState, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.model.words import (
    HELD_BY_CONSULT,
    CallEventType,
    Cause,
    EndedBy,
    OfferResult,
    Outcome,
    TransferKind,
    TransferResult,
)
from cti_bridge.domain.offer import conversation
from cti_bridge.domain.scenario.interpreter import leave_for_good
from cti_bridge.domain.talk.target import back_to_customer, let_target_go, release_agent, resolve, ring, told_of
from cti_bridge.domain.talk.transfer import become_direct, longest_s

_BY_TURNS = CONSULTING | {CallState.CONSULT_SWAPPED}
"""States of a consultation in which the agent talks to one of the two at most."""


def start(floor: Floor, command: StartConsult) -> None:
    agent, call = own_call_in(floor, command.cti_id, command.call_id, CallState.TALKING, CallState.ON_HOLD)
    target = resolve(floor, agent, call, command.number, command.agent)
    talked = call.state is CallState.TALKING
    if talked:
        call.held_by = [PANEL]
    floor.set_deadline(Kind.HOLD, call, None)
    call.target = None
    floor.move_call(call, CallState.CONSULT_RINGING, Cause.CONSULT)
    if talked:
        floor.event(call, CallEventType.HELD, held_by=HELD_BY_CONSULT)
    floor.event(call, CallEventType.CONSULT, by_cti_id=agent.cti_id, **told_of(target))
    transfers.begin(floor, call, TransferKind.CONSULT, agent.cti_id, target)
    ring(floor, call, target, agent)
    floor.move_target(call, Cause.OFFERED)
    rewire(floor, call)


def connect(floor: Floor, command: ConnectConsult) -> None:
    """Connect to Customer. While the target still rings, this is a direct transfer from now on."""
    _, call, role = own_call(floor, command.cti_id, command.call_id)
    if role is not Role.AGENT or call.state not in _BY_TURNS:
        raise NotAllowedNow
    if call.leg_of(Role.CUSTOMER) is None:
        raise CustomerLeft
    if call.state is CallState.CONSULT_RINGING:
        become_direct(floor, call)
    else:
        join(floor, call)


def cancel(floor: Floor, command: CancelConsult) -> None:
    """End the consultation leg; the agent is On Hold (requirement E3), or talks on to the customer. The call is over
    when nobody else is there."""
    _, call = own_call_in(floor, command.cti_id, command.call_id, *_BY_TURNS)
    if call.leg_of(Role.CUSTOMER) is None:
        finish(floor, call, Outcome.COMPLETED, EndedBy.AGENT)
        return
    floor.event(call, CallEventType.CONSULT_CANCELLED, **told_of(call.target))
    let_target_go(floor, call, OfferResult.WITHDRAWN)
    transfers.end(floor, call, TransferResult.CANCELLED)
    back_to_customer(floor, call, Cause.CONSULT_CANCELLED)


def agent_left_consult(floor: Floor, call: Call, by: EndedBy = EndedBy.AGENT) -> None:
    """The agent's leg has ended, or is being hung up, during a consultation (matrix)."""
    target = call.leg_of(Role.TARGET)
    if call.leg_of(Role.CUSTOMER) is None:
        finish(floor, call, Outcome.COMPLETED, by)
    elif target is None or target.stage is not Stage.UP:
        become_direct(floor, call)
    else:
        call.sender = call.cti_id
        join(floor, call)
        release_agent(floor, call, Cause.TRANSFERRED)
        joined_if_together(floor, call)


def customer_left_consult(floor: Floor, call: Call, by: EndedBy) -> None:
    """The customer has left. Agent and target talk on; the agent is told."""
    if call.leg_of(Role.AGENT) is None:
        finish(floor, call, Outcome.COMPLETED, by)
        return
    floor.move_call(call, CallState.CONSULT_ALONE, Cause.CALLER_LEFT)
    rewire(floor, call)
    tell_customer_left(floor, call, by)


def tell_customer_left(floor: Floor, call: Call, by: EndedBy) -> None:
    """Tell the agent that the call goes on without the customer, which is over for them. ``by`` has ended it."""
    call.end.by = by
    floor.event(call, CallEventType.CUSTOMER_LEFT)
    for _, agent in floor.agents_of(call):
        floor.touch_agent(agent)
    if call.cti_id:
        floor.tell(Told(call.cti_id, "customer_left", "The customer has hung up."))


def join(floor: Floor, call: Call) -> None:
    """Bring customer and target together."""
    call.sender = call.sender or call.cti_id
    floor.move_call(call, CallState.JOINING, Cause.CONNECTED)
    notice.go_on(floor, call)
    rewire(floor, call)  # Also while a notice plays to one: the other one waits for them in the bridge.


def joined_if_together(floor: Floor, call: Call) -> None:
    """The transfer is complete where both were seen in the bridge already: three talked, or the customer has heard what
    the target played before it answered."""
    legs = (call.leg_of(Role.CUSTOMER), call.leg_of(Role.TARGET))
    if call.state is CallState.JOINING and all(leg is not None and leg.in_bridge for leg in legs):
        joined(floor, call)


def joined(floor: Floor, call: Call) -> None:
    """The customer was seen with the target: the transfer is complete."""
    target, leg = call.target, call.leg_of(Role.TARGET)
    if target is None or leg is None or leg.stage is not Stage.UP:
        return
    sender = call.cti_id or call.sender
    transfers.end(floor, call, TransferResult.COMPLETED)
    if target.by_step:
        leave_for_good(floor, call, Exit.ANSWERED)
        visits.give_up(floor, call)
    release_agent(floor, call, Cause.TRANSFERRED)
    call.target = call.sender = call.last_result = None
    del call.parties[Role.TARGET]
    told = {"by_cti_id": sender, **told_of(target)}
    if target.cti_id is None:
        floor.event(call, CallEventType.TRANSFERRED, **told)
        look_later(floor, call)
        take_part(floor, call, target.number)
        recorder.another_agent(floor, call, None)
        floor.move_call(call, CallState.TRANSFERRED, Cause.TRANSFERRED)
        call.target, call.parties[Role.TARGET] = target, leg.id
        if call.stretch is not None:
            intervals.add_target(call, call.stretch)
        if longest := longest_s(floor, call):
            floor.set_deadline(Kind.TRANSFERRED, call, floor.now + longest)
        hold_if_phone_holds(floor, call)
        return
    call.cti_id, call.parties[Role.AGENT], leg.role = target.cti_id, leg.id, Role.AGENT
    conversation.begin(floor, call, floor.agents[target.cti_id], Cause.CONNECTED, CallEventType.TRANSFERRED, **told)
