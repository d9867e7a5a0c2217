"""Attempts to call out that are refused: the house does not permit them, or they cannot be made now. Each leaves a row,
so that who is kept from calling, and who tries what, can be seen."""

from typing import Any

from cti_bridge.domain.border.commands import Command, Dial, StartConsult, TransferCall
from cti_bridge.domain.border.errors import CallChanged, InvalidBody, NotFound, Refusal, Unauthenticated
from cti_bridge.domain.border.records import CallEvent, CallRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState, End
from cti_bridge.domain.model.parts import Customer, Dialling
from cti_bridge.domain.model.words import CallEventType, Direction, EndedBy, Outcome

_NO_ATTEMPT = (Unauthenticated, NotFound, InvalidBody, CallChanged)
"""The request is wrong by itself, and calls nobody."""


def refused(floor: Floor, command: Command, refusal: Refusal) -> None:
    """Write down that the agent's command was refused, where it would have called a number."""
    if isinstance(refusal, _NO_ATTEMPT):
        return
    if isinstance(command, Dial):
        node = next(iter((*floor.agent(command.cti_id).reachable_on, *floor.nodes)), "")
        refused_call(floor, command.cti_id, node, command.number, refusal, command.calling_number)
    elif isinstance(command, StartConsult | TransferCall) and command.number is not None:
        call = floor.calls.get(command.call_id)
        if call is not None and call.cti_id == command.cti_id:
            told = {"by_cti_id": command.cti_id, "target_number": command.number, "code": refusal.code}
            floor.event(call, CallEventType.REFUSED, **told)


def refused_call(
    floor: Floor, cti_id: str | None, node: str, number: str, refusal: Refusal, calling: str | None = None
) -> None:
    """Write the row and the one event of a call out that was not begun."""
    call = ended_call(floor, node, number, Outcome.CANCELLED, EndedBy.SYSTEM, Dialling(calling))
    write_alone(floor, call, CallEventType.REFUSED, cti_id=cti_id, number=number, code=refusal.code)


def ended_call(
    floor: Floor, node: str, number: str, outcome: Outcome, by: EndedBy, dialling: Dialling, service: str | None = None
) -> Call:
    """Return a call out that is over as soon as it has begun, and that nobody keeps."""
    return Call(
        id=floor.ids.uuid(floor.now),
        node=node,
        direction=Direction.OUTBOUND,
        customer=Customer(number),
        dialed_number=number,
        arrived_at=floor.now,
        state=CallState.ENDED,
        state_since=floor.now,
        service=service,
        dialling=dialling,
        end=End(floor.now, outcome, by, state=CallState.DIALING_AGENT),
        version=1,
    )


def write_alone(floor: Floor, call: Call, type_: CallEventType, **detail: Any) -> None:
    """Write the row and the one event of a call that is not ours to follow."""
    floor.record(CallRow.of(call))
    floor.record(CallEvent(floor.ids.uuid(floor.now), call.id, 1, floor.now, type_, detail))
