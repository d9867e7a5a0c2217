"""Memory of the bridge over the calls it has served."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import linear_regression

SETTLED_AFTER = 1_000
"""Calls after which everything that is bounded should have reached its bound."""
FEWEST = 1_000
"""Calls beyond those without which nothing can be said."""
EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory in MB when ``calls`` calls were over."""

    calls: int
    mb: float


@dataclass(frozen=True, slots=True)
class Growth:
    """In MB for 1,000 calls, after the first thousand."""

    slope: float
    """By least squares over all samples."""
    difference: float
    """Last sample to first."""
    first: Sample
    last: Sample


def growth(samples: Sequence[Sample]) -> Growth | None:
    """None when there were too few calls."""
    settled = [sample for sample in samples if sample.calls >= SETTLED_AFTER]
    if not settled or settled[-1].calls - settled[0].calls < FEWEST:
        return None
    first, last = settled[0], settled[-1]
    slope = linear_regression([sample.calls for sample in settled], [sample.mb for sample in settled]).slope
    return Growth(slope * 1e3, (last.mb - first.mb) / (last.calls - first.calls) * 1e3, first, last)


async def sample(calls: Callable[[], int], mb: Callable[[], float], samples: list[Sample]) -> None:
    """Add a sample every second, for ever."""
    while True:
        samples.append(Sample(calls(), mb()))
        await asyncio.sleep(EVERY_S)
