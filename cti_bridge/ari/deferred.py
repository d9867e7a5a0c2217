"""Facts that are held back while lists are read. The lists may contain their news or not, so the facts are told after
them. Slow lists must not make a lifted phone lose to its pickup time, so the facts do not wait for long."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from msgspec.structs import replace

from cti_bridge.domain.border.facts import CallArrived, PbxFact

HOLD_S = 0.5
"""The most seconds that a fact waits for lists: too short for people to notice."""

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
        """Our clock was set by ``by_s`` seconds. Move the arrivals along: their callers have not waited for longer."""
        self.facts = [
            replace(fact, arrived_at=fact.arrived_at + by_s) if isinstance(fact, CallArrived) else fact
            for fact in self.facts
        ]

    async def wait_for(self, reading: Awaitable[T]) -> T:
        """Return the result of ``reading``, which may take any time while no fact comes. When a fact has waited for
        :data:`HOLD_S`, cancel the reading and raise TimeoutError. A cancellation cancels the reading too."""
        try:
            async with asyncio.timeout(None) as self._limit:
                return await reading
        finally:
            self._limit = None
