"""Audio actions as a difference between the present places of the parties and those of the wiring table.

A party moves out of the old place before it enters the new one (requirement E1; seen on Asterisk: music that is not
stopped goes on inside a bridge). Parties that enter the bridge together enter in one request. A leg that is not up, or
on its way out, is left alone, but for a target that plays something before it answers. Where parties of different
codecs are to meet, all of them move into a softmix.
"""

from cti_bridge.domain.border.actions import (
    AddToBridge,
    Answer,
    DestroyBridge,
    HangUp,
    RemoveFromBridge,
    StartMusic,
    StartPlayback,
    StartRingback,
    StopMusic,
    StopPlayback,
    StopRingback,
)
from cti_bridge.domain.floor import monitoring, recorder
from cti_bridge.domain.floor.codecs import differ
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import What, doubt_of
from cti_bridge.domain.model.call import ROLES, Call, Leg, Place, Role, Stage
from cti_bridge.domain.model.wiring import wanted

# Members that every call looks up, by names of the module: see the package.
_BRIDGE, _DIALPLAN, _MESSAGE = Place.BRIDGE, Place.DIALPLAN, Place.MESSAGE
_MUSIC, _RINGBACK, _UNKNOWN = Place.MUSIC, Place.RINGBACK, Place.UNKNOWN
_ENDING, _UP = Stage.ENDING, Stage.UP


def rewire(floor: Floor, call: Call) -> None:
    """Order every party to its place. While the recorder is to leave out what follows, and has not yet, nobody
    moves. Nor while a supervisor who whispers may be in the bridge that somebody is to enter."""
    if call.recorder is not None and recorder.follow(floor, call):
        return
    if floor.monitors and monitoring.waits(floor, call):
        return
    entering: list[Leg] = []
    legs, parties = call.legs, call.parties
    for role in ROLES:
        leg = legs.get(parties.get(role, ""))
        if leg is None or not (leg.stage is _UP or _plays_early(leg)):
            continue
        want = wanted(call, role)
        if want is None or leg.place is want or leg.place is _DIALPLAN or want is _DIALPLAN:
            continue  # Steps send a leg to the dialplan, and it comes back by itself.
        _leave(floor, call, leg)
        leg.place = want
        floor.touch_call(call)
        if want is _BRIDGE:
            entering.append(leg)
        else:
            _enter(floor, call, leg)
    if entering:
        _enter_bridge(floor, call, entering)
    for leg in entering:
        if leg.stage is not _UP:
            floor.drop_order(leg.id)  # It is looked for when it is answered.


def fit_bridge(floor: Floor, call: Call) -> None:
    """The codec of a leg in the bridge is known now. If the bridge does not fit, all its legs move."""
    _enter_bridge(floor, call, [])


def make_bridge_anew(floor: Floor, call: Call) -> None:
    """The bridge does not exist. Make a new one, and let all legs enter it that should be in the bridge."""
    call.has_bridge = False
    floor.touch_call(call)
    recorder.bridge_gone(floor, call)
    legs = [leg for role in ROLES if (leg := call.leg_of(role)) and leg.stage is not _ENDING]
    _enter_bridge(floor, call, [leg for leg in legs if leg.place is _BRIDGE])
    for leg in legs:
        if leg.stage is Stage.DIALED:
            floor.drop_order(leg.id)
    if call.recorder is not None:
        rewire(floor, call)  # Who waited for a pause of the recorder waits no longer.


def expect_in_bridge(floor: Floor, call: Call, leg: Leg) -> None:
    """The leg was ordered into the bridge before: expect to see it there."""
    floor.expect(What.ENTER, AddToBridge(call.node, call.id, leg.id, call.bridge_id), leg.id)


def hang_up(floor: Floor, call: Call, leg: Leg, hangup_cause: int = 16) -> None:
    """Order the end of a leg. It has ended when the PBX says so."""
    if leg.stage is not _ENDING:
        leg.stage = _ENDING
        if floor.orders:
            floor.drop_order(doubt_of(leg.id))
        floor.act(HangUp(call.node, call.id, leg.id, hangup_cause))
        floor.touch_call(call)


def vacate(floor: Floor, call: Call, leg: Leg) -> None:
    """Order the leg out of its place, into silence: for another message than the one it hears."""
    _leave(floor, call, leg)
    leg.place = Place.NOWHERE
    floor.touch_call(call)


def answer_anew(floor: Floor, call: Call, leg: Leg) -> None:
    """The leg is here and was never answered. The PBX carries that out behind a message that plays, and nothing else of
    anybody meanwhile (seen). So the message is stopped, and begins anew. What is recorded is answered by that."""
    if call.way is not None and call.way.recording:
        return
    plays = leg.place is _MESSAGE
    if plays:
        vacate(floor, call, leg)
    floor.act(Answer(call.node, call.id, leg.id))
    if plays:
        rewire(floor, call)


def silence(floor: Floor, call: Call, leg: Leg) -> None:
    """Stop all that may play to the leg. After a gap that is unknown, and to stop what does not play does no harm."""
    if leg.role is not Role.TARGET:
        floor.act(StopRingback(call.node, call.id, leg.id))
    floor.act(StopMusic(call.node, call.id, leg.id))


def _plays_early(leg: Leg) -> bool:
    return leg.early and leg.role is Role.TARGET and leg.stage is Stage.DIALED


def _leave(floor: Floor, call: Call, leg: Leg) -> None:
    place = leg.place
    if leg.playback_id:  # First, and wherever it is: the PBX takes a leg out of a bridge behind what it plays.
        floor.act(StopPlayback(call.node, call.id, leg.id, leg.playback_id))
    if place is _MUSIC:
        floor.act(StopMusic(call.node, call.id, leg.id))
    elif place is _UNKNOWN:
        silence(floor, call, leg)
    elif place is _RINGBACK:
        floor.act(StopRingback(call.node, call.id, leg.id))
    elif place is _BRIDGE:
        _order_out(floor, call, leg)
        if doubt_of(leg.id) in floor.orders:
            # What it heard before may not have stopped, and comes out of the bridge with it.
            silence(floor, call, leg)
        leg.in_bridge = False
        floor.drop_order(leg.id)
    leg.playback_id, leg.playing = None, False


def _order_out(floor: Floor, call: Call, leg: Leg) -> None:
    leg.leaving, leg.leaving_at = leg.leaving + 1, floor.now
    floor.act(RemoveFromBridge(call.node, call.id, leg.id, call.bridge_id))


def _enter(floor: Floor, call: Call, leg: Leg) -> None:
    if leg.place is _MUSIC:
        queue = floor.directory.queues.get(call.queue or "")
        floor.act(StartMusic(call.node, call.id, leg.id, queue.music if queue else "default"))
    elif leg.place is _MESSAGE and call.prompt is not None:
        leg.playback_id = floor.ids.playback(call.id)
        language = call.language if leg.role is Role.CUSTOMER else None
        floor.act(StartPlayback(call.node, call.id, leg.id, leg.playback_id, call.prompt.media, language or ""))
    elif leg.place is _RINGBACK:
        floor.act(StartRingback(call.node, call.id, leg.id))


def _enter_bridge(floor: Floor, call: Call, legs: list[Leg]) -> None:
    legs = [*legs, *_leave_unfit_bridge(floor, call, legs)]
    if not legs:
        return
    if not call.has_bridge:
        recorder.bridge_gone(floor, call)
        recorder.make_bridge(floor, call, legs)
        recorder.follow(floor, call, legs)
    first, *others = legs
    floor.act(AddToBridge(call.node, call.id, first.id, call.bridge_id, tuple(leg.id for leg in others)))
    for leg in legs:
        leg.in_bridge = False


def _leave_unfit_bridge(floor: Floor, call: Call, entering: list[Leg]) -> list[Leg]:
    """Give the bridge up if its parties have different codecs and it is no softmix. Return the legs that were in it, or
    on the way into it, and have to move along."""
    if call.softmix:
        return []
    legs, parties = call.legs, call.parties
    inside = [
        leg
        for role in ROLES
        if (leg := legs.get(parties.get(role, ""))) is not None and leg.place is _BRIDGE and leg.stage is not _ENDING
    ]
    if not differ(inside):
        return []
    moving = [leg for leg in inside if leg not in entering]
    for leg in moving:
        _order_out(floor, call, leg)
    if call.has_bridge:
        recorder.bridge_gone(floor, call)
        floor.act(DestroyBridge(call.node, call.id, "", call.bridge_id))
    call.has_bridge, call.softmix = False, True
    floor.touch_call(call)
    return moving
