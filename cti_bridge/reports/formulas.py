"""Rates and averages. Nothing by nothing is None, which is shown as "–"."""

from collections.abc import Callable, Mapping
from enum import StrEnum

Figures = Mapping[str, float]


class Formula(StrEnum):
    """The formulas of the service level; ``within`` means answered within the seconds of the queue."""

    ACCEPTED = "accepted"
    """within ÷ (answered + abandoned - abandoned short + turned away)"""
    ANSWERED = "answered"
    """within ÷ answered"""
    ANSWERED_OR_LEFT = "answered_or_left"
    """(within + abandoned within) ÷ (answered + abandoned)"""
    OFFERED = "offered"
    """within ÷ offered"""


_PARTS: Mapping[Formula, Callable[[Figures], tuple[float, float]]] = {
    Formula.ACCEPTED: lambda of: (
        of["within"],
        of["answered"] + of["abandoned"] - of["abandoned_short"] + of["turned_away"],
    ),
    Formula.ANSWERED: lambda of: (of["within"], of["answered"]),
    Formula.ANSWERED_OR_LEFT: lambda of: (of["within"] + of["abandoned_within"], of["answered"] + of["abandoned"]),
    Formula.OFFERED: lambda of: (of["within"], of["offered"]),
}

TEXTS = {
    Formula.ACCEPTED: "answered within ÷ (answered + abandoned − abandoned short + turned away)",
    Formula.ANSWERED: "answered within ÷ answered",
    Formula.ANSWERED_OR_LEFT: "(answered within + abandoned within) ÷ (answered + abandoned)",
    Formula.OFFERED: "answered within ÷ offered",
}


def service_level(of: Figures, formula: Formula) -> float | None:
    """Return the service level in percent. ``of`` has the counts of the formula."""
    return rate(*_PARTS[formula](of))


def rate(part: float, whole: float) -> float | None:
    """Return the part in percent, with one decimal."""
    return round(100 * part / whole, 1) if whole else None


def average(seconds: float, count: float) -> float | None:
    """Return the average, in seconds, to the millisecond."""
    return round(seconds / count, 3) if count else None
