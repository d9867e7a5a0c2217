"""Facts about one leg, and their consequences for its call.

Facts of one leg come in order, those of several in any. A fact only clears away when its leg is unknown, is on its way
out, or plays its role no longer. :mod:`cti_bridge.domain.legs.matrix` says what follows when a party has left.
:mod:`cti_bridge.domain.legs.inspection` looks at orders whose effect does not come.
"""

from cti_bridge.domain.audio.hold import plays_early
from cti_bridge.domain.border.actions import AgreeAnew, HangUp
from cti_bridge.domain.border.facts import (
    LegAnswered,
    LegEnded,
    LegEntered,
    LegLeft,
    LegReady,
    LegRinging,
    LegStuck,
    PhoneLeft,
)
from cti_bridge.domain.ending.causes import offer_result
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor import customer_left
from cti_bridge.domain.floor.codecs import note_codec
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import expect_in_bridge, rewire
from cti_bridge.domain.legs.matrix import ANSWERED, End, give_up, gone
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.ids import CALL, leg_name
from cti_bridge.domain.model.kept import Stray
from cti_bridge.domain.model.words import AnswerMode, EndedBy, OfferResult, Outcome
from cti_bridge.domain.offer import ringing
from cti_bridge.domain.offer.offer import connected, dial
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.outbound import outbound
from cti_bridge.domain.outbound.dialplan import reached
from cti_bridge.domain.talk import consult, lost

# Members that every call looks up, by names of the module: see the package.
_CONNECTING, _JOINING, _DIALING_CUSTOMER = CallState.CONNECTING, CallState.JOINING, CallState.DIALING_CUSTOMER
_BRIDGE = Place.BRIDGE
_AGENT, _CUSTOMER, _TARGET = Role.AGENT, Role.CUSTOMER, Role.TARGET
_ENDING, _ORDERED, _UP = Stage.ENDING, Stage.ORDERED, Stage.UP
_ROLES = frozenset(Role)

PHONE_LEFT = End(OfferResult.UNREACHABLE, hangup_cause=27, sip_code=500)
"""Q.850 27, destination out of order."""


def ready(floor: Floor, fact: LegReady) -> None:
    found = live(floor, fact.leg_id)
    if found is None:
        _came_late(floor, fact)
    elif found[1].stage is _ORDERED:
        redial(floor, *found)


def _came_late(floor: Floor, fact: LegReady) -> None:
    """End a leg that nobody waits for any more. It was made after the order to end it, which found nothing: on a PBX
    that hangs they go different ways. Or its order is of a bridge that has died. A leg whose role only a newer release
    knows is left to the list of the PBX."""
    name = leg_name(fact.leg_id)
    if name is None or not fact.node or fact.leg_id in floor.strays or floor.leg(fact.leg_id) is not None:
        return
    if name.kind != CALL or name.role in _ROLES:
        floor.add_stray(Stray(fact.leg_id, fact.node, floor.by_cti_number.get(fact.endpoint)))
        floor.act(HangUp(fact.node, name.owner, fact.leg_id))


def redial(floor: Floor, call: Call, leg: Leg) -> None:
    """Let the leg's phone ring."""
    if leg.role is _CUSTOMER:
        outbound.customer_ready(floor, call, leg)
    else:
        dial(floor, call, leg)


def rings(floor: Floor, fact: LegRinging) -> None:
    found = live(floor, fact.leg_id)
    if not found:
        return
    call, leg = found
    if leg.role is _CUSTOMER:
        if call.course.customer_rang_at is None and leg.stage is not _UP:
            call.course.customer_rang_at = floor.now
            floor.touch_call(call)
        if not call.dialling.reached:
            reached(floor, call)
    ringing.reached(floor, call, leg, early_media=fact.early_media)
    if fact.early_media:
        plays_early(floor, call, leg)
        rewire(floor, call)


def answered(floor: Floor, fact: LegAnswered) -> None:
    found = live(floor, fact.leg_id)
    if found:
        note_codec(floor, *found, fact.codec)
    if not found or found[1].stage is _UP:
        return
    call, leg = found
    procedure = ANSWERED.get((call.state, leg.role))
    if procedure is not None and call.leg_of(leg.role) is leg:
        procedure(floor, call, leg)
    if leg.early_hold and leg.cti_id is None and leg.stage is _UP:
        floor.act(AgreeAnew(call.node, call.id, leg.id))
    if call.state is _JOINING:
        consult.joined_if_together(floor, call)


def entered(floor: Floor, fact: LegEntered) -> None:
    found = live(floor, fact.leg_id)
    if not found or found[1].place is not _BRIDGE or fact.bridge_id != found[0].bridge_id:
        return
    call, leg = found
    note_codec(floor, call, leg, fact.codec)
    leg.in_bridge = True
    floor.touch_call(call)
    if call.state is _CONNECTING:
        if _together(call, _CUSTOMER, _AGENT):
            connected(floor, call)
    elif call.state is _JOINING:
        consult.joined_if_together(floor, call)
    elif call.state is _DIALING_CUSTOMER:
        outbound.talking_if_together(floor, call)


def left(floor: Floor, fact: LegLeft) -> None:
    """The leg has left the bridge though it should be there. Most often its end is next. Otherwise it is looked at and
    put back."""
    found = live(floor, fact.leg_id)
    if found is None:
        _left_on_its_way_out(floor, fact)
        return
    call, leg = found
    left_at = floor.now if fact.left_at is None else fact.left_at
    by_itself = leg.leaving_at is not None and left_at < leg.leaving_at
    if leg.leaving:
        leg.leaving -= 1
        floor.touch_call(call)
    if leg.place is _BRIDGE and leg.in_bridge and fact.bridge_id == call.bridge_id:
        if leg.role is _CUSTOMER:
            customer_left.left(floor, call, left_at)
        leg.in_bridge = False
        expect_in_bridge(floor, call, leg)
        floor.touch_call(call)
    elif by_itself and leg.role is _CUSTOMER and call.recorder is not None:
        customer_left.had_left(floor, call, left_at)  # Before they were given music, or a message.


def _left_on_its_way_out(floor: Floor, fact: LegLeft) -> None:
    """A customer whom we have taken out may have left by themselves before, unheard: their file is closed already."""
    found = floor.leg(fact.leg_id)
    if found is None or found[1].role is not _CUSTOMER or fact.bridge_id != found[0].bridge_id:
        return
    call, leg = found
    if call.recorder is not None and leg.in_bridge:
        leg.in_bridge = False
        floor.touch_call(call)
        customer_left.had_left(floor, call, floor.now if fact.left_at is None else fact.left_at)


def ended(floor: Floor, fact: LegEnded) -> None:
    stray = floor.strays.get(fact.leg_id)
    cti_id, given_up = None, False
    if stray is not None:
        floor.drop_stray(stray)
        cti_id, given_up = stray.cti_id, True
    found = floor.leg(fact.leg_id)
    if found is not None:
        call, leg = found
        if call.recorder is not None and leg.role is _CUSTOMER and leg.in_bridge:
            # Nobody told when.
            at = leg.confirmed_at or floor.now
            if leg.stage is _ENDING:
                customer_left.had_left(floor, call, at)
            else:
                customer_left.left(floor, call, at)
        end = End(offer_result(fact.hangup_cause, fact.sip_code), fact.hangup_cause, fact.sip_code, False, False, True)
        if leg.unseen_since is None:
            gone(floor, call, leg, end)
        else:
            with floor.late(leg.unseen_since):
                gone(floor, call, leg, end)
        cti_id, given_up = leg.cti_id, given_up or leg.stage is _ENDING
    agent = floor.agents.get(cti_id) if given_up and cti_id else None
    if agent is not None and agent.call_id is not None:
        lost.ring_again(floor, agent.call_id)
        outbound.ring_now_free(floor, agent.call_id)


def stuck(floor: Floor, fact: LegStuck) -> None:
    """The leg exists, and nothing can be done with it: not even a hang-up takes effect at once. Its party counts as
    having left. A customer has not hung up, though, so the call ends as one that the PBX has lost."""
    found = live(floor, fact.leg_id)
    if not found:
        return
    call, leg = found
    goes_on = call.state in _GO_ON_WITHOUT or (call.state in _RING_ON_WITHOUT and is_emergency(floor, call.target))
    if leg.role is not _CUSTOMER or call.leg_of(leg.role) is not leg or goes_on:
        give_up(floor, call, leg, PHONE_LEFT)
    else:
        finish(floor, call, call.end.announced or Outcome.NODE_LOST, call.end.by or EndedBy.SYSTEM)


def phone_left(floor: Floor, fact: PhoneLeft) -> None:
    """A phone in the browser has vanished with its page and its knowledge of the leg. The PBX keeps the leg until its
    RTP time-out; another registration of the phone knows nothing of it. A phone of any other kind may register from
    elsewhere in the middle of a call and talk on."""
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    if agent is None or floor.entry(agent).answer is not AnswerMode.BROWSER:
        return
    for leg_id in list(agent.legs):
        found = live(floor, leg_id)
        if found and found[0].node == fact.node:
            give_up(floor, *found, PHONE_LEFT)


def live(floor: Floor, leg_id: str) -> tuple[Call, Leg] | None:
    """Return the call and the leg when the leg still plays a role, else None. Any fact about the leg shows that it
    exists."""
    call = floor.calls.get(floor.call_of_leg.get(leg_id, ""))
    leg = call.legs.get(leg_id) if call is not None else None
    if call is None or leg is None or leg.stage is _ENDING:
        return None
    if leg.unseen_since is not None:
        note_seen(floor, call, leg)
    leg.confirmed_at = floor.now
    return call, leg


def note_seen(floor: Floor, call: Call, leg: Leg) -> None:
    """The PBX shows that the leg exists. A caller who was looked for may be offered again."""
    if leg.unseen_since is not None:
        leg.unseen_since = None
        floor.touch_call(call)
    leg.confirmed_at = floor.now


def _together(call: Call, *roles: Role) -> bool:
    for role in roles:  # No all(...): each leg that enters a bridge asks.
        leg = call.leg_of(role)
        if leg is None or not leg.in_bridge:
            return False
    return True


_GO_ON_WITHOUT = frozenset(
    {
        _DIALING_CUSTOMER,
        CallState.CONSULT_TALKING,
        CallState.CONSULT_SWAPPED,
        CallState.THREE_TOGETHER,
        _JOINING,
    }
)
"""States whose cell in the matrix covers a customer who is not there: not reached, or agent and target talk on."""

_RING_ON_WITHOUT = frozenset({CallState.CONSULT_RINGING, CallState.AGENT_LOST})
"""States in which the call goes on without the customer when the target is an emergency service."""
