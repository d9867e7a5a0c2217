"""Servers of this machine's own Debian release that the tests put before or behind the bridge: nginx, haproxy,
pgbouncer. They are unpacked into the cache, without root, and nothing is installed."""

from __future__ import annotations

import asyncio
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cti_bridge.local.cache import cache_directory, cached
from cti_bridge.local.processes import start_child

PACKAGES = ("nginx-light", "haproxy", "pgbouncer")


@contextmanager
def running(
    name: str, arguments: Sequence[str | Path], directory: Path, user: pwd.struct_passwd | None = None
) -> Iterator[None]:
    """Run a program in the foreground, as whoever runs the tests or another user; its output stands in ``NAME.log``."""
    root = fetched()
    program = root / "usr/sbin" / name
    libraries = ":".join(str(path) for path in root.glob("usr/lib/*-linux-gnu"))
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    command = [program if program.exists() else Path("/usr/sbin") / name, *arguments]
    log = directory / f"{name}.log"
    child = start_child(command, directory=directory, log=log, user=user, environment=environment)
    try:
        yield
    finally:
        child.terminate()
        child.wait(10)


async def listens(port: int) -> None:
    """Wait until somebody listens there, which a program tells nobody."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            return writer.close()


def fetched() -> Path:
    """Return where they are unpacked, at first from the network."""
    return cached("debian-programs", _unpack)


def _unpack(root: Path) -> None:
    """Unpack the packages with those of their libraries that the machine lacks."""
    with tempfile.TemporaryDirectory(prefix="apt.", dir=cache_directory()) as workshop:
        for part in ("lists/partial", "cache/archives/partial"):
            (Path(workshop) / part).mkdir(parents=True)
        options = [
            *("-o", f"Dir::State::lists={workshop}/lists", "-o", f"Dir::Cache={workshop}/cache"),
            *("-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=true", "-o", "Acquire::Check-Valid-Until=false"),
            *("-o", "Dir::Etc::parts=/dev/null", "-o", "Acquire::Languages=none"),
        ]
        for words in (["update"], ["--yes", "--download-only", "--no-install-recommends", "install", *PACKAGES]):
            subprocess.run(["apt-get", "--quiet", *options, *words], check=True, capture_output=True)
        for archive in (Path(workshop) / "cache/archives").glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, root], check=True, capture_output=True)
