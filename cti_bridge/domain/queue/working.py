"""The count of those who work for a queue (requirement I5). An agent works who is logged in, has a phone that is
reachable or was a moment ago, and is ready, in a call, ringing, or in ticket processing. So does one who missed or
declined a call a few minutes ago. Somebody on a break, or at other work, does not.

The counts are kept by the change of an agent. A change costs the agent's groups, and only where it makes a difference.
"""

from collections.abc import Collection, Iterable

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState, Reason, Status
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.model.plan import Group
from cti_bridge.domain.model.working import Counted, Team

# Members that every call looks up, by names of the module: see the package.
_IDLE = AgentState.IDLE
_READY = Status.READY

NOT_TAKEN_S = 300.0
"""The seconds for which an agent who missed or declined a call still counts."""
_NOT_TAKEN = frozenset({Reason.MISSED, Reason.DECLINED, Reason.PHONE_BUSY, Reason.PHONE_UNREACHABLE})


def works(floor: Floor, agent: Agent) -> bool:
    """Return whether the agent counts as working, as of the last change."""
    counted = floor.working.agents.get(agent.cti_id)
    return counted is not None and counted.works


def anybody(floor: Floor, groups: Iterable[Group]) -> bool:
    """Return whether anybody works for one of the groups."""
    for group in groups:
        if group.name != group.queue and group.name not in floor.working.groups.get(group.queue, ()):
            _open(floor, group)
        if floor.working.counts.get(group.name):
            return True
    return False


def team_of(floor: Floor, groups: Collection[Group]) -> Team:
    """Return those who work for any of the groups. It is counted once, and kept by each change of an agent then."""
    for group in groups:
        if group.name != group.queue and group.name not in floor.working.groups.get(group.queue, ()):
            _open(floor, group)
    names = frozenset(group.name for group in groups)
    found = floor.working.teams.get(names)
    if found is None:
        found = floor.working.teams[names] = Team(names)
        for counted in floor.working.agents.values():
            if not names.isdisjoint(counted.groups):
                found.count(counted.entry, 1)
    return found


def count(floor: Floor, agent: Agent) -> bool:
    """The agent has changed: count them where they belong now. Return whether a group has lost the last who works for
    it, or has got the first."""
    counted = floor.working.agents.get(agent.cti_id)
    if counted is not None and counted.works and counted.until_at is None and agent.session is not None:
        # Nearly all changes are of this kind, and cost a look.
        busy = agent.state is not _IDLE or (agent.status is _READY and agent.reachable_on)
        if busy and counted.entry is floor.directory.agents.get(agent.cti_id):
            return False
    entry = floor.entry(agent)
    if counted is None:
        counted = floor.working.agents[agent.cti_id] = Counted(entry)
    same, counted.entry = counted.entry is entry, entry
    does = _works(floor, agent, counted)
    if same and does is counted.works:
        return False
    counted.works = does
    return _count(floor, counted, _groups_of(floor, entry) if does else ())


def count_all(floor: Floor) -> None:
    """The bridge has started: count all agents."""
    for agent in floor.agents.values():
        count(floor, agent)


def forget_groups(floor: Floor) -> None:
    """The configuration has changed: groups that are more than a queue are counted anew when they are asked for."""
    working = floor.working
    names = {name for groups in working.groups.values() for name in groups}
    working.groups.clear()
    working.teams.clear()
    for name in names:
        working.counts.pop(name, None)
    for counted in working.agents.values() if names else ():
        counted.groups = tuple(name for name in counted.groups if name not in names)


def look_again(floor: Floor, agent: Agent) -> None:
    """The time is over for which the agent still counted."""
    floor.touch_agent(agent)


def _count(floor: Floor, counted: Counted, names: tuple[str, ...]) -> bool:
    counts = floor.working.counts
    before = {name: counts.get(name, 0) for name in (*names, *counted.groups)}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    for name in counted.groups:
        counts[name] -= 1
    for team in floor.working.teams.values():
        was, is_ = not team.groups.isdisjoint(counted.groups), not team.groups.isdisjoint(names)
        if was is not is_:
            team.count(counted.entry, 1 if is_ else -1)
    counted.groups = names
    return any(bool(counts[name]) is not bool(number) for name, number in before.items())


def _groups_of(floor: Floor, entry: AgentEntry) -> tuple[str, ...]:
    names = list(entry.queues)
    if floor.working.groups:
        groups = (group for queue in entry.queues for group in floor.working.groups.get(queue, {}).values())
        names += [group.name for group in groups if group.has(entry)]
    return tuple(names)


def _open(floor: Floor, group: Group) -> None:
    floor.working.groups.setdefault(group.queue, {})[group.name] = group
    floor.working.counts[group.name] = 0
    for counted in floor.working.agents.values():
        if counted.works and group.has(counted.entry):
            counted.groups = (*counted.groups, group.name)
            floor.working.counts[group.name] += 1


def _works(floor: Floor, agent: Agent, counted: Counted) -> bool:
    if agent.session is None or not counted.entry.phone_permission:
        does, until = False, None
    elif agent.state is not _IDLE:
        does, until = True, None
    else:
        does, until = _works_idle(floor, agent, counted)
    if until is not None and until == counted.until_at:
        # A deadline that is set may have been shifted: time in which the bridge stood still is no time.
        return does and floor.deadlines.at(Kind.WORKING, agent.cti_id) is not None
    does = does and (until is None or until > floor.now)
    if until != counted.until_at:
        counted.until_at = until
        floor.set_deadline(Kind.WORKING, agent, until if does else None)
    return does


def _works_idle(floor: Floor, agent: Agent, counted: Counted) -> tuple[bool, float | None]:
    """Return whether an agent without a call works, and until when."""
    not_taken = agent.reason in _NOT_TAKEN
    does = not_taken or agent.status is _READY or agent.processes_a_ticket
    until = agent.since + NOT_TAKEN_S if not_taken else None
    if agent.reachable_on or floor.edge_gone:
        counted.phone_gone_at = None
        return does, until
    if counted.phone_gone_at is None:
        counted.phone_gone_at = floor.now
    gone = counted.phone_gone_at + floor.policy.agent_lost_s
    return does, (gone if until is None else min(gone, until)) if does else None
