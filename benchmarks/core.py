"""The core alone: processor time a call with few and with very many agents and as many callers waiting. With skills,
each call asks for one of many, each agent has some of them, and at most a thousand callers wait."""

import time
from collections import deque
from dataclasses import dataclass

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue, Service
from cti_bridge.domain.model.ids import READY, Ids, bridge_id
from cti_bridge.domain.model.scenario import Enqueue, Scenario, SetValues, short_form
from cti_bridge.randomness import random_bytes

NODE = "main"
NUMBER = "+8225550000"
CALLS = 2_000
ROUNDS = 5
SKILLED_WAITING = 1_000
SKILLS_OF_AGENT = 3


@dataclass(frozen=True, slots=True)
class CoreResult:
    agents: int
    us_per_call: float
    """Microseconds of processor time from arrival to the freed agent: the best of several rounds."""
    skills: int = 0
    """The number of skills that calls ask for; 0: none."""


class _Run:
    """All agents talk, as many callers wait; each call that ends lets the next one in, and a new caller comes."""

    def __init__(self, agents: int, skills: int = 0) -> None:
        self._skills = skills
        entries = [
            AgentEntry(f"a{n}", f"{n}", services=("acme",), queues=("support",), skills=_skills_of(n, skills))
            for n in range(agents)
        ]
        directory = Directory(
            policy=Policy(after_call="ready"),
            services={"acme": Service("acme")},
            queues={"support": Queue("support", "acme", pickup_time_s=1e6, longest_wait_s=1e6)},
            scenarios=_asking(skills) if skills else {NUMBER: short_form(NUMBER, "acme", "support")},
            agents={entry.cti_id: entry for entry in entries},
        )
        self._center = CallCenter(directory, Ids(random_bytes, READY))
        self._now = 1_000_000.0
        self._callers = 0
        self._talking: deque[tuple[str, str]] = deque()
        phones = tuple((entry.cti_number, True) for entry in entries)
        self._tell(facts.NodeSeen(NODE, "boot", self._now, (), (), phones))
        for entry in entries:
            self._tell(commands.LogIn(entry.cti_id, entry.cti_id, ""))
            self._tell(commands.SetStatus(entry.cti_id, "ready", None))
        for _ in range(agents + (min(agents, SKILLED_WAITING) if skills else agents)):
            self._arrive()
        self._floor = self._center.floor
        for call_id in [call.id for call in self._floor.calls.values() if call.agent_leg]:
            self._answer(call_id)

    def calls(self, count: int) -> float:
        """Serve ``count`` calls; returns the processor time in seconds."""
        begun = time.process_time()
        for _ in range(count):
            customer, agent = self._talking.popleft()
            for offered in self._end(customer, agent):
                self._answer(offered)
            for offered in self._arrive():  # To an agent whom no call fitted before.
                self._answer(offered)
        return time.process_time() - begun

    def _tell(self, fact: facts.Fact) -> list[str]:
        self._now += 0.0001
        output = self._center.handle(fact, self._now)
        return [action.call_id for action in output.actions if type(action).__name__ == "CreateLeg"]

    def _arrive(self) -> list[str]:
        self._callers += 1
        number = _number(self._callers % self._skills) if self._skills else NUMBER
        return self._tell(facts.CallArrived(NODE, f"c{self._callers}", number, "+821012345678", "", self._now))

    def _answer(self, call_id: str) -> None:
        call = self._floor.calls[call_id]
        agent, customer = call.agent_leg or "", call.customer_leg or ""
        self._tell(facts.LegReady(agent))
        self._tell(facts.LegRinging(agent))
        self._tell(facts.LegAnswered(agent))
        self._tell(facts.LegEntered(customer, bridge_id(call_id)))
        self._tell(facts.LegEntered(agent, bridge_id(call_id)))
        self._talking.append((customer, agent))

    def _end(self, customer: str, agent: str) -> list[str]:
        """The customer hangs up; returns the call that the freed agent is offered, if one fits."""
        self._tell(facts.LegEnded(customer, 16))
        return self._tell(facts.LegEnded(agent, 16))


def _number(skill: int) -> str:
    return f"+82255{skill:05}"


def _skills_of(agent: int, skills: int) -> dict[str, int]:
    return {f"s{(agent + n * n * 7) % skills}": 5 for n in range(SKILLS_OF_AGENT)} if skills else {}


def _asking(skills: int) -> dict[str, Scenario]:
    """A number for each skill."""
    found = {}
    for n in range(skills):
        steps = (SetValues("set", {"next": "queue"}, skills={f"s{n}": 3}), Enqueue("queue", {}, "support"))
        found[_number(n)] = Scenario(_number(n), "acme", (_number(n),), "set", {step.name: step for step in steps})
    return found


def measure(agents: int, calls: int = CALLS, rounds: int = ROUNDS, skills: int = 0) -> CoreResult:
    """As many callers wait as there are agents, who are all busy."""
    run = _Run(agents, skills)
    run.calls(min(calls, agents))
    best = min(run.calls(calls) for _ in range(rounds))
    return CoreResult(agents, best / calls * 1e6, skills)
