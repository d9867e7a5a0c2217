"""Steps that give a call its values, and lead on by them: set and branch (requirement H2)."""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.scenario import ANY_MARK, Branch, Exit, On, SetValues
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.numbers.lists import is_listed
from cti_bridge.domain.numbers.marks import marks_view
from cti_bridge.domain.queue.expected import expected_wait_in_s
from cti_bridge.domain.queue.figures import figures


def set_values(floor: Floor, call: Call, way: Way, step: SetValues) -> str | None:
    if step.priority is not None:
        call.priority = step.priority
    if step.category is not None:
        call.category = step.category
    if step.language is not None:
        call.language = step.language
    for skill, level in step.skills.items():
        call.skills[skill] = level
        call.relax_s.pop(skill, None)
        if step.relax_s is not None:
            call.relax_s[skill] = step.relax_s
    call.variables |= step.variables
    return Exit.NEXT


def branch(floor: Floor, call: Call, way: Way, step: Branch) -> str | None:
    return _case(floor, call, step) or Exit.OTHERWISE


def _case(floor: Floor, call: Call, step: Branch) -> str | None:
    """Return the case that holds, or None."""
    match step.on:
        case On.NUMBER:
            number = call.customer.number
            return next((case for case in step.cases if is_listed(floor, number, case)), None)
        case On.MARK:
            mark = marks_view(floor, call)
            reasons = (mark.last_reason, ANY_MARK) if mark else ()
            return next((reason for reason in reasons if reason in step.cases), None)
        case On.WAITING:
            return _reached(step, figures(floor, step.queue).waiting)
        case On.WORKING:
            return _reached(step, floor.working.counts.get(step.queue, 0))
        case On.EXPECTED_WAIT_S:
            queue = floor.directory.queues.get(step.queue)
            expected_s = expected_wait_in_s(floor, call, queue) if queue is not None else None
            return None if expected_s is None else _reached(step, expected_s)
        case On.LONGEST_S:
            return _reached(step, figures(floor, step.queue).longest_s)
        case _:
            value = call.variables.get(step.on)
            return value if value in step.cases else None


def _reached(step: Branch, figure: float) -> str | None:
    """Return the highest threshold that the figure reaches."""
    return max((case for case in step.cases if figure >= float(case)), key=float, default=None)
