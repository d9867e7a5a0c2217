"""Hold and resume (requirement E1), from the panel and by a phone's own key.

The customer is with the agent only if neither holds. The panel cannot take back what the phone holds; the phone's
retrieve clears both. While the customer is on hold anyway nobody moves, and only who holds changes.

The key may be pressed at any time, and by anybody: customer, agent, target. So what each phone does is noted on its
leg. A conversation that begins with an agent's phone that holds begins on hold. Who would share the bridge with another
phone that holds has music of ours, outside of it (`wiring.wanted`), and the views say whose phone that is.

In a simple bridge the PBX itself plays music to the partner of a phone that holds, and goes on when one of the two
leaves the bridge (seen). It is stopped for all who stay, and replaced for all who move: each hears one stream.

The PBX tells of the key alone. After a gap it is asked who holds.
"""

from cti_bridge.domain.border.actions import InspectHold, StopMusic
from cti_bridge.domain.border.commands import HoldCall, ResumeCall
from cti_bridge.domain.border.errors import ResumeOnPhone
from cti_bridge.domain.border.facts import HoldSeen, LegHeld, LegRetrieved
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import CONSULTING, Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.wiring import holding
from cti_bridge.domain.model.words import CallEventType, Cause, Holder

PANEL, PHONE = Holder.PANEL, Holder.PHONE

_HELD = CONSULTING | {CallState.ON_HOLD, CallState.JOINING}
"""Where the customer is out of the agent's earshot, whatever the agent's phone does."""
_KEEPS = frozenset({Place.BRIDGE, Place.SILENCE})
"""Places that nothing is ordered for which would end other music."""


def hold(floor: Floor, command: HoldCall) -> None:
    _, call = own_call_in(floor, command.cti_id, command.call_id, CallState.TALKING)
    begin_hold(floor, call, PANEL, Cause.HELD)


def resume(floor: Floor, command: ResumeCall) -> None:
    _, call = own_call_in(floor, command.cti_id, command.call_id, CallState.ON_HOLD)
    if PHONE in call.held_by:
        raise ResumeOnPhone
    end_hold(floor, call, Cause.RESUMED)


def phone_held(floor: Floor, fact: LegHeld) -> None:
    """The key of a phone was pressed."""
    found = floor.leg(fact.leg_id)
    if found is None:
        return
    call, leg = found
    _note(floor, call, leg, holds=True)
    leads = call.agent_leg == leg.id
    if leads and call.state in (CallState.TALKING, CallState.WARNING):
        # A warning is cut short: the phone hears nothing any more, and neither may the panel say otherwise.
        begin_hold(floor, call, PHONE, Cause.HELD)
    elif leads and call.state in _HELD and PHONE not in call.held_by:
        _now_held_by(floor, call, [*call.held_by, PHONE])
    rewire(floor, call)
    _end_music_of_pbx(floor, call, leg)


def phone_retrieved(floor: Floor, fact: LegRetrieved) -> None:
    """With a customer on hold they talk again. Whoever consults retrieves in order to talk to the target: the customer
    stays on hold, by the panel."""
    found = floor.leg(fact.leg_id)
    if found is None:
        return
    call, leg = found
    _note(floor, call, leg, holds=False)
    ends = call.agent_leg == leg.id and PHONE in call.held_by
    if ends and call.state is CallState.ON_HOLD:
        end_hold(floor, call, Cause.RESUMED)
    elif ends and call.state in _HELD:
        _now_held_by(floor, call, [PANEL])
    rewire(floor, call)


def hold_if_phone_holds(floor: Floor, call: Call) -> None:
    """A conversation begins with a phone that has held since before: with the agent's it begins on hold, with another
    who would hear nothing has music."""
    leg = call.leg_of(Role.AGENT)
    if call.state is CallState.TALKING and leg is not None and leg.phone_holds:
        begin_hold(floor, call, PHONE, Cause.HELD)
    elif holding(call):
        rewire(floor, call)


def look(floor: Floor, call: Call, *, gap: bool) -> None:
    """After a gap ask of the legs of conversations, and those that are known to hold; later, of whom no answer came."""
    for role in call.parties:
        leg = call.leg_of(role)
        if leg is None or leg.stage is not Stage.UP:
            continue
        if leg.hold_asked or (gap and (leg.phone_holds or call.answered_at is not None)):
            leg.hold_asked = True
            floor.act(InspectHold(call.node, call.id, leg.id))


def seen(floor: Floor, fact: HoldSeen) -> None:
    """A key that was pressed since it was asked is newer. Where the PBX cannot tell, agents' phones count as before:
    their keys can be pressed again. Others count as not holding, for nobody could end their partner's music."""
    found = floor.leg(fact.leg_id)
    if found is None or not found[1].hold_asked:
        return
    call, leg = found
    leg.hold_asked = False
    floor.touch_call(call)
    kept = leg.phone_holds if leg.cti_id is not None else False
    holds = kept if fact.holds is None else fact.holds
    if holds is not leg.phone_holds:
        (phone_held(floor, LegHeld(leg.id)) if holds else phone_retrieved(floor, LegRetrieved(leg.id)))


def begin_hold(floor: Floor, call: Call, by: Holder, cause: Cause) -> None:
    call.held_by = [by]
    floor.move_call(call, CallState.ON_HOLD, cause)
    floor.event(call, CallEventType.HELD, by=by)
    rewire(floor, call)
    remind_at(floor, call)


def end_hold(floor: Floor, call: Call, cause: Cause) -> None:
    call.held_by = []
    floor.set_deadline(Kind.HOLD, call, None)
    floor.move_call(call, CallState.TALKING, cause)
    floor.event(call, CallEventType.RESUMED)
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


def _note(floor: Floor, call: Call, leg: Leg, *, holds: bool) -> None:
    if leg.hold_asked:
        leg.hold_asked = False
        floor.touch_call(call)
    if leg.phone_holds is not holds and leg.stage is not Stage.ENDING:
        leg.phone_holds = holds
        floor.touch_call(call)
        _show(floor, call)


def _end_music_of_pbx(floor: Floor, call: Call, holder: Leg) -> None:
    """Whoever was in the bridge with it a moment ago has music of the PBX, and keeps it, also when the holder has been
    hung up meanwhile. Those who go elsewhere have had it replaced; for those who stay it is stopped."""
    for role in call.parties:
        leg = call.leg_of(role)
        if leg is not None and leg is not holder and leg.stage is Stage.UP and leg.place in _KEEPS:
            floor.act(StopMusic(call.node, call.id, leg.id))


def _now_held_by(floor: Floor, call: Call, held_by: list[Holder]) -> None:
    """Nobody moves: the customer stays on hold, and the panels show by whom."""
    call.held_by = held_by
    floor.touch_call(call)
    _show(floor, call)


def _show(floor: Floor, call: Call) -> None:
    for _, agent in floor.agents_of(call):
        floor.touch_agent(agent)
