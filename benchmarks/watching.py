"""What it costs that supervisors watch: a house with 200 agents, 30 queues and 20 calls a second, and 10 live pages and
10 wallboards that are told once a second."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

import msgspec

from cti_bridge.api.row_streams import RowStream
from cti_bridge.api.watching import LivePage, Wallboard, Watching
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue, Service
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.scenario import short_form

AGENTS, QUEUES, CALLS_PER_S, WATCHERS = 200, 30, 20, 10
TALK_S = 8
_PER_QUEUE = 3
"""Queues that an agent serves."""


@dataclass
class Cost:
    """Milliseconds of the processor for each second of the house, and the bytes of its frames to one reader."""

    turns_ms: list[float] = field(default_factory=list)
    live_bytes: list[int] = field(default_factory=list)
    board_bytes: list[int] = field(default_factory=list)


class _Engine:
    """As much of an engine as a topic asks."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def read(self, view: Callable[[Floor], Any]) -> Any:
        return view(self._floor)


def house() -> Directory:
    names = [f"q{number}" for number in range(QUEUES)]
    agents = [
        AgentEntry(
            f"a{number}",
            f"{1000 + number}",
            f"Agent {number}",
            ("acme",),
            tuple(names[(number + step) % QUEUES] for step in range(_PER_QUEUE)),
            team=f"team {number % 8}",
        )
        for number in range(AGENTS)
    ]
    heads = [
        AgentEntry(f"s{number}", f"{9000 + number}", "", ("acme",), role="supervisor") for number in range(WATCHERS)
    ]
    return Directory(
        policy=Policy(after_call="ready"),
        services={"acme": Service("acme")},
        queues={name: Queue(name, "acme") for name in names},
        scenarios={name: short_form(f"+8225550{place:03}", "acme", name) for place, name in enumerate(names)},
        agents={entry.cti_id: entry for entry in (*agents, *heads)},
    )


class _House:
    def __init__(self) -> None:
        self.directory = house()
        serial = count(1)
        self.center = CallCenter(self.directory, Ids(lambda n: next(serial).to_bytes(n, "big")))
        self.now = 1_000_000.0
        self.changes: dict[tuple[str, str], object | None] = {}
        self._numbers, self._legs = cycle(range(QUEUES)), count(1)
        phones = tuple((entry.cti_number, True) for entry in self.directory.agents.values())
        self.tell(facts.NodeSeen("main", "boot", self.now, (), (), phones))
        for number in range(AGENTS):
            self.tell(commands.LogIn(f"a{number}", f"session {number}", "csrf"))
            self.tell(commands.SetStatus(f"a{number}", "ready", None))

    def tell(self, fact: facts.Fact) -> Output:
        output = self.center.handle(fact, self.now)
        self.changes.update(output.changes)
        return output

    def second(self) -> None:
        """Calls come, are answered, and end after their talk."""
        floor = self.center.floor
        for call in list(floor.calls.values()):
            if call.state is CallState.TALKING and self.now - call.state_since >= TALK_S:
                self._end(call)
        for _ in range(CALLS_PER_S):
            leg = f"caller-{next(self._legs)}"
            number = f"+8225550{next(self._numbers):03}"
            self.tell(facts.CallArrived("main", leg, number, "+821012345678", "", self.now))
        for call in [call for call in floor.calls.values() if call.state is CallState.RINGING]:
            self._answer(call)
        self.now += 1.0

    def _answer(self, call: Call) -> None:
        leg = call.agent_leg or ""
        self.tell(facts.LegReady(leg))
        self.tell(facts.LegRinging(leg))
        self.tell(facts.LegAnswered(leg))
        for each in (call.customer_leg or "", leg):
            self.tell(facts.LegEntered(each, call.bridge_id))

    def _end(self, call: Call) -> None:
        for leg in (call.customer_leg, call.agent_leg):
            if leg is not None:
                self.tell(facts.LegEnded(leg))


def measure(seconds: int = 30) -> Cost:
    """Let the house run, and return what each second costs beside the calls themselves."""
    running, cost = _House(), Cost()
    engine: Any = _Engine(running.center.floor)
    topics = (LivePage(engine, lambda: running.now, dict), Wallboard(engine, lambda: running.now, dict))
    readers = [(topic, name, RowStream()) for topic in topics for name in _heads()]
    for _ in range(seconds):
        running.changes.clear()
        running.second()
        began = time.process_time()
        frames = list(_told(topics, readers, running.changes))
        cost.turns_ms.append(1000 * (time.process_time() - began))
        cost.live_bytes.append(len(frames[0]))
        cost.board_bytes.append(len(frames[WATCHERS]))
    return cost


def _heads() -> list[str]:
    return [f"s{number}" for number in range(WATCHERS)]


def _told(
    topics: tuple[Watching, ...],
    readers: Sequence[tuple[Watching, str, RowStream]],
    changes: dict[tuple[str, str], Any],
) -> Iterator[bytes]:
    for topic in topics:
        topic.touched(changes, _heads())
    for topic, name, stream in readers:
        yield msgspec.json.encode(stream.change_to(topic.rows(name)))


def told(cost: Cost) -> str:
    """Return the cost in words."""
    steady = sorted(cost.turns_ms[TALK_S:])
    return (
        f"Supervisors: {AGENTS} agents, {QUEUES} queues, {CALLS_PER_S} calls/s, {WATCHERS} live pages and "
        f"{WATCHERS} wallboards: {steady[len(steady) // 2]:.1f} ms each second, at most {steady[-1]:.1f}; "
        f"{max(cost.live_bytes[TALK_S:])} bytes to a live page, {max(cost.board_bytes[TALK_S:])} to a wallboard"
    )
