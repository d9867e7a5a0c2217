"""A supervisor speaks to a team (requirement L3): a notice to those who are logged in. It is kept nowhere."""

from cti_bridge.domain.border.commands import MessageTeam
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.floor.floor import Floor


def logged_in(floor: Floor, cti_ids: tuple[str, ...]) -> list[str]:
    """Return those of the agents (CTI IDs) who are logged in."""
    return [one for one in cti_ids if one in floor.agents and floor.agents[one].session is not None]


def message(floor: Floor, command: MessageTeam) -> None:
    """Show the text to all of the agents who are logged in."""
    entry = floor.directory.agents.get(command.by)
    name = (entry.name if entry is not None else "") or command.by
    for cti_id in logged_in(floor, command.cti_ids):
        floor.tell(Told(cti_id, "team_message", f"{name}: {command.text}"))
