"""What holds of each recorder after every fact: rules K1 and K2 and decision 0079, said once more without the code that
decides it."""

from collections.abc import Iterable

from cti_bridge.domain.border.actions import Action, RecordBridge, RemoveFromBridge, ResumeRecording
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.recorded import untold
from cti_bridge.domain.model.recorder import Tape

SILENT = (Tape.OFF, Tape.PAUSING, Tape.PAUSED)
"""Nothing is recorded, or that was ordered."""
APART = (
    CallState.WARNING,
    CallState.AGENT_LOST,
    CallState.ON_HOLD,
    CallState.CONSULT_RINGING,
    CallState.CONSULT_TALKING,
    CallState.TRANSFER_RINGING,
    CallState.TRANSFER_CONFIRMING,
)
"""Customer and agent are apart, or hear a message."""
OFFERED_ON = (CallState.TRANSFER_RINGING, CallState.TRANSFER_CONFIRMING)
"""Nobody has the customer, who may come back to whoever has sent them on."""
WITH_TARGET = (CallState.JOINING, CallState.TRANSFERRED, CallState.THREE_TOGETHER)
TOGETHER = (CallState.TALKING, CallState.THREE_TOGETHER, CallState.CONSULT_SWAPPED)


def check_recorders(floor: Floor) -> None:
    """Check the recorders of all calls."""
    for call in floor.calls.values():
        if call.recorder is not None:
            _check_what_is_left_out(call)
            _check_the_pause_of_an_agent(floor, call)
            _check_who_waits(call)


def check_orders_to_record(center: CallCenter, actions: Iterable[Action]) -> None:
    """When it is begun or goes on, the customer is in the bridge or nobody is, and nobody in it is on the way out. The
    customer is not taken out of it before a pause was seen, unless that is late."""
    for action in actions:
        if isinstance(action, RemoveFromBridge):
            left = center.floor.calls.get(action.call_id)
            found = left.recorder if left is not None else None
            if left is not None and found is not None and action.leg_id == left.customer_leg:
                assert found.tape is not Tape.PAUSING or found.late or found.failed, "taken out before a pause was seen"
        if isinstance(action, RecordBridge | ResumeRecording):
            call = center.floor.calls.get(action.call_id)
            if call is not None:
                assert call.prompt is None and untold(call) is None, f"{action} beside a message, or before it"
            inside = [leg for leg in call.legs.values() if _is_in(leg)] if call is not None else []
            roles = {leg.role for leg in inside}
            assert not inside or Role.CUSTOMER in roles, f"recorded without the customer: {roles}"
            leaves = [leg.role for leg in inside if leg.stage is Stage.ENDING]
            assert not leaves, f"recorded while {leaves} is on the way out"


def _is_in(leg: Leg) -> bool:
    return leg.place is Place.BRIDGE and leg.in_bridge


def _check_what_is_left_out(call: Call) -> None:
    found = call.recorder
    assert found is not None
    if found.tape in SILENT:
        return
    assert call.state not in APART, f"{found.tape} in {call.state}"
    assert not found.paused_by, f"{found.tape}, and {found.paused_by} has paused it"
    assert call.prompt is None, f"{found.tape} beside a message"
    holds = [leg.role for leg in call.legs.values() if leg.stage is Stage.UP and leg.phone_holds]
    if call.state is CallState.TALKING:
        assert {Role.CUSTOMER, Role.AGENT}.isdisjoint(holds), f"{found.tape}, and the phone of {holds} holds"
    if found.tells and call.answered_at is not None:
        hear = (Role.CUSTOMER, Role.TARGET) if call.state in WITH_TARGET else (Role.CUSTOMER,)
        outside = [leg for role in hear if (leg := call.leg_of(role)) and leg.cti_id is None and leg.stage is Stage.UP]
        unheard = [leg.role for leg in outside if leg.id not in found.told]
        assert not unheard, f"{found.tape} in {call.state}, and {unheard} does not know it"


def _check_the_pause_of_an_agent(floor: Floor, call: Call) -> None:
    found = call.recorder
    if found is None or not found.paused_by or call.state is CallState.ENDED:
        return
    if call.state in (*TOGETHER, *APART, CallState.TRANSFERRED) and call.state not in OFFERED_ON:
        assert found.paused_by == call.cti_id, f"{call.cti_id} has the pause of {found.paused_by} in {call.state}"
    if floor.node_up(call.node):
        ends = floor.deadlines.at(Kind.RECORD_PAUSE, call.id)
        assert ends is not None, f"the pause of {found.paused_by} never ends"


def _check_who_waits(call: Call) -> None:
    """The customer is not sent into the bridge before what has to be recorded is; and not out of it before a pause was
    seen."""
    found, customer = call.recorder, call.leg_of(Role.CUSTOMER)
    if found is None or customer is None or customer.stage is not Stage.UP or found.failed or found.late:
        return
    if found.tape is Tape.PAUSING and customer.in_bridge:
        assert customer.place is Place.BRIDGE, "the customer leaves, and no pause was seen"
    begins = found.must and found.on and found.tape in (Tape.OFF, Tape.BEGINNING)
    if any(leg.phone_holds for leg in call.legs.values()):
        return  # A phone holds: they do not talk yet, and nothing is recorded of that.
    if begins and call.state is CallState.CONNECTING and call.prompt is None:
        assert customer.place is not Place.BRIDGE, "they talk, and nothing is recorded yet that has to be"
