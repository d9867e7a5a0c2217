"""Work in a thread's own loop: given up, and where there are no descriptors for a loop."""

import asyncio
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cti_bridge.reports.given_up import Work


@contextmanager
def descriptors_left(many: int) -> Iterator[None]:
    """This process can open so many more files, where the numbers above are free."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + many, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_given_no_descriptors_for_a_loop_then_the_work_is_refused_and_nothing_complains_later(left: int) -> None:
    begun: list[None] = []

    async def work() -> None:
        begun.append(None)

    raised: list[BaseException] = []

    def run() -> None:
        try:
            Work().run(work)
        except BaseException as error:
            raised.append(error)

    # All warnings are errors here, those of a coroutine that nobody awaits and of a loop half made, too.
    thread = threading.Thread(target=run)
    with descriptors_left(left):
        thread.start()
        thread.join()
    assert [type(error) for error in raised] == [OSError] and not begun


def test_given_work_that_was_given_up_before_then_it_is_not_begun() -> None:
    work = Work()
    work.give_up()
    begun: list[None] = []

    async def never() -> None:
        begun.append(None)

    raised: list[BaseException] = []

    def run() -> None:
        try:
            work.run(never)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert [type(error) for error in raised] == [asyncio.CancelledError] and not begun
