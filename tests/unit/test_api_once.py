"""The repeat of a request."""

import asyncio

import pytest

from cti_bridge.api.errors import Problem
from cti_bridge.api.once import Once


class Work:
    def __init__(self, *failures: Exception) -> None:
        self.done, self.failures = 0, list(failures)
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self) -> int:
        await self.go_on.wait()
        if self.failures:
            raise self.failures.pop()
        self.done += 1
        return self.done


async def test_given_a_repeat_then_the_first_result_and_no_second_work() -> None:
    once, work = Once[int](), Work()
    assert [await once.run("k", "x", work) for _ in range(3)] == [1, 1, 1]


async def test_given_a_repeat_while_the_first_still_runs_then_it_waits_for_it() -> None:
    once, work = Once[int](), Work()
    work.go_on.clear()
    both = asyncio.gather(once.run("k", "x", work), once.run("k", "x", work))
    asyncio.get_running_loop().call_soon(work.go_on.set)
    assert list(await both) == [1, 1]


async def test_given_no_key_or_another_one_then_the_work_is_done() -> None:
    once, work = Once[int](), Work()
    assert [await once.run(key, "x", work) for key in (None, None, "k", "l")] == [1, 2, 3, 4]


async def test_given_the_first_failed_then_it_can_be_tried_again() -> None:
    once, work = Once[int](), Work(ValueError())
    with pytest.raises(ValueError):
        await once.run("k", "x", work)
    assert await once.run("k", "x", work) == 1


async def test_given_the_same_key_for_something_else_then_refused() -> None:
    once, work = Once[int](), Work()
    await once.run("k", "x", work)
    with pytest.raises(Problem, match="another request"):
        await once.run("k", "y", work)


async def test_given_more_keys_than_are_kept_then_the_oldest_is_forgotten() -> None:
    once, work = Once[int](most=2), Work()
    for key in ("1", "2", "3"):
        await once.run(key, "x", work)
    assert await once.run("3", "x", work) == 3
    assert await once.run("1", "x", work) == 4
