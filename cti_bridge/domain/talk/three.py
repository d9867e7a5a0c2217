"""Three talk together (requirement E10): from a consultation the agent joins customer and target.

The agent may leave: customer and target go on, as after Connect. The agent may take one out. A target who is taken out
is let go, and the agent talks to the customer. A customer who is taken out has left the call, and the agent talks to
the target. Whoever leaves by themselves, the other two talk on, an agent whose phone was lost included: nobody is cut
off who still talks to somebody.

A phone that holds by its own key leaves the other two to talk. Only who would be alone with phones that hold has music.
"""

from cti_bridge.domain.border.commands import JoinAll, LeaveThree, TakeOut
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.ending.ticketing import note, take_part
from cti_bridge.domain.floor import transfers
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import hang_up, rewire
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.words import CallEventType, Cause, EndedBy, Noted, OfferResult, TransferResult
from cti_bridge.domain.talk.consult import agent_left_consult
from cti_bridge.domain.talk.target import back_to_customer, let_target_go, told_of

FROM = (CallState.CONSULT_TALKING, CallState.CONSULT_SWAPPED)


def join_all(floor: Floor, command: JoinAll) -> None:
    """Let all three talk. The target has part in the conversation from now on, and the ticket says so."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *FROM)
    told = told_of(call.target)
    held = call.state is CallState.CONSULT_TALKING
    call.held_by = []
    floor.move_call(call, CallState.THREE_TOGETHER, Cause.CONNECTED)
    floor.event(call, CallEventType.JOINED, by_cti_id=agent.cti_id, **told)
    if held:
        floor.event(call, CallEventType.RESUMED)
    if call.target is not None:
        take_part(floor, call, call.target.cti_id or call.target.number)
    note(floor, call, Noted.CALL_EVENT, agent.cti_id, event=CallEventType.JOINED, **told)
    rewire(floor, call)


def leave(floor: Floor, command: LeaveThree) -> None:
    """The agent leaves. Customer and target go on."""
    _, call = own_call_in(floor, command.cti_id, command.call_id, CallState.THREE_TOGETHER)
    agent_left_consult(floor, call)


def take_out(floor: Floor, command: TakeOut) -> None:
    """The agent takes the target, or the customer, out."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, CallState.THREE_TOGETHER)
    if command.party is Role.TARGET:
        _note(floor, call, agent, Role.TARGET)
        let_target_go(floor, call, OfferResult.WITHDRAWN)
        transfers.end(floor, call, TransferResult.CANCELLED)
        back_to_customer(floor, call, Cause.CONSULT_CANCELLED)
    elif command.party is Role.CUSTOMER:
        _take_customer_out(floor, call, agent)
    else:
        raise NotAllowedNow("To go yourself, leave the call.")


def _take_customer_out(floor: Floor, call: Call, agent: Agent) -> None:
    if call.dialling.emergency:
        raise NotAllowedNow("This is an emergency call.")
    leg = call.leg_of(Role.CUSTOMER)
    _note(floor, call, agent, Role.CUSTOMER)
    call.end.by = EndedBy.AGENT
    if leg is not None:
        del call.parties[Role.CUSTOMER]
        hang_up(floor, call, leg)
    floor.move_call(call, CallState.CONSULT_ALONE, Cause.COMMAND)
    rewire(floor, call)


def _note(floor: Floor, call: Call, agent: Agent, party: Role) -> None:
    told = {"party": party, **told_of(call.target)}
    floor.event(call, CallEventType.TAKEN_OUT, by_cti_id=agent.cti_id, **told)
    note(floor, call, Noted.CALL_EVENT, agent.cti_id, event=CallEventType.TAKEN_OUT, **told)
