"""Assignment of waiting calls to agents (requirements C2, C5).

After every fact no assignable agent stands beside a waiting call of one of their queues. Calls of all queues come in
the order: returned first, then priority, then arrival, then id. Each call gets the assignable agent of its queue who
has been idle longest. The agent's phone must be reachable on the call's node. A call without an agent blocks nobody.

Cost: a call stands in one heap, that of its queue on its node (a *place*). An agent stands in one heap for each queue,
together with the agents whose phones the same nodes reach (a *reach*). Where a phone registers with one node, each node
has a reach; where all nodes reach all phones, there is a single one. So no heap grows with the number of nodes. Removal
is lazy. An entry counts only while it tells the truth: the call still waits there; the agent has this reach, serves the
queue, is assignable, and is idle since the time in the entry. Other entries are cleared away before they are many. A
search looks only at places to which a call was added since the last one, or that a newly entered agent reaches: nothing
can have changed at the others. The search asks whether a node is up, so no agent moves when a node goes or comes back.
"""

from collections.abc import Callable
from functools import partial
from heapq import heapify, heappop, heappush

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.queue.no_calls import available, recallable

CallKey = tuple[bool, int, float, str]
"""(has not returned, minus the priority, arrival, id): the smallest is next."""
Place = tuple[str, str]
"""(queue, node) of a waiting call."""
_Entry = tuple[tuple[object, ...], str]
"""(key, id)."""
_FEW = 64
"""The number of entries that may lie in any heap, stale ones included."""


class _Heap:
    """A heap of entries without doubles. An entry that no longer tells the truth is dropped at the top, and anywhere
    once the heap has grown to twice the true ones. So the heap stays small however many entries come and go, and an
    entry costs O(log n) over its life."""

    def __init__(self, holds: Callable[[_Entry], bool]) -> None:
        self._holds = holds
        self._heap: list[_Entry] = []
        self._held: set[_Entry] = set()
        self._most = _FEW

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, key: tuple[object, ...], identity: str, most_true: int = 0) -> None:
        """Add an entry. ``most_true`` is the most entries that can tell the truth, if known: nothing is cleared away
        until there are twice as many."""
        entry = (key, identity)
        if entry not in self._held:
            if len(self._heap) > max(self._most, 2 * most_true):
                self._clear_away()
            self._held.add(entry)
            heappush(self._heap, entry)

    def first(self) -> _Entry | None:
        """Return the smallest entry that tells the truth."""
        while self._heap:
            if self._holds(self._heap[0]):
                return self._heap[0]
            self._held.discard(heappop(self._heap))
        return None

    def _clear_away(self) -> None:
        self._heap = [entry for entry in self._heap if self._holds(entry)]
        self._held = set(self._heap)
        self._most = 2 * len(self._heap) + _FEW
        heapify(self._heap)


class _Reach:
    """The agents whose phones these nodes reach: how many there are, and by queue those who may be given a call."""

    __slots__ = ("agents", "heaps", "nodes")

    def __init__(self, nodes: frozenset[str]) -> None:
        self.nodes = nodes
        self.agents = 0
        self.heaps: dict[str, _Heap] = {}


class Waiting:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._calls: dict[Place, _Heap] = {}
        self._reaches: dict[frozenset[str], _Reach] = {}
        self._reach_of: dict[str, _Reach] = {}
        """By CTI ID, as of the agent's last change."""
        self._reaches_at: dict[str, list[_Reach]] = {}
        """By node."""
        self._ready: dict[tuple[str, _Reach], None] = {}
        """Heaps to which agents were added since the last look."""
        self._fresh: dict[Place, None] = {}
        """Places at which a pair may have become possible."""
        self._recalls: list[str] = []

    @property
    def changed(self) -> bool:
        """Whether anybody can have become servable since the last search."""
        return bool(self._fresh or self._ready or self._recalls)

    @property
    def entries(self) -> int:
        """The number of entries in all heaps, stale ones included."""
        agents = (heap for reach in self._reaches.values() for heap in reach.heaps.values())
        return sum(map(len, (*self._calls.values(), *agents)))

    def rebuild(self) -> None:
        """The configuration has changed: forget queues that were removed. Calls and agents with another place count as
        changed too, and are added."""
        queues = self._floor.directory.queues
        for places in (self._calls, self._fresh):
            for place in [place for place in places if place[0] not in queues]:
                del places[place]
        for reach in self._reaches.values():
            reach.heaps = {queue: heap for queue, heap in reach.heaps.items() if queue in queues}

    def add_call(self, call: Call) -> None:
        """The call has changed. If it waits, its queue is looked at."""
        if call.queue is not None and call.state is CallState.WAITING:
            place = (call.queue, call.node)
            if place not in self._calls:
                self._calls[place] = _Heap(partial(self._call_waits, place))
            self._calls[place].add(self._call_key(call), call.id)
            self._fresh[place] = None

    def add_agent(self, agent: Agent) -> None:
        """The agent has changed. If they can be given a call now, their queues are looked at."""
        own = self._floor.calls.get(self._floor.recalls.get(agent.cti_id, ""))
        if own is not None and recallable(self._floor, agent, own.node):
            self._recalls.append(agent.cti_id)
        reach = self._reach_of.get(agent.cti_id)
        if reach is None or reach.nodes.symmetric_difference(agent.reachable_on):
            reach = self._move(agent, reach)
        if not reach.nodes or not available(self._floor, agent):
            return
        for queue in self._floor.entry(agent).queues:
            if queue not in reach.heaps:
                reach.heaps[queue] = _Heap(partial(self._agent_is_free, reach, queue))
            reach.heaps[queue].add((agent.idle_since,), agent.cti_id, reach.agents)
            self._ready[queue, reach] = None

    def next_recall(self) -> tuple[Call, Agent] | None:
        """Return a call that goes back to its sender, whose phone has become free; None when there is none."""
        while self._recalls:
            agent = self._floor.agents[self._recalls.pop()]
            call = self._floor.calls.get(self._floor.recalls.get(agent.cti_id, ""))
            if call and call.state is CallState.TRANSFER_RINGING and recallable(self._floor, agent, call.node):
                return call, agent
        return None

    def next_pair(self) -> tuple[Call, Agent] | None:
        """Return the next call and its agent, or None when nobody can be served. Both leave their heaps only by
        changing."""
        for queue, reach in self._ready:
            for node in reach.nodes:
                if self._calls.get((queue, node)):
                    self._fresh[queue, node] = None
        self._ready.clear()
        best: tuple[tuple[object, ...], Call, Agent] | None = None
        for place in list(self._fresh):
            # The calls are looked at though there may be no agent: those that have been given up are dropped.
            call = self._first_call(place)
            agent = self._first_agent(place) if call is not None and self._floor.node_up(place[1]) else None
            if call is None or agent is None:
                del self._fresh[place]
                continue
            key = self._call_key(call)
            if best is None or key < best[0]:
                best = (key, call, agent)
        return (best[1], best[2]) if best else None

    def _move(self, agent: Agent, before: _Reach | None) -> _Reach:
        """The nodes that reach the agent's phone have changed. Forget the old reach when it has lost its last agent."""
        if before is not None:
            before.agents -= 1
            if not before.agents:
                del self._reaches[before.nodes]
                for node in before.nodes:
                    self._reaches_at[node].remove(before)
        nodes = frozenset(agent.reachable_on)
        reach = self._reaches.get(nodes)
        if reach is None:
            reach = self._reaches[nodes] = _Reach(nodes)
            for node in nodes:
                self._reaches_at.setdefault(node, []).append(reach)
        reach.agents += 1
        self._reach_of[agent.cti_id] = reach
        return reach

    def _call_key(self, call: Call) -> CallKey:
        queue = self._floor.directory.queues.get(call.queue or "")
        priority = queue.priority + call.priority if queue else call.priority
        return (not call.wait.returned, -priority, call.arrived_at, call.id)

    def _first_call(self, place: Place) -> Call | None:
        heap = self._calls.get(place)
        entry = heap.first() if heap else None
        return self._floor.calls.get(entry[1]) if entry else None

    def _first_agent(self, place: Place) -> Agent | None:
        """Return the agent who has been idle longest of those whom the place's node reaches, or None."""
        best: _Entry | None = None
        for reach in self._reaches_at.get(place[1], ()):
            heap = reach.heaps.get(place[0])
            entry = heap.first() if heap else None
            if entry is not None and (best is None or entry < best):
                best = entry
        return self._floor.agents[best[1]] if best else None

    def _call_waits(self, place: Place, entry: _Entry) -> bool:
        call = self._floor.calls.get(entry[1])
        return call is not None and self._offerable(call, place) and entry[0] == self._call_key(call)

    def _offerable(self, call: Call, place: Place) -> bool:
        waits = call.state is CallState.WAITING and (call.queue, call.node) == place
        return waits and not _perhaps_gone(call)

    def _agent_is_free(self, reach: _Reach, queue: str, entry: _Entry) -> bool:
        agent = self._floor.agents.get(entry[1])
        if agent is None or self._reach_of.get(entry[1]) is not reach or entry[0] != (agent.idle_since,):
            return False
        return queue in self._floor.entry(agent).queues and available(self._floor, agent)


def _perhaps_gone(call: Call) -> bool:
    """Return whether the PBX that is back does not list the caller, who is being looked for. Nobody is rung for one who
    has most likely hung up meanwhile."""
    leg = call.leg_of(Role.CUSTOMER)
    return leg is not None and leg.unseen_since is not None
