"""Looking again: what was ordered and is refused, or not seen in time, is looked at on the PBX, and what is seen
becomes an ordinary fact.

Asterisk answers "done" to nearly everything, so an order counts only when its event was seen; the time for that is
the leg's ``confirm_at``. Recovery takes the same path: what reconcile lists is compared with :func:`observed` too.
"""

from cti_bridge.domain.audio import messages
from cti_bridge.domain.border.actions import Answer, InspectLeg
from cti_bridge.domain.border.facts import ActionFailed, Failure, LegAnswered, LegEntered, LegReady, LegSeen, SeenLeg
from cti_bridge.domain.floor.codecs import note_codec
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import CONFIRM_S, hang_up, rewire, silence
from cti_bridge.domain.legs.legs import answered, entered, live, ready, redial
from cti_bridge.domain.legs.matrix import UNREACHABLE, give_up, gone
from cti_bridge.domain.model.call import OFFERED, Call, Leg, Place, Role, Stage
from cti_bridge.domain.model.ids import is_ours
from cti_bridge.domain.model.wiring import wanted
from cti_bridge.domain.model.words import OfferResult
from cti_bridge.domain.offer.offer import fail
from cti_bridge.domain.outbound import dialplan, outbound

SAYS_RINGING_S = 2.0
"""A look that was asked for sooner after the dialling says nothing of whether it got through."""
MOST_TRIES = 4
"""Looks at a leg that does not come to where it was ordered, before it counts as lost."""
LONGEST_PAUSE_S = 30.0
"""Between two looks at a leg."""
MOST_REPEATS = 4
"""Orders for one leg in one state that are repeated at once because they may not have got through; from then on only
reconcile orders anew, lest order and refusal chase each other."""


def action_failed(floor: Floor, fact: ActionFailed) -> None:
    """An action that failed counts as the party it was for having left, or is looked at."""
    found = live(floor, fact.leg_id)
    if not found:
        return
    call, leg = found
    if leg.place is Place.MUSIC and fact.action in ("StartMusic", "InspectLeg"):
        leg.place = Place.UNKNOWN
        floor.touch_call(call)
    if fact.action == "InspectLeg":
        _look_later(floor, call, leg)
    if fact.failure is Failure.TIMED_OUT:
        return
    if fact.action == "CreateLeg":
        gone(floor, call, leg, UNREACHABLE)
    elif fact.action == "DialLeg":
        give_up(floor, call, leg)
    elif fact.action == "StartPlayback":
        messages.failed(floor, call, leg)
    elif fact.action == "AddToBridge":
        _bridge_refused(floor, call)
    else:
        floor.act(InspectLeg(call.node, call.id, leg.id))


def confirmed_anew(floor: Floor, leg: Leg) -> float | None:
    """What is still to be seen has its time anew."""
    return floor.now + CONFIRM_S if leg.confirm_at is not None else None


def overdue(floor: Floor, leg: Leg) -> None:
    """What was ordered has not been seen in time."""
    found = floor.leg(leg.id)
    if not found or leg.confirm_at is None:
        return
    call, _ = found
    leg.tries += 1
    if leg.tries <= MOST_TRIES or leg.stage is Stage.ENDING or _settled(leg):
        _look_at(floor, call, leg)
    elif leg.role is Role.CUSTOMER and call.state in OFFERED:
        # A caller is not sent away because a bridge does not come about: the offer has failed, the place is kept.
        fail(floor, call, OfferResult.UNREACHABLE)
    else:
        give_up(floor, call, leg)


def seen(floor: Floor, fact: LegSeen) -> None:
    """The leg exists: bring it to where it should be."""
    found = floor.leg(fact.leg.leg_id)
    if not found:
        return
    call, leg = found
    if leg.stage is Stage.ENDING:
        leg.stage = Stage.UP
        tries = leg.tries
        hang_up(floor, call, leg)
        leg.tries = tries
        return
    if fact.asked_at >= (leg.dialed_at or 0.0) + SAYS_RINGING_S:
        dial_again(floor, call, leg, fact.leg)
    observed(floor, call, leg, fact.leg)
    if leg.stage is not Stage.UP or call.dialling.handed_back:
        return
    if _settled(leg):
        floor.confirm_by(leg, None)
    if _to_be_ordered_anew(floor, call, leg, fact.leg):
        note_place(floor, call, leg, fact.leg)
        rewire(floor, call)
    elif leg.place in (Place.BRIDGE, Place.MESSAGE, Place.SILENCE) and _once_more(floor, call, leg):
        # Music that did not stop goes on inside a bridge: the customer would hear it instead of the agent.
        silence(floor, call, leg)


def dial_again(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """The order to dial did not get through: the phone does not ring. Only where that is likely: a leg that has been
    dialled and whose phone has not said yet that it rings looks the same, and Asterisk ends it (cause 16) when it is
    dialled once more (seen)."""
    if leg.stage is Stage.DIALED and what.in_app and not what.ringing and not what.up and _once_more(floor, call, leg):
        redial(floor, call, leg)


def observed(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """Make up for events that were missed: what they would have said, in their order."""
    leg.confirmed_at = floor.now
    note_codec(floor, call, leg, what.codec)
    if leg.dialplan_goes_on and not what.in_app:
        dialplan.has_left(floor, call, leg)
        return
    if leg.dialplan_goes_on and call.dialling.handed_back:
        dialplan.hand_back(floor, call, leg)
        return
    if leg.role is Role.CUSTOMER and (what.ringing or what.up):
        dialplan.reached(floor, call)
    if leg.stage is Stage.ORDERED and leg.role is Role.CUSTOMER and (what.ringing or what.up):
        outbound.customer_rings(floor, call, leg)
    elif leg.stage is Stage.ORDERED and (what.ringing or what.up):
        leg.stage = Stage.DIALED
        floor.confirm_by(leg, None)
        floor.touch_call(call)
    if leg.stage is Stage.ORDERED and what.in_app:
        ready(floor, LegReady(leg.id))
    theirs = not is_ours(leg.id)
    if theirs and leg.stage is Stage.UP and what.in_app and not what.up:
        floor.act(Answer(call.node, call.id, leg.id))
    if leg.stage is Stage.DIALED and what.up:
        answered(floor, LegAnswered(leg.id))
    if leg.stage is Stage.UP and what.bridge_id == call.bridge_id:
        entered(floor, LegEntered(leg.id, what.bridge_id))


def note_place(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """Note where the leg really is, so that rewiring orders anew where it should be."""
    inside = what.bridge_id == call.bridge_id
    if leg.place is Place.BRIDGE and not inside:
        call.has_bridge = False
    elif leg.place is not Place.BRIDGE and inside:
        # Nobody saw it go there: what it heard before may go on.
        silence(floor, call, leg)
    leg.place, leg.in_bridge, leg.playing = (Place.BRIDGE if inside else Place.UNKNOWN), inside, False
    floor.touch_call(call)


def _bridge_refused(floor: Floor, call: Call) -> None:
    """Most likely the bridge did not come about: it is made anew, and whoever should be in it is looked at."""
    call.has_bridge = False
    floor.touch_call(call)
    for leg in call.legs.values():
        outside = leg.stage is Stage.UP and leg.place is Place.BRIDGE and not leg.in_bridge
        if outside and _once_more(floor, call, leg):
            floor.act(InspectLeg(call.node, call.id, leg.id))


def _look_at(floor: Floor, call: Call, leg: Leg) -> None:
    floor.act(InspectLeg(call.node, call.id, leg.id))
    tries = leg.tries
    floor.confirm_by(leg, floor.now + min(CONFIRM_S * (1 + tries), LONGEST_PAUSE_S))
    floor.touch_call(call)


def _look_later(floor: Floor, call: Call, leg: Leg) -> None:
    """The look had no answer, and the order that led to it may not have got through: look again, or music that was not
    stopped goes on for the rest of the call."""
    if leg.confirm_at is None:
        floor.confirm_by(leg, floor.now + CONFIRM_S)
        floor.touch_call(call)


def _settled(leg: Leg) -> bool:
    """The leg is up, and no event is awaited that would confirm where it is."""
    return leg.stage is Stage.UP and (leg.place is not Place.BRIDGE or leg.in_bridge)


def misplaced(call: Call, leg: Leg, what: SeenLeg) -> bool:
    """Is it seen in the bridge and wanted elsewhere, or the other way round? What else it hears nobody can see."""
    return (wanted(call, leg.role) is Place.BRIDGE) is not (what.bridge_id == call.bridge_id)


def _to_be_ordered_anew(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> bool:
    """Nothing confirms music or ringing, and a leg is only looked at when something went wrong: so they are, a few
    times."""
    want = wanted(call, leg.role)
    if want is Place.BRIDGE and leg.in_bridge:
        return False  # It may have entered since the look.
    unseen = want in (Place.MUSIC, Place.RINGBACK) or leg.place is Place.UNKNOWN
    return misplaced(call, leg, what) or (unseen and what.in_app and _once_more(floor, call, leg))


def _once_more(floor: Floor, call: Call, leg: Leg) -> bool:
    if leg.repeats >= MOST_REPEATS:
        return False
    leg.repeats += 1
    floor.touch_call(call)
    return True
