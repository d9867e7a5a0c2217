"""The visits of calls to queues: each begins, ends in exactly one way, and is a row of ``cti.queue_visit``.

At every instant the visits of a queue are answered, abandoned, turned away, left by a key, moved, lost, or wait.
"""

from cti_bridge.domain.border.records import QueueVisit
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import Outcome, VisitExit, VisitKind, VisitReason

# Members that every call looks up, by names of the module: see the package.
_ANSWERED, _KEY = VisitExit.ANSWERED, VisitExit.KEY

_OF_OUTCOME = {
    Outcome.ABANDONED_WAITING: VisitExit.ABANDONED,
    Outcome.ABANDONED_RINGING: VisitExit.ABANDONED,
    Outcome.ABANDONED_RETURNED: VisitExit.ABANDONED,
    Outcome.NODE_LOST: VisitExit.NODE_LOST,
}


def enter(
    floor: Floor, call: Call, kind: VisitKind, reason: VisitReason | None = None, from_cti_id: str | None = None
) -> None:
    """The call enters its queue. A visit before it is over."""
    before = call.visit
    if before is not None:
        end(floor, call, VisitExit.MOVED)
    call.visit = Visit(floor.ids.uuid(floor.now), 1, call.queue or "", kind, floor.now, reason, from_cti_id)
    call.wait.first = False
    if before is not None:
        call.visit.seq, call.visit.prior = before.seq + 1, before.id
    floor.tally.entered(call.visit)
    _keep_place(floor, call, call.visit)
    _write(floor, call, call.visit)


def come_back(floor: Floor, call: Call, visit: Visit) -> None:
    """The caller, who has left by a key, is back in the same queue."""
    visit.left_at = visit.exit = visit.exit_to = None
    _write(floor, call, visit)


def leave(floor: Floor, call: Call, exit_: VisitExit, exit_to: str | None = None) -> None:
    """The call leaves the queue. By a key it keeps its place until it goes elsewhere."""
    visit = call.visit
    if visit is None or not visit.waits:
        return
    visit.left_at, visit.exit, visit.exit_to = max(floor.end_at, visit.entered_at), exit_, exit_to
    visit.seen_late = floor.late_at is not None
    floor.tally.left(visit)
    if exit_ is not _KEY:
        _give_up_place(floor, call, visit)
    if exit_ is _ANSWERED:
        visit.answered_by = call.cti_id
        visit.talk_before_s, visit.hold_before_s = call.course.talk_s, call.course.hold_s
    _write(floor, call, visit)


def end(floor: Floor, call: Call, exit_: VisitExit | None = None) -> None:
    """The call has ended, or goes to another queue: complete the row. ``exit_`` None: by the outcome of the call."""
    visit = call.visit
    if visit is None:
        return
    if visit.waits:
        outcome = call.end.outcome
        leave(floor, call, exit_ or (_OF_OUTCOME.get(outcome, VisitExit.ENDED) if outcome else VisitExit.ENDED))
    elif visit.exit is _ANSWERED and not visit.over:
        visit.over = True
        _write(floor, call, visit)
    elif visit.exit is _KEY:
        _give_up_place(floor, call, visit)


def give_up(floor: Floor, call: Call) -> None:
    """The caller, who has left by a key, does not come back to their place."""
    visit = call.visit
    if visit is not None and visit.exit is _KEY and not visit.over:
        visit.over = True
        _give_up_place(floor, call, visit)
        floor.touch_call(call)


def follow(floor: Floor, call: Call) -> None:
    """The call has another queue by a changed configuration."""
    if call.visit is not None and call.visit.waits and call.queue is not None and call.visit.queue != call.queue:
        enter(floor, call, VisitKind.MOVED, VisitReason.MOVED)


def take_up(floor: Floor, call: Call) -> None:
    """The bridge has started again: count the place that the call has in a queue."""
    if call.visit is not None and call.visit.exit in (None, _KEY) and not call.visit.over:
        _keep_place(floor, call, call.visit)


def places(floor: Floor, queue: str) -> int:
    """Return how many calls have a place in the queue. One in a dialogue after a key has one."""
    return len(floor.places.get(queue, ()))


def _keep_place(floor: Floor, call: Call, visit: Visit) -> None:
    floor.places.setdefault(visit.queue, {})[call.id] = None


def _give_up_place(floor: Floor, call: Call, visit: Visit) -> None:
    floor.places.get(visit.queue, {}).pop(call.id, None)


def _write(floor: Floor, call: Call, visit: Visit) -> None:
    visit.version += 1
    floor.figures.visit(floor.directory, floor.now, call, visit)
    floor.touch_call(call)
    floor.record(QueueVisit.of(call, visit))
