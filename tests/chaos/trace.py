"""The trace of a run: the commands of agents with their answers, and the faults with their times. Moments are POSIX
seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """A request that the bridge has answered with success."""

    cti_id: str
    word: str
    """The last word of its path: hold, transfer, dial, status, …"""
    call_id: str | None
    """The call that it is about."""
    body: dict[str, Any]
    sent_at: float
    answered_at: float

    def by_a_clock_ahead(self, ahead_s: float) -> Command:
        """Return the same, with its times by a clock that is so many seconds ahead."""
        return replace(self, sent_at=self.sent_at + ahead_s, answered_at=self.answered_at + ahead_s)


class NothingBroken(Exception):
    """A fault that had no effect, with the reason. Everything is as it was."""


@dataclass(slots=True)
class Happened:
    """A fault: from ``began`` to ``healed`` something was broken."""

    name: str
    began: float
    healed: float = 0.0
    over: float = 0.0
    """The end of the time in which its consequences are looked for; the next one comes then."""
    missed: str = ""
    """Why nothing was broken, which would make a table of nothing; empty: something was."""


@dataclass(slots=True)
class Trace:
    """Everything that the harness itself has seen or done."""

    commands: list[Command] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    """The number of refusals by their code; without an answer: "none"."""
    faults: list[Happened] = field(default_factory=list)

    def fault_at(self, moment: float) -> int:
        """Return the place of the fault in whose time a moment falls; -1 before the first."""
        return sum(fault.began <= moment for fault in self.faults) - 1


def calm(faults: Sequence[Happened], since: float, until: float, settled_s: float) -> bool:
    """Return whether a stretch has ``settled_s`` in one piece that is within no fault."""
    for fault in faults:
        if fault.began - since >= settled_s:
            break
        since = max(since, min(fault.healed, until))
    return until - since >= settled_s
