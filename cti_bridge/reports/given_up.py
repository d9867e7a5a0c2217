"""Work in a thread's own loop that another thread can give up."""

import asyncio
import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Work:
    """One piece of work. ``give_up`` may come before it begins, and after it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_given_up = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Begin the work in this thread, and return its result. Raises what it raises, CancelledError when it was given
        up, OSError when there are no descriptors for a loop: then it was not begun."""
        _ask_for_descriptors()
        with asyncio.Runner() as runner:
            runner.get_loop()
            return runner.run(self._run(work))

    async def _run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._is_given_up:
                raise asyncio.CancelledError
        return await work()

    def give_up(self) -> None:
        """Cancel the work, from another thread."""
        with self._lock:
            self._is_given_up = True
            if self._loop is not None and self._task is not None:
                # The loop is closed when the work is over.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._task.cancel)


def _ask_for_descriptors() -> None:
    """Raise OSError where a loop would get none. Python leaves such a loop half made, and complains of that when it
    throws it away (seen on 3.11)."""
    with selectors.DefaultSelector():
        for one in socket.socketpair():
            one.close()
