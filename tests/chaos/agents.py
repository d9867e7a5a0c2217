"""Agents at their panels, who do now and then what the panel allows them, and whom nothing discourages.

Every command that the bridge acknowledges is in the trace: it must be found in the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from typing import Any, Self

import aiohttp
import msgspec

from tests.chaos.house import CALLING_NUMBER, PASSWORD
from tests.chaos.trace import Command, Trace

Json = dict[str, Any]
ANSWER_WITHIN_S = 5.0
THINKS_S = (0.3, 2.5)
"""How long an agent looks at what the panel shows before they act."""
AGAIN_S = 0.2
FAR_END = "+8210400"
"""How the numbers begin that agents call."""
RESTS, CALLS_OUT = 0.02, 0.04
"""How likely an idle agent takes a rest, or calls a customer."""

_SHARES = {
    "hold": 0.25,
    "resume": 0.9,
    "consult": 0.12,
    "transfer": 0.12,
    "consult/connect": 0.5,
    "consult/cancel": 0.25,
    "consult/swap": 0.2,
    "consult/join": 0.2,
    "consult/leave": 0.3,
    "consult/remove": 0.2,
    "warn": 0.05,
    "force-disconnect": 0.02,
    "hangup": 0.4,
    "recall": 0.3,
    "decline": 0.02,
}
"""How likely an agent does this when it is allowed and they look at it, by the end of the command's path."""
_BODIES = {"force-disconnect": {"reason": "threat"}}


class Agent:
    """One agent. Comes back whenever the bridge has been away."""

    def __init__(self, http: aiohttp.ClientSession, cti_id: str, trace: Trace, seed: str) -> None:
        self.cti_id = cti_id
        self.view: Json = {}
        self.colleagues: Sequence[str] = ()
        self.outbound = True
        """Whether they call customers."""
        self._http, self._trace = http, trace
        self._random = random.Random(seed)
        self._token = ""
        self._calls_out = 0

    async def work(self) -> None:
        """Log in, become ready, and work until cancelled."""
        await self._log_in()
        await asyncio.gather(self._watch(), self._act())

    # ---- the panel

    async def _log_in(self) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                body = {"cti_id": self.cti_id, "password": PASSWORD}
                if (answer := await self._ask("POST", "/login", body)) is not None:
                    self._token = answer["token"]
                    return
            await asyncio.sleep(AGAIN_S)

    async def _watch(self) -> None:
        """Follow the feed, as a panel does: connect again whenever it ends."""
        while True:
            headers = {"Authorization": f"Bearer {self._token}"}
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._http.ws_connect("/api/v1/events", headers=headers, heartbeat=5) as socket:
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            self.view = msgspec.json.decode(message.data).get("agent", self.view)
            self.view = {}
            await asyncio.sleep(AGAIN_S)

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Return the answer; None where it was refused. Raises ClientError and TimeoutError."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with (
            asyncio.timeout(ANSWER_WITHIN_S),
            self._http.request(method, f"/api/v1{path}", json=body, headers=headers) as response,
        ):
            answer = msgspec.json.decode(await response.read())
            if response.status < 300:
                return answer
            code = answer.get("code", str(response.status))
            self._trace.refused[code] = self._trace.refused.get(code, 0) + 1
            return None

    async def _command(self, method: str, path: str, body: Json | None = None) -> None:
        """Send it once, and note it when it is acknowledged."""
        call_id = path.split("/")[2] if path.startswith("/calls/") else None
        sent_at = time.time()
        try:
            answer = await self._ask(method, path, body)
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._trace.refused["none"] = self._trace.refused.get("none", 0) + 1
            return
        if answer is not None:
            word = path.rpartition("/")[2]
            self._trace.commands.append(Command(self.cti_id, word, call_id, body or {}, sent_at, time.time()))

    # ---- ideas

    async def _act(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(*THINKS_S))
            view = self.view
            if view:
                await self._do(view)

    async def _do(self, view: Json) -> None:
        call, allowed = view.get("call"), view.get("allowed_actions", ())
        if view["state"] == "idle":
            await self._idle(view)
        elif call is not None:
            wishes = [word for word in allowed if self._random.random() < _SHARES.get(word, 0.0)]
            if wishes:
                await self._in_call(self._random.choice(wishes), call["call_id"])

    async def _idle(self, view: Json) -> None:
        chance = self._random.random()
        if view["status"] != "ready":
            await self._command("PUT", "/me/status", {"status": "ready"})
        elif chance < RESTS:
            await self._command("PUT", "/me/status", {"status": "rest"})
        elif self.outbound and chance < RESTS + CALLS_OUT and "dial" in view["allowed_actions"]:
            self._calls_out += 1
            number = FAR_END + f"{self.cti_id[-3:]}{self._calls_out:02}"[-5:]
            await self._command("POST", "/me/dial", {"number": number, "calling_number": CALLING_NUMBER})

    async def _in_call(self, word: str, call_id: str) -> None:
        if word in ("consult", "transfer"):
            colleague = self._random.choice([one for one in self.colleagues if one != self.cti_id])
            await self._command("POST", f"/calls/{call_id}/{word}", {"agent": colleague})
        elif word == "decline":
            await self._command("POST", f"/offers/{self.view['offer']['offer_id']}/decline")
        else:
            await self._command("POST", f"/calls/{call_id}/{word}", _BODIES.get(word))


class Agents:
    """All agents at work, within ``async with``."""

    def __init__(self, url: str, cti_ids: Sequence[str], trace: Trace, seed: int) -> None:
        self._url, self._cti_ids, self._trace, self._seed = url, cti_ids, trace, seed

    async def __aenter__(self) -> Self:
        # Every agent's browser has connections of its own.
        self._http = aiohttp.ClientSession(self._url, connector=aiohttp.TCPConnector(limit=0))
        self._agents = [Agent(self._http, cti_id, self._trace, f"{self._seed}{cti_id}") for cti_id in self._cti_ids]
        for agent in self._agents:
            agent.colleagues = self._cti_ids
        self._tasks = [asyncio.create_task(one.work(), name=f"agent-{one.cti_id}") for one in self._agents]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    def check(self) -> None:
        """Raise what has ended an agent, which is a fault of this program."""
        for task in self._tasks:
            if task.done():
                task.result()

    def no_more_calls_out(self) -> None:
        """Customers are called no more from now on."""
        for agent in self._agents:
            agent.outbound = False

    @property
    def idle(self) -> int:
        """How many are in no call, as their panels show."""
        return sum(agent.view.get("state") == "idle" for agent in self._agents)
