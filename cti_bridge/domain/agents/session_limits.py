"""Sessions that end by themselves, and at the operator's word.

A session is used while a panel is connected or a call has the agent, and by requests. Nobody is logged out in the
middle of a call: such a session ends with it.
"""

from cti_bridge.domain.agents.sessions import leave
from cti_bridge.domain.border.commands import EndSession, SessionUsed
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.words import OPERATOR, SessionOver


def used(floor: Floor, fact: SessionUsed) -> None:
    agent = floor.agents.get(fact.cti_id)
    if agent is not None and agent.session == fact.session:
        agent.session_used_at = floor.now
        floor.touch_agent(agent)


def aged(floor: Floor) -> None:
    """End the sessions whose time is over."""
    for agent in list(floor.agents.values()):
        if agent.session is None:
            continue
        if not agent.session_began_at:
            # An earlier release did not keep it.
            agent.session_began_at = agent.session_used_at = floor.now
            agent.password_mark = floor.entry(agent).password_mark
            floor.touch_agent(agent)
        elif agent.leaving is None and (why := _over(floor, agent)) is not None:
            leave(floor, agent, why)


def end(floor: Floor, command: EndSession) -> None:
    """The operator, or a supervisor, ends the session. Raises NotFound."""
    why = SessionOver.OPERATOR if command.by == OPERATOR else SessionOver.SUPERVISOR
    leave(floor, floor.agent(command.cti_id), why)


def _over(floor: Floor, agent: Agent) -> SessionOver | None:
    policy = floor.policy
    if policy.session_longest_s and floor.now - agent.session_began_at >= policy.session_longest_s:
        return SessionOver.LONGEST if agent.offer_id is None else None
    in_use = agent.panel_there or agent.call_id is not None
    last = max(agent.session_used_at, agent.idle_since)
    if policy.session_idle_s and not in_use and floor.now - last >= policy.session_idle_s:
        return SessionOver.IDLE
    return None
