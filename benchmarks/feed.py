"""The live feed alone: how long the event loop stands when the views of very many agents change at once.

``python -m benchmarks.feed [AGENTS]``: a PBX is lost and comes back while each agent has a panel that reads.
"""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cti_bridge.api.feed import Feed
from cti_bridge.api.live import Live
from cti_bridge.api.streams import Panel
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import Record
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue, Service
from cti_bridge.domain.model.ids import Ids
from cti_bridge.engine import Engine
from cti_bridge.idempotency import IdempotencyKeys
from cti_bridge.randomness import random_bytes

AGENTS = 10_000
AT_ONCE_S = 30.0


@dataclass(frozen=True, slots=True)
class FeedResult:
    """``stood_ms`` is the longest turn of the event loop without the core's own part, ``told_ms`` how long until the
    last panel had read its frame, both in processor time; ``frames`` is how many were read."""

    what: str
    stood_ms: float
    told_ms: float
    frames: int


class _NoJournal:
    def record(
        self, output_records: Sequence[Record], changes: Mapping[tuple[str, str], object | None], now: float
    ) -> None:
        pass

    async def committed(self) -> None:
        pass


class _House:
    """``agents`` on two PBXs, half of them on each, all ready and with a panel."""

    def __init__(self, agents: int) -> None:
        entries = [AgentEntry(f"a{n}", f"{n}", f"Agent {n}", ("acme",), queues=("support",)) for n in range(agents)]
        self.phones = {
            node: tuple((entry.cti_number, True) for entry in entries[half::2])
            for half, node in enumerate(("one", "two"))
        }
        directory = Directory(
            policy=Policy(),
            services={"acme": Service("acme")},
            queues={"support": Queue("support", "acme")},
            agents={entry.cti_id: entry for entry in entries},
        )
        self.center = CallCenter(directory, Ids(random_bytes))
        journal, keys = _NoJournal(), IdempotencyKeys()
        self.engine = Engine(self.center, journal, time.time, lambda actions: None, lambda: None, keys)
        self.live = Live(self.engine, time.time, lambda: directory, Feed({}, time.time))
        for node in self.phones:
            self.tell(self.seen(node))
        for entry in entries:
            self.tell(commands.LogIn(entry.cti_id, entry.cti_id, ""))
            self.tell(commands.SetStatus(entry.cti_id, "ready", None))
        found = [self.live.attach(entry.cti_id, "session", None) for entry in entries]
        self.panels = [panel for panel in found if panel is not None]
        self.read, self.last = 0, 0.0

    def seen(self, node: str) -> facts.NodeSeen:
        return facts.NodeSeen(node, "boot", time.time(), (), (), self.phones[node])

    def tell(self, fact: Any) -> Any:
        """What the core makes of it."""
        return self.center.handle(fact, time.time()).notices

    async def reader(self, panel: Panel) -> None:
        """As a socket's task, without the socket."""
        while True:
            if panel.next_frame() is not None:
                self.read += 1
                self.last = time.process_time()
                await asyncio.sleep(0)
            else:
                panel.wake.clear()
                await panel.wake.wait()


async def measure(agents: int = AGENTS) -> list[FeedResult]:
    house = _House(agents)
    readers = [asyncio.create_task(house.reader(panel)) for panel in house.panels]
    try:
        await _quiet(house)
        results = []
        for what, fact in (
            ("a PBX is lost", facts.NodeLost("one")),
            ("it is back", house.seen("one")),
            ("it is lost again", facts.NodeLost("one")),
        ):
            results.append(await _one(house, what, house.tell(fact)))
        return results
    finally:
        for task in readers:
            task.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def _one(house: _House, what: str, notices: Any) -> FeedResult:
    house.read = 0
    begun = house.last = before = time.process_time()
    stood = 0.0
    house.live.on_notices(time.time(), notices)
    while True:
        now = time.process_time()
        stood, before = max(stood, now - before), now
        if now - max(house.last, begun) > 1.0:
            return FeedResult(what, stood * 1000, (house.last - begun) * 1000, house.read)
        await asyncio.sleep(0)


async def _quiet(house: _House) -> None:
    async with asyncio.timeout(AT_ONCE_S):
        while True:
            await asyncio.sleep(0)
            if house.read >= len(house.panels):
                return


def main() -> None:
    agents = int(sys.argv[1]) if len(sys.argv) > 1 else AGENTS
    for one in asyncio.run(measure(agents)):
        text = f"{one.what}: the loop stood {one.stood_ms:.0f} ms at most, all told after {one.told_ms:.0f} ms"
        print(f"{text}, {one.frames} frames")  # noqa: T201


if __name__ == "__main__":
    main()
