"""Checks of relations between settings. They read the merged values as they were written, so that one error does not
hide the others."""

from typing import Final

from cti_bridge.config.check_edge import check_edge
from cti_bridge.config.check_outbound import check_outbound
from cti_bridge.config.check_pbxs import check_pbxs
from cti_bridge.config.check_queues import check_queues
from cti_bridge.config.check_reach import check_reach
from cti_bridge.config.check_recording import check_recording
from cti_bridge.config.check_rights import check_rights
from cti_bridge.config.check_scenarios import check_scenarios
from cti_bridge.config.check_stages import check_stages
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean
from cti_bridge.config.written import by_name, is_misread, names_in, refuse_repeats, rows_of, text_of, texts_of
from cti_bridge.domain.model.agent import Reason

_REFERENCES: Final = (
    ("calling_numbers", "service", "services"),
    ("queues", "service", "services"),
    ("scenarios", "service", "services"),
    ("agents", "services", "services"),
    ("clients", "services", "services"),
    ("scenarios", "queue", "queues"),
    ("services", "return_queue", "queues"),
    ("agents", "queues", "queues"),
)
"""(table, key, what the key names)."""
_LISTS: Final = (
    ("agents", "services"),
    ("clients", "services"),
    ("clients", "scopes"),
    ("agents", "queues"),
    ("agents", "rights"),
    ("agents", "supervises"),
    ("services", "allowed_prefixes"),
    ("services", "allowed_regions"),
    ("services", "allowed_types"),
)
"""(table, key): lists without repetitions."""
_SINGULAR: Final = {"services": "service", "queues": "queue"}


def check(merged: Merged) -> None:
    """Add all errors to the problems of ``merged``."""
    _references(merged)
    _queues_belong(merged)
    check_scenarios(merged)
    check_stages(merged)
    check_queues(merged)
    check_recording(merged)
    check_pbxs(merged)
    check_edge(merged)
    _agents(merged)
    check_rights(merged)
    _reasons(merged)
    _emergency(merged)
    _unserved(merged)
    _unreached_queues(merged)
    check_outbound(merged)
    check_reach(merged)
    _spare(merged)


def _references(merged: Merged) -> None:
    for table, key, target in _REFERENCES:
        if is_misread(merged, target):
            continue
        names = set(by_name(merged, target))
        for path, name in names_in(merged, table, key):
            if name not in names:
                merged.error(path, f'there is no {_SINGULAR[target]} "{name}"{did_you_mean(name, names)}')


def _queues_belong(merged: Merged) -> None:
    """A queue belongs to one service. Calls of another service would be given to agents who may not see their
    tickets."""
    queues, services = by_name(merged, "queues"), by_name(merged, "services")
    for table, key, own in (
        ("scenarios", "queue", "service"),
        ("services", "return_queue", "id"),
        ("agents", "queues", "services"),
    ):
        rows = dict(rows_of(merged, table))
        for path, name in names_in(merged, table, key):
            row = rows[path[:2]]
            theirs = text_of(queues.get(name, {}), "service")
            ours = texts_of(row.get(own))
            if ours and theirs in services and theirs not in ours:
                mine = " or ".join(f'"{service}"' for service in ours)
                merged.error(path, f'queue "{name}" belongs to service "{theirs}", not to {mine}')


def _agents(merged: Merged) -> None:
    owners: dict[str, str] = {}
    for path, agent in rows_of(merged, "agents"):
        number, cti_id = agent.get("cti_number"), agent.get("cti_id")
        if isinstance(number, str) and isinstance(cti_id, str):
            owner = owners.setdefault(number, cti_id)
            if owner != cti_id:
                merged.error((*path, "cti_number"), f'agent "{owner}" has the CTI number "{number}" already')
    if not owners and not is_misread(merged, "agents"):
        merged.warn((), "there are no [[agents]]: nobody can log in")
    for table, key in _LISTS:
        for path, row in rows_of(merged, table):
            refuse_repeats(merged, (*path, key), row.get(key))


def _reasons(merged: Merged) -> None:
    policy = merged.values.get("policy")
    if not isinstance(policy, dict):
        return
    for key in ("business_reasons", "rest_reasons", "force_disconnect_reasons"):
        refuse_repeats(merged, ("policy", key), policy.get(key))
    for key in ("business_reasons", "rest_reasons"):
        for index, reason in enumerate(texts_of(policy.get(key))):
            if reason in tuple(Reason):
                text = f'"{reason}" is a reason that the bridge gives itself; choose another word'
                merged.error(("policy", key, index), text)


def _emergency(merged: Merged) -> None:
    policy = merged.values.get("policy")
    numbers = policy.get("emergency_numbers") if isinstance(policy, dict) else None
    refuse_repeats(merged, ("policy", "emergency_numbers"), numbers)
    if numbers == []:
        text = "no emergency number can be dialled, neither in the panel nor by the bridge on a phone"
        merged.warn(("policy", "emergency_numbers"), text)
    for path, agent in rows_of(merged, "agents"):
        if agent.get("cti_number") in texts_of(numbers):
            text = f'"{agent["cti_number"]}" is an emergency number; choose another CTI number'
            merged.error((*path, "cti_number"), text)


def _unserved(merged: Merged) -> None:
    """Warn of a queue that no agent serves: it is hardly meant."""
    served = {
        queue
        for _, agent in rows_of(merged, "agents")
        if agent.get("phone_permission", True) is not False
        for queue in texts_of(agent.get("queues"))
    }
    for path, queue in rows_of(merged, "queues"):
        if isinstance(queue.get("id"), str) and queue["id"] not in served and not is_misread(merged, "agents"):
            merged.warn((*path, "id"), f'no agent with the phone permission serves queue "{queue["id"]}"')


def _unreached_queues(merged: Merged) -> None:
    """Warn of a queue whose agents are all at some of the PBXs: a call that comes in at another one reaches nobody."""
    nodes = merged.values.get("asterisk")
    if not isinstance(nodes, dict) or len(nodes) < 2:
        return
    for path, queue in rows_of(merged, "queues"):
        agents = [agent for _, agent in rows_of(merged, "agents") if queue.get("id") in texts_of(agent.get("queues"))]
        at = {str(agent.get("node") or "") for agent in agents}
        away = sorted(nodes.keys() - at)
        if agents and "" not in at and away:
            text = f'all agents of queue "{queue.get("id")}" are at {", ".join(sorted(at))}'
            text = f"{text}, so a call that comes in at {', '.join(away)} reaches none of them"
            merged.warn((*path, "id"), text)


def _spare(merged: Merged) -> None:
    """The Postgres of one machine dies with it."""
    database = merged.values.get("database")
    named = isinstance(database, dict) and (database.get("url") or database.get("url_file"))
    if "spare" in merged.values and not named:
        text = "a spare goes on with what is in Postgres, so both need one of their own: give [database] url"
        merged.error(("spare",), text)
