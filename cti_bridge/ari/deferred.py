"""Facts that are held back while lists are read. What they tell may be in the lists or not, so they are told after
them; but a lifted phone must not lose to its pickup time because the lists are slow."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from cti_bridge.domain.border.facts import CallArrived, PbxFact

HOLD_S = 0.5
"""How long a fact waits for lists at most: too short for people to notice."""

T = TypeVar("T")


class Deferred:
    """The facts of one reading, in the order in which they came."""

    def __init__(self) -> None:
        self.facts: list[PbxFact] = []
        self._limit: asyncio.Timeout | None = None

    def add(self, fact: PbxFact) -> None:
        self.facts.append(fact)
        if self._limit is not None and self._limit.when() is None:
            self._limit.reschedule(asyncio.get_running_loop().time() + HOLD_S)

    def clock_moved(self, by_s: float) -> None:
        """Our clock was set: who has arrived meanwhile has not waited for it."""
        self.facts = [
            replace(fact, arrived_at=fact.arrived_at + by_s) if isinstance(fact, CallArrived) else fact
            for fact in self.facts
        ]

    async def wait_for(self, reading: Awaitable[T]) -> T:
        """What was read. It may take as long as it likes while no fact comes; TimeoutError, and it is cancelled, when
        one has waited for :data:`HOLD_S`."""
        try:
            async with asyncio.timeout(None) as self._limit:
                return await reading
        finally:
            self._limit = None
