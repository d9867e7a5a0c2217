"""An ear at the PBX's manager interface: which channels there were, and which of them came to the bridge.

It is no part of the bridge, and hears what the bridge may have missed. A PBX that dies takes its channels with it.
Source: Asterisk's documentation, AMI events Newchannel, Newexten, Hangup, and manager.conf.sample (event filters).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Self

USER = "chaos"
AGAIN_S = 0.2
"""Between two attempts to connect to a PBX that is away."""


@dataclass(slots=True)
class Channel:
    """One channel of the PBX. Moments are POSIX seconds."""

    name: str
    """As ``PJSIP/b0001-0000002a``."""
    began: float
    ended: float | None = None
    number: str = ""
    """The caller's number."""
    in_bridge_at: float | None = None
    """When it was first handed to the bridge's application."""

    @property
    def endpoint(self) -> str:
        """The endpoint: an agent's number, or trunk."""
        return self.name.partition("/")[2].rpartition("-")[0]


class Ear:
    """Within ``async with``: listens, and connects again after the PBX was away."""

    def __init__(self, host: str, port: int, password: str) -> None:
        self._address, self._password = (host, port), password
        self.channels: list[Channel] = []
        self._up: dict[str, Channel] = {}
        self._connected = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="chaos-ear")
        await self._connected.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._listen()
            self._all_gone(time.time())
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            await reader.readline()
            login = f"Action: Login\r\nUsername: {USER}\r\nSecret: {self._password}\r\nEvents: on\r\n\r\n"
            writer.write(login.encode())
            if (said := _fields(await reader.readuntil(b"\r\n\r\n"))).get("Response") != "Success":
                raise ConnectionRefusedError(said.get("Message"))
            self._connected.set()
            while True:
                self.hear(_fields(await reader.readuntil(b"\r\n\r\n")))
        finally:
            writer.close()

    def hear(self, event: dict[str, str]) -> None:
        """Note one event."""
        kind, id_ = event.get("Event"), event.get("Uniqueid", "")
        at = float(event.get("Timestamp", 0))
        if kind == "Newchannel":
            channel = Channel(event["Channel"], at, number=event.get("CallerIDNum", ""))
            self._up[id_] = channel
            self.channels.append(channel)
        elif kind == "Newexten" and id_ in self._up:
            channel = self._up[id_]
            channel.in_bridge_at = channel.in_bridge_at or at
        elif kind == "Hangup" and id_ in self._up:
            self._up.pop(id_).ended = at

    def _all_gone(self, at: float) -> None:
        for channel in self._up.values():
            channel.ended = at
        self._up.clear()


def manager_conf(address: str, port: int, password: str) -> str:
    """Return the manager.conf for this ear."""
    return f"""[general]
enabled = yes
bindaddr = {address}
port = {port}
timestampevents = yes

[{USER}]
secret = {password}
read = call,dialplan
eventfilter(action(include),name(Newchannel)) =
eventfilter(action(include),name(Hangup)) =
eventfilter(action(include),name(Newexten),header(Application),method(exact)) = Stasis
"""


def _fields(message: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in message.decode(errors="replace").splitlines() if line)
    return {name: value.strip() for name, _, value in lines}
