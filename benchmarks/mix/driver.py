"""What the agents of the mix do, all through the API: one script for each kind of call and agent.

The driver runs in the benchmark's process, never in the bridge's, so what it costs is not the bridge's cost.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Self, TypeVar

import aiohttp

from benchmarks.mix.kinds import CONSULT, HOLD, SEED, TRANSFER, Kind, PlannedCall, kind_of
from benchmarks.mix.panel import Json, Panel, Refused
from benchmarks.pbx import CALLING_NUMBER

TALK_S, HELD_S = 0.7, 1.0
LOOK_S = 0.05
DIAL_WITHIN_S = 15.0

# Between the look at the list and the command the agent may have been given a call.
_RACES = frozenset({"target_not_ready", "not_allowed_now", "phone_unreachable"})

T = TypeVar("T")
Script = Callable[[Panel, str], Awaitable[None]]


class _NobodyFree(Exception):
    """All agents are in calls."""


class Driver:
    """Within ``async with``: every agent has a panel open."""

    def __init__(self, url: str, tokens: Mapping[str, str]) -> None:
        self.troubles: dict[str, str] = {}
        """Customer's number → what went wrong at the API."""
        self.dialed_at: dict[str, float] = {}
        """Customer's number → POSIX seconds at which the dial that was accepted was sent."""
        self.ended: set[str] = set()
        """Ids of calls of which a panel has seen the end."""
        self.races = 0
        """Commands that were refused because the agent meant had just been given a call, and tried again."""
        self._url, self._tokens = url, tokens
        self._random = random.Random(SEED)
        self._connected: Counter[str] = Counter()
        self._running: set[asyncio.Task[None]] = set()
        self._scripts: dict[tuple[Kind, int], Script] = {
            (HOLD, 1): self._hold,
            (TRANSFER, 1): self._transfer,
            (TRANSFER, 2): self._finish,
            (CONSULT, 1): self._consult,
            (CONSULT, 2): self._finish,
        }

    async def __aenter__(self) -> Self:
        # Every agent's browser has connections of its own.
        self._http = aiohttp.ClientSession(self._url, connector=aiohttp.TCPConnector(limit=0))
        self._panels = [Panel(self._http, cti_id, token, self._hear) for cti_id, token in self._tokens.items()]
        self._listening = [asyncio.create_task(one.listen(), name=f"panel-{one.cti_id}") for one in self._panels]
        try:
            await asyncio.gather(*(one.shows(bool) for one in self._panels))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._listening, *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close()

    @property
    def answered_ms(self) -> list[float]:
        """How long each request took until it was answered."""
        return [ms for panel in self._panels for ms in panel.answered_ms]

    @property
    def panels_lost(self) -> int:
        """Event sockets that have ended by themselves."""
        return sum(task.done() for task in self._listening)

    async def dial(self, calls: Sequence[PlannedCall]) -> None:
        """Place the outbound ones among ``calls``, each at its time."""
        begun = asyncio.get_running_loop().time()
        for call in calls:
            if call.kind.outbound:
                await asyncio.sleep(begun + call.at_s - asyncio.get_running_loop().time())
                self._run(call.number, self._dial(call.number))

    async def finish(self) -> None:
        """Wait until every script is through."""
        while self._running:
            await asyncio.wait(self._running)

    def _hear(self, panel: Panel, frame: Json) -> None:
        if frame["type"] == "call.ended":
            self.ended.add(frame["call_id"])
        elif frame["type"] == "call.connected":
            call = frame["call"]
            number = call["customer_number"]
            self._connected[number] += 1
            kind = kind_of(number)
            script = self._scripts.get((kind, self._connected[number])) if kind else None
            if script is not None:
                self._run(number, script(panel, call["call_id"]))

    def _run(self, number: str, script: Awaitable[None]) -> None:
        task = asyncio.create_task(self._noted(number, script), name=f"script-{number}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _noted(self, number: str, script: Awaitable[None]) -> None:
        try:
            await script
        except Exception as error:  # Whatever it is, the call has failed.
            self.troubles[number] = f"{type(error).__name__} {error}"

    # ---- the scripts

    async def _hold(self, panel: Panel, call_id: str) -> None:
        await asyncio.sleep(TALK_S)
        await panel.command(call_id, "hold")
        await panel.shows(_in_state("on_hold"))
        await asyncio.sleep(HELD_S)
        await panel.command(call_id, "resume")
        await panel.shows(_in_state("talking"))
        await self._finish(panel, call_id)

    async def _transfer(self, panel: Panel, call_id: str) -> None:
        await asyncio.sleep(TALK_S)
        await self._to_a_colleague(panel, call_id, "transfer")

    async def _consult(self, panel: Panel, call_id: str) -> None:
        await asyncio.sleep(TALK_S)
        await self._to_a_colleague(panel, call_id, "consult")
        await panel.shows(_consulting)
        await asyncio.sleep(TALK_S)
        await panel.command(call_id, "consult/connect")

    async def _finish(self, panel: Panel, call_id: str) -> None:
        await asyncio.sleep(TALK_S)
        await panel.command(call_id, "hangup")

    async def _dial(self, number: str) -> None:
        async def dial() -> None:
            panel = self._one_of([one for one in self._panels if one.may_dial])
            self.dialed_at[number] = time.time()
            await panel.ask("POST", "/me/dial", {"number": number, "calling_number": CALLING_NUMBER})

        await self._again_while_raced(dial)

    async def _to_a_colleague(self, panel: Panel, call_id: str, what: str) -> None:
        async def send() -> None:
            there: list[Json] = await panel.ask("GET", "/agents?status=ready")
            await panel.command(call_id, what, {"agent": self._one_of(there)["cti_id"]})

        await self._again_while_raced(send)

    async def _again_while_raced(self, attempt: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Raises TimeoutError when there is nobody for long."""
        async with asyncio.timeout(DIAL_WITHIN_S):
            while True:
                try:
                    await attempt()
                    return
                except Refused as refused:
                    if refused.code not in _RACES:
                        raise
                    self.races += 1
                except _NobodyFree:
                    await asyncio.sleep(LOOK_S)

    def _one_of(self, agents: Sequence[T]) -> T:
        """Raises _NobodyFree."""
        if not agents:
            raise _NobodyFree
        return self._random.choice(agents)


def _in_state(state: str) -> Callable[[Json], bool]:
    return lambda agent: bool(agent["state"] == state)


def _consulting(agent: Json) -> bool:
    call = agent["call"]
    return bool(call and call["consult"] and call["consult"]["state"] == "talking")
