"""The figures once more, slowly: from raw rows in memory, column by column, as ``docs/figures.md`` defines them.

Nothing is taken from the statements, nor from the code that makes rows of their sums. Each cell looks at all its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.support.slow_agents import SlowAgents
from tests.support.slow_calls import SlowCalls
from tests.support.slow_rows import Cells, Row, spans

TABLES = (
    "call",
    "queue_visit",
    "call_interval",
    "offer",
    "transfer",
    "agent_state_change",
    "login",
    "scenario_step",
    "call_event",
    "callback",
)


class Slow(SlowCalls, SlowAgents):
    """``rows`` has the rows of each of `TABLES`."""

    def of(self, report: str, since: datetime, till: datetime) -> tuple[dict[tuple[Any, ...], Cells], Cells]:
        """The cells by beginning and group, and those of the total."""
        make = {
            "all": self.every,
            "queue-handling": self.handling,
            "queue-waiting": self.waiting,
            "distribution": self.distribution,
            "agent-calls": self.agent_calls,
            "agent-states": self.agent_states,
            "agent-reasons": self.agent_reasons,
            "transfers": self.transfers,
            "scenario-exits": self.scenario_exits,
            "callbacks": self.callbacks,
        }[report]
        groups = sorted(self.groups(report))
        found = {}
        for span in spans(since, till, self.asked.zone, self.asked.interval):
            for group in groups:
                cells = make(span, [group])
                if any(value for name, value in cells.items() if name != "final"):
                    found[(span[0], *group)] = cells
        return found, make((since, till), groups)

    def groups(self, report: str) -> set[tuple[str, ...]]:
        asked = self.asked
        if report == "all":
            return {(service,) for service in asked.services}
        if report in ("queue-handling", "queue-waiting", "distribution"):
            found = {(row["service"], row["queue"]) for row in self.visits}
            found |= {(row["service"], row["lender"]) for row in self.visits if row["lender"] is not None}
            return {group for group in found if asked.queues is None or group[1] in asked.queues}
        if report in ("agent-calls", "agent-states"):
            return set(asked.agents.items())
        if report == "agent-reasons":
            return self.reasons_of_rows()
        if report == "transfers":
            return {self._transfer_group(row) for row in self.rows["transfer"] if row["service"] in asked.services}
        if report == "scenario-exits":
            steps = self.rows["scenario_step"]
            return {
                (asked.scenarios[row["scenario"]], row["scenario"], row["step"], row["exit"])
                for row in steps
                if asked.scenarios.get(row["scenario"]) in asked.services
            }
        return {(row["service"], row["queue"]) for row in self.rows["callback"] if row["service"] in asked.services}


def differences(
    found: Sequence[Row], total: Row, expected: dict[tuple[Any, ...], Cells], whole: Cells, keys: Sequence[str]
) -> list[str]:
    """What is not the same, in words: rows, cells, and the total."""
    wrong = []
    rows = {(row["from"].astimezone(UTC), *(row[key] for key in keys)): row for row in found}
    for key in sorted(set(rows) ^ set(expected), key=str):
        wrong.append(f"{key} is {'not expected' if key in rows else 'missing'}")
    for key in set(rows) & set(expected):
        wrong += [f"{key} {text}" for text in _cells(rows[key], expected[key])]
    return wrong + [f"total {text}" for text in _cells(total, {n: v for n, v in whole.items() if n != "final"})]


def _cells(row: Row, expected: Cells) -> list[str]:
    same: Callable[[Any, Any], bool] = lambda one, other: (  # noqa: E731
        one == other if None in (one, other) or isinstance(one, datetime | bool) else abs(one - other) <= 0.051
    )
    return [f"{name}: {row[name]}, slowly {value}" for name, value in expected.items() if not same(row[name], value)]
