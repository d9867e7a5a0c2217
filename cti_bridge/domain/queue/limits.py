"""Calls that a queue turns away (requirement I5): it is full, nobody works for it, or it is closed.

A new call is turned away at once. One that waits leaves when nobody has worked for the queue for ``no_agents_after_s``
without interruption, and when the queue closes: at that second (``closing = "leave"``), or when it has not been served
``closing_most_s`` later. A call that came back is not turned away by closing hours as long as anybody works. A phone
that rings is never stopped by any of this: it is looked at again when the offer has come to nothing.

Both deadlines follow from the state of agents and hours, so none is kept: when the PBX is back they are found anew.
"""

from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours.opening import opening
from cti_bridge.domain.model.call import OFFERED, Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import CallEventType, VisitKind
from cti_bridge.domain.queue import stages
from cti_bridge.domain.queue.exits import leads_to
from cti_bridge.domain.queue.stages import nobody_works, surely_served

# Members that every call looks up, by names of the module: see the package.
_CLOSING, _NO_AGENTS = Kind.CLOSING, Kind.NO_AGENTS

IN_QUEUE = OFFERED | {CallState.WAITING}
_CAME_BACK = frozenset({VisitKind.RETURNED, VisitKind.TRANSFERRED, VisitKind.MOVED})


def refuses(floor: Floor, call: Call, queue: Queue) -> Exit | None:
    """Return the exit by which the queue turns a new call away, or None."""
    if queue.hours is not None and _is_closed(floor, queue.hours):
        return Exit.CLOSED
    served = surely_served(floor, call)
    if not served and leads_to(floor, call, Exit.NO_AGENTS) is not None and nobody_works(floor, call):
        return Exit.NO_AGENTS
    if queue.max_waiting and visits.places(floor, queue.id) >= queue.max_waiting:
        return Exit.FULL
    return None


def watch(floor: Floor, call: Call) -> None:
    """The call is in a queue, or agents, hours or configuration have changed: set when it is to leave."""
    queue, visit = floor.directory.queues.get(call.queue or ""), call.visit
    if queue is None or visit is None or not visit.waits:
        return
    if queue.hours is not None or queue.overflow or visit.closed_at is not None:
        floor.deadlines.set(_CLOSING, call.id, _looks_at(floor, call, queue, visit))
    else:
        floor.deadlines.cancel(_CLOSING, call.id)
    if surely_served(floor, call) or not _may_leave_alone(floor, call, visit) or not nobody_works(floor, call):
        floor.deadlines.cancel(_NO_AGENTS, call.id)
    else:
        at = floor.deadlines.at(_NO_AGENTS, call.id)
        floor.deadlines.set(_NO_AGENTS, call.id, floor.now + queue.no_agents_after_s if at is None else at)


def watch_no_more(floor: Floor, call: Call) -> None:
    """The call has left the queue."""
    floor.deadlines.cancel(_CLOSING, call.id)
    floor.deadlines.cancel(_NO_AGENTS, call.id)


def look_again(floor: Floor) -> None:
    """A queue has lost the last agent who works for it, or has got the first."""
    floor.working.flipped = False
    for queue in list(floor.places):
        _watch_all(floor, queue)


def hours_changed(floor: Floor, hours_id: str) -> None:
    """Somebody has set the hours by hand, or ended that."""
    for queue in floor.directory.queues.values():
        if queue.hours == hours_id or hours_id in stages.lenders_with_hours(floor, queue):
            _watch_all(floor, queue.id)


def clock_set(floor: Floor) -> None:
    """The clock was set, or stood still: queues close by the clock on the wall."""
    for queue in floor.directory.queues.values():
        if queue.hours is not None or stages.lenders_with_hours(floor, queue):
            _watch_all(floor, queue.id)


def nobody_is_back(floor: Floor, call: Call) -> None:
    """Nobody has worked for the queue for as long as a call waits for that."""
    if call.visit is None or not call.visit.waits or not nobody_works(floor, call):
        return
    if leads_to(floor, call, Exit.NO_AGENTS) is not None:
        turn_away(floor, call, Exit.NO_AGENTS)
    elif call.visit.closed_at is not None:
        turn_away(floor, call, Exit.CLOSED)


def nobody_anew(floor: Floor, call: Call) -> float | None:
    """Return when the call leaves where nobody works, after its PBX was away, POSIX seconds; None: never."""
    queue, visit = floor.directory.queues.get(call.queue or ""), call.visit
    if queue is None or visit is None or not visit.waits or not _may_leave_alone(floor, call, visit):
        return None
    return floor.now + queue.no_agents_after_s if nobody_works(floor, call) else None


def closing_due(floor: Floor, call: Call) -> None:
    """The hours of the queue change, or those of one that helps it out; or the queue has been closed for as long as a
    call waits then."""
    watch(floor, call)
    floor.touch_call(call)
    if not has_closed(floor, call):
        return
    floor.set_deadline(_CLOSING, call, None)
    if call.state is CallState.WAITING:
        turn_away(floor, call, Exit.CLOSED)


def closing_anew(floor: Floor, call: Call) -> float | None:
    """Return when to look at the hours of the call's queue next, POSIX seconds; None: never."""
    queue, visit = floor.directory.queues.get(call.queue or ""), call.visit
    if queue is None or visit is None or not visit.waits:
        return None
    if queue.overflow:
        floor.touch_call(call)  # Hours of a queue that helps out may have changed meanwhile.
    return _looks_at(floor, call, queue, visit)


def turn_away(floor: Floor, call: Call, exit_: Exit) -> None:
    """Let the call leave its queue by this exit."""
    floor.event(call, CallEventType.TURNED_AWAY, queue=call.queue, exit=exit_)
    floor.leave_queue(floor, call, exit_)


def has_closed(floor: Floor, call: Call) -> bool:
    """Return whether the queue has closed for this call."""
    queue, visit = floor.directory.queues.get(call.queue or ""), call.visit
    if queue is None or visit is None or not visit.waits or visit.closed_at is None:
        return False
    at = _closing_at(floor, call, queue, visit)
    return at is not None and at <= floor.now and visit.closed_at is not None


def _watch_all(floor: Floor, queue: str) -> None:
    for call_id in list(floor.places.get(queue, ())):
        if (call := floor.calls.get(call_id)) is not None:
            watch(floor, call)
            floor.touch_call(call)


def _may_leave_alone(floor: Floor, call: Call, visit: Visit) -> bool:
    """Return whether the call leaves when nobody works. Naming the exit is the switch; a call that came back after
    closing hours has nobody to wait for either."""
    return leads_to(floor, call, Exit.NO_AGENTS) is not None or (
        visit.kind in _CAME_BACK and visit.closed_at is not None
    )


def _looks_at(floor: Floor, call: Call, queue: Queue, visit: Visit) -> float | None:
    """Return when hours matter to the call next: those of its queue, or of one that helps out."""
    own = _closing_at(floor, call, queue, visit)
    if not queue.overflow:
        return own
    others = stages.lending_changes_at(floor, queue)
    return min((at for at in (own, others) if at is not None), default=None)


def _closing_at(floor: Floor, call: Call, queue: Queue, visit: Visit) -> float | None:
    """Note whether the queue is closed for the call. Return when to look at that again, or when the call is to
    leave."""
    if queue.hours is None or queue.hours not in floor.directory.hours:
        _note_closed(floor, call, visit, None)
        return None
    now = opening(floor, queue.hours)
    if now.state is OpenState.OPEN:
        _note_closed(floor, call, visit, None)
        return now.until
    closed_at = floor.now if visit.closed_at is None else visit.closed_at
    _note_closed(floor, call, visit, closed_at)
    if visit.kind in _CAME_BACK:
        return now.until if now.until is not None and now.until > floor.now else None
    return floor.now if queue.closing == "leave" else closed_at + queue.closing_most_s


def _note_closed(floor: Floor, call: Call, visit: Visit, at: float | None) -> None:
    if visit.closed_at != at:
        visit.closed_at = at
        floor.touch_call(call)


def _is_closed(floor: Floor, hours_id: str) -> bool:
    return hours_id in floor.directory.hours and opening(floor, hours_id).state is not OpenState.OPEN
