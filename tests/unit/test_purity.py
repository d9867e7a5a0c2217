"""Imports point inwards, and the core is pure: it awaits nothing, reads no clock and no chance, logs
nothing, and opens nothing."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cti_bridge.domain

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "cti_bridge").rglob("*.py"))
CORE = ROOT / "cti_bridge/domain"
DOMAIN = sorted(CORE.rglob("*.py"))
TICKETS = sorted((ROOT / "tickets").rglob("*.py"))
WORLDLY = {
    "asyncio", "concurrent", "io", "logging", "multiprocessing", "os", "pathlib", "queue", "random", "secrets",
    "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib", "warnings",
}  # fmt: skip
"""Of the standard library, what reaches outside the process, or gives another answer each time."""
STRUCTS = {"msgspec.Struct", "msgspec.field"}
"""What calls, rows and facts are made of (docs/decisions/0095). Nothing is encoded in the core."""
BUILTINS = {"breakpoint", "eval", "exec", "globals", "input", "open", "print", "__import__"}
CLOCKS = {"now", "today", "utcnow", "uuid1", "uuid4", "uuid7", "urandom"}
LAYERS = ("api", "ari", "storage", "local", "lookup")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (
                (f"msgspec.{name.name}" for name in node.names) if node.module == "msgspec" else [node.module or ""]
            )


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_the_domain_imports_the_standard_library_itself_and_structs_and_nothing_worldly(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        ours = name == "cti_bridge.domain" or name.startswith("cti_bridge.domain.") or name in STRUCTS
        assert ours or (top in sys.stdlib_module_names and top not in WORLDLY), name


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_the_domain_awaits_nothing_and_asks_no_clock_and_no_chance(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Global)
        if isinstance(node, ast.Call):
            called = node.func
            assert not (isinstance(called, ast.Name) and called.id in BUILTINS), ast.unparse(node)
            assert not (isinstance(called, ast.Attribute) and called.attr in CLOCKS), ast.unparse(node)


FOLDERS = re.findall(r"^    ([a-z]+) {2,}", cti_bridge.domain.__doc__ or "", re.MULTILINE)
"""In the order of the map."""


def test_every_folder_of_the_core_is_in_the_map_and_says_what_it_is() -> None:
    there = [path.name for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert sorted(FOLDERS) == sorted(there)
    assert {path.name for path in CORE.glob("*.py")} == {"__init__.py", "call_center.py"}
    for folder in FOLDERS:
        words = ast.get_docstring(ast.parse((CORE / folder / "__init__.py").read_text())) or ""
        assert [name for path in (CORE / folder).glob("[a-z]*.py") if (name := path.stem) not in words] == []


@pytest.mark.parametrize("path", [path for path in DOMAIN if path.parent != CORE], ids=name_of)
def test_a_folder_of_the_core_uses_those_above_it_in_the_map(path: Path) -> None:
    below = FOLDERS[FOLDERS.index(path.parent.name) + 1 :]
    wrong = [name for name in imports(path) if name.startswith("cti_bridge.domain.") and name.split(".")[2] in below]
    assert not wrong
    assert "cti_bridge.domain.call_center" not in list(imports(path))


@pytest.mark.parametrize("path", TICKETS, ids=name_of)
def test_tickets_know_nothing_of_the_bridge(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] == "cti_bridge"]


@pytest.mark.parametrize("layer", LAYERS)
def test_an_adapter_imports_no_other_adapter_and_not_what_puts_them_together(layer: str) -> None:
    others = [f"cti_bridge.{name}" for name in (*LAYERS, "app", "__main__") if name != layer]
    for path in (ROOT / "cti_bridge" / layer).rglob("*.py"):
        if path.name == "__main__.py":
            continue  # An entry point of its own puts things together.
        wrong = [name for name in imports(path) if any(name == o or name.startswith(f"{o}.") for o in others)]
        assert not wrong, f"{name_of(path)} imports {wrong}"


def test_the_modules_are_there() -> None:
    assert len(DOMAIN) > 15 and len(TICKETS) > 3 and len(MODULES) > 40
