"""The state of an agent after a call has let go of them (requirements B6, C6, F1)."""

from cti_bridge.domain.border.notices import SessionEnded
from cti_bridge.domain.ending.login import end_login
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import CONVERSING, Agent, AgentState, Missed, Reason, Status, remember
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import NotTaken
from cti_bridge.domain.model.words import AfterCall, Cause, OfferResult, Prompt, SessionOver

# Members that every call looks up, by names of the module: see the package.
_IDLE = AgentState.IDLE
_TICKET_PROCESSING = Reason.TICKET_PROCESSING
_BUSINESS, _REST = Status.BUSINESS, Status.REST

StatusAfter = tuple[Status, str | None]

REASON_AFTER = {
    OfferResult.MISSED: Reason.MISSED,
    OfferResult.DECLINED: Reason.DECLINED,
    OfferResult.BUSY: Reason.PHONE_BUSY,
    OfferResult.UNREACHABLE: Reason.PHONE_UNREACHABLE,
}
"""Results of offers that an agent or a phone did not take, with the reason of business. The agent's idle time begins
anew, so that the next call rings with whoever else is ready first."""
_BY_AGENT = frozenset({OfferResult.MISSED, OfferResult.DECLINED})
_BY_PHONE = frozenset({OfferResult.MISSED, OfferResult.UNREACHABLE})
"""Results that an edge which is away has too."""


CAUSE_OF_LEAVING = {
    SessionOver.LOGOUT: Cause.LOGOUT,
    SessionOver.TAKEOVER: Cause.LOGIN,
    SessionOver.IDLE: Cause.LIMIT,
    SessionOver.LONGEST: Cause.LIMIT,
    SessionOver.PASSWORD: Cause.RECOVERY,
    SessionOver.OPERATOR: Cause.LOGOUT,
    SessionOver.SUPERVISOR: Cause.LOGOUT,
    SessionOver.REMOVED: Cause.RECOVERY,
}
"""The word in the agent's history."""


def after_conversation(floor: Floor) -> StatusAfter | None:
    """Return the status after a conversation, by the setting ``after_call``. None means the status of before: an agent
    on a break does not become ready by a call, such as one that they dialled or a recall."""
    if floor.policy.after_call == "ready":
        return None
    return _BUSINESS, _TICKET_PROCESSING


def rule_of(floor: Floor, result: OfferResult) -> NotTaken | None:
    """Return the rule of the house for an offer that was not taken in this way; None for any other end."""
    rule: NotTaken | None = getattr(floor.policy, result, None) if result in REASON_AFTER else None
    return rule


def after_failed_offer(floor: Floor, agent: Agent, result: OfferResult) -> StatusAfter | None:
    """Return the status after a failed offer. None means the status of before: an agent leaves ready only after so many
    in a row as the house allows."""
    rule = rule_of(floor, result)
    if rule is None or not rule.most or agent.in_a_row.get(result, 0) < rule.most:
        return None
    status = Status(rule.then or floor.policy.after_missed)
    if status is Status.READY:
        return None  # A ready agent stays ready; a recall does not make a sender on a break ready.
    return (status, REASON_AFTER[result] if status is _BUSINESS else None)


def not_taken(floor: Floor, agent: Agent, call: Call, result: OfferResult, cause: Cause | None = None) -> None:
    """The offer to the agent has failed: let them go. ``cause`` stands in their history where the word differs from the
    result."""
    if result in _BY_PHONE and floor.phones_in_doubt(call.node):
        # The edge was away: nobody knows whether the phone rang, or was lifted, and no agent pays for that.
        result, cause = OfferResult.WITHDRAWN, cause or cause_of(result)
    if result in REASON_AFTER:
        agent.idle_since = floor.now
        agent.in_a_row[result] = agent.in_a_row.get(result, 0) + 1
        if agent.cti_id not in call.wait.not_taken_by:
            call.wait.not_taken_by.append(agent.cti_id)
            floor.touch_call(call)
    let_go(floor, agent, call.id, cause or cause_of(result), after_failed_offer(floor, agent, result))
    if result in _BY_AGENT:
        agent.missed = Missed(result, call.customer.number, call.customer.name, floor.now)


def not_called_away(floor: Floor, agent: Agent, call: Call, result: OfferResult, cause: Cause | None) -> None:
    """A colleague's internal call is over for the agent, whether they took it or not. They are what they were before:
    no rule for missed calls of a queue holds, and nobody's place in the order of service changes."""
    caller = floor.agents.get(call.cti_id or "")
    taken = agent.state in CONVERSING
    let_go(floor, agent, call.id, Cause.CALL_ENDED if taken else cause or cause_of(result), None)
    if not taken and result is OfferResult.MISSED and caller is not None:
        name = floor.entry(caller).name or caller.cti_id
        agent.missed = Missed(result, caller.cti_number, name, floor.now)


def cause_of(result: OfferResult) -> Cause:
    """Return the word for this failed offer in the agent's history."""
    return Cause(result.value)


def let_go(
    floor: Floor,
    agent: Agent,
    call_id: str | None,
    cause: Cause,
    after: StatusAfter | None,
    kind: AfterCall = AfterCall.TALK,
) -> None:
    """The call is over for this agent. The agent is idle again, with the status they wished for, else ``after``, else
    the status of before. Ticket processing that begins is after-call work of this call, and of this kind; one that goes
    on is that of the call before."""
    if call_id is not None:
        remember(agent.recent_calls, call_id)
    agent.call_id = agent.offer_id = None
    wish = (agent.next_status, agent.next_reason) if agent.next_status else None
    agent.next_status = agent.next_reason = None
    if agent.session is None:
        wish = after = None  # An emergency call of somebody who is logged out, and stays so.
    status, reason = wish or after or (None, None)
    if reason == _TICKET_PROCESSING:
        agent.after_call_of, agent.after_call_kind = call_id, kind
    before = agent.after_processing if agent.reason == _TICKET_PROCESSING else _break_of(agent)
    floor.set_agent(agent, cause, state=_IDLE, status=status, reason=reason, call_id=call_id)
    if agent.processes_a_ticket:
        agent.after_processing = before
        begin_ticket_processing(floor, agent)
    if (why := must_leave(floor, agent)) is not None:
        end_session(floor, agent, why)


def _break_of(agent: Agent) -> StatusAfter | None:
    """Return the break to which the agent goes back after ticket processing, or None for ready."""
    return (agent.status, agent.reason) if agent.status in (_REST, _BUSINESS) else None


def must_leave(floor: Floor, agent: Agent) -> SessionOver | None:
    """Return the reason why the agent's session is to end as soon as no call needs the agent, or None."""
    entry = floor.entry(agent)
    if not entry.phone_permission:
        return SessionOver.REMOVED
    if agent.password_mark and entry.password_mark != agent.password_mark:
        return SessionOver.PASSWORD
    return agent.leaving


def end_beside(floor: Floor, agent: Agent, why: SessionOver) -> None:
    """End the session of a program, where there is one."""
    if agent.beside is not None:
        floor.tell(SessionEnded(agent.cti_id, agent.beside, why))
        floor.by_session.pop(agent.beside, None)
        agent.beside = None
        floor.touch_agent(agent)


def end_session(floor: Floor, agent: Agent, why: SessionOver) -> None:
    end_beside(floor, agent, why)
    if agent.session is not None:
        floor.tell(SessionEnded(agent.cti_id, agent.session, why))
        floor.by_session.pop(agent.session, None)
        end_login(floor, agent, why)
    agent.session, agent.csrf, agent.password_mark, agent.leaving = None, "", "", None
    agent.next_status = agent.next_reason = agent.help_at = None
    floor.set_agent(agent, CAUSE_OF_LEAVING[why], status=Status.OFFLINE)


def begin_ticket_processing(floor: Floor, agent: Agent) -> None:
    """Put the agent into ticket processing. Its optional limit runs from now. When ``after_call`` is ask, the panel
    asks the agent."""
    limit_s = processing_limit_s(floor, agent)
    set_processing_end(floor, agent, floor.now + limit_s if limit_s else None)
    agent.prompt = Prompt.AFTER_CALL if floor.policy.after_call == "ask" else None


def processing_limit_s(floor: Floor, agent: Agent) -> float | None:
    """Return the longest time that the agent may process a ticket, in seconds, or None: there is no limit."""
    return floor.policy.ticket_processing_limit_s or None


def set_processing_end(floor: Floor, agent: Agent, at: float | None) -> None:
    floor.set_deadline(Kind.PROCESSING, agent, at)


def processing_over(floor: Floor, agent: Agent) -> None:
    """The limit of ticket processing has run out. The agent becomes ready, or what they were before the call
    (requirement F1)."""
    status, reason = agent.after_processing or (Status.READY, None)
    floor.set_agent(agent, Cause.LIMIT, status=status, reason=reason)
