"""The core alone: processor time a call with few and with very many agents and as many callers waiting."""

import time
from collections import deque
from dataclasses import dataclass

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue, Service
from cti_bridge.domain.model.ids import Ids, bridge_id
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.randomness import random_bytes

NODE = "main"
NUMBER = "+8225550000"
CALLS = 2_000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class CoreResult:
    agents: int
    us_per_call: float
    """Microseconds of processor time from arrival to the freed agent: the best of several rounds."""


class _Run:
    """All agents talk, as many callers wait; each call that ends lets the next one in, and a new caller comes."""

    def __init__(self, agents: int) -> None:
        entries = [AgentEntry(f"a{n}", f"{n}", services=("acme",), queues=("support",)) for n in range(agents)]
        directory = Directory(
            policy=Policy(after_call="ready"),
            services={"acme": Service("acme")},
            queues={"support": Queue("support", "acme", pickup_time_s=1e6, longest_wait_s=1e6)},
            scenarios={NUMBER: short_form(NUMBER, "acme", "support")},
            agents={entry.cti_id: entry for entry in entries},
        )
        self._center = CallCenter(directory, Ids(random_bytes))
        self._now = 1_000_000.0
        self._callers = 0
        self._talking: deque[tuple[str, str]] = deque()
        phones = tuple((entry.cti_number, True) for entry in entries)
        self._tell(facts.NodeSeen(NODE, "boot", self._now, (), (), phones))
        for entry in entries:
            self._tell(commands.LogIn(entry.cti_id, entry.cti_id, ""))
            self._tell(commands.SetStatus(entry.cti_id, "ready", None))
        for _ in range(2 * agents):
            self._arrive()
        self._floor = self._center.floor
        for call_id in [call.id for call in self._floor.calls.values() if call.agent_leg]:
            self._answer(call_id)

    def calls(self, count: int) -> float:
        """Serve ``count`` calls; returns the processor time in seconds."""
        begun = time.process_time()
        for _ in range(count):
            customer, agent = self._talking.popleft()
            offered = self._end(customer, agent)
            self._answer(offered)
            self._arrive()
        return time.process_time() - begun

    def _tell(self, fact: facts.Fact) -> list[str]:
        self._now += 0.0001
        output = self._center.handle(fact, self._now)
        return [action.call_id for action in output.actions if type(action).__name__ == "CreateLeg"]

    def _arrive(self) -> None:
        self._callers += 1
        self._tell(facts.CallArrived(NODE, f"c{self._callers}", NUMBER, "+821012345678", "", self._now))

    def _answer(self, call_id: str) -> None:
        call = self._floor.calls[call_id]
        agent, customer = call.agent_leg or "", call.customer_leg or ""
        self._tell(facts.LegReady(agent))
        self._tell(facts.LegRinging(agent))
        self._tell(facts.LegAnswered(agent))
        self._tell(facts.LegEntered(customer, bridge_id(call_id)))
        self._tell(facts.LegEntered(agent, bridge_id(call_id)))
        self._talking.append((customer, agent))

    def _end(self, customer: str, agent: str) -> str:
        """The customer hangs up; returns the call that the freed agent is offered."""
        self._tell(facts.LegEnded(customer, 16))
        return self._tell(facts.LegEnded(agent, 16))[0]


def measure(agents: int, calls: int = CALLS, rounds: int = ROUNDS) -> CoreResult:
    """As many callers wait as there are agents, who are all busy."""
    run = _Run(agents)
    run.calls(min(calls, agents))
    best = min(run.calls(calls) for _ in range(rounds))
    return CoreResult(agents, best / calls * 1e6)
