"""The obstacles to a call for an agent (requirements A2, C2). The core gives calls to agents without one; the panel
shows them. One rule serves both."""

from collections.abc import Iterator

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.phone_use import uses_phone
from cti_bridge.domain.model.agent import Agent, AgentState, Status
from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.model.words import AnswerMode, NoCalls

# Members that every call looks up, by names of the module: see the package.
_IN_A_CALL, _PHONE_IN_USE = NoCalls.IN_A_CALL, NoCalls.PHONE_IN_USE
_IDLE = AgentState.IDLE
_PHONE = AnswerMode.PHONE
_READY = Status.READY

_ORDER = {code: place for place, code in enumerate(NoCalls)}


def no_calls(floor: Floor, agent: Agent) -> list[NoCalls]:
    """Return every obstacle to a call from a queue, in the order of the panel. The list is empty when the agent may get
    the next call; where phones register with one of several nodes, the next call on that node."""
    found = {*obstacles(floor, agent), *_queue_obstacles(floor, floor.entry(agent))}
    return sorted(found, key=_ORDER.__getitem__)


def assignable(floor: Floor, agent: Agent, node: str | None = None) -> bool:
    """Return whether the agent may be given a call on the node now (requirements A2, C2); ``node`` None: on any
    node."""
    return next(obstacles(floor, agent, node), None) is None


def can_be_had(floor: Floor, asking: Agent, other: Agent) -> bool:
    """Return whether a colleague may give the other agent a call now, to consult or to transfer. It is the call that
    the asking agent is in, which lives on one node; without one, any."""
    call = floor.calls.get(asking.call_id or "")
    return (
        other is not asking
        and may_reach(floor, asking, other)
        and assignable(floor, other, call.node if call is not None else None)
    )


def may_reach(floor: Floor, asking: Agent, other: Agent) -> bool:
    """Return whether the other agent exists for the asking one. In a call it is who works for the call's service, for
    they may become the owner of its ticket; without one, who shares a service."""
    call = floor.calls.get(asking.call_id or "")
    services = floor.entry(asking).services if call is None or call.service is None else (call.service,)
    return not set(services).isdisjoint(floor.entry(other).services)


def available(floor: Floor, agent: Agent) -> bool:
    """Return whether the agent is assignable on each node that is up and reaches the phone, whichever nodes are up."""
    if agent.state is not _IDLE or agent.phone_retry_at is not None:
        return False
    return next(_own_obstacles(floor, agent), None) is None


def recallable(floor: Floor, agent: Agent, node: str) -> bool:
    """Return whether the agent may be offered a call back that was their own, whatever their status."""
    return next(obstacles(floor, agent, node, coming_back=True), None) is None


def obstacles(floor: Floor, agent: Agent, node: str | None = None, *, coming_back: bool = False) -> Iterator[NoCalls]:
    """Yield the obstacles to any call on the node, from a queue or from a colleague; ``node`` None: on any node.
    ``coming_back``: to a call that was the agent's own, which may be offered whatever the status."""
    yield from _own_obstacles(floor, agent, coming_back=coming_back)
    if agent.phone_retry_at is not None:
        yield NoCalls.PHONE_UNREACHABLE
    elif not any(floor.rings(name) for name in agent.reachable_on if node in (None, name)):
        away = _pbx_away(floor, agent, floor.entry(agent))
        yield NoCalls.PBX_UNAVAILABLE if away else NoCalls.PHONE_UNREACHABLE


def _own_obstacles(floor: Floor, agent: Agent, *, coming_back: bool = False) -> Iterator[NoCalls]:
    """Yield the obstacles that have nothing to do with the nodes, the most frequent first."""
    if agent.session is None or not (coming_back or agent.status is _READY):
        yield NoCalls.NOT_READY
    if agent.state is not _IDLE or (not coming_back and agent.cti_id in floor.recalls):
        yield _IN_A_CALL
    elif uses_phone(floor, agent) or agent.pause_ends_at is not None:
        yield _PHONE_IN_USE
    entry = floor.entry(agent)
    if entry.answer is not _PHONE and not agent.panel_there:
        yield NoCalls.NO_PANEL
    if not entry.phone_permission:
        yield NoCalls.SERVICE_OFF


def _pbx_away(floor: Floor, agent: Agent, entry: AgentEntry) -> bool:
    """Return whether a PBX that is away, or the edge, explains that no PBX reaches the phone. While no node is up
    nobody can say whether the phone is registered."""
    if agent.reachable_on:
        return True
    return not (floor.rings(entry.node) if entry.node else any(map(floor.rings, floor.nodes)))


def _queue_obstacles(floor: Floor, entry: AgentEntry) -> Iterator[NoCalls]:
    known = [queue for name in entry.queues if (queue := floor.directory.queues.get(name))]
    services = [floor.directory.services.get(queue.service) for queue in known]
    if not known:
        yield NoCalls.NO_QUEUE
    elif not any(service and service.inbound for service in services):
        yield NoCalls.SERVICE_OFF
