"""A supervisor who watches the wallboard and asks for reports all the time, and checks each of them.

The identity: what was offered is what became of it, at every instant and in every report.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import aiohttp
import msgspec

from cti_bridge.domain.model.today import EXITS
from tests.chaos.house import BOSS, PASSWORD, House
from tests.chaos.promises import Breach

Json = dict[str, Any]
AGAIN_S, ASKS_S = 0.2, 2.0
SECTIONS = ("services", "queues")


class Boss:
    """Watches within ``async with``. ``breaches`` are what was wrong, ``frames`` and ``reports`` how much was looked
    at."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._token = ""
        self.frames = self.reports = 0
        self.breaches: list[Breach] = []
        self.shown: dict[str, dict[str, Json]] = {name: {} for name in SECTIONS}
        """The rows as the wallboard shows them, by section and id."""

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(self._house.bridge.url, timeout=aiohttp.ClientTimeout(total=None))
        async with self._http.post("/api/v1/login", json={"cti_id": BOSS, "password": PASSWORD}) as response:
            self._http.headers["Authorization"] = f"Bearer {(await response.json())['token']}"
        self._tasks = [
            asyncio.create_task(self._watch(), name="boss-watches"),
            asyncio.create_task(self._ask(), name="boss-asks"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    def check(self) -> None:
        """Raise what has ended it, which is a fault of this program."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                path = f"/api/v1/events?topics=wallboard:{BOSS}"
                async with self._http.ws_connect(path, heartbeat=5) as socket:
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            self._take(msgspec.json.decode(message.data))
            await asyncio.sleep(AGAIN_S)

    def _take(self, frame: Json) -> None:
        self.frames += 1
        for section in SECTIONS:
            if frame["type"] == "snapshot":
                self.shown[section] = {}
            for row in frame.get(section, ()):
                self.shown[section][row["id"]] = row
                self._hold(f"wallboard, {section} {row['id']}", row["today"])

    async def _ask(self) -> None:
        day = datetime.now(ZoneInfo(self._house.zone)).date().isoformat()
        path = f"/api/v1/reports/queue-handling?from={day}&till={day}&interval=15"
        while True:
            await asyncio.sleep(ASKS_S)
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(10), self._http.get(path) as response:
                    if response.status != 200:
                        continue  # Postgres is away, or was.
                    answer = await response.json()
                self.reports += 1
                for part in answer["parts"]:
                    for row in [*part["rows"], part["total"]]:
                        self._hold(f"report, {row.get('queue')}", row)

    def _hold(self, about: str, counts: Mapping[str, Any]) -> None:
        offered, ends = counts.get("offered", 0), sum(counts.get(name, 0) for name in EXITS)
        if offered != ends:
            told = {name: counts.get(name, 0) for name in ("offered", *EXITS)}
            self.breaches.append(
                Breach("offered is what became of it, in every figure", f"{about}: {told}", time.time())
            )

    async def last_word(self) -> list[Breach]:
        """Return where the wallboard, when all calls are over, differs from the rows."""
        found = []
        rows = await self._house.rows.fetch(
            "select queue, exit, count(*) as count from cti.queue_visit where kind = 'new' group by queue, exit"
        )
        for queue, row in self.shown["queues"].items():
            by_rows = {one["exit"]: one["count"] for one in rows if one["queue"] == queue}
            by_rows["moved"] = by_rows.get("moved", 0) + by_rows.pop("removed", 0)
            told = {name: row["today"].get(name, 0) for name in EXITS if row["today"].get(name, 0)}
            wanted = {name: count for name, count in by_rows.items() if count}
            if told != wanted:
                about = f"{queue}: {told}, and the rows say {wanted}"
                found.append(Breach("the wallboard says what the rows say", about, time.time()))
        return found
