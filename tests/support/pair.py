"""Two bridges of a pair beside one PBX and one Postgres, and a door before them as a load balancer would be.

Between each bridge and what it needs stands a proxy that a test can cut. Everything else is as of :class:`Stack`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.ari_orders import OrdersProxy
from tests.support.bridge import Bridge
from tests.support.hung_postgres import HungPostgres
from tests.support.pbx_history import History, Reach
from tests.support.proxy import Proxy
from tests.support.rooms import Room
from tests.support.stack import Stack

ASKED_EVERY_S = 0.05
_READY = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
NEVER = b"\0no such bytes\0"


@dataclass(eq=False)
class Member:
    """One bridge of the pair, with its ways to the PBX and to Postgres."""

    name: str
    bridge: Bridge
    pbx: OrdersProxy
    postgres: HungPostgres

    def cut_off(self) -> None:
        """Break all its ways, and let nothing through any more."""
        for way in (self.pbx, self.postgres):
            cut(way)

    def let_in(self) -> None:
        """Heal all its ways."""
        for way in (self.pbx, self.postgres):
            heal(way)

    async def says(self) -> dict[str, Any]:
        """The answer of /readyz; empty when it does not answer. It is asked all the time, so by hand: a client that is
        made for one question costs ten times as much."""
        try:
            async with asyncio.timeout(0.5):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.bridge.port)
                try:
                    writer.write(_READY)
                    answer = await reader.read()
                finally:
                    writer.close()
            said: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2] or "{}")
            return said
        except (OSError, TimeoutError, ValueError):
            return {}

    async def is_role(self, role: str, within_s: float = 30.0) -> dict[str, Any]:
        """Wait until it says that it has this role; the active one also that it is ready."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    said = await self.says()
                    if said.get("role") == role and (role == "standby" or said["ready"]):
                        return said
                    assert self.bridge.is_running, self.bridge.log_tail()
                    await asyncio.sleep(ASKED_EVERY_S)
        except TimeoutError:
            raise AssertionError(f"{self.name} is not {role}: {said}\n{self.bridge.log_tail()}") from None

    async def is_spare(self, within_s: float = 30.0) -> None:
        """Wait until it has become the spare: not only one that is cut off from all."""
        async with asyncio.timeout(within_s):
            while (await self.is_role("standby", within_s))["pair"]["phase"] not in ("loading", "warm"):  # noqa: ASYNC110
                await asyncio.sleep(ASKED_EVERY_S)


def cut(way: Proxy) -> None:
    """Break what is open, and refuse what comes."""
    way.refuses = True
    way.cut()


def heal(way: Proxy) -> None:
    """Let everything through again."""
    way.refuses = False
    way.let_flow()


class Door(Proxy):
    """Passes on to the bridge that says it acts, and to nobody while none does. Connections to one that acts no more
    are cut, as a load balancer does that finds a server down."""

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__("127.0.0.1", 0)
        self._members = members
        self._acts: Member | None = None
        self._changed = asyncio.Condition()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name="door")
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._watching is not None
        self._watching.cancel()
        await super().__aexit__(kind, error, trace)

    async def leads_to(self, member: Member, within_s: float = 30.0) -> None:
        """Wait until this bridge acts, and connections to the other one are cut."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(lambda: self._acts is member)

    async def _watch(self) -> None:
        while True:
            said = await asyncio.gather(*(member.says() for member in self._members))
            roles = {member: one.get("role") for member, one in zip(self._members, said, strict=True)}
            acts = next((member for member, role in roles.items() if role == "active"), None)
            if acts is not self._acts:
                self.cut()
                async with self._changed:
                    self._acts = acts
                    self._changed.notify_all()
            await asyncio.sleep(ASKED_EVERY_S)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._acts is None:
            raise ConnectionRefusedError
        return await asyncio.open_connection("127.0.0.1", self._acts.bridge.port)


class Witness:
    """Notes, within ``async with``, whose ways were open, for what the PBX has seen (:mod:`tests.support.pbx_history`).
    A process that has just been started counts: it is to be quick as well."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self._reach: list[Reach] = []
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name="witness")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._watching is not None
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)

    def breaches(self, since: float) -> list[str]:
        """What should not have been at the PBX from then on."""
        assert self._watching is not None and not self._watching.done()
        ways = [member.pbx for member in self._members]
        history = History(
            sockets=[socket for way in ways for socket in way.sockets],
            marks=sorted(mark for way in ways for mark in way.marks),
            orders=[order for way in ways for order in way.calls_orders],
            reach=self._reach,
        )
        assert history.sockets and history.marks and history.orders, "the PBX has seen nothing at all"
        return history.breaches(since, time.monotonic())

    async def _watch(self) -> None:
        while True:
            works = [member for member in self._members if member.bridge.works]
            pbx = frozenset(member.name for member in works if member.pbx.passes)
            postgres = frozenset(member.name for member in works if member.postgres.passes)
            if not self._reach or self._reach[-1][1:] != (pbx, postgres):
                self._reach.append(Reach(time.monotonic(), pbx, postgres))
            await asyncio.sleep(ASKED_EVERY_S)


class PairStack(Stack):
    """The whole system with a pair of bridges, ``first`` and ``second``, of which ``first`` acts at the beginning."""

    def __init__(self, directory: Path, rooms: Sequence[Room], *, policy: str = "", ack: str = "local") -> None:
        super().__init__(directory, rooms, policy=policy)
        self._ack = ack

    async def _make_bridges(self, port: int) -> None:
        self.members = [await self._member(name, port + place) for place, name in enumerate(("a", "b"))]
        self.first, self.second_member = self.members
        self.bridge, self.second = self.first.bridge, self.second_member.bridge
        self.door = await self._parts.enter_async_context(Door(self.members))
        self.witness = await self._parts.enter_async_context(Witness(self.members))

    async def _member(self, name: str, port: int) -> Member:
        enter = self._parts.enter_async_context
        pbx = await enter(OrdersProxy("127.0.0.1", self.pbx.addresses.http_port, name))
        postgres = await enter(HungPostgres(self.postgres.url, NEVER))
        spare = f'[spare]\nname = "{name}"\nack = "{self._ack}"\n'
        bridge = self.make_bridge(f"bridge-{name}", port, pbx.port, database_url=postgres.url, more=spare)
        return Member(name, bridge, pbx, postgres)

    async def _start_bridges(self) -> None:
        await self.first.bridge.start(wait_ready=False)
        await self.first.is_role("active")
        await self.second_member.bridge.start(wait_ready=False)
        await self.second_member.is_role("standby")

    async def acknowledge(self, ack: str) -> None:
        """Have both bridges answer so (``[spare] ack``), from their next start on, which is now."""
        if ack == self._ack:
            return
        for member in self.members:
            text = member.bridge.config.read_text()
            member.bridge.config.write_text(text.replace(f'ack = "{self._ack}"', f'ack = "{ack}"'))
            if member.bridge.is_running:
                await member.bridge.stop()
        self._ack = ack

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    async def roles(self, within_s: float = 30.0) -> tuple[Member, Member]:
        """Wait until one acts and the other one is its warm spare. Return both, in this order."""
        for member in self.members:
            if not member.bridge.is_running:
                await member.bridge.start(wait_ready=False)
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            said = [await member.says() for member in self.members]
            roles = [one.get("role") for one in said]
            if sorted(map(str, roles)) == ["active", "standby"]:
                active = roles.index("active")
                pairs = said[active]["pair"], said[1 - active]["pair"]
                if said[active]["ready"] and pairs[0].get("ships") and pairs[1]["phase"] == "warm":
                    return self.members[active], self.members[1 - active]
            await asyncio.sleep(ASKED_EVERY_S)
        raise AssertionError(f"no pair: {said}\n{self.first.bridge.log_tail()}\n{self.second_member.bridge.log_tail()}")
