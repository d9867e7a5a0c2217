"""Inspection: the result of a look at a leg becomes ordinary facts, and each effect that is missing is ordered anew.

:mod:`cti_bridge.domain.legs.confirming` decides which orders are looked at, and when. Recovery takes the same path:
:func:`observed` compares the lists of reconcile too.
"""

from cti_bridge.domain.border.actions import HangUp, InspectLeg
from cti_bridge.domain.border.facts import LegAnswered, LegEntered, LegReady, LegSeen, SeenLeg
from cti_bridge.domain.floor.codecs import note_codec
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import What, doubt_of
from cti_bridge.domain.floor.rewire import answer_anew, rewire, silence
from cti_bridge.domain.legs.legs import answered, entered, note_seen, ready, redial
from cti_bridge.domain.model.call import Call, Leg, Place, Role, Stage
from cti_bridge.domain.model.ids import bridge_ids, is_ours
from cti_bridge.domain.model.wiring import wanted
from cti_bridge.domain.offer import ringing
from cti_bridge.domain.outbound import dialplan, outbound
from cti_bridge.domain.scenario import dialplan as step_dialplan

SAYS_RINGING_S = 2.0
"""A look that was asked for fewer seconds after the dialling does not show whether the order got through."""
MOST_REPEATS = 4
"""The most orders to dial one leg that are repeated."""


def seen(floor: Floor, fact: LegSeen) -> None:
    """The leg exists: bring it to its place."""
    found = floor.leg(fact.leg.leg_id)
    if not found:
        order = floor.orders.get(fact.leg.leg_id)
        if order is not None and order.what is What.END:
            floor.act(order.action)
        return
    call, leg = found
    if leg.stage is Stage.ENDING:
        floor.act(HangUp(call.node, call.id, leg.id))
        return
    if step_dialplan.is_away(call, leg):
        note_seen(floor, call, leg)
        step_dialplan.seen(floor, call, leg, fact.leg, fact.asked_at)
        return
    note_outside(floor, call, leg, fact.leg, fact.asked_at)
    if fact.asked_at >= (leg.dialed_at or 0.0) + SAYS_RINGING_S:
        dial_again(floor, call, leg, fact.leg)
    observed(floor, call, leg, fact.leg)
    if leg.stage is not Stage.UP or call.dialling.handed_back:
        return
    if _to_be_ordered_anew(floor, call, leg, fact.leg):
        note_place(floor, call, leg, fact.leg)
        rewire(floor, call)
    elif leg.place in (Place.BRIDGE, Place.MESSAGE, Place.SILENCE) and may_be_repeated(floor, call, leg):
        # Music that did not stop goes on inside a bridge: the customer would hear it instead of the agent.
        silence(floor, call, leg)


def dial_again(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """Dial again, if the order to dial most likely did not get through: the phone does not ring. A dialled leg whose
    phone has not said yet that it rings looks the same. Asterisk ends it (cause 16) when it is dialled once more
    (seen)."""
    if leg.stage is Stage.DIALED and what.in_app and not what.ringing and not what.up and _once_more(floor, call, leg):
        redial(floor, call, leg)


def observed(floor: Floor, call: Call, leg: Leg, what: SeenLeg, *, answers: bool = True) -> None:
    """Make up for missed events, in their order. ``answers``: the order to answer was long ago, or has failed, so a leg
    that is not up is answered once more."""
    note_seen(floor, call, leg)
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
        floor.drop_order(leg.id)
        floor.touch_call(call)
    if what.ringing:
        ringing.reached(floor, call, leg)
    if leg.stage is Stage.ORDERED and what.in_app:
        ready(floor, LegReady(leg.id))
    theirs = not is_ours(leg.id)
    if theirs and leg.stage is Stage.UP and what.in_app and not what.up and answers:
        answer_anew(floor, call, leg)
    if leg.stage is Stage.DIALED and what.up:
        if what.bridge_id == call.bridge_id:
            note_place(floor, call, leg, what)  # It has played there before. What follows the answer has to know.
        answered(floor, LegAnswered(leg.id))
    if leg.stage is Stage.UP and what.bridge_id == call.bridge_id:
        inside = LegEntered(leg.id, what.bridge_id)
        floor.confirm(inside)
        entered(floor, inside)


def note_outside(floor: Floor, call: Call, leg: Leg, what: SeenLeg, asked_at: float) -> None:
    """The leg was seen outside of the call's bridges: the orders out of them have taken effect."""
    if leg.leaving and what.bridge_id not in bridge_ids(call.id) and asked_at >= (leg.leaving_at or 0.0):
        leg.leaving = 0
        floor.touch_call(call)


def note_place(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """Note the leg's true place, so that rewiring orders it to its wanted one."""
    inside = what.bridge_id == call.bridge_id
    if leg.place is Place.BRIDGE and not inside:
        call.has_bridge = False
    elif leg.place is not Place.BRIDGE and inside:
        # Nobody saw it go there: what it heard before may go on.
        silence(floor, call, leg)
    leg.place, leg.in_bridge, leg.playing = (Place.BRIDGE if inside else Place.UNKNOWN), inside, False
    floor.touch_call(call)
    if inside and wanted(call, leg.role) is Place.BRIDGE:
        # A bridge that died has ordered it there, and nobody else tells that they talk.
        entered(floor, LegEntered(leg.id, call.bridge_id))


def misplaced(call: Call, leg: Leg, what: SeenLeg) -> bool:
    """Return whether the leg is seen in the bridge and wanted elsewhere, or the other way round. No look shows what
    else it hears."""
    return (wanted(call, leg.role) is Place.BRIDGE) is not (what.bridge_id == call.bridge_id)


def _to_be_ordered_anew(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> bool:
    """Return whether the leg's place is ordered anew. No event confirms music or ringing, and a leg is only looked at
    after a fault. So these are ordered anew."""
    want = wanted(call, leg.role)
    if want is Place.BRIDGE and leg.in_bridge:
        return False  # It may have entered since the look.
    unseen = want in (Place.MUSIC, Place.RINGBACK) or leg.place is Place.UNKNOWN
    return misplaced(call, leg, what) or (unseen and what.in_app and may_be_repeated(floor, call, leg))


def may_be_repeated(floor: Floor, call: Call, leg: Leg) -> bool:
    """Return whether an order about the leg's audio may be repeated: once for each look of ours. A leg that is seen at
    another time is most often the answer to a refused order. Then the order is in doubt, and is looked at again at
    longer and longer pauses, lest order and refusal chase each other."""
    identity = doubt_of(leg.id)
    order = floor.orders.get(identity)
    if order is None:
        order = floor.expect(What.HEAR, InspectLeg(call.node, call.id, leg.id), leg.id)
        order.looked = True
    order.repeated, order.looked = order.looked, False
    return order.repeated


def _once_more(floor: Floor, call: Call, leg: Leg) -> bool:
    if leg.repeats >= MOST_REPEATS:
        return False
    leg.repeats += 1
    floor.touch_call(call)
    return True
