"""Login, logout and the status that an agent chooses (requirements A2, A4, B1 to B3, B6)."""

from cti_bridge.domain.agents import edge
from cti_bridge.domain.border.commands import LogIn, LogOut, PanelChanged, SetNextStatus, SetStatus
from cti_bridge.domain.border.errors import (
    InvalidBody,
    NoPhonePermission,
    NotAllowedNow,
    Unauthenticated,
)
from cti_bridge.domain.border.facts import PhoneChanged
from cti_bridge.domain.border.notices import SessionEnded
from cti_bridge.domain.ending.aftermath import CAUSE_OF_LEAVING, end_beside, end_session, set_processing_end
from cti_bridge.domain.ending.login import begin_login, end_login
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.legs import vanished
from cti_bridge.domain.model.agent import Agent, AgentState, Reason, Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import Cause, MonitorEnd, OfferResult, SessionOver
from cti_bridge.domain.monitors import rules
from cti_bridge.domain.offer.offer import set_phone_retry
from cti_bridge.domain.talk.lost import ring_again
from cti_bridge.domain.talk.offered import panel_gone, phone_gone, take_back

PANEL_GRACE_S = 10.0
"""The time in which an agent whose panel has gone still counts as sitting before it, in seconds. It is long enough for
a reload."""


def log_in(floor: Floor, command: LogIn) -> None:
    """Log the agent in. An old session ends and the status stays; without one the agent begins with the default status.
    Raises NoPhonePermission, Unauthenticated for a password that was changed meanwhile, NotAllowedNow for a program
    whose agent is not there."""
    agent = floor.agent(command.cti_id)
    entry = floor.entry(agent)
    if not entry.phone_permission:
        raise NoPhonePermission
    if command.password_mark and command.password_mark != entry.password_mark:
        raise Unauthenticated
    if command.beside:
        _let_beside(floor, agent, command.session)
        return
    if agent.session is not None:
        floor.tell(SessionEnded(agent.cti_id, agent.session, SessionOver.TAKEOVER))
        floor.by_session.pop(agent.session, None)
        end_login(floor, agent, SessionOver.TAKEOVER)
    first = agent.session is None
    agent.session, agent.csrf = command.session, command.csrf
    agent.session_began_at = agent.session_used_at = floor.now
    agent.password_mark, agent.leaving = command.password_mark, None
    agent.in_a_row.clear()
    floor.by_session[command.session] = agent.cti_id
    begin_login(floor, agent, command.from_address)
    floor.touch_agent(agent)
    if first:
        agent.idle_since = floor.now
        floor.set_agent(agent, Cause.LOGIN, status=Status(floor.policy.default_status))


def _let_beside(floor: Floor, agent: Agent, session: str) -> None:
    """Let a program in beside the agent. An earlier program's session ends."""
    if agent.session is None:
        raise NotAllowedNow("The agent is not logged in: a session beside theirs needs theirs.")
    end_beside(floor, agent, SessionOver.TAKEOVER)
    agent.beside = session
    floor.by_session[session] = agent.cti_id
    floor.touch_agent(agent)


def log_out(floor: Floor, command: LogOut) -> None:
    """Log the agent out. An offer goes to the next agent. Raises NotAllowedNow during a conversation, Unauthenticated
    for a session that is not the agent's."""
    agent = floor.agent(command.cti_id)
    if agent.beside is not None and agent.beside == command.session:
        end_beside(floor, agent, SessionOver.LOGOUT)
        return
    if agent.session is None or agent.session != command.session:
        raise Unauthenticated
    rules.end_of(floor, agent, MonitorEnd.LOGOUT)
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    if call is not None:
        if agent.offer_id is None or call.state is CallState.CONNECTING:
            raise NotAllowedNow("End the call before you log out.")
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.LOGOUT)
    end_session(floor, agent, SessionOver.LOGOUT)


def leave(floor: Floor, agent: Agent, why: SessionOver) -> None:
    """End the agent's session for this reason. An offer goes to the next agent. In a conversation the session ends as
    soon as it lets the agent go."""
    if agent.session is not None:
        agent.leaving = why
        floor.touch_agent(agent)
        let_out(floor, agent, why)


def let_out(floor: Floor, agent: Agent, why: SessionOver) -> None:
    """End the agent's session now, unless the agent is in a conversation."""
    if (call := unanswered(floor, agent)) is not None:
        take_back(floor, call, OfferResult.WITHDRAWN, CAUSE_OF_LEAVING[why])
    rules.end_of(floor, agent, MonitorEnd.LOGOUT)
    if agent.session is not None and agent.state is AgentState.IDLE:
        end_session(floor, agent, why)


def unanswered(floor: Floor, agent: Agent) -> Call | None:
    """Return the call that is offered to the agent and not answered yet."""
    call = floor.calls.get(agent.call_id or "")
    offered = call is not None and call.offer is not None and call.offer.cti_id == agent.cti_id
    return call if offered and call is not None and call.state is not CallState.CONNECTING else None


def set_status(floor: Floor, command: SetStatus) -> None:
    """Set the agent's status. During a call this is the wish for after it."""
    agent = floor.agent(command.cti_id)
    status, reason = checked_status(floor, command.status, command.reason)
    if agent.session is None:
        raise Unauthenticated
    if agent.state is not AgentState.IDLE:
        wish(floor, agent, status, reason)
        return
    set_processing_end(floor, agent, None)
    agent.prompt = None
    floor.set_agent(agent, Cause.COMMAND, status=status, reason=reason)


def set_next_status(floor: Floor, command: SetNextStatus) -> None:
    agent = floor.agent(command.cti_id)
    if agent.session is None:
        raise Unauthenticated
    if command.status is None:
        wish(floor, agent, None, None)
        return
    status, reason = checked_status(floor, command.status, command.reason)
    if agent.state is AgentState.IDLE:
        raise NotAllowedNow("There is no call. Set the status itself.")
    wish(floor, agent, status, reason)


def panel_changed(floor: Floor, fact: PanelChanged) -> None:
    agent = floor.agents.get(fact.cti_id)
    if agent is None or agent.panel_live is fact.live:
        return
    agent.panel_live, agent.session_used_at = fact.live, floor.now
    floor.set_deadline(Kind.PANEL, agent, None if fact.live else floor.now + PANEL_GRACE_S)
    floor.touch_agent(agent)


def panel_over(floor: Floor, agent: Agent) -> None:
    """The grace is over, and the panel has not come back. An offer that waits for the panel's Answer goes to another
    agent."""
    agent.panel_ends_at = None
    floor.touch_agent(agent)
    panel_gone(floor, agent)


def phone_changed(floor: Floor, fact: PhoneChanged) -> None:
    if floor.directory.edge and fact.cti_number == floor.directory.edge:
        edge.seen(floor, fact.node, there=fact.reachable)
        return
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    if agent is not None:
        phone_seen(floor, agent, fact.node, reachable=fact.reachable)


def phone_seen(floor: Floor, agent: Agent, node: str, *, reachable: bool) -> None:
    """The node has told whether the agent's phone is reachable there."""
    if reachable:
        floor.touch_agent(agent)
        if node not in agent.reachable_on:
            agent.reachable_on.append(node)
        if agent.phone_retry_at is not None:
            set_phone_retry(floor, agent, None)
        if agent.call_id is not None:
            ring_again(floor, agent.call_id)
        return
    if node in agent.reachable_on:
        agent.reachable_on.remove(node)
        floor.touch_agent(agent)
    if agent.call_id is not None:
        phone_gone(floor, agent)
        vanished.unreachable(floor, agent, node)


def phone_retry(floor: Floor, agent: Agent) -> None:
    """A phone that could not be called may be tried again."""
    agent.phone_retry_at = None
    floor.touch_agent(agent)


def pause_over(floor: Floor, agent: Agent) -> None:
    agent.pause_ends_at = None
    floor.touch_agent(agent)


def wish(floor: Floor, agent: Agent, status: Status | None, reason: str | None) -> None:
    """Set the status for after the call; None: it is the usual one."""
    agent.next_status, agent.next_reason = status, reason
    floor.touch_agent(agent)


def checked_status(floor: Floor, status: str, reason: str | None) -> tuple[Status, str | None]:
    """Return status and reason. Raises InvalidBody. Agents choose ready, rest or business, and a reason out of the
    configured list of that status (requirement B3)."""
    if status not in (Status.READY, Status.REST, Status.BUSINESS):
        raise InvalidBody(f"status must be ready, rest or business, not {status!r}.")
    check_reason(floor, status, reason)
    return Status(status), reason


def check_reason(floor: Floor, status: str, reason: str | None) -> None:
    """Raise InvalidBody if the reason is none that somebody may choose for the status."""
    if reason is None:
        return
    reasons = floor.policy.reasons(status)
    if not reasons:
        raise InvalidBody(f"{status} has no reasons.")
    if reason not in reasons or reason in tuple(Reason):
        raise InvalidBody(f"{reason!r} is not one of the reasons of {status}: {', '.join(reasons)}.")
