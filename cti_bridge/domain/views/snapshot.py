"""Read-only views of the floor, in the shapes of :mod:`cti_bridge.domain.border.views`."""

from cti_bridge.domain.audio.hold import PHONE
from cti_bridge.domain.border.views import (
    AgentView,
    CallView,
    ConsultView,
    MissedView,
    NextStatusView,
    OfferView,
    ResultView,
)
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.visits import places
from cti_bridge.domain.model.agent import Agent, Status
from cti_bridge.domain.model.call import WITH_TARGET, Call, CallState, Offer, Role
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.wiring import holding
from cti_bridge.domain.model.words import AnswerMode, ConsultState, Direction, MayAsk, PhoneState
from cti_bridge.domain.numbers.dialing import may_dial
from cti_bridge.domain.numbers.marks import marks_view
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.queue.no_calls import no_calls
from cti_bridge.domain.queue.stages import groups
from cti_bridge.domain.talk import digits
from cti_bridge.domain.talk.handback import can_take_back
from cti_bridge.domain.talk.warning import warning_of
from cti_bridge.domain.views.monitors import monitor_view, shown_to_agents
from cti_bridge.domain.views.recording import recording_actions, recording_view

_REACHABLE, _UNREACHABLE = PhoneState


def agent_view(floor: Floor, cti_id: str) -> AgentView:
    """Return the agent as their panel sees it. Raises NotFound."""
    agent = floor.agent(cti_id)
    entry = floor.entry(agent)
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    return AgentView(
        cti_id=agent.cti_id,
        name=entry.name or agent.cti_id,
        cti_number=agent.cti_number,
        answer=entry.answer,
        phone=_REACHABLE if agent.phone_reachable else _UNREACHABLE,
        status=agent.status,
        reason=agent.reason,
        next_status=status_view((agent.next_status, agent.next_reason)) if agent.next_status else None,
        state=agent.state,
        label=agent.label,
        since=iso(agent.since or floor.now),
        ticket_processing_ends_at=iso(agent.processing_ends_at) if agent.processing_ends_at else None,
        after_processing=status_view(agent.after_processing),
        prompt=agent.prompt,
        missed=_missed(agent),
        offer=offer_view(call) if call and call.offer and call.offer.cti_id == cti_id else None,
        call=call_view(floor, call) if call else None,
        allowed_actions=allowed_actions(floor, agent, call),
        no_calls=no_calls(floor, agent),
        waiting=_waiting(floor, agent, call),
        help_since=iso(agent.help_at) if agent.help_at is not None else None,
        monitor=monitor_view(floor, agent) if agent.monitor_id is not None else None,
    )


def offer_view(call: Call) -> OfferView | None:
    if call.offer is None:
        return None
    return OfferView(call.offer.id, call.id, iso(call.offer.expires_at))


def call_view(floor: Floor, call: Call) -> CallView:
    return CallView(
        call_id=call.id,
        direction=call.direction,
        emergency=call.dialling.emergency,
        service=call.service,
        customer_number=call.customer.number,
        customer_name=call.customer.name,
        dialed_number=call.dialed_number,
        calling_number=call.dialling.calling_number,
        queue=call.queue,
        waited_s=round(_waited_s(floor, call), 1),
        state=call.state,
        rings=_rings_now(call),
        since=iso(call.state_since),
        answered_at=iso(call.answered_at) if call.answered_at else None,
        ticket_id=call.ticket_id,
        marks=marks_view(floor, call),
        warnings=call.warnings,
        held_by=call.held_by,
        holding=holding(call),
        digits_to=[leg.role for leg in digits.hearers(call)],
        asked_by=_asked_by(floor, call),
        consult=_consult(floor, call),
        last_result=_last_result(floor, call),
        category=call.category,
        data=dict(call.variables) if call.variables else call.variables,
        way=list(call.way.taken) if call.way is not None else [],
        skills=_skills(floor, call),
        recording=recording_view(floor, call),
        monitors=shown_to_agents(floor, call),
    )


def _waiting(floor: Floor, agent: Agent, call: Call | None) -> int:
    """Return how many callers have a place in the agent's queues, without the call that is offered to the agent."""
    queues = floor.entry(agent).queues
    own = call is not None and call.visit is not None and call.visit.waits and call.visit.queue in queues
    return sum(places(floor, queue) for queue in queues) - own


def _skills(floor: Floor, call: Call) -> dict[str, int]:
    """Return the skills that the call asks for, in the stage of its wait."""
    of_call = groups(floor, call)
    return dict(of_call[0].skills) if of_call and of_call[0].skills else {}


def _waited_s(floor: Floor, call: Call) -> float:
    """Return the seconds of the present wait, or of the one before the conversation."""
    if call.wait.since is None and call.answered_at is not None:
        return call.wait.lasted_s
    return floor.now - (call.wait.since or call.arrived_at)


_RUNG = {
    CallState.RINGING: Role.AGENT,
    CallState.ACCEPTED: Role.AGENT,
    CallState.DIALING_AGENT: Role.AGENT,
    CallState.DIALING_CUSTOMER: Role.CUSTOMER,
    CallState.CONSULT_RINGING: Role.TARGET,
    CallState.TRANSFER_RINGING: Role.TARGET,
    CallState.INTERNAL_RINGING: Role.TARGET,
}
"""By state, the party who is rung."""


def _rings_now(call: Call) -> bool:
    leg = call.leg_of(_RUNG[call.state]) if call.state in _RUNG else None
    return leg is not None and leg.rang


_S, _M = CallState, MayAsk
_ACTIONS: dict[CallState, tuple[MayAsk, ...]] = {
    _S.DIALING_AGENT: (_M.HANG_UP,),
    _S.DIALING_CUSTOMER: (_M.HANG_UP,),
    _S.TALKING: (_M.HOLD, _M.CONSULT, _M.TRANSFER, _M.WARN, _M.FORCE_DISCONNECT, _M.HANG_UP, _M.DTMF),
    _S.WARNING: (_M.STOP_WARNING, _M.FORCE_DISCONNECT, _M.HANG_UP),
    _S.ON_HOLD: (_M.RESUME, _M.CONSULT, _M.TRANSFER, _M.FORCE_DISCONNECT, _M.HANG_UP),
    _S.CONSULT_RINGING: (_M.CONNECT, _M.CANCEL, _M.HANG_UP),
    _S.CONSULT_TALKING: (_M.CONNECT, _M.CANCEL, _M.SWAP, _M.JOIN, _M.HANG_UP, _M.DTMF),
    _S.CONSULT_SWAPPED: (_M.CONNECT, _M.CANCEL, _M.SWAP, _M.JOIN, _M.HANG_UP, _M.DTMF),
    _S.THREE_TOGETHER: (_M.LEAVE, _M.REMOVE, _M.HANG_UP, _M.DTMF),
    _S.CONSULT_ALONE: (_M.CANCEL, _M.HANG_UP, _M.DTMF),
    _S.INTERNAL_RINGING: (_M.HANG_UP,),
    _S.INTERNAL_TALKING: (_M.HOLD, _M.HANG_UP),
    _S.INTERNAL_ON_HOLD: (_M.RESUME, _M.HANG_UP),
    _S.INTERNAL_HELD: (_M.HANG_UP,),
}
"""By state, the requests open to the agent who leads the call (the last column of the matrix)."""


_TARGET_MAY: dict[CallState, tuple[MayAsk, ...]] = {
    **dict.fromkeys(WITH_TARGET - {_S.CONSULT_RINGING}, (_M.HANG_UP,)),
    _S.INTERNAL_TALKING: (_M.HOLD, _M.HANG_UP),
    _S.INTERNAL_ON_HOLD: (_M.HANG_UP,),
    _S.INTERNAL_HELD: (_M.RESUME, _M.HANG_UP),
}
"""The same for who is the target of the call."""


def allowed_actions(floor: Floor, agent: Agent, call: Call | None) -> list[MayAsk]:
    """Return the commands that would not be refused now."""
    if call is None:
        return _idle_actions(floor, agent)
    offered = call.offer is not None and call.offer.cti_id == agent.cti_id
    if not floor.node_up(call.node):
        return [] if offered else [_M.HANG_UP]
    if call.offer is not None and offered:
        return _offer_actions(floor, agent, call, call.offer)
    if call.cti_id != agent.cti_id:
        return list(_TARGET_MAY.get(call.state, ()))
    actions = list(_ACTIONS.get(call.state, ()))
    if PHONE in call.held_by and _M.RESUME in actions:
        actions.remove(_M.RESUME)
    if _M.CONNECT in actions and call.customer_leg is None:
        actions.remove(_M.CONNECT)
    if _M.SWAP in actions and is_emergency(floor, call.target):
        actions.remove(_M.SWAP)
    if _M.DTMF in actions and not digits.hearers(call):
        actions.remove(_M.DTMF)
    if _M.WARN in actions and not warning_of(floor, call):
        actions.remove(_M.WARN)
    actions += recording_actions(call)
    return [action for action in actions if not call.dialling.emergency or action not in (_M.WARN, _M.FORCE_DISCONNECT)]


def _idle_actions(floor: Floor, agent: Agent) -> list[MayAsk]:
    """Return the requests open to an idle agent: Dial up; recall, while a direct transfer of theirs still rings."""
    if not agent.logged_in:
        return []
    sent = (floor.calls.get(call_id) for call_id in agent.recent_calls)
    ringing = any(
        call and call.sender == agent.cti_id and _rings(floor, call) and can_take_back(floor, agent, call)
        for call in sent
    )
    return [*([_M.DIAL] if may_dial(floor, agent) else []), *([_M.RECALL] if ringing else [])]


def _rings(floor: Floor, call: Call) -> bool:
    """Return whether this is a direct transfer that nobody has answered yet."""
    return call.state is _S.TRANSFER_RINGING and call.target is not None and floor.node_up(call.node)


def _offer_actions(floor: Floor, agent: Agent, call: Call, offer: Offer) -> list[MayAsk]:
    if call.state is CallState.CONNECTING:
        return []
    answerable = (
        floor.entry(agent).answer is AnswerMode.AUTO and agent.phone_reachable_on(call.node) and offer.leg_id is None
    )
    return [_M.ANSWER, _M.DECLINE] if answerable else [_M.DECLINE]


def _consult(floor: Floor, call: Call) -> ConsultView | None:
    number, cti_id = (call.target.number, call.target.cti_id) if call.target else (None, None)
    if call.direction is Direction.INTERNAL:
        number, cti_id = call.dialed_number, call.dialling.colleague
    if number is None or call.state not in _CONSULT_STATES:
        return None
    entry = floor.directory.agents.get(cti_id or "")
    return ConsultView(number, entry.name if entry else "", _CONSULT_STATES[call.state])


def _asked_by(floor: Floor, call: Call) -> str:
    leads = call.state in WITH_TARGET or call.direction is Direction.INTERNAL
    asking = call.cti_id if leads else call.sender if call.state is _S.TRANSFER_RINGING else None
    entry = floor.directory.agents.get(asking or "")
    return (entry.name if entry else "") or asking or ""


def _missed(agent: Agent) -> MissedView | None:
    missed = agent.missed
    if missed is None:
        return None
    return MissedView(missed.result, missed.customer_number, missed.customer_name, iso(missed.at))


def _last_result(floor: Floor, call: Call) -> ResultView | None:
    if call.last_result is None:
        return None
    target = call.last_result.target
    entry = floor.directory.agents.get(floor.by_cti_number.get(target, ""))
    return ResultView(target, call.last_result.reason, entry.name if entry else "")


_CONSULT_STATES = {
    _S.CONSULT_RINGING: ConsultState.RINGING,
    _S.CONSULT_TALKING: ConsultState.TALKING,
    _S.CONSULT_SWAPPED: ConsultState.HELD,
    _S.THREE_TOGETHER: ConsultState.JOINED,
    _S.CONSULT_ALONE: ConsultState.ALONE,
    _S.DIALING_AGENT: ConsultState.RINGING,
    _S.INTERNAL_RINGING: ConsultState.RINGING,
    _S.INTERNAL_TALKING: ConsultState.TALKING,
    _S.INTERNAL_ON_HOLD: ConsultState.HELD,
    _S.INTERNAL_HELD: ConsultState.TALKING,
}


def status_view(chosen: tuple[Status, str | None] | None) -> NextStatusView | None:
    return NextStatusView(*chosen) if chosen else None
