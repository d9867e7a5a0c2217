"""Delays of calls, out of what callers, phones and the PBX noted."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.sipp import Logged


@dataclass(frozen=True, slots=True)
class Quantiles:
    """In milliseconds."""

    p50: float
    p95: float
    p99: float
    most: float
    count: int


@dataclass(frozen=True, slots=True)
class Delays:
    """In milliseconds, one a call. ``failed``: callers who were not served by one agent, in one bridge, to the end."""

    to_agent: list[float]
    """From the caller's INVITE to the agent's INVITE."""
    to_bridge: list[float]
    """From the agent's 200 to both in the bridge."""
    failed: int


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """Nearest-rank quantiles; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Quantiles(rank(0.5), rank(0.95), rank(0.99), ordered[-1], len(ordered))


def delays(callers: Sequence[Logged], phones: Sequence[Logged], joined_at: Mapping[str, float]) -> Delays:
    """Match what belongs to one caller's number."""
    called = {line.number: line.at for line in callers if line.event == "invite"}
    done = {line.number for line in callers if line.event == "done"}
    rung = _first(phones, "invite")
    answered = _first(phones, "answer")
    answers = Counter(line.number for line in phones if line.event == "answer")
    served = {number for number in called if number in done and answers[number] == 1 and number in joined_at}
    return Delays(
        [(rung[number] - called[number]) * 1e3 for number in called if number in rung],
        [(joined_at[number] - answered[number]) * 1e3 for number in called if number in served],
        len(called) - len(served),
    )


def _first(lines: Sequence[Logged], event: str) -> dict[str, float]:
    """The earliest time by number."""
    return {line.number: line.at for line in reversed(lines) if line.event == event}
