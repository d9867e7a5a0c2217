"""The list of customers who are to be called: each open one in the queue whose agents see it.

It is kept in memory and in the checkpoint. What is done stays for a day, or as long as its message can be heard, so
the list is bounded by what callers leave: a queue with :attr:`~cti_bridge.domain.model.directory.Queue.most_open` open
ones registers no more wishes, and takes messages up to :data:`MESSAGES_BEYOND` times as many, of which the operator is
told. Nobody who has talked to a machine for a minute should learn then that it was in vain.
"""

from collections import Counter
from collections.abc import Iterable

from cti_bridge.domain.border.commands import CallbackDone
from cti_bridge.domain.border.errors import NotAllowedNow, NotFound, VersionConflict
from cti_bridge.domain.border.records import CallbackRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.callbacks import Callback, CallbackKind, CallbackStatus, Recording
from cti_bridge.domain.rights.asker import Asker

KEPT_S = 86_400.0
"""The seconds for which one that is done is still shown."""
MESSAGES_BEYOND = 5


def register(
    floor: Floor, kind: CallbackKind, call: Call, queue: str, number: str | None, entered_by: str | None = None
) -> Callback:
    """Register the customer of the call under the number, and return the entry."""
    name = call.customer.name if number == call.customer.number else ""
    found = Callback(
        floor.ids.uuid(floor.now), kind, call.service or "", queue, number, name, floor.now, source_call=call.id
    )
    found.entered_by = entered_by
    return _add(floor, found)


def wish(floor: Floor, call: Call, queue: str, number: str) -> Callback | None:
    """Return the open wish to call the number back for this queue: the one that there is, else a new one. None: the
    queue has as many as it may have, or the caller has entered another number before that still waits."""
    if (found := open_wish(floor, queue, number)) is not None:
        return found
    customer = call.customer
    caller = (customer.number or customer.withheld_key) if number != customer.number else None
    if is_full(floor, queue) or (caller is not None and _has_entered(floor, call, caller)):
        return None
    return register(floor, CallbackKind.REQUESTED, call, queue, number, caller)


def open_wish(floor: Floor, queue: str, number: str) -> Callback | None:
    """Return the open wish to call the number back for this queue, or None."""
    wishes = (one for one in floor.callbacks.values() if one.is_open and one.kind is CallbackKind.REQUESTED)
    return next((one for one in wishes if (one.queue, one.number) == (queue, number)), None)


def _has_entered(floor: Floor, call: Call, caller: str) -> bool:
    return any(
        one.is_open and (one.service, one.entered_by) == (call.service, caller) for one in floor.callbacks.values()
    )


def queue_of(floor: Floor, call: Call, named: str) -> str:
    """Return the queue whose agents see an entry of the call: that which the step names, else the call's own, else the
    nearest of its scenario or service; empty where none is left."""
    scenario = floor.directory.scenarios.get(call.way.scenario) if call.way is not None else None
    service = floor.directory.services.get(call.service or "")
    known = (named, call.queue, scenario.nearest_queue if scenario else None, service and service.return_queue)
    return next((queue for queue in known if queue and queue in floor.directory.queues), named)


def register_message(floor: Floor, recording: Recording, call: Call | None) -> Callback:
    """Register who has left the message, and return the entry. ``call`` None: nobody knows the caller any more."""
    found = Callback(
        id=floor.ids.uuid(floor.now),
        kind=CallbackKind.VOICEMAIL,
        service=recording.service,
        queue=recording.queue,
        number=call.customer.number if call is not None else None,
        name=call.customer.name if call is not None else "",
        placed_at=recording.ended_at or floor.now,
        source_call=recording.call_id,
        recording=recording.id,
    )
    return _add(floor, found)


def _add(floor: Floor, found: Callback) -> Callback:
    floor.callbacks[found.id] = found
    _write(floor, found)
    return found


def done(floor: Floor, command: CallbackDone) -> None:
    """An agent has dealt with it. Raises NotFound for one that they do not see, NotAllowedNow, VersionConflict."""
    found = floor.callbacks.get(command.callback_id)
    if found is None or not Asker(floor.directory, command.cti_id).sees_callback(found):
        raise NotFound
    if found.version != command.version:
        raise VersionConflict
    if not found.is_open:
        raise NotAllowedNow("It is done already.")
    found.owner = command.cti_id
    _end(floor, found, CallbackStatus.DONE)
    forget_old(floor)


def cancel(floor: Floor, recording: Recording) -> None:
    """Nothing was said in the message: the entry was made in vain."""
    for found in floor.callbacks.values():
        if found.recording == recording.id and found.is_open:
            _end(floor, found, CallbackStatus.CANCELLED)
            break
    forget_old(floor)


def open_in(floor: Floor) -> Counter[str]:
    """Return the number of open ones by queue."""
    return Counter(found.queue for found in floor.callbacks.values() if found.is_open)


def is_full(floor: Floor, queue: str, times: int = 1) -> bool:
    """Return whether the queue has ``times`` as many open ones as it may have."""
    configured = floor.directory.queues.get(queue)
    return configured is not None and open_in(floor)[queue] >= configured.most_open * times


def take_up(floor: Floor, callbacks: Iterable[Callback]) -> None:
    """Take up the list of the checkpoint."""
    for found in callbacks:
        floor.callbacks[found.id] = found
        floor.touch("callback", found.id, found)
    forget_old(floor)


def _end(floor: Floor, found: Callback, status: CallbackStatus) -> None:
    found.status, found.ended_at = status, floor.now
    found.version += 1
    _write(floor, found)


def _write(floor: Floor, found: Callback) -> None:
    floor.record(CallbackRow.of(found))
    floor.touch("callback", found.id, found)


def forget_old(floor: Floor) -> None:
    """Forget what was done long ago and cannot be heard any more. Its row stays."""
    for found in list(floor.callbacks.values()):
        if found.is_open or found.recording in floor.recordings:
            continue
        if found.status is CallbackStatus.CANCELLED or (found.ended_at or 0.0) < floor.now - KEPT_S:
            del floor.callbacks[found.id]
            floor.touch("callback", found.id, None)
