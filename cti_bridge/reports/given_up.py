"""Work in a thread's own loop that another thread can give up."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Work:
    """One piece of work. ``give_up`` may come before it begins, and after it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_given_up = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work in this thread. Raises what it raises, CancelledError when it was given up."""
        return asyncio.run(self._run(work))

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._is_given_up:
                work.close()
                raise asyncio.CancelledError
        return await work

    def give_up(self) -> None:
        """Cancel the work, from another thread."""
        with self._lock:
            self._is_given_up = True
            if self._loop is not None and self._task is not None:
                # The loop is closed when the work is over.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._task.cancel)
