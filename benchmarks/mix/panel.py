"""An agent at the API, at the cost of a hundred of them in one process: commands over HTTP, changes over the socket."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

Json = dict[str, Any]
Hear = Callable[["Panel", Json], None]

STEP_WITHIN_S = 15.0
"""What an agent waits for an answer, or for a change on the screen."""


class Refused(Exception):
    """The API refused a command, with ``code``."""

    def __init__(self, method: str, path: str, status: int, problem: Json) -> None:
        super().__init__(f"{method} {path}: {status} {problem.get('code', '')} {problem.get('detail', '')}")
        self.code: str = problem.get("code", "")


class Panel:
    """``http`` is a session on the bridge's address. ``hear`` is called with every frame but the snapshot."""

    def __init__(self, http: aiohttp.ClientSession, cti_id: str, token: str, hear: Hear) -> None:
        self.cti_id = cti_id
        self.agent: Json = {}
        self.answered_ms: list[float] = []
        """How long commands took until they were answered; refused ones too."""
        self._http, self._hear = http, hear
        self._headers = {"Authorization": f"Bearer {token}"}
        self._news = asyncio.Event()

    @property
    def may_dial(self) -> bool:
        return self.agent.get("status") == "ready" and "dial" in self.agent.get("allowed_actions", ())

    async def listen(self) -> None:
        """Follow the event socket until it is closed."""
        async with self._http.ws_connect("/api/v1/events", headers=self._headers, heartbeat=10) as socket:
            async for message in socket:
                self._take(msgspec.json.decode(message.data))

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Below /api/v1. Raises Refused, and TimeoutError without an answer."""
        begun = time.perf_counter()
        async with (
            asyncio.timeout(STEP_WITHIN_S),
            self._http.request(method, f"/api/v1{path}", json=body, headers=self._headers) as response,
        ):
            answer = msgspec.json.decode(await response.read())
        self.answered_ms.append((time.perf_counter() - begun) * 1e3)
        if response.status >= 300:
            raise Refused(method, path, response.status, answer)
        return answer

    async def command(self, call_id: str, what: str, body: Json | None = None) -> None:
        """A command on a call. Raises as ``ask`` does."""
        await self.ask("POST", f"/calls/{call_id}/{what}", body)

    async def shows(self, wanted: Callable[[Json], bool]) -> None:
        """Wait until the agent is shown as wanted. Raises TimeoutError."""
        async with asyncio.timeout(STEP_WITHIN_S):
            while not wanted(self.agent):
                await self._news.wait()

    def _take(self, frame: Json) -> None:
        self.agent = frame.get("agent", self.agent)
        if frame["type"] != "snapshot":
            self._hear(self, frame)
        self._news.set()
        self._news = asyncio.Event()
