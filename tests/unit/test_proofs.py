"""Each step of a scenario, and each exit that it has, is shown by a test on the real Asterisk."""

from cti_bridge.config.check_scenarios import _EXITS, _LEADING, OF_STEP
from cti_bridge.domain.model.scenario import OF_QUEUES
from cti_bridge.trial.words import ANSWERS
from tests.acceptance.proofs import CASE, KEY, Exit, table

LEADING = {"keys": KEY, "cases": CASE}
ENDS = {"goto": "next", "hangup": "end"}
"""Steps that lead on, or end the call, without an exit of their own."""


def declared() -> set[Exit]:
    """What the configuration lets a step name, what a step answers, and what a queue names."""
    named = {(do, exit_) for do, (keys, _) in OF_STEP.items() for exit_ in keys if exit_ in _EXITS}
    named |= {(do, LEADING[key]) for do, (keys, _) in OF_STEP.items() for key in keys if key in _LEADING}
    named |= {(do, exit_) for do, answers in ANSWERS.items() for exit_ in answers.exits}
    return named | {("queue", str(exit_)) for exit_ in OF_QUEUES} | set(ENDS.items())


def test_every_step_has_an_exit_to_prove() -> None:
    assert {do for do, _ in declared()} == set(OF_STEP)


def test_every_exit_of_every_step_is_proved_on_the_real_asterisk() -> None:
    assert declared() - table().keys() == set()


def test_nothing_is_proved_that_is_no_exit() -> None:
    assert table().keys() - declared() == set()
