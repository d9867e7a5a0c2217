"""The bridge as a process that begins with its modules imported: a fork of one that has done nothing else.

Their import takes a second of processor, and a suite that kills and starts the bridge often spends minutes on it. The
fork server is the library's (:mod:`multiprocessing`); its process runs no code of the bridge. What a start from the
command line does besides is tested where the bridge is started in that way, which is the first start of each stack.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_PRELOADED = ["tests.support.warm", "cti_bridge.__main__", "cti_bridge.running"]


def prepare() -> None:
    """Begin to import, unless that was done before: nobody has to wait for it later."""
    _CONTEXT.set_forkserver_preload(_PRELOADED)
    forkserver.ensure_running()


class WarmChild:
    """`cti-bridge` with these arguments, as `cti_bridge.local.processes.start_child` would start it: its output is
    appended to ``log``, and it dies with this process. It has the priority of the thread that starts it."""

    def __init__(self, arguments: Sequence[str], *, directory: Path, log: Path, environment: Mapping[str, str]) -> None:
        prepare()
        priority = os.sched_getscheduler(0), os.sched_getparam(0).sched_priority
        with log.open("ab") as output:
            what = (list(arguments), str(directory), dict(environment), priority, _Passed(output.fileno()))
            self._process = _CONTEXT.Process(target=_run, args=what, daemon=True)
            self._process.start()

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
    arguments: list[str], directory: str, environment: dict[str, str], priority: tuple[int, int], output: int
) -> None:
    """In the child: all that a process has from its beginning, then the bridge."""
    os.sched_setscheduler(0, priority[0], os.sched_param(priority[1]))
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    for number, fd in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(fd, number)
    if environment.get("PYTHONWARNINGS") == "default":
        warnings.resetwarnings()
        warnings.simplefilter("default")
    from cti_bridge.__main__ import main

    sys.argv = ["cti-bridge", *arguments]
    sys.exit(main(arguments))


def _die_with_parent() -> None:
    """The parent as the kernel knows it is the fork server, which lives as long as its children."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)
