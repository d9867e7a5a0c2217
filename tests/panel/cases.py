"""The cases of one parametrized test, side by side: each is a page of its own and has its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import pytest
from playwright.async_api import Browser

AT_ONCE = 4
Case = TypeVar("Case")


class Cases(Generic[Case]):
    """The first case that is run runs all that were asked for. ``parameter`` names the test's parameter."""

    def __init__(self, parameter: str, work: Callable[[Browser, Case], Awaitable[None]]) -> None:
        self._parameter, self._work = parameter, work
        self._free = asyncio.Semaphore(AT_ONCE)
        self._results: dict[str, BaseException | None] = {}

    async def check(self, request: pytest.FixtureRequest, browser: Browser) -> None:
        """Raises what went wrong in the case of this test."""
        if request.node.name not in self._results:
            cases = {item.name: item.callspec.params[self._parameter] for item in _siblings(request)}
            outcomes = await asyncio.gather(
                *(self._alone(browser, one) for one in cases.values()), return_exceptions=True
            )
            self._results = dict(zip(cases, outcomes, strict=True))
        if (result := self._results.pop(request.node.name)) is not None:
            raise result

    async def _alone(self, browser: Browser, case: Case) -> None:
        async with self._free:
            await self._work(browser, case)


def _siblings(request: pytest.FixtureRequest) -> list[Any]:
    """The cases of this test that this run was asked for."""
    node = request.node
    return [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and (item.path, item.originalname) == (node.path, node.originalname)
    ]
