"""The offer: one agent is rung for one call (requirements C2 to C6).

It begins in :func:`make`, when a waiting call and an assignable agent met. It ends in exactly one way: *answered*
when both were seen in the bridge (:func:`connected`), or through :func:`fail`: missed (the pickup time is over),
declined, unreachable, withdrawn; or caller_left when the call ends (:mod:`cti_bridge.domain.ending.outcome`). A failed
offer puts the call back where it stood in the queue.

How the phone is called depends on the agent's answer mode. phone, browser: it rings at once. auto: only the panel
alerts; Answer makes the phone be called with headers that let it answer by itself, within ``ACCEPT_S``.
"""

from math import ceil

from cti_bridge.domain.audio import notice
from cti_bridge.domain.audio.messages import play
from cti_bridge.domain.border.actions import DialLeg
from cti_bridge.domain.border.errors import (
    NotFound,
    OfferOver,
    PbxUnavailable,
)
from cti_bridge.domain.ending.aftermath import cause_of, not_taken, rule_of
from cti_bridge.domain.ending.outcome import close_offer
from cti_bridge.domain.ending.ticketing import open_ticket
from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import hang_up, rewire
from cti_bridge.domain.model.agent import Agent, AgentState, Status
from cti_bridge.domain.model.call import Call, CallState, Leg, Offer, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.handling import Handling
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.words import AnswerMode, CallEventType, Cause, OfferKind, OfferResult, Returned, VisitExit
from cti_bridge.domain.offer import conversation
from cti_bridge.domain.offer.ringing import (
    OUTSIDE_RING_S,
    goes_on_by_hand,
    missed,
    offer_s,
    offer_to,
    pickup_s,
    ring_phone,
    tell_of,
)
from cti_bridge.domain.queue import announcements, last_agent, stages
from cti_bridge.domain.queue.limits import watch_no_more
from cti_bridge.domain.queue.queueing import back_to_queue, back_to_queue_first
from cti_bridge.domain.queue.stages import lender_of
from cti_bridge.domain.scenario import typed

# Members that every call looks up, by names of the module: see the package.
_AUTO = AnswerMode.AUTO
_CONNECTED = CallEventType.CONNECTED
_WAS_ANSWERED = OfferResult.ANSWERED
_NOWHERE = Place.NOWHERE
_LEFT_ANSWERED = VisitExit.ANSWERED
_CONNECTING, _RINGING = CallState.CONNECTING, CallState.RINGING
_ANSWERED = Cause.ANSWERED
_LONGEST_WAIT, _OFFER = Kind.LONGEST_WAIT, Kind.OFFER
_QUEUE = OfferKind.QUEUE
_AGENT, _TARGET = Role.AGENT, Role.TARGET
_DIALED, _UP = Stage.DIALED, Stage.UP

PAUSE_S = 5.0
"""The least time without offers for an agent who did not take one and stays ready, in seconds. A phone that refuses at
once must not spin."""
AGENT_SOUND_S = 15.0
"""The longest message to an agent who has lifted, in seconds: the customer waits for them."""
DIAL_MARGIN_S = 5
"""The seconds by which the PBX lets a phone ring longer than we do. Its own limit is for the case that we have died."""


def make(floor: Floor, call: Call, agent: Agent, cause: Cause = Cause.OFFERED) -> None:
    kind = OfferKind.RECALL if call.recalled else _QUEUE
    offer = offer_to(floor, call, agent, floor.now, kind)
    if kind is _QUEUE:
        offer.queue = lender_of(floor, call, agent) or call.queue
    offer.expires_at = floor.now + offer_s(floor, call)
    call.cti_id = agent.cti_id
    floor.move_call(call, _RINGING, cause)
    tell_of(floor, call, offer)
    if floor.policy.open_ticket == "ring":
        open_ticket(floor, call, agent)
    if floor.entry(agent).answer is not _AUTO:
        ring_agent(floor, call, agent, auto_answer=False)
    floor.set_deadline(_OFFER, call, offer.expires_at)


def expired(floor: Floor, call: Call) -> None:
    """The pickup time, or the time to accept, is over (C5)."""
    agent, leg = floor.agents[call.cti_id or ""], call.leg_of(_AGENT)
    if not goes_on_by_hand(floor, call, leg):
        fail(floor, call, missed(floor, call, agent, leg))


def dial(floor: Floor, call: Call, leg: Leg) -> None:
    """The leg exists: let the phone ring."""
    leg.stage, leg.dialed_at = _DIALED, floor.now
    floor.drop_order(leg.id)
    floor.touch_call(call)
    rings_s = max(1, ceil(_rings_until(floor, call, leg) - floor.now))
    floor.act(DialLeg(call.node, call.id, leg.id, rings_s + DIAL_MARGIN_S))


def _rings_until(floor: Floor, call: Call, leg: Leg) -> float:
    """Return the latest time until which anything lets the phone ring."""
    offer, target = call.offer, call.target
    ends = [at for at in (call.dialling.ends_at, call.lost_until_at) if at is not None]
    if offer is not None:
        ends.append(offer.expires_at + (pickup_s(floor, call) if offer.accepted else 0.0))
    if target is not None:
        ends.append(target.expires_at)
    if leg.role is _TARGET and leg.cti_id is None:  # Our limit is longer when it rings.
        ends.append(floor.now + max(OUTSIDE_RING_S, target.ring_s or 0.0 if target is not None else 0.0))
    return max(ends, default=floor.now)


def lifted(floor: Floor, call: Call, leg: Leg) -> None:
    """The agent's phone has answered: both go into the bridge, if there is nothing that the agent hears before."""
    leg.stage, leg.place = _UP, _NOWHERE
    accepted(floor, call)
    floor.move_call(call, _CONNECTING, _ANSWERED)
    if notice.begin(floor, call):
        rewire(floor, call)
    else:
        _brief(floor, call)


def _brief(floor: Floor, call: Call) -> None:
    """Let the agent hear the message of the queue, where it has one; else both go into the bridge."""
    if sound := _agent_sound(floor, call):
        agent = floor.agents[call.cti_id or ""]
        if agent.state is not AgentState.ACCEPTED:
            floor.set_agent(agent, Cause.ACCEPTED, state=AgentState.ACCEPTED, call_id=call.id)
        play(floor, call, Prompt(sound, To.OWN, Then.JOIN, AGENT_SOUND_S))
    else:
        rewire(floor, call)


def _agent_sound(floor: Floor, call: Call) -> str:
    """Return the message of the queue to the agent. Who gets a call of their own back knows what it is."""
    queue = floor.directory.queues.get(call.queue or "")
    asked = call.offer is not None and call.offer.kind is _QUEUE
    return queue.agent_sound if queue is not None and asked else ""


def told(floor: Floor, call: Call) -> None:
    """The notice is over, and its hearer may be recorded: the call goes on."""
    notice.heard(floor, call)
    if call.state is CallState.CONNECTING:
        _brief(floor, call)
    elif call.state in (CallState.WAITING, CallState.RINGING, CallState.ACCEPTED):
        announcements.over(floor, call)
    elif not notice.go_on(floor, call):
        rewire(floor, call)


def briefed(floor: Floor, call: Call) -> None:
    """The agent has heard the message of the queue: both go into the bridge."""
    rewire(floor, call)


def accepted(floor: Floor, call: Call) -> None:
    """The agent has lifted the phone, or pressed Answer: the first of them counts."""
    if call.offer is not None and call.offer.accepted_at is None:
        call.offer.accepted_at = floor.now


def connected(floor: Floor, call: Call) -> None:
    """Agent and caller were seen in the bridge: the agent is Talking, and the ticket is opened (C4)."""
    offer, agent = call.offer, floor.agents[call.cti_id or ""]
    call.wait.lasted_s = floor.now - (call.wait.since or call.arrived_at)
    floor.tally.answered(call)
    floor.set_deadline(_LONGEST_WAIT, call, None)
    stages.end(floor, call)
    last_agent.end(floor, call)
    close_offer(floor, call, _WAS_ANSWERED)
    if call.visit is not None and offer is not None and offer.queue != call.queue:
        call.visit.lender = offer.queue
    visits.leave(floor, call, _LEFT_ANSWERED)
    watch_no_more(floor, call)
    announcements.end(floor, call)
    typed.forget_keys(floor, call)  # One that was pressed while the phone rang answers nothing behind the talk.
    if call.visit is not None and offer is not None and not call.recalled:
        agent.handling = Handling(call.visit.queue, call.visit.id, offer.offered_at)
    told = {"cti_id": agent.cti_id, "offer_id": offer.id if offer else None}
    conversation.begin(floor, call, agent, _ANSWERED, _CONNECTED, **told)


def fail(floor: Floor, call: Call, result: OfferResult, cause: Cause | None = None) -> None:
    """The offer has failed: let the agent go, and put the call back to its place in the queue. ``cause`` stands in the
    agent's history where the word differs from the result."""
    agent = floor.agents[call.cti_id or ""]
    close_offer(floor, call, result)
    leg = call.leg_of(_AGENT)
    call.cti_id = None
    call.parties.pop(_AGENT, None)
    if leg is not None:
        hang_up(floor, call, leg)
    if result is OfferResult.UNREACHABLE:
        retry_later(floor, agent)
    last_agent.tried(floor, call, agent)
    not_taken(floor, agent, call, result, cause)
    pause(floor, agent, result)
    if call.recalled:
        back_to_queue_first(floor, call, cause_of(result), Returned.TRANSFER_FAILED)
    else:
        back_to_queue(floor, call, cause_of(result))


def pause(floor: Floor, agent: Agent, result: OfferResult) -> None:
    """Give an agent who stays ready behind a failed offer no other one for a while."""
    if result is not OfferResult.UNREACHABLE and agent.status is Status.READY:
        rule = rule_of(floor, result)
        set_pause(floor, agent, floor.now + max(PAUSE_S, rule.pause_s if rule else 0.0))


def retry_later(floor: Floor, agent: Agent) -> None:
    """The phone could not be called: it counts as unreachable for a while, unless it registers."""
    set_phone_retry(floor, agent, floor.now + floor.policy.unreachable.pause_s)


def set_phone_retry(floor: Floor, agent: Agent, at: float | None) -> None:
    floor.set_deadline(Kind.PHONE, agent, at)
    floor.touch_agent(agent)


def set_pause(floor: Floor, agent: Agent, at: float | None) -> None:
    floor.set_deadline(Kind.PAUSE, agent, at)
    floor.touch_agent(agent)


def ring_agent(floor: Floor, call: Call, agent: Agent, *, auto_answer: bool) -> None:
    """Call the phone of the agent who leads the call, or is going to."""
    ring_phone(floor, call, agent, _AGENT, auto_answer=auto_answer)


def current_offer(floor: Floor, cti_id: str, offer_id: str) -> tuple[Agent, Call, Offer]:
    """Return the agent, the call and the offer that the command names. Raises OfferOver or NotFound unless it is the
    agent's present offer, PbxUnavailable while the call's PBX is away."""
    agent = floor.agent(cti_id)
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    if call is None or call.offer is None or (call.offer.id, call.offer.cti_id) != (offer_id, cti_id):
        raise OfferOver if offer_id in agent.recent_offers else NotFound
    if not floor.node_up(call.node):
        raise PbxUnavailable
    return agent, call, call.offer
