"""Messages: the call's prompt is played and ends, and then the procedure follows that the prompt names.

:func:`cti_bridge.domain.model.wiring.wanted` says where a prompt is heard. `Floor.move_call` drops the prompt when the
call comes into a state in which nobody is to hear it; nothing follows then.
"""

from cti_bridge.domain.border.actions import InspectPlayback, StopPlayback
from cti_bridge.domain.border.facts import PlaybackEnded, PlaybackStarted
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire, vacate
from cti_bridge.domain.model.call import ROLES, Call, Leg, Place, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import call_of_playback
from cti_bridge.domain.model.prompt import Prompt, Then, To

LOOK_S = 5.0
"""The seconds for the answer whether a message still plays."""
MOST_S = 900.0
"""The longest message in seconds. One that plays on is stopped."""


def play(floor: Floor, call: Call, prompt: Prompt) -> None:
    """Play the prompt to its hearers. It takes the place of one that still plays."""
    for leg in listeners(call):
        if leg.place is Place.MESSAGE:
            vacate(floor, call, leg)
    call.prompt = prompt
    rewire(floor, call)
    floor.set_deadline(Kind.MESSAGE, call, floor.now + prompt.longest_s)


def started(floor: Floor, fact: PlaybackStarted) -> None:
    """A message may start after we no longer want it. Stop it. Its id does not say which leg hears it, so stop it on
    all."""
    found = _playing(floor, fact.playback_id)
    if found:
        found[1].playing = True
        _plays_on(floor, found[0])
        floor.touch_call(found[0])
        return
    call = floor.calls.get(call_of_playback(fact.playback_id) or "")
    if call is None:
        return
    for leg in listeners(call):
        floor.act(StopPlayback(call.node, call.id, leg.id, fact.playback_id))


def stop(floor: Floor, call: Call) -> None:
    """Stop the prompt, if one plays. Nothing follows it."""
    if call.prompt is None:
        return
    for leg in listeners(call):
        if leg.place is Place.MESSAGE:
            vacate(floor, call, leg)
    floor.forget_prompt(call)


GONE_WITHIN_S = 0.3
"""The seconds in which the end of a leg is told after its message has failed. Asterisk tells the failure first when a
party hangs up in a message, by some milliseconds (seen)."""


def ended(floor: Floor, fact: PlaybackEnded) -> None:
    """A message has ended or failed."""
    found = _playing(floor, fact.playback_id)
    if found:
        _broken_off(floor, *found) if fact.failed else _over_for(floor, *found)


def failed(floor: Floor, call: Call, leg: Leg) -> None:
    """The message could not even begin on this leg."""
    if leg.place is Place.MESSAGE:
        _broken_off(floor, call, leg)


def _broken_off(floor: Floor, call: Call, leg: Leg) -> None:
    """The message has failed. Most often its hearer has hung up, and nothing may follow the message then. If the leg is
    still there a moment later, the message counts as over, for silence helps nobody."""
    others = [other for other in listeners(call) if other is not leg and other.playback_id]
    if call.prompt is None or others or call.prompt.then is Then.WAIT:  # Music behind it harms nobody who has left.
        _over_for(floor, call, leg)
        return
    _forget_playback(floor, call, leg)
    floor.set_deadline(Kind.MESSAGE, call, floor.now + GONE_WITHIN_S)


def limit(floor: Floor, call: Call) -> None:
    """Nobody has told the end of the message in time. It may be a long one: look. Stop what may still play after that,
    or the next order waits behind it."""
    hearing = [leg for leg in listeners(call) if leg.place is Place.MESSAGE]
    if _looks(floor, call, hearing):
        return
    for leg in hearing:
        vacate(floor, call, leg)
    if hearing:
        _over_for(floor, call, hearing[0])


def _looks(floor: Floor, call: Call, hearing: list[Leg]) -> bool:
    """Look whether a message that has begun still plays to the customer. Return False where nobody can tell, or it has
    been long enough; one for both keeps them from their talk."""
    prompt = call.prompt
    if prompt is None or prompt.to is not To.CUSTOMER or prompt.looked:
        return False
    if prompt.heard_s + prompt.longest_s >= MOST_S or not any(leg.playing for leg in hearing):
        return False
    prompt.looked, prompt.heard_s = True, prompt.heard_s + prompt.longest_s
    for leg in hearing:
        if leg.playing and leg.playback_id is not None:
            floor.act(InspectPlayback(call.node, call.id, leg.id, leg.playback_id))
    floor.set_deadline(Kind.MESSAGE, call, floor.now + LOOK_S)
    floor.touch_call(call)
    return True


def _plays_on(floor: Floor, call: Call) -> None:
    """The answer to such a look: it is heard for as long again."""
    if call.prompt is not None and call.prompt.looked:
        call.prompt.looked = False
        floor.set_deadline(Kind.MESSAGE, call, floor.now + call.prompt.longest_s)


def listeners(call: Call) -> list[Leg]:
    """The legs to which a message may play."""
    legs = (call.leg_of(role) for role in ROLES)
    return [leg for leg in legs if leg is not None and leg.stage is Stage.UP]


def _over_for(floor: Floor, call: Call, leg: Leg) -> None:
    """The leg hears the message no more. The prompt is over when no party hears it any more."""
    _forget_playback(floor, call, leg)
    prompt = call.prompt
    if prompt is None or any(other.playback_id for other in listeners(call)):
        return
    floor.forget_prompt(call)
    floor.follows[prompt.then](floor, call)


def _forget_playback(floor: Floor, call: Call, leg: Leg) -> None:
    if leg.playback_id is not None:
        floor.drop_order(leg.playback_id)
    leg.playback_id, leg.playing = None, False
    floor.touch_call(call)


def _playing(floor: Floor, playback_id: str) -> tuple[Call, Leg] | None:
    """Return the leg to which this message still plays, or None."""
    call = floor.calls.get(call_of_playback(playback_id) or "")
    if call is None:
        return None
    return next(((call, leg) for leg in listeners(call) if leg.playback_id == playback_id), None)
