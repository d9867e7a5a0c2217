"""Orders that were refused, lost, or not seen in time. They are looked at, repeated, and in the end fail for good.

:data:`cti_bridge.domain.floor.orders.RULES` has the rule for each kind. The result of a look comes as a fact: to
:mod:`cti_bridge.domain.legs.inspection` for legs, to :mod:`cti_bridge.domain.audio.messages` for messages, to
:func:`bridge_seen` for bridges.
"""

from collections.abc import Callable
from copy import copy

from cti_bridge.domain.audio import messages
from cti_bridge.domain.border.actions import (
    Action,
    AddToBridge,
    DestroyBridge,
    HangUp,
    InspectLeg,
    RecordBridge,
    StartPlayback,
)
from cti_bridge.domain.border.facts import ActionFailed, BridgeSeen, Failure
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import (
    BY_NAME,
    MOST_LOOKS,
    OBJECT,
    RULES,
    Failed,
    Order,
    What,
    id_of,
    objects_of,
    pause_s,
)
from cti_bridge.domain.floor.rewire import make_bridge_anew
from cti_bridge.domain.legs.matrix import UNREACHABLE, give_up, gone
from cti_bridge.domain.model.call import OFFERED, Call, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.words import OfferResult
from cti_bridge.domain.monitors import told
from cti_bridge.domain.offer.offer import fail
from cti_bridge.domain.scenario import voicemail
from cti_bridge.domain.talk import recording

_OF_LEGS = frozenset(what for what, rule in RULES.items() if OBJECT[rule.ordered_by[0]] == "leg_id") | {
    What.PLAY,
    What.RECORD,
}
_NAMED = frozenset({What.PLAY, What.HUSH, What.RECORD, What.CEASE, What.TAPE, What.PAUSE, What.GO_ON})
"""Kinds of orders about something with a name of its own, on a leg."""
_WITH_LEG = _OF_LEGS - {What.END}
"""Kinds of orders that nobody looks for when their leg has ended."""


def action_failed(floor: Floor, fact: ActionFailed) -> None:
    """An action was refused, or its result is unknown. Look at its object, or let the order fail."""
    what = BY_NAME.get(fact.action)
    if what is None:
        return
    if isinstance(fact.ordered, RecordBridge) and fact.failure is not Failure.TIMED_OUT:
        recording.refused(floor, None, fact.ordered.recording)
        return
    found = floor.leg(fact.leg_id)
    if found:
        _note_silence(floor, *found, fact.action)
    action = fact.ordered or (_like(found, what) if found else None)
    if action is None or (what in _OF_LEGS and not _concerns(found, what)):
        return
    if found and isinstance(action, StartPlayback) and found[1].playback_id != action.playback_id:
        return  # It hears another message by now.
    rule = RULES[what]
    if rule.refused is not None:
        if found and fact.failure is not Failure.TIMED_OUT:
            FAILED[rule.refused](floor, *found)
    elif what is What.ENTER:
        # Most likely the bridge did not come about.
        _doubt(floor, What.BRIDGE, action, getattr(action, "bridge_id", ""))
    else:
        for object_id in objects_of(action):
            _doubt(floor, what, action, object_id, look=fact.action != "InspectLeg")


def overdue(floor: Floor, order: Order) -> None:
    """The effect of the order was not seen in time, or is still in doubt."""
    if (monitored := monitoring.of_leg(floor, order.object_id)) is not None:
        told.overdue(floor, order, *monitored)
        return
    found = _leg_of(floor, order)
    if order.repeated or (found is None and order.what in _WITH_LEG):
        floor.drop_order(order.id)
        return
    order.looks += 1
    most = _most_looks(order, found)
    if most is None or order.looks <= most:
        _look(floor, order)
        return
    floor.drop_order(order.id)
    if order.what is What.TAPE:
        recording.refused(floor, order, order.id)
    elif found:
        FAILED[RULES[order.what].failed](floor, *found)


def bridge_seen(floor: Floor, fact: BridgeSeen) -> None:
    """The PBX has shown whether the bridge exists. An order after the question is newer, and the answer does not
    concern it."""
    order = floor.orders.get(fact.bridge_id)
    if order is None or order.ordered_at > fact.asked_at:
        return
    if fact.there is (order.what is What.BRIDGE):
        floor.drop_order(order.id)
        _look_outside(floor, order)
    elif order.looked:
        order.looked, order.repeated = False, True
        _repeat(floor, order)


def _most_looks(order: Order, found: tuple[Call, Leg] | None) -> int | None:
    if order.what is What.END and found is None:
        return MOST_LOOKS  # No call is about it: from then on the lists are enough.
    return RULES[order.what].most_looks


def _leg_of(floor: Floor, order: Order) -> tuple[Call, Leg] | None:
    return floor.leg(order.action.leg_id if order.what in _NAMED else order.object_id)


def _repeat(floor: Floor, order: Order) -> None:
    call = floor.calls.get(order.action.call_id)
    order.ordered_at = floor.now
    if order.what is What.UNBRIDGE:
        floor.act(DestroyBridge(order.action.executor, order.action.call_id, "", order.object_id))
    elif call is not None and call.bridge_id == order.object_id:
        make_bridge_anew(floor, call)


def _look_outside(floor: Floor, order: Order) -> None:
    """The bridge exists. Look at the legs that are not in it, for their entry was refused."""
    call = floor.calls.get(order.action.call_id)
    for leg in call.legs.values() if call is not None and order.what is What.BRIDGE else ():
        if leg.stage is Stage.UP and leg.place is Place.BRIDGE and not leg.in_bridge:
            floor.act(InspectLeg(order.action.executor, order.action.call_id, leg.id))


def _doubt(floor: Floor, what: What, action: Action, object_id: str, *, look: bool = True) -> None:
    """Look at once when the order is in doubt for the first time; later when its deadline is due. An order that an
    event is to confirm is known before its refusal, and is in doubt by that alone."""
    order = floor.orders.get(id_of(what, object_id))
    if order is not None and order.what is what:
        order.repeated = False
        look = look and bool(RULES[what].confirmed_by) and not order.looked
    else:
        order = floor.expect(what, action, object_id)
    if look:
        _look(floor, order)


def _look(floor: Floor, order: Order) -> None:
    ordered_at = order.ordered_at
    order.looked, order.repeated = True, False
    floor.act(RULES[order.what].look(order))
    order.ordered_at = ordered_at  # Also where the look is the order itself: what was seen since the first one counts.
    floor.deadlines.set(Kind.CONFIRM, order.id, floor.now + pause_s(order))


def _note_silence(floor: Floor, call: Call, leg: Leg, action: str) -> None:
    """Have music ordered anew that may not play."""
    if leg.place is Place.MUSIC and leg.stage is not Stage.ENDING and action in ("StartMusic", "InspectLeg"):
        leg.place = Place.UNKNOWN
        floor.touch_call(call)


def _concerns(found: tuple[Call, Leg] | None, what: What) -> bool:
    """Return whether the order concerns the leg still. A leg that is on its way out is only watched ending."""
    return found is not None and (found[1].stage is not Stage.ENDING or what is What.END)


def _like(found: tuple[Call, Leg], what: What) -> Action:
    """Return an action with the same ids, where the fact does not have the action itself."""
    call, leg = found
    if what is What.ENTER:
        return AddToBridge(call.node, call.id, leg.id, call.bridge_id)
    return HangUp(call.node, call.id, leg.id)


def _given_up(floor: Floor, call: Call, leg: Leg) -> None:
    if leg.role is Role.CUSTOMER and call.state in OFFERED:
        # A caller is not sent away because a bridge does not come about: the offer has failed, the place is kept.
        fail(floor, call, OfferResult.UNREACHABLE)
    else:
        give_up(floor, call, leg)


FAILED: dict[Failed, Callable[[Floor, Call, Leg], None]] = {
    Failed.GONE: lambda floor, call, leg: gone(floor, call, leg, copy(UNREACHABLE)),
    Failed.GIVEN_UP: _given_up,
    Failed.OVER: messages.failed,
    Failed.UNRECORDED: voicemail.failed,
    Failed.NOT_TAPED: lambda floor, call, leg: None,  # It is of no leg.
    Failed.LEFT: lambda floor, call, leg: None,
}
