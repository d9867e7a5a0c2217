"""The stages of a wait: whom a call asks for now, and when that changes (requirements I1, I2, I5).

A stage begins when the call has waited so long, counted from its entry into the queue. It begins at once when nobody
works for the stage before and somebody works for it: by waiting, nobody could take the call.

A queue whose hours are closed lends nobody.
"""

from math import inf

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours.opening import opening
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.plan import Group, Plan, Skills
from cti_bridge.domain.queue.working import anybody, count


def groups(floor: Floor, call: Call) -> tuple[Group, ...]:
    """Return the groups whose agents may be given the call now, those of its own queue first."""
    plan = floor.directory.plans.get(call.queue or "")
    if plan is None:
        return ()
    if plan.is_plain and not call.skills:
        return plan.plain
    return _groups_at(floor, call, plan, call.wait.reached_s)


def lenders_with_hours(floor: Floor, queue: Queue) -> list[str]:
    """Return the opening hours of queues that lend their agents to this one, in any stage."""
    names = (name for stage in queue.overflow for name in stage.queues)
    hours = (one.hours for name in names if (one := floor.directory.queues.get(name)) is not None)
    return [name for name in hours if name is not None and name in floor.directory.hours]


def lending_changes_at(floor: Floor, queue: Queue) -> float | None:
    """Return when a queue begins or ceases to lend agents to this one by its hours, POSIX seconds; None: never."""
    changes = (opening(floor, hours).until for hours in lenders_with_hours(floor, queue))
    return min((at for at in changes if at is not None and at > floor.now), default=None)


def raised_by(floor: Floor, call: Call, queue: Queue) -> int:
    """Return what a stage of the queue adds to the priority of the call, which waits in it."""
    return floor.directory.plans[queue.id].raised_by(call.wait.reached_s) if queue.overflow else 0


def lender_of(floor: Floor, call: Call, agent: Agent) -> str | None:
    """Return the queue that lends the agent to the call, or None for one of the call's own."""
    of_call = groups(floor, call)
    if len(of_call) == 1:
        return None
    entry = floor.entry(agent)
    found = next((group.queue for group in of_call if group.has(entry)), call.queue)
    return None if found == call.queue else found


def surely_served(floor: Floor, call: Call) -> bool:
    """Return whether somebody works for the call, as far as one look tells: nearly all calls wait in a queue without
    stages, with agents. False says nothing (:func:`nobody_works`)."""
    plan = floor.directory.plans.get(call.queue or "")
    return plan is not None and plan.is_plain and not call.skills and bool(floor.working.counts.get(plan.queue))


def nobody_works(floor: Floor, call: Call) -> bool:
    """Return whether no agent works for the call, in any stage of its queue."""
    if _anybody_works(floor, call):
        return False
    for agent in floor.touched_agents():  # One of them may have begun to in this very fact.
        floor.working.flipped |= count(floor, agent)
    return not _anybody_works(floor, call)


def _anybody_works(floor: Floor, call: Call) -> bool:
    plan = floor.directory.plans.get(call.queue or "")
    if plan is None:
        return False
    at_any_time = (0.0, *plan.thresholds, *call.relax_s.values())
    return any(anybody(floor, _groups_at(floor, call, plan, at_s)) for at_s in at_any_time)


def begin(floor: Floor, call: Call) -> None:
    """The call enters its queue: its stages begin."""
    call.wait.reached_s = 0.0
    plan = floor.directory.plans.get(call.queue or "")
    if plan is not None and (not plan.is_plain or call.relax_s or call.wait.stage_at is not None):
        fit(floor, call)


def end(floor: Floor, call: Call) -> None:
    """The call leaves its queue."""
    if call.wait.stage_at is not None:
        floor.set_deadline(Kind.STAGE, call, None)


def over(floor: Floor, call: Call) -> None:
    """The call has waited so long that the next stage begins."""
    plan = _plan(floor, call)
    after_s = _next(call, plan, call.wait.reached_s) if plan else None
    if plan is not None and after_s is not None:
        _reach(floor, call, plan, _served(floor, call, plan, after_s))


def look_again(floor: Floor) -> list[Call]:
    """Somebody is the first who works for a group, or was the last. Return the waiting calls whose stage is over by
    that."""
    return [call for call in floor.calls.values() if leave_out(floor, call)]


def leave_out(floor: Floor, call: Call) -> bool:
    """Leave out the present stage of a call that waits, if nobody works for it and somebody for a later one. Return
    whether that was so. Who works for the stage is counted from now on, if nobody has asked for that before."""
    if call.wait.stage_at is None or call.state is not CallState.WAITING:
        return False
    plan = _plan(floor, call)
    if plan is None:
        return False
    served_s = _served(floor, call, plan, call.wait.reached_s)
    if served_s == call.wait.reached_s:
        return False
    _reach(floor, call, plan, served_s)
    return True


def fit(floor: Floor, call: Call) -> None:
    """The call is new, or the configuration is. The call keeps the seconds for which it has waited, and the next stage
    is that of its queue now."""
    plan = _plan(floor, call)
    if plan is None or _next(call, plan, call.wait.reached_s) is None:
        end(floor, call)
    else:
        _reach(floor, call, plan, _served(floor, call, plan, call.wait.reached_s))


def longest_s(floor: Floor, call: Call) -> float | None:
    """Return the length of the call's present stage in seconds, or None when it is the last."""
    plan = _plan(floor, call)
    after_s = _next(call, plan, call.wait.reached_s) if plan else None
    return None if after_s is None else after_s - call.wait.reached_s


def _plan(floor: Floor, call: Call) -> Plan | None:
    return floor.directory.plans.get(call.queue or "")


def _groups_at(floor: Floor, call: Call, plan: Plan, waited_s: float) -> tuple[Group, ...]:
    found = plan.groups(waited_s, _asked(call, waited_s))
    if len(found) == 1:
        return found
    return tuple(group for group in found if group.queue == plan.queue or _lends(floor, group.queue))


def _lends(floor: Floor, name: str) -> bool:
    queue = floor.directory.queues.get(name)
    if queue is None or queue.hours is None or queue.hours not in floor.directory.hours:
        return True
    return opening(floor, queue.hours).state is OpenState.OPEN


def _asked(call: Call, waited_s: float) -> Skills:
    """Return the skills that the scenario asks for, without those that have relaxed."""
    if not call.relax_s:
        return call.skills
    return {skill: level for skill, level in call.skills.items() if call.relax_s.get(skill, inf) > waited_s}


def _next(call: Call, plan: Plan, waited_s: float) -> float | None:
    """Return the seconds at which something changes next, or None."""
    after_s = plan.next(waited_s)
    if not call.relax_s:
        return after_s
    relaxing = [at for at in call.relax_s.values() if at > waited_s]
    return min((*relaxing, inf if after_s is None else after_s)) if relaxing else after_s


def _reach(floor: Floor, call: Call, plan: Plan, reached_s: float) -> None:
    """The stage has begun that begins after so many seconds. Set the time of the next one."""
    call.wait.reached_s = reached_s
    after_s = _next(call, plan, reached_s)
    since = call.wait.since or floor.now
    floor.set_deadline(Kind.STAGE, call, None if after_s is None else since + after_s)
    floor.touch_call(call)


def _served(floor: Floor, call: Call, plan: Plan, reached_s: float) -> float:
    """Return the seconds of the first stage for which anybody works, from the present one on; of the present one when
    nobody works for any."""
    at: float | None = reached_s
    while at is not None:
        if anybody(floor, _groups_at(floor, call, plan, at)):
            return at
        at = _next(call, plan, at)
    return reached_s
