"""The intervals of an agent in calls, compared with what the agent's phone did."""

from __future__ import annotations

import contextlib
from itertools import pairwise
from typing import Any

from tests.acceptance.truth import Comparison, TrueChange
from tests.support.rows import Row, Rows, eventually

LABELS = {
    "talking": "talking",
    "warning": "talking",
    "on_hold": "on_hold",
    "dialing_agent": "dialing",
    "dialing_customer": "dialing",
    "consult_ringing": "consulting",
    "consult_talking": "consulting",
    "consult_alone": "consulting",
    "agent_lost": "reconnecting",
}
"""The agent's state by the call's."""

JOINING_S = 0.3

Part = tuple[str, int | None, object, object]
"""State, call, beginning and end."""


async def compare_intervals(rows: Rows, cti_id: str, truth: list[TrueChange], ids: dict[int, str]) -> list[str]:
    """Compare the stretches of the agent in calls. Return what is wrong."""
    numbers = {call_id: number for number, call_id in ids.items()}
    expected: list[Part] = [
        (change.to, change.call, change.at, after.at)
        for change, after in pairwise(truth)
        if change.to in LABELS.values()
    ]
    with contextlib.suppress(AssertionError):
        await eventually(lambda: _of(rows, cti_id, list(ids.values())), lambda it: len(it) >= len(expected), 2.0)
    found, parts = Comparison(), _joined(await _of(rows, cti_id, list(ids.values())))
    told = [(label, numbers.get(call_id)) for label, call_id, _, _ in parts]
    found.same(f"{cti_id} intervals", told, [(label, call) for label, call, _, _ in expected])
    for (label, _, at, till), (_, call, true_at, true_till) in zip(parts, expected, strict=False):
        found.near(f"{cti_id} {label} in call {call} at", at, true_at)  # type: ignore[arg-type]
        found.near(f"{cti_id} {label} in call {call} till", till, true_till)  # type: ignore[arg-type]
    return found.wrong


async def _of(rows: Rows, cti_id: str, call_ids: list[str]) -> list[Row]:
    query = "select * from cti.call_interval where cti_id = $1 and call_id = any($2::uuid[]) order by at, seq"
    return await rows.fetch(query, cti_id, call_ids)


def _adjoin(till: Any, at: Any) -> bool:
    """A consulted agent who gets the call is in no interval for the moment in which the customer joins."""
    return bool((at - till).total_seconds() < JOINING_S)


def _joined(rows: list[Row]) -> list[tuple[str, str, object, object]]:
    """One state of the agent may be several of the call."""
    parts: list[tuple[str, str, object, object]] = []
    for row in rows:
        label = "talking" if row["role"] == "target" else LABELS[row["stage"]]
        call_id, at, till = str(row["call_id"]), row["at"], row["till"]
        if parts and parts[-1][:2] == (label, call_id) and _adjoin(parts[-1][3], at):
            parts[-1] = (label, call_id, parts[-1][2], till)
        else:
            parts.append((label, call_id, at, till))
    return parts
