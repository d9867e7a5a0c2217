"""What a text names is there: requirements, and files of the repository."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = frozenset(re.findall(r"^\| ([A-F]\d) \|", (ROOT / "docs/requirements.md").read_text(), re.MULTILINE))
NAMED = re.compile(r"requirements?\s+([A-F]\d(?:(?:,\s+| to | and )[A-F]\d)*)")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOLDERS = ("cti_bridge", "tickets", "tests", "asterisk", "edge", "config", "docs", "benchmarks")
FILES = [f"/{path.relative_to(ROOT)}" for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
FILES += [f"/{path.name}" for path in ROOT.glob("*.md")]


def named_requirements() -> Iterator[tuple[str, str]]:
    for folder in ("cti_bridge", "tickets", "tests", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md"):
                for found in NAMED.findall(path.read_text()):
                    yield from ((str(path.relative_to(ROOT)), number) for number in re.findall(r"[A-F]\d", found))


def test_given_a_requirement_that_code_tests_or_docs_name_then_it_is_written_down() -> None:
    named = list(named_requirements())
    assert len({number for _, number in named}) > 15
    assert [(path, number) for path, number in named if number not in REQUIREMENTS] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_given_a_file_that_a_page_names_then_it_is_there(page: Path) -> None:
    named = set(re.findall(r"[`(]([\w./-]+\.(?:py|md|js|sql|toml|conf|service))[`)]", page.read_text()))
    assert [
        name for name in sorted(named) if not any(file.endswith((f"/{name}", f"/{name}.in")) for file in FILES)
    ] == []
