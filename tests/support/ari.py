"""What tests of the ARI adapter share: names, ids, and a node whose facts can be awaited."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.node import Node
from cti_bridge.domain.border.facts import PbxFact
from cti_bridge.sounds.provided import AtPbx

CALL = "01a1fc83-f663-7689-93d1-164bd7ce684b"
LEG = f"cti-{CALL}-agent-85f0f6e9cfc7"
BRIDGE = f"cti-{CALL}-bridge"
CHANNEL = "1795237869.0"
INBOUND = f"main/{CHANNEL}"
"""The leg that a caller's channel is."""

F = TypeVar("F")


def ari_time(at: float) -> str:
    """POSIX seconds as ARI writes them: 2026-11-21T05:02:08.152+0000."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}+0000"


class Listener:
    """A node, and every fact it told, in order."""

    def __init__(
        self,
        url: str,
        password: str = "secret",
        username: str = "cti_bridge",
        media: Sequence[str] = (),
        phones: Sequence[str] = (),
        sounds: AtPbx | None = None,
    ) -> None:
        self.facts: list[PbxFact] = []
        self.replaced = 0
        self._read = 0
        self._came = asyncio.Event()
        access = PbxAccess("main", url, password, username)
        self.node = Node(access, self._tell, time.time, self._on_replaced, media, phones, sounds=sounds)

    def _tell(self, fact: PbxFact) -> None:
        self.facts.append(fact)
        self._came.set()

    def _on_replaced(self) -> None:
        self.replaced += 1
        self._came.set()

    async def next(self, kind: type[F], which: Callable[[F], bool] = lambda _: True, within_s: float = 30) -> F:
        """The next fact of this class, among those not yet read, for which ``which`` holds; others are passed over."""
        async with asyncio.timeout(within_s):
            while True:
                while self._read < len(self.facts):
                    fact = self.facts[self._read]
                    self._read += 1
                    if isinstance(fact, kind) and which(fact):
                        return fact
                self._came.clear()
                await self._came.wait()

    async def until(self, condition: Callable[[], bool], within_s: float = 30) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self._came.clear()
                await self._came.wait()
