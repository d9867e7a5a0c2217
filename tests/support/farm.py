"""A stack of several PBXs behind an edge. Phones register with the edge; customers and the world outside are behind
the trunk, which only the edge knows."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp

from cti_bridge.local.asterisk import AsteriskSettings, PrivateAsterisk
from cti_bridge.local.edge import Pbx, PrivateEdge
from cti_bridge.local.ports import claim_ports
from cti_bridge.local.postgres import EmbeddedPostgres
from tests.support.house import open_house
from tests.support.outside import OutsideWorld
from tests.support.phones import Phones, Registrar
from tests.support.priority import carries_audio
from tests.support.rooms import Room
from tests.support.rows import Rows
from tests.support.stack import Agent, Desk, Stack
from tests.support.trunk_line import PROVIDER, TrunkLine

PHONES_S = 2
"""Seconds between two questions of a PBX whether a phone is there."""


class Farm(Stack):
    """``pbxs`` are its PBXs by name, at first two. ``pbx`` is the first of them."""

    def __init__(self, directory: Path, rooms: Sequence[Room], *, policy: str = "", agent_lost_s: float = 2) -> None:
        super().__init__(directory, rooms, policy=f"{policy}\nagent_lost_s = {agent_lost_s}")
        self.agent_lost_s = agent_lost_s
        self.names = ["one", "two"]
        self.pbxs: dict[str, PrivateAsterisk] = {}

    async def _start_parts(self) -> None:
        ports = claim_ports(3)
        self._parts.callback(ports.release)
        self.wss_port = ports.first + 2
        self.outside = await self._parts.enter_async_context(OutsideWorld.open())
        self.house = await self._parts.enter_async_context(open_house())
        self.postgres = await self._parts.enter_async_context(EmbeddedPostgres())
        self.edge = PrivateEdge(
            self.postgres.url,
            trunk=f"127.0.0.1:{self.outside.port}",
            trunk_match=[PROVIDER],
            passwords={seat.cti_number: seat.sip_password for room in self.rooms.values() for seat in room.seats},
        )
        self._settings = self._asterisk_settings()
        self.pbxs = {name: self.make_pbx(self._settings, name) for name in self.names}
        await asyncio.gather(*(self._parts.enter_async_context(pbx) for pbx in self.pbxs.values()))
        self.pbx = self.pbxs[self.names[0]]
        for pbx in self.pbxs.values():
            carries_audio(pbx.pid)
        self._parts.push_async_callback(self.edge.stop)
        await self.edge.start(self.behind_edge())
        self.rows = Rows(self.postgres.url)
        self._parts.push_async_callback(self.rows.close)
        self.outside.server = (self.edge.host, self.edge.port)
        line = await self._parts.enter_async_context(TrunkLine.open((self.edge.host, self.edge.port)))
        registrar = Registrar(self.edge.host, self.edge.port)
        self.phones = await self._parts.enter_async_context(Phones(registrar, Registrar(PROVIDER, line.port)))
        await self._make_bridges(ports.first)
        self._parts.push_async_callback(self._stop_bridges)
        await self._start_bridges()

    def make_pbx(self, settings: AsteriskSettings, name: str) -> PrivateAsterisk:
        """A PBX behind the edge."""
        return PrivateAsterisk(replace(settings, systemname=name, edge=self.edge.address, qualify_s=PHONES_S))

    @asynccontextmanager
    async def another(self, name: str, desk: Desk) -> AsyncIterator[PrivateAsterisk]:
        """Within it, one PBX more: in the bridge's configuration and the edge's files, both taken over by a reload.
        Afterwards the bridge is started again without it."""
        pbx = self.make_pbx(self._settings, name)
        async with pbx:
            carries_audio(pbx.pid)
            self.pbxs[name] = pbx
            try:
                await self._take_in(name, pbx, desk)
                yield pbx
            finally:
                del self.pbxs[name]
                await self.bridge.stop()
                self.bridge.overlay("")
                await self.bridge.start()

    async def _take_in(self, name: str, pbx: PrivateAsterisk, desk: Desk) -> None:
        await self.bridge.reload(self._pbx_table(name, pbx))
        await self.edge.use(self.behind_edge(draining="one"))
        await self.until_state_is(name, "AP")
        for agent in desk.agents:
            await self.until_phone_is(pbx, agent.cti_number, "online")
        await self.bridge.ready()

    def behind_edge(self, *, draining: str = "") -> list[Pbx]:
        """The PBXs, as the edge is told of them."""
        return [Pbx(name, f"{pbx.sip_host}:{pbx.sip_port}", name == draining) for name, pbx in self.pbxs.items()]

    def _pbx_tables(self, ari_port: int, secret: Path) -> str:
        tables = [self._pbx_table(name, pbx) for name, pbx in self.pbxs.items()]
        edge = f'[edge]\nlisten = "{self.edge.address}"\ntrunk = "192.0.2.20"\ntrunk_match = ["{PROVIDER}"]\n'
        return "\n".join([*tables, edge])

    def _pbx_table(self, name: str, pbx: PrivateAsterisk) -> str:
        return f"""[asterisk.{name}]
url = "{pbx.ari_url}"
username = "{pbx.ari_username}"
password = "{pbx.ari_password}"
sip_address = "{pbx.sip_host}:{pbx.sip_port}"
"""

    async def _log_in(self, agent: Agent, *, ready: bool, panel: bool) -> None:
        """Only when each PBX knows that the phone is there: who is idle longest is to be rung by any."""
        for pbx in self.pbxs.values():
            await self.until_phone_is(pbx, agent.cti_number, "online")
        await super()._log_in(agent, ready=ready, panel=panel)

    async def until_phone_is(self, pbx: PrivateAsterisk, number: str, wanted: str, within_s: float = 10) -> None:
        """Wait until a PBX thinks so of a phone: "online", "offline"."""
        login = {"Authorization": aiohttp.encode_basic_auth(pbx.ari_username, pbx.ari_password)}
        async with asyncio.timeout(within_s), aiohttp.ClientSession(headers=login) as session:
            while True:
                async with session.get(f"{pbx.ari_url}/endpoints/PJSIP/{number}") as response:
                    if (await response.json())["state"] == wanted:
                        return
                await asyncio.sleep(0.05)

    async def calls_at(self) -> dict[str, int]:
        """The calls of each PBX, as the edge counts them."""
        said = await self.edge.command("htable.dump", "calls")
        counted = dict(re.findall(r"name: sip:(\S+)\s+value: (\d+)", said))
        return {pbx.name: int(counted.get(pbx.address, 0)) for pbx in self.behind_edge()}

    async def count(self, name: str, calls: int) -> None:
        """Have the edge think that a PBX has so many calls."""
        (address,) = (pbx.address for pbx in self.behind_edge() if pbx.name == name)
        await self.edge.command("htable.seti", "calls", f"sip:{address}", str(calls))

    async def until_calls_are(self, wanted: int, within_s: float = 10) -> None:
        """Wait until the edge counts so many calls, of which it tells nobody."""
        async with asyncio.timeout(within_s):
            while sum((await self.calls_at()).values()) != wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def states(self) -> dict[str, str]:
        """The state of each PBX at the edge: "AP" takes calls, "IP" does not answer, "DX" drains."""
        said = await self.edge.command("dispatcher.list")
        return dict(zip(re.findall(r"DUID: (\S+)", said), re.findall(r"FLAGS: (\S+)", said), strict=True))

    async def until_state_is(self, name: str, wanted: str, within_s: float = 10) -> None:
        """Wait until the edge thinks so of a PBX, of which it tells nobody."""
        async with asyncio.timeout(within_s):
            while (await self.states()).get(name) != wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def problems(self) -> list[str]:
        """What /readyz of the bridge says is wrong."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.bridge.url}/readyz") as response:
            said: list[str] = (await response.json()).get("problems", [])
            return said

    async def channels(self, name: str) -> int:
        """The channels of a PBX."""
        said = await self.pbxs[name].command("core show channels count")
        return int(said.split()[0])
