"""Child processes that die with their parent, even when it is killed.

They are plain `subprocess.Popen` objects, watched through a pidfd, so that one can be started under one event loop and
stopped under another.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

LAUNCHER = Path(__file__).with_name("child.py")

Process = subprocess.Popen[bytes]


def start_child(
    command: Sequence[str | Path],
    *,
    directory: Path,
    log: Path,
    user: pwd.struct_passwd | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    environment: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> Process:
    """Start a program whose output is appended to `log` and that gets `death_signal` when this process ends.

    It runs in `directory`, as `user` if one is named, and inherits the descriptors in `keep` under their own numbers.
    The kernel sends that signal when the *thread* ends that started the child, so only the main thread may.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start_child is for the main thread: a child dies with the thread that started it")
    uid, gid = (user.pw_uid, user.pw_gid) if user else (os.getuid(), os.getgid())
    launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(death_signal))]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*launch, str(uid), str(gid), *map(str, command)],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            pass_fds=keep,
        )


async def wait_exit(process: Process, timeout_s: float | None = None) -> int:
    """Wait until the process has ended and return its exit status; `TimeoutError` when it has not by then."""
    if process.poll() is None:
        await wait_gone(process.pid, timeout_s)
    return process.wait()


async def wait_gone(pid: int, timeout_s: float | None = None) -> None:
    """Wait until a process has ended, whoever's child it is; `TimeoutError` when it has not by then."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        loop.add_reader(fd, ended.set)
        async with asyncio.timeout(timeout_s):
            await ended.wait()
    finally:
        loop.remove_reader(fd)
        os.close(fd)


async def stop_child(process: Process, how: signal.Signals, timeout_s: float) -> int:
    """Ask the process to end, kill it when it has not within `timeout_s`, and return its exit status."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        return await wait_exit(process, timeout_s)
    except TimeoutError:
        process.kill()
        return await wait_exit(process)
