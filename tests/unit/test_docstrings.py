"""Docstrings read from the front: the subject first, then what it does, in sentences of a length that one can hold."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("cti_bridge", "tickets") for path in (ROOT / folder).rglob("*.py"))
MOST_WORDS = 30

WITHOUT_SUBJECT = re.compile(
    r"(What|Who|Whom|Whose|Whoever|Whatever|Whichever|Which|Of|To whom|It|Its|They|Their)\b"
    r"|(Those|One|Some|All) (who|whom|whose|that|which|of)\b"
    r"|That (it|they|he|the|a|an|of|what|which|its|no|nobody|there)\b"
)
"""A relative clause, a genitive, or a pronoun that stands for what only the next lines name."""

PICTURE = re.compile(r"(^|\n) {2,}|\S {2,}\S|[├└→]")
"""A table, a tree or an example, which has no sentences."""


def docstrings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of modules, classes, functions and attributes, each with its line."""
    for inner in ast.walk(node):
        body = getattr(inner, "body", None)
        for statement in body if isinstance(body, list) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = statement.value.value
                if isinstance(text, str):
                    yield statement.lineno, inspect.cleandoc(text)


def sentences(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", re.sub(r"``[^`]*``", "X", text)):
        if not PICTURE.search(paragraph):
            yield from re.split(r"(?<=[.!?:;])\s+|(?:^|\s)- ", " ".join(paragraph.split()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_begin_with_their_subject_and_end_in_time(path: Path) -> None:
    found = list(docstrings(ast.parse(path.read_text())))
    assert [(line, text.splitlines()[0]) for line, text in found if WITHOUT_SUBJECT.match(text)] == []
    long = [(line, one) for line, text in found for one in sentences(text) if len(one.split()) > MOST_WORDS]
    assert long == []


@pytest.mark.parametrize(
    "text",
    ["What a call ended by.", "Of the queue.", "Who asks.", "Those that are due.", "It is over.", "One that waits."],
)
def test_a_docstring_without_a_subject_is_found(text: str) -> None:
    assert WITHOUT_SUBJECT.match(text)


@pytest.mark.parametrize("text", ["That offer is over.", "One Asterisk of one's own.", "The queue of the call."])
def test_a_docstring_with_a_subject_is_let_through(text: str) -> None:
    assert not WITHOUT_SUBJECT.match(text)
