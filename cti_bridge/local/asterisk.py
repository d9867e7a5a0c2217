"""A private Asterisk: an ordinary child process with directories, ports and passwords of its own."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import signal
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from cti_bridge.local.asterisk_config import Addresses, AgentPhone, AsteriskSettings, render
from cti_bridge.local.asterisk_install import AsteriskInstall, find_asterisk
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.ports import PortBlock, claim_ports
from cti_bridge.local.processes import Process, start_child, stop_child, wait_exit

__all__ = ["Addresses", "AgentPhone", "AsteriskSettings", "PrivateAsterisk"]

# Two a channel; the block also holds the ports of HTTP and SIP.
PORTS = 1000


class PrivateAsterisk:
    """One Asterisk of one's own, from `start()` to `stop()` or within `async with`.

    It dies with this process, even when this process is killed. `kill()` and `start()` again on the same object keep
    addresses, passwords and directory. From outside that looks like the restart of a PBX.
    """

    def __init__(
        self,
        settings: AsteriskSettings | None = None,
        *,
        directory: Path | None = None,
        bind: str = "127.0.0.1",
        addresses: Addresses | None = None,
        ari_username: str = "cti_bridge",
        ari_password: str | None = None,
        install: AsteriskInstall | None = None,
        ready_within_s: float = 30,
    ) -> None:
        """Prepare; nothing is written or started yet.

        Without a `directory` a temporary one is used, which `stop()` removes. Without `addresses` free ports at `bind`
        are chosen at the first start.
        """
        self.settings = settings or AsteriskSettings()
        self.ari_username = ari_username
        self.ari_password = ari_password or secrets.token_urlsafe(18)
        self._temporary = directory is None
        self._directory = directory.resolve() if directory else None
        self._bind = bind
        self._addresses = addresses
        self._ports: PortBlock | None = None
        self._install = install
        self._ready_within_s = ready_within_s
        self._process: Process | None = None
        self._old_log = 0

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    # ---- what callers want to know

    @property
    def directory(self) -> Path:
        """The directory of its configuration, logs, recordings and socket."""
        if self._directory is None:
            raise RuntimeError("not started yet")
        return self._directory

    @property
    def addresses(self) -> Addresses:
        """The addresses at which it listens."""
        if self._addresses is None:
            raise RuntimeError("not started yet")
        return self._addresses

    @property
    def ari_url(self) -> str:
        """The base address of ARI, without a slash at the end."""
        return f"http://127.0.0.1:{self.addresses.http_port}/ari"

    @property
    def browser_phone_url(self) -> str:
        """The address for phones in the browser, on this machine only."""
        return f"ws://127.0.0.1:{self.addresses.http_port}/ws"

    @property
    def sip_host(self) -> str:
        """The address of its SIP port on this machine."""
        return "127.0.0.1" if self.addresses.address == "0.0.0.0" else self.addresses.address

    @property
    def sip_port(self) -> int:
        """The SIP port (UDP)."""
        return self.addresses.sip_port

    @property
    def pid(self) -> int:
        """The process id of the running Asterisk."""
        if self._process is None:
            raise RuntimeError("not running")
        return self._process.pid

    @property
    def version(self) -> str:
        """The version, e.g. 22.10.1."""
        return self.install.version

    @property
    def install(self) -> AsteriskInstall:
        """The program it runs."""
        if self._install is None:
            raise RuntimeError("not started yet")
        return self._install

    @property
    def log(self) -> Path:
        """The log of notices, warnings and errors."""
        return self.directory / "log" / "messages.log"

    def password(self, cti_number: str) -> str:
        """Return the SIP password of an agent's phone."""
        return next(agent.password for agent in self.settings.agents if agent.cti_number == cti_number)

    # ---- its life

    async def start(self) -> None:
        """Start it and return when ARI answers. Raises ServerFailed, with the end of its log, when it does not."""
        if self._process is not None:
            raise RuntimeError("already running")
        if self._install is None:
            self._install = await asyncio.to_thread(find_asterisk)
        self._prepare()
        try:
            self._process = self._launch()
            await self._wait_ready()
        except BaseException:
            # An Asterisk that is still booting does not listen to SIGTERM.
            await self.kill()
            await self.stop()
            raise

    async def stop(self) -> None:
        """End all calls and the process, give the ports back, and remove a temporary directory."""
        await self._end(signal.SIGTERM, timeout_s=5)
        if self._ports is not None:
            self._ports.release()
            self._ports, self._addresses = None, None
        if self._temporary and self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    async def kill(self) -> None:
        """End the process as a crash would; `start()` brings it back at the same addresses."""
        await self._end(signal.SIGKILL, timeout_s=5)

    async def restart(self) -> None:
        """End the process in order and start it again at the same addresses."""
        await self._end(signal.SIGTERM, timeout_s=5)
        await self.start()

    async def command(self, line: str) -> str:
        """Run a command of Asterisk's console, such as `core show channels`, and return what it prints."""
        process = await asyncio.create_subprocess_exec(
            *self._program,
            "-rx",
            line,
            cwd=self.directory,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return output.decode(errors="replace")

    # ---- details

    @property
    def _program(self) -> list[str]:
        return [*self.install.command, "-C", str(self.directory / "etc" / "asterisk.conf")]

    def _prepare(self) -> None:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="cti-asterisk-"))
        if self._addresses is None:
            self._ports = claim_ports(PORTS, self._bind)
            first = self._ports.first
            self._addresses = Addresses(self._bind, first, first + 1, first + 2, self._ports.last)
        render(self._directory, self.install, self.settings, self.addresses, self.ari_username, self.ari_password)
        self._old_log = self.log.stat().st_size if self.log.exists() else 0

    def _launch(self) -> Process:
        console = self.directory / "log" / "console.log"
        return start_child([*self._program, "-f"], directory=self.directory, log=console)

    async def _wait_ready(self) -> None:
        try:
            async with asyncio.timeout(self._ready_within_s), aiohttp.ClientSession() as session:
                while not await self._answers(session):
                    await self._pause()
                    self._refuse_errors()
                await self._refuse_missing_modules(session)
        except TimeoutError:
            raise self._failed(f"did not answer within {self._ready_within_s} s") from None
        self._refuse_errors()

    async def _refuse_missing_modules(self, session: aiohttp.ClientSession) -> None:
        """Raise if a module that was asked for is not there. Another thread writes Asterisk's log, and may tell it
        later."""
        login = {"Authorization": aiohttp.encode_basic_auth(self.ari_username, self.ari_password)}
        for name in self.settings.extra_modules:
            async with session.get(f"{self.ari_url}/asterisk/modules/{name}.so", headers=login) as response:
                if response.status != 200:
                    raise self._failed(f"has not loaded the module {name}")

    def _refuse_errors(self) -> None:
        """Raise if this start has logged an error: Asterisk itself goes on without the part that is wrong."""
        if not self.log.exists():
            return
        with self.log.open("rb") as log:
            log.seek(self._old_log)
            errors = re.findall(rb"ERROR.*", log.read())
        if errors:
            raise self._failed(f"reported an error while starting: {errors[0].decode(errors='replace')}")

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        """Tell whether ARI answers with 200: before that connections are refused, and while it boots it says 503."""
        login = {"Authorization": aiohttp.encode_basic_auth(self.ari_username, self.ari_password)}
        try:
            async with session.get(f"{self.ari_url}/asterisk/info?only=status", headers=login) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def _pause(self) -> None:
        """Wait a moment before the next look; raises at once when the process has ended."""
        assert self._process is not None
        try:
            status = await wait_exit(self._process, timeout_s=0.02)
        except TimeoutError:
            return
        raise self._failed(f"ended with status {status} while starting")

    def _failed(self, why: str) -> ServerFailed:
        return ServerFailed(
            f"Asterisk {self.version} in {self.directory}",
            why,
            self.directory / "log" / "console.log",
            self.log,
        )

    async def _end(self, how: signal.Signals, timeout_s: float) -> None:
        process, self._process = self._process, None
        if process is not None:
            await stop_child(process, how, timeout_s)
