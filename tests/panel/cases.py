"""The cases of one parametrized test, in one or two places: each has a result of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

import pytest
from playwright.async_api import Browser

MANY = 20
"""So many cases have two places. A new one costs as much as several cases, and one alone waits where a case waits."""
Case = TypeVar("Case")
Place = TypeVar("Place")


class Cases(Generic[Place, Case]):
    """The first case that is run runs all that were asked for. ``parameter`` names the test's parameter, ``place``
    opens what a case needs: it has one case after the other, until one has failed in it."""

    def __init__(
        self,
        parameter: str,
        place: Callable[[Browser], AbstractAsyncContextManager[Place]],
        work: Callable[[Place, Case], Awaitable[None]],
    ) -> None:
        self._parameter, self._place, self._work = parameter, place, work
        self._results: dict[str, BaseException | None] = {}

    async def check(self, request: pytest.FixtureRequest, browser: Browser) -> None:
        """Raises what went wrong in the case of this test."""
        if request.node.name not in self._results:
            cases = {item.name: item.callspec.params[self._parameter] for item in _siblings(request)}
            waiting = iter(cases.items())
            places = 2 if len(cases) >= MANY else 1
            await asyncio.gather(*(self._run(browser, waiting) for _ in range(places)))
        if (result := self._results.pop(request.node.name)) is not None:
            raise result

    async def _run(self, browser: Browser, waiting: Iterator[tuple[str, Case]]) -> None:
        for first in waiting:
            await self._in_place(browser, first, waiting)

    async def _in_place(self, browser: Browser, first: tuple[str, Case], waiting: Iterator[tuple[str, Case]]) -> None:
        one: tuple[str, Case] | None = first
        name = first[0]
        try:
            async with self._place(browser) as place:
                while one is not None:
                    name, case = one
                    await self._work(place, case)
                    self._results[name] = None
                    one = next(waiting, None)
        except Exception as error:
            self._results[name] = error


def _siblings(request: pytest.FixtureRequest) -> list[Any]:
    """The cases of this test that this run was asked for."""
    node = request.node
    return [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and (item.path, item.originalname) == (node.path, node.originalname)
    ]
