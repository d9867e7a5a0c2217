"""The bridge as a process that begins with its modules imported: a fork of one that has done nothing else.

Their import takes a second of processor, and a suite that kills and starts the bridge often spends minutes on it. The
fork server is the library's (:mod:`multiprocessing`); its process runs no code of the bridge but that which reads the
panel's files (:mod:`tests.support.warm_panel`). What a start from the command line does besides is tested where the
bridge is started in that way, which is the first start of each stack.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, Self

_CONTEXT = multiprocessing.get_context("forkserver")
_PRELOADED = ["tests.support.warm", "cti_bridge.__main__", "cti_bridge.running", "tests.support.warm_panel"]


def prepare() -> None:
    """Begin to import, unless that was done before: nobody has to wait for it later."""
    _CONTEXT.set_forkserver_preload(_PRELOADED)
    forkserver.ensure_running()


class WarmChild:
    """`cti-bridge` with these arguments, as `cti_bridge.local.processes.start_child` would start it: its output is
    appended to ``log``, and it dies with this process. It has the priority of the thread that starts it. ``change`` is
    a program that is run before."""

    def __init__(
        self, arguments: Sequence[str], *, directory: Path, log: Path, environment: Mapping[str, str], change: str = ""
    ) -> None:
        with log.open("ab") as output:
            self._process = _start(arguments, directory, environment, output.fileno(), output.fileno(), change)

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit status, as soon as there is one; minus the number of the signal that has ended it."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises TimeoutError."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise TimeoutError
        return code

    def send_signal(self, sig: int) -> None:
        """Nothing when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class WarmProcess(WarmChild):
    """`cti-bridge` with these arguments, with a pipe for its errors and nothing for its output: as much of
    :class:`subprocess.Popen` as tests use. ``change`` is a program that is run before."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], change: str = "") -> None:
        reads, writes = os.pipe()
        with open(os.devnull, "wb") as nothing:
            self._process = _start(arguments, Path.cwd(), environment, nothing.fileno(), writes, change)
        os.close(writes)
        self.stderr = os.fdopen(reads)

    @property
    def returncode(self) -> int | None:
        """As of :meth:`poll`."""
        return self.poll()

    def communicate(self, timeout: float | None = None) -> tuple[None, str]:
        """Return all that is left of its errors when it has ended. ``timeout`` counts from the end of them."""
        with self.stderr:
            errors = self.stderr.read()
        self.wait(timeout)
        return None, errors

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stderr.close()
        self.wait()


def run_warm(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `cti-bridge` with these arguments to its end, as :func:`subprocess.run` does."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = _start(arguments, Path.cwd(), environment, output.fileno(), errors.fileno())
        process.join()
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read())
        return subprocess.CompletedProcess(["cti-bridge", *arguments], process.exitcode or 0, *texts)


def _start(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    output: int,
    errors: int,
    change: str = "",
) -> ForkServerProcess:
    prepare()
    priority = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
    place = (list(arguments), str(directory), dict(environment), priority, _Passed(output), _Passed(errors), change)
    process = _CONTEXT.Process(target=_run, args=place, daemon=True)
    process.start()
    return process


class _Passed:
    """A descriptor on its way to the child."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __reduce__(self) -> Any:
        return _received, (DupFd(self._fd),)


def _received(passed: Any) -> int:
    fd: int = passed.detach()
    return fd


def _run(
    arguments: list[str],
    directory: str,
    environment: dict[str, str],
    priority: tuple[int, int],
    output: int,
    errors: int,
    change: str,
) -> None:
    """In the child: all that a process has from its beginning, then the bridge."""
    os.sched_setscheduler(0, priority[0], os.sched_param(priority[1]))
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    for number, fd in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, errors)):
        os.dup2(fd, number)
    if environment.get("PYTHONWARNINGS") == "default":
        warnings.resetwarnings()
        warnings.simplefilter("default")
    exec(change, {})
    from cti_bridge.__main__ import main

    sys.argv = ["cti-bridge", *arguments]
    sys.exit(main(arguments))


def _die_with_parent() -> None:
    """The parent as the kernel knows it is the fork server, which lives as long as its children."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)
