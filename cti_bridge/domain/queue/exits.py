"""The exits of a call from its queue without an agent: those that its step names go before those of its queue."""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.scenario import Enqueue, Exit


def queue_step(floor: Floor, call: Call) -> Enqueue | None:
    """Return the step that keeps the call in its present queue. None: the call came by a return or a transfer, or the
    configuration has changed."""
    way = call.way
    scenario = floor.directory.scenarios.get(way.scenario) if way is not None else None
    step = scenario.steps.get(way.step) if scenario is not None and way is not None else None
    return step if isinstance(step, Enqueue) and step.queue == call.queue else None


def leads_to(floor: Floor, call: Call, exit_: str) -> str | None:
    """Return the target of the exit, or of the key: ``step``, ``scenario/step`` or ``hangup``. None: it leads
    nowhere."""
    step = queue_step(floor, call)
    if step is not None and (target := step.exits.get(exit_)) is not None:
        return target
    queue = floor.directory.queues.get(call.queue or "")
    return queue.exits.get(exit_) if queue is not None else None


def failed_leads_to(floor: Floor, call: Call) -> str | None:
    """Return where a call goes that no queue takes back: by its queue, else by the first queue of its service that says
    so. None: nowhere."""
    own = floor.directory.queues.get(call.queue or "")
    others = (queue for queue in floor.directory.queues.values() if queue.service == call.service)
    known = (queue.exits.get(Exit.FAILED) for queue in (own, *others) if queue is not None)
    return next(filter(None, known), None)
