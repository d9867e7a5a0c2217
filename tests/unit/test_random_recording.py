"""Random days of a house that records all conversations, with many consultations: nothing is in a stored file that the
customer did not hear (requirements K1, K2). They are days of their own, so that the other days keep their chances."""

from collections import Counter
from random import Random

from tests.support.sweeps import sweep
from tests.unit.simulation.commands import part_or_meet
from tests.unit.simulation.directory import all_recorded
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin, step

REACHED = {
    "conversation stored": 2.5,
    "segment talk": 3,
    "segment cut hold": 0.05,
    "segment erased consult": 0.4,
    "segment erased hold": 0.4,
    "deaf to a pause": 3,
    "file broke off": 0.3,
    "gap behind an order": 0.3,
    "state consult_talking": 0.8,
    "state consult_swapped": 0.25,
    "state three_together": 0.15,
}
"""How often a day must reach it at least, on average, of many days: of few half of that."""
MANY = 60


@sweep("days", range(24), range(MANY))
def test_whatever_happens_to_recorded_conversations_nothing_is_stored_that_the_customer_did_not_hear(
    days: range,
) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        world = begin(Random(seed), house=all_recorded)
        try:
            for _ in range(260):
                step(world)
                if world.rng.random() < 0.4:
                    part_or_meet(world)
            settle(world)
        except Exception as failure:
            failure.add_note(f"begin(Random({seed}), house=all_recorded)")
            raise
        reached += world.reached
    share = 1.0 if len(days) >= MANY else 0.5
    missing = {what: reached[what] for what, least in REACHED.items() if reached[what] < share * least * len(days)}
    assert not missing, f"hardly ever reached in {len(days)} days: {missing}"
