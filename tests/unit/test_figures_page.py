"""The page of figures has every column as the program defines it."""

import importlib.util
from pathlib import Path

from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.columns import Column
from cti_bridge.reports.formulas import Formula, service_level
from cti_bridge.reports.reading import _MAKERS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("figures", DOCS / "figures.py")
    assert spec is not None and spec.loader is not None
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    assert (DOCS / "figures.md").read_text() == figures.page(), "run make dictionary"


def test_every_report_is_made_and_every_column_defined() -> None:
    assert set(_MAKERS) == set(REPORTS)
    every = [column for report in REPORTS.values() for column in report.columns]
    assert [column for column in every if not (column.name and column.about.endswith("."))] == []
    for report in REPORTS.values():
        names = [column.name for column in report.columns]
        assert len(set(names)) == len(names)


def test_the_example_of_the_page_is_what_the_formulas_say() -> None:
    of = {
        "offered": 100,
        "answered": 70,
        "within": 56,
        "abandoned": 20,
        "abandoned_within": 12,
        "abandoned_short": 6,
        "turned_away": 4,
    }
    found = {formula: service_level(of, formula) for formula in Formula}
    assert list(found.values()) == [63.6, 80.0, 75.6, 56.0]
    text = (DOCS / "figures.md").read_text()
    assert "63.6, 80.0, 75.6 and 56.0" in text and all(f"`{formula}`" in text for formula in Formula)


def test_a_definition_may_go_over_several_lines() -> None:
    from cti_bridge.reports.columns import Kind, columns

    assert columns(Kind.COUNT, "\n    a: One\n      and more.\n    b: Two.\n") == (
        Column("a", Kind.COUNT, "One and more."),
        Column("b", Kind.COUNT, "Two."),
    )
