"""The step collect: the caller enters digits, which become a variable (requirement H2).

An entry is complete by ``#``, by its last possible digit, or when no further key comes in time. ``*`` begins it anew.
An entry that is too short, or that the caller does not confirm, is a try; so is silence. Keys that were pressed before
the step are its first ones. All that was typed is in memory alone (:mod:`cti_bridge.domain.model.typed`).

Each procedure returns the exit by which the step is left, or None while it goes on.
"""

from cti_bridge.domain.audio.messages import stop
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import SECRET_VALUE, Call
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import CONFIRM, DIGIT, Collect, Exit
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.scenario.say import enter, say
from cti_bridge.domain.scenario.typed import keys, take_key, typed_in

_DIGITS = "0123456789"
_HASH, _STAR, _RIGHT = "#", "*", "1"


def collect(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    """Begin the step."""
    return _ask(floor, call, way, step)


def pressed(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    """Go on with the keys that were pressed. They stop the message at once."""
    stop(floor, call)
    floor.set_deadline(Kind.STEP, call, None)
    floor.touch_call(call)
    return _confirmed(floor, call, way, step) if way.confirms else _read(floor, call, way, step)


def message_over(floor: Floor, call: Call, way: Way, step: Collect) -> None:
    """The message, or the question whether the digits are right, has been heard."""
    rewire(floor, call)
    floor.set_deadline(Kind.STEP, call, floor.now + step.wait_s)
    floor.touch_call(call)


def time_over(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    """No key has come in time."""
    floor.touch_call(call)
    if typed_in(floor, call).digits and not way.confirms:
        return _entered(floor, call, way, step)
    return _ask(floor, call, way, step)


def _ask(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    """Ask for the digits, if there is a try left. Keys that are there already are not asked for."""
    way.confirms, typed_in(floor, call).digits = False, ""
    if way.heard >= step.tries:
        return Exit.OTHERWISE
    way.heard += 1
    if keys(floor, call):
        return _read(floor, call, way, step)
    say(floor, call, step.sound)
    return None


def _read(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    """Take keys until the entry is complete. Further ones stay for what comes next."""
    typed = typed_in(floor, call)
    while typed.keys:
        key = take_key(floor, call)
        if key == _HASH:
            return _entered(floor, call, way, step)
        if key == _STAR:
            typed.digits = ""
        elif key in _DIGITS:
            typed.digits += key
        if len(typed.digits) == step.most:
            typed.hash_until = 0.0 if typed.keys else floor.now + step.between_s
            typed.keys = typed.keys.removeprefix(_HASH)
            return _entered(floor, call, way, step)
    enter(floor, call)
    rewire(floor, call)
    floor.set_deadline(Kind.STEP, call, floor.now + step.between_s)
    return None


def _entered(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    digits = typed_in(floor, call).digits
    if len(digits) < step.least:
        return _ask(floor, call, way, step)
    if not step.confirm or step.secret:
        return _keep(floor, call, way, step)
    way.confirms = True
    if keys(floor, call):
        return _confirmed(floor, call, way, step)
    say(floor, call, ",".join((*(f"{DIGIT}{digit}" for digit in digits), CONFIRM)))
    return None


def _confirmed(floor: Floor, call: Call, way: Way, step: Collect) -> str | None:
    """Take the answer to whether the digits are right. After a restart they are lost, and asked for once more."""
    right = take_key(floor, call) == _RIGHT and bool(typed_in(floor, call).digits)
    return _keep(floor, call, way, step) if right else _ask(floor, call, way, step)


def _keep(floor: Floor, call: Call, way: Way, step: Collect) -> str:
    """Make a variable of the digits. Of a secret one the call has only that it was entered, and where."""
    typed = typed_in(floor, call)
    value, typed.digits, way.confirms = typed.digits, "", False
    if step.secret:
        typed.secrets[step.variable] = value
        way.secrets[step.variable] = f"{way.scenario}/{way.step}"
        value = SECRET_VALUE
    call.variables[step.variable] = value
    return Exit.NEXT
