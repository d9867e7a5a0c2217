"""Outbound calls (requirements D1 to D4): the agent's phone first, then the customer, under a registered calling
number.

The customer's leg stands in the bridge with the agent before it is dialled, so that the agent hears ringing or
early media. A number dialled on the phone's own keypad is the same call under the same rules; the phone is there
already.
"""

from cti_bridge.domain.audio import notice
from cti_bridge.domain.border.actions import AddToBridge, Answer, DialLeg, Reject
from cti_bridge.domain.border.commands import Dial
from cti_bridge.domain.border.errors import (
    CallingNumberNotConfirmed,
    NoPhonePermission,
    NotAllowedNow,
    PbxUnavailable,
    PhoneUnreachable,
    Refusal,
    ServiceOff,
    Unauthenticated,
)
from cti_bridge.domain.border.facts import KeypadDialed
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.ending.ticketing import open_ticket
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.phone_use import ending_on, nodes_to_ring, uses_phone
from cti_bridge.domain.floor.rewire import expect_in_bridge, fit_bridge, rewire
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.parts import Customer, Dialling
from cti_bridge.domain.model.words import AnswerMode, CallEventType, Cause, Direction, EndedBy, Outcome
from cti_bridge.domain.numbers.dialing import (
    calling_number_of,
    first_confirmed,
    permitted_number,
    shown_number,
)
from cti_bridge.domain.offer import conversation
from cti_bridge.domain.offer.offer import DIAL_MARGIN_S, ring_agent
from cti_bridge.domain.offer.ringing import CUSTOMER_RING_S, EMERGENCY_RING_S, dial_s
from cti_bridge.domain.outbound import outside
from cti_bridge.domain.outbound.dialplan import call_out, goes_another_way, reached, take_over
from cti_bridge.domain.outbound.refused import refused_call

_BUSY, _FORBIDDEN = 486, 403


def dial_ordinary(floor: Floor, command: Dial) -> None:
    """Dial up a number other than that of an emergency service: ring the agent's phone. Raises a Refusal; nothing has
    changed then."""
    agent = may_call(floor, command.cti_id)
    calling = calling_number_of(floor, floor.entry(agent), command.calling_number)
    service = floor.directory.services[calling.service]
    number = permitted_number(floor, service, command.number)
    outside.check(floor, service, agent.cti_id)
    if not agent.phone_reachable or uses_phone(floor, agent):
        raise PhoneUnreachable
    nodes = [name for name in nodes_to_ring(floor, agent) if floor.node_takes_calls(name)]
    if not nodes:
        raise PbxUnavailable
    call = begin(floor, agent, service.id, nodes[0], number, calling.number)
    outside.count(floor, service.id, agent.cti_id)
    ring_own_phone(floor, call, agent)


def ring_when_free(floor: Floor, call: Call, agent: Agent) -> None:
    """Ring the phone of the agent who calls an emergency service: at once, or as soon as the line of the call that has
    just ended for it is free (:func:`ring_now_free`)."""
    if _is_being_freed(floor, agent):
        _ring(floor, call)
    else:
        ring_own_phone(floor, call, agent)


def ring_now_free(floor: Floor, call_id: str) -> None:
    """A leg to an agent's phone has ended. Ring it for the emergency call that waits for that."""
    call = floor.calls.get(call_id)
    agent = floor.agents.get(call.cti_id or "") if call is not None else None
    if call is None or agent is None or call.state is not CallState.DIALING_AGENT:
        return
    if call.dialling.emergency and call.agent_leg is None and not _is_being_freed(floor, agent):
        ring_own_phone(floor, call, agent)


def _is_being_freed(floor: Floor, agent: Agent) -> bool:
    """Return whether a leg of ours to the phone is ending. A call that is none of ours stops no emergency call."""
    nodes = [ending_on(floor, leg_id) for leg_id in agent.legs]
    return any(node is not None and floor.node_up(node) for node in nodes)


def ring_own_phone(floor: Floor, call: Call, agent: Agent) -> None:
    ring_agent(floor, call, agent, auto_answer=floor.entry(agent).answer is AnswerMode.AUTO)
    _ring(floor, call)


def keypad_ordinary(floor: Floor, fact: KeypadDialed, place: Place) -> None:
    """The agent has dialled such a number on the phone itself. The call shows the first service's first confirmed
    number."""
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    try:
        if agent is None:
            raise NoPhonePermission
        if agent.call_id or uses_phone(floor, agent, but=fact.leg_id):
            raise NotAllowedNow
        if not floor.node_takes_calls(fact.node):
            raise PbxUnavailable
        may_call(floor, agent.cti_id)
        service, calling = _first_service(floor, agent)
        number = permitted_number(floor, service, floor.directory.numbering.dialed(fact.number, calling) or "")
        outside.check(floor, service, agent.cti_id)
    except Refusal as refusal:
        sip_code = _BUSY if isinstance(refusal, NotAllowedNow) else _FORBIDDEN
        floor.act(Reject(fact.node, f"keypad-{fact.leg_id}", fact.leg_id, sip_code))
        refused_call(floor, agent.cti_id if agent else None, fact.node, fact.number, refusal)
        return
    call = begin(floor, agent, service.id, fact.node, number, calling)
    outside.count(floor, service.id, agent.cti_id)
    if number != fact.number:
        floor.event(call, CallEventType.DELIVERED, dialed_number=fact.number)
    floor.act(Answer(call.node, call.id, phone_lifted(floor, call, agent, fact, place).id))
    dial_customer(floor, call, agent)


def phone_lifted(floor: Floor, call: Call, agent: Agent, fact: KeypadDialed, place: Place) -> Leg:
    """The agent has dialled on the phone itself, and is there already. ``place`` as of `inbound.arrived`."""
    leg = Leg(fact.leg_id, Role.AGENT, agent.cti_id, Stage.UP, place, confirmed_at=floor.now)
    leg.codec = fact.codec
    call.course.agent_lifted_at = floor.now
    floor.add_leg(call, leg)
    return leg


def agent_lifted(floor: Floor, call: Call, leg: Leg) -> None:
    """The agent's phone has answered. Dial the customer now."""
    leg.stage, leg.place = Stage.UP, Place.NOWHERE
    call.course.agent_lifted_at = floor.now
    dial_customer(floor, call, floor.agents[call.cti_id or ""])


def customer_ready(floor: Floor, call: Call, leg: Leg) -> None:
    """The customer's leg exists. Put it into the bridge first, then dial it, so that the agent hears ringing and early
    media."""
    customer_rings(floor, call, leg)
    leg.dialed_at = floor.now
    longest_s = EMERGENCY_RING_S if call.dialling.emergency else CUSTOMER_RING_S
    floor.act(DialLeg(call.node, call.id, leg.id, round(longest_s) + DIAL_MARGIN_S))
    take_over(floor, call)


def customer_rings(floor: Floor, call: Call, leg: Leg) -> None:
    """The customer's phone rings, though the leg was to enter the bridge first. Put it there now."""
    leg.stage, leg.place = Stage.DIALED, Place.BRIDGE
    floor.touch_call(call)
    floor.act(AddToBridge(call.node, call.id, leg.id, call.bridge_id))
    floor.drop_order(leg.id)  # It is looked for when the phone has answered.


def customer_answered(floor: Floor, call: Call, leg: Leg) -> None:
    """The customer has answered. The leg may be one that an earlier run of the bridge dialled before it died, with
    nothing of that on disk."""
    if leg.stage is Stage.ORDERED:
        customer_rings(floor, call, leg)
    leg.stage = Stage.UP
    floor.touch_call(call)
    reached(floor, call)
    if notice.begin(floor, call):
        floor.set_deadline(Kind.DIAL, call, None)
        return
    fit_bridge(floor, call)
    if not leg.in_bridge:
        expect_in_bridge(floor, call, leg)
    talking_if_together(floor, call)


def talking_if_together(floor: Floor, call: Call) -> None:
    """Talking, and the ticket, once the customer has answered and both were seen in the bridge (requirements
    D2, D3)."""
    legs = (call.leg_of(Role.CUSTOMER), call.leg_of(Role.AGENT))
    if call.state is not CallState.DIALING_CUSTOMER or not all(
        leg is not None and leg.stage is Stage.UP and leg.in_bridge for leg in legs
    ):
        return
    agent = floor.agents[call.cti_id or ""]
    floor.set_deadline(Kind.DIAL, call, None)
    conversation.begin(floor, call, agent, Cause.ANSWERED, CallEventType.CONNECTED, cti_id=agent.cti_id)


def ring_over(floor: Floor, call: Call) -> None:
    """A phone of the call out has rung to the end."""
    if call.state is CallState.DIALING_AGENT:
        finish(floor, call, Outcome.AGENT_NO_ANSWER, EndedBy.SYSTEM)
    elif call.state is CallState.DIALING_CUSTOMER:
        leg = call.leg_of(Role.CUSTOMER)
        rang = leg is not None and leg.rang
        if not rang:
            outside.failed(floor, call)
        finish(floor, call, Outcome.NO_ANSWER if rang else Outcome.UNREACHABLE, EndedBy.SYSTEM)


def customer_failed(floor: Floor, call: Call, outcome: Outcome) -> None:
    """The customer's leg ended before it was answered (requirement D4)."""
    if not goes_another_way(floor, call, outcome):
        refused = outcome in (Outcome.BUSY, Outcome.REJECTED)
        finish(floor, call, outcome, EndedBy.CUSTOMER if refused else EndedBy.SYSTEM)


def agent_failed(floor: Floor, call: Call, by: EndedBy = EndedBy.AGENT, *, by_panel: bool = False) -> None:
    """The agent's leg has ended before the customer answered, or the dialplan has it. ``by_panel``: the agent has
    cancelled the call there."""
    alone = call.state is CallState.DIALING_AGENT and not by_panel
    finish(
        floor,
        call,
        Outcome.COMPLETED if call.dialling.handed_back else Outcome.AGENT_NO_ANSWER if alone else Outcome.CANCELLED,
        by,
    )


def may_call(floor: Floor, cti_id: str) -> Agent:
    """Return the agent, who may begin a call. Raises a Refusal; changes nothing."""
    agent = floor.agent(cti_id)
    if agent.session is None:
        raise Unauthenticated
    if not floor.entry(agent).phone_permission:
        raise NoPhonePermission
    if agent.state is not AgentState.IDLE or agent.call_id is not None:
        raise NotAllowedNow
    return agent


def _first_service(floor: Floor, agent: Agent) -> tuple[Service, str]:
    service_id = next(iter(floor.entry(agent).services), "")
    service, calling = floor.directory.services.get(service_id), first_confirmed(floor, service_id)
    if service is None or not service.outbound:
        raise ServiceOff
    if calling is None:
        raise CallingNumberNotConfirmed
    return service, calling


def begin(
    floor: Floor,
    agent: Agent,
    service: str | None,
    node: str,
    number: str,
    calling: str | None,
    *,
    emergency: bool = False,
) -> Call:
    """A call out is the agent's from now on."""
    call = Call(
        id=floor.ids.uuid(floor.now),
        node=node,
        direction=Direction.OUTBOUND,
        customer=Customer(number),
        dialed_number=number,
        arrived_at=floor.now,
        state=CallState.DIALING_AGENT,
        state_since=floor.now,
        service=service,
        cti_id=agent.cti_id,
        dialling=Dialling(calling, emergency=emergency),
    )
    floor.add_call(call)
    agent.call_id = call.id
    floor.set_agent(agent, Cause.DIAL, state=AgentState.DIALING, call_id=call.id)
    marked = {"emergency": True} if emergency else {}
    floor.event(call, CallEventType.DIAL, number=number, calling_number=calling, cti_id=agent.cti_id, **marked)
    floor.write_call(call)
    return call


def _ring(floor: Floor, call: Call) -> None:
    floor.set_deadline(Kind.DIAL, call, floor.now + dial_s(call))


def dial_customer(floor: Floor, call: Call, agent: Agent) -> None:
    """The agent's phone has answered. Call the customer's, in one bridge with it."""
    if not call.dialling.emergency:
        call.dialling.calling_number = shown_number(floor, call)
    if call.dialling.calling_number is None and not call.dialling.emergency:
        finish(floor, call, Outcome.CANCELLED, EndedBy.SYSTEM)
        return
    floor.move_call(call, CallState.DIALING_CUSTOMER, Cause.ANSWERED)
    rewire(floor, call)
    service = floor.directory.services.get(call.service or "")
    if service is not None and service.outbound_ticket == "on_dial":
        open_ticket(floor, call, agent)
    call_out(floor, call)
    _ring(floor, call)
