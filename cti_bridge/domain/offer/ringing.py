"""Ringing, and its length: shared by a first offer, a recall and the offer to a target."""

from typing import Any

from cti_bridge.domain.border.actions import WITHHELD, CreateLeg
from cti_bridge.domain.border.notices import OfferMade
from cti_bridge.domain.border.records import OfferRow
from cti_bridge.domain.floor.codecs import originator
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, remember
from cti_bridge.domain.model.call import Call, CallState, Leg, Offer, Role, Target
from cti_bridge.domain.model.words import CallEventType, OfferKind

PICKUP_S = 20.0
"""The pickup time, in seconds, where no queue sets one."""
ACCEPT_S = 8.0
"""The limit for a phone that is told to answer by itself, in seconds."""
OUTSIDE_RING_S = 45.0
"""The seconds for which an outside target is rung."""
OWN_PHONE_RING_S = 30.0
"""The seconds for which the phone of an agent who dials is rung."""
CUSTOMER_RING_S = 60.0
"""The seconds for which a customer is rung."""
EMERGENCY_RING_S = 300.0
"""The seconds for which an emergency service is rung: it may have a queue of its own."""


def offer_s(floor: Floor, call: Call) -> float:
    """Return the seconds that an agent has for the present or coming offer: the pickup time, or the time to accept."""
    if call.offer is not None and call.offer.accepted:
        return ACCEPT_S
    queue = floor.directory.queues.get(call.queue or "")
    return queue.pickup_time_s if queue else PICKUP_S


def target_s(floor: Floor, call: Call, target: Target) -> float:
    """Return the seconds for which the target is rung."""
    if target.cti_id is not None:
        return offer_s(floor, call)
    return EMERGENCY_RING_S if is_emergency(floor, target) else OUTSIDE_RING_S


def is_emergency(floor: Floor, target: Target | None) -> bool:
    """Return whether the target is an emergency service. Nothing of ours ends a call to one."""
    return target is not None and target.cti_id is None and target.number in floor.policy.emergency_numbers


def dial_s(call: Call) -> float:
    """Return the seconds for which the next phone of a call out is rung: the agent's own, then the customer's."""
    if call.state is CallState.DIALING_AGENT:
        return OWN_PHONE_RING_S
    return EMERGENCY_RING_S if call.dialling.emergency else CUSTOMER_RING_S


def offer_to(floor: Floor, call: Call, agent: Agent, expires_at: float, kind: OfferKind) -> Offer:
    """Offer the call to this agent, and to no other from now on."""
    offer = Offer(floor.ids.uuid(floor.now), agent.cti_id, floor.now, expires_at, kind=kind)
    offer.queue = call.queue if kind is OfferKind.QUEUE else None
    call.offer = offer
    agent.call_id, agent.offer_id = call.id, offer.id
    remember(agent.recent_offers, offer.id)
    return offer


def tell_of(floor: Floor, call: Call, offer: Offer) -> None:
    """Write the offer's row and event, and tell the agent's panel."""
    floor.record(OfferRow.of(call.id, offer))
    floor.event(call, CallEventType.OFFERED, offer_id=offer.id, cti_id=offer.cti_id, kind=offer.kind)
    floor.tell(OfferMade(offer.cti_id, offer.id))


def ring_phone(floor: Floor, call: Call, agent: Agent, role: Role, *, auto_answer: bool) -> Leg:
    """Call the agent's phone, as the agent of the call or as its target."""
    return create_leg(
        floor,
        call,
        role,
        agent.cti_id,
        cti_number=floor.entry(agent).cti_number,
        shown_number=call.customer.number or WITHHELD,
        shown_name=call.customer.name,
        auto_answer=auto_answer,
    )


def create_leg(floor: Floor, call: Call, role: Role, cti_id: str | None = None, **order: Any) -> Leg:
    """``order`` as of `CreateLeg`. The leg is looked for when it is not seen in time."""
    leg = Leg(floor.ids.leg(call.id, role), role, cti_id)
    if call.offer is not None and call.offer.cti_id == cti_id:
        call.offer.leg_id = leg.id
    floor.add_leg(call, leg)
    floor.act(CreateLeg(call.node, call.id, leg.id, originator=originator(call, role), **order))
    return leg
