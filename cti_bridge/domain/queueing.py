"""A call enters its queue, comes back to it with its place kept, and leaves it when the longest wait is reached
(requirements C1, C5)."""

from cti_bridge.domain.actions import StopPlayback
from cti_bridge.domain.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.deadlines import Kind
from cti_bridge.domain.facts import PlaybackEnded, PlaybackStarted
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.ids import call_of_playback
from cti_bridge.domain.outcome import finish
from cti_bridge.domain.rewire import rewire, vacate

QUEUED = frozenset({CallState.GREETING, CallState.WAITING})
"""Where the longest wait acts."""
SORRY = "sound:cti/goodbye"
"""What a customer hears for whom there is nobody left."""
MESSAGE_LIMIT_S = 120.0
"""A message whose end nobody told us counts as over then."""


def enqueue(floor: Floor, call: Call) -> None:
    """The greeting is over, or there was none."""
    floor.move_call(call, CallState.WAITING, "queued")
    call.waiting_since = floor.now
    floor.event(call, "queued", queue=call.queue)
    _wait_on(floor, call)


def back_to_queue(floor: Floor, call: Call, cause: str) -> None:
    """An offer came to nothing. The place is kept, for the order goes by arrival."""
    floor.move_call(call, CallState.WAITING, cause)
    _wait_on(floor, call)


def back_to_queue_first(floor: Floor, call: Call, cause: str, otherwise: str) -> None:
    """Before all others of its queue; an outbound call goes to its service's return queue. Without a queue a last
    message is played, and the call ends with the outcome ``otherwise``."""
    call.cti_id = call.sender = None
    call.recalled = False
    if call.emergency:
        finish(floor, call, otherwise, "system")  # An emergency service is not put into a queue.
        return
    service = floor.directory.services.get(call.service or "")
    queue_id = call.queue if call.direction == "inbound" else service.return_queue if service else None
    queue = floor.directory.queues.get(queue_id or "")
    if queue is None:
        announce(floor, call, SORRY, otherwise, cause)
        return
    call.queue, call.returned = queue.id, True
    call.waiting_since = floor.now
    longest_s = longest_wait_s(floor, call)
    floor.set_deadline(Kind.LONGEST_WAIT, call, floor.now + longest_s if longest_s else None)
    floor.move_call(call, CallState.WAITING, cause)
    floor.event(call, "returned", queue=queue.id)
    rewire(floor, call)


def announce(floor: Floor, call: Call, message: str, outcome: str, cause: str) -> None:
    """Play a last message, then end with ``outcome``; at once when there is no message."""
    if not message:
        finish(floor, call, outcome, call.ended_by or "system")
        return
    call.announcement, call.announced_outcome = message, outcome
    floor.move_call(call, CallState.ANNOUNCING, cause)
    play_until_over(floor, call, message)


def longest_wait_s(floor: Floor, call: Call) -> float | None:
    """That of its queue; None where there is none."""
    queue = floor.directory.queues.get(call.queue or "")
    return (queue.longest_wait_s or None) if queue else None


def longest_wait_over(floor: Floor, call: Call) -> None:
    """Say so, then end."""
    scenario = floor.directory.scenarios.get(call.dialed_number)
    floor.event(call, "longest_wait_reached", queue=call.queue)
    announce(floor, call, scenario.on_longest_wait if scenario else "", "queue_timeout", "limit")


def message_started(floor: Floor, fact: PlaybackStarted) -> None:
    """One that plays, though something else is wanted by now, is stopped (once more); to whom it plays its id does not
    say."""
    found = _playing(floor, fact.playback_id)
    if found:
        found[1].playing = True
        floor.touch_call(found[0])
        return
    call = floor.calls.get(call_of_playback(fact.playback_id) or "")
    if call is None:
        return
    for leg in listeners(call):
        floor.act(StopPlayback(call.node, call.id, leg.id, fact.playback_id))


def message_ended(floor: Floor, fact: PlaybackEnded) -> None:
    """A message that failed is over too: silence helps nobody."""
    found = _playing(floor, fact.playback_id)
    if found:
        _message_over(floor, *found)


def message_failed(floor: Floor, call: Call, leg: Leg) -> None:
    """It could not even begin."""
    if leg.place is Place.MESSAGE:
        _message_over(floor, call, leg)


def message_limit(floor: Floor, call: Call) -> None:
    """Nobody told its end. What may still play is stopped, for what comes next would wait behind it."""
    hearing = [leg for leg in listeners(call) if leg.place is Place.MESSAGE]
    for leg in hearing:
        vacate(floor, call, leg)
    if hearing:
        _message_over(floor, call, hearing[0])


def _message_over(floor: Floor, call: Call, leg: Leg) -> None:
    """On to the queue, to the end, or back to the conversation when the other has heard it too."""
    leg.playback_id, leg.playing = None, False
    floor.touch_call(call)
    if any(other.playback_id for other in listeners(call)):
        return
    forget_message(floor, call)
    if call.state is CallState.WARNING:
        floor.move_call(call, CallState.TALKING, "command")
        rewire(floor, call)
    elif call.state is CallState.GREETING:
        enqueue(floor, call)
    elif call.state is CallState.ANNOUNCING:
        finish(floor, call, call.announced_outcome or "completed", call.ended_by or "system")


def _playing(floor: Floor, playback_id: str) -> tuple[Call, Leg] | None:
    """The leg to which this message plays, if it still does."""
    call = floor.calls.get(call_of_playback(playback_id) or "")
    if call is None:
        return None
    return next(((call, leg) for leg in listeners(call) if leg.playback_id == playback_id), None)


def listeners(call: Call) -> list[Leg]:
    """The legs to which a message may play: that of the customer, and in a warning that of the agent."""
    legs = (call.leg_of(role) for role in (Role.CUSTOMER, Role.AGENT))
    return [leg for leg in legs if leg is not None and leg.stage is Stage.UP]


def forget_message(floor: Floor, call: Call) -> None:
    """It is over, or no longer wanted."""
    floor.set_deadline(Kind.MESSAGE, call, None)


def play_until_over(floor: Floor, call: Call, message: str, limit_s: float = MESSAGE_LIMIT_S) -> None:
    """Rewire to the state's message, with a limit for the case that its end is never told. It takes the place of a
    message that is still heard."""
    leg = call.leg_of(Role.CUSTOMER)
    if leg is not None and leg.place is Place.MESSAGE:
        vacate(floor, call, leg)
    rewire(floor, call, message)
    floor.set_deadline(Kind.MESSAGE, call, floor.now + limit_s)


def message_of(floor: Floor, call: Call) -> str:
    """The message of the call's present state."""
    if call.state is CallState.ANNOUNCING and call.announcement:
        return call.announcement
    if call.state is CallState.WARNING:
        return warning_of(floor, call)
    scenario = floor.directory.scenarios.get(call.dialed_number)
    if scenario is None:
        return ""
    return scenario.greeting if call.state is CallState.GREETING else scenario.on_longest_wait


def warning_of(floor: Floor, call: Call) -> str:
    """The warning of the call's service; empty where there is none."""
    service = floor.directory.services.get(call.service or "")
    return service.force_disconnect_warning if service else ""


def send_away(floor: Floor, call: Call) -> None:
    """Nobody will ever serve the call: the queue is not configured any more, nor any other for it."""
    announce(floor, call, SORRY, "queue_timeout", "recovery")


def _wait_on(floor: Floor, call: Call) -> None:
    if call.queue not in floor.directory.queues:
        send_away(floor, call)
        return
    if call.longest_wait_at is not None and call.longest_wait_at <= floor.now:
        longest_wait_over(floor, call)  # At once: no music that would be heard for a moment.
        return
    rewire(floor, call)
