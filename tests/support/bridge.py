"""The bridge as a process of its own, so that it can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from cti_bridge.local.processes import Process, start_child, wait_gone
from cti_bridge.operator_access import read_access
from tests.support.priority import soon
from tests.support.warm import WarmChild, prepare
from tests.support.wrong_clock import put_ahead

READY_WITHIN_S = 60.0
LOGGED_WITHIN_S = 10.0
CODE = Path(__file__).resolve().parents[2]


class Bridge:
    """One `cti-bridge run` on a configuration file whose ``[api] listen`` is ``port`` of loopback. ``trust`` where it
    speaks TLS."""

    def __init__(self, config: Path, port: int, trust: ssl.SSLContext | None = None) -> None:
        self.config, self._trust = config, trust
        self.port = port
        self.log = config.parent / "bridge.log"
        self.output = self.log
        """Where its log goes from the next start on; ``log`` is what is read here."""
        self.through: Sequence[str] = ()
        """What starts it from the next start on: a command that its own is appended to."""
        self.clock_ahead_s: float | None = None
        """By how much its machine's clock is ahead of the PBX's, at the next start; None: it is the same one."""
        self._process: Process | WarmChild | None = None
        self._stands_still = False

    @property
    def _ahead(self) -> Path:
        return self.config.parent / "clock-ahead"

    def set_clock(self, ahead_s: float) -> None:
        """Set its machine's clock; where it runs already, it was started with ``clock_ahead_s``."""
        self.clock_ahead_s = ahead_s
        new = self._ahead.with_suffix(".new")
        new.write_text(str(ahead_s))
        new.replace(self._ahead)

    @property
    def url(self) -> str:
        """The base address of everything it serves."""
        return f"{'https' if self._trust else 'http'}://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def works(self) -> bool:
        """Whether its process is there, and not stopped."""
        return self.is_running and not self._stands_still

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    async def start(self, *, wait_ready: bool = True) -> None:
        """Start it, and wait until it is connected to its PBX. From the second time on, and with a clock of its own,
        its modules are there already (:mod:`tests.support.warm`), unless something else starts it."""
        assert not self.is_running
        self._stands_still = False
        arguments = ["run", "--config", str(self.config)]
        environment = {**os.environ, "PYTHONPATH": str(CODE), "PYTHONWARNINGS": "default"}
        place: dict[str, Any] = {"directory": self.config.parent, "log": self.output, "environment": environment}
        change = self._wrong_clock()
        with soon():
            if not self.through and (change or self._process is not None):
                self._process = WarmChild(arguments, **place, change=change)
            else:
                assert not change, "what starts it cannot change its clock"
                self._process = start_child([*self.through, sys.executable, "-m", "cti_bridge", *arguments], **place)
        prepare()
        if wait_ready:
            await self.ready()

    def _wrong_clock(self) -> str:
        """The program that puts its clock ahead."""
        if self.clock_ahead_s is None:
            return ""
        self.set_clock(self.clock_ahead_s)
        return f"from {put_ahead.__module__} import put_ahead; put_ahead({str(self._ahead)!r})"

    async def ready(self, within_s: float = READY_WITHIN_S) -> None:
        """Wait until it says that it is ready for calls."""
        try:
            async with asyncio.timeout(within_s), aiohttp.ClientSession() as session:
                while not await self._says_ready(session):
                    assert self.is_running, f"the bridge has ended:\n{self.log_tail()}"
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"the bridge was not ready within {within_s} s:\n{self.log_tail()}") from None

    async def not_ready(self, within_s: float) -> None:
        """Wait until it says that something is wrong."""
        try:
            async with asyncio.timeout(within_s), aiohttp.ClientSession() as session:
                # It is another process: there is nothing to be woken by.
                while await self._says_ready(session):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"the bridge noticed nothing within {within_s} s") from None

    async def _says_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz", ssl=self._trust or True) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def warnings(self) -> list[str]:
        """What /readyz says beside ready or not."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/readyz", ssl=self._trust or True) as response,
        ):
            said: list[str] = (await response.json())["warnings"]
            return said

    async def metrics(self) -> list[str]:
        """The lines of /metrics."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/metrics", ssl=self._trust or True) as response,
        ):
            return (await response.text()).splitlines()

    async def metric(self, name: str) -> float:
        """The number of a metric without labels, or with one set of them."""
        lines = await self.metrics()
        return next(float(line.split()[-1]) for line in lines if line.partition("{")[0].partition(" ")[0] == name)

    async def ask(
        self, path: str, body: dict[str, Any] | None, method: str = "POST", status: int = 200
    ) -> dict[str, Any]:
        """Ask it as the machine's operator; returns the answer."""
        access = read_access(self.config.parent / "spool.db.operator")
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {access.token}"}) as session,
            session.request(method, f"{access.url}/api/v1{path}", json=body, ssl=self._trust or True) as response,
        ):
            said: dict[str, Any] = await response.json(content_type=None)
            assert response.status == status, said
            return said

    async def reload(self, overlay: str) -> dict[str, Any]:
        """Write this above its configuration, and have it taken over; returns what it says. An empty one is none."""
        self.overlay(overlay)
        access = read_access(self.config.parent / "spool.db.operator")
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {access.token}"}) as session,
            session.post(f"{access.url}/api/v1/reload", ssl=self._trust or True) as response,
        ):
            said: dict[str, Any] = await response.json(content_type=None)
            assert response.status == 200, said
            return said

    def overlay(self, text: str) -> None:
        """Write this above its configuration; an empty one is none."""
        path = self.config.parent / "conf.d" / "overlay.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def pause(self) -> None:
        """SIGSTOP: it stands still, with all that is in its memory."""
        assert self._process is not None
        self._stands_still = True
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._stands_still = False
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        await self.exit_code()

    async def stop(self) -> int:
        """End it in order; returns its exit code. Nothing when it has ended."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return await self.exit_code(10)
        except TimeoutError:
            self._process.kill()
            return await self.exit_code()

    async def exit_code(self, within_s: float | None = None) -> int:
        """Wait until it ends by itself. Raises TimeoutError."""
        assert self._process is not None
        if self._process.poll() is None:
            await wait_gone(self._process.pid, within_s)
        return self._process.wait()

    async def logs(self, *words: str, within_s: float = LOGGED_WITHIN_S) -> None:
        """Wait until one line of its log has all these words. Others may write any number of lines meanwhile."""
        try:
            async with asyncio.timeout(within_s):
                # It is another process: there is nothing to be woken by.
                while not self._line_with(words):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"no line of the log has {words} within {within_s} s:\n{self.log_tail()}") from None

    def _line_with(self, words: Sequence[str]) -> bool:
        return any(all(word in line for word in words) for line in self.log.read_text(errors="replace").splitlines())

    def log_tail(self, lines: int = 40) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def complaints(self) -> list[str]:
        """What it logged as an error, or as a fault of its own code. Alerts tell of the house, not of the bridge."""
        marks = ('"level": "error"', '"level":"error"', "[error", '"critical"', "Traceback (most recent call last)")
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(m in line for m in marks) and '"event": "alert"' not in line]
