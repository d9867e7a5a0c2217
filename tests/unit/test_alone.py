"""What fails beside other tests is tried alone, and only that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.alone import FEW, may_be_busy

ROOT = Path(__file__).parents[2]
BESIDE = """import os

def test_one():
    assert "PYTEST_XDIST_WORKER" not in os.environ, "late"

def test_other():
    pass
"""
BROKEN = """def test_one():
    assert not "a fault"

def test_other():
    pass
"""


@pytest.mark.parametrize(
    ("nodeids", "may"),
    [
        ([], False),
        (["tests/pair/test_take_over.py::test_x"], True),
        (["tests/panel/live/test_x.py::test_x[a/b]", "tests/acceptance/test_y.py::test_y"], True),
        ([f"tests/panel/test_x.py::test_{number}" for number in range(FEW)], True),
        ([f"tests/panel/test_x.py::test_{number}" for number in range(FEW + 1)], False),
        (["tests/unit/test_x.py::test_x"], False),
        (["tests/panel/test_x.py::test_x", "tests/integration/test_x.py::test_x"], True),
        (["tests/panel/test_x.py::test_x", "tests/unit/test_x.py::test_x"], False),
        (["tests/test_style.py::test_x"], False),
    ],
)
def test_only_a_few_that_measure_times_are_tried_alone(nodeids: list[str], may: bool) -> None:
    assert may_be_busy(nodeids) is may


@pytest.mark.parametrize(
    ("package", "text", "code", "last"),
    [
        ("pair", BESIDE, 0, "2 passed, 0 failed"),
        ("pair", BROKEN, 1, "1 passed, 1 failed"),
        ("unit", BESIDE, 1, "1 passed, 1 failed"),
    ],
)
def test_a_fault_fails_again_and_one_that_passes_alone_is_told(
    tmp_path: Path, package: str, text: str, code: int, last: str
) -> None:
    folder = tmp_path / "tests" / package
    folder.mkdir(parents=True)
    (folder / "test_sample.py").write_text(text)
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_configure\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "1", "--dist", "load"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stdout
    assert ran.stdout.splitlines()[-1] == last
    assert ("passed alone: tests/pair/test_sample.py::test_one" in ran.stdout) == (code == 0)
    assert ("tried alone" in ran.stdout) == (package == "pair")
