"""A supervisor ends a call, or moves one that waits to another queue or to the front (requirement L3).

:data:`ENDS` has one cell for each state of a call; ``docs/states.md`` shows it. An emergency call is ended by nobody
but its parties. A call that is moved to another queue begins a new visit there; its first arrival is kept, and it is
never refused. At the front it goes before all others, also before those that came back from an agent, until its visit
is over.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cti_bridge.domain.border.commands import EndCall, MoveCall
from cti_bridge.domain.border.errors import NotAllowedNow, NotFound, PbxUnavailable
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.legs.matrix import left_with
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.words import CallEventType, EndedBy, Outcome
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.queue.queueing import QUEUED, moved
from cti_bridge.domain.talk import lost, target


@dataclass(frozen=True, slots=True)
class Ends:
    """``outcomes`` are the words of the documentation, ``outcome`` says which one."""

    outcomes: str
    outcome: Callable[[Call], Outcome]


def end(floor: Floor, command: EndCall) -> None:
    """End the call for all who are in it. Raises NotFound, NotAllowedNow for an emergency call."""
    call = floor.calls.get(command.call_id)
    if call is None or call.state is CallState.ENDED:
        raise NotFound
    if call.dialling.emergency or is_emergency(floor, call.target):
        raise NotAllowedNow("An emergency call is ended by who is in it, and by nobody else.")
    finish(floor, call, ENDS[call.state].outcome(call), EndedBy.SUPERVISOR)


def move(floor: Floor, command: MoveCall) -> None:
    """Move the call to the queue, to the front, or both. Raises NotFound for a queue of another service, NotAllowedNow,
    PbxUnavailable."""
    call = floor.calls.get(command.call_id)
    if call is None or call.state is CallState.ENDED:
        raise NotFound
    if call.state not in QUEUED:
        raise NotAllowedNow("Only a call that waits in a queue can be moved.")
    before, queue = call.queue, floor.directory.queues.get(command.queue or call.queue or "")
    if queue is None or queue.service != call.service:
        raise NotFound("There is no such queue of this call's service.")
    if queue.id == before and not command.first:
        raise NotAllowedNow("The call waits in this queue already.")
    if not floor.node_up(call.node):
        raise PbxUnavailable
    floor.event(call, CallEventType.MOVED, queue=queue.id, before=before, by_cti_id=command.by, first=command.first)
    if queue.id != before:
        moved(floor, call, queue.id)
    if command.first:
        call.wait.first = True
        floor.touch_call(call)


def _in_the_scenario(call: Call) -> Outcome:
    return left_with(call) or _before_a_talk(call)


def _before_a_talk(call: Call) -> Outcome:
    return Outcome.COMPLETED if call.answered_at is not None else Outcome.CANCELLED


def _with_the_agent_away(call: Call) -> Outcome:
    return Outcome.CANCELLED if call.target is None and lost.not_reached_yet(call) else Outcome.COMPLETED


def _in_a_transfer(call: Call) -> Outcome:
    by_step = call.sender is None and call.cti_id is None
    return _in_the_scenario(call) if by_step else Outcome.COMPLETED


_S = CallState
_COMPLETED = Ends("completed", lambda _: Outcome.COMPLETED)
_CANCELLED = Ends("cancelled", lambda _: Outcome.CANCELLED)
_WAITS = Ends("cancelled; after a talk completed", _before_a_talk)
_SCENARIO = Ends(
    "cancelled; after a talk completed; with a message voicemail; registered callback_registered", _in_the_scenario
)
_TRANSFER = Ends("completed; by a step as in_scenario", _in_a_transfer)

ENDS: dict[CallState, Ends] = {
    _S.IN_SCENARIO: _SCENARIO,
    _S.IN_DIALPLAN: _SCENARIO,
    _S.WAITING: _WAITS,
    _S.RINGING: _WAITS,
    _S.ACCEPTED: _WAITS,
    _S.CONNECTING: _WAITS,
    _S.DIALING_AGENT: _CANCELLED,
    _S.DIALING_CUSTOMER: _CANCELLED,
    _S.TALKING: _COMPLETED,
    _S.WARNING: _COMPLETED,
    _S.AGENT_LOST: Ends("completed; the customer was not reached yet: cancelled", _with_the_agent_away),
    _S.ON_HOLD: _COMPLETED,
    _S.CONSULT_RINGING: _COMPLETED,
    _S.CONSULT_TALKING: _COMPLETED,
    _S.CONSULT_SWAPPED: _COMPLETED,
    _S.THREE_TOGETHER: _COMPLETED,
    _S.CONSULT_ALONE: _COMPLETED,
    _S.JOINING: _TRANSFER,
    _S.TRANSFER_RINGING: _TRANSFER,
    _S.TRANSFER_CONFIRMING: _TRANSFER,
    _S.TRANSFERRED: Ends("completed, transferred_out", target.outcome_of),
    _S.INTERNAL_RINGING: _CANCELLED,
    _S.INTERNAL_TALKING: _COMPLETED,
    _S.INTERNAL_ON_HOLD: _COMPLETED,
    _S.INTERNAL_HELD: _COMPLETED,
    _S.ANNOUNCING: Ends("as announced", lambda call: call.end.announced or Outcome.COMPLETED),
}
"""By state, the outcome of a call that a supervisor ends. One that has ended is not there any more."""
