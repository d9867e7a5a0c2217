"""Checks of roles, rights, teams and clients: each right is of use to who has it, each team has somebody in it, and
each token is that of one client."""

from typing import Any, Final

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean
from cti_bridge.config.written import rows_of
from cti_bridge.domain.model.words import Right

Table = dict[str, Any]

_OF_SUPERVISORS: Final = {
    Right.MONITOR: "an agent hears the own calls alone",
    Right.ERASE: "an agent deletes no recordings",
}
"""Rights that an agent cannot have, with the reason."""


def check_rights(merged: Merged) -> None:
    """Add all errors and warnings to the problems of ``merged``."""
    rows = list(rows_of(merged, "agents"))
    _tokens(merged)
    for path, agent in rows:
        if agent.get("role", "agent") == "agent":
            _of_an_agent(merged, path, agent)
        elif agent.get("role") == "supervisor":
            _teams(merged, path, agent, [row for _, row in rows])


def _of_an_agent(merged: Merged, path: Path, agent: Table) -> None:
    rights = _texts(agent, "rights")
    for right, why in _OF_SUPERVISORS.items():
        if right in rights:
            merged.error((*path, "rights", rights[right]), f'"{right}" is a right of supervisors: {why}')
    if agent.get("supervises"):
        merged.error((*path, "supervises"), 'an agent supervises nobody; without role = "supervisor" this does nothing')


def _teams(merged: Merged, path: Path, supervisor: Table, everybody: list[Table]) -> None:
    """A team that nobody is in is a slip of the pen. One whose people work for other services is hardly meant."""
    known = {row["team"] for row in everybody if isinstance(row.get("team"), str)}
    services = set(_texts(supervisor, "services"))
    for team, index in _texts(supervisor, "supervises").items():
        place = (*path, "supervises", index)
        if team not in known:
            merged.error(place, f'nobody is in the team "{team}"{did_you_mean(team, known)}')
        elif not any(services & set(_texts(row, "services")) for row in everybody if row.get("team") == team):
            merged.warn(place, f'nobody in the team "{team}" works for a service of this supervisor')


def _tokens(merged: Merged) -> None:
    seen: dict[str, str] = {}
    for path, client in rows_of(merged, "clients"):
        id_, token = client.get("id"), client.get("token_hash")
        if isinstance(token, str) and (other := seen.setdefault(token, str(id_))) != id_:
            merged.error((*path, "token_hash"), f'client "{other}" has this token already; each needs one of its own')


def _texts(row: Table, key: str) -> dict[str, int]:
    """Return the texts of a list, each with its last index."""
    value = row.get(key)
    found = value if isinstance(value, list) else []
    return {text: index for index, text in enumerate(found) if isinstance(text, str)}
