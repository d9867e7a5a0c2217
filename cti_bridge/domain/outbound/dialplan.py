"""An emergency call that was dialled on the phone can go on without us: the dialplan dials the trunk itself when it is
handed the phone back, or when nobody takes the phone over within some seconds (``[cti-emergency-call]``).

So the phone is taken over only behind the order to dial: whatever is lost before that, the dialplan goes on. And when
nothing says that the emergency service was reached, the phone is handed back; a call that was begun in the panel, which
the dialplan knows nothing of, is dialled once more. A call is reached when its phone was said to ring, or to be busy.
Early media is told by nobody.
"""

from cti_bridge.domain.border.actions import HandBack, TakeOver
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Leg, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.kept import Stray
from cti_bridge.domain.model.words import CallEventType, EndedBy, Outcome
from cti_bridge.domain.offer.ringing import create_leg


def call_out(floor: Floor, call: Call) -> None:
    """Make the leg of whom the agent calls."""
    create_leg(
        floor,
        call,
        Role.CUSTOMER,
        number=call.customer.number,
        shown_number=call.dialling.calling_number or "",
        emergency=call.dialling.emergency,
    )


def take_over(floor: Floor, call: Call) -> None:
    """The emergency service is dialled: the dialplan is not to dial it beside us. Said twice it does no harm."""
    leg = call.leg_of(Role.AGENT)
    if leg is not None and leg.dialplan_goes_on and leg.stage is Stage.UP and not call.dialling.handed_back:
        floor.act(TakeOver(call.node, call.id, leg.id))


def reached(floor: Floor, call: Call) -> None:
    """Whom the agent calls rings, or has answered."""
    if call.dialling.emergency and call.answered_at is None:
        call.dialling.reached = True
        floor.touch_call(call)
        take_over(floor, call)


def goes_another_way(floor: Floor, call: Call, outcome: Outcome) -> bool:
    """The leg to the emergency service has ended, or never came to be. Is the call brought there otherwise?"""
    leg = call.leg_of(Role.AGENT)
    over = outcome is Outcome.BUSY or call.dialling.reached or call.dialling.handed_back or call.dialling.redialed
    if not call.dialling.emergency or over or leg is None or leg.stage is not Stage.UP:
        return False
    if leg.dialplan_goes_on:
        call.dialling.handed_back = True
        floor.set_deadline(Kind.DIAL, call, None)
        _note_handed_back(floor, call, leg)
        hand_back(floor, call, leg)
    else:
        call.dialling.redialed = True
        call_out(floor, call)
    floor.touch_call(call)
    return True


def hand_back(floor: Floor, call: Call, leg: Leg) -> None:
    """That it has left us (LegLetGo) ends the call."""
    floor.act(HandBack(call.node, call.id, leg.id))


def has_left(floor: Floor, call: Call, leg: Leg) -> None:
    """The dialplan has gone on with the phone and its end with us was not told: what we began ends, and the phone is
    left alone."""
    if not call.dialling.handed_back:
        _note_handed_back(floor, call, leg)
    floor.drop_leg(call, leg)
    leg.stage = Stage.ENDING
    finish(floor, call, Outcome.COMPLETED, EndedBy.AGENT)
    floor.add_stray(Stray(leg.id, call.node, leg.cti_id))


def _note_handed_back(floor: Floor, call: Call, leg: Leg) -> None:
    agent = floor.agents.get(leg.cti_id or "")
    cti_number = agent.cti_number if agent else ""
    floor.event(call, CallEventType.HANDED_BACK, number=call.customer.number, cti_number=cti_number, emergency=True)
