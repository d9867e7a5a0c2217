"""Runs questions to the database in threads of their own, few at a time: reports never stand in the way of calls."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from cti_bridge.reports.given_up import Work

WAITS_S = 30.0
"""The seconds for which a question waits for its turn."""

T = TypeVar("T")


class ReportsBusy(Exception):
    """Other questions take all the time, or this one took too long."""


class Turns:
    """``at_once`` questions are asked at a time; others wait."""

    def __init__(self, at_once: int) -> None:
        self._turns = asyncio.Semaphore(at_once)

    async def run(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the coroutine returns, which runs in a loop of its own. A cancellation gives it up at once.
        Raises ReportsBusy, and whatever the coroutine raises."""
        try:
            async with asyncio.timeout(WAITS_S):
                await self._turns.acquire()
        except TimeoutError:
            raise ReportsBusy("other reports take all the time; try again in a moment") from None
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[T] = loop.create_future()
        answered.add_done_callback(lambda _: self._turns.release())
        # A thread of its own, with its own loop: a hundred thousand rows take a second, and the bridge's loop has
        # calls. It ends with the process, whatever it still asks.
        work = Work()
        threading.Thread(target=partial(_work, loop, answered, work, ask), name="report", daemon=True).start()
        try:
            return await asyncio.shield(answered)
        except asyncio.CancelledError:
            # The next question must not wait for an answer that nobody wants.
            work.give_up()
            raise


def _work(
    loop: asyncio.AbstractEventLoop,
    answered: "asyncio.Future[T]",
    work: Work,
    ask: Callable[[], Coroutine[Any, Any, T]],
) -> None:
    """Find the answer in this thread, and hand it over."""
    tell: Callable[[], object]
    try:
        tell = partial(answered.set_result, work.run(ask))
    except asyncio.CancelledError:
        tell = answered.cancel
    except BaseException as error:
        tell = partial(answered.set_exception, error)
    # The loop may be gone, when the bridge has stopped meanwhile.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(tell)
