"""The package of tickets knows nothing of telephony."""

import ast
from pathlib import Path

import pytest

import tickets
from tickets.statements import load_statements

FILES = sorted(Path(tickets.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_tickets_import_nothing_of_the_bridge(file: Path) -> None:
    imported = {
        name
        for node in ast.walk(ast.parse(file.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not [name for name in imported if name.split(".")[0] == "cti_bridge"]


@pytest.mark.parametrize(("package", "name"), [("tickets", "tickets.sql"), ("cti_bridge.storage", "bridge.sql")])
def test_every_sql_block_is_named_and_described(package: str, name: str) -> None:
    blocks = load_statements(package, name)

    assert blocks
    assert all(block.startswith("-- ") for block in blocks.values())


def test_a_name_that_stands_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "twice_sql").mkdir()
    (tmp_path / "twice_sql" / "__init__.py").touch()
    (tmp_path / "twice_sql" / "x.sql").write_text("-- name: a\n-- A.\nselect 1\n-- name: a\n-- B.\nselect 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ValueError, match="stands twice"):
        load_statements("twice_sql", "x.sql")
