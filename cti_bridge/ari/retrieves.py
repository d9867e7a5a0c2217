"""A phone's retrieve is told when it is true.

Asterisk tells one at every re-INVITE without an offer, as gateways send them to play their own music or to refresh the
session, whether the phone has held or not. Where the answer in the ACK holds as before, nothing more is told (seen), so
the partner would hear silence until the phone retrieves. What Asterisk keeps with the leg's audio is true: it is asked
at each retrieve. Where the retrieve is in that ACK, Asterisk tells it once more.
"""

import asyncio
from collections.abc import Awaitable, Callable

from cti_bridge.domain.border.facts import LegHeld, LegRetrieved, PbxFact


class Retrieves:
    """``holds`` looks whether a leg's phone holds; None: it is not known, and the event counts."""

    def __init__(self, holds: Callable[[str], Awaitable[bool | None]], tell: Callable[[PbxFact], None]) -> None:
        self._holds = holds
        self._tell = tell
        self._looking: dict[str, asyncio.Task[None]] = {}
        """By leg. Of two looks the later one counts, and a key that is pressed meanwhile more than any."""

    def keeps(self, fact: PbxFact) -> bool:
        """Look into it before it is told, if it is a retrieve; False: it is none."""
        if not isinstance(fact, LegHeld | LegRetrieved):
            return False
        if (older := self._looking.pop(fact.leg_id, None)) is not None:
            older.cancel()
        if isinstance(fact, LegHeld):
            return False
        self._looking[fact.leg_id] = asyncio.create_task(self._look(fact), name="ari-retrieve")
        return True

    async def close(self) -> None:
        """Tell no more: after a gap the core asks who holds."""
        tasks = list(self._looking.values())
        self._looking.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, fact: LegRetrieved) -> None:
        holds = await self._holds(fact.leg_id)
        self._looking.pop(fact.leg_id, None)
        if not holds:
            self._tell(fact)
