"""From step to step: a call leaves its step by an exit, and goes on where the exit leads.

A step either is over at once and gives its exit, or waits for a fact or a deadline, and then calls :func:`leave`.
Nothing is awaited: the call's way and its deadline are in the checkpoint, so a start goes on from there.

A call whose step was removed by another configuration goes on at the start of its scenario, else at that of the number
that was called, else in its queue. A call for which nothing is left hears that nobody can serve it, never silence.
"""

from collections.abc import Callable
from typing import Any

from cti_bridge.domain.audio.messages import stop
from cti_bridge.domain.border.records import ScenarioStep
from cti_bridge.domain.ending.last_message import SORRY, announce
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours import emergency_switch
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import (
    EMERGENCY,
    HANG_UP,
    OUTCOMES,
    Enqueue,
    Exit,
    Goto,
    Play,
    Scenario,
    SetValues,
    Step,
)
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import CallEventType, Cause, EndedBy, Outcome, VisitExit
from cti_bridge.domain.queue import exits, queueing
from cti_bridge.domain.scenario import typed

MOST_AT_ONCE = 100
"""The most steps in a row that a call leaves at once. More are a circle without a pause, which no check has found."""
AT_ONCE_S = 0.5
"""A step that lasted less was left at once, also one that others end: a dialplan whose program is gone gives the call
back within milliseconds."""

MOST_TAKEN = 8
"""The most choices of a call's way that are kept."""
_PASSED = (Play, SetValues, Goto)
"""Steps at which nothing is chosen."""

Enter = Callable[[Floor, Call, Way, Any], str | None]
"""Begins a step. Returns the exit of a step that is over at once, None of one that waits or has ended the call."""


def begin(floor: Floor, call: Call, scenario: Scenario, at: str = "") -> None:
    """Begin the scenario at its start, or ``at`` a step. Its steps are counted behind those that the call has left
    before."""
    before = call.way
    call.way = Way(scenario.id, at or scenario.start, floor.now)
    call.language = scenario.language
    if before is not None:
        call.way.seq, call.way.secrets = before.seq, before.secrets
        call.way.ends_as, call.way.talked = before.ends_as, before.talked
    _go(floor, call, call.way)


def leave(floor: Floor, call: Call, exit_: str) -> None:
    """Leave the call's step by the exit, and go on where it leads."""
    way = call.way or _find_way(floor, call)
    call.way = way
    if _leads_to(floor, call, way, exit_):
        _go(floor, call, way)


def leave_queue(floor: Floor, call: Call, exit_: str) -> None:
    """Leave the queue without an agent, by an exit or by a key: the way is that of the call's step, else that of its
    queue. A caller for whom neither names one hears that nobody can serve them."""
    way = call.way = call.way or _find_way(floor, call)
    if _leads_out_of_queue(floor, call, way, exit_):
        _go(floor, call, way)


def leave_for_good(floor: Floor, call: Call, exit_: str) -> None:
    """The call leaves its scenario by this step: somebody else has it."""
    if call.way is not None:
        _write_down(floor, call, call.way, exit_)


def go_back(floor: Floor, call: Call, way: Way, where: str) -> None:
    """Go back to a step of before, SCENARIO/STEP, which has to ask once more."""
    _write_down(floor, call, way, Exit.AGAIN)
    scenario, _, name = where.rpartition("/")
    way.scenario, way.step, way.since, way.heard = scenario, name, floor.now, 0
    _go(floor, call, way)


def step_of(floor: Floor, way: Way) -> Step | None:
    """Return the step at which the call is, or None when it is configured no more. The message of an emergency that is
    over meanwhile is no step any more, and the scenario begins behind it."""
    scenario = floor.directory.scenarios.get(way.scenario)
    if scenario is None:
        return None
    return emergency_switch.step(floor, scenario) if way.step == EMERGENCY else scenario.steps.get(way.step)


def go_on(floor: Floor, call: Call) -> None:
    """The step is configured no more, or waits for nothing that could come: go on at the nearest start that is left."""
    way = call.way or _find_way(floor, call)
    call.way = way
    if _start_again(floor, call, way):
        _go(floor, call, way)
    else:
        _nobody_serves(floor, call)


def _go(floor: Floor, call: Call, way: Way) -> None:
    """Begin the step at which the call is now, and those behind it, until one waits."""
    for _ in range(MOST_AT_ONCE):
        if way.at_once >= MOST_AT_ONCE:
            break
        floor.touch_call(call)
        step = step_of(floor, way)
        if step is None:
            if not _start_again(floor, call, way):
                _nobody_serves(floor, call)
                return
            continue
        exit_ = floor.steps[type(step)](floor, call, way, step)
        if exit_ is None:
            return
        goes_on = _leads_out_of_queue if isinstance(step, Enqueue) else _leads_to
        if not goes_on(floor, call, way, exit_):
            return
    way.at_once = 0
    floor.event(call, CallEventType.SCENARIO_CIRCLE, scenario=way.scenario, step=way.step)
    _nobody_serves(floor, call)


def _leads_to(floor: Floor, call: Call, way: Way, exit_: str) -> bool:
    """Write the step down as left, and move the way to where the exit leads. Return False when the call has come to an
    end."""
    step = step_of(floor, way)
    way.then = ""
    stop(floor, call)  # A step that is left by its time may still play: its end would count as that of the next step.
    _write_down(floor, call, way, exit_)
    if step is None:
        return _start_again_or_end(floor, call, way)
    target = step.exits.get(exit_)
    if target is not None:
        _move(floor, way, target)
        return True
    if exit_ == Exit.NEXT:
        finish(floor, call, outcome(way), EndedBy.SYSTEM)
    else:
        announce(floor, call, SORRY, outcome(way), Cause.LIMIT)
    return False


def _leads_out_of_queue(floor: Floor, call: Call, way: Way, exit_: str) -> bool:
    """The same for a step that is a queue, and for a call in a queue without a step."""
    failed = exit_ == Exit.FAILED
    target = exits.failed_leads_to(floor, call) if failed else exits.leads_to(floor, call, exit_)
    way.left_by = exit_
    typed.forget_keys(floor, call)
    way.ends_as = way.ends_as if failed else None
    gone = step_of(floor, way) is None
    queueing.leave(floor, call, _VISIT_EXITS.get(exit_, VisitExit.KEY), target)
    _write_down(floor, call, way, exit_)
    if target == HANG_UP:
        target, gone = None, False
    if target is not None:
        _move(floor, way, target)
        return True
    if gone:
        return _start_again_or_end(floor, call, way)
    announce(floor, call, SORRY, outcome(way), Cause.LIMIT)
    return False


_VISIT_EXITS: dict[str, VisitExit] = {
    Exit.LONGEST_WAIT: VisitExit.LONGEST_WAIT,
    Exit.FULL: VisitExit.FULL,
    Exit.NO_AGENTS: VisitExit.NO_AGENTS,
    Exit.CLOSED: VisitExit.CLOSED,
    Exit.FAILED: VisitExit.ENDED,
}
"""Any other exit is a key."""


def _move(floor: Floor, way: Way, target: str) -> None:
    scenario, _, name = target.rpartition("/")
    way.scenario, way.step, way.since, way.heard = scenario or way.scenario, name, floor.now, 0


def _start_again_or_end(floor: Floor, call: Call, way: Way) -> bool:
    if _start_again(floor, call, way):
        return True
    _nobody_serves(floor, call)
    return False


def _write_down(floor: Floor, call: Call, way: Way, exit_: str) -> None:
    """Write the step down as left. It waits for nothing any more."""
    floor.set_deadline(Kind.STEP, call, None)
    way.seq += 1
    way.music = False
    _remember(floor, way, exit_)
    lasted_s = round(max(0.0, floor.now - way.since), 3)
    way.at_once = way.at_once + 1 if lasted_s < AT_ONCE_S else 0
    row = ScenarioStep(
        floor.ids.uuid(floor.now), call.id, way.seq, way.scenario, way.step, str(exit_), way.since, lasted_s
    )
    floor.record(row)
    floor.touch_call(call)


def _remember(floor: Floor, way: Way, exit_: str) -> None:
    """Keep where the caller has chosen, or something was decided for them. Agents see it."""
    step = step_of(floor, way)
    if step is None or isinstance(step, _PASSED):
        return
    way.taken.append(step.name if exit_ == Exit.NEXT else f"{step.name} {exit_}")
    del way.taken[:-MOST_TAKEN]


def outcome(way: Way) -> Outcome:
    """Return the outcome of a call that ends at its step."""
    return way.ends_as or OUTCOMES.get(way.left_by, Outcome.SCENARIO_DONE)


def _start_again(floor: Floor, call: Call, way: Way) -> bool:
    """Move the way to the nearest start that is left. Return whether there is one."""
    own = floor.directory.scenarios.get(way.scenario)
    scenario = own if own is not None and own.start != way.step else floor.directory.scenario_of(call.dialed_number)
    if scenario is None or (scenario.id, scenario.start) == (way.scenario, way.step):
        return False
    way.scenario, way.step, way.since, way.heard = scenario.id, scenario.start, floor.now, 0
    return True


def _find_way(floor: Floor, call: Call) -> Way:
    """Return the way of a call that has none: it was begun by an earlier release, or it is a call out that came back.
    It is taken to be at the step that puts a call into its queue."""
    scenario = floor.directory.scenario_of(call.dialed_number)
    if scenario is None:
        return Way("", "", floor.now)
    steps = [name for name, step in scenario.steps.items() if isinstance(step, Enqueue) and step.queue == call.queue]
    at_queue = call.state is not CallState.IN_SCENARIO and steps
    return Way(scenario.id, steps[0] if at_queue else scenario.start, floor.now)


def _nobody_serves(floor: Floor, call: Call) -> None:
    """No step is left."""
    exit_ = None
    if call.state is CallState.IN_SCENARIO and call.queue in floor.directory.queues:
        exit_ = queueing.enqueue(floor, call)
        if exit_ is None:
            return
        queueing.leave(floor, call, _VISIT_EXITS[exit_], None)
    announce(floor, call, SORRY, OUTCOMES.get(exit_ or "", Outcome.QUEUE_TIMEOUT), Cause.LIMIT)
