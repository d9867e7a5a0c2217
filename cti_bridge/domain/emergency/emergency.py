"""Calls to emergency services: never refused for a reason of ours.

No allow-list, limit, status, permission, missing calling number or phone that seems away stands in their way. An agent
who is logged out may dial one on the phone. The number is dialled as it is configured (``[policy] emergency_numbers``).
An offer to the agent is withdrawn, and its call goes back to its place in the queue. Reports show emergency calls as
calls out, with a mark of their own. No force disconnect, no queue and no limit ends them.

A call to a colleague ends for it, and so does monitoring; the agent's phone rings as soon as its line is free. An agent
has one call here. An agent in any other call may dial an emergency number on another line of the phone. That line is
handed back to the dialplan, which dials the trunk itself. The call is written down as it begins, and its channel keeps
other calls away (:mod:`cti_bridge.domain.legs.foreign`).
"""

from cti_bridge.domain.border.actions import Answer, HandBack
from cti_bridge.domain.border.commands import Dial, DialAgent
from cti_bridge.domain.border.errors import NotAllowedNow, PbxUnavailable, Unauthenticated
from cti_bridge.domain.border.facts import KeypadDialed
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.phone_use import nodes_to_ring
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.model.parts import Dialling
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, MonitorEnd, OfferResult, Outcome
from cti_bridge.domain.monitors import rules
from cti_bridge.domain.numbers.dialing import emergency_caller
from cti_bridge.domain.outbound.outbound import (
    begin,
    dial_customer,
    dial_ordinary,
    keypad_ordinary,
    phone_lifted,
    ring_when_free,
)
from cti_bridge.domain.outbound.refused import ended_call, write_alone
from cti_bridge.domain.talk import internal
from cti_bridge.domain.talk.offered import take_back


def dial(floor: Floor, command: Dial) -> None:
    """Dial up, whatever the number is. Raises a Refusal; nothing has changed then."""
    if command.number not in floor.policy.emergency_numbers:
        colleague = floor.by_cti_number.get(command.number)
        if colleague is None:
            dial_ordinary(floor, command)
        else:
            internal.dial(floor, DialAgent(command.cti_id, colleague))
        return
    agent = floor.agent(command.cti_id)
    if agent.session is None:
        raise Unauthenticated
    # A phone that is taken to be away is rung all the same: what was last heard of it may be no longer so.
    own = floor.entry(agent).node
    node = next((name for name in (*nodes_to_ring(floor, agent), own, *floor.nodes) if floor.node_up(name)), None)
    if node is None:
        raise PbxUnavailable
    _withdraw_offer(floor, agent)
    _end_internal_call(floor, agent)
    rules.end_of(floor, agent, MonitorEnd.EMERGENCY)
    if not _is_free(agent):
        raise NotAllowedNow("End the call that you are in, then dial again.")
    ring_when_free(floor, _begin(floor, agent, node, command.number), agent)


def keypad_dialed(floor: Floor, fact: KeypadDialed, place: Place = Place.NOWHERE) -> None:
    """An agent has dialled a number on the phone itself, whatever it is. The dialplan's word that it is an emergency
    number is enough. ``place`` as of `inbound.arrived`."""
    if fact.leg_id in floor.call_of_leg or fact.leg_id in floor.departed:
        return  # The event has come again.
    if not fact.emergency and fact.number not in floor.policy.emergency_numbers:
        (internal.keypad_dialed if fact.number in floor.by_cti_number else keypad_ordinary)(floor, fact, place)
        return
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    if agent is not None:
        _withdraw_offer(floor, agent)
        rules.end_of(floor, agent, MonitorEnd.EMERGENCY)
    if agent is None or not _is_free(agent):
        _hand_back(floor, fact, agent)
        return
    call = _begin(floor, agent, fact.node, fact.number)
    leg = phone_lifted(floor, call, agent, fact, place)
    leg.dialplan_goes_on = fact.emergency
    floor.act(Answer(call.node, call.id, leg.id))
    dial_customer(floor, call, agent)


def _withdraw_offer(floor: Floor, agent: Agent) -> None:
    call = floor.calls.get(agent.call_id or "")
    if call is not None and agent.offer_id is not None and call.state is not CallState.CONNECTING:
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.DIAL)


def _end_internal_call(floor: Floor, agent: Agent) -> None:
    """A call to a colleague, or of one, ends for an emergency call."""
    call = floor.calls.get(agent.call_id or "")
    if call is not None and call.direction is Direction.INTERNAL:
        by = EndedBy.AGENT if call.cti_id == agent.cti_id else EndedBy.TARGET
        internal.one_leaves(floor, call, by)


def _is_free(agent: Agent) -> bool:
    return agent.state is AgentState.IDLE and agent.call_id is None


def _begin(floor: Floor, agent: Agent, node: str, number: str) -> Call:
    service, calling = emergency_caller(floor, agent)
    return begin(floor, agent, service, node, number, calling, emergency=True)


def _hand_back(floor: Floor, fact: KeypadDialed, agent: Agent | None) -> None:
    """Give the line back to the dialplan. Nobody tells us how its call ends."""
    write_down(floor, fact, agent)
    floor.act(HandBack(fact.node, f"keypad-{fact.leg_id}", fact.leg_id))


def write_down(floor: Floor, fact: KeypadDialed, agent: Agent | None) -> None:
    """Write the row and the one event of an emergency call that goes on without us."""
    service = emergency_caller(floor, agent)[0] if agent else None
    dialling = Dialling(emergency=True)
    call = ended_call(floor, fact.node, fact.number, Outcome.COMPLETED, EndedBy.AGENT, dialling, service)
    detail = {"number": fact.number, "cti_number": fact.cti_number, "emergency": True}
    write_alone(floor, call, CallEventType.HANDED_BACK, **detail)
