"""The drawn states are those of the tables."""

from pathlib import Path

from tests.unit.simulation.transitions import diagrams

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_states_is_up_to_date() -> None:
    assert (DOCS / "states.md").read_text() == diagrams().page(), "run make diagrams"
