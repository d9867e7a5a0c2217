"""What operators read is held to the code: placeholders, metrics, events and exit codes are those that exist."""

import re
from pathlib import Path

from cti_bridge.exit_codes import ExitCode

REPOSITORY = Path(__file__).parents[2]
OPERATING = (REPOSITORY / "docs" / "operating.md").read_text()
SOURCE = "\n".join(path.read_text() for path in (REPOSITORY / "cti_bridge").rglob("*.py"))


def section(heading: str) -> str:
    return OPERATING.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    return [line.split("|")[1] for line in text.splitlines() if line.startswith("|")][2:]


def test_every_placeholder_of_the_pbx_files_has_a_row_and_no_other_has() -> None:
    readme = (REPOSITORY / "asterisk" / "README.md").read_text()
    table = readme.partition("\n### What to fill in\n")[2].partition("\n## ")[0]
    templates = (REPOSITORY / "asterisk" / "etc" / "cti").glob("*.conf.in")
    wanted = {name for path in templates for name in re.findall(r"\$\{(\w+)\}", path.read_text())}
    assert {name for cell in first_cells(table) for name in re.findall(r"\$\{(\w+)\}", cell)} == wanted


def test_every_metric_that_is_named_exists() -> None:
    named = {
        re.sub("_(total|bucket|count)$", "", name)
        for name in re.findall(r"\bcti_[a-z]+_?[a-z_]*", section("Metrics to alert on"))
    }
    assert len(named) > 8
    assert [name for name in named if f'"{name}"' not in SOURCE] == []


def test_every_log_event_that_is_named_exists() -> None:
    named = {name for cell in first_cells(section("Log")) for name in re.findall(r"`(\w+)`", cell)}
    assert len(named) > 12
    assert [name for name in named if f'"{name}"' not in SOURCE] == []


def test_every_exit_code_has_a_row() -> None:
    assert [int(cell) for cell in first_cells(section("Exit codes"))] == [code.value for code in ExitCode]


def test_every_problem_that_is_named_is_one_that_the_bridge_says() -> None:
    said = [cell.partition(": ")[2] for cell in first_cells(section("/readyz"))]
    phrases = {phrase.strip(" …") for text in said for phrase in text.split(" · ")}
    assert len(phrases) > 7
    assert [phrase for phrase in phrases if phrase not in SOURCE] == []
