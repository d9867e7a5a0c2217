"""Why a call waits (requirement I8), by the rules by which calls are given to agents. The first reason is the one for
which the call is nobody's now; others say what is asked, and when that changes."""

from collections.abc import Callable
from heapq import nsmallest
from math import ceil

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import OFFERED, Call, CallState
from cti_bridge.domain.model.plan import Group
from cti_bridge.domain.model.reasons import Reason, Why
from cti_bridge.domain.queue.last_agent import waits_for
from cti_bridge.domain.queue.no_calls import assignable, obstacles
from cti_bridge.domain.queue.order import order_key
from cti_bridge.domain.queue.stages import groups
from cti_bridge.domain.queue.waiting import perhaps_gone
from cti_bridge.domain.queue.working import works

Looked = dict[tuple[tuple[Group, ...], str], Reason]
"""The reasons that were found in the agents of a call's groups, by groups and PBX."""


def why_call_waits(floor: Floor, call: Call, now: float, looked: Looked | None = None) -> list[Reason]:
    """Return the reasons, the decisive one first. ``now`` is POSIX seconds. ``looked`` is shared by calls that are
    asked about at the same moment."""
    if call.state in OFFERED and call.cti_id is not None:
        return [Reason(Why.RINGS, {"agent": _name(floor, call.cti_id)})]
    if call.state is CallState.IN_SCENARIO:
        return [Reason(Why.IN_SCENARIO)]
    if call.state is not CallState.WAITING:
        return [Reason(Why.NOT_WAITING)]
    of_call = groups(floor, call)
    first = _first(floor, call, of_call, now, {} if looked is None else looked)
    return [first, *_asked(call, of_call, now), *_before(floor, call, of_call)]


def in_order(floor: Floor, sees: Callable[[Call], bool], most: int) -> list[Call]:
    """Return the first calls that wait, of those that are to be seen, the next one first."""
    waiting = [call for call in floor.calls.values() if call.state is CallState.WAITING]
    known = [call for call in waiting if sees(call)]
    return nsmallest(most, known, key=lambda call: order_key(floor, call))


def _first(floor: Floor, call: Call, of_call: tuple[Group, ...], now: float, looked: Looked) -> Reason:
    if not floor.node_up(call.node):
        return Reason(Why.PBX_AWAY, {"pbx": call.node})
    if perhaps_gone(call):
        return Reason(Why.CALLER_SOUGHT)
    awaited = waits_for(floor, call)
    if awaited is not None:
        if not awaited:
            return Reason(Why.LAST_AGENT_SOUGHT)
        left_s = _seconds((call.wait.last_agent_until_at or now) - now)
        return Reason(Why.LAST_AGENT, {"agent": _name(floor, awaited), "seconds": left_s})
    if (of_call, call.node) not in looked:
        looked[of_call, call.node] = _of_agents(floor, call, of_call)
    return looked[of_call, call.node]


def _of_agents(floor: Floor, call: Call, of_call: tuple[Group, ...]) -> Reason:
    working = [agent for agent in floor.agents.values() if works(floor, agent) and _fits(floor, agent, of_call)]
    if not working:
        others = floor.working.counts.get(call.queue or "", 0)
        if others:
            return Reason(Why.NOBODY_FITS, {"queue": call.queue or "", "working": others})
        return Reason(Why.NOBODY_WORKS, {"queue": call.queue or ""})
    first = [next(obstacles(floor, agent, call.node), None) for agent in working]
    if None in first:
        return Reason(Why.AT_ONCE)
    elsewhere = [agent for agent in working if assignable(floor, agent)]
    if elsewhere and len(elsewhere) == len(working):
        return Reason(Why.OUT_OF_REACH, {"pbx": call.node})
    in_a_call = sum(agent.state is not AgentState.IDLE for agent in working)
    return Reason(Why.ALL_BUSY, {"working": len(working), "in_a_call": in_a_call, "other": len(working) - in_a_call})


def _asked(call: Call, of_call: tuple[Group, ...], now: float) -> list[Reason]:
    left_s = _seconds(call.wait.stage_at - now) if call.wait.stage_at is not None else None
    skills = of_call[0].skills if of_call else ()
    found = []
    if skills:
        found.append(Reason(Why.SKILLS, {"skills": ", ".join(f"{skill} {level}" for skill, level in skills)}))
    if left_s is not None:
        found.append(Reason(Why.NEXT_STAGE, {"seconds": left_s}))
    return found


def _before(floor: Floor, call: Call, of_call: tuple[Group, ...]) -> list[Reason]:
    """Return that other calls go first, of those that ask for an agent of the same groups' queues."""
    own, queues = order_key(floor, call), {group.queue for group in of_call}
    ahead = sum(
        1
        for other in floor.calls.values()
        if other.state is CallState.WAITING
        and order_key(floor, other) < own
        and any(group.queue in queues for group in groups(floor, other))
    )
    return [Reason(Why.BEFORE, {"position": ahead + 1})] if ahead else []


def _fits(floor: Floor, agent: Agent, of_call: tuple[Group, ...]) -> bool:
    entry = floor.entry(agent)
    return any(group.has(entry) for group in of_call)


def _name(floor: Floor, cti_id: str) -> str:
    entry = floor.directory.agents.get(cti_id)
    return (entry.name if entry else "") or cti_id


def _seconds(left_s: float) -> int:
    return max(0, ceil(left_s))
