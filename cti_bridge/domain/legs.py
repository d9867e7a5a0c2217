"""What the PBX tells about one leg, and what that means for its call.

Facts of one leg come in order, those of several in any. A fact about a leg that is unknown, on its way out, or no
longer plays its role only clears away. What was ordered and not seen in time is looked at (:func:`overdue`,
:func:`seen`), and what is seen becomes an ordinary fact.
"""

from cti_bridge.domain.actions import Answer, InspectLeg, StopMusic
from cti_bridge.domain.call import OFFERED, Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.facts import (
    ActionFailed,
    Failure,
    LegAnswered,
    LegEnded,
    LegEntered,
    LegLeft,
    LegReady,
    LegSeen,
    SeenLeg,
)
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.ids import bridge_id
from cti_bridge.domain.inbound import customer_left
from cti_bridge.domain.offer import connected, dial, fail, lifted
from cti_bridge.domain.outcome import finish, offer_result
from cti_bridge.domain.queueing import message_failed, message_of
from cti_bridge.domain.rewire import CONFIRM_S, hang_up, rewire
from cti_bridge.domain.waiting import Waiting

MOST_TRIES = 4
"""Looks at a leg that does not come to where it was ordered, before it counts as lost."""
MOST_REPEATS = 4
"""Orders for one leg in one state that are repeated at once because they may not have got through; from then on only
reconcile orders anew, lest order and refusal chase each other."""


def ready(floor: Floor, fact: LegReady) -> None:
    found = _live(floor, fact.leg_id)
    if found and found[1].stage is Stage.ORDERED:
        dial(floor, *found)


def answered(floor: Floor, fact: LegAnswered) -> None:
    found = _live(floor, fact.leg_id)
    if not found or found[1].stage is Stage.UP:
        return
    call, leg = found
    if call.agent_leg == leg.id and call.state in (CallState.RINGING, CallState.ACCEPTED):
        lifted(floor, call, leg)


def entered(floor: Floor, fact: LegEntered) -> None:
    found = _live(floor, fact.leg_id)
    if not found or found[1].place is not Place.BRIDGE or fact.bridge_id != bridge_id(found[0].id):
        return
    call, leg = found
    leg.in_bridge = True
    floor.confirm_by(leg, None)
    floor.touch_call(call)
    if call.state is CallState.CONNECTING and all(_in_bridge(call, role) for role in (Role.CUSTOMER, Role.AGENT)):
        connected(floor, call)


def left(floor: Floor, fact: LegLeft) -> None:
    """Out of the bridge though it should be in it: most often its end is next; otherwise it is looked at and put
    back."""
    found = _live(floor, fact.leg_id)
    if found and found[1].place is Place.BRIDGE and found[1].in_bridge:
        found[1].in_bridge = False
        floor.confirm_by(found[1], floor.now + CONFIRM_S)
        floor.touch_call(found[0])


def ended(floor: Floor, waiting: Waiting, fact: LegEnded) -> None:
    stray = floor.strays.get(fact.leg_id)
    if stray is not None:
        floor.drop_stray(stray)
    found = floor.leg(fact.leg_id)
    if found:
        _gone(floor, waiting, *found, offer_result(fact.hangup_cause, fact.sip_code))


def action_failed(floor: Floor, waiting: Waiting, fact: ActionFailed) -> None:
    """An action that failed counts as the party it was for having left, or is looked at."""
    found = _live(floor, fact.leg_id)
    if not found:
        return
    call, leg = found
    if leg.place is Place.MUSIC and fact.action in ("StartMusic", "InspectLeg"):
        leg.place = Place.UNKNOWN
        floor.touch_call(call)
    if fact.failure is Failure.TIMED_OUT:
        return
    if fact.action == "CreateLeg":
        _gone(floor, waiting, call, leg, "unreachable")
    elif fact.action == "DialLeg":
        hang_up(floor, call, leg)
        if call.agent_leg == leg.id and call.state in OFFERED:
            fail(floor, waiting, call, "unreachable")
    elif fact.action == "StartPlayback":
        message_failed(floor, waiting, call, leg)
    elif fact.action == "AddToBridge":
        _bridge_refused(floor, call)
    else:
        floor.act(InspectLeg(call.node, call.id, leg.id))


def _bridge_refused(floor: Floor, call: Call) -> None:
    """Most likely the bridge did not come about: it is made anew, and whoever should be in it is looked at."""
    call.has_bridge = False
    floor.touch_call(call)
    for leg in call.legs.values():
        outside = leg.stage is Stage.UP and leg.place is Place.BRIDGE and not leg.in_bridge
        if outside and _once_more(floor, call, leg):
            floor.act(InspectLeg(call.node, call.id, leg.id))


def overdue(floor: Floor, waiting: Waiting, leg_id: str) -> None:
    """What was ordered has not been seen in time."""
    found = floor.leg(leg_id)
    if not found or found[1].confirm_at is None:
        return
    call, leg = found
    if not floor.node_up(call.node):
        return
    leg.tries += 1
    if leg.tries <= MOST_TRIES or leg.stage is Stage.ENDING:
        _look_at(floor, call, leg)
    elif leg.role is Role.CUSTOMER and call.state in OFFERED:
        # A caller is not sent away because a bridge does not come about: the offer has failed, the place is kept.
        fail(floor, waiting, call, "unreachable")
    else:
        hang_up(floor, call, leg)
        _out_of_role(floor, waiting, call, leg, "unreachable")


def seen(floor: Floor, waiting: Waiting, fact: LegSeen) -> None:
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
    dial_again(floor, call, leg, fact.leg)
    observed(floor, call, leg, fact.leg)
    if leg.stage is not Stage.UP:
        return
    if _out_of_place(floor, call, leg, fact.leg):
        replace(floor, call, leg, fact.leg)
        rewire(floor, call, message_of(floor, call))
    elif leg.place in (Place.BRIDGE, Place.MESSAGE) and _once_more(floor, call, leg):
        # Music that did not stop goes on inside a bridge: the customer would hear it instead of the agent.
        floor.act(StopMusic(call.node, call.id, leg.id))


def dial_again(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """The order to dial did not get through: the phone does not ring. Dialling what is dialled does no harm."""
    if leg.stage is Stage.DIALED and what.in_app and not what.ringing and not what.up and _once_more(floor, call, leg):
        dial(floor, call, leg)


def _out_of_place(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> bool:
    """Is what was ordered to be ordered anew? Nothing confirms music, and a leg is only looked at when something went
    wrong: so it is, a few times."""
    if leg.place is Place.BRIDGE:
        return not leg.in_bridge
    inside = what.bridge_id == bridge_id(call.id)
    lost = leg.place in (Place.MUSIC, Place.UNKNOWN) and what.in_app
    return inside or (lost and _once_more(floor, call, leg))


def _once_more(floor: Floor, call: Call, leg: Leg) -> bool:
    if leg.repeats >= MOST_REPEATS:
        return False
    leg.repeats += 1
    floor.touch_call(call)
    return True


def observed(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """Make up for events that were missed: what they would have said, in their order."""
    leg.confirmed_at = floor.now
    if leg.stage is Stage.ORDERED and (what.ringing or what.up):
        leg.stage = Stage.DIALED
        floor.confirm_by(leg, None)
        floor.touch_call(call)
    if leg.stage is Stage.ORDERED and what.in_app:
        ready(floor, LegReady(leg.id))
    if leg.role is Role.CUSTOMER and leg.stage is Stage.UP and what.in_app and not what.up:
        floor.act(Answer(call.node, call.id, leg.id))
    if leg.stage is Stage.DIALED and what.up:
        answered(floor, LegAnswered(leg.id))
    if leg.stage is Stage.UP and what.bridge_id == bridge_id(call.id):
        entered(floor, LegEntered(leg.id, what.bridge_id))


def replace(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """Note where the leg really is, so that rewiring orders anew where it should be."""
    inside = what.bridge_id == bridge_id(call.id)
    if leg.place is Place.BRIDGE and not inside:
        call.has_bridge = False
    leg.place, leg.in_bridge, leg.playing = (Place.BRIDGE if inside else Place.UNKNOWN), inside, False
    floor.touch_call(call)


def _live(floor: Floor, leg_id: str) -> tuple[Call, Leg] | None:
    """The leg, when it still plays a role; any fact about it shows that it exists."""
    found = floor.leg(leg_id)
    if found is None or found[1].stage is Stage.ENDING:
        return None
    found[1].confirmed_at = floor.now
    return found


def _in_bridge(call: Call, role: Role) -> bool:
    leg = call.leg_of(role)
    return leg is not None and leg.in_bridge


def _look_at(floor: Floor, call: Call, leg: Leg) -> None:
    floor.act(InspectLeg(call.node, call.id, leg.id))
    tries = leg.tries
    floor.confirm_by(leg, floor.now + CONFIRM_S * (1 + tries))
    floor.touch_call(call)


def _gone(floor: Floor, waiting: Waiting, call: Call, leg: Leg, result: str) -> None:
    role_is_its = leg.stage is not Stage.ENDING and leg.id in (call.customer_leg, call.agent_leg)
    was_up = leg.stage is Stage.UP
    floor.drop_leg(call, leg)
    if role_is_its and call.state is not CallState.ENDED:
        _left_by(floor, waiting, call, leg.role, "declined" if was_up else result)


def _out_of_role(floor: Floor, waiting: Waiting, call: Call, leg: Leg, result: str) -> None:
    """The leg is being hung up because it is of no use any more: its party counts as having left."""
    if leg.id == call.agent_leg:
        call.agent_leg = None
    elif leg.id != call.customer_leg:
        return
    if call.state is not CallState.ENDED:
        _left_by(floor, waiting, call, leg.role, result)


def _left_by(floor: Floor, waiting: Waiting, call: Call, role: Role, result: str) -> None:
    """The matrix (design 7): a party has left in this state."""
    if role is Role.CUSTOMER:
        customer_left(floor, call)
    elif call.state in OFFERED:
        fail(floor, waiting, call, result)
    elif call.state is CallState.TALKING:
        finish(floor, call, "completed", "agent")
