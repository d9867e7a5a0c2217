"""The status that a supervisor gives an agent (requirement L3): rest, business or offline, during a call the one for
afterwards. Ready only where the agent was left behind by a call: out of Missed call, Declined and Ticket Processing.
Nobody is made to take calls who has chosen not to."""

from typing import Final

from cti_bridge.domain.agents.sessions import check_reason, checked_status, leave, wish
from cti_bridge.domain.border.commands import SetAgentStatus
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.ending.aftermath import set_processing_end
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState, Reason, Status
from cti_bridge.domain.model.words import OPERATOR, Cause, SessionOver

LEFT_BEHIND: Final = frozenset({Reason.MISSED, Reason.DECLINED, Reason.TICKET_PROCESSING})
"""The reasons of business out of which a supervisor may make an agent ready."""


def set_status(floor: Floor, command: SetAgentStatus) -> None:
    """Set the agent's status, or the one for after the call. Raises NotFound, InvalidBody, NotAllowedNow."""
    agent = floor.agent(command.cti_id)
    if command.status == Status.OFFLINE:
        check_reason(floor, command.status, command.reason)
        _need_login(agent)
        leave(floor, agent, SessionOver.OPERATOR if command.by == OPERATOR else SessionOver.SUPERVISOR)
        return
    status, reason = checked_status(floor, command.status, command.reason)
    _need_login(agent)
    if status is Status.READY and not _left_behind(agent):
        raise NotAllowedNow(
            "An agent is made ready only out of Missed call, Declined or Ticket Processing; else they choose it."
        )
    if agent.state is AgentState.IDLE:
        set_processing_end(floor, agent, None)
        agent.prompt = None
        floor.set_agent(agent, Cause.SUPERVISOR, status=status, reason=reason, by=command.by)
    else:
        wish(floor, agent, status, reason)
    floor.tell(Told(agent.cti_id, "status_set", "A supervisor has set your status."))


def _need_login(agent: Agent) -> None:
    if agent.session is None:
        raise NotAllowedNow("The agent is not logged in.")


def _left_behind(agent: Agent) -> bool:
    return agent.state is AgentState.IDLE and agent.status is Status.BUSINESS and agent.reason in LEFT_BEHIND
