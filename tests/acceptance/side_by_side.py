"""Scenarios of one module run side by side: each in its own room, so that together they take little longer than one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

AT_ONCE = 8
Scenario = Callable[[Any], Awaitable[None]]
"""Takes what the fixture ``stack`` of its package gives."""
Test = Callable[[Any, pytest.FixtureRequest], Awaitable[None]]


class SideBySide:
    """The scenarios of one module. The first test that is run runs all that were asked for; each has its own result."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._scenarios: dict[str, Scenario] = {}
        self._results: dict[str, BaseException | None] = {}
        self._free = asyncio.Semaphore(at_once)

    def __call__(self, scenario: Scenario) -> Test:
        """Decorate a scenario: what remains is the test."""
        name = getattr(scenario, "__name__", "")
        self._scenarios[name] = scenario

        async def test(stack: Any, request: pytest.FixtureRequest) -> None:
            if name not in self._results:
                wanted = {item.name for item in request.session.items if item.fspath == request.node.fspath}
                await self._run(stack, [each for each in self._scenarios if each in wanted])
            result = self._results.pop(name)
            if result is not None:
                raise result

        test.__name__ = test.__qualname__ = name
        test.__module__ = scenario.__module__
        return test

    async def _run(self, stack: Any, names: list[str]) -> None:
        results = await asyncio.gather(*(self._alone(stack, name) for name in names), return_exceptions=True)
        self._results = dict(zip(names, results, strict=True))

    async def _alone(self, stack: Any, name: str) -> None:
        async with self._free:
            await self._scenarios[name](stack)
