"""Who finds a core that is broken on purpose.

``python -m tests.support.mutation [NAME …]`` tries each mutant on a copy of the package and prints who found it: the
unit tests, the random runs, what only `make soak` goes through, or nobody. It ends with 1 when one lived.
"""

import ast
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.mutants import MUTANTS, RANDOM_RUNS, ROOT, SWEPT, UNIT_TESTS, Mutant, broken, file_of

Visits = dict[str, tuple[float, list[str]]]
"""By test, its seconds and the functions of the core that it goes through (:mod:`tests.support.visits`)."""
PACKAGE = "cti_bridge"
MOST_VISITORS = 150
"""The most tests that are asked first. All are asked behind them."""


def finders(mutant: Mutant, *, first: bool = False, visits: Visits | None = None) -> list[str]:
    """Who finds it: "unit" and "random", else "sweeps", or nobody; with ``first`` nobody else is asked once it is
    found. The tests that go through the broken functions are asked first, where ``visits`` knows them. Raises
    ValueError when its line is no more in the code."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        _copy_to(copy)
        (copy / file_of(mutant).relative_to(ROOT)).write_text(broken(mutant))
        quick = visitors(mutant, visits) if visits else []
        found = ["unit"] if (quick and _surely_fails(copy, quick)) or fails(copy, UNIT_TESTS) else []
        if not (first and found) and fails(copy, RANDOM_RUNS):
            found.append("random")
        if not found and fails(copy, SWEPT, "soak", "not many_long_days"):
            found.append("sweeps")
    return found


def _copy_to(copy: Path) -> None:
    """Copy what the core's tests need. Of the package all but the panel: what is not there comes from where the package
    is installed, and that may be another one."""
    shutil.copytree(ROOT / PACKAGE, copy / PACKAGE, ignore=shutil.ignore_patterns("__pycache__", "widget"))
    for name in ("tests/unit", "tests/checkpoints"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tests/support").mkdir()
    (copy / "docs").mkdir()
    for name in (
        "tests/__init__.py",
        "tests/support/__init__.py",
        "tests/support/sweeps.py",
        "tests/support/visits.py",
        "docs/diagrams.py",
        "pyproject.toml",
    ):
        shutil.copy(ROOT / name, copy / name)


# ------------------------------------------------------------------------------- who goes through what


def visits_in(directory: Path) -> Visits:
    """Return what the unit tests go through. The first process that asks makes it, and leaves it in the directory."""
    path, failed = directory / "visits.json", directory / "visits.failed"
    with (directory / "visits.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if failed.exists():
            raise RuntimeError(failed.read_text())
        if not path.exists():
            with tempfile.TemporaryDirectory() as copy:
                _copy_to(Path(copy))
                names = ["-p", "tests.support.visits", *UNIT_TESTS]
                done = _run(Path(copy), names, most_s=3000, VISITS=str(path))
                if done.returncode:
                    path.unlink(missing_ok=True)
                    said = "A unit test fails in the copy without any mutant, and would find all of them:\n"
                    failed.write_text(said + done.stdout[-4000:])
                    raise RuntimeError(failed.read_text())
    found: Visits = json.loads(path.read_text())
    return found


def visitors(mutant: Mutant, visits: Visits) -> list[str]:
    """Return the tests that go through the functions that the mutant breaks, the quickest first; none for a line that
    stands in no function."""
    path = file_of(mutant)
    text = path.read_text()
    file = str(path.relative_to(ROOT))
    spans = [span for found in re.finditer(re.escape(mutant.old), text) if (span := _function(text, found.start()))]
    touched = []
    for test, (took_s, places) in visits.items():
        lines = [int(line) for place in places if (line := place.removeprefix(f"{file}:")) != place]
        if any(first <= line <= last for line in lines for first, last in spans):
            touched.append((took_s, test))
    return [test for _, test in sorted(touched)[:MOST_VISITORS]]


def _function(text: str, at: int) -> tuple[int, int] | None:
    """Return the first and the last line of the innermost function that has the character ``at``."""
    line = text.count("\n", 0, at) + 1
    spans = [
        (min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]), node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    ]
    return max((span for span in spans if span[0] <= line <= span[1]), default=None)


_LACKS = re.compile("^E +(ModuleNotFound|Import|FileNotFound)Error", re.MULTILINE)
"""The copy lacks something: a module that cannot be collected so has found nothing."""


def _surely_fails(copy: Path, tests: Sequence[str]) -> bool:
    """Return whether one of them fails; not where they cannot be run, as when a mutant breaks what their names are
    made of."""
    try:
        return fails(copy, tests)
    except RuntimeError:
        return False


def fails(copy: Path, tests: Sequence[str], mark: str = "not soak", names: str = "") -> bool:
    """Return whether one of the tests fails. Raises RuntimeError when they cannot be run."""
    return _run(copy, tests, mark, names).returncode == 1


def _run(
    copy: Path, tests: Sequence[str], mark: str = "not soak", names: str = "", *, most_s: float = 600, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the tests; ``more`` goes into the environment. Raises RuntimeError when they cannot be run."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", mark, "-k", names, "-p", "no:cacheprovider", *tests]
    # The names of tests stand in the order of sets where these are their parameters.
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", **more}
    done = subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=most_s, check=False
    )
    if done.returncode not in (0, 1) or _LACKS.search(done.stdout):
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return done


def main(names: Sequence[str]) -> int:
    lived = 0
    for mutant in MUTANTS:
        if not names or mutant.name in names:
            found = finders(mutant)
            lived += not found
            sys.stdout.write(f"{mutant.name:32} {', '.join(found) or 'LIVED'}\n")
            sys.stdout.flush()
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
