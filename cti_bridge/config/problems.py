"""Errors and warnings of a configuration, each with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a value: line ``line`` of ``source``, or, without a line, the environment variable ``source``."""

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
    """The configuration cannot be used. ``problems`` holds all errors and warnings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        errors = sum(problem.severity == "error" for problem in self.problems)
        counted = "1 error" if errors == 1 else f"{errors} errors"
        return "\n".join([f"The configuration has {counted}:", *(f"  {problem}" for problem in self.problems)])


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems in the order of the files, each once."""
    return sorted(set(problems), key=lambda found: (found.place.source, found.place.line or 0, found.text))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "…"?`` for a near miss, else an empty text."""
    found = closest(word, known)
    return f'; did you mean "{found}"?' if found else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the word of which ``word`` is a near miss, or None."""
    candidates = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(word.lower(), candidates, n=1)
    return candidates[close[0]] if close else None


def listed(words: Sequence[str]) -> str:
    """Return ``"a", "b" or "c"``."""
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
