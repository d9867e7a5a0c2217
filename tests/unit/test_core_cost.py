"""The cost of a plain call in the core, in bytecodes: what a slower machine, or a busy one, does not change.

It is no measurement: ``docs/benchmark.md`` has those. It only sees that the cost grows, when it does. Who needs more
for a good reason raises the limit.
"""

import dis
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import EnumMeta
from types import CodeType, FrameType
from typing import Any

import pytest

from benchmarks.core import _Run

CALLS = 10
MOST_BYTECODES = 17_600
"""A call took 17,200 when this was written; 1,200 of them count it in the figures of today."""
MOST_MEMBERS = 5
"""The members of enumerations that a call looks up in their classes. There were none when this was written."""

pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="Each version of Python has its own bytecodes.")


def test_given_a_plain_call_then_the_core_needs_no_more_than_it_did() -> None:
    run = _Run(10)
    run.calls(50)
    with _counted() as (bytecodes, members):
        run.calls(CALLS)
    assert bytecodes.total() / CALLS < MOST_BYTECODES, bytecodes.most_common(20)
    assert members.total() / CALLS < MOST_MEMBERS, (
        "Name members that each call looks up at the top of the file (cti_bridge/domain/__init__.py):",
        members.most_common(20),
    )


@contextmanager
def _counted() -> Iterator[tuple[Counter[str], Counter[str]]]:
    """Count what runs within: bytecodes by function, and members that are looked up in their classes."""
    bytecodes, members = Counter[str](), Counter[str]()
    lookups: dict[CodeType, dict[int, str]] = {}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if event == "call":
            frame.f_trace_opcodes = True
            if code not in lookups:
                lookups[code] = _lookups(code, frame.f_globals)
        elif event == "opcode":
            bytecodes[code.co_qualname] += 1
            if (member := lookups[code].get(frame.f_lasti)) is not None:
                members[f"{code.co_qualname}: {member}"] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield bytecodes, members
    finally:
        sys.settrace(before)


def _lookups(code: CodeType, names: dict[str, Any]) -> dict[int, str]:
    """Return where the code looks a member up in its class, by the place of the bytecode."""
    found, of = {}, None
    for each in dis.get_instructions(code):
        if each.opname == "LOAD_ATTR" and of is not None:
            found[each.offset] = f"{of}.{each.argval}"
        is_class = each.opname == "LOAD_GLOBAL" and isinstance(names.get(each.argval), EnumMeta)
        of = each.argval if is_class else None
    return found
