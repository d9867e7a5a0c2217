"""An agent asks for help, in a call or beside one, and supervisors see it until somebody ends it (requirement L4): the
agent, or who supervises them. It also ends with the session, for nobody is there to be helped."""

from cti_bridge.domain.border.commands import AskHelp, EndHelp
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.words import OPERATOR, CallEventType


def ask(floor: Floor, command: AskHelp) -> None:
    """Ask for help. To ask again changes nothing. Raises NotAllowedNow for who is not logged in."""
    agent = floor.agent(command.cti_id)
    if agent.session is None:
        raise NotAllowedNow("Only who is logged in asks for help.")
    if agent.help_at is None:
        agent.help_at = floor.now
        floor.touch_agent(agent)
        _event(floor, agent, CallEventType.HELP_ASKED, command.by)


def end(floor: Floor, command: EndHelp) -> None:
    """End it. Raises NotAllowedNow where nobody asks."""
    agent = floor.agent(command.cti_id)
    if agent.help_at is None:
        raise NotAllowedNow("The agent does not ask for help.")
    agent.help_at = None
    floor.touch_agent(agent)
    _event(floor, agent, CallEventType.HELP_ENDED, command.by)
    if command.by != agent.cti_id:
        entry = floor.directory.agents.get(command.by)
        name = (entry.name if entry is not None else "") or ("" if command.by == OPERATOR else command.by)
        floor.tell(Told(agent.cti_id, "help_answered", name))


def _event(floor: Floor, agent: Agent, type_: CallEventType, by: str) -> None:
    call = floor.calls.get(agent.call_id or "")
    if call is not None and call.state is not CallState.ENDED:
        floor.event(call, type_, cti_id=agent.cti_id, by_cti_id=by)
