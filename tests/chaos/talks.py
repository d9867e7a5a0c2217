"""Conversations whose audio is measured: two phones each, that talk for as long as the run lasts.

A conversation that a dead PBX has taken along is begun again. Nothing else may end it, or make a gap in it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import aiohttp

from tests.chaos.faults import Fault
from tests.chaos.house import MEASURED, PASSWORD, House
from tests.chaos.promises import Breach
from tests.chaos.trace import Happened
from tests.support.agent_client import AgentClient, Refused
from tests.support.phones import Phone, PhoneCall, Phones, Registrar

GAP_S = 0.2
"""More than this is a gap."""
AGAIN_S = 0.5
WALL = time.time() - time.monotonic()


@dataclass(slots=True)
class Talk:
    """One conversation. ``since`` is the monotonic moment from which both have heard each other."""

    customer: PhoneCall
    agent: PhoneCall
    since: float

    @property
    def ended_at(self) -> float | None:
        """The moment at which the first of the two phones had no call any more."""
        ends = [end for end in (self.customer.ended_at, self.agent.ended_at) if end is not None]
        return min(ends, default=None)

    def gap_s(self, since: float, until: float) -> float:
        """Return the longest time in which one of them did not hear the other, in seconds."""
        return max(
            one.heard.longest_gap(other.tone_hz, since, until)
            for one, other in ((self.customer, self.agent), (self.agent, self.customer))
        )


class Talks:
    """All of them, within ``async with``."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._phones = Phones(Registrar(house.pbx.sip_host, house.pbx.sip_port))
        self._callers = itertools.count(1)
        self._customers: list[PhoneCall] = []
        self.had: list[Talk] = []

    async def __aenter__(self) -> Self:
        await self._phones.__aenter__()
        self._up = [asyncio.Event() for _ in self._house.measured]
        self._tasks = [
            asyncio.create_task(self._keep(line, up), name=f"talk-{line}") for line, up in enumerate(self._up)
        ]
        await asyncio.gather(*(up.wait() for up in self._up))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self._phones.__aexit__(None, None, None)

    async def renew(self) -> None:
        """End them, so that they begin again. A phone does not learn that its PBX has died."""
        for customer in self._customers:
            await customer.hang_up()

    async def stop(self) -> None:
        """End them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.renew()

    async def _keep(self, line: int, up: asyncio.Event) -> None:
        phone = self._house.measured[line]
        client = AgentClient(self._house.bridge.url, phone.cti_number, PASSWORD)
        try:
            there = await self._phones.phone(phone.cti_number, phone.password)
            await client.log_in()
            await client.ready()
            while True:
                try:
                    talk = await self._talk(line, there)
                except AssertionError:  # Something is broken just now.
                    await there.hang_up()
                    await asyncio.sleep(AGAIN_S)
                    continue
                self.had.append(talk)
                up.set()
                await talk.customer.ended(86_400)
                await there.hang_up()
                await there.register()
                await self._ready_again(client)
        finally:
            await client.close()

    async def _talk(self, line: int, phone: Phone) -> Talk:
        caller = f"+821070{line}{next(self._callers):05}"
        customer = await self._phones.call(f"{MEASURED}{line}", caller)
        self._customers.append(customer)
        try:
            agent = await phone.incoming(15.0)
            await agent.answer()
            await asyncio.gather(customer.hears(agent.tone_hz), agent.hears(customer.tone_hz))
        except AssertionError:
            await customer.hang_up()
            raise
        return Talk(customer, agent, time.monotonic())

    async def _ready_again(self, client: AgentClient) -> None:
        """An agent whose phone the PBX has lost for a while may have become anything."""
        for _ in range(60):
            try:
                await client.ready()
            except (Refused, aiohttp.ClientError):
                await asyncio.sleep(AGAIN_S)
            else:
                return


def broken_talks(talks: Sequence[Talk], happened: Sequence[Happened], faults: Sequence[Fault]) -> Iterator[Breach]:
    """Yield each gap, and each end, that came with a fault that may make none."""
    for fault, window in zip(faults, happened, strict=True):
        if fault.of_pbx:
            continue
        since, until = window.began - WALL, window.over - WALL
        for talk in talks:
            end = talk.ended_at
            if talk.since > until or (end is not None and end < since):
                continue
            gap_s = talk.gap_s(max(talk.since, since), until if end is None else min(until, end - 0.1))
            if gap_s > GAP_S:
                yield Breach("who talks hears no gap", f"{gap_s:.2f} s", window.began)
            if end is not None and end < until:
                yield Breach("who talks goes on", f"{talk.agent.end_reason!r}", end + WALL)
