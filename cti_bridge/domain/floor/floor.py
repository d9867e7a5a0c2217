"""The floor of the call centre, shared by all procedures: agents, calls, nodes, deadlines, and the output that is being
gathered.

Procedures check first and change then. Every change of an agent or a call goes through this class. So the changed
state, the rows and the actions of one fact belong together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.errors import NotFound
from cti_bridge.domain.border.notices import AgentChanged, Notice
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.border.records import AfterCallWork, AgentStateChange, CallEvent, CallRow, Record
from cti_bridge.domain.floor import intervals
from cti_bridge.domain.floor.ordering import Ordering
from cti_bridge.domain.floor.orders import Order
from cti_bridge.domain.floor.tally import Tally
from cti_bridge.domain.floor.today import Figures
from cti_bridge.domain.model.agent import Agent, AgentState, Reason, Status
from cti_bridge.domain.model.call import SPENT, TRANSITIONS, Call, CallState, Leg, Role
from cti_bridge.domain.model.callbacks import Callback, Recording
from cti_bridge.domain.model.deadlines import Deadlines, Kind, Rule
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy
from cti_bridge.domain.model.edge import DOUBT_S, EdgeSight
from cti_bridge.domain.model.emergency_switch import EmergencySwitch
from cti_bridge.domain.model.handling import HandleTimes, Handling
from cti_bridge.domain.model.hours import HoursOverride
from cti_bridge.domain.model.ids import Ids, is_ours
from cti_bridge.domain.model.kept import LastChange, LostCall, Mark, NodeState, Placed, Stray, TakenUp
from cti_bridge.domain.model.monitor import Monitor
from cti_bridge.domain.model.prompt import Then
from cti_bridge.domain.model.ranks import Ranks
from cti_bridge.domain.model.scenario import Step
from cti_bridge.domain.model.talks import Talks
from cti_bridge.domain.model.typed import Typed
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.wiring import AGENT_STATES, anybody_hears
from cti_bridge.domain.model.words import CallEventType, Cause
from cti_bridge.domain.model.working import Working

# Members that every call looks up, by names of the module: see the package.
_RECALL = Kind.RECALL
_ACCEPTED, _IDLE, _RINGING = AgentState.ACCEPTED, AgentState.IDLE, AgentState.RINGING
_ENDED, _TRANSFER_RINGING = CallState.ENDED, CallState.TRANSFER_RINGING
_TICKET_PROCESSING = Reason.TICKET_PROCESSING
_AGENT, _TARGET = Role.AGENT, Role.TARGET

_ENDS = frozenset(
    {
        CallEventType.OFFER_ENDED,
        CallEventType.LEG_ENDED,
        CallEventType.TARGET_GONE,
        CallEventType.CUSTOMER_LEFT,
        CallEventType.AGENT_LOST,
        CallEventType.ENDED,
    }
)
"""Events of something that ends. What follows an end happens now, however late the end was seen."""
_DEPARTING_S = 10.0
"""The seconds for which a channel that has left the application may still be listed."""
_LISTED_WITHIN_S = 600.0
"""The most seconds from then until such a list is told: it may be long, and is late when a PBX is slow."""


class IllegalTransition(Exception):
    """A procedure asked for a transition that the table does not know. That is a fault of ours, never of the
    outside."""


class _Late:
    """A class, for a generator costs five times as much, and each end of a leg goes through here."""

    __slots__ = ("_at", "_floor")

    def __init__(self, floor: "Floor", at: float | None) -> None:
        self._floor, self._at = floor, at

    def __enter__(self) -> None:
        self._floor.late_at = self._at

    def __exit__(self, *_: object) -> None:
        self._floor.late_at = None


@dataclass(slots=True)
class Floor(Ordering):
    directory: Directory
    ids: Ids
    table: Mapping[Kind, Rule]
    """The rules of deadlines (:mod:`cti_bridge.domain.follows.due`)."""
    follows: Mapping[Then, Callable[["Floor", Call], None]]
    """The procedures after a prompt (:mod:`cti_bridge.domain.follows.after_prompt`)."""
    steps: Mapping[type[Step], Callable[["Floor", Call, Way, Any], str | None]]
    """The procedures that begin the steps of a scenario (:mod:`cti_bridge.domain.scenario.steps`)."""
    leave_queue: Callable[["Floor", Call, str], None]
    """Lets a call leave its queue without an agent, by an exit or a key
    (:mod:`cti_bridge.domain.scenario.interpreter`)."""
    anybody_free: Callable[[Iterable[str], str | None], bool] = lambda groups, node: False
    """Tells whether an agent of these groups (names) may be given a call of the node now; None: of any node
    (:mod:`cti_bridge.domain.queue.waiting`)."""
    now: float = 0.0
    agents: dict[str, Agent] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    nodes: dict[str, NodeState] = field(default_factory=dict)
    edges: dict[str, EdgeSight] = field(default_factory=dict)
    """By node, what it sees of the edge (:mod:`cti_bridge.domain.agents.edge`). Empty where there is none."""
    edge_gone: bool = False
    """No PBX that is up reaches the edge, and there is such a PBX."""
    strays: dict[str, Stray] = field(default_factory=dict)
    deadlines: Deadlines = field(default_factory=Deadlines)
    orders: dict[str, Order] = field(default_factory=dict)
    """Orders that are to be confirmed, or in doubt (:mod:`cti_bridge.domain.floor.orders`)."""
    call_of_leg: dict[str, str] = field(default_factory=dict)
    by_cti_number: dict[str, str] = field(default_factory=dict)
    by_session: dict[str, str] = field(default_factory=dict)
    places: dict[str, dict[str, None]] = field(default_factory=dict)
    """By queue, the calls that have a place in it, in the order in which they came."""
    recalls: dict[str, str] = field(default_factory=dict)
    """CTI ID → the call that is offered back to them as soon as their phone is free."""
    placed: dict[str, Placed] = field(default_factory=dict)
    """By service and by agent."""
    departed: dict[str, float] = field(default_factory=dict)
    """Inbound legs that ended a moment ago, with the time. A list that was asked for before may still have them."""
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)
    """By service and number."""
    callbacks: dict[str, Callback] = field(default_factory=dict)
    """Customers who are to be called, and those of the last day who were."""
    recordings: dict[str, Recording] = field(default_factory=dict)
    """Recordings that run, or of which there is a file."""
    recorded: set[str] = field(default_factory=set)
    """Calls that have a recorder."""
    talks: Talks = field(default_factory=Talks)
    """The talks with customers since the start."""
    overrides: dict[str, HoursOverride] = field(default_factory=dict)
    """Overrides of opening hours, by the id of the hours."""
    switches: dict[str, EmergencySwitch] = field(default_factory=dict)
    """Emergencies that were switched on by hand, by service."""
    typed: dict[str, Typed] = field(default_factory=dict)
    """By call, what its caller has typed."""
    monitors: dict[str, Monitor] = field(default_factory=dict)
    """Supervisors who monitor calls, and what is still ending of them."""
    lost_legs: dict[str, LostCall] = field(default_factory=dict)
    """Channels of calls whose entries in the checkpoint cannot be read."""
    unknown_roles: dict[str, str] = field(default_factory=dict)
    """Legs of ours with a role that this release does not know, in calls that go on: by id, the node."""
    silent_legs: dict[str, int] = field(default_factory=dict)
    """By role, the number of legs that were looked at and had sent no audio. For the metrics."""
    tally: Tally = field(default_factory=Tally)
    figures: Figures = field(default_factory=Figures)
    working: Working = field(default_factory=Working)
    ranks: Ranks = field(default_factory=Ranks)
    handle_times: dict[str, HandleTimes] = field(default_factory=dict)
    """By queue."""
    usual_handle_s: Mapping[str, float] = field(default_factory=dict)
    """By queue, the handling time that is usual at this hour of the week, as far as the database knows."""
    unseen: dict[str, bool] = field(default_factory=dict)
    """Agents whom another configuration concerns and who are still to be looked at, by CTI ID. The value says whether
    more than their view has changed."""
    earlier: dict[str, LastChange] = field(default_factory=dict)
    """The last rows of agents who are not configured any more, by CTI ID."""
    taken_up: TakenUp | None = None
    """The clock of the checkpoint, until a PBX shows whether our clock was set since."""
    late_at: float | None = None
    """Ends in this fact were not seen; this is the last known moment before them. None: they are seen now."""
    _actions: list[Action] = field(default_factory=list)
    _records: list[Record] = field(default_factory=list)
    _notices: list[Notice] = field(default_factory=list)
    changed_agents: dict[str, Agent] = field(default_factory=dict)
    """The agents who have changed in this fact."""
    _shown: dict[str, None] = field(default_factory=dict)
    """Agents whose view has changed, though nothing of theirs has."""
    changed_calls: dict[str, Call] = field(default_factory=dict)
    """The calls that have changed in this fact."""
    _others: dict[tuple[str, str], object | None] = field(default_factory=dict)

    # ------------------------------------------------------------------------------- looking up

    @property
    def policy(self) -> Policy:
        return self.directory.policy

    def agent(self, cti_id: str) -> Agent:
        """Return the agent. Raises NotFound."""
        agent = self.agents.get(cti_id)
        if agent is None:
            raise NotFound(f"There is no agent {cti_id}.")
        return agent

    def entry(self, agent: Agent) -> AgentEntry:
        """Return the agent's configuration. An agent who is no longer in it may do nothing."""
        return self.directory.agents.get(agent.cti_id) or AgentEntry(
            agent.cti_id, agent.cti_number, phone_permission=False
        )

    def leg(self, leg_id: str) -> tuple[Call, Leg] | None:
        call = self.calls.get(self.call_of_leg.get(leg_id, ""))
        if call is None or (leg := call.legs.get(leg_id)) is None:
            return None
        return call, leg

    def node_up(self, name: str) -> bool:
        node = self.nodes.get(name)
        return node is not None and node.up

    def edge_away(self, name: str) -> bool:
        """Return whether the node says that the edge does not answer, so that it can ring no phone."""
        seen = self.edges.get(name) if self.edges else None
        return seen is not None and seen.away_at is not None

    def phones_in_doubt(self, name: str) -> bool:
        """Return whether what the node says of phones that are gone says nothing: the edge is away, or was a moment
        ago."""
        seen = self.edges.get(name) if self.edges else None
        if seen is None:
            return False
        return seen.away_at is not None or (seen.back_at is not None and self.now < seen.back_at + DOUBT_S)

    def rings(self, name: str) -> bool:
        """Return whether phones can be rung from the node: it is up, and so is the edge, where there is one."""
        node = self.nodes.get(name)
        return node is not None and node.up and not (self.edges and self.edge_away(name))

    # ------------------------------------------------------------------------------- ends that nobody saw

    def late(self, at: float | None) -> "_Late":
        """Return a context. Within it, what ends has ended at ``at``, and nobody saw it. None: it ends now."""
        return _Late(self, at)

    @property
    def end_at(self) -> float:
        """The time of an end in this fact."""
        return self.now if self.late_at is None else min(self.late_at, self.now)

    def node_takes_calls(self, name: str) -> bool:
        """Return whether new calls begin there. Emergency calls begin at any node that is up."""
        return self.node_up(name) and name not in self.directory.draining

    # ------------------------------------------------------------------------------- output of a fact

    def record(self, record: Record) -> None:
        self._records.append(record)

    def tell(self, notice: Notice) -> None:
        self._notices.append(notice)

    def touch_agent(self, agent: Agent) -> None:
        self.changed_agents[agent.cti_id] = agent

    def touched_agents(self) -> list[Agent]:
        """Return the agents who have changed in this fact."""
        return list(self.changed_agents.values())

    def show_agents(self, cti_ids: Iterable[str] | None = None) -> None:
        """The views of these agents have changed by something else; None: of all agents."""
        shown = self.agents if cti_ids is None else cti_ids
        self._shown |= dict.fromkeys(cti_id for cti_id in shown if self.agents[cti_id].logged_in)

    def touch_call(self, call: Call) -> None:
        self.changed_calls[call.id] = call

    def touched_calls(self) -> list[Call]:
        """Return the calls that have changed in this fact."""
        return list(self.changed_calls.values())

    def touch(self, kind: str, identity: str, state: object | None) -> None:
        self._others[kind, identity] = state

    def gathered(self) -> Output:
        """Return what was gathered since the last output."""
        changes, notices, agents = self._others, self._notices, self.changed_agents
        if agents:
            for cti_id, agent in agents.items():
                changes["agent", cti_id] = agent if self.is_kept(agent) else None
                notices.append(AgentChanged(cti_id))
            self.changed_agents = {}
        if self._shown:
            for cti_id in self._shown:
                if cti_id not in agents:
                    notices.append(AgentChanged(cti_id))
            self._shown = {}
        for call_id, call in self.changed_calls.items():
            changes["call", call_id] = call if call_id in self.calls else None
        if self.figures.changed:
            changes.update(self.figures.changes())
        output = Output(self._actions, self._records, notices, changes)
        self._actions, self._records, self._notices = [], [], []
        self.changed_calls, self._others = {}, {}
        return output

    def is_kept(self, agent: Agent) -> bool:
        """Return whether the agent stands in the checkpoint. Nobody waits for one who was removed from the
        configuration and is in no call. Such an agent stays known until the next start. Their history goes on from
        their rows, if they come back."""
        if agent.cti_id in self.directory.agents or agent.session is not None:
            return True
        return agent.state is not _IDLE or bool(agent.call_id or agent.legs)

    # ------------------------------------------------------------------------------- changes of state

    def set_agent(
        self,
        agent: Agent,
        cause: Cause,
        *,
        state: AgentState | None = None,
        status: Status | None = None,
        reason: str | None = None,
        call_id: str | None = None,
        by: str | None = None,
    ) -> None:
        """Move the agent, and write it down (requirement B5). ``status`` None keeps status and reason. A move to the
        same state writes nothing. ``by`` is who else has set it."""
        to_state = agent.state if state is None else state
        to_status = agent.status if status is None else status
        to_reason = agent.reason if status is None else reason
        self.changed_agents[agent.cti_id] = agent
        if to_state is agent.state and to_status is agent.status and to_reason == agent.reason:
            return
        # What the agent was at has ended unseen. Only who was free begins something now.
        late = self.late_at is not None and (agent.state is not _IDLE or to_state is _IDLE)
        at = max(self.end_at, agent.since) if late else self.now
        if to_reason != _TICKET_PROCESSING:
            agent.after_processing = agent.after_call_of = agent.after_call_kind = None
        agent.seq += 1
        row = AgentStateChange(
            self.ids.uuid(self.now),
            agent.cti_id,
            agent.seq,
            agent.status,
            agent.state,
            to_status,
            to_state,
            to_reason,
            cause,
            call_id,
            at,
            # A first change, and one whose beginning is not known, ends nothing that has lasted.
            max(0.0, at - agent.since) if agent.seq > 1 and agent.since else 0.0,
            agent.reason,
            agent.after_call_of if to_state is _IDLE else None,
            agent.after_call_kind if to_state is _IDLE else None,
            late,
            by,
        )
        self._records.append(row)
        agent.status, agent.state, agent.reason, agent.since = to_status, to_state, to_reason, at
        agent.missed = None
        processes = agent.processes_a_ticket
        if not processes:
            # The limit and the question are of ticket processing, and end with it, whatever ends it.
            agent.prompt = None
            if agent.processing_ends_at is not None:
                self.set_deadline(Kind.PROCESSING, agent, None)
        if (handling := agent.handling) is not None:
            if to_state is _IDLE and handling.let_go_at is None:
                handling.let_go_at = at
            if handling.let_go_at is not None and not processes:
                self._handled(agent, handling, at)

    def _handled(self, agent: Agent, handling: Handling, at: float) -> None:
        """The agent is free again, or at something else. An end that nobody saw says nothing of how long it took."""
        agent.handling = None
        after_call_s = at - (at if handling.let_go_at is None else handling.let_go_at)
        if after_call_s > 0:
            self.record(AfterCallWork(handling.visit_id, round(after_call_s, 3)))
        if self.late_at is None:
            times = self.handle_times.get(handling.queue)
            if times is None:
                times = self.handle_times[handling.queue] = HandleTimes(handling.queue)
            times.add(at, handling.lasted_s(at))
            self.touch("handle_times", times.queue, times)

    def move_call(self, call: Call, state: CallState, cause: Cause) -> None:
        """Move the call. Its agents' states follow by the table. Raises IllegalTransition; nothing has changed then."""
        before = call.state
        if state not in TRANSITIONS[before]:
            raise IllegalTransition(f"{before} to {state}")
        if before is _TRANSFER_RINGING:
            self.touch_sender(call)
        late = self.late_at is not None
        at = self.end_at if late else self.now
        if late:
            call.course.take_back(at)
        if (kind := SPENT.get(before)) is not None:
            call.course.spend(kind, call.state_since, at)
        if (stretch := call.stretch) is not None:
            rows = intervals.rows(call, stretch, self.ids, self.now, at, cause, late=late)
            self._records += rows
            self.figures.intervals(self.directory, self.now, rows)
        call.state, call.state_since = state, self.now
        call.stretch = intervals.begin(call) if state in intervals.STAGES else None
        if call.prompt is not None and not anybody_hears(call.prompt, state):
            self.forget_prompt(call)
        if self.deadlines.held:
            self.deadlines.try_again(call.id)
        self.changed_calls[call.id] = call
        for role, agent in self.agents_of(call):
            self._follow(call, role, agent, cause)
            if agent.cti_id not in self.changed_agents:
                self._shown[agent.cti_id] = None

    def spend(self, call: Call, until: float) -> None:
        """Count the customer's time in the call's state."""
        if self.late_at is not None:
            call.course.take_back(until)
        kind = SPENT.get(call.state)
        if kind is not None:
            call.course.spend(kind, call.state_since, until)

    def forget_prompt(self, call: Call) -> None:
        """The prompt is over, or no longer wanted."""
        self.set_deadline(Kind.MESSAGE, call, None)
        call.prompt = None
        self.touch_call(call)

    def move_target(self, call: Call, cause: Cause) -> None:
        """The call has another target now, whose state follows by the table."""
        for role, agent in self.agents_of(call):
            if role is _TARGET:
                self._follow(call, role, agent, cause)

    def _follow(self, call: Call, role: Role, agent: Agent, cause: Cause) -> None:
        """Set the agent's state by the table. A target who has accepted rings on as accepted."""
        wanted = AGENT_STATES.get((call.state, role))
        accepted = agent.state is _ACCEPTED and wanted is _RINGING
        if wanted is not None and not accepted:
            self.set_agent(agent, cause, state=wanted, call_id=call.id)

    def agents_of(self, call: Call) -> list[tuple[Role, Agent]]:
        """Return the agents who are in the call or are offered it, with their roles."""
        found = []
        if call.cti_id and (agent := self.agents.get(call.cti_id)) is not None:
            found.append((_AGENT, agent))
        if call.target is not None and (agent := self.agents.get(call.target.cti_id or "")) is not None:
            found.append((_TARGET, agent))
        return found

    def event(self, call: Call, type_: CallEventType, **detail: Any) -> None:
        """Record an event of the call, for reports and tickets."""
        call.event_seq += 1
        at = self.now if self.late_at is None or type_ not in _ENDS else self.end_at
        self._records.append(CallEvent(self.ids.uuid(self.now), call.id, call.event_seq, at, type_, detail))
        self.changed_calls[call.id] = call

    def write_call(self, call: Call) -> None:
        """Record the call's present state, for the table of calls."""
        call.version += 1
        self.changed_calls[call.id] = call
        self._records.append(CallRow.of(call))

    # ------------------------------------------------------------------------------- calls and legs

    def add_call(self, call: Call) -> None:
        self.calls[call.id] = call
        if call.state in intervals.STAGES:
            call.stretch = intervals.begin(call)
        self.touch_call(call)

    def add_leg(self, call: Call, leg: Leg) -> None:
        """The leg plays its role from now on."""
        if stray := self.strays.get(leg.id):
            self.drop_stray(stray)
        call.legs[leg.id] = leg
        call.parties[leg.role] = leg.id
        self.call_of_leg[leg.id] = call.id
        self.changed_calls[call.id] = call
        agent = self.agents.get(leg.cti_id) if leg.cti_id else None
        if agent is not None:
            agent.legs.append(leg.id)
            self.touch_agent(agent)

    def drop_leg(self, call: Call, leg: Leg) -> None:
        """The leg has ended: forget it, and free its agent's phone. Forget the call when it has ended and this was its
        last leg."""
        call.legs.pop(leg.id, None)
        self.call_of_leg.pop(leg.id, None)
        if not is_ours(leg.id):
            self._depart(leg.id)
        if self.orders:
            self.forget_orders(leg)
        self.changed_calls[call.id] = call
        self._free_phone(leg.cti_id, leg.id)
        if call.parties.get(leg.role) == leg.id:
            del call.parties[leg.role]
        self.forget_if_over(call)

    def _depart(self, leg_id: str) -> None:
        """Note that the leg is gone. Also forget those that no list can hold any more, for a PBX whose lists are always
        late tells none."""
        self.departed[leg_id] = self.now
        while self.departed[oldest := next(iter(self.departed))] < self.now - _LISTED_WITHIN_S:
            del self.departed[oldest]

    def forget_departed(self, before: float) -> None:
        """Forget legs that ended long before the list was asked for (POSIX seconds): the list does not have them."""
        self.departed = {leg_id: at for leg_id, at in self.departed.items() if at > before - _DEPARTING_S}

    def touch_sender(self, call: Call) -> None:
        """The sender may recall the call now, or may no longer."""
        sender = self.agents.get(call.sender or "")
        if sender is not None:
            self.touch_agent(sender)

    def forget_recall(self, call: Call) -> None:
        """The sender is no longer kept free for the call."""
        sender = self.agents.get(call.sender or "")
        self.set_deadline(_RECALL, call, None)
        if sender is not None and self.recalls.get(sender.cti_id) == call.id:
            del self.recalls[sender.cti_id]
            self.touch_agent(sender)

    def forget_if_over(self, call: Call) -> None:
        if call.state is _ENDED and not call.legs:
            self.calls.pop(call.id, None)
            if self.typed:
                self.typed.pop(call.id, None)
            if self.recorded:
                self.recorded.discard(call.id)
            self.touch_call(call)

    def add_stray(self, stray: Stray) -> None:
        self.strays[stray.id] = stray
        agent = self.agents.get(stray.cti_id) if stray.cti_id else None
        if agent is not None and stray.id not in agent.legs:
            agent.legs.append(stray.id)
            self.touch_agent(agent)

    def drop_stray(self, stray: Stray) -> None:
        self.strays.pop(stray.id, None)
        self._free_phone(stray.cti_id, stray.id)

    def _free_phone(self, cti_id: str | None, leg_id: str) -> None:
        agent = self.agents.get(cti_id) if cti_id else None
        if agent is not None and leg_id in agent.legs:
            agent.legs.remove(leg_id)
            self.touch_agent(agent)

    # ------------------------------------------------------------------------------- deadlines

    def set_deadline(
        self, kind: Kind, owner: Call | Leg | Agent | Order | Monitor | NodeState, at: float | None
    ) -> None:
        """Set or move the deadline, here and in the checkpoint. ``at`` None cancels it."""
        if field := self.table[kind].field:
            holder, name = owner if len(field) == 1 else getattr(owner, field[0]), field[-1]
            if type(holder) is dict:
                holder.pop(name, None)
                if at is not None:
                    holder[name] = at
            elif holder is not None:
                if at is None and getattr(holder, name) is None:
                    return
                setattr(holder, name, at)
        identity = owner.cti_id if type(owner) is Agent else owner.id  # type: ignore[union-attr]
        if at is None:
            self.deadlines.cancel(kind, identity)
        else:
            self.deadlines.set(kind, identity, at)
