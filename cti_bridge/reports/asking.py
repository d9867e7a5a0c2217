"""A question: which report, when, of whom, and how the rates are reckoned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cti_bridge.domain.model.directory import Directory, Queue
from cti_bridge.reports.formulas import Formula
from cti_bridge.reports.periods import Interval

LONG_AFTER_CALL_S = 300.0
"""After-call work beyond this is a figure of its own."""


@dataclass(frozen=True, slots=True)
class Question:
    """``services`` are those that may be seen. None elsewhere: all of them."""

    report: str
    since: str
    """A date or a time, in the time zone of the service."""
    till: str
    """The same; a date is included."""
    services: tuple[str, ...]
    interval: Interval = Interval.DAY
    queues: tuple[str, ...] | None = None
    agents: tuple[str, ...] | None = None
    numbers: tuple[str, ...] | None = None
    """Numbers of the house that were called, or that were dialled."""
    formula: Formula = Formula.ACCEPTED
    transfers_in: bool = False
    """Calls that were transferred, returned or moved are in the rates too."""
    behind: tuple[datetime, str] | None = None
    """The call behind which a list of calls goes on."""
    most: int = 1_000
    """The most calls of a list."""


@dataclass(frozen=True, slots=True)
class House:
    """The configuration, and the present moment."""

    directory: Directory
    now: datetime
    agents: Sequence[str] = field(default=())
    """The CTI IDs of the agents of the question."""

    def queues_of(self, services: Sequence[str]) -> list[Queue]:
        """Return the queues of the services."""
        return [queue for queue in self.directory.queues.values() if queue.service in services]

    def name_of(self, cti_id: str | None) -> str:
        """Return the name of the agent today; empty when there is none."""
        entry = self.directory.agents.get(cti_id or "")
        return entry.name if entry is not None else ""
