"""The third column beside the wiring: whether the conversation is recorded, by the state of the call.

It is recorded while no reason speaks against it (:func:`reasons`). What is left out is never muted: the PBX pauses, and
the legs wait for that (:mod:`cti_bridge.domain.floor.recorder`).
"""

from collections.abc import Collection
from enum import StrEnum

from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.recorder import Reason
from cti_bridge.domain.model.wiring import NOTICE_IN, WIRING, holding


class Want(StrEnum):
    """The task of the recorder now."""

    NOTHING = "nothing"
    """Nothing is recorded, and a file that was begun is over."""
    PAUSED = "paused"
    RUNS = "runs"


_S = CallState
WHILE: dict[CallState, Reason | None] = {
    _S.CONNECTING: None,
    _S.TALKING: None,
    _S.JOINING: None,
    _S.TRANSFERRED: None,
    # The customer is with the agent, and the target has music; or all three hear each other.
    _S.CONSULT_SWAPPED: None,
    _S.THREE_TOGETHER: None,
    # Both are out of the bridge, and hear a message of ours.
    _S.WARNING: Reason.HOUSE,
    _S.AGENT_LOST: Reason.HOLD,
    _S.ON_HOLD: Reason.HOLD,
    _S.CONSULT_RINGING: Reason.CONSULT,
    _S.CONSULT_TALKING: Reason.CONSULT,
    _S.TRANSFER_RINGING: Reason.HOLD,
    _S.TRANSFER_CONFIRMING: Reason.HOLD,
}
"""By state, the reason that speaks against it; None: there is none. In all other states nothing is recorded: nobody
talks yet, or no customer is there any more."""

_BEFORE_ANY_AGENT = frozenset({_S.JOINING, _S.TRANSFERRED, _S.TRANSFER_RINGING, _S.TRANSFER_CONFIRMING})
"""A step of the scenario transfers in these states too. Until an agent has talked nothing is recorded in them."""


TWO = 2
"""So many in a bridge talk to each other."""

_WITH_TARGET = frozenset({_S.JOINING, _S.TRANSFERRED, _S.THREE_TOGETHER})
_TOLD_IN = NOTICE_IN | _WITH_TARGET


def reasons(call: Call) -> list[Reason]:
    """Return why the conversation is not recorded now; empty: it is. The first is the one that is shown."""
    of_state, recorder = WHILE.get(call.state), call.recorder
    found = [of_state] if of_state is not None else []
    if of_state is None and any(WIRING[call.state].get(role) is Place.BRIDGE for role in holding(call)):
        found.append(Reason.HOLD)
    if call.prompt is not None or untold(call) is not None:
        found = [reason for reason in found if reason is not Reason.HOUSE] + [Reason.HOUSE]
    if recorder is not None and recorder.paused_by:
        found.append(Reason.AGENT)
    return found


def untold(call: Call) -> Role | None:
    """Return whose leg is outside, is to be recorded in this state or soon, and has not heard that it is."""
    recorder = call.recorder
    if recorder is None or not recorder.on or not recorder.tells or call.state not in _TOLD_IN:
        return None
    if call.answered_at is None and call.state in _BEFORE_ANY_AGENT:
        return None
    for role in (Role.CUSTOMER, Role.TARGET) if call.state in _WITH_TARGET else (Role.CUSTOMER,):
        leg = call.leg_of(role)
        if leg is not None and leg.cti_id is None and leg.stage is Stage.UP and leg.id not in recorder.told:
            return role
    return None


def wants(call: Call) -> Want:
    """Return what the recorder of the call is to do now."""
    recorder = call.recorder
    if recorder is None or not recorder.on or call.state not in WHILE:
        return Want.NOTHING
    if call.answered_at is None and call.state in _BEFORE_ANY_AGENT:
        return Want.NOTHING
    return Want.PAUSED if reasons(call) else Want.RUNS


def is_clean(call: Call, coming: Collection[Leg] = ()) -> bool:
    """Return whether nobody is in the bridge whom the customer does not hear. It is when the customer was seen in it,
    or nobody else may be there, and when who is on the way out of the call has left it. Who was ordered in may be
    there, and two who were ordered out may be there still. ``coming``: who is about to be ordered in."""
    inside = [leg for leg in call.legs.values() if leg.place is Place.BRIDGE and leg not in coming]
    if any(leg.stage is Stage.ENDING for leg in inside):
        return False
    if is_customer_inside(call):
        return True
    return all(leg.role is Role.CUSTOMER for leg in inside) and len(others_inside(call, coming)) < TWO


def is_customer_inside(call: Call) -> bool:
    """Return whether the customer was seen in the bridge, and is to stay there."""
    leg = call.leg_of(Role.CUSTOMER)
    return leg is not None and leg.place is Place.BRIDGE and leg.in_bridge and leg.stage is not Stage.ENDING


def others_inside(call: Call, coming: Collection[Leg] = ()) -> list[Leg]:
    """Return the legs beside the customer's that may be in the bridge now."""
    others = [leg for leg in call.legs.values() if leg.role is not Role.CUSTOMER and leg not in coming]
    return [leg for leg in others if leg.place is Place.BRIDGE or leg.leaving]


def who_talks(call: Call) -> list[str]:
    """Return who talks to the customer, and the customer: CTI IDs, and ``outside`` for an outside number."""
    names = {Role.CUSTOMER: "customer", Role.AGENT: call.cti_id or "", Role.TARGET: "outside"}
    if call.target is not None and call.target.cti_id:
        names[Role.TARGET] = call.target.cti_id
    talking = [role for role in call.parties if (leg := call.leg_of(role)) and leg.place is Place.BRIDGE]
    return [name for role, name in names.items() if role in talking and name]
