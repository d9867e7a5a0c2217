"""The step ``transfer``: an outside number, or an agent, is given the call before anybody of a queue (requirement H2).

The target rings as that of a direct transfer does, and the customer hears the ringing. Whatever keeps the target from
the customer leads on by ``failed``: the customer is never lost. A target outside may have to confirm
(:mod:`cti_bridge.domain.talk.confirm`).

Nobody has sent such a call: it has no sender and no agent, and that tells it from a transfer by an agent.
"""

from cti_bridge.domain.border.errors import CallingNumberNotConfirmed, NotFound, Refusal, TargetNotReady
from cti_bridge.domain.floor import transfers
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState, Target
from cti_bridge.domain.model.scenario import Exit, Transfer
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import CallEventType, Cause, TransferKind
from cti_bridge.domain.numbers.dialing import permitted_number, shown_number
from cti_bridge.domain.outbound import outside
from cti_bridge.domain.queue.no_calls import assignable, recallable
from cti_bridge.domain.scenario import typed
from cti_bridge.domain.scenario.say import enter
from cti_bridge.domain.talk.target import ring, told_of


def begin(floor: Floor, call: Call, way: Way, step: Transfer) -> str | None:
    """Ring the target, or return the exit by which the step is left at once."""
    typed.forget_keys(floor, call)
    try:
        target = _target(floor, call, step)
    except Refusal as refusal:
        told = {"target_number": step.number or None, "target_cti_id": step.agent or None}
        floor.event(call, CallEventType.REFUSED, step=step.name, **told, code=refusal.code)
        return Exit.FAILED
    enter(floor, call)
    floor.event(call, CallEventType.TRANSFER, by_cti_id=None, **told_of(target))
    call.sender = None
    floor.move_call(call, CallState.TRANSFER_RINGING, Cause.TRANSFERRED)
    transfers.begin(floor, call, TransferKind.STEP, None, target)
    ring(floor, call, target, None)
    floor.move_target(call, Cause.OFFERED)
    rewire(floor, call)
    return None


def _target(floor: Floor, call: Call, step: Transfer) -> Target:
    """Return the step's target. Raises a Refusal; changes nothing."""
    if step.agent:
        return _agent(floor, call, step)
    service = floor.directory.services.get(call.service or "")
    if service is None:
        raise NotFound
    number = permitted_number(floor, service, step.number)
    outside.check(floor, service, None)
    if shown_number(floor, call) is None:
        raise CallingNumberNotConfirmed("The service has no confirmed calling number.")
    return Target(number, by_step=True, confirm=step.confirm, ring_s=step.ring_s, most_s=step.most_s)


def _agent(floor: Floor, call: Call, step: Transfer) -> Target:
    other = floor.agents.get(step.agent)
    if other is None or call.service not in floor.entry(other).services:
        raise NotFound("There is no such agent, or they do not work for this call's service.")
    can_be_rung = assignable if step.only_ready else recallable
    if not can_be_rung(floor, other, call.node) or other.cti_id in floor.recalls:
        raise TargetNotReady
    return Target(other.cti_number, other.cti_id, by_step=True, ring_s=step.ring_s)
