"""Random days with a supervisor who acts on agents and calls (requirement L3): the invariants hold after every act, and
in the end everybody is served. They have days of their own, so that the other days keep their chances."""

from collections import Counter
from random import Random

from tests.support.sweeps import sweep
from tests.unit.simulation.commands import supervise
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin, step

ACTS = ("EndCall", "EndSession", "MoveCall", "SetAgentStatus")


@sweep("days", range(8), range(60))
def test_whatever_a_supervisor_does_the_invariants_hold_and_everybody_is_served(days: range) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        world = begin(Random(seed))
        try:
            for _ in range(300):
                step(world)
                if world.rng.random() < 0.05:
                    supervise(world)
            settle(world)
        except Exception as failure:
            failure.add_note(f"begin(Random({seed})), with a supervisor")
            raise
        reached += world.reached
    acts = {act: reached[f"supervisor: {act}"] for act in ACTS}
    assert min(acts.values()) >= len(days) / 4, acts
