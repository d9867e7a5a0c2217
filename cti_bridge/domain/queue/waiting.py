"""Assignment of waiting calls to agents (requirements C2, C5, I1, I2, I5).

After every fact no assignable agent stands beside a waiting call that they fit. Calls of all queues come in the order:
moved to the front, then returned, then priority, then arrival, then id. Each call gets the assignable agent who has
been idle longest, of all whom its queue, its stage and its skills admit (:mod:`cti_bridge.domain.model.plan`). One who
did not take this very call comes behind all others. The agent's phone must be reachable on the call's node. A call
without an agent blocks nobody.

Cost: a call stands in one heap for each of its groups on its node (a *place*); a plain queue is one group. An agent
stands in one heap for each group that has them, together with the agents whose phones the same nodes reach (a *reach*).
Where a phone registers with one node, each node has a reach; where all nodes reach all phones, there is a single one.
So no heap grows with the number of nodes. Removal is lazy. An entry counts only while it tells the truth: the call
still waits for this group; the agent has this reach, belongs to the group, is assignable, and is idle since the time in
the entry. Other entries are cleared away before they are many. A search looks only at places to which a call was added
since the last one, or that a newly entered agent reaches: nothing can have changed at the others. The search asks
whether a node is up, so no agent moves when a node goes or comes back.

A call that waits for the agent who talked last with its number (:mod:`cti_bridge.domain.queue.last_agent`) stands in no
heap. It is looked at when it changes, and when that agent does.

The group of all agents of a queue is always there. Any other is opened by the first call that waits for it, and filled
from the free agents of its queue.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from heapq import heapify, heappop, heappush

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.model.plan import Group
from cti_bridge.domain.queue.last_agent import waits_for
from cti_bridge.domain.queue.no_calls import assignable, available, recallable
from cti_bridge.domain.queue.order import order_key
from cti_bridge.domain.queue.stages import groups

# Members that every call looks up, by names of the module: see the package.
_IDLE = AgentState.IDLE
_WAITING = CallState.WAITING
_CUSTOMER = Role.CUSTOMER

Place = tuple[str, str]
"""(name of the group, node) of a waiting call."""
_Entry = tuple[tuple[object, ...], str]
"""(key, id)."""
_Choice = tuple[bool, _Entry]
"""An agent for a call: (whether it is one who did not take it before, the agent's entry). The smaller goes first."""
_FEW = 64
"""The number of entries that may lie in any heap, stale ones included."""


class _Heap:
    """A heap of entries without doubles. An entry that no longer tells the truth is dropped at the top, and anywhere
    once the heap has grown to twice the true ones. So the heap stays small however many entries come and go, and an
    entry costs O(log n) over its life."""

    def __init__(self, holds: Callable[[_Entry], bool]) -> None:
        self._holds = holds
        self.entries: list[_Entry] = []
        """All entries, the smallest first."""
        self._held: set[_Entry] = set()
        self._most = _FEW

    def add(self, key: tuple[object, ...], identity: str, most_true: int = 0) -> None:
        """Add an entry. ``most_true`` is the most entries that can tell the truth, if known: nothing is cleared away
        until there are twice as many."""
        entry = (key, identity)
        if entry not in self._held:
            if len(self.entries) > self._most and len(self.entries) > 2 * most_true:
                self._clear_away()
            self._held.add(entry)
            heappush(self.entries, entry)

    def true(self) -> list[_Entry]:
        """Return the entries that tell the truth."""
        return [entry for entry in self.entries if self._holds(entry)]

    def first(self) -> _Entry | None:
        """Return the smallest entry that tells the truth."""
        entries = self.entries
        while entries:
            if self._holds(entries[0]):
                return entries[0]
            self._held.discard(heappop(entries))
        return None

    def first_beside(self, others: Collection[str]) -> _Entry | None:
        """Return the smallest entry that tells the truth and is none of these. Only those before it are looked at."""
        heap = self.entries
        ahead = [(heap[0], 0)] if heap else []
        while ahead:
            entry, at = heappop(ahead)
            if entry[1] not in others and self._holds(entry):
                return entry
            for below in range(2 * at + 1, min(2 * at + 3, len(heap))):
                heappush(ahead, (heap[below], below))
        return None

    def _clear_away(self) -> None:
        self.entries = self.true()
        self._held = set(self.entries)
        self._most = 2 * len(self.entries) + _FEW
        heapify(self.entries)


class _Reach:
    """The agents whose phones these nodes reach: how many there are, and by group those who may be given a call."""

    __slots__ = ("agents", "heaps", "nodes")

    def __init__(self, nodes: frozenset[str]) -> None:
        self.nodes = nodes
        self.agents = 0
        self.heaps: dict[str, _Heap] = {}


class Waiting:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._groups: dict[str, Group] = {}
        """The groups beside those of all agents of a queue, by name."""
        self._groups_of: dict[str, tuple[AgentEntry, list[str]]] = {}
        """The groups of an agent, by CTI ID, with the configuration by which they were looked up."""
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
        self._awaited: dict[str, dict[str, None]] = {}
        """By CTI ID, the waiting calls that have the agent as their last one."""
        self._last_agent_of: dict[str, str] = {}
        """The same by call."""
        self._for_one: dict[str, None] = {}
        """Calls that wait for their last agent, who may have become free."""
        self.changed = False
        """Whether anybody can have become servable since the last search that found nobody."""
        self.recalls: list[str] = []
        """CTI IDs of agents whose own call may come back to them now."""

    @property
    def entries(self) -> int:
        """The number of entries in all heaps, stale ones included."""
        agents = (heap for reach in self._reaches.values() for heap in reach.heaps.values())
        return sum(len(heap.entries) for heap in (*self._calls.values(), *agents))

    def rebuild(self) -> None:
        """The configuration has changed: forget queues that were removed, and groups that are more than a queue. All
        calls count as changed, and open their groups anew; so do agents with another place."""
        queues = self._floor.directory.queues
        self._groups.clear()
        self._groups_of.clear()
        for places in (self._calls, self._fresh):
            for place in [place for place in places if place[0] not in queues]:
                del places[place]
        for reach in self._reaches.values():
            reach.heaps = {queue: heap for queue, heap in reach.heaps.items() if queue in queues}
        for name, reach in [ready for ready in self._ready if ready[0] not in queues]:
            del self._ready[name, reach]

    def add_call(self, call: Call) -> None:
        """The call has changed. If it waits, its groups are looked at, or its last agent is."""
        if self._last_agent_of and call.id in self._last_agent_of:
            self._await_nobody(call.id)
        if call.state is not _WAITING:
            return
        if call.wait.last_agent_until_at is not None and self._awaits_one(call):
            return
        key = order_key(self._floor, call)
        for group in groups(self._floor, call):
            place = (group.name, call.node)
            heap = self._calls.get(place)
            if heap is None:
                self._open(group)
                heap = self._calls[place] = _Heap(partial(self._call_waits, place))
            heap.add(key, call.id)
            self._fresh[place], self.changed = None, True

    def add_agent(self, agent: Agent) -> None:
        """The agent has changed. If they can be given a call now, their groups are looked at."""
        for call_id in list(self._awaited.get(agent.cti_id, ())) if self._awaited else ():
            if (call := self._floor.calls.get(call_id)) is not None:
                self.add_call(call)
        own = self._floor.calls.get(self._floor.recalls.get(agent.cti_id, "")) if self._floor.recalls else None
        if own is not None and recallable(self._floor, agent, own.node):
            self.recalls.append(agent.cti_id)
        reach, nodes = self._reach_of.get(agent.cti_id), agent.reachable_on
        if reach is None or len(reach.nodes) != len(nodes) or not reach.nodes.issuperset(nodes):
            reach = self._move(agent, reach)
        if not nodes or agent.state is not _IDLE or not available(self._floor, agent):
            return
        entry = self._floor.entry(agent)
        for queue in entry.queues:
            self._add_free(queue, reach, agent)
        for name in self._more_groups(agent.cti_id, entry) if self._groups else ():
            self._add_free(name, reach, agent)

    def next_recall(self) -> tuple[Call, Agent] | None:
        """Return a call that goes back to its sender, whose phone has become free; None when there is none."""
        while self.recalls:
            agent = self._floor.agents[self.recalls.pop()]
            call = self._floor.calls.get(self._floor.recalls.get(agent.cti_id, ""))
            if call and call.state is CallState.TRANSFER_RINGING and recallable(self._floor, agent, call.node):
                return call, agent
        return None

    def next_pair(self) -> tuple[Call, Agent] | None:
        """Return the next call and its agent, or None when nobody can be served. Both leave their heaps only by
        changing."""
        for name, reach in self._ready:
            for node in reach.nodes:
                heap = self._calls.get((name, node))
                if heap is not None and heap.entries:
                    self._fresh[name, node] = None
        self._ready.clear()
        best: tuple[tuple[object, ...], _Choice, Call] | None = None
        for place in list(self._fresh):
            first = self._first_agent(place) if self._floor.rings(place[1]) else None
            entry = self._first_call(place) if first is not None else None
            if first is None or entry is None:
                del self._fresh[place]
                continue
            call = self._floor.calls[entry[1]]
            agent = self._choice(place, call, first)
            if best is None or (entry[0], agent) < best[:2]:  # The same call may stand at several places.
                best = (entry[0], agent, call)
        for call in self._that_await_one() if self._for_one else ():
            agent = (False, ((self._floor.agents[call.wait.last_agent or ""].idle_since,), call.wait.last_agent or ""))
            key = order_key(self._floor, call)
            if best is None or (key, agent) < best[:2]:
                best = (key, agent, call)
        self.changed = best is not None
        return (best[2], self._floor.agents[best[1][1][1]]) if best else None

    def anybody_free(self, groups: Iterable[str], node: str | None) -> bool:
        """Return whether an agent of these groups may be given a call of the node now; None: of any node that is
        up."""
        nodes = [name for name in self._floor.nodes if self._floor.rings(name)] if node is None else [node]
        for name in groups:  # No any(...): each call that comes to a queue asks.
            for at in nodes:
                if self._first_agent((name, at)) is not None:
                    return True
        return False

    def _awaits_one(self, call: Call) -> bool:
        """Note the call's last agent. Return whether nobody else may be given the call now."""
        if (cti_id := call.wait.last_agent) is not None:
            self._awaited.setdefault(cti_id, {})[call.id] = None
            self._last_agent_of[call.id] = cti_id
        awaited = waits_for(self._floor, call)
        if awaited:
            self._for_one[call.id], self.changed = None, True
        return awaited is not None

    def _await_nobody(self, call_id: str) -> None:
        cti_id = self._last_agent_of.pop(call_id)
        of_agent = self._awaited[cti_id]
        del of_agent[call_id]
        if not of_agent:
            del self._awaited[cti_id]

    def _that_await_one(self) -> list[Call]:
        """Return the calls whose last agent may be given them now. The others are looked at when something changes."""
        found = []
        for call_id in list(self._for_one):
            call = self._floor.calls.get(call_id)
            agent = self._floor.agents.get(call.wait.last_agent or "") if call is not None else None
            waits = call is not None and call.state is _WAITING and not perhaps_gone(call)
            if call is None or agent is None or not waits or waits_for(self._floor, call) != agent.cti_id:
                del self._for_one[call_id]
            elif assignable(self._floor, agent, call.node):
                found.append(call)
            else:
                del self._for_one[call_id]
        return found

    def _more_groups(self, cti_id: str, entry: AgentEntry) -> list[str]:
        """Return the groups of the agent beside those of all agents of a queue. They are looked up once, until the
        agent's configuration changes or a group is opened."""
        known = self._groups_of.get(cti_id)
        if known is None or known[0] is not entry:
            names = [group.name for group in self._groups.values() if group.has(entry)]
            known = self._groups_of[cti_id] = (entry, names)
        return known[1]

    def _open(self, group: Group) -> None:
        """Let the group have its agents, unless it has them."""
        if group.name == group.queue or group.name in self._groups:
            return
        self._groups[group.name] = group
        self._groups_of.clear()
        for reach in self._reaches.values():
            free = reach.heaps.get(group.queue)
            for _, cti_id in free.true() if free else ():
                agent = self._floor.agents[cti_id]
                if group.has(self._floor.entry(agent)):
                    self._add_free(group.name, reach, agent)

    def _add_free(self, name: str, reach: _Reach, agent: Agent) -> None:
        heap = reach.heaps.get(name)
        if heap is None:
            heap = reach.heaps[name] = _Heap(partial(self._agent_is_free, reach, name))
        heap.add((agent.idle_since,), agent.cti_id, reach.agents)
        self._ready[name, reach], self.changed = None, True

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

    def _first_call(self, place: Place) -> _Entry | None:
        heap = self._calls.get(place)
        return heap.first() if heap is not None else None

    def _choice(self, place: Place, call: Call, first: _Entry) -> _Choice:
        """Return the agent at this place who is to be given the call. ``first`` has been idle longest."""
        before = call.wait.not_taken_by
        another = self._first_agent(place, before) if before else None
        return (False, another) if another is not None else (bool(before), first)

    def _first_agent(self, place: Place, beside: Collection[str] = ()) -> _Entry | None:
        """Return the agent who has been idle longest of those whom the place's node reaches, or None. ``beside`` are
        agents who do not count."""
        best: _Entry | None = None
        group, node = place
        for reach in self._reaches_at.get(node, ()):
            heap = reach.heaps.get(group)
            if heap is None or not heap.entries:
                continue
            entry = heap.first_beside(beside) if beside else heap.first()
            if entry is not None and (best is None or entry < best):
                best = entry
        return best

    def _call_waits(self, place: Place, entry: _Entry) -> bool:
        call = self._floor.calls.get(entry[1])
        return call is not None and self._offerable(call, place) and entry[0] == order_key(self._floor, call)

    def _offerable(self, call: Call, place: Place) -> bool:
        if call.state is not _WAITING or call.node != place[1]:
            return False
        if call.wait.last_agent_until_at is not None and waits_for(self._floor, call) is not None:
            return False
        for group in groups(self._floor, call):
            if group.name == place[0]:
                return not perhaps_gone(call)
        return False

    def _agent_is_free(self, reach: _Reach, name: str, entry: _Entry) -> bool:
        agent = self._floor.agents.get(entry[1])
        if agent is None or self._reach_of.get(entry[1]) is not reach or entry[0] != (agent.idle_since,):
            return False
        if not available(self._floor, agent):
            return False
        configured = self._floor.entry(agent)
        return name in configured.queues or (name in self._groups and self._groups[name].has(configured))


def perhaps_gone(call: Call) -> bool:
    """Return whether the PBX that is back does not list the caller, who is being looked for. Nobody is rung for one who
    has most likely hung up meanwhile."""
    leg = call.leg_of(_CUSTOMER)
    return leg is not None and leg.unseen_since is not None
