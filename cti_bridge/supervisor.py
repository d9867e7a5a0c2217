"""Supervision of tasks that the bridge cannot live without. When one of them ends all the same, the process ends too,
with a code on which systemd starts it again. A bridge that lacks such a task looks well and serves nobody. A new start
finds its calls again while the conversations go on."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

_log = structlog.get_logger(__name__)

_LET_GO_S = 0.5
"""The seconds that a cancelled task gets to end."""


class Watch(Protocol):
    def __call__(self, task: asyncio.Task[None], may_end: Callable[[], bool] = ...) -> None:
        """Watch a task that must go on. When it has ended, ``may_end`` says whether its owner wanted that."""


def unwatched(task: asyncio.Task[None], may_end: Callable[[], bool] = bool) -> None:
    """A watch for a part on its own, without a process that could be ended."""


class Supervisor:
    """``end`` ends the process. It is called at most once."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False

    @property
    def watched(self) -> frozenset[asyncio.Task[None]]:
        """The tasks that run."""
        return frozenset(self._tasks)

    def watch(self, task: asyncio.Task[None], may_end: Callable[[], bool] = bool) -> None:
        """Watch a task, as :class:`Watch` says. A task without ``may_end`` may never end by itself."""
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._over(done, may_end))

    def failed(self, what: str, fault: BaseException | None) -> None:
        """A part that is no task cannot go on."""
        if not self._ended:
            self._ended = True
            _log.error("ended_by_fault", part=what, exc_info=fault)
            self._end()

    def release(self) -> None:
        """The process ends: from now on all tasks may."""
        self._ended = True

    def _over(self, task: asyncio.Task[None], may_end: Callable[[], bool]) -> None:
        self._tasks.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is not None or not may_end():
            self.failed(task.get_name(), fault)


class Endless:
    """A task that goes on until its part is stopped, and is watched until then. ``run`` is what it does."""

    def __init__(self, name: str, run: Callable[[], Coroutine[Any, Any, None]], watch: Watch = unwatched) -> None:
        self._name, self._run, self._watch = name, run, watch
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name=self._name)
        self._watch(self._task, lambda: self._stopping)

    async def stop(self) -> None:
        """Cancel the task, and wait until it has ended. Never raises for it."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def within(what: str, seconds: float, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """End a part within so many seconds, then leave it. Never raises for the part. A cancellation stops the wait, and
    the part's end goes on."""
    task = asyncio.create_task(close(), name=f"close {what}")
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        _log.error("close_hung", part=what)
        task.cancel()
        await asyncio.wait({task}, timeout=_LET_GO_S)
    if task.done() and not task.cancelled() and (fault := task.exception()):
        _log.error("close_failed", part=what, exc_info=fault)


def die_after(seconds: float, code: int) -> None:
    """The last resort against a thread that hangs in the kernel, for which the interpreter would wait. After so many
    seconds the process ends with that code, whatever it does."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()
