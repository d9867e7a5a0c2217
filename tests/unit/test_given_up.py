"""Work in a thread's own loop: given up, and where there are no descriptors for a loop."""

import asyncio
import os
import resource
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

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


def outcome(work: Work, what: Callable[[], Coroutine[Any, Any, None]]) -> BaseException | None:
    """What the work raises in a thread of its own."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work.run(what)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0] if raised else None


async def begun() -> None:
    raise AssertionError("it was begun")


@pytest.mark.parametrize("left", [0, 1, 2])
def test_given_no_descriptors_for_a_loop_then_the_work_is_refused_and_nothing_complains_later(left: int) -> None:
    """All warnings are errors here, those of a coroutine that nobody awaits and of a loop half made, too."""
    with descriptors_left(left):
        assert isinstance(outcome(Work(), begun), OSError)


def test_given_work_that_was_given_up_before_then_it_is_not_begun() -> None:
    work = Work()
    work.give_up()
    assert isinstance(outcome(work, begun), asyncio.CancelledError)
