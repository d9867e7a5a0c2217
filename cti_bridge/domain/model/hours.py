"""Opening hours, as far as the core knows them. A rule from outside says for a time whether they are open; the core
knows no zone and no calendar. An override by hand stands above the rule, and is state of the core."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from cti_bridge.domain.model.timestamps import iso


class OpenState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    """Closed, by a public holiday or a calendar file."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The answer for one time."""

    state: OpenState
    until: float | None
    """The next change of state or reason, POSIX seconds. None: never."""
    sound: str = ""
    """The message of the exception; empty: none."""
    why: str = ""
    """The reason in words, for the operator."""


@dataclass(frozen=True, slots=True)
class Hours:
    """``rule`` takes POSIX seconds and leaves overrides out. Two rules are equal when they always say the same."""

    id: str
    timezone: str
    rule: Callable[[float], Opening]
    local: Callable[[float, float], str] = field(default=lambda at, now: iso(at), compare=False)
    """Returns a time in words of the zone. The second argument is now: a time of the same day is short."""


@dataclass(slots=True)
class HoursOverride:
    """Opening hours that somebody has set to open or closed by hand. ``until`` and ``at`` are POSIX seconds."""

    hours: str
    state: OpenState
    until: float | None
    """None: until somebody ends it."""
    by: str
    at: float
    row_id: str

    @property
    def id(self) -> str:
        return self.hours

    def fault(self) -> str | None:
        """Return why it cannot be used, or None."""
        return "hours are set to open or closed" if self.state is OpenState.HOLIDAY else None
