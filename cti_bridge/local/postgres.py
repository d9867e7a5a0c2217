"""An embedded Postgres: a child process of one's own, on a Unix socket only."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.postgres_clusters import copy_cluster, keep_cluster, kept_cluster
from cti_bridge.local.postgres_home import make_directory, opened, postgres_programs, postgres_user
from cti_bridge.local.processes import Process, start_child, stop_child, wait_exit

USER = "cti"
DATABASE = "cti_bridge"
# A Unix socket's path has 107 characters at most (unix(7)).
LONGEST_SOCKET = 107
SOCKET = ".s.PGSQL.5432"

# Data that is thrown away after the tests need not survive a power cut. A crash of the server is another matter: with
# synchronous_commit=off that would lose what was acknowledged.
CARELESS = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One Postgres of one's own, from `start()` to `stop()` or within `async with`.

    It dies with this process, even when this process is killed. Root runs it as another user. `kill()` and `start()`
    again on the same object bring back the same data at the same `url`.
    """

    def __init__(self, directory: Path | None = None, *, ready_within_s: float = 30) -> None:
        """Prepare; nothing is started yet. Without a `directory` a temporary one is used, which `stop()` removes."""
        self._temporary = directory is None
        self._wanted = directory
        self._data: Path | None = None
        self._socket_directory: Path | None = None
        self._ready_within_s = ready_within_s
        self._process: Process | None = None
        self._user = postgres_user()

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
    def directory(self) -> Path:
        """The directory of the data."""
        if self._data is None:
            raise RuntimeError("not started yet")
        return self._data

    @property
    def url(self) -> str:
        """The address of the database `cti_bridge`, for asyncpg and psql."""
        return self.url_of(DATABASE)

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self._process is None:
            raise RuntimeError("not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.directory / "server.log"

    def url_of(self, database: str) -> str:
        """Return the address of one of its databases."""
        if self._socket_directory is None:
            raise RuntimeError("not started yet")
        return f"postgresql://{USER}@/{database}?host={self._socket_directory}"

    async def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, a copy of `template` if one is named (nobody may be connected to it); return its url."""
        source = "template1" if template is None else template
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self.url_of(name)

    # ---- its life

    async def start(self) -> None:
        """Start it and return when it takes connections. Raises ServerFailed, with its log's end, when it does not."""
        if self._process is not None:
            raise RuntimeError("already running")
        try:
            self._prepare()
            fresh = not (self.directory / "PG_VERSION").exists()
            if fresh:
                await self._make_cluster()
            self._process = self._launch()
            await self._wait_ready()
            if fresh:
                await self.create_database(DATABASE)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut it down in order. A temporary directory is removed, so memory need not be written to it before."""
        await self._end(signal.SIGQUIT if self._temporary else signal.SIGINT)
        if self._socket_directory not in (None, self._data):
            shutil.rmtree(self._socket_directory or "", ignore_errors=True)
        if self._temporary and self._data is not None:
            shutil.rmtree(self._data, ignore_errors=True)
            self._data = None
        self._socket_directory = None

    async def kill(self) -> None:
        """End it at once as a crash would, connections cut; `start()` brings it back, recovered, at the same url.

        SIGQUIT, not SIGKILL: its clients see the same, but no orphaned backend keeps the next server from starting.
        """
        await self._end(signal.SIGQUIT)

    # ---- details

    def _prepare(self) -> None:
        if self._data is None:
            self._data = make_directory(self._wanted or Path(tempfile.mkdtemp(prefix="cti-postgres-")), self._user)
        if self._socket_directory is None:
            self._socket_directory = self._data
            if len(bytes(self._data / SOCKET)) > LONGEST_SOCKET:
                self._socket_directory = make_directory(Path(tempfile.mkdtemp(prefix="cti-postgres-")), self._user)

    async def _make_cluster(self) -> None:
        """Make an empty cluster; a temporary one as a copy of the first that these programs have made. Every user who
        reaches the socket is let in, and its directory is closed to others."""
        options = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-locale", "--no-sync"]
        kept = kept_cluster(postgres_programs(self._user), options) if self._temporary else None
        if kept is not None and kept.exists():
            copy_cluster(kept, self.directory)
            return
        await self._initdb(options)
        if kept is not None:
            keep_cluster(self.directory, kept)

    async def _initdb(self, options: Sequence[str]) -> None:
        with tempfile.NamedTemporaryFile(prefix="cti-initdb-") as log, opened(self.directory) as (data, path):
            process = self._start_program("initdb", ["-D", path, *options], Path(log.name), [data])
            if await wait_exit(process, self._ready_within_s) != 0:
                raise ServerFailed("initdb", "failed", Path(log.name))

    def _launch(self) -> Process:
        assert self._socket_directory is not None
        with opened(self.directory) as (data, path), opened(self._socket_directory) as (socket, socket_path):
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": socket_path,
                "timezone": "UTC",
                **(CARELESS if self._temporary else {}),
            }
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            return self._start_program("postgres", ["-D", path, *options], self.log, [data, socket])

    def _start_program(self, name: str, options: Sequence[str], log: Path, keep: Sequence[int]) -> Process:
        return start_child(
            [postgres_programs(self._user) / name, *options],
            # Any that everybody can get back to; the programs change directory while they look for their own files.
            directory=Path("/"),
            log=log,
            user=self._user,
            # Asked to stop fast, not killed, when this process dies: it takes its backends and shared memory along.
            death_signal=signal.SIGINT,
            environment={**os.environ, "LC_ALL": "C"},
            keep=keep,
        )

    async def _wait_ready(self) -> None:
        assert self._process is not None
        try:
            async with asyncio.timeout(self._ready_within_s):
                while not self._says_ready(self._process.pid):
                    await self._pause(self._process)
        except TimeoutError:
            raise ServerFailed("Postgres", f"was not ready within {self._ready_within_s} s", self.log) from None

    def _says_ready(self, pid: int) -> bool:
        """Read the server's own note of its state, as pg_ctl does (line 1 the process, line 8 the state)."""
        try:
            note = (self.directory / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(note) >= 8 and note[0] == str(pid) and note[7].strip() == "ready"

    async def _pause(self, process: Process) -> None:
        try:
            status = await wait_exit(process, timeout_s=0.02)
        except TimeoutError:
            return
        raise ServerFailed("Postgres", f"ended with status {status} while starting", self.log)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            await stop_child(process, how, timeout_s=10)
