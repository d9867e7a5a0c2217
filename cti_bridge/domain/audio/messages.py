"""Messages: the call's prompt is played, ends, and what it names follows.

Where a prompt is heard is :func:`cti_bridge.domain.model.wiring.wanted`. It is dropped, and nothing follows, when the
call comes into a state in which nobody is to hear it (`Floor.move_call`).
"""

from cti_bridge.domain.border.actions import StopPlayback
from cti_bridge.domain.border.facts import PlaybackEnded, PlaybackStarted
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire, vacate
from cti_bridge.domain.model.call import Call, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import call_of_playback
from cti_bridge.domain.model.prompt import Prompt


def play(floor: Floor, call: Call, prompt: Prompt) -> None:
    """Play it to whom it is for. It takes the place of one that is still heard."""
    for leg in listeners(call):
        if leg.place is Place.MESSAGE:
            vacate(floor, call, leg)
    call.prompt = prompt
    rewire(floor, call)
    floor.set_deadline(Kind.MESSAGE, call, floor.now + prompt.longest_s)


def started(floor: Floor, fact: PlaybackStarted) -> None:
    """A message may start after it is no longer wanted. It is stopped; its id does not say which leg hears it, so on
    all."""
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


def ended(floor: Floor, fact: PlaybackEnded) -> None:
    """A message that failed is over too: silence helps nobody."""
    found = _playing(floor, fact.playback_id)
    if found:
        _over_for(floor, *found)


def failed(floor: Floor, call: Call, leg: Leg) -> None:
    """It could not even begin."""
    if leg.place is Place.MESSAGE:
        _over_for(floor, call, leg)


def limit(floor: Floor, call: Call) -> None:
    """Nobody told its end. What may still play is stopped, for what comes next would wait behind it."""
    hearing = [leg for leg in listeners(call) if leg.place is Place.MESSAGE]
    for leg in hearing:
        vacate(floor, call, leg)
    if hearing:
        _over_for(floor, call, hearing[0])


def listeners(call: Call) -> list[Leg]:
    """The legs to which a message may play: those of customer and agent."""
    legs = (call.leg_of(role) for role in (Role.CUSTOMER, Role.AGENT))
    return [leg for leg in legs if leg is not None and leg.stage is Stage.UP]


def _over_for(floor: Floor, call: Call, leg: Leg) -> None:
    """It is over when nobody hears it any more."""
    if leg.playback_id is not None:
        floor.drop_order(leg.playback_id)
    leg.playback_id, leg.playing = None, False
    floor.touch_call(call)
    prompt = call.prompt
    if prompt is None or any(other.playback_id for other in listeners(call)):
        return
    floor.forget_prompt(call)
    floor.follows[prompt.then](floor, call)


def _playing(floor: Floor, playback_id: str) -> tuple[Call, Leg] | None:
    """The leg to which this message plays, if it still does."""
    call = floor.calls.get(call_of_playback(playback_id) or "")
    if call is None:
        return None
    return next(((call, leg) for leg in listeners(call) if leg.playback_id == playback_id), None)
