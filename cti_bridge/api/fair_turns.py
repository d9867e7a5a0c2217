"""Limits how many work at once, and lets turns go round the keys: a key with a hundred waiting does not keep out a key
with one."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Line = OrderedDict[str, deque[asyncio.Future[None]]]


class TooBusy(Exception):
    """Too many wait already."""


class FairTurns:
    """``at_once`` may work; ``most_each`` may wait under one key, ``most`` in all."""

    def __init__(self, at_once: int, most_each: int, most: int) -> None:
        self._free, self._most_each, self._most = at_once, most_each, most
        self._first: Line = OrderedDict()
        self._others: Line = OrderedDict()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self, key: str, *, first: bool = False) -> AsyncIterator[None]:
        """Work within the turn of ``key``. One that is ``first`` goes before all others, and is not kept out by their
        number. Raises TooBusy. A cancellation gives the turn to the next."""
        await self._wait(key, first)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, key: str, first: bool) -> None:
        if self._free:
            self._free -= 1
            return
        line = self._first if first else self._others
        if len(line.get(key, ())) >= self._most_each or (not first and self._waiting >= self._most):
            raise TooBusy
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.setdefault(key, deque()).append(mine)
        self._waiting += 1
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._next()
            raise

    def _next(self) -> None:
        """Give the turn to the next one that still waits."""
        for line in (self._first, self._others):
            while line:
                key, waiting = line.popitem(last=False)
                one = waiting.popleft()
                self._waiting -= 1
                if waiting:
                    line[key] = waiting
                if not one.done():
                    one.set_result(None)
                    return
        self._free += 1
