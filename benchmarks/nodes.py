"""Many PBXs and very many agents, the core alone: the processor time of one fact, which is how long all others wait.
Python's own collection of garbage, some 20 ms that fall on any fact, is left out.

``python -m benchmarks.nodes [AGENTS] [NODES]``; with ``--against TREE`` another source tree is measured too, the two in
turns, and the ratios are shown.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import msgspec

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue, Service
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.kept import Kept
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.randomness import random_bytes

AGENTS = 10_000
NODES = 20
CALLS = 1_000
ROUNDS = 5
READY = 200
NUMBER = "+8225550000"
QUEUES = ("support", "sales")


class _House:
    """All are logged in. ``everywhere``: each phone is reached by all PBXs, else by one."""

    def __init__(self, agents: int, nodes: int, *, everywhere: bool) -> None:
        entries = [AgentEntry(f"a{n}", f"{n}", f"Agent {n}", ("acme",), queues=QUEUES) for n in range(agents)]
        self.directory = Directory(
            policy=Policy(default_status="rest"),
            services={"acme": Service("acme")},
            queues={name: Queue(name, "acme", longest_wait_s=1e6) for name in QUEUES},
            scenarios={NUMBER: short_form(NUMBER, "acme", "support")},
            agents={entry.cti_id: entry for entry in entries},
        )
        self.center = CallCenter(self.directory, Ids(random_bytes))
        self.nodes = [f"pbx{n}" for n in range(nodes)]
        numbers = [entry.cti_number for entry in entries]
        self._phones = {
            node: tuple((number, True) for number in (numbers if everywhere else numbers[place::nodes]))
            for place, node in enumerate(self.nodes)
        }
        self._legs: dict[str, tuple[facts.SeenLeg, ...]] = {}
        self._now = 1_000_000.0
        self.first_s = max(self.tell(self.seen(node)) for node in self.nodes)
        for entry in entries:
            self.tell(commands.LogIn(entry.cti_id, entry.cti_id, ""))

    def ready(self) -> None:
        for cti_id in self.directory.agents:
            self.tell(commands.SetStatus(cti_id, "ready", None))

    def tell(self, fact: facts.Fact) -> float:
        """The processor time in seconds, without that of encoding what is kept."""
        self._now += 0.001
        gc.disable()
        begun = time.process_time()
        self.output = self.center.handle(fact, self._now)
        took_s = time.process_time() - begun
        gc.enable()
        return took_s

    def encode(self) -> float:
        """The same for what the last fact has changed."""
        begun = time.process_time()
        for state in self.output.changes.values():
            msgspec.json.encode(state)
        return time.process_time() - begun

    def seen(self, node: str, *, boot: str = "boot", phones: bool = True) -> facts.NodeSeen:
        shown = self._phones[node] if phones else ()
        return facts.NodeSeen(node, boot, self._now, self._legs.get(node, ()), (), shown)

    def call(self, node: str, count: int) -> None:
        """So many callers come, and wait."""
        for n in range(count):
            leg_id = f"{node}/c{n}-{self._now}"
            self.tell(facts.CallArrived(node, leg_id, NUMBER, "+821012345678", "", self._now))
            seen = facts.SeenLeg(leg_id, True, False, True, None, "trunk", None)
            self._legs[node] = (*self._legs.get(node, ()), seen)


def measure(agents: int = AGENTS, nodes: int = NODES) -> dict[str, float]:
    """Milliseconds, by what was told."""
    found: dict[str, float] = {}
    for everywhere in (False, True):
        where = f"each phone on {'all' if everywhere else 'one'} of {nodes}"
        gc.collect()
        house = _House(agents, nodes, everywhere=everywhere)
        found[f"{where}: the first list"] = house.first_s
        found |= {f"{where}: {what}": took_s for what, took_s in _of_nodes(house).items()}
    gc.collect()
    house = _House(agents, nodes, everywhere=False)
    found |= {f"{CALLS} calls: {what}": took_s for what, took_s in _of_calls(house).items()}
    return {what: took_s * 1000 for what, took_s in found.items()}


def _of_nodes(house: _House) -> dict[str, float]:
    node = house.nodes[0]
    cti_ids = list(house.directory.agents)[:: max(1, len(house.directory.agents) // READY)]
    found = {}
    found["ready, others are not"] = _each_ready(house, cti_ids)
    house.ready()
    found["ready, and so are all"] = _each_ready(house, cti_ids)
    found["a PBX is lost"] = house.tell(facts.NodeLost(node))
    found["what that changed, encoded"] = house.encode()
    found["it is back"] = house.tell(house.seen(node))
    found["what that changed, encoded "] = house.encode()
    found["a list that says the same"] = house.tell(house.seen(node))
    found["its phones are gone"] = house.tell(house.seen(node, phones=False))
    found["it was restarted, its phones are back"] = house.tell(house.seen(node, boot="another"))
    found["what that changed, encoded  "] = house.encode()
    new = replace(house.directory, queues={**house.directory.queues, "new": Queue("new", "acme")})
    entries = {entry.cti_id: replace(entry, queues=(*entry.queues, "new")) for entry in new.agents.values()}
    found["a queue is new, and all serve it"] = house.tell(facts.ConfigurationChanged(replace(new, agents=entries)))
    return found


def _each_ready(house: _House, cti_ids: Sequence[str]) -> float:
    """The median: those who become ready after a rest."""
    took = []
    for cti_id in cti_ids:
        house.tell(commands.SetStatus(cti_id, "rest", None))
        took.append(house.tell(commands.SetStatus(cti_id, "ready", None)))
    return median(took)


def _of_calls(house: _House) -> dict[str, float]:
    found = {}
    node = house.nodes[0]
    house.call(node, CALLS)
    found["their PBX is lost"] = house.tell(facts.NodeLost(node))
    found["it is back"] = house.tell(house.seen(node))
    found["a list that says the same"] = house.tell(house.seen(node))
    found["a stall"] = house.tell(facts.Stalled(5.0))
    found["a clock that was set"] = house.tell(facts.ClockMoved(60.0, house._now + 60.0))
    house._now += 60.0
    found["what that changed, encoded"] = house.encode()
    floor = house.center.floor
    kept = Kept([*floor.agents.values(), *floor.calls.values(), *floor.nodes.values()])
    house.center = CallCenter(house.directory, Ids(random_bytes))
    gc.disable()
    begun = time.process_time()
    house.center.take_up(kept, house._now)
    found["a checkpoint is taken up"] = time.process_time() - begun
    gc.enable()
    found["the first list after that"] = house.tell(house.seen(node))
    policy = replace(house.directory, policy=Policy(default_status="rest", after_call="ready"))
    found["another policy"] = house.tell(facts.ConfigurationChanged(policy))
    return found


# ------------------------------------------------------------------------------- two trees side by side


def _run(tree: Path, sizes: Sequence[int]) -> dict[str, float]:
    command = [sys.executable, __file__, *map(str, sizes), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _side_by_side(trees: Sequence[Path], sizes: Sequence[int], rounds: int) -> list[dict[str, float]]:
    """The medians of each."""
    runs: list[list[dict[str, float]]] = [[] for _ in trees]
    for _ in range(rounds):
        for tree, found in zip(trees, runs, strict=True):
            found.append(_run(tree, sizes))
    return [{what: median(run[what] for run in found) for what in found[0]} for found in runs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agents", type=int, nargs="?", default=AGENTS)
    parser.add_argument("nodes", type=int, nargs="?", default=NODES)
    parser.add_argument("--against", type=Path, metavar="TREE", help="another source tree")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sizes = (asked.agents, asked.nodes)
    if asked.json:
        json.dump(measure(*sizes), sys.stdout)
        return
    here = Path(__file__).resolve().parents[1]
    found = _side_by_side([here, asked.against] if asked.against else [here], sizes, asked.rounds)
    for what, took_ms in found[0].items():
        other = f"   there {found[1][what]:9.3f} ms: {took_ms / found[1][what]:.3f}" if len(found) > 1 else ""
        print(f"{took_ms:9.3f} ms{other}   {what}")  # noqa: T201


if __name__ == "__main__":
    main()
