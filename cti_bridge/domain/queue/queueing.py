"""The way of a call through its queue: entry, return with the place kept, and the end of the longest wait (requirements
C1, C5)."""

from cti_bridge.domain.ending.last_message import SORRY, announce
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, Outcome, Returned
from cti_bridge.domain.queue import stages

QUEUED = frozenset({CallState.WAITING})
"""The states in which the longest wait acts."""


def enqueue(floor: Floor, call: Call) -> None:
    """Put the call into its queue. Its longest wait begins now."""
    longest_s = longest_wait_s(floor, call)
    floor.set_deadline(Kind.LONGEST_WAIT, call, floor.now + longest_s if longest_s else None)
    floor.move_call(call, CallState.WAITING, Cause.OFFERED)  # No agent is in it yet whose row would say the cause.
    call.wait.since = floor.now
    stages.begin(floor, call)
    floor.event(call, CallEventType.QUEUED, queue=call.queue)
    _wait_on(floor, call)


def back_to_queue(floor: Floor, call: Call, cause: Cause) -> None:
    """An offer has failed: put the call back. Its place is kept, for the order goes by arrival."""
    floor.move_call(call, CallState.WAITING, cause)
    _wait_on(floor, call)


_OTHERWISE = {
    Returned.TRANSFER_FAILED: Outcome.TRANSFER_FAILED,
    Returned.LEFT_ON_HOLD: Outcome.COMPLETED,
    Returned.AGENT_LOST: Outcome.AGENT_LOST,
}
"""The outcome of a call that no queue takes back, by the reason."""


def back_to_queue_first(floor: Floor, call: Call, cause: Cause, reason: Returned) -> None:
    """Put the call back before all others of its queue. An outbound call goes to its service's return queue. Without a
    queue a last message plays, and the call ends."""
    otherwise = _OTHERWISE[reason]
    call.cti_id = call.sender = None
    call.recalled = False
    if call.dialling.emergency:
        finish(floor, call, otherwise, EndedBy.SYSTEM)  # An emergency service is not put into a queue.
        return
    service = floor.directory.services.get(call.service or "")
    queue_id = call.queue if call.direction is Direction.INBOUND else service.return_queue if service else None
    queue = floor.directory.queues.get(queue_id or "")
    if queue is None:
        announce(floor, call, SORRY, otherwise, cause)
        return
    call.queue, call.wait.returned = queue.id, True
    call.wait.since = floor.now
    stages.begin(floor, call)
    longest_s = longest_wait_s(floor, call)
    floor.set_deadline(Kind.LONGEST_WAIT, call, floor.now + longest_s if longest_s else None)
    floor.move_call(call, CallState.WAITING, cause)
    floor.event(call, CallEventType.RETURNED, queue=queue.id, reason=reason)
    rewire(floor, call)


def longest_wait_s(floor: Floor, call: Call) -> float | None:
    """Return the longest wait of the call's queue, in seconds, or None when it has none."""
    queue = floor.directory.queues.get(call.queue or "")
    return (queue.longest_wait_s or None) if queue else None


def longest_wait_over(floor: Floor, call: Call) -> None:
    """The call has waited too long: its scenario says what follows."""
    floor.event(call, CallEventType.LONGEST_WAIT_REACHED, queue=call.queue)
    stages.end(floor, call)
    floor.leave_queue(floor, call, Exit.LONGEST_WAIT)


def send_away(floor: Floor, call: Call) -> None:
    """End a call that nobody can serve: its queue is not configured any more, and no other is for it."""
    announce(floor, call, SORRY, Outcome.QUEUE_TIMEOUT, Cause.RECOVERY)


def _wait_on(floor: Floor, call: Call) -> None:
    if call.queue not in floor.directory.queues:
        send_away(floor, call)
        return
    if call.wait.ends_at is not None and call.wait.ends_at <= floor.now:
        longest_wait_over(floor, call)  # At once: no music that would be heard for a moment.
        return
    rewire(floor, call)
