"""Hold and resume (requirement E1), from the panel and by the phone's own key.

The customer is with the agent only if neither holds. The panel cannot take back what the phone holds; the phone's
retrieve clears both.
"""

from cti_bridge.domain.access import own_call_in
from cti_bridge.domain.call import Call, CallState
from cti_bridge.domain.errors import ResumeOnPhone
from cti_bridge.domain.facts import HoldCall, LegHeld, LegRetrieved, ResumeCall
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.notices import Told
from cti_bridge.domain.queueing import forget_message
from cti_bridge.domain.rewire import rewire

PANEL, PHONE = "panel", "phone"


def hold(floor: Floor, command: HoldCall) -> None:
    _, call = own_call_in(floor, command.cti_id, command.call_id, CallState.TALKING)
    begin_hold(floor, call, PANEL, "held")


def resume(floor: Floor, command: ResumeCall) -> None:
    _, call = own_call_in(floor, command.cti_id, command.call_id, CallState.ON_HOLD)
    if PHONE in call.held_by:
        raise ResumeOnPhone
    end_hold(floor, call, "resumed")


def phone_held(floor: Floor, fact: LegHeld) -> None:
    """Asterisk plays music to whoever shares the bridge with a phone that holds; the customer leaves it for music
    of ours."""
    found = floor.leg(fact.leg_id)
    if not found or found[0].agent_leg != fact.leg_id:
        return
    call = found[0]
    if call.state in (CallState.TALKING, CallState.WARNING):
        # A warning is cut short: the phone hears nothing any more, and neither may the panel say otherwise.
        begin_hold(floor, call, PHONE, "held")
    elif call.state is CallState.ON_HOLD and PHONE not in call.held_by:
        call.held_by.append(PHONE)
        floor.touch_call(call)
        _touch_agent(floor, call)


def phone_retrieved(floor: Floor, fact: LegRetrieved) -> None:
    found = floor.leg(fact.leg_id)
    if (
        found
        and found[0].agent_leg == fact.leg_id
        and found[0].state is CallState.ON_HOLD
        and PHONE in found[0].held_by
    ):
        end_hold(floor, found[0], "resumed")


def begin_hold(floor: Floor, call: Call, by: str, cause: str) -> None:
    forget_message(floor, call)
    call.held_by = [by]
    floor.move_call(call, CallState.ON_HOLD, cause)
    floor.event(call, "held", by=by)
    rewire(floor, call)
    remind_at(floor, call)


def end_hold(floor: Floor, call: Call, cause: str) -> None:
    call.held_by = []
    floor.deadlines.set("hold", call.id, None)
    floor.move_call(call, CallState.TALKING, cause)
    floor.event(call, "resumed")
    rewire(floor, call)


def remind_at(floor: Floor, call: Call) -> None:
    """Remind the agent after the set time, and again after each such time."""
    every_s = floor.policy.hold_reminder_s
    floor.deadlines.set("hold", call.id, floor.now + every_s if every_s else None)


def reminder_due(floor: Floor, call_id: str) -> None:
    call = floor.calls.get(call_id)
    if call is None or call.state is not CallState.ON_HOLD or call.cti_id is None:
        return
    held_s = round(floor.now - call.state_since)
    floor.tell(Told(call.cti_id, "hold_reminder", f"The customer has been on hold for {held_s} seconds."))
    remind_at(floor, call)


def _touch_agent(floor: Floor, call: Call) -> None:
    for _, agent in floor.agents_of(call):
        floor.touch_agent(agent)
