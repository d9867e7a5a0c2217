"""Announcements to a caller who waits (requirement I4): position, expected wait, and sounds of the house, at a first
time and then again and again.

An announcement is an interlude, not a state: the call waits and is offered, and where there is a prompt the caller
hears it in place of the music. So nothing is late because of one. When a phone was lifted, the wiring takes the caller
out of it. A key in it counts at once. The music is started again behind it, and goes on where it stopped.

The next time is a deadline of the call, which stands still while the PBX is away. What was said stands in the visit.
"""

from collections.abc import Iterator

from cti_bridge.domain.audio.messages import play, stop
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.announcement import Announcement, Say, next_s
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.queue.brackets import say_position, say_wait
from cti_bridge.domain.queue.exits import queue_step
from cti_bridge.domain.queue.expected import expected_wait_s, position

# Members that every call looks up, by names of the module: see the package.
_ANNOUNCEMENT = Kind.ANNOUNCEMENT

LONGEST_S = 60.0
"""An announcement counts as over after so many seconds, for the case that nobody tells its end."""
MUSIC_S = 5.0
"""The least seconds of music between two announcements."""


def begin(floor: Floor, call: Call) -> None:
    """The call waits in a queue: newly, once more, or under another configuration. Set its next announcement."""
    visit, announce = call.visit, _announce(floor, call)
    if visit is None or not visit.waits or not announce:
        _set(floor, call, None)  # Of the queue before, or the configuration.
        return
    _set_next(floor, call, visit, announce, floor.now)


def end(floor: Floor, call: Call) -> None:
    """The call has left its queue: it hears no more of an announcement, and no other one."""
    _set(floor, call, None)
    if call.prompt is not None and call.prompt.then is Then.WAIT:
        stop(floor, call)


def due(floor: Floor, call: Call) -> None:
    """Say what is due by now, each thing once, and set the next time."""
    visit, announce = call.visit, _announce(floor, call)
    if visit is None or not announce or call.prompt is not None:
        return  # What plays will set the next time when it is over.
    waited_s = max(0.0, floor.now - visit.entered_at)
    said = [one for one in announce if one.times(waited_s) > one.times(visit.announced_s)]
    media = dict.fromkeys(sound for one in said for sound in _sounds(floor, call, visit, one))
    visit.announced_s = waited_s
    _set_next(floor, call, visit, announce, floor.now)
    floor.touch_call(call)
    if media:
        _note_offered(floor, call, visit)
        play(floor, call, Prompt(",".join(media), To.CUSTOMER, Then.WAIT, LONGEST_S))


def over(floor: Floor, call: Call) -> None:
    """The announcement has been heard: the music goes on."""
    rewire(floor, call)
    visit, announce = call.visit, _announce(floor, call)
    if visit is not None and visit.waits and announce:
        _set_next(floor, call, visit, announce, floor.now)


def longest_s(floor: Floor, call: Call) -> float | None:
    """Return the most seconds until the call's next announcement, or None when there is none any more."""
    visit, announce = call.visit, _announce(floor, call)
    if visit is None or not announce:
        return None
    after_s = max(0.0, visit.announced_s)
    at_s = next_s(announce, visit.announced_s)
    return None if at_s is None else max(at_s - after_s, MUSIC_S)


def _announce(floor: Floor, call: Call) -> tuple[Announcement, ...]:
    queue = floor.directory.queues.get(call.queue or "")
    return queue.announce if queue is not None else ()


def _sounds(floor: Floor, call: Call, visit: Visit, one: Announcement) -> Iterator[str]:
    if one.above_s and (expected_wait_s(floor, call) or 0.0) < one.above_s:
        return
    for say in one.say:
        if say is Say.POSITION:
            yield say_position(visit, position(floor, call))
        elif (sound := say_wait(visit, expected_wait_s(floor, call), floor.now)) is not None:
            yield sound
    yield from one.sounds


def _note_offered(floor: Floor, call: Call, visit: Visit) -> None:
    """The caller is told of keys that count while the wait is long, and may press one when it is so no more."""
    step = queue_step(floor, call)
    if step is not None and step.above_s:
        visit.offered_s = max(visit.offered_s, expected_wait_s(floor, call) or 0.0)


def _set_next(floor: Floor, call: Call, visit: Visit, announce: tuple[Announcement, ...], since: float) -> None:
    """Set the next time. What is due before ``since`` has some music before it."""
    at_s = next_s(announce, visit.announced_s)
    at = None if at_s is None else visit.entered_at + at_s
    _set(floor, call, since + MUSIC_S if at is not None and at < since else at)


def _set(floor: Floor, call: Call, at: float | None) -> None:
    if at is None and floor.deadlines.at(_ANNOUNCEMENT, call.id) is None:
        return
    floor.set_deadline(_ANNOUNCEMENT, call, at)
    floor.deadlines.set(_ANNOUNCEMENT, call.id, at)  # A new visit keeps none of that of the one before.
    floor.touch_call(call)
