"""Scenarios run side by side, each in its own room, so that all together take little longer than one.

All modules that share a stack share one pool, which is begun by the first of their tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import pytest

AT_ONCE = 3
SCENARIO_S = 200.0
"""The longest a scenario may take. Less than pytest's own timeout, which ends whatever happens to run at the moment."""
Scenario = Callable[[Any], Awaitable[None]]
"""Takes what the fixture ``stack`` of its package gives."""
Test = Callable[[Any, pytest.FixtureRequest], Awaitable[None]]


class SideBySide:
    """The scenarios of one module, of which so many run at once. Each is a test with its own result."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self.free = asyncio.Semaphore(at_once)

    def __call__(self, scenario: Scenario) -> Test:
        """Decorate a scenario: what remains is the test."""

        async def test(stack: Any, request: pytest.FixtureRequest) -> None:
            await Pool.of(stack, request.node).result(request.node)

        test.__name__ = test.__qualname__ = getattr(scenario, "__name__", "")
        test.__module__ = scenario.__module__
        vars(test).update(scenario=scenario, side_by_side=self)
        return test


class Pool:
    """The scenarios that this session runs on one stack, begun in the order of their tests."""

    _pools: ClassVar[WeakKeyDictionary[Any, Pool]] = WeakKeyDictionary()

    def __init__(self, stack: Any, items: list[Any]) -> None:
        modules = [item.function.side_by_side for item in items]
        self._free = asyncio.Semaphore(max((module.at_once for module in modules), default=1))
        self._tasks = {
            item.nodeid: asyncio.get_running_loop().create_task(self._run(stack, item.function)) for item in items
        }
        for task in self._tasks.values():
            task.add_done_callback(_look_at)

    @classmethod
    def of(cls, stack: Any, asking: Any) -> Pool:
        """The pool of this stack. The first test that asks begins all scenarios that were asked for."""
        if stack not in cls._pools:
            home = _home(asking)
            items = [item for item in asking.session.items if is_scenario(item) and _home(item) == home]
            pool = cls._pools[stack] = cls(stack, items)
            stack.before_its_end(pool.cancel)
        return cls._pools[stack]

    @classmethod
    async def over(cls, stack: Any) -> None:
        """Wait until no scenario runs on this stack."""
        if stack in cls._pools:
            await cls._pools[stack].drained()

    async def result(self, item: pytest.Item) -> None:
        """Wait for the scenario of a test, and raise what it raised."""
        await self._tasks[item.nodeid]

    async def drained(self) -> None:
        """Wait until no scenario runs or is to run."""
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def cancel(self) -> None:
        """End what still runs: its result is not asked for any more."""
        for task in self._tasks.values():
            task.cancel()
        await self.drained()

    async def _run(self, stack: Any, test: Any) -> None:
        async with test.side_by_side.free, self._free:
            try:
                async with asyncio.timeout(SCENARIO_S) as limit:
                    await test.scenario(stack)
            except TimeoutError as error:
                if limit.expired():
                    raise AssertionError(f"the scenario was not over within {SCENARIO_S} s") from error
                raise


def is_scenario(item: pytest.Item) -> bool:
    """Whether a test is one of those that run side by side."""
    return hasattr(getattr(item, "function", None), "scenario")


def _look_at(task: asyncio.Task[None]) -> None:
    """A scenario whose test is not run any more may have failed in silence."""
    if not task.cancelled():
        task.exception()


def _home(item: Any) -> Any:
    """What the tests have in common that share a stack: the package, or the module that has a stack of its own."""
    return item.path if "stack" in vars(item.module) else item.path.parent
