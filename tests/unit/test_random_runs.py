"""Random days at the call centre against the model Asterisk: whatever happens, in whatever order, the
invariants hold after every fact, and in the end everybody is served and nothing is left.

Every run follows from its seed alone. `make soak` runs many more.
"""

from collections import Counter
from collections.abc import Iterable
from math import sqrt
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.sweeps import sweep
from tests.unit.floor import NODE
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin, step
from tests.unit.simulation.transitions import DRAWN

REACHED = {
    "called in": 10,
    "figures compared": 100,
    "offer made": 10,
    "offer answered": 3,
    "offer missed": 4,
    "offer declined": 0.5,
    "offer unreachable": 0.2,
    "offer withdrawn": 0.6,
    "offer caller_left": 0.4,
    "told position": 2,
    "told wait": 0.3,
    "event accepted": 0.8,
    "event longest_wait_reached": 0.5,
    "outcome completed": 3,
    "outcome abandoned_waiting": 0.7,
    "outcome abandoned_ringing": 0.4,
    "outcome agent_no_answer": 0.3,
    "outcome cancelled": 0.3,
    "outcome force_disconnected": 0.3,
    "outcome no_answer": 0.15,
    "outcome rejected": 0.01,
    "event dial": 1.5,
    "event digits": 0.3,
    "event warned": 0.2,
    "event warning_stopped": 0.01,
    "event held": 0.6,
    "event resumed": 0.2,
    "hold key of the agent in connecting": 0.1,
    "hold key of the agent in dialing_customer": 0.1,
    "hold key of the agent in consult_ringing": 0.1,
    "hold key of the agent in consult_talking": 0.03,
    "hold key of the target in consult_talking": 0.01,
    "event consult": 0.6,
    "event consult_cancelled": 0.04,
    "event swapped": 0.05,
    "state consult_swapped": 0.05,
    "hold key of the agent in consult_swapped": 0.01,
    "event joined": 0.05,
    "event taken_out": 0.01,
    "state three_together": 0.05,
    "hold key of the agent in three_together": 0.005,
    "hold key of the target in three_together": 0.005,
    "state internal_ringing": 0.04,
    "state internal_talking": 0.02,
    "state internal_on_hold": 0.005,
    "state internal_held": 0.005,
    "event target_answered": 0.45,
    "event target_gone": 0.4,
    "event transfer": 0.45,
    "event transferred": 0.3,
    "event returned": 0.3,
    "event agent_lost": 0.15,
    "event agent_back": 0.08,
    "on_hold behind agent_lost": 0.01,
    "page gone": 1,
    "event customer_left": 0.02,
    "keypad": 1.5,
    "key": 3,
    "outcome scenario_done": 0.05,
    "ask left by next": 0.1,
    "pin left by next": 0.08,
    "look left by found": 0.01,
    "look left by none": 0.01,
    "look left by error": 0.05,
    "gold left by next": 0.02,
    "who left by vip": 0.02,
    "full left by 1": 0.03,
    "event last_agent": 0.5,
    "kept for the last agent": 0.5,
    "outcome voicemail": 0.05,
    "event message_left": 0.05,
    "outcome callback_registered": 0.02,
    "sent on": 0.05,
    "old left by next": 0.03,
    "old left by sales": 0.02,
    "outcome transferred_out": 0.02,
    "duty left by answered": 0.03,
    "duty left by failed": 0.05,
    "colleague left by answered": 0.01,
    "colleague left by failed": 0.02,
    "call-me left by next": 0.05,
    "call-me left by otherwise": 0.05,
    "message spoken": 0.03,
    "message stored": 0.04,
    "cause recalled": 0.1,
    "cause connected": 0.06,
    "cause consult_failed": 0.15,
    "state dialing_customer": 0.2,
    "state consult_talking": 0.2,
    "state consult_alone": 0.02,
    "state joining": 0.4,
    "state transfer_ringing": 0.4,
    "state transferred": 0.2,
    "outcome blocked": 0.01,
    "outcome queue_timeout": 0.5,
    "outcome node_lost": 0.6,
    "outcome service_off": 1,
    "outcome unknown_number": 1,
    "served in the end": 1.6,
    "quiet": 2,
    "restart": 0.5,
    "configuration changed": 2,
    "event moved": 0.3,
    "PBX restart": 0.2,
    "disconnect": 1,
    "connect": 2,
    "stall of 5 s": 0.1,
    "stall of 30 s": 0.1,
    "clock set back": 0.15,
    "clock set forward": 0.15,
    "restart under another clock": 0.1,
    "fault armed": 2,
    "refused offer_over": 0.5,
    "refused answer_on_phone": 0.4,
    "refused not_allowed_now": 0.5,
    "refused pbx_unavailable": 0.02,
    "refused call_changed": 0.5,
    "refused resume_on_phone": 0.05,
    "refused target_is_self": 0.1,
    "refused target_not_ready": 0.3,
    "refused invalid_number": 0.1,
    "refused number_not_allowed": 0.03,
    "refused calling_number_not_confirmed": 0.05,
}
"""How often a run of 300 steps must reach it at least, on average: a core that never offers must not pass."""


MANY = 100
"""So many days must reach all."""
FEW = 3
"""The most moves of agents that fewer days may miss beside rare ones."""
RARE = {
    ("consulting", "reconnecting"),
    ("dialing", "reconnecting"),
    ("reconnecting", "consulting"),
    ("reconnecting", "dialing"),
}
"""Moves of agents that a hundred days may miss."""
TWO = (NODE, "second")
FOUR = (*TWO, "third", "fourth")
FOR_TWO = (
    "offer answered",
    "offer unreachable",
    "event target_answered",
    "event transferred",
    "event returned",
    "cause recalled",
    "outcome node_lost",
    "served in the end",
    "restart",
    "refused target_not_ready",
)


def run(seed: int, steps: int, nodes: tuple[str, ...] = (NODE,)) -> Counter[str]:
    """Raises AssertionError, with the seed, when an invariant does not hold."""
    world = begin(Random(seed), nodes=nodes)
    try:
        for _ in range(steps):
            step(world)
        settle(world)
    except Exception as failure:
        failure.add_note(f"begin(Random({seed}), nodes={nodes}), {steps} steps")
        raise
    return world.reached


def reached_enough(reached: Counter[str], runs: int) -> None:
    """Raises AssertionError. Chance plays anew at every change of the core: it may leave three standard deviations less
    than what is to be expected (Poisson), and of a few runs half."""
    share = 1.0 if runs >= MANY else 0.5
    expected = {what: least * runs for what, least in REACHED.items()}
    least = {what: int(min(share * mean, mean - 3 * sqrt(mean))) for what, mean in expected.items()}
    missing = {what: reached[what] for what in REACHED if reached[what] < least[what]}
    assert not missing, f"hardly ever reached in {runs} runs: {missing}"


def reached_by_several(reached: Counter[str]) -> None:
    """Raises AssertionError when more than one of the rare things is missing."""
    few = {what for what in FOR_TWO if not reached[what]}
    assert len(few) <= 1, f"never reached: {few}"


@sweep("days", range(100, 125), range(100, 200))
def test_whatever_happens_the_invariants_hold_and_in_the_end_everybody_is_served(days: range) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        reached += run(seed, 440)
    reached_enough(reached, len(days))
    unseen = {move for move in DRAWN if not reached[f"agent {' to '.join(move)}"]}
    missing = unseen - RARE
    assert len(missing) <= (0 if len(days) >= MANY else FEW), f"docs/states.md draws what never happens: {missing}"


@sweep("days", range(22, 34), range(40))
def test_the_same_with_two_pbxs_between_which_phones_move(days: range) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        reached += run(seed, 400, TWO)
    reached_by_several(reached)


@sweep("days", [20, *range(50, 54), *range(60, 68)], range(20, 56))
def test_the_same_with_four_pbxs_several_of_which_reach_a_phone(days: Iterable[int]) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        reached += run(seed, 400, FOUR)
    reached_by_several(reached)


@sweep("days", 8, 200)
def test_hypothesis_finds_no_day_that_breaks_an_invariant(days: int) -> None:
    """The same days with hypothesis as the source of chance. With many, it makes small what it finds: that takes
    minutes."""
    phases = tuple(Phase) if days >= MANY else (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=days, deadline=None, derandomize=True, database=None, phases=phases)
    @given(st.randoms(use_true_random=False))
    def day(rng: Random) -> None:
        world = begin(rng)
        for _ in range(60):
            step(world)
        settle(world)

    day()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(10_000, 14_000, 200))
def test_many_long_days_hold_the_invariants(first: int) -> None:
    reached: Counter[str] = Counter()
    for seed in range(first, first + 200):
        reached += run(seed, 600)
    reached_enough(reached, 200)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(30_000, 32_000, 200))
def test_many_long_days_with_two_pbxs_hold_the_invariants(first: int) -> None:
    for seed in range(first, first + 200):
        run(seed, 600, TWO)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(40_000, 41_200, 200))
def test_many_long_days_with_four_pbxs_hold_the_invariants(first: int) -> None:
    for seed in range(first, first + 200):
        run(seed, 600, FOUR)
