"""What each test proves of the steps of scenarios, on the real Asterisk: by what is heard, or by the rows.

``tests/unit/test_proofs.py`` compares with the exits that steps have. The table:
``python -c "from tests.acceptance.proofs import table; print(*table().items(), sep='\\n')"``
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

_Test = TypeVar("_Test", bound=Callable[..., Any])
Exit = tuple[str, str]
"""(the ``do`` of a step, one of its exits). KEY is any key of the caller, CASE any value or word."""
KEY, CASE = "key", "case"


def proves(do: str, *exits: str) -> Callable[[_Test], _Test]:
    """Mark a test that shows the step being left by these exits."""
    return lambda test: test


def table() -> dict[Exit, list[str]]:
    """The tests that prove each exit, as file::name. Read from the text, for to import them costs a second."""
    found: dict[Exit, list[str]] = {}
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        for exit_, test in _marks(ast.parse(file.read_text())):
            found.setdefault(exit_, []).append(f"{file.name}::{test}")
    return found


def _marks(module: ast.Module) -> Iterator[tuple[Exit, str]]:
    for test in (one for one in module.body if isinstance(one, ast.AsyncFunctionDef)):
        for mark in test.decorator_list:
            if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == proves.__name__:
                do, *exits = (_value(word) for word in mark.args)
                yield from (((do, exit_), test.name) for exit_ in exits)


def _value(word: ast.expr) -> str:
    if isinstance(word, ast.Name):
        return {"KEY": KEY, "CASE": CASE}[word.id]
    return str(ast.literal_eval(word))
