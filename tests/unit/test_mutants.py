"""Tests that cannot fail prove nothing: the core is broken on purpose, and each break must be found."""

import pytest

from tests.support.mutants import MUTANTS, Mutant, finders


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_core_is_found(mutant: Mutant) -> None:
    assert finders(mutant), f"{mutant.name} lived"
