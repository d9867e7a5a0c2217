"""Who waits, who is next, which agent (requirements C2, C5).

After every fact no assignable agent stands beside a waiting call of one of their queues. Calls of all queues come
in the order: returned first, then priority, then arrival, then id; each gets, of its queue's assignable agents whose
phone is reachable on its node, the one who has been idle longest. A call without an agent blocks nobody.

Cost: one heap of calls and one of agents for each queue on each node (a *place*), with lazy removal. An entry counts
only while it tells the truth: the call still waits there, the agent serves the queue, is assignable and idle since the
time in the entry. The others are cleared away before they are many. Only places to which a call or an agent was added
since the last look are looked at, for in all others nothing can have come about.
"""

from collections.abc import Callable
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import product

from cti_bridge.domain.agent import Agent
from cti_bridge.domain.call import Call, CallState
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.no_calls import assignable, recallable

CallKey = tuple[bool, int, float, str]
"""(has not returned, minus the priority, arrival, id): the smallest is next."""
Place = tuple[str, str]
"""(queue, node): where a call waits, and an agent may be given one."""
_Entry = tuple[tuple[object, ...], str]
"""(key, id)."""
_FEW = 64
"""So many entries may lie in a heap whether they tell the truth or not."""


class _Heap:
    """A heap of entries without doubles. One that tells the truth no more is dropped at the top, and wherever it lies
    once the heap has grown to twice what was true: however many come and go, they are not kept, and an entry costs
    O(log n) over its life."""

    def __init__(self, holds: Callable[[_Entry], bool]) -> None:
        self._holds = holds
        self._heap: list[_Entry] = []
        self._held: set[_Entry] = set()
        self._most = _FEW

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, key: tuple[object, ...], identity: str) -> None:
        entry = (key, identity)
        if entry not in self._held:
            self._held.add(entry)
            heappush(self._heap, entry)

    def first(self) -> str | None:
        """The id of the smallest that tells the truth."""
        if len(self._heap) > self._most:
            self._clear_away()
        while self._heap:
            if self._holds(self._heap[0]):
                return self._heap[0][1]
            self._held.discard(heappop(self._heap))
        return None

    def _clear_away(self) -> None:
        self._heap = [entry for entry in self._heap if self._holds(entry)]
        self._held = set(self._heap)
        self._most = 2 * len(self._heap) + _FEW
        heapify(self._heap)


class Waiting:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._calls: dict[Place, _Heap] = {}
        self._agents: dict[Place, _Heap] = {}
        self._fresh: dict[Place, None] = {}
        self._recalls: list[str] = []

    @property
    def entries(self) -> int:
        """In all heaps, also those that count no more."""
        return sum(map(len, (*self._calls.values(), *self._agents.values())))

    def rebuild(self) -> None:
        """The configuration changed: queues that are no more are forgotten. The calls and agents whose place is another
        one now have changed too, and are added."""
        for heaps in (self._calls, self._agents, self._fresh):
            for place in [place for place in heaps if place[0] not in self._floor.directory.queues]:
                del heaps[place]

    def add_call(self, call: Call) -> None:
        """The call changed: if it waits, its queue is looked at."""
        if call.queue is not None and call.state is CallState.WAITING:
            place = (call.queue, call.node)
            if place not in self._calls:
                self._calls[place] = _Heap(partial(self._call_waits, place))
            self._calls[place].add(self._call_key(call), call.id)
            self._fresh[place] = None

    def add_agent(self, agent: Agent) -> None:
        """The agent changed: if they can be given a call now, their queues are looked at."""
        own = self._floor.calls.get(self._floor.recalls.get(agent.cti_id, ""))
        if own is not None and recallable(self._floor, agent, own.node):
            self._recalls.append(agent.cti_id)
        if not assignable(self._floor, agent):
            return
        for place in product(self._floor.entry(agent).queues, agent.reachable_on):
            if place not in self._agents:
                self._agents[place] = _Heap(partial(self._agent_is_free, place))
            self._agents[place].add((agent.idle_since,), agent.cti_id)
            self._fresh[place] = None

    def next_recall(self) -> tuple[Call, Agent] | None:
        """A call that goes back to its sender, whose phone has become free."""
        while self._recalls:
            agent = self._floor.agents[self._recalls.pop()]
            call = self._floor.calls.get(self._floor.recalls.get(agent.cti_id, ""))
            if call and call.state is CallState.TRANSFER_RINGING and recallable(self._floor, agent, call.node):
                return call, agent
        return None

    def next_pair(self) -> tuple[Call, Agent] | None:
        """The next call and its agent, or None when nobody can be served. Both leave their heaps only by changing."""
        best: tuple[tuple[object, ...], Call, Agent] | None = None
        for place in list(self._fresh):
            # The calls are looked at though there may be no agent: those that have been given up are dropped.
            call, agent = self._first_call(place), self._first_agent(place)
            if call is None or agent is None:
                del self._fresh[place]
                continue
            key = self._call_key(call)
            if best is None or key < best[0]:
                best = (key, call, agent)
        return (best[1], best[2]) if best else None

    def _call_key(self, call: Call) -> CallKey:
        queue = self._floor.directory.queues.get(call.queue or "")
        return (not call.wait.returned, -queue.priority if queue else 0, call.arrived_at, call.id)

    def _first_call(self, place: Place) -> Call | None:
        heap = self._calls.get(place)
        return self._floor.calls.get(heap.first() or "") if heap else None

    def _first_agent(self, place: Place) -> Agent | None:
        heap = self._agents.get(place)
        return self._floor.agents.get(heap.first() or "") if heap else None

    def _call_waits(self, place: Place, entry: _Entry) -> bool:
        call = self._floor.calls.get(entry[1])
        return call is not None and self._offerable(call, place) and entry[0] == self._call_key(call)

    def _offerable(self, call: Call, place: Place) -> bool:
        return call.state is CallState.WAITING and (call.queue, call.node) == place

    def _agent_is_free(self, place: Place, entry: _Entry) -> bool:
        agent = self._floor.agents.get(entry[1])
        if agent is None or entry[0] != (agent.idle_since,):
            return False
        return place[0] in self._floor.entry(agent).queues and assignable(self._floor, agent, place[1])
