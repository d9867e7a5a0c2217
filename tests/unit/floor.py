"""A call centre for unit tests: a directory in a few words, and a driver that keeps what the core has ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec
import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Action, CreateLeg, DialLeg
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.notices import Notice
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.border.records import AgentStateChange, CallRow, OfferRow, Record
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import AgentEntry, CallingNumber, Directory, Policy, Queue, Service
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.kept import Kept, NodeState
from cti_bridge.domain.model.scenario import QUEUE, Enqueue, Scenario, short_form
from cti_bridge.domain.model.words import AnswerMode
from cti_bridge.domain.views import snapshot
from cti_bridge.storage.checkpoint import read

NODE = "main"
NUMBER = "+8225550000"
CALLING = "+8225551234"


def leading_to(scenario: Scenario, queue: str) -> Scenario:
    """Return the scenario in its short form with another queue."""
    step = scenario.steps[QUEUE]
    assert isinstance(step, Enqueue)
    return replace(scenario, steps={**scenario.steps, QUEUE: replace(step, queue=queue)})


def directory(
    *agents: AgentEntry,
    policy: Policy | None = None,
    queues: Sequence[Queue] = (Queue("support", "acme"),),
    scenarios: Sequence[Scenario] = (short_form(NUMBER, "acme", "support"),),
    services: Sequence[Service] = (Service("acme"),),
) -> Directory:
    return Directory(
        policy=policy or Policy(),
        services={service.id: service for service in services},
        queues={queue.id: queue for queue in queues},
        scenarios={scenario.id: scenario for scenario in scenarios},
        agents={agent.cti_id: agent for agent in agents},
    )


def outbound_directory(*agents: AgentEntry, outbound: bool = True) -> Directory:
    """The same, with a confirmed calling number and a message for force disconnect."""
    service = Service(
        "acme",
        outbound=outbound,
        allowed_prefixes=("+82",),
        return_queue="support",
        force_disconnect_message="sound:cti/force-disconnect",
    )
    plain = directory(*agents, services=(service,), policy=Policy(force_disconnect_reasons=("threat",)))
    return replace(plain, calling_numbers={CALLING: CallingNumber(CALLING, "acme", "confirmed")})


def agent_entry(number: int, *, queues: tuple[str, ...] = ("support",), answer: str = "phone") -> AgentEntry:
    return AgentEntry(f"a{number}", f"100{number}", f"Agent {number}", ("acme",), queues, answer=AnswerMode(answer))


def agent_view(floor: Floor, cti_id: str) -> dict[str, Any]:
    """The agent's view as a panel gets it."""
    view: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(snapshot.agent_view(floor, cti_id)))
    return view


def kept(floor: Floor) -> list[Agent]:
    """The agents of the checkpoint."""
    return [agent for agent in floor.agents.values() if floor.is_kept(agent)]


class Driver:
    """Feeds facts at a time that the test moves, and keeps every output."""

    def __init__(self, config: Directory) -> None:
        self._serial = count(1)
        self.center = CallCenter(config, Ids(lambda n: next(self._serial).to_bytes(n, "big")))
        self.now = 1_000_000.0
        self.silent = False
        self.actions: list[Action] = []
        self.records: list[Record] = []
        self.notices: list[Notice] = []
        self.saved: dict[tuple[str, str], object | None] = {}
        self._callers = count(1)

    def tell(self, fact: facts.Fact) -> Output:
        """Each phone that is dialled says at once that it rings, unless the test says ``silent``."""
        output = self.take(self.center.handle(fact, self.now))
        dialled = [action.leg_id for action in output.actions if isinstance(action, DialLeg)]
        for leg_id in dialled if not self.silent else ():
            self.take(self.center.handle(facts.LegRinging(leg_id), self.now))
        return output

    def take(self, output: Output) -> Output:
        self.actions += output.actions
        self.records += output.records
        self.notices += output.notices
        self.saved.update(output.changes)
        return output

    def pass_time(self, seconds: float) -> None:
        """Move on, stopping at every deadline as the engine does."""
        end = self.now + seconds
        while (at := self.center.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            self.tell(facts.TimePassed())
        self.now = end

    def connect(self, *legs: facts.SeenLeg, boot_id: str = "boot", phones: Sequence[str] | None = None) -> None:
        numbers = phones if phones is not None else [a.cti_number for a in self.center.floor.directory.agents.values()]
        self.tell(
            facts.NodeSeen(NODE, boot_id, self.now, legs, self.bridges(), tuple((number, True) for number in numbers))
        )

    def bridges(self) -> tuple[str, ...]:
        return tuple(call.bridge_id for call in self.center.floor.calls.values() if call.has_bridge)

    def log_in(self, *cti_ids: str, status: str | None = "ready") -> None:
        for cti_id in cti_ids:
            self.tell(commands.LogIn(cti_id, f"session-{cti_id}", "csrf"))
            if status:
                self.tell(commands.SetStatus(cti_id, status, None))

    def arrive(self, number: str = NUMBER, leg_id: str | None = None, caller: str = "+821012345678") -> Call:
        leg_id = leg_id or f"caller-{next(self._callers)}"
        self.tell(facts.CallArrived(NODE, leg_id, number, caller, "Kim", self.now))
        return next(c for c in reversed(list(self.center.floor.calls.values())) if leg_id in c.legs)

    def agent(self, cti_id: str) -> Agent:
        return self.center.floor.agents[cti_id]

    def agent_leg(self, call: Call) -> str:
        """The leg that rings for the call, created and dialled."""
        leg_id = call.agent_leg
        assert leg_id is not None, "no agent is being rung"
        self.tell(facts.LegReady(leg_id))
        return leg_id

    def answer(self, call: Call) -> str:
        """The offered agent lifts the phone, and both arrive in the bridge."""
        leg_id = self.agent_leg(call)
        self.tell(facts.LegAnswered(leg_id))
        self.enter(call, call.customer_leg or "", leg_id)
        return leg_id

    def enter(self, call: Call, *leg_ids: str) -> None:
        for leg_id in leg_ids:
            self.tell(facts.LegEntered(leg_id, call.bridge_id))

    def state(self) -> dict[tuple[str, str], bytes]:
        """All that is saved, as it is saved."""
        floor = self.center.floor
        state = {("agent", agent.cti_id): msgspec.json.encode(agent) for agent in kept(floor)}
        state |= {("call", call.id): msgspec.json.encode(call) for call in floor.calls.values()}
        state |= {("mark", mark.id): msgspec.json.encode(mark) for mark in floor.marks.values()}
        if floor.taken_up is not None:
            state["taken_up", "core"] = msgspec.json.encode(floor.taken_up)
        state |= {("callback", one.id): msgspec.json.encode(one) for one in floor.callbacks.values()}
        state |= {("recording", one.id): msgspec.json.encode(one) for one in floor.recordings.values()}
        state |= {("monitor", one.id): msgspec.json.encode(one) for one in floor.monitors.values()}
        state |= {("handle_times", one.id): msgspec.json.encode(one) for one in floor.handle_times.values()}
        state |= {("figures", one.id): msgspec.json.encode(one) for one in floor.figures.of_id.values()}
        return state | {("placed", placed.by): msgspec.json.encode(placed) for placed in floor.placed.values()}

    def refused(self, command: commands.Command | commands.HouseCommand) -> str:
        """The code with which the command is refused. Nothing has changed, to the byte, and nothing is ordered,
        neither now nor with the next fact."""
        before, deadline = self.state(), self.center.next_deadline()
        with pytest.raises(Refusal) as refusal:
            self.center.handle(command, self.now)
        assert (self.state(), self.center.next_deadline()) == (before, deadline)
        after = self.center.handle(facts.LegRinging("nobody"), self.now)
        assert (after.actions, after.records, after.notices, dict(after.changes)) == ([], [], [], {})
        return refusal.value.code

    def restarted(
        self, config: Directory | None = None, state: Mapping[tuple[str, str], bytes] | None = None
    ) -> "Driver":
        """Another controller on the checkpoint of this one, or on ``state``, with a configuration that may have
        changed."""
        other = Driver(config or self.center.floor.directory)
        other.now, other._serial = self.now, self._serial
        nodes = [
            NodeState(node.name, lost_at=node.lost_at, boot_id="boot", seen_at=node.seen_at)
            for node in self.center.floor.nodes.values()
        ]
        found = read(state or self.state())
        assert not found.unreadable
        other.take(other.center.take_up(Kept([*found.core(), *nodes]), self.now))
        return other

    def taken(self, kind: type) -> list[Action]:
        return [action for action in self.actions if isinstance(action, kind)]

    def rung(self) -> list[str | None]:
        """The CTI numbers that were rung, in order."""
        return [action.cti_number for action in self.actions if isinstance(action, CreateLeg)]

    def history(self, cti_id: str) -> list[tuple[str, str, str | None, str]]:
        """(status, state, reason, cause) of every change of the agent."""
        return [
            (r.to_status, r.to_state, r.reason, r.cause)
            for r in self.records
            if isinstance(r, AgentStateChange) and r.cti_id == cti_id
        ]

    def offers(self) -> list[str]:
        return [r.result for r in self.records if isinstance(r, OfferRow) and r.result is not None]

    def outcomes(self) -> list[tuple[str, str | None]]:
        return [(r.outcome, r.ended_by) for r in self.records if isinstance(r, CallRow) and r.outcome is not None]
