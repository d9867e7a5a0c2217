"""Tests that cannot fail prove nothing: the core is broken on purpose, and each break must be found."""

import os

import pytest

from tests.support.mutants import MUTANTS, Mutant, broken
from tests.support.mutation import Visits, finders, visits_in


@pytest.fixture(scope="session")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    """What each unit test goes through, made once for all processes of the run."""
    own = tmp_path_factory.getbasetemp()
    return visits_in(own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_given_a_mutant_then_the_line_that_it_breaks_is_still_in_the_code(mutant: Mutant) -> None:
    assert broken(mutant)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_core_is_found(mutant: Mutant, visits: Visits) -> None:
    assert finders(mutant, first=True, visits=visits), f"{mutant.name} lived"
