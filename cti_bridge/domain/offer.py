"""The offer: one agent is rung for one call (requirements C2 to C6).

It begins in :func:`make`, when a waiting call and an assignable agent met. It ends in exactly one way: *answered*
when both were seen in the bridge (:func:`connected`), or through :func:`fail`: missed (the pickup time is over),
declined, unreachable, withdrawn; or caller_left when the call ends (:mod:`cti_bridge.domain.outcome`). A failed
offer puts the call back where it stood in the queue.

How the phone is called depends on the agent's answer mode. phone, browser: it rings at once. auto: only the panel
alerts; Answer makes the phone be called with headers that let it answer by itself, within :data:`ACCEPT_S`.
"""

from math import ceil

from cti_bridge.domain.actions import CreateLeg, DialLeg
from cti_bridge.domain.aftermath import after_failed_offer, cause_of, let_go
from cti_bridge.domain.agent import Agent, Status, remember
from cti_bridge.domain.call import OFFERED, Call, CallState, Leg, Offer, Place, Role, Stage
from cti_bridge.domain.errors import (
    AnswerOnPhone,
    NotAllowedNow,
    NotFound,
    OfferOver,
    PbxUnavailable,
    PhoneUnreachable,
)
from cti_bridge.domain.facts import AnswerOffer, DeclineOffer
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.notices import CallConnected, OfferMade
from cti_bridge.domain.outcome import close_offer
from cti_bridge.domain.queueing import back_to_queue
from cti_bridge.domain.records import OfferRow, TicketNoted, TicketOpened
from cti_bridge.domain.rewire import CONFIRM_S, hang_up, rewire
from cti_bridge.domain.waiting import Waiting

ACCEPT_S = 8.0
"""How long a phone that is told to answer by itself may take."""
PHONE_RETRY_S = 10.0
"""How long a phone that could not be called counts as unreachable, unless it registers."""
PAUSE_S = 5.0
"""How long an agent who missed or declined and stays ready is left in peace: a phone that refuses at once must not
spin."""
DIAL_MARGIN_S = 5
"""How much longer the PBX lets a phone ring than we do: its own limit is for the case that we are gone."""


def make(floor: Floor, call: Call, agent: Agent) -> None:
    queue = floor.directory.queues[call.queue or ""]
    offer = Offer(floor.ids.uuid(floor.now), agent.cti_id, floor.now, floor.now + queue.pickup_time_s)
    call.offer, call.cti_id = offer, agent.cti_id
    agent.call_id, agent.offer_id = call.id, offer.id
    remember(agent.recent_offers, offer.id)
    floor.move_call(call, CallState.RINGING, "offered")
    floor.record(OfferRow(offer.id, call.id, agent.cti_id, offer.offered_at, None, None))
    floor.event(call, "offered", offer_id=offer.id, cti_id=agent.cti_id)
    floor.tell(OfferMade(agent.cti_id, offer.id))
    if floor.policy.open_ticket == "ring":
        open_ticket(floor, call, agent)
    if floor.entry(agent).answer != "auto":
        _ring(floor, call, agent, offer, auto_answer=False)
    floor.deadlines.set("offer", call.id, offer.expires_at)


def answer(floor: Floor, command: AnswerOffer) -> None:
    """The agent pressed Answer."""
    agent, call, offer = _current(floor, command.cti_id, command.offer_id)
    if floor.entry(agent).answer != "auto":
        raise AnswerOnPhone
    if call.state is not CallState.RINGING:
        raise NotAllowedNow("The call is being connected.")
    if not agent.phone_reachable:
        raise PhoneUnreachable
    offer.expires_at = floor.now + ACCEPT_S
    floor.move_call(call, CallState.ACCEPTED, "accepted")
    floor.event(call, "accepted", cti_id=agent.cti_id)
    _ring(floor, call, agent, offer, auto_answer=True)
    floor.deadlines.set("offer", call.id, offer.expires_at)


def decline(floor: Floor, waiting: Waiting, command: DeclineOffer) -> None:
    """The agent pressed Cancel (C6)."""
    _, call, _ = _current(floor, command.cti_id, command.offer_id)
    if call.state is CallState.CONNECTING:
        raise OfferOver("The call has been answered.")
    fail(floor, waiting, call, "declined")


def expired(floor: Floor, waiting: Waiting, call_id: str) -> None:
    """The pickup time, or the time to accept, is over (C5). It stands still while the node is away."""
    call = floor.calls.get(call_id)
    if call is not None and call.state in (CallState.RINGING, CallState.ACCEPTED) and floor.node_up(call.node):
        fail(floor, waiting, call, "missed")


def dial(floor: Floor, call: Call, leg: Leg) -> None:
    """The leg exists: let the phone ring."""
    leg.stage = Stage.DIALED
    floor.confirm_by(leg, None)
    floor.touch_call(call)
    expires_at = call.offer.expires_at if call.offer else floor.now
    floor.act(DialLeg(call.node, call.id, leg.id, max(1, ceil(expires_at - floor.now)) + DIAL_MARGIN_S))


def lifted(floor: Floor, call: Call, leg: Leg) -> None:
    """The agent's phone has answered: both go into the bridge."""
    leg.stage, leg.place = Stage.UP, Place.NOWHERE
    floor.deadlines.set("offer", call.id, None)
    floor.move_call(call, CallState.CONNECTING, "answered")
    rewire(floor, call)


def connected(floor: Floor, call: Call) -> None:
    """Both were seen in the bridge: Talking, and the ticket (C4)."""
    offer, agent = call.offer, floor.agents[call.cti_id or ""]
    call.answered_at = floor.now
    call.waited_s = floor.now - (call.waiting_since or call.arrived_at)
    floor.deadlines.set("longest_wait", call.id, None)
    close_offer(floor, call, "answered")
    floor.move_call(call, CallState.TALKING, "answered")
    floor.event(call, "connected", cti_id=agent.cti_id, offer_id=offer.id if offer else None)
    open_ticket(floor, call, agent)
    floor.write_call(call)
    floor.tell(CallConnected(agent.cti_id, call.id))


def fail(floor: Floor, waiting: Waiting, call: Call, result: str, cause: str = "") -> None:
    """The offer came to nothing: the agent is let go, the call goes back to its place in the queue. ``cause`` is what
    the agent's history says, where that is another word than the result."""
    agent = floor.agents[call.cti_id or ""]
    close_offer(floor, call, result)
    leg = call.leg_of(Role.AGENT)
    call.agent_leg = call.cti_id = None
    if leg is not None:
        hang_up(floor, call, leg)
    if result == "unreachable":
        set_phone_retry(floor, agent, floor.now + PHONE_RETRY_S)
    let_go(floor, agent, call, cause or cause_of(result), after_failed_offer(floor, result))
    if result != "unreachable" and agent.status is Status.READY:
        set_pause(floor, agent, floor.now + PAUSE_S)
    back_to_queue(floor, waiting, call, result)


def phone_gone(floor: Floor, waiting: Waiting, agent: Agent) -> None:
    """What was to ring cannot be rung any more: an offer that waits for the panel's Answer comes to nothing at
    once."""
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    if call is not None and call.state is CallState.RINGING and call.agent_leg is None:
        fail(floor, waiting, call, "unreachable")


def open_ticket(floor: Floor, call: Call, agent: Agent) -> None:
    """One ticket a call (F3): the first agent opens it and owns it. Opened when it rang, it moves to who answers."""
    if call.service is None:
        return
    if call.ticket_id is not None:
        _hand_over_ticket(floor, call, agent)
        return
    call.ticket_id, call.ticket_owner = floor.ids.uuid(floor.now), agent.cti_id
    floor.touch_call(call)
    detail = {"direction": call.direction, "dialed_number": call.dialed_number, "queue": call.queue}
    floor.record(
        TicketOpened(call.ticket_id, call.id, call.service, agent.cti_id, call.customer_number, floor.now, detail)
    )


def _hand_over_ticket(floor: Floor, call: Call, agent: Agent) -> None:
    before = call.ticket_owner
    if call.ticket_id is None or call.state is not CallState.TALKING or before == agent.cti_id:
        return
    call.ticket_owner = agent.cti_id
    floor.touch_call(call)
    moved = {"from": before, "owner": agent.cti_id}
    floor.record(TicketNoted(call.ticket_id, "owner_changed", "system", floor.now, moved))


def set_phone_retry(floor: Floor, agent: Agent, at: float | None) -> None:
    agent.phone_retry_at = at
    floor.deadlines.set("phone", agent.cti_id, at)
    floor.touch_agent(agent)


def set_pause(floor: Floor, agent: Agent, at: float | None) -> None:
    agent.pause_ends_at = at
    floor.deadlines.set("pause", agent.cti_id, at)
    floor.touch_agent(agent)


def _ring(floor: Floor, call: Call, agent: Agent, offer: Offer, *, auto_answer: bool) -> None:
    leg = Leg(floor.ids.leg(call.id, Role.AGENT), Role.AGENT, agent.cti_id)
    offer.leg_id = call.agent_leg = leg.id
    floor.add_leg(call, leg)
    floor.confirm_by(leg, floor.now + CONFIRM_S)
    floor.act(
        CreateLeg(
            call.node,
            call.id,
            leg.id,
            cti_number=floor.entry(agent).cti_number,
            shown_number=call.customer_number,
            shown_name=call.customer_name,
            auto_answer=auto_answer,
        )
    )


def _current(floor: Floor, cti_id: str, offer_id: str) -> tuple[Agent, Call, Offer]:
    """The offer that the command names, if it is the one that is out."""
    agent = floor.agent(cti_id)
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    if call is None or call.offer is None or call.offer.id != offer_id or call.state not in OFFERED:
        raise OfferOver if offer_id in agent.recent_offers else NotFound
    if not floor.node_up(call.node):
        raise PbxUnavailable
    return agent, call, call.offer
