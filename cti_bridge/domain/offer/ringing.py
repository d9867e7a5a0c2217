"""Ringing, and its length: shared by a first offer, a recall and the offer to a target."""

from typing import Any

from cti_bridge.domain.border.actions import WITHHELD, CreateLeg
from cti_bridge.domain.border.notices import OfferMade, Told
from cti_bridge.domain.border.records import OfferRow
from cti_bridge.domain.floor.codecs import originator
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, remember
from cti_bridge.domain.model.call import Call, CallState, Leg, Offer, Role, Stage, Target
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import CallEventType, Direction, OfferKind, OfferResult

# Members that every call looks up, by names of the module: see the package.
_OFFERED = CallEventType.OFFERED
_INTERNAL = Direction.INTERNAL
_QUEUE = OfferKind.QUEUE
_UP = Stage.UP

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
REACH_S = 20.0
"""The seconds within which an outside number must ring, or play something. After that it cannot be reached. A dead
trunk would take 32 s to be noticed by the PBX, and some say nothing for ever."""
CONFIRM_KEY_S = 25.0
"""The seconds within which a target that has answered presses 1, the message twice included."""
EMERGENCY_RING_S = 300.0
"""The seconds for which an emergency service is rung: it may have a queue of its own."""


def offer_s(floor: Floor, call: Call) -> float:
    """Return the seconds that an agent has for the present or coming offer: the pickup time, or the time to accept."""
    if call.offer is not None and call.offer.accepted and not call.offer.by_hand:
        return ACCEPT_S
    return pickup_s(floor, call)


def pickup_s(floor: Floor, call: Call) -> float:
    """Return the pickup time in seconds: that of the step that transfers the call, else of the queue that it is offered
    from."""
    if call.target is not None and call.target.ring_s is not None:
        return call.target.ring_s
    name = (call.offer.queue if call.offer is not None else None) or call.queue
    queue = floor.directory.queues.get(name or "")
    return queue.pickup_time_s if queue else PICKUP_S


def target_s(floor: Floor, call: Call, target: Target) -> float:
    """Return the seconds for which the target is rung, or has to press a key."""
    if call.state is CallState.TRANSFER_CONFIRMING:
        return CONFIRM_KEY_S
    if target.cti_id is not None:
        return offer_s(floor, call)
    if is_emergency(floor, target):
        return EMERGENCY_RING_S
    longest_s = target.ring_s or OUTSIDE_RING_S
    return longest_s if _has_rung(call, Role.TARGET) else min(REACH_S, longest_s)


def is_emergency(floor: Floor, target: Target | None) -> bool:
    """Return whether the target is an emergency service. Nothing of ours ends a call to one."""
    return target is not None and target.cti_id is None and target.number in floor.policy.emergency_numbers


def dial_s(call: Call) -> float:
    """Return the seconds for which the next phone of a call out is rung: the agent's own, then the customer's."""
    if call.state is CallState.DIALING_AGENT:
        return OWN_PHONE_RING_S
    if call.dialling.emergency:
        return EMERGENCY_RING_S
    return CUSTOMER_RING_S if _has_rung(call, Role.CUSTOMER) else REACH_S


def reached(floor: Floor, call: Call, leg: Leg, *, early_media: bool = False) -> None:
    """The other end rings, or plays something: from now on it has all its time to answer."""
    if leg.stage is _UP or (leg.rang and leg.early >= early_media):
        return
    first, leg.rang, leg.early = not leg.rang, True, leg.early or early_media
    floor.touch_call(call)
    for _, agent in floor.agents_of(call):
        floor.touch_agent(agent)
    if not first or leg.cti_id is not None:
        return
    if leg.role is Role.CUSTOMER and call.state is CallState.DIALING_CUSTOMER:
        floor.set_deadline(Kind.DIAL, call, floor.now + dial_s(call))
    elif call.target is not None and call.state in _TARGET_RINGS:
        floor.set_deadline(Kind.TARGET, call, floor.now + target_s(floor, call, call.target))


def goes_on_by_hand(floor: Floor, call: Call, leg: Leg | None) -> bool:
    """The time of the present offer is over. Return whether it goes on: a phone that was to answer by itself rings, and
    its agent is told to lift it."""
    offer = call.offer
    if offer is None or not offer.accepted or offer.by_hand or leg is None or not leg.rang:
        return False
    offer.by_hand = True
    until = floor.now + offer_s(floor, call)
    floor.set_deadline(Kind.OFFER, call, until)
    if call.target is not None:
        floor.set_deadline(Kind.TARGET, call, until)
    floor.touch_call(call)
    floor.touch_agent(floor.agents[offer.cti_id])
    floor.tell(Told(offer.cti_id, "lift_phone", "Your phone does not answer by itself: lift it."))
    return True


def missed(floor: Floor, call: Call, agent: Agent, leg: Leg | None) -> OfferResult:
    """Return the result of the present offer, whose time is over: missed. It is no fault of the agent that a phone has
    not even rung, or does not answer by itself."""
    if call.offer is not None and call.offer.by_hand:
        return OfferResult.UNREACHABLE
    if leg is None or leg.rang or leg.stage is not Stage.DIALED:
        return OfferResult.MISSED
    floor.tell(Told(agent.cti_id, "phone_silent", "Your phone does not say that it rings. Check that it is connected."))
    return OfferResult.UNREACHABLE


_TARGET_RINGS = frozenset({CallState.CONSULT_RINGING, CallState.TRANSFER_RINGING})


def _has_rung(call: Call, role: Role) -> bool:
    leg = call.leg_of(role)
    return leg is not None and leg.rang


def offer_to(floor: Floor, call: Call, agent: Agent, expires_at: float, kind: OfferKind) -> Offer:
    """Offer the call to this agent, and to no other from now on."""
    offer = Offer(floor.ids.uuid(floor.now), agent.cti_id, floor.now, expires_at)
    offer.kind = kind
    if kind is _QUEUE:
        offer.queue = call.queue
        if call.visit is not None:
            offer.visit_id = call.visit.id
            call.visit.offers += 1
    call.offer = offer
    agent.call_id, agent.offer_id = call.id, offer.id
    remember(agent.recent_offers, offer.id)
    return offer


def tell_of(floor: Floor, call: Call, offer: Offer) -> None:
    """Write the offer's row and event, and tell the agent's panel."""
    floor.record(OfferRow.of(call.id, offer))
    floor.event(call, _OFFERED, offer_id=offer.id, cti_id=offer.cti_id, kind=offer.kind)
    floor.tell(OfferMade(offer.cti_id, offer.id))


def ring_phone(floor: Floor, call: Call, agent: Agent, role: Role, *, auto_answer: bool) -> Leg:
    """Call the agent's phone, as the agent of the call or as its target."""
    number, name = _shown(floor, call, role)
    return create_leg(
        floor,
        call,
        role,
        agent.cti_id,
        cti_number=floor.entry(agent).cti_number,
        shown_number=number,
        shown_name=name,
        auto_answer=auto_answer,
    )


def _shown(floor: Floor, call: Call, role: Role) -> tuple[str, str]:
    """Return the number and the name that the agent's phone shows: those of the customer, or of the colleague."""
    if call.direction is not _INTERNAL:
        return call.customer.number or WITHHELD, call.customer.name
    other = floor.agents.get((call.cti_id if role is Role.TARGET else call.dialling.colleague) or "")
    return (other.cti_number, floor.entry(other).name) if other is not None else (WITHHELD, "")


def create_leg(floor: Floor, call: Call, role: Role, cti_id: str | None = None, **order: Any) -> Leg:
    """``order`` as of `CreateLeg`. The leg is looked for when it is not seen in time."""
    leg = Leg(floor.ids.leg(call.id, role), role, cti_id)
    if call.offer is not None and call.offer.cti_id == cti_id:
        call.offer.leg_id = leg.id
    floor.add_leg(call, leg)
    floor.act(CreateLeg(call.node, call.id, leg.id, originator=originator(call, role), **order))
    return leg
