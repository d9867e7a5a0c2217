"""The steps of a scenario: the beginning of each, and the end of its wait."""

from cti_bridge.domain.audio.messages import stop
from cti_bridge.domain.border.facts import LookupAnswered
from cti_bridge.domain.ending.last_message import announce
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire, vacate
from cti_bridge.domain.hours.opening import opening
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.scenario import (
    AskCallback,
    AskHours,
    AskLookup,
    Branch,
    Collect,
    Dialplan,
    Enqueue,
    Exit,
    Goto,
    HangUp,
    Menu,
    Play,
    SetValues,
    Step,
    Voicemail,
)
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import Cause
from cti_bridge.domain.queue.exits import queue_step
from cti_bridge.domain.queue.expected import expected_wait_s
from cti_bridge.domain.queue.limits import IN_QUEUE
from cti_bridge.domain.queue.queueing import enqueue
from cti_bridge.domain.scenario import callback, collect, dialplan, lookup, typed, values, voicemail
from cti_bridge.domain.scenario.interpreter import Enter, go_on, leave, outcome, step_of
from cti_bridge.domain.scenario.say import say


def pressed(floor: Floor, call: Call, key: str) -> None:
    """The customer has pressed a key. A menu takes it, and a queue takes one that leads on; another step keeps it for
    the next menu."""
    way = call.way
    if way is not None and way.at_once:
        way.at_once = 0  # Callers may go round as often as they like.
        floor.touch_call(call)
    if way is None or call.state is not CallState.IN_SCENARIO:
        if call.state in IN_QUEUE:
            _pressed_in_queue(floor, call, key)
        return
    typed.add(floor, call, key)
    step = step_of(floor, way)
    if not typed.keys(floor, call):
        return  # It has ended an entry that was complete without it.
    take = PRESSED.get(type(step))
    if take is not None and (exit_ := take(floor, call, way, step)):
        leave(floor, call, exit_)


def message_over(floor: Floor, call: Call) -> None:
    """The message of the step has been heard."""
    way = call.way
    step = step_of(floor, way) if way else None
    if way is None or step is None:
        go_on(floor, call)
    elif exit_ := HEARD.get(type(step), _next)(floor, call, way, step):
        leave(floor, call, exit_)


def time_over(floor: Floor, call: Call) -> None:
    """No key was pressed in time, or the answer has not come."""
    way = call.way
    step = step_of(floor, way) if way else None
    late = TIME_OVER.get(type(step))
    if call.state is CallState.IN_DIALPLAN:
        dialplan.time_over(floor, call)
    elif way is not None and (way.recording or way.then):
        voicemail.time_over(floor, call, way)
    elif way is None or late is None:
        go_on(floor, call)
    elif exit_ := late(floor, call, way, step):
        leave(floor, call, exit_)


def looked_up(floor: Floor, fact: LookupAnswered) -> None:
    """A system of the house has answered."""
    if (found := lookup.answered(floor, fact)) is not None:
        leave(floor, *found)


def longest_s(floor: Floor, call: Call) -> float:
    """Return the seconds for which the call's step waits for a key, an answer or a message. A step that is gone does
    not wait."""
    step = step_of(floor, call.way) if call.way else None
    if call.state is CallState.IN_DIALPLAN:
        return dialplan.longest_s(step)
    if isinstance(step, Voicemail):
        return voicemail.longest_s(step)
    if isinstance(step, Collect | AskCallback):
        return max(step.wait_s, step.between_s)
    return step.wait_s if isinstance(step, Menu | AskLookup) else 0.0


# ------------------------------------------------------------------------------- the steps


def _play(floor: Floor, call: Call, way: Way, step: Play) -> str | None:
    if not step.sound:
        return Exit.NEXT
    say(floor, call, step.sound)
    return None


def _menu(floor: Floor, call: Call, way: Way, step: Menu) -> str | None:
    while typed.keys(floor, call):
        if key := _taken(floor, call, way, step):
            return key
    return _menu_again(floor, call, way, step)


def _hours(floor: Floor, call: Call, way: Way, step: AskHours) -> str | None:
    if step.hours not in floor.directory.hours:
        return Exit.OPEN  # No check lets that pass. A queue that nobody serves is left in time, too.
    now = opening(floor, step.hours)
    if now.sound and not way.heard:
        way.heard = 1
        say(floor, call, now.sound)
        return None
    return Exit.CLOSED if now.state is OpenState.HOLIDAY and Exit.HOLIDAY not in step.exits else now.state


def _next(floor: Floor, call: Call, way: Way, step: Step) -> str | None:
    return Exit.NEXT


def _goto(floor: Floor, call: Call, way: Way, step: Goto) -> str | None:
    return Exit.NEXT


def _queue(floor: Floor, call: Call, way: Way, step: Enqueue) -> str | None:
    way.left_by, way.talked = "", False
    typed.forget_keys(floor, call)
    if call.queue != step.queue:
        _leave_music(floor, call)
    call.queue = step.queue
    return enqueue(floor, call)


def _leave_music(floor: Floor, call: Call) -> None:
    """The call comes from another queue, or from a lookup. The queue may have other music."""
    leg = call.leg_of(Role.CUSTOMER)
    if leg is not None and leg.place is Place.MUSIC:
        vacate(floor, call, leg)


def _hang_up(floor: Floor, call: Call, way: Way, step: HangUp) -> str | None:
    announce(floor, call, step.sound, outcome(way), Cause.LIMIT)
    return None


TABLE: dict[type[Step], Enter] = {
    Play: _play,
    Menu: _menu,
    AskHours: _hours,
    Goto: _goto,
    Collect: collect.collect,
    AskLookup: lookup.lookup,
    SetValues: values.set_values,
    Branch: values.branch,
    Enqueue: _queue,
    HangUp: _hang_up,
    Voicemail: voicemail.begin,
    AskCallback: callback.begin,
    Dialplan: dialplan.begin,
}


PRESSED: dict[type[Step] | type[None], Enter] = {
    Menu: lambda floor, call, way, step: _choose(floor, call, way, step),
    Collect: collect.pressed,
    AskCallback: callback.pressed,
    Voicemail: voicemail.pressed,
}
"""By step, what follows a key."""

HEARD: dict[type[Step], Enter] = {
    AskHours: _hours,
    Menu: lambda floor, call, way, step: _wait_or_play(floor, call, way, step),
    Collect: collect.message_over,
    AskCallback: callback.message_over,
    Voicemail: voicemail.record,
}
"""By step, what follows its message; after any other it is left by ``next``."""

TIME_OVER: dict[type[Step] | type[None], Enter] = {
    Menu: lambda floor, call, way, step: _menu_again(floor, call, way, step),
    Collect: collect.time_over,
    AskCallback: callback.time_over,
    AskLookup: lookup.time_over,
}
"""By step, what follows when the time is over for which it waits."""


# ------------------------------------------------------------------------------- queues


def _pressed_in_queue(floor: Floor, call: Call, key: str) -> None:
    """A key leads out of the queue at once. While a phone rings for the caller it is remembered, and counts only when
    the offer has come to nothing. One that is for long waits counts still when it was offered by an announcement."""
    step = queue_step(floor, call)
    if step is None or key not in step.exits or call.visit is None or not call.visit.waits:
        return
    above_s = step.above_s.get(key, 0.0)
    if call.visit.offered_s < above_s and (expected_wait_s(floor, call) or 0.0) < above_s:
        return
    if call.state is CallState.WAITING:
        floor.leave_queue(floor, call, key)
    else:
        typed.remember(floor, call, key)


# ------------------------------------------------------------------------------- menus


def _taken(floor: Floor, call: Call, way: Way, step: Menu) -> str:
    """Take the first key that was pressed. Return it when it leads on. Keys that lead nowhere before the menu is heard
    count as one try."""
    key = typed.take_key(floor, call)
    if key in step.exits:
        return key
    way.heard = max(way.heard, 1)
    return ""


def _menu_again(floor: Floor, call: Call, way: Way, step: Menu) -> str | None:
    """No key was pressed in time: play the menu once more, if there is a try left."""
    if way.heard >= step.tries:
        return Exit.OTHERWISE
    _play_menu(floor, call, way, step)
    return None


def _choose(floor: Floor, call: Call, way: Way, step: Menu) -> str | None:
    """A key was pressed in a menu: it stops the message at once."""
    stop(floor, call)
    floor.set_deadline(Kind.STEP, call, None)
    floor.touch_call(call)
    if key := _taken(floor, call, way, step):
        return key
    if way.heard >= step.tries:
        return Exit.OTHERWISE
    if step.invalid:
        say(floor, call, step.invalid)
        way.invalid = True
    else:
        _play_menu(floor, call, way, step)
    return None


def _wait_or_play(floor: Floor, call: Call, way: Way, step: Menu) -> None:
    """A message of the menu is over: the one after a wrong key, then its own."""
    if way.invalid:
        way.invalid = False
        _play_menu(floor, call, way, step)
        return
    rewire(floor, call)
    floor.set_deadline(Kind.STEP, call, floor.now + step.wait_s)


def _play_menu(floor: Floor, call: Call, way: Way, step: Menu) -> None:
    way.heard += 1
    way.invalid = False
    if step.sound:
        say(floor, call, step.sound)
    else:
        _wait_or_play(floor, call, way, step)
