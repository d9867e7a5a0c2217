"""Random days at the call centre against the model Asterisk (design 10): whatever happens, in whatever order, the
invariants hold after every fact, and in the end everybody is served and nothing is left.

Every run follows from its seed alone. `make soak` runs many more.
"""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.world import World

REACHED = {
    "called in": 10,
    "offer made": 10,
    "offer answered": 3,
    "offer missed": 4,
    "offer declined": 0.7,
    "offer unreachable": 0.2,
    "offer withdrawn": 0.6,
    "offer caller_left": 0.8,
    "event accepted": 0.8,
    "event longest_wait_reached": 0.5,
    "outcome completed": 3,
    "outcome abandoned_waiting": 1,
    "outcome abandoned_ringing": 0.8,
    "outcome queue_timeout": 0.5,
    "outcome node_lost": 0.6,
    "outcome service_off": 1,
    "outcome unknown_number": 1,
    "served in the end": 2,
    "quiet": 2,
    "restart": 0.5,
    "PBX restart": 0.2,
    "disconnect": 1,
    "connect": 2,
    "fault armed": 2,
    "refused offer_over": 0.5,
    "refused answer_on_phone": 0.4,
    "refused not_allowed_now": 0.5,
    "refused pbx_unavailable": 0.02,
}
"""How often a run of 300 steps must reach it at least, on average: a core that never offers must not pass."""


def run(seed: int, steps: int) -> Counter[str]:
    """Raises AssertionError, with the seed, when an invariant does not hold."""
    world = World(Random(seed))
    try:
        for _ in range(steps):
            world.step()
        world.settle()
    except Exception as failure:
        failure.add_note(f"World(Random({seed})), {steps} steps")
        raise
    return world.reached


def reached_enough(reached: Counter[str], runs: int) -> None:
    missing = {what: reached[what] for what, least in REACHED.items() if reached[what] < least * runs}
    assert not missing, f"hardly ever reached in {runs} runs: {missing}"


def test_whatever_happens_the_invariants_hold_and_in_the_end_everybody_is_served() -> None:
    reached: Counter[str] = Counter()
    for seed in range(100):
        reached += run(seed, 300)
    reached_enough(reached, 100)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.randoms(use_true_random=False))
def test_hypothesis_finds_no_day_that_breaks_an_invariant(rng: Random) -> None:
    """The same days with hypothesis as the source of chance: what it finds, it makes small."""
    world = World(rng)
    for _ in range(60):
        world.step()
    world.settle()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(10_000, 20_000, 500))
def test_many_long_days_hold_the_invariants(first: int) -> None:
    reached: Counter[str] = Counter()
    for seed in range(first, first + 500):
        reached += run(seed, 600)
    reached_enough(reached, 500)
