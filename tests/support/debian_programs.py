"""Servers of this machine's own Debian release that the tests put before or behind the bridge: nginx, haproxy,
pgbouncer. They are unpacked into the cache, without root, and nothing is installed."""

from __future__ import annotations

import asyncio
import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cti_bridge.local.cache import cached
from cti_bridge.local.debian import unpack_own_release
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
    unpack_own_release(PACKAGES, root)
