"""A conversation begins: the one place that makes an agent Talking to a customer, whichever way they came together."""

from typing import Any

from cti_bridge.domain.audio.audio import look_later
from cti_bridge.domain.audio.hold import hold_if_phone_holds
from cti_bridge.domain.border.notices import CallConnected
from cti_bridge.domain.ending.ticketing import hand_over
from cti_bridge.domain.floor import recorder
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.words import CallEventType, Cause, Direction
from cti_bridge.domain.numbers.talked import note_talk

# Members that every call looks up, by names of the module: see the package.
_TALKING = CallState.TALKING

_OUTBOUND = Direction.OUTBOUND


def begin(floor: Floor, call: Call, agent: Agent, cause: Cause, event: CallEventType, **detail: Any) -> None:
    """The customer and the agent were seen together. The agent is Talking and has the ticket (requirements C4, D3)."""
    if call.direction is _OUTBOUND and call.answered_at is None:
        floor.figures.agent(floor.directory, floor.now, agent.cti_id, "out_answered", call.arrived_at)
    call.answered_at = call.answered_at or floor.now
    call.recalled, call.sender = False, None
    call.wait.since, call.wait.not_taken_by = None, []
    recorder.equip(floor, call)
    recorder.another_agent(floor, call, agent.cti_id)
    floor.move_call(call, _TALKING, cause)
    call.course.has(agent.cti_id)
    if floor.directory.remembering:
        note_talk(floor, call)
    floor.event(call, event, **detail)
    hand_over(floor, call, agent)
    floor.write_call(call)
    floor.tell(CallConnected(agent.cti_id, call.id))
    look_later(floor, call)
    hold_if_phone_holds(floor, call)
