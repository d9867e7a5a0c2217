"""Style and types of the source, as `make lint` and `make types` look at them; here because they take a while."""

import os
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("target", ["types", "lint"])
def test_the_source_keeps_to(target: str) -> None:
    # What a make above says is for its own targets.
    environment = {name: text for name, text in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    seen = subprocess.run(["make", "-s", target], cwd=SOURCE, env=environment, capture_output=True, text=True)
    assert seen.returncode == 0, seen.stdout + seen.stderr
