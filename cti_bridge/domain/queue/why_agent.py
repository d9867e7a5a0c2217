"""Why an agent is given no call (requirement I8), by the rules by which calls are given to agents. Obstacles that stand
in the agent's own way come first (:mod:`cti_bridge.domain.queue.no_calls`). Without any it is said what keeps the calls
that wait from this agent, and for each queue whether the agent is the next."""

from collections.abc import Iterator
from math import ceil

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.plan import Group
from cti_bridge.domain.model.reasons import Reason, Why
from cti_bridge.domain.model.words import NoCalls
from cti_bridge.domain.queue.last_agent import waits_for
from cti_bridge.domain.queue.no_calls import assignable, no_calls
from cti_bridge.domain.queue.stages import groups
from cti_bridge.domain.queue.waiting import perhaps_gone


def why_no_calls(floor: Floor, agent: Agent, now: float) -> list[Reason]:
    """Return the reasons, the decisive one first. ``now`` is POSIX seconds."""
    own = [_obstacle(floor, agent, code, now) for code in no_calls(floor, agent)]
    if own:
        return own
    return [*_of_waiting_calls(floor, agent), *_of_queues(floor, agent)]


def _obstacle(floor: Floor, agent: Agent, code: NoCalls, now: float) -> Reason:
    if code is NoCalls.IN_A_CALL and agent.state is AgentState.IDLE:
        return Reason(Why.CALL_COMES_BACK)
    if code is NoCalls.PHONE_IN_USE and agent.pause_ends_at is not None and not agent.legs:
        return Reason(Why.PAUSE, {"seconds": max(0, ceil(agent.pause_ends_at - now))})
    if code is NoCalls.NOT_READY:
        return Reason(code, {"status": agent.label, "is": agent.status})
    if code is NoCalls.PHONE_UNREACHABLE:
        return Reason(code, {"number": agent.cti_number, "pbx": floor.entry(agent).node})
    return Reason(code)


def _of_waiting_calls(floor: Floor, agent: Agent) -> Iterator[Reason]:
    """Yield what keeps the calls that wait in the agent's queues from the agent."""
    entry = floor.entry(agent)
    waiting = [
        call
        for call in floor.calls.values()
        if call.state is CallState.WAITING and any(group.queue in entry.queues for group in groups(floor, call))
    ]
    if not waiting:
        yield Reason(Why.NOBODY_WAITS)
        return
    kinds: dict[Why, list[Call]] = {}
    for call in waiting:
        kinds.setdefault(_kept_from(floor, agent, call), []).append(call)
    for code, calls in kinds.items():
        values: dict[str, str | int] = {"calls": len(calls)}
        if code is Why.LACKS_SKILL:
            values["skills"] = ", ".join(sorted({_lacking(floor, agent, call) for call in calls}))
        if code is not Why.BACKUP:
            yield Reason(code, values)


def _kept_from(floor: Floor, agent: Agent, call: Call) -> Why:
    entry, of_call = floor.entry(agent), groups(floor, call)
    if not floor.node_up(call.node) or not agent.phone_reachable_on(call.node):
        return Why.OTHER_PBX
    if perhaps_gone(call):
        return Why.CALLER_SOUGHT
    if not any(group.has(entry) for group in of_call):
        return Why.LACKS_SKILL if any(_lacks(group, agent, floor) for group in of_call) else Why.BACKUP
    awaited = waits_for(floor, call)
    return Why.KEPT if awaited is not None and awaited != agent.cti_id else Why.AT_ONCE


def _lacks(group: Group, agent: Agent, floor: Floor) -> bool:
    entry = floor.entry(agent)
    return group.queue in entry.queues and any(entry.skills.get(skill, 0) < level for skill, level in group.skills)


def _lacking(floor: Floor, agent: Agent, call: Call) -> str:
    entry = floor.entry(agent)
    found = {
        f"{skill} {level}"
        for group in groups(floor, call)
        if group.queue in entry.queues
        for skill, level in group.skills
        if entry.skills.get(skill, 0) < level
    }
    return ", ".join(sorted(found))


def _of_queues(floor: Floor, agent: Agent) -> Iterator[Reason]:
    """Yield for each queue of the agent who would be given a call that comes now."""
    entry = floor.entry(agent)
    for name in entry.queues:
        queue, plan = floor.directory.queues.get(name), floor.directory.plans.get(name)
        if queue is None or plan is None:
            continue
        if after_s := entry.backup.get(name, 0.0):
            yield Reason(Why.BACKUP, {"queue": name, "seconds": ceil(after_s)})
            continue
        at_once = plan.groups(0.0, {})
        if not any(group.has(entry) for group in at_once):
            wanted = ", ".join(f"{skill} {level}" for skill, level in at_once[0].skills)
            yield Reason(Why.LACKS_SKILL, {"calls": 0, "skills": wanted, "queue": name})
            continue
        own = (agent.idle_since, agent.cti_id)
        before = sum(
            1
            for other in floor.agents.values()
            if (other.idle_since, other.cti_id) < own
            and assignable(floor, other)
            and any(group.has(floor.entry(other)) for group in at_once)
        )
        yield (
            Reason(Why.OTHERS_IDLE_LONGER, {"queue": name, "agents": before})
            if before
            else Reason(Why.NEXT, {"queue": name})
        )
