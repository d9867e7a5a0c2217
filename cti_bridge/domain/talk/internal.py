"""A call to a colleague, without a customer (requirement E12): the agent's own phone first, then the colleague's.

The colleague is whoever shares a service, is logged in, in no call, and has a phone that the same PBX reaches,
whatever their status: a colleague on a break may lift or not. They are offered an internal call, which counts in no
queue. Who does not take it stays what they were, for otherwise anybody could take a colleague out of ready. Nobody
processes a ticket behind it, and there is none.

An agent may hold and resume, whichever of the two they are. A phone that is lost ends the call: it can be made anew.
An emergency call of one of the two ends it (:mod:`cti_bridge.domain.emergency.emergency`).
"""

from cti_bridge.domain.audio import hold as customer_hold
from cti_bridge.domain.audio.audio import look_later
from cti_bridge.domain.audio.hold import PANEL, hold_if_phone_holds
from cti_bridge.domain.border.actions import Answer, Reject
from cti_bridge.domain.border.commands import DialAgent, HoldCall, ResumeCall
from cti_bridge.domain.border.errors import (
    NotAllowedNow,
    NotFound,
    PbxUnavailable,
    PhoneUnreachable,
    Refusal,
    TargetIsSelf,
    TargetNotReady,
)
from cti_bridge.domain.border.facts import KeypadDialed
from cti_bridge.domain.border.notices import CallConnected
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.access import own_call
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.phone_use import nodes_to_ring, uses_phone
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import CONVERSES_INTERNALLY, Call, CallState, Leg, Place, Role, Stage, Target
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.parts import Customer, Dialling
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, Outcome
from cti_bridge.domain.outbound.outbound import may_call, phone_lifted, ring_own_phone
from cti_bridge.domain.queue.no_calls import may_reach, recallable
from cti_bridge.domain.talk import target

_BUSY, _FORBIDDEN = 486, 403
_HELD_BY = {Role.AGENT: CallState.INTERNAL_ON_HOLD, Role.TARGET: CallState.INTERNAL_HELD}


def dial(floor: Floor, command: DialAgent) -> None:
    """Call a colleague: ring the agent's own phone. Raises a Refusal; nothing has changed then."""
    agent = may_call(floor, command.cti_id)
    if not agent.phone_reachable or uses_phone(floor, agent):
        raise PhoneUnreachable
    node, other = _can_be_called(floor, agent, command.agent, nodes_to_ring(floor, agent))
    ring_own_phone(floor, _begin(floor, agent, other, node), agent)


def keypad_dialed(floor: Floor, fact: KeypadDialed, place: Place) -> None:
    """The agent has dialled a colleague's number on the phone itself. ``place`` as of `inbound.arrived`."""
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    try:
        if agent is None or agent.call_id or uses_phone(floor, agent, but=fact.leg_id):
            raise NotAllowedNow
        may_call(floor, agent.cti_id)
        _, other = _can_be_called(floor, agent, floor.by_cti_number[fact.number], [fact.node])
    except Refusal as refusal:
        busy = isinstance(refusal, NotAllowedNow | TargetNotReady)
        floor.act(Reject(fact.node, f"keypad-{fact.leg_id}", fact.leg_id, _BUSY if busy else _FORBIDDEN))
        return
    call = _begin(floor, agent, other, fact.node)
    leg = phone_lifted(floor, call, agent, fact, place)
    floor.act(Answer(call.node, call.id, leg.id))
    _ring_colleague(floor, call)


def _begin(floor: Floor, agent: Agent, other: Agent, node: str) -> Call:
    """An internal call is the agent's from now on."""
    shared = [name for name in floor.entry(agent).services if name in floor.entry(other).services]
    call = Call(
        id=floor.ids.uuid(floor.now),
        node=node,
        direction=Direction.INTERNAL,
        customer=Customer(None),
        dialed_number=other.cti_number,
        arrived_at=floor.now,
        state=CallState.DIALING_AGENT,
        state_since=floor.now,
        service=next(iter(shared), None),
        cti_id=agent.cti_id,
        dialling=Dialling(colleague=other.cti_id),
    )
    call.course.has(agent.cti_id)
    floor.add_call(call)
    agent.call_id = call.id
    floor.set_agent(agent, Cause.DIAL, state=AgentState.DIALING, call_id=call.id)
    floor.event(call, CallEventType.DIAL, cti_id=agent.cti_id, target_cti_id=other.cti_id)
    floor.write_call(call)
    return call


def own_phone_lifted(floor: Floor, call: Call, leg: Leg) -> None:
    """The phone of the agent who calls has answered: ring the colleague's, if they are still there."""
    leg.stage, leg.place = Stage.UP, Place.NOWHERE
    call.course.agent_lifted_at = floor.now
    _ring_colleague(floor, call)


def _ring_colleague(floor: Floor, call: Call) -> None:
    other, agent = floor.agents.get(call.dialling.colleague or ""), floor.agents[call.cti_id or ""]
    floor.set_deadline(Kind.DIAL, call, None)
    if other is None or not recallable(floor, other, call.node) or other.cti_id in floor.recalls:
        taken = other is not None and (other.call_id is not None or uses_phone(floor, other))
        finish(floor, call, Outcome.BUSY if taken else Outcome.UNREACHABLE, EndedBy.SYSTEM)
        return
    floor.move_call(call, CallState.INTERNAL_RINGING, Cause.ANSWERED)
    target.ring(floor, call, Target(other.cti_number, other.cti_id), agent)
    floor.move_target(call, Cause.OFFERED)
    rewire(floor, call)


def lifted(floor: Floor, call: Call, leg: Leg) -> None:
    """The colleague has answered: the two talk."""
    target.lifted(floor, call, leg)
    call.answered_at = floor.now
    for _, agent in floor.agents_of(call):
        call.course.has(agent.cti_id)
        floor.tell(CallConnected(agent.cti_id, call.id))
    floor.write_call(call)
    look_later(floor, call)
    hold_if_phone_holds(floor, call)


def one_leaves(floor: Floor, call: Call, by: EndedBy) -> None:
    """The agent who has called leaves, or is being hung up."""
    finish(floor, call, Outcome.COMPLETED if call.state in CONVERSES_INTERNALLY else Outcome.CANCELLED, by)


def hold(floor: Floor, command: HoldCall) -> None:
    """Hold the other one of the call, who is the customer in any but an internal one."""
    _, call, role = own_call(floor, command.cti_id, command.call_id)
    if call.direction is not Direction.INTERNAL:
        customer_hold.hold(floor, command)
        return
    if call.state is not CallState.INTERNAL_TALKING:
        raise NotAllowedNow
    floor.move_call(call, _HELD_BY[role], Cause.HELD)
    floor.event(call, CallEventType.HELD, held_by=PANEL, by_cti_id=command.cti_id)
    rewire(floor, call)


def resume(floor: Floor, command: ResumeCall) -> None:
    """End the hold, of whoever has begun it."""
    _, call, role = own_call(floor, command.cti_id, command.call_id)
    if call.direction is not Direction.INTERNAL:
        customer_hold.resume(floor, command)
        return
    if call.state is not _HELD_BY[role]:
        raise NotAllowedNow
    floor.move_call(call, CallState.INTERNAL_TALKING, Cause.RESUMED)
    floor.event(call, CallEventType.RESUMED, by_cti_id=command.cti_id)
    rewire(floor, call)


def _can_be_called(floor: Floor, agent: Agent, cti_id: str, nodes: list[str]) -> tuple[str, Agent]:
    """Return the first of the nodes that reaches the colleague, and the colleague. Raises a Refusal in words; changes
    nothing."""
    other = floor.agents.get(cti_id)
    if other is None or not may_reach(floor, agent, other):
        raise NotFound("There is no such agent in your services.")
    if other is agent:
        raise TargetIsSelf("You cannot call yourself.")
    own = [name for name in nodes if floor.node_takes_calls(name)]
    if not own:
        raise PbxUnavailable
    name = floor.entry(other).name or other.cti_id
    if other.session is None:
        raise TargetNotReady(f"{name} is not logged in.")
    if other.call_id is not None or uses_phone(floor, other) or other.cti_id in floor.recalls:
        raise TargetNotReady(f"{name} is in a call.")
    node = next((node for node in own if recallable(floor, other, node)), None)
    if node is None:
        raise TargetNotReady(f"The phone of {name} cannot be reached.")
    return node, other
