"""The step ``callback``: a caller asks to be called back (requirements I6, J1).

The caller's number is read out, and a key says that it is right, or that another is to be entered. Who withholds their
number, or has one that may not be dialled, is asked for one at once. A question that is not answered is heard again;
then, and after ``*``, the step is left by ``otherwise``, and a caller from a queue has kept the place.

Who is registered gives the place up. What follows in the scenario does not change that, nor does hanging up.

Each procedure returns the exit by which the step is left, or None while it goes on.
"""

from cti_bridge.domain.audio.messages import stop
from cti_bridge.domain.callbacks import entries
from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import (
    CALLBACK_CONFIRM,
    CALLBACK_ENTER,
    CALLBACK_INVALID,
    CALLBACK_NUMBER,
    CALLBACK_REFUSED,
    CALLBACK_REGISTERED,
    CALLBACK_REGISTERED_SOUND,
    DIGIT,
    AskCallback,
    Exit,
)
from cti_bridge.domain.model.way import Asks, Way
from cti_bridge.domain.model.words import CallEventType
from cti_bridge.domain.numbers.called_back import calls_back, entered_number, own_number, spoken
from cti_bridge.domain.scenario.say import enter, say
from cti_bridge.domain.scenario.typed import keys, take_key, typed_in

MOST_DIGITS = 20
"""The most digits of a number: 15 of E.164 (ITU-T E.164, section 6), and those of a prefix."""
DOUBLE_PRESS_S = 0.6
"""The seconds from the beginning of the step in which ``1`` says nothing: somebody has pressed the key twice that led
here, and has not heard the number."""
_DIGITS = "0123456789"
_HASH, _STAR, _RIGHT, _OTHER = "#", "*", "1", "2"
_QUESTIONS = (Asks.CONFIRM, Asks.ENTER)


def begin(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    """Begin the step."""
    enter(floor, call)
    way.asks, way.asked, way.number = None, 0, ""
    own, queue = own_number(floor, call), entries.queue_of(floor, call, step.queue)
    is_known = own is not None and entries.open_wish(floor, queue, own) is not None
    if not calls_back(floor, call) or (entries.is_full(floor, queue) and not is_known):
        return _refuse(floor, call, way)
    if own is None:
        return _ask_for_number(floor, call, way, step)
    way.number = own
    return _confirm(floor, call, way, step)


def pressed(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    """Go on with the keys that were pressed. They stop a question at once, and no other message."""
    if way.asks not in _QUESTIONS or _only_pressed_twice(floor, call, way):
        return None
    stop(floor, call)
    floor.set_deadline(Kind.STEP, call, None)
    floor.touch_call(call)
    return _answered(floor, call, way, step) if way.asks is Asks.CONFIRM else _read(floor, call, way, step)


def message_over(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    """The question, or the last sentence, has been heard."""
    if way.asks is Asks.REGISTERED:
        return Exit.NEXT
    if way.asks not in _QUESTIONS:
        return Exit.OTHERWISE
    rewire(floor, call)
    floor.set_deadline(Kind.STEP, call, floor.now + step.wait_s)
    floor.touch_call(call)
    return None


def time_over(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    """No key has come in time."""
    floor.touch_call(call)
    if way.asks is Asks.CONFIRM:
        return _confirm(floor, call, way, step)
    if way.asks is Asks.ENTER and typed_in(floor, call).digits:
        return _entered(floor, call, way, step)
    return _ask_for_number(floor, call, way, step)


def _confirm(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    """Ask whether the number is right, if there is a try left."""
    if not _once_more(way, step, Asks.CONFIRM):
        return Exit.OTHERWISE
    if keys(floor, call) and not _only_pressed_twice(floor, call, way):
        return _answered(floor, call, way, step)
    digits = (f"{DIGIT}{digit}" for digit in spoken(floor, call, way.number))
    say(floor, call, ",".join((CALLBACK_NUMBER, *digits, CALLBACK_CONFIRM)))
    return None


def _only_pressed_twice(floor: Floor, call: Call, way: Way) -> bool:
    """Drop a ``1`` that is the second press of the key that led here. Return whether no other key was pressed."""
    first = way.asks is Asks.CONFIRM and way.heard == 1
    if first and floor.now < way.since + DOUBLE_PRESS_S and keys(floor, call).startswith(_RIGHT):
        take_key(floor, call)
        return not keys(floor, call)
    return False


def _answered(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    key = take_key(floor, call)
    if key == _RIGHT:
        return _register(floor, call, way, step)
    if key == _OTHER:
        return _ask_for_number(floor, call, way, step)
    return Exit.OTHERWISE if key == _STAR else _confirm(floor, call, way, step)


def _ask_for_number(floor: Floor, call: Call, way: Way, step: AskCallback, *, was_wrong: bool = False) -> str | None:
    """Ask for a number, if there is a try left."""
    typed_in(floor, call).digits = ""
    if not _once_more(way, step, Asks.ENTER):
        return _refuse(floor, call, way) if was_wrong else Exit.OTHERWISE
    if keys(floor, call):
        return _read(floor, call, way, step)
    say(floor, call, f"{CALLBACK_INVALID},{CALLBACK_ENTER}" if was_wrong else CALLBACK_ENTER)
    return None


def _once_more(way: Way, step: AskCallback, question: Asks) -> bool:
    """Count that the question is asked. Return whether it may be asked once more."""
    if way.asks is not question:
        way.asks, way.asked = question, 0
    if way.asked >= step.tries:
        return False
    way.asked += 1
    way.heard += 1
    return True


def _read(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    """Take keys until the number is complete. ``*`` begins it anew, and cancels where nothing was entered."""
    typed = typed_in(floor, call)
    while typed.keys:
        key = take_key(floor, call)
        if key == _STAR and not typed.digits:
            return Exit.OTHERWISE
        if key == _STAR:
            typed.digits = ""
        elif key in _DIGITS:
            typed.digits += key
        if key == _HASH or len(typed.digits) == MOST_DIGITS:
            return _entered(floor, call, way, step)
    enter(floor, call)
    rewire(floor, call)
    floor.set_deadline(Kind.STEP, call, floor.now + step.between_s)
    return None


def _entered(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    typed = typed_in(floor, call)
    digits, typed.digits = typed.digits, ""
    number = entered_number(floor, call, digits)
    if number is None:
        return _ask_for_number(floor, call, way, step, was_wrong=True)
    way.number = number
    return _confirm(floor, call, way, step)


def _register(floor: Floor, call: Call, way: Way, step: AskCallback) -> str | None:
    queue = entries.queue_of(floor, call, step.queue)
    found = entries.wish(floor, call, queue, way.number)
    if found is None:
        return _refuse(floor, call, way)
    way.asks, way.left_by = Asks.REGISTERED, CALLBACK_REGISTERED
    visits.give_up(floor, call)
    floor.set_deadline(Kind.LONGEST_WAIT, call, None)
    floor.event(call, CallEventType.CALLBACK_REGISTERED, callback_id=found.id, queue=queue)
    say(floor, call, CALLBACK_REGISTERED_SOUND)
    return None


def _refuse(floor: Floor, call: Call, way: Way) -> str | None:
    way.asks = Asks.REFUSED
    say(floor, call, CALLBACK_REFUSED)
    return None
