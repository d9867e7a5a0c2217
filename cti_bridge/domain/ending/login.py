"""The row of a session: when an agent logged in and from where, when it ended and why."""

from cti_bridge.domain.border.records import LoginRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, Login
from cti_bridge.domain.model.words import LoginEnd, SessionOver

_WORDS = {
    SessionOver.LOGOUT: LoginEnd.SELF,
    SessionOver.TAKEOVER: LoginEnd.TAKEOVER,
    SessionOver.IDLE: LoginEnd.EXPIRED,
    SessionOver.LONGEST: LoginEnd.EXPIRED,
    SessionOver.PASSWORD: LoginEnd.PASSWORD,
    SessionOver.OPERATOR: LoginEnd.OPERATOR,
    SessionOver.SUPERVISOR: LoginEnd.SUPERVISOR,
    SessionOver.REMOVED: LoginEnd.REMOVED,
}


def begin_login(floor: Floor, agent: Agent, from_address: str | None) -> None:
    agent.login = Login(floor.ids.uuid(floor.now), floor.now, from_address)
    floor.record(LoginRow(agent.login.id, agent.cti_id, floor.now, None, None, from_address))


def end_login(floor: Floor, agent: Agent, why: SessionOver) -> None:
    login, agent.login = agent.login, None
    if login is not None:
        ended_at = max(floor.now, login.at)
        floor.record(LoginRow(login.id, agent.cti_id, login.at, ended_at, _WORDS[why], login.from_address))
