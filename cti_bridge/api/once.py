"""Makes the repeat of a request harmless: it gets the answer of the first one."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

from cti_bridge.api.errors import invalid

T = TypeVar("T")


class Once(Generic[T]):
    """Remembers the last ``most`` results by key. Work that failed is forgotten, so it can be tried again."""

    def __init__(self, most: int = 2_000) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[str, asyncio.Task[T]]] = OrderedDict()

    async def run(self, key: str | None, asked: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of ``work``, or of the earlier work with that key. Work that still runs is waited for.
        Raises a problem when the earlier one was ``asked`` something else. With a key, a cancellation does not stop the
        work."""
        if key is None:
            return await work()
        known = self._known.get(key)
        if known is not None:
            if known[0] != asked:
                raise invalid("This Idempotency-Key was used for another request.")
            return await asyncio.shield(known[1])
        task = asyncio.create_task(work(), name="once")
        self._known[key] = (asked, task)
        task.add_done_callback(partial(self._forget_failure, key))
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return await asyncio.shield(task)

    def _forget_failure(self, key: str, task: asyncio.Task[T]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._known.pop(key, None)
