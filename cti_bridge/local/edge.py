"""A private edge: a Kamailio of one's own with the files of `edge/`, before private Asterisks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import asyncpg

from cti_bridge.edge_files.of_settings import PBXS, PHONES, EdgeValues, Pbx, render
from cti_bridge.local.cache import REPOSITORY
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.kamailio_install import KamailioInstall, find_kamailio
from cti_bridge.local.ports import PortBlock, claim_ports
from cti_bridge.local.processes import Process, start_child, stop_child, wait_exit, wait_gone

ADDRESS = "127.0.0.2"
"""The edge's own: PBXs know it by its address, and on one machine all others are at 127.0.0.1."""
ROLE, SCHEMA = "edge", "edge"
MEMORY_MB, PROCESS_MEMORY_MB = 32, 8


class PrivateEdge:
    """One edge of one's own, from `start()` to `stop()` or within `async with`.

    It ends with this process, even when this process is killed. `kill()` and `start()` again on the same object keep
    address, passwords and registrations.
    """

    def __init__(
        self,
        database_url: str,
        *,
        trunk: str,
        trunk_match: Sequence[str],
        passwords: Mapping[str, str],
        port: int | None = None,
        ready_within_s: float = 10,
    ) -> None:
        """Prepare; nothing is written or started yet. ``database_url`` is an embedded Postgres's. Without a ``port`` a
        free one is chosen."""
        self._database_url = database_url
        self._ready_within_s = ready_within_s
        self._port = port
        self._ports: PortBlock | None = None
        self._directory: Path | None = None
        self._install: KamailioInstall | None = None
        self._process: Process | None = None
        self._values = EdgeValues(
            address=ADDRESS,
            port=0,
            trunk=trunk,
            trunk_match=trunk_match,
            pbxs=(),
            passwords=passwords,
            database="",
            directory="",
            control="",
        )

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    @property
    def host(self) -> str:
        """The address at which it listens."""
        return ADDRESS

    @property
    def port(self) -> int:
        """The SIP port (UDP). It is claimed when it is first asked for, so that PBXs can be told before it starts."""
        if self._port is not None:
            return self._port
        if self._ports is None:
            self._ports = claim_ports(1, ADDRESS)
        return self._ports.first

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the running Kamailio; its other processes are of this process's group."""
        if self._process is None:
            raise RuntimeError("not running")
        return self._process.pid

    @property
    def processes(self) -> list[int]:
        """The ids of all its processes, the first one first."""
        return [self.pid, *_children(self.pid)]

    @property
    def log(self) -> Path:
        """The log of the program."""
        return self._where / "kamailio.log"

    # ---- its life

    async def start(self, pbxs: Sequence[Pbx] = ()) -> None:
        """Start it and return when it answers. ``pbxs`` are the PBXs behind it, if others than before. Raises
        ServerFailed, with the end of its log, when it does not."""
        if self._process is not None:
            raise RuntimeError("already running")
        if self._install is None:
            self._install = await asyncio.to_thread(find_kamailio)
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="cti-edge-"))
            await self._make_tables()
        self._values = replace(
            self._values,
            port=self.port,
            pbxs=tuple(pbxs) or self._values.pbxs,
            database=self._database(),
            directory=str(self._where),
            control=str(self._where / "control"),
            secret=self._values.secret or os.urandom(24).hex(),
        )
        self._write()
        try:
            self._process = self._launch()
            await self._wait_ready()
        except BaseException:
            await self.kill()
            await self.stop()
            raise

    async def stop(self) -> None:
        """End it, give the port back, and remove its directory."""
        process, self._process = self._process, None
        if process is not None:
            await stop_child(process, signal.SIGTERM, timeout_s=15)
        if self._ports is not None:
            self._ports.release()
            self._ports = None
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    async def kill(self) -> None:
        """End all its processes as a power cut would; `start()` brings it back at the same address. The first process
        alone would leave the others serving."""
        process, self._process = self._process, None
        if process is not None:
            children = _children(process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await wait_exit(process, 5)
            for pid in children:
                await wait_gone(pid, 5)

    async def use(self, pbxs: Sequence[Pbx]) -> None:
        """Have the running edge take over other PBXs, as `edge-config --reload` does."""
        self._values = replace(self._values, pbxs=tuple(pbxs))
        self._write()
        await self.command("dispatcher.reload")

    async def give_passwords(self, passwords: Mapping[str, str]) -> None:
        """Have the running edge take over other phones."""
        self._values = replace(self._values, passwords=passwords)
        self._write()
        await self.command("htable.reload", "phones")

    async def command(self, *words: str) -> str:
        """Send a command, such as ``dispatcher.list``, and return what it answers. Raises ServerFailed."""
        assert self._install is not None
        process = await asyncio.create_subprocess_exec(
            self._install.control,
            "-s",
            f"unix:{self._values.control}",
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._install.environment,
        )
        said = (await process.communicate())[0].decode(errors="replace")
        if process.returncode != 0 or said.startswith("error"):
            raise ServerFailed("the edge", f"refused {' '.join(words)}: {said}", self.log)
        return said

    # ---- details

    @property
    def _where(self) -> Path:
        if self._directory is None:
            raise RuntimeError("not started yet")
        return self._directory

    def _database(self) -> str:
        """Return the address in Kamailio's form. A socket's directory stands in its environment."""
        parts = urlsplit(self._database_url)
        place = f"{parts.hostname}:{parts.port}" if parts.port else ""
        return f"postgres://{ROLE}:{ROLE}@{place}{parts.path}"

    def _write(self) -> None:
        for name, text in render(REPOSITORY / "edge", self._values).items():
            path = self._where / name
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(text)

    def _launch(self) -> Process:
        assert self._install is not None
        directory = str(self._where)
        options = ["-DD", "-E", "-f", f"{directory}/kamailio.cfg", "-Y", directory, "-w", directory]
        memory = ["-m", str(MEMORY_MB), "-M", str(PROCESS_MEMORY_MB)]
        socket_directory = parse_qs(urlsplit(self._database_url).query).get("host", [""])[0]
        return start_child(
            [self._install.program, *options, *memory, "-L", str(self._install.modules)],
            directory=self._where,
            log=self.log,
            # Asked to end, not killed, when this process dies: only so it takes its other processes along.
            death_signal=signal.SIGTERM,
            environment={**self._install.environment, **({"PGHOST": socket_directory} if socket_directory else {})},
        )

    async def _wait_ready(self) -> None:
        try:
            async with asyncio.timeout(self._ready_within_s):
                while not await asyncio.to_thread(_answers, self.host, self.port):
                    await self._pause()
        except TimeoutError:
            raise ServerFailed("Kamailio", f"did not answer within {self._ready_within_s} s", self.log) from None

    async def _pause(self) -> None:
        assert self._process is not None
        try:
            status = await wait_exit(self._process, timeout_s=0.02)
        except TimeoutError:
            return
        raise ServerFailed("Kamailio", f"ended with status {status} while starting", self.log)

    async def _make_tables(self) -> None:
        """Make the role and its schema, as `docs/farm.md` has it, unless they are there."""
        assert self._install is not None
        connection = await asyncpg.connect(self._database_url)
        try:
            if not await connection.fetchval("select true from pg_roles where rolname = $1", ROLE):
                await connection.execute(f"create role {ROLE} login password '{ROLE}'")
                await connection.execute(f"alter role {ROLE} set search_path = {SCHEMA}")
            if not await connection.fetchval("select to_regclass($1) is not null", f"{SCHEMA}.location"):
                await connection.execute(f"create schema if not exists {SCHEMA} authorization {ROLE}")
                await connection.execute(f"set role {ROLE}; set search_path = {SCHEMA}")
                for path in self._install.tables:
                    await connection.execute(path.read_text())
        finally:
            await connection.close()


def _children(pid: int) -> list[int]:
    """Return the process ids of the children."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _answers(host: str, port: int) -> bool:
    """Ask whether it is there (OPTIONS), and wait a moment for an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(0.2)
        own = f"127.0.0.1:{probe.getsockname()[1]}"
        asked = (
            f"OPTIONS sip:{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{os.urandom(8).hex()}\r\n"
            f"Max-Forwards: 5\r\nFrom: <sip:ready@{own}>;tag=1\r\nTo: <sip:{host}:{port}>\r\n"
            f"Call-ID: {os.urandom(8).hex()}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        probe.sendto(asked.encode(), (host, port))
        try:
            return probe.recv(2048).startswith(b"SIP/2.0 200")
        except (TimeoutError, OSError):
            return False


__all__ = ["ADDRESS", "PBXS", "PHONES", "Pbx", "PrivateEdge"]
