"""What the PBX tells about one leg, and what that means for its call.

Facts of one leg come in order, those of several in any. A fact about a leg that is unknown, on its way out, or no
longer plays its role only clears away. What was ordered and not seen in time is looked at (:func:`overdue`,
:func:`seen`), and what is seen becomes an ordinary fact.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cti_bridge.domain import consult, lost, outbound, target
from cti_bridge.domain.actions import Answer, InspectLeg
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
    PhoneLeft,
    SeenLeg,
)
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.ids import bridge_id, call_of_leg
from cti_bridge.domain.inbound import customer_left
from cti_bridge.domain.offer import connected, dial, fail, lifted
from cti_bridge.domain.outcome import dial_outcome, finish, offer_result
from cti_bridge.domain.queueing import message_failed, message_of
from cti_bridge.domain.rewire import CONFIRM_S, hang_up, rewire, silence
from cti_bridge.domain.waiting import Waiting


@dataclass(frozen=True, slots=True)
class End:
    """How a leg ended: what that makes of an offer, the Q.850 cause and the SIP response if known, and whether it
    had been answered."""

    result: str
    hangup_cause: int = 0
    sip_code: int = 0
    was_up: bool = False


UNREACHABLE = End("unreachable", sip_code=500)
PHONE_LEFT = End("unreachable", hangup_cause=27, sip_code=500)
"""Q.850 27, destination out of order."""

MOST_TRIES = 4
"""Looks at a leg that does not come to where it was ordered, before it counts as lost."""
MOST_REPEATS = 4
"""Orders for one leg in one state that are repeated at once because they may not have got through; from then on only
reconcile orders anew, lest order and refusal chase each other."""


def ready(floor: Floor, fact: LegReady) -> None:
    found = _live(floor, fact.leg_id)
    if not found or found[1].stage is not Stage.ORDERED:
        return
    redial(floor, *found)


def redial(floor: Floor, call: Call, leg: Leg) -> None:
    """Let the leg's phone ring; once more does no harm."""
    if leg.role is Role.CUSTOMER:
        outbound.customer_ready(floor, call, leg)
    else:
        dial(floor, call, leg)


def answered(floor: Floor, fact: LegAnswered) -> None:
    found = _live(floor, fact.leg_id)
    if not found or found[1].stage is Stage.UP:
        return
    call, leg = found
    procedure = _ANSWERED.get((call.state, leg.role))
    if procedure is not None and call.leg_of(leg.role) is leg:
        procedure(floor, call, leg)


def entered(floor: Floor, fact: LegEntered) -> None:
    found = _live(floor, fact.leg_id)
    if not found or found[1].place is not Place.BRIDGE or fact.bridge_id != bridge_id(found[0].id):
        return
    call, leg = found
    leg.in_bridge = True
    floor.confirm_by(leg, None)
    floor.touch_call(call)
    if call.state is CallState.CONNECTING and _together(call, Role.CUSTOMER, Role.AGENT):
        connected(floor, call)
    elif call.state is CallState.JOINING and _together(call, Role.CUSTOMER, Role.TARGET):
        consult.joined(floor, call)
    elif call.state is CallState.DIALING_CUSTOMER:
        outbound.talking_if_together(floor, call)


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
        result = offer_result(fact.hangup_cause, fact.sip_code)
        _gone(floor, waiting, *found, End(result, fact.hangup_cause, fact.sip_code))


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
        _gone(floor, waiting, call, leg, UNREACHABLE)
    elif fact.action == "DialLeg":
        _give_up(floor, waiting, call, leg)
    elif fact.action == "StartPlayback":
        message_failed(floor, waiting, call, leg)
    elif fact.action == "AddToBridge":
        _bridge_refused(floor, call)
    else:
        floor.act(InspectLeg(call.node, call.id, leg.id))


def phone_left(floor: Floor, waiting: Waiting, fact: PhoneLeft) -> None:
    """A phone in the browser has gone with its page, and took what it had to do with the leg along. The PBX keeps the
    leg until its RTP time-out, and to another registration it means nothing. Any other phone may register from
    elsewhere in the middle of a call and talk on."""
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    if agent is None or floor.entry(agent).answer != "browser":
        return
    for leg_id in list(agent.legs):
        found = _live(floor, leg_id)
        if found and found[0].node == fact.node:
            _give_up(floor, waiting, *found, PHONE_LEFT)


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
        _give_up(floor, waiting, call, leg)


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
        note_place(floor, call, leg, fact.leg)
        rewire(floor, call, message_of(floor, call))
    elif leg.place in (Place.BRIDGE, Place.MESSAGE, Place.SILENCE) and _once_more(floor, call, leg):
        # Music that did not stop goes on inside a bridge: the customer would hear it instead of the agent.
        silence(floor, call, leg)


def dial_again(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
    """The order to dial did not get through: the phone does not ring. Dialling what is dialled does no harm."""
    if leg.stage is Stage.DIALED and what.in_app and not what.ringing and not what.up and _once_more(floor, call, leg):
        redial(floor, call, leg)


def _out_of_place(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> bool:
    """Is what was ordered to be ordered anew? Nothing confirms music or ringing, and a leg is only looked at when
    something went wrong: so it is, a few times."""
    if leg.place is Place.BRIDGE:
        return not leg.in_bridge
    inside = what.bridge_id == bridge_id(call.id)
    lost = leg.place in (Place.MUSIC, Place.RINGBACK, Place.UNKNOWN) and what.in_app
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
    if leg.stage is Stage.ORDERED and leg.role is Role.CUSTOMER and (what.ringing or what.up):
        outbound.customer_rings(floor, call, leg)
    elif leg.stage is Stage.ORDERED and (what.ringing or what.up):
        leg.stage = Stage.DIALED
        floor.confirm_by(leg, None)
        floor.touch_call(call)
    if leg.stage is Stage.ORDERED and what.in_app:
        ready(floor, LegReady(leg.id))
    theirs = call_of_leg(leg.id) is None
    if theirs and leg.stage is Stage.UP and what.in_app and not what.up:
        floor.act(Answer(call.node, call.id, leg.id))
    if leg.stage is Stage.DIALED and what.up:
        answered(floor, LegAnswered(leg.id))
    if leg.stage is Stage.UP and what.bridge_id == bridge_id(call.id):
        entered(floor, LegEntered(leg.id, what.bridge_id))


def note_place(floor: Floor, call: Call, leg: Leg, what: SeenLeg) -> None:
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


def _together(call: Call, *roles: Role) -> bool:
    legs = [call.leg_of(role) for role in roles]
    return all(leg is not None and leg.in_bridge for leg in legs)


def _look_at(floor: Floor, call: Call, leg: Leg) -> None:
    floor.act(InspectLeg(call.node, call.id, leg.id))
    tries = leg.tries
    floor.confirm_by(leg, floor.now + CONFIRM_S * (1 + tries))
    floor.touch_call(call)


def _gone(floor: Floor, waiting: Waiting, call: Call, leg: Leg, end: End) -> None:
    plays_a_role = leg.stage is not Stage.ENDING and call.leg_of(leg.role) is leg
    was_up = leg.stage is Stage.UP
    floor.drop_leg(call, leg)
    if plays_a_role and call.state is not CallState.ENDED:
        _left_by(floor, waiting, call, leg.role, replace(end, result="declined", was_up=True) if was_up else end)


def _give_up(floor: Floor, waiting: Waiting, call: Call, leg: Leg, end: End = UNREACHABLE) -> None:
    """The leg is of no use any more: it is hung up, and its party counts as having left."""
    plays_a_role = call.leg_of(leg.role) is leg
    hang_up(floor, call, leg)
    if not plays_a_role:
        return
    if leg.role is Role.AGENT:
        call.agent_leg = None
    elif leg.role is Role.TARGET:
        call.target_leg = None
    else:
        call.customer_leg = None
    if call.state is not CallState.ENDED:
        _left_by(floor, waiting, call, leg.role, end)


def _left_by(floor: Floor, waiting: Waiting, call: Call, role: Role, end: End) -> None:
    """The matrix (design 7): a party has left in this state."""
    procedure = _LEFT.get((call.state, role))
    if procedure is not None:
        procedure(floor, waiting, call, end)


def _customer_gone(floor: Floor, _: Waiting, call: Call, end: End) -> None:
    if call.state is CallState.DIALING_CUSTOMER:
        outbound.customer_failed(floor, call, end.hangup_cause, end.sip_code)
    elif call.state in (CallState.CONSULT_TALKING, CallState.JOINING):
        consult.customer_left_consult(floor, call)
    else:
        customer_left(floor, call)


def _offer_failed(floor: Floor, waiting: Waiting, call: Call, end: End) -> None:
    fail(floor, waiting, call, end.result)


def _agent_gone(floor: Floor, _: Waiting, call: Call, end: End) -> None:
    if lost.is_lost(end.hangup_cause):
        lost.lost(floor, call)
    else:
        finish(floor, call, "completed", "agent")


def _agent_gone_on_hold(floor: Floor, waiting: Waiting, call: Call, end: End) -> None:
    if lost.returns_to_hold(floor, call, end.hangup_cause):
        lost.lost(floor, call)
    else:
        target.agent_left(floor, waiting, call)


def _agent_gone_consulting(floor: Floor, _: Waiting, call: Call, end: End) -> None:
    if lost.returns_to_hold(floor, call, end.hangup_cause):
        lost.lost(floor, call)
    else:
        consult.agent_left_consult(floor, call)


def _target_gone(floor: Floor, waiting: Waiting, call: Call, end: End) -> None:
    reason = "hung_up" if end.was_up else dial_outcome(end.hangup_cause, end.sip_code)
    target.gone(floor, waiting, call, end.result, reason)


_S, _C, _A, _T = CallState, Role.CUSTOMER, Role.AGENT, Role.TARGET

_ANSWERED: dict[tuple[CallState, Role], Callable[[Floor, Call, Leg], None]] = {
    (_S.RINGING, _A): lifted,
    (_S.ACCEPTED, _A): lifted,
    (_S.DIALING_AGENT, _A): outbound.agent_lifted,
    (_S.DIALING_CUSTOMER, _C): outbound.customer_answered,
    (_S.AGENT_LOST, _A): lost.back,
    (_S.CONSULT_RINGING, _T): target.lifted,
    (_S.TRANSFER_RINGING, _T): target.lifted,
}
"""Whose phone may be answered in which state, and what that leads to."""

_LEFT: dict[tuple[CallState, Role], Callable[[Floor, Waiting, Call, End], None]] = {
    **{(state, _C): _customer_gone for state in CallState},
    (_S.RINGING, _A): _offer_failed,
    (_S.ACCEPTED, _A): _offer_failed,
    (_S.CONNECTING, _A): _offer_failed,
    (_S.DIALING_AGENT, _A): lambda floor, _, call, end: outbound.agent_failed(floor, call),
    (_S.DIALING_CUSTOMER, _A): lambda floor, _, call, end: outbound.agent_failed(floor, call),
    (_S.TALKING, _A): _agent_gone,
    (_S.WARNING, _A): _agent_gone,
    (_S.AGENT_LOST, _A): lambda floor, _, call, end: lost.try_later(floor, call),
    (_S.ON_HOLD, _A): _agent_gone_on_hold,
    (_S.CONSULT_RINGING, _A): _agent_gone_consulting,
    (_S.CONSULT_TALKING, _A): _agent_gone_consulting,
    (_S.CONSULT_ALONE, _A): lambda floor, _, call, end: consult.agent_left_consult(floor, call),
    (_S.JOINING, _A): lambda floor, _, call, end: target.release_agent(floor, call, "transferred"),
    **{(state, _T): _target_gone for state in (_S.CONSULT_RINGING, _S.CONSULT_TALKING, _S.CONSULT_ALONE)},
    **{(state, _T): _target_gone for state in (_S.JOINING, _S.TRANSFER_RINGING, _S.TRANSFERRED)},
}
"""The matrix of design 7: what a party that leaves leads to, by the call's state. What is not in it cannot be."""
