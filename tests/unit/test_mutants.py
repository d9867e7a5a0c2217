"""Tests that cannot fail prove nothing: the core is broken on purpose, and each break must be found."""

import pytest

from tests.support.mutants import MUTANTS, Mutant, broken, finders


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_given_a_mutant_then_the_line_that_it_breaks_is_still_in_the_code(mutant: Mutant) -> None:
    assert broken(mutant)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_core_is_found(mutant: Mutant) -> None:
    assert finders(mutant, first=True), f"{mutant.name} lived"
