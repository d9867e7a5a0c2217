"""Direct transfer and recall (requirement E5): the agent leaves at once, the target is rung, the customer is never
lost."""

from cti_bridge.domain.border.commands import RecallCall, TransferCall
from cti_bridge.domain.border.errors import CallChanged, NotAllowedNow, NotFound, PbxUnavailable, PhoneUnreachable
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor import transfers
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.words import CallEventType, Cause, EndedBy, OfferResult, TransferKind, TransferResult
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.talk.handback import can_take_back, to_sender
from cti_bridge.domain.talk.send_on import leave_memo, send_on
from cti_bridge.domain.talk.target import let_target_go, outcome_of, release_agent, resolve, ring, told_of


def transfer(floor: Floor, command: TransferCall) -> None:
    if command.queue is not None or command.scenario is not None:
        send_on(floor, command)
        return
    agent, call = own_call_in(floor, command.cti_id, command.call_id, CallState.TALKING, CallState.ON_HOLD)
    target = resolve(floor, agent, call, command.number, command.agent)
    floor.event(call, CallEventType.TRANSFER, by_cti_id=agent.cti_id, **told_of(target))
    leave_memo(floor, call, command)
    call.target = None
    _leave(floor, call)
    transfers.begin(floor, call, TransferKind.DIRECT, agent.cti_id, target)
    ring(floor, call, target, agent)
    floor.move_target(call, Cause.OFFERED)
    rewire(floor, call)


def become_direct(floor: Floor, call: Call) -> None:
    """The agent leaves while the target still rings."""
    floor.event(call, CallEventType.TRANSFER, by_cti_id=call.cti_id, **told_of(call.target))
    transfers.become_direct(call)
    _leave(floor, call)
    rewire(floor, call)


def longest_s(floor: Floor, call: Call) -> float | None:
    """Return the seconds for which customer and outside number may talk: their line costs money, and no agent is there.
    An emergency service is never cut off."""
    service = floor.directory.services.get(call.service or "")
    if service is None or is_emergency(floor, call.target):
        return None
    of_step = call.target.most_s if call.target is not None else None
    return min(filter(None, (service.longest_transferred_s, of_step)), default=None)


def longest_over(floor: Floor, call: Call) -> None:
    """Customer and outside number have talked for the longest time that is allowed."""
    finish(floor, call, outcome_of(call), EndedBy.SYSTEM)


def recall(floor: Floor, command: RecallCall) -> None:
    """The sender wants the call back at once."""
    agent = floor.agent(command.cti_id)
    call = floor.calls.get(command.call_id)
    if agent.call_id == command.call_id:
        raise NotAllowedNow
    if call is None or call.sender != agent.cti_id:
        raise CallChanged if command.call_id in agent.recent_calls else NotFound
    if call.state is not CallState.TRANSFER_RINGING or call.target is None:
        raise NotAllowedNow
    if not floor.node_up(call.node):
        raise PbxUnavailable
    if not can_take_back(floor, agent, call):
        # Refused before anything is let go: the target may still answer, and the customer keeps their place.
        raise NotAllowedNow if agent.phone_reachable_on(call.node) else PhoneUnreachable
    floor.event(call, CallEventType.RECALLED, by_cti_id=agent.cti_id, **told_of(call.target))
    let_target_go(floor, call, OfferResult.WITHDRAWN)
    transfers.end(floor, call, TransferResult.RECALLED)
    to_sender(floor, call, Cause.RECALLED)


def _leave(floor: Floor, call: Call) -> None:
    """The sender's leg leaves. The sender may recall the call until the target has it."""
    call.sender = call.cti_id
    floor.move_call(call, CallState.TRANSFER_RINGING, Cause.TRANSFERRED)
    customer = call.leg_of(Role.CUSTOMER)
    if customer is not None and customer.place is Place.BRIDGE:
        rewire(floor, call)
    release_agent(floor, call, Cause.TRANSFERRED)
