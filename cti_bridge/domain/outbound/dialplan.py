"""An emergency call that was dialled on the phone can go on without us. The dialplan dials the trunk itself in two
cases: we hand the phone back, or nobody takes it over within some seconds (``[cti-emergency-call]``).

So we take the phone over only after the order to dial: if anything before that is lost, the dialplan goes on. We hand
the phone back when nothing says that the emergency service was reached. The dialplan knows nothing of a call that was
begun in the panel, so we dial that once more. A call is reached when its phone is said to ring, to play
something, or to be busy.
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
    """Make the leg of the number that the agent calls."""
    create_leg(
        floor,
        call,
        Role.CUSTOMER,
        number=call.customer.number,
        shown_number=call.dialling.calling_number or "",
        emergency=call.dialling.emergency,
    )


def take_over(floor: Floor, call: Call) -> None:
    """The emergency service is dialled, so the dialplan must not dial it too. A second order does no harm."""
    leg = call.leg_of(Role.AGENT)
    if leg is not None and leg.dialplan_goes_on and leg.stage is Stage.UP and not call.dialling.handed_back:
        floor.act(TakeOver(call.node, call.id, leg.id))


def reached(floor: Floor, call: Call) -> None:
    """The emergency service rings, or has answered."""
    if call.dialling.emergency and call.answered_at is None:
        call.dialling.reached = True
        floor.touch_call(call)
        take_over(floor, call)


def goes_another_way(floor: Floor, call: Call, outcome: Outcome) -> bool:
    """The leg to the emergency service has ended, or was never made. Return whether the call is brought there in
    another way."""
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
    """Order the phone back to the dialplan. The call ends when the PBX says that the phone has left us (LegLetGo)."""
    floor.act(HandBack(call.node, call.id, leg.id))


def has_left(floor: Floor, call: Call, leg: Leg) -> None:
    """The dialplan has gone on with the phone, and we were not told that it left us. End our part, and leave the phone
    alone."""
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
