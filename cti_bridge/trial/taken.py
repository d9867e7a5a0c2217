"""The way that a tried call has taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class End(StrEnum):
    """The end of a tried call."""

    AGENT = "agent"
    HANGUP = "hangup"
    TRANSFERRED = "transferred"
    VOICEMAIL = "voicemail"
    """The caller has left a message, and the call has ended."""
    CALLBACK = "callback"
    """The caller is to be called back, and the call has ended."""
    REJECTED = "rejected"
    """The call was refused before it was answered."""
    CIRCLE = "circle"
    """The way comes to the same steps again and again."""
    WAITS = "waits"
    """The caller waits for ever: nobody answers, and the queue has no longest wait."""


@dataclass(slots=True)
class Taken:
    """A step that the call came to, ``at_s`` seconds after its arrival. ``exit`` None: the call has not left it.
    ``heard`` are the media that its caller would hear in it."""

    scenario: str
    step: str
    do: str
    at_s: float
    exit: str | None = None
    heard: list[str] = field(default_factory=list)

    def name(self, home: str) -> str:
        """Return the step's name, as seen from the scenario ``home``."""
        return self.step if self.scenario == home else f"{self.scenario}/{self.step}"


@dataclass(frozen=True, slots=True)
class Result:
    """``home`` is the scenario of the number; empty: there is none. ``why`` says more of the end, in words."""

    home: str
    way: Sequence[Taken]
    end: End
    ended_s: float
    why: str = ""

    def names(self) -> list[str]:
        """Return the steps by their names."""
        return [taken.name(self.home) for taken in self.way]

    def content(self) -> Mapping[str, Any]:
        """Return the result for JSON."""
        return {
            "way": [
                {
                    "step": taken.name(self.home),
                    "do": taken.do,
                    "exit": taken.exit,
                    "at_s": taken.at_s,
                    "heard": taken.heard,
                }
                for taken in self.way
            ],
            "end": self.end,
        }


def without_repetition(way: Sequence[Taken]) -> list[Taken]:
    """Return the way up to the point from which it only repeats itself."""
    steps = [(taken.scenario, taken.step, taken.exit) for taken in way[:-1]]  # The last one has no exit yet.
    for length in range(1, len(steps) // 2 + 1):
        if steps[-length:] == steps[-2 * length : -length]:
            begin = len(steps) - 2 * length
            while begin and steps[begin - 1] == steps[begin - 1 + length]:
                begin -= 1
            return list(way[: begin + length])
    return list(way)
