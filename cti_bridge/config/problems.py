"""What is wrong with a configuration, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: in line ``line`` of ``source``, or, without a line, in the environment variable
    ``source``."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """``text`` is a sentence without a full stop, and never holds a secret."""

    place: Place
    text: str
    severity: Severity = "error"

    def __str__(self) -> str:
        kind = "warning: " if self.severity == "warning" else ""
        return f"{self.place}: {kind}{self.text}"


class ConfigurationError(Exception):
    """The configuration cannot be used. ``problems`` holds everything that was found, warnings included."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        errors = sum(problem.severity == "error" for problem in self.problems)
        counted = "1 error" if errors == 1 else f"{errors} errors"
        return "\n".join([f"The configuration has {counted}:", *(f"  {problem}" for problem in self.problems)])


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """As a reader goes through the files; what was found twice stands there once."""
    return sorted(set(problems), key=lambda found: (found.place.source, found.place.line or 0, found.text))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "…"?`` for a near miss, else nothing."""
    found = closest(word, known)
    return f'; did you mean "{found}"?' if found else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one that ``word`` is a near miss of."""
    candidates = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(word.lower(), candidates, n=1)
    return candidates[close[0]] if close else None


def listed(words: Sequence[str]) -> str:
    """``"a", "b" or "c"``."""
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
