"""The step ``dialplan``: a context of the PBX's own dialplan goes on with the call, and gives it back (requirement H2).

The bridge marks the call as away before it sends it there, and orders nothing of its leg until it is back, but to hang
up. The dialplan gives it back by ``Stasis(cti_bridge,back,WORD)``; the word is an exit of the step, else ``next``. The
PBX itself ends the time there: the call goes to the extension ``T`` of the context, or is hung up. A moment later we
hang up, in case that the PBX does not.

While the bridge is away the dialplan goes on, and its ``Stasis()`` fails until the bridge is there again. A list then
shows where the leg is: in the dialplan still, or back.
"""

from cti_bridge.domain.border.actions import InspectLeg, LimitDialplan, SendToDialplan, TakeOver
from cti_bridge.domain.border.facts import LegBack, SeenLeg
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import CONFIRM_S, What, doubt_of
from cti_bridge.domain.floor.rewire import vacate
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import Dialplan, Exit
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import Cause, EndedBy
from cti_bridge.domain.scenario import typed
from cti_bridge.domain.scenario.interpreter import leave, leave_for_good, outcome, step_of
from cti_bridge.domain.scenario.say import enter

MARGIN_S = 10.0
"""The PBX ends the time in the dialplan by itself. So many seconds later we hang up."""
LONGEST_S = 7200.0
"""The longest time there of a call whose step is configured no more."""


def begin(floor: Floor, call: Call, way: Way, step: Dialplan) -> str | None:
    """Send the call there."""
    leg = call.leg_of(Role.CUSTOMER)
    if leg is None:
        return Exit.NEXT
    typed.forget_keys(floor, call)
    enter(floor, call)
    if leg.place is not Place.NOWHERE:
        vacate(floor, call, leg)
    floor.move_call(call, CallState.IN_DIALPLAN, Cause.LIMIT)
    leg.place = Place.DIALPLAN
    floor.act(LimitDialplan(call.node, call.id, leg.id, round(step.most_s)))
    _send(floor, call, leg, step)
    floor.set_deadline(Kind.STEP, call, floor.now + longest_s(step))
    return None


def longest_s(step: object) -> float:
    """Return the seconds after which the call is ended there."""
    return step.most_s + MARGIN_S if isinstance(step, Dialplan) else LONGEST_S


def back(floor: Floor, fact: LegBack) -> None:
    """The dialplan gives the leg back."""
    found = floor.leg(fact.leg_id)
    if found is None or not is_away(*found):
        return
    call, leg = found
    way = call.way
    leg.place = Place.NOWHERE
    floor.move_call(call, CallState.IN_SCENARIO, Cause.LIMIT)
    floor.set_deadline(Kind.STEP, call, None)
    floor.act(TakeOver(call.node, call.id, leg.id))
    step = step_of(floor, way) if way is not None else None
    known = step is not None and fact.result in step.exits
    leave(floor, call, fact.result if known else Exit.NEXT)


def is_away(call: Call, leg: Leg) -> bool:
    """Return whether the dialplan has the leg."""
    return call.state is CallState.IN_DIALPLAN and call.leg_of(Role.CUSTOMER) is leg


def seen(floor: Floor, call: Call, leg: Leg, what: SeenLeg, asked_at: float, *, back_on: bool = False) -> None:
    """The leg is on a list, or was looked at: in the dialplan; or back, and nobody has told; or never sent there.
    Believe that only when no order that is still on its way can have made it old. A leg that was sent twice would go
    there once more when it is back. ``back_on``: the PBX is back, and orders of before are lost."""
    order = floor.orders.get(doubt_of(leg.id))
    sent_at = order.ordered_at if order is not None and order.repeated else None
    believe = (back_on or asked_at >= call.state_since + CONFIRM_S) and asked_at >= (sent_at or 0.0) + CONFIRM_S
    if not what.in_app:
        floor.drop_order(doubt_of(leg.id))
    elif not believe:
        return
    elif what.back is not None:
        back(floor, what.back)
    elif isinstance(step := step_of(floor, call.way) if call.way is not None else None, Dialplan):
        _send(floor, call, leg, step)
        floor.expect(What.HEAR, InspectLeg(call.node, call.id, leg.id), leg.id).repeated = True
    else:
        back(floor, LegBack(leg.id))


def time_over(floor: Floor, call: Call) -> None:
    """The PBX has not ended the time there: hang up."""
    way = call.way or Way("", "", floor.now)
    leave_for_good(floor, call, Exit.TIME_OVER)
    finish(floor, call, outcome(way), EndedBy.SYSTEM)


def _send(floor: Floor, call: Call, leg: Leg, step: Dialplan) -> None:
    floor.act(SendToDialplan(call.node, call.id, leg.id, step.context, step.extension))
