"""The end of a call: outcome, legs, bridge, offer, agent, ticket. What the end of a leg means stands in
:mod:`cti_bridge.domain.ending.causes`."""

from cti_bridge.domain.border.actions import DestroyBridge
from cti_bridge.domain.border.notices import CallEnded, OfferEnded
from cti_bridge.domain.border.records import OfferRow, TicketNoted
from cti_bridge.domain.callbacks import recordings
from cti_bridge.domain.ending.aftermath import after_conversation, let_go
from cti_bridge.domain.floor import recorder, transfers, visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import hang_up
from cti_bridge.domain.model.agent import CONVERSING, Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import (
    SYSTEM,
    AfterCall,
    CallEventType,
    Cause,
    Direction,
    EndedBy,
    Noted,
    OfferResult,
    Outcome,
    TransferResult,
)
from cti_bridge.domain.numbers.talked import note_talk

# Members that every call looks up, by names of the module: see the package.
_TALK = AfterCall.TALK
_DIALING = AgentState.DIALING
_CALL_OVER, _OFFER_OVER = CallEventType.ENDED, CallEventType.OFFER_ENDED
_BY_CALLER, _CALL_ENDED = Cause.CALLER_LEFT, Cause.CALL_ENDED
_INTERNAL = Direction.INTERNAL
_CALL_EVENT = Noted.CALL_EVENT
_CALLER_LEFT = OfferResult.CALLER_LEFT
_NODE_LOST = Outcome.NODE_LOST
_TARGET = Role.TARGET
_ENDED = CallState.ENDED
_CUSTOMER, _SYSTEM = EndedBy.CUSTOMER, EndedBy.SYSTEM
_OFFER = Kind.OFFER


def finish(floor: Floor, call: Call, outcome: Outcome, ended_by: EndedBy) -> None:
    """End the call: outcome, legs, bridge, offer, agent, ticket. A call that has ended already is left as it is. A
    party that is known to have ended it before stands."""
    if call.state is _ENDED:
        return
    end = call.end
    if ended_by is not _SYSTEM and end.by is not None:
        ended_by = end.by
    end.by, end.outcome, end.state = ended_by, outcome, call.state
    end.at, end.seen_late = max(floor.end_at, call.arrived_at), floor.late_at is not None
    parties = floor.agents_of(call)
    if call.way is not None and call.way.recording:
        recordings.call_over(floor, call)
    left = ended_by is _CUSTOMER or call.leg_of(Role.CUSTOMER) is None
    close_offer(floor, call, _CALLER_LEFT if left else OfferResult.WITHDRAWN)
    if call.transfer is not None:
        transfers.end(floor, call, TransferResult.CUSTOMER_LEFT if left else TransferResult.ENDED)
    floor.move_call(call, _ENDED, _CALL_ENDED)
    if call.visit is not None:
        visits.end(floor, call)
    if call.sender is not None:
        floor.forget_recall(call)
    floor.deadlines.forget(call.id)
    floor.event(call, _CALL_OVER, outcome=outcome, ended_by=ended_by)
    floor.write_call(call)
    floor.tally.call_ended(call)
    if floor.directory.remembering:
        note_talk(floor, call)
    _note_on_ticket(floor, call)
    recorder.bridge_gone(floor, call)
    for leg in list(call.legs.values()):
        hang_up(floor, call, leg)
    if call.has_bridge:
        call.has_bridge = False
        floor.act(DestroyBridge(call.node, call.id, "", call.bridge_id))
    call.target = None
    unheard = _BY_CALLER if left or ended_by is not EndedBy.SUPERVISOR else Cause.WITHDRAWN
    for role, agent in parties:
        _let_go(floor, agent, call, role, outcome, unheard)
        floor.tell(CallEnded(agent.cti_id, call.id, role, outcome, ended_by))
    floor.forget_if_over(call)


def _let_go(floor: Floor, agent: Agent, call: Call, role: Role, outcome: Outcome, unheard: Cause) -> None:
    conversed = agent.state in CONVERSING
    internal = call.direction is _INTERNAL
    if conversed and not internal:
        agent.idle_since = floor.now
    dialed = agent.state is _DIALING
    cause = _CALL_ENDED if conversed else Cause.DIAL_FAILED if dialed else unheard
    busy_after = conversed or (dialed and call.ticket_id is not None)
    after = after_conversation(floor) if busy_after and not internal else None
    kind = AfterCall.CONSULT if role is _TARGET else _TALK
    let_go(floor, agent, call.id, Cause.NODE_LOST if outcome is _NODE_LOST else cause, after, kind)


def close_offer(floor: Floor, call: Call, result: OfferResult) -> None:
    """Write down how the present offer ended, if there is one, and tell the agent's panel."""
    offer = call.offer
    if offer is None:
        return
    call.offer = None
    floor.deadlines.cancel(_OFFER, call.id)
    late = floor.late_at is not None
    floor.record(OfferRow.of(call.id, offer, max(floor.end_at, offer.offered_at), result, seen_late=late))
    floor.figures.offer_ended(floor.directory, floor.now, offer, result)
    floor.event(call, _OFFER_OVER, offer_id=offer.id, cti_id=offer.cti_id, result=result)
    floor.tell(OfferEnded(offer.cti_id, offer.id, result))
    agent = floor.agents.get(offer.cti_id)
    if agent is not None:
        agent.offer_id = None
        if agent.in_a_row and result is OfferResult.ANSWERED:
            agent.in_a_row.clear()
        floor.touch_agent(agent)


def _note_on_ticket(floor: Floor, call: Call) -> None:
    if call.ticket_id is None:
        return
    detail: dict[str, object] = {"event": _CALL_OVER, "outcome": call.end.outcome, "ended_by": call.end.by}
    if call.answered_at is not None:
        detail["talked_s"] = str(round(call.course.talk_s, 3))
    floor.record(TicketNoted(call.ticket_id, _CALL_EVENT, SYSTEM, floor.now, detail))
