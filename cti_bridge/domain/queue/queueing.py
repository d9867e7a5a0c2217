"""The way of a call through its queue: entry, return with the place kept, and the end of the longest wait (requirements
C1, C5, I5)."""

from cti_bridge.domain.audio import notice
from cti_bridge.domain.ending.last_message import SORRY, announce
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire, vacate
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import (
    CallEventType,
    Cause,
    Direction,
    EndedBy,
    Outcome,
    Returned,
    VisitExit,
    VisitKind,
    VisitReason,
)
from cti_bridge.domain.queue import announcements, expected, last_agent, limits, stages
from cti_bridge.domain.queue.exits import failed_leads_to, leads_to

# Members that every call looks up, by names of the module: see the package.
_QUEUED = CallEventType.QUEUED
_WAITING = CallState.WAITING
_OFFERED = Cause.OFFERED
_LONGEST_WAIT = Kind.LONGEST_WAIT
_NEW = VisitKind.NEW

QUEUED = frozenset({_WAITING})
"""The states in which the longest wait acts."""


def enqueue(floor: Floor, call: Call) -> Exit | None:
    """Put the call into its queue. Return the exit by which the queue turns it away at once, or None.

    Its longest wait begins now, unless its caller has only left by a key and comes back."""
    visit, queue = call.visit, floor.directory.queues.get(call.queue or "")
    if visit is not None and visit.exit is VisitExit.KEY and not visit.over and visit.queue == call.queue:
        visits.come_back(floor, call, visit)
    else:
        exit_ = limits.refuses(floor, call, queue) if queue is not None else None
        if exit_ is not None:
            _refuse(floor, call, exit_)
            return exit_
        visits.enter(floor, call, _NEW)
        longest_s = queue.longest_wait_s if queue is not None else None
        floor.set_deadline(_LONGEST_WAIT, call, floor.now + longest_s if longest_s else None)
    floor.move_call(call, _WAITING, _OFFERED)  # No agent is in it yet whose row would say the cause.
    if visit is not None and visit is call.visit:
        call.wait.since = visit.entered_at
        stages.fit(floor, call)
    else:
        call.wait.since = floor.now
        stages.begin(floor, call)
        expected.note_at_entry(floor, call)
    floor.event(call, _QUEUED, queue=call.queue)
    last_agent.begin(floor, call)
    limits.watch(floor, call)
    announcements.begin(floor, call)
    _wait_on(floor, call)
    if call.state is _WAITING:
        notice.begin(floor, call)
    return None


def _refuse(floor: Floor, call: Call, exit_: Exit) -> None:
    """The queue takes no new call now. One that comes after closing time is no visit."""
    if exit_ is Exit.CLOSED:
        visits.end(floor, call, VisitExit.MOVED)
        call.visit = None
    else:
        visits.enter(floor, call, _NEW)
    floor.event(call, CallEventType.TURNED_AWAY, queue=call.queue, exit=exit_)


def leave(floor: Floor, call: Call, exit_: VisitExit, target: str | None) -> None:
    """The call has left its queue without an agent, and goes to ``target``. By a key it keeps its place."""
    visits.leave(floor, call, exit_, target)
    limits.watch_no_more(floor, call)
    stages.end(floor, call)
    announcements.end(floor, call)
    last_agent.end(floor, call)
    if exit_ is not VisitExit.KEY:
        floor.set_deadline(_LONGEST_WAIT, call, None)


def back_to_queue(floor: Floor, call: Call, cause: Cause) -> None:
    """An offer has failed: put the call back. Its place is kept, for the order goes by arrival."""
    floor.move_call(call, _WAITING, cause)
    _wait_on(floor, call)


def transferred(floor: Floor, call: Call, queue: str, from_cti_id: str) -> None:
    """An agent has sent the call to this queue. It keeps its first arrival in the order, and is never refused; all else
    begins anew."""
    call.wait.returned = False
    _enter(floor, call, queue, VisitKind.TRANSFERRED, VisitReason.TRANSFERRED, from_cti_id)


def moved(floor: Floor, call: Call, queue: str) -> None:
    """A supervisor has moved the waiting call to this queue. It keeps its first arrival, and the rank of one that came
    back, and is never refused; all else begins anew."""
    announcements.end(floor, call)
    limits.watch_no_more(floor, call)
    stages.end(floor, call)
    last_agent.end(floor, call)
    _enter(floor, call, queue, VisitKind.MOVED, VisitReason.MOVED)


def _enter(
    floor: Floor, call: Call, queue: str, kind: VisitKind, reason: VisitReason, from_cti_id: str | None = None
) -> None:
    """The call enters a queue that does not refuse it."""
    leg = call.leg_of(Role.CUSTOMER)
    if leg is not None and leg.place is Place.MUSIC and call.queue != queue:
        vacate(floor, call, leg)  # The queue may have other music.
    call.queue, call.wait.since = queue, floor.now
    longest_s = longest_wait_s(floor, call)
    floor.set_deadline(_LONGEST_WAIT, call, floor.now + longest_s if longest_s else None)
    floor.move_call(call, _WAITING, Cause.TRANSFERRED)
    visits.enter(floor, call, kind, reason, from_cti_id)
    stages.begin(floor, call)
    floor.event(call, _QUEUED, queue=queue)
    expected.note_at_entry(floor, call)
    limits.watch(floor, call)
    announcements.begin(floor, call)
    rewire(floor, call)
    notice.begin(floor, call)


_OTHERWISE = {
    Returned.TRANSFER_FAILED: Outcome.TRANSFER_FAILED,
    Returned.LEFT_ON_HOLD: Outcome.COMPLETED,
    Returned.AGENT_LOST: Outcome.AGENT_LOST,
}
"""The outcome of a call that no queue takes back, by the reason."""


def back_to_queue_first(floor: Floor, call: Call, cause: Cause, reason: Returned) -> None:
    """Put the call back before all others of its queue. An outbound call goes to its service's return queue. Without a
    queue a last message plays, and the call ends."""
    otherwise, from_cti_id = _OTHERWISE[reason], call.sender or call.cti_id or call.course.last_cti_id
    call.cti_id = call.sender = None
    call.recalled = False
    if call.dialling.emergency:
        finish(floor, call, otherwise, EndedBy.SYSTEM)  # An emergency service is not put into a queue.
        return
    service = floor.directory.services.get(call.service or "")
    inbound = call.queue if call.direction is Direction.INBOUND else None
    queue_id = inbound or (service.return_queue if service else None)
    queue = floor.directory.queues.get(queue_id or "")
    if queue is None:
        _nobody_takes_back(floor, call, otherwise, cause)
        return
    call.queue, call.wait.returned = queue.id, True
    call.wait.since = floor.now
    stages.begin(floor, call)
    last_agent.end(floor, call)
    if (typed := floor.typed.get(call.id)) is not None:
        typed.keys = ""
    longest_s = longest_wait_s(floor, call)
    floor.set_deadline(_LONGEST_WAIT, call, floor.now + longest_s if longest_s else None)
    floor.move_call(call, _WAITING, cause)
    visits.enter(floor, call, VisitKind.RETURNED, VisitReason(reason), from_cti_id)
    floor.event(call, CallEventType.RETURNED, queue=queue.id, reason=reason)
    expected.note_at_entry(floor, call)
    limits.watch(floor, call)
    announcements.begin(floor, call)
    rewire(floor, call)


def _nobody_takes_back(floor: Floor, call: Call, otherwise: Outcome, cause: Cause) -> None:
    if failed_leads_to(floor, call) is None:
        announce(floor, call, SORRY, otherwise, cause)
        return
    call.way = call.way or Way("", "", floor.now)
    call.way.ends_as = otherwise
    floor.leave_queue(floor, call, Exit.FAILED)


def longest_wait_s(floor: Floor, call: Call) -> float | None:
    """Return the longest wait of the call's queue, in seconds, or None when it has none."""
    queue = floor.directory.queues.get(call.queue or "")
    return (queue.longest_wait_s or None) if queue else None


def longest_wait_over(floor: Floor, call: Call) -> None:
    """The call has waited too long: its scenario says what follows."""
    floor.event(call, CallEventType.LONGEST_WAIT_REACHED, queue=call.queue)
    floor.leave_queue(floor, call, Exit.LONGEST_WAIT)


def send_away(floor: Floor, call: Call) -> None:
    """End a call that nobody can serve: its queue is not configured any more, and no other is for it."""
    leave(floor, call, VisitExit.REMOVED, None)
    announce(floor, call, SORRY, Outcome.QUEUE_TIMEOUT, Cause.RECOVERY)


def _wait_on(floor: Floor, call: Call) -> None:
    if call.queue not in floor.directory.queues:
        send_away(floor, call)
        return
    if call.wait.ends_at is not None and call.wait.ends_at <= floor.now:
        longest_wait_over(floor, call)  # At once: no music that would be heard for a moment.
        return
    typed = floor.typed.get(call.id)
    if typed is not None and typed.keys and leads_to(floor, call, typed.keys) is not None:
        floor.leave_queue(floor, call, typed.keys)  # It was pressed while a phone rang.
        return
    if call.visit is not None and call.visit.closed_at is not None and limits.has_closed(floor, call):
        limits.turn_away(floor, call, Exit.CLOSED)
        return
    rewire(floor, call)
