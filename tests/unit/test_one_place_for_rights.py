"""Roles and rights are looked at in one place (decision 0072)."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nobody_else_looks_at_a_role_or_a_right() -> None:
    """A second place that decides would be forgotten when the rule changes."""
    asking = re.compile(r"\b\w*(entry|agent|person)\.(role|rights|supervises)\b|share_a_service\(")
    found = {
        str(path.relative_to(ROOT)) for path in (ROOT / "cti_bridge").rglob("*.py") if asking.search(path.read_text())
    }
    assert found == {
        "cti_bridge/config/directory.py",
        "cti_bridge/domain/model/directory.py",
        "cti_bridge/domain/rights/asker.py",
    }
