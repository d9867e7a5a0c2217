"""Random days with two PBXs behind an edge, which reach every phone both, and lose the edge now and then: whatever
happens, in whatever order, the invariants hold, the first who waits is served by whom it may be, and all are in the
end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from cti_bridge.domain.model.directory import Directory
from tests.support.sweeps import sweep
from tests.unit.floor import NODE
from tests.unit.model_asterisk import EDGE, ModelAsterisk
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin, step
from tests.unit.simulation.world import World

TWO = (NODE, "second")


def behind_edge(plain: Directory) -> Directory:
    return replace(plain, edge=EDGE)


class Edge:
    """The edge of a day. ``rng`` is its own, so that the day is as it would be without it."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world, self.rng = world, rng
        self.registered: set[str] = set()
        self.is_there = True
        for pbx in world.pbxs:
            self.registered |= {number for number, there in pbx.phones.items() if there}
        self._told_everywhere()

    def may_fail(self) -> None:
        """Now and then it goes, or comes back."""
        if self.rng.random() < (0.01 if self.is_there else 0.06):
            self.world.reached["edge gone" if self.is_there else "edge back"] += 1
            if self.is_there:
                self.registered = {number for number, there in self.world.pbxs[0].phones.items() if there}
            self.is_there = not self.is_there
            self._told_everywhere()

    def back(self) -> None:
        if not self.is_there:
            self.is_there = True
            self._told_everywhere()

    def _told_everywhere(self) -> None:
        """Each PBX says so, and of each phone; in any order, for each looks when it likes."""
        for pbx in self.world.pbxs:
            told = [EDGE, *sorted(self.registered)]
            self.rng.shuffle(told)
            for name in told:
                _tell(pbx, name, self.is_there)


def _tell(pbx: ModelAsterisk, name: str, there: bool) -> None:
    if name == EDGE:
        pbx.see_edge(there)
    else:
        pbx.register(name, there)


def run(seed: int, steps: int) -> Counter[str]:
    """Raises AssertionError, with the seed, when an invariant does not hold."""
    world = begin(Random(seed), nodes=TWO, house=behind_edge)
    edge = Edge(world, Random(seed))
    try:
        for _ in range(steps):
            edge.may_fail()
            step(world)
        edge.back()
        settle(world)
    except Exception as failure:
        failure.add_note(f"run({seed}, {steps})")
        raise
    return world.reached


@sweep("days", range(4, 16), range(4, 100))
def test_days_with_an_edge_that_comes_and_goes(days: Iterable[int]) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        reached += run(seed, 400)
    missing = [
        what
        for what in ("edge gone", "edge back", "offer answered", "event transferred", "served in the end", "restart")
        if not reached[what]
    ]
    assert not missing
