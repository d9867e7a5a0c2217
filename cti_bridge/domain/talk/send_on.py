"""The agent sends the call to a queue, or to a scenario, of its service (requirement E9). They are free at once; the
customer waits there with their first arrival, and is not lost (E5)."""

from cti_bridge.domain.border.commands import TransferCall
from cti_bridge.domain.border.errors import NotAllowedNow, NotFound
from cti_bridge.domain.ending.ticketing import note
from cti_bridge.domain.floor import transfers, visits
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.scenario import Scenario
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import CallEventType, Cause, Noted, Outcome, TransferKind, TransferResult
from cti_bridge.domain.queue import queueing
from cti_bridge.domain.scenario import interpreter, typed
from cti_bridge.domain.talk.target import release_agent


def send_on(floor: Floor, command: TransferCall) -> None:
    """Send the call to the queue or the scenario that the command names. Raises a Refusal; nothing has changed then."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, CallState.TALKING, CallState.ON_HOLD)
    if call.dialling.emergency:
        raise NotAllowedNow
    scenario = _scenario(floor, call, command.scenario) if command.scenario is not None else None
    if scenario is None and not _is_queue(floor, call, command.queue):
        raise NotFound("There is no such queue or scenario of this call's service.")
    told = {"target_queue": command.queue, "target_scenario": command.scenario}
    floor.event(call, CallEventType.TRANSFER, by_cti_id=agent.cti_id, **told)
    leave_memo(floor, call, command)
    transfers.begin(floor, call, TransferKind.DIRECT, agent.cti_id, queue=command.queue, scenario=command.scenario)
    transfers.end(floor, call, TransferResult.COMPLETED)
    typed.forget_keys(floor, call)
    release_agent(floor, call, Cause.TRANSFERRED)
    call.target = call.sender = call.last_result = None
    call.recalled = False
    if scenario is None:
        queueing.transferred(floor, call, command.queue or "", agent.cti_id)
        return
    floor.move_call(call, CallState.IN_SCENARIO, Cause.TRANSFERRED)
    if call.visit is not None:
        visits.end(floor, call)
    call.way = call.way or Way("", "", floor.now)
    call.way.ends_as = Outcome.COMPLETED
    interpreter.begin(floor, call, scenario)


def leave_memo(floor: Floor, call: Call, command: TransferCall) -> None:
    """Put what the agent has to say to who has the call next on its ticket."""
    if command.memo is not None:
        note(floor, call, Noted.COMMENTED, command.cti_id, text=command.memo)


def _is_queue(floor: Floor, call: Call, name: str | None) -> bool:
    queue = floor.directory.queues.get(name or "")
    return queue is not None and queue.service == call.service


def _scenario(floor: Floor, call: Call, name: str) -> Scenario | None:
    found = floor.directory.scenarios.get(name)
    return found if found is not None and found.service == call.service else None
