"""Hold and resume (requirement E1), from the panel and by the phone's own key.

The customer is with the agent only if neither holds. The panel cannot take back what the phone holds; the phone's
retrieve clears both. The key may be pressed at any time, so what each phone of ours does is noted on its leg: while the
customer is on hold anyway nobody moves, and only who holds changes; a conversation that begins with a phone that holds
begins on hold. The PBX tells of the key alone, never who holds: over a gap, what was known stays.
"""

from cti_bridge.domain.access import own_call_in
from cti_bridge.domain.call import CONSULTING, Call, CallState, Role, Stage
from cti_bridge.domain.deadlines import Kind
from cti_bridge.domain.errors import ResumeOnPhone
from cti_bridge.domain.facts import HoldCall, LegHeld, LegRetrieved, ResumeCall
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.notices import Told
from cti_bridge.domain.rewire import rewire

PANEL, PHONE = "panel", "phone"

_HELD = CONSULTING | {CallState.ON_HOLD, CallState.JOINING}
"""Where the customer is out of the agent's earshot, whatever the agent's phone does."""


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
    call = _agents_phone(floor, fact.leg_id, holds=True)
    if call is None:
        return
    if call.state in (CallState.TALKING, CallState.WARNING):
        # A warning is cut short: the phone hears nothing any more, and neither may the panel say otherwise.
        begin_hold(floor, call, PHONE, "held")
    elif call.state in _HELD and PHONE not in call.held_by:
        _now_held_by(floor, call, [*call.held_by, PHONE])


def phone_retrieved(floor: Floor, fact: LegRetrieved) -> None:
    """With a customer on hold they talk again. Whoever consults retrieves in order to talk to the target: the customer
    stays on hold, by the panel."""
    call = _agents_phone(floor, fact.leg_id, holds=False)
    if call is None or PHONE not in call.held_by:
        return
    if call.state is CallState.ON_HOLD:
        end_hold(floor, call, "resumed")
    elif call.state in _HELD:
        _now_held_by(floor, call, [PANEL])


def hold_if_phone_holds(floor: Floor, call: Call) -> None:
    """A conversation begins with an agent whose phone has held since before: it begins on hold."""
    leg = call.leg_of(Role.AGENT)
    if call.state is CallState.TALKING and leg is not None and leg.phone_holds:
        begin_hold(floor, call, PHONE, "held")


def begin_hold(floor: Floor, call: Call, by: str, cause: str) -> None:
    call.held_by = [by]
    floor.move_call(call, CallState.ON_HOLD, cause)
    floor.event(call, "held", by=by)
    rewire(floor, call)
    remind_at(floor, call)


def end_hold(floor: Floor, call: Call, cause: str) -> None:
    call.held_by = []
    floor.set_deadline(Kind.HOLD, call, None)
    floor.move_call(call, CallState.TALKING, cause)
    floor.event(call, "resumed")
    rewire(floor, call)


def remind_at(floor: Floor, call: Call) -> None:
    """Remind the agent after the set time, and again after each such time."""
    floor.set_deadline(Kind.HOLD, call, reminds_at(floor, call))


def reminds_at(floor: Floor, call: Call) -> float | None:
    every_s = floor.policy.hold_reminder_s
    return floor.now + every_s if every_s and call.state is CallState.ON_HOLD else None


def reminder_due(floor: Floor, call: Call) -> None:
    if call.cti_id is None:
        return
    held_s = round(floor.now - call.state_since)
    floor.tell(Told(call.cti_id, "hold_reminder", f"The customer has been on hold for {held_s} seconds."))
    remind_at(floor, call)


def _agents_phone(floor: Floor, leg_id: str, *, holds: bool) -> Call | None:
    """Note what the phone of one of ours does; the call, when it is that of the agent who leads it."""
    found = floor.leg(leg_id)
    if found is None or found[1].cti_id is None or found[1].stage is Stage.ENDING:
        return None
    call, leg = found
    if leg.phone_holds is not holds:
        leg.phone_holds = holds
        floor.touch_call(call)
    return call if call.agent_leg == leg_id else None


def _now_held_by(floor: Floor, call: Call, held_by: list[str]) -> None:
    """Nobody moves: the customer stays on hold, and the panels show by whom."""
    call.held_by = held_by
    floor.touch_call(call)
    for _, agent in floor.agents_of(call):
        floor.touch_agent(agent)
