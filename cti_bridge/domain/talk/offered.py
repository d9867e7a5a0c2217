"""An agent's answer to an offer of the queue or of a colleague: to answer, to decline, to log out, or to have no phone
for it (requirements C4, C6, E4)."""

from cti_bridge.domain.border.commands import AnswerOffer, DeclineOffer
from cti_bridge.domain.border.errors import AnswerOnPhone, NotAllowedNow, OfferOver, PhoneUnreachable
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import AnswerMode, CallEventType, Cause, OfferResult, TargetGone
from cti_bridge.domain.offer.offer import accepted, current_offer, fail, ring_agent
from cti_bridge.domain.offer.ringing import ACCEPT_S
from cti_bridge.domain.talk.target import gone, ring_target


def answer(floor: Floor, command: AnswerOffer) -> None:
    """The agent pressed Answer."""
    agent, call, offer = current_offer(floor, command.cti_id, command.offer_id)
    if floor.entry(agent).answer is not AnswerMode.AUTO:
        raise AnswerOnPhone
    if offer.accepted or offer.leg_id is not None:
        raise NotAllowedNow("The call is being connected.")
    if not agent.phone_reachable_on(call.node):
        raise PhoneUnreachable
    offer.accepted, until = True, floor.now + ACCEPT_S
    accepted(floor, call)
    floor.set_deadline(Kind.OFFER, call, until)
    floor.event(call, CallEventType.ACCEPTED, cti_id=agent.cti_id)
    if call.target is not None:
        floor.set_deadline(Kind.TARGET, call, until)
        floor.set_agent(agent, Cause.ACCEPTED, state=AgentState.ACCEPTED, call_id=call.id)
        ring_target(floor, call, agent, auto_answer=True)
        return
    floor.move_call(call, CallState.ACCEPTED, Cause.ACCEPTED)
    ring_agent(floor, call, agent, auto_answer=True)


def decline(floor: Floor, command: DeclineOffer) -> None:
    """The agent pressed Cancel (requirement C6)."""
    _, call, _ = current_offer(floor, command.cti_id, command.offer_id)
    if call.state is CallState.CONNECTING:
        raise OfferOver("The call has been answered.")
    take_back(floor, call, OfferResult.DECLINED)


def take_back(floor: Floor, call: Call, result: OfferResult, cause: Cause | None = None) -> None:
    """Withdraw the present offer. ``cause`` as in :func:`cti_bridge.domain.offer.offer.fail`."""
    if call.target is not None:
        gone(floor, call, result, TargetGone(result), cause)
    else:
        fail(floor, call, result, cause)


def phone_gone(floor: Floor, agent: Agent) -> None:
    """The phone has left a node. If it was to ring there, withdraw an offer that waits for the panel's Answer."""
    call = _unanswered(floor, agent)
    if call is not None and call.node not in agent.reachable_on:
        take_back(floor, call, OfferResult.UNREACHABLE)


def panel_gone(floor: Floor, agent: Agent) -> None:
    """The panel has disconnected, so nobody can press Answer. Withdraw an offer that waits for that. A phone in the
    browser may ring on, unseen."""
    answer, call = floor.entry(agent).answer, _offered(floor, agent)
    if call is None or call.offer is None or answer is AnswerMode.PHONE or call.state is CallState.CONNECTING:
        return
    if answer is AnswerMode.BROWSER or call.offer.leg_id is None:
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.UNREACHABLE)


def _unanswered(floor: Floor, agent: Agent) -> Call | None:
    """Return the call that is offered to the agent and whose phone is not being called yet."""
    call = _offered(floor, agent)
    return call if call and call.offer and call.offer.leg_id is None else None


def _offered(floor: Floor, agent: Agent) -> Call | None:
    """Return the call that is offered to the agent."""
    call = floor.calls.get(agent.call_id or "")
    return call if call and call.offer and call.offer.cti_id == agent.cti_id else None
