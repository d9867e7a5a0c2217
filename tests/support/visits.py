"""A pytest plugin that notes which functions of the core each test goes through (``-p tests.support.visits``).

It writes ``{"TEST ID": [SECONDS, ["FILE:LINE", …]]}`` to the file that ``VISITS`` names: the functions by their first
line. A test that does not go through a broken function cannot find what is broken in it.
"""

import json
import os
import sys
import time
from collections.abc import Generator, Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

CORE = "cti_bridge/domain/"

_noted: dict[str, tuple[float, list[str]]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note the functions that are called."""
    codes: set[CodeType] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        codes.add(frame.f_code)  # It returns no tracer for the lines of the frame, so it is asked at calls alone.

    began = time.perf_counter()
    sys.settrace(note)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        _noted[item.nodeid] = time.perf_counter() - began, sorted(_places(codes))


def _places(codes: Iterable[CodeType]) -> Iterable[str]:
    """Return FILE:LINE of those of the core."""
    for code in codes:
        _, core, file = code.co_filename.partition(CORE)
        if core:
            yield f"{core}{file}:{code.co_firstlineno}"


def pytest_sessionfinish() -> None:
    """Write all of it."""
    Path(os.environ["VISITS"]).write_text(json.dumps(_noted))
