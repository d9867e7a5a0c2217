"""One listener on Asterisk's manager interface that hears who enters a bridge, and nothing else.

Attached to both systems alike. The times are Asterisk's own (``timestampevents``), so that it does not matter how soon
the listener reads them. Source: Asterisk's documentation, AMI event BridgeEnter, and manager.conf.sample.
"""

import asyncio
import contextlib
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Self

USER = "benchmark"


@dataclass(slots=True)
class _Bridge:
    entered_at: list[float] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)


class BridgeWatch:
    """Within ``async with``: when each caller and an agent were both in a bridge."""

    def __init__(self, host: str, port: int, password: str) -> None:
        self._address = host, port
        self._password = password
        self._bridges: defaultdict[str, _Bridge] = defaultdict(_Bridge)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        reader, self._writer = await asyncio.open_connection(*self._address)
        await reader.readline()
        login = f"Action: Login\r\nUsername: {USER}\r\nSecret: {self._password}\r\nEvents: call\r\n\r\n"
        self._writer.write(login.encode())
        reply = _fields(await reader.readuntil(b"\r\n\r\n"))
        if reply.get("Response") != "Success":
            raise ConnectionError(f"the manager interface refused the login: {reply.get('Message')}")
        self._task = asyncio.create_task(self._listen(reader), name="bridge-watch")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def joined_at(self) -> dict[str, float]:
        """Caller's number → POSIX seconds at which the second party entered the bridge. Forgets what it returns."""
        bridges, self._bridges = self._bridges, defaultdict(_Bridge)
        return {
            number: sorted(bridge.entered_at)[1]
            for bridge in bridges.values()
            if len(bridge.entered_at) > 1
            for number in bridge.numbers
        }

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                event = _fields(await reader.readuntil(b"\r\n\r\n"))
                if event.get("Event") == "BridgeEnter":
                    bridge = self._bridges[event["BridgeUniqueid"]]
                    bridge.entered_at.append(float(event["Timestamp"]))
                    numbers = event["CallerIDNum"], event["ConnectedLineNum"]
                    bridge.numbers.update(number for number in numbers if number.startswith("+"))


def manager_conf(address: str, port: int, password: str) -> str:
    """manager.conf for this listener."""
    return f"""[general]
enabled = yes
bindaddr = {address}
port = {port}
timestampevents = yes

[{USER}]
secret = {password}
read = call
eventfilter(action(include),name(BridgeEnter)) =
"""


def new_password() -> str:
    return secrets.token_urlsafe(12)


def _fields(message: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in message.decode(errors="replace").splitlines() if line)
    return {name: value.strip() for name, _, value in lines}
