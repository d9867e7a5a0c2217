"""Hold and resume (requirement E1), from the panel and by a phone's own key.

The customer is with the agent only if neither holds. The panel cannot end the hold of a phone; the phone's retrieve
clears both. While the customer is on hold anyway nobody moves, and only the holders change.

Any party may press the key at any time: customer, agent, target. So each leg notes what its phone does. A conversation
begins on hold when the agent's phone holds already. The partners of a phone that holds leave the bridge and have music
of ours (`wiring.wanted`). The views say whose phone holds.

In a simple bridge the PBX itself plays music to the partner of a phone that holds. The music goes on when one of the
two leaves the bridge (seen). We stop it for all who stay, and replace it for all who move: each hears one stream.

The PBX tells of the key alone. After a gap we ask it who holds.
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

# Members that every call looks up, by names of the module: see the package.
_TALKING = CallState.TALKING
_AGENT = Role.AGENT

PANEL, PHONE = Holder.PANEL, Holder.PHONE

_HELD = CONSULTING | {CallState.ON_HOLD, CallState.JOINING}
"""States in which the agent does not hear the customer, whatever the agent's phone does."""
_KEEPS = frozenset({Place.BRIDGE, Place.SILENCE})
"""Places for which no order is given that would end other music."""


def hold(floor: Floor, command: HoldCall) -> None:
    _, call = own_call_in(floor, command.cti_id, command.call_id, _TALKING)
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
    if leg.stage is Stage.DIALED and leg.early:
        plays_early(floor, call, leg, held=True)
        return
    _note(floor, call, leg, holds=True)
    leads = call.agent_leg == leg.id
    if leads and call.state in (_TALKING, CallState.WARNING):
        # A warning is cut short: the phone hears nothing any more, and neither may the panel say otherwise.
        begin_hold(floor, call, PHONE, Cause.HELD)
    elif leads and call.state in (*_HELD, CallState.CONSULT_SWAPPED) and PHONE not in call.held_by:
        _now_held_by(floor, call, [*call.held_by, PHONE])
    rewire(floor, call)
    _end_music_of_pbx(floor, call, leg)


def phone_retrieved(floor: Floor, fact: LegRetrieved) -> None:
    """A phone has ended its hold. A customer on hold and the agent talk again. An agent who consults retrieves in order
    to talk to the target: the customer stays on hold, by the panel."""
    found = floor.leg(fact.leg_id)
    if found is None:
        return
    call, leg = found
    leg.early_hold = False
    _note(floor, call, leg, holds=False)
    ends = call.agent_leg == leg.id and PHONE in call.held_by
    if ends and call.state is CallState.ON_HOLD:
        end_hold(floor, call, Cause.RESUMED)
    elif ends and call.state in _HELD:
        _now_held_by(floor, call, [PANEL])
    elif ends and call.state is CallState.CONSULT_SWAPPED:
        _now_held_by(floor, call, [])
    rewire(floor, call)


def plays_early(floor: Floor, call: Call, leg: Leg, *, held: bool = False) -> None:
    """The leg plays something before it answers. Where that comes one way (183, sendonly), the PBX takes it for a hold
    to the end of the call, whatever the answer says (seen). It is none, and the two hear each other. A leg that answers
    without this, and holds at once, does hold."""
    if leg.stage is Stage.DIALED and (held or leg.phone_holds):
        leg.early_hold, leg.phone_holds = True, False
        floor.touch_call(call)
        _end_music_of_pbx(floor, call, leg)


def hold_if_phone_holds(floor: Floor, call: Call) -> None:
    """A conversation begins, and a phone has held since before. If it is the agent's, the conversation begins on hold.
    If it is another's, its partners get music instead of silence."""
    leg = call.leg_of(_AGENT)
    if call.state is _TALKING and leg is not None and leg.phone_holds:
        begin_hold(floor, call, PHONE, Cause.HELD)
    elif holding(call):
        rewire(floor, call)


def holds_by_key(call: Call) -> list[Holder]:
    """Return the phone of the agent as a holder, while it holds by its own key."""
    leg = call.leg_of(_AGENT)
    return [PHONE] if leg is not None and leg.phone_holds else []


def look(floor: Floor, call: Call, *, gap: bool) -> None:
    """After a gap ask the PBX about the legs of conversations, and those that are known to hold. Ask again later for
    legs without an answer."""
    for role in call.parties:
        leg = call.leg_of(role)
        if leg is None or leg.stage is not Stage.UP:
            continue
        if leg.hold_asked or (gap and (leg.phone_holds or call.answered_at is not None)):
            leg.hold_asked = True
            floor.act(InspectHold(call.node, call.id, leg.id))


def seen(floor: Floor, fact: HoldSeen) -> None:
    """The PBX says whether the phone holds. A key that was pressed after the question is newer, and counts. Where the
    PBX cannot tell, an agent's phone counts as before: its key can be pressed again. Any other phone counts as not
    holding, for nobody could end its partner's music."""
    found = floor.leg(fact.leg_id)
    if found is None or not found[1].hold_asked:
        return
    call, leg = found
    leg.hold_asked = False
    floor.touch_call(call)
    kept = leg.phone_holds if leg.cti_id is not None else False
    holds = kept if fact.holds is None or (leg.early_hold and fact.holds) else fact.holds
    if holds is not leg.phone_holds:
        (phone_held(floor, LegHeld(leg.id)) if holds else phone_retrieved(floor, LegRetrieved(leg.id)))


def begin_hold(floor: Floor, call: Call, by: Holder, cause: Cause) -> None:
    call.held_by = [by]
    floor.move_call(call, CallState.ON_HOLD, cause)
    floor.event(call, CallEventType.HELD, held_by=by)
    rewire(floor, call)
    remind_at(floor, call)


def end_hold(floor: Floor, call: Call, cause: Cause) -> None:
    call.held_by = []
    floor.set_deadline(Kind.HOLD, call, None)
    floor.move_call(call, _TALKING, cause)
    floor.event(call, CallEventType.RESUMED)
    rewire(floor, call)


def remind_at(floor: Floor, call: Call) -> None:
    """Set the reminder of the agent: after the set time, and again after each such time."""
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
    """Stop the PBX's music for those who were in the bridge with the holder a moment ago and stay. They have it even
    when the holder has been hung up meanwhile. Those who move have other music already."""
    for role in call.parties:
        leg = call.leg_of(role)
        if leg is not None and leg is not holder and leg.stage is Stage.UP and leg.place in _KEEPS:
            floor.act(StopMusic(call.node, call.id, leg.id))


def _now_held_by(floor: Floor, call: Call, held_by: list[Holder]) -> None:
    """Change the holders. Nobody moves: the customer stays on hold, and the panels show by whom."""
    call.held_by = held_by
    floor.touch_call(call)
    _show(floor, call)


def _show(floor: Floor, call: Call) -> None:
    for _, agent in floor.agents_of(call):
        floor.touch_agent(agent)
