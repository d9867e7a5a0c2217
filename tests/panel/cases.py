"""The cases of one parametrized test, side by side: each has a page and a result of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import pytest
from playwright.async_api import Browser

from tests.panel.tabs import Tab

AT_ONCE = 4
Case = TypeVar("Case")


class Cases(Generic[Case]):
    """The first case that is run runs all that were asked for. ``parameter`` names the test's parameter, ``user`` is
    whose tab it is. With ``stands`` the clock stands at `NOW`, and a tab has one case after the other: a page in a tab
    that had one before costs half of one in a new tab. One with a case that failed has no other."""

    def __init__(
        self, parameter: str, work: Callable[[Tab, Case], Awaitable[None]], *, stands: bool, **user: Any
    ) -> None:
        self._parameter, self._work, self._stands, self._user = parameter, work, stands, user
        self._free = asyncio.Semaphore(AT_ONCE)
        self._tabs: list[Tab] = []
        self._results: dict[str, BaseException | None] = {}

    async def check(self, request: pytest.FixtureRequest, browser: Browser) -> None:
        """Raises what went wrong in the case of this test."""
        if request.node.name not in self._results:
            cases = {item.name: item.callspec.params[self._parameter] for item in _siblings(request)}
            outcomes = await asyncio.gather(
                *(self._alone(browser, one) for one in cases.values()), return_exceptions=True
            )
            self._results = dict(zip(cases, outcomes, strict=True))
            while self._tabs:
                await self._tabs.pop().context.close()
        if (result := self._results.pop(request.node.name)) is not None:
            raise result

    async def _alone(self, browser: Browser, case: Case) -> None:
        async with self._free:
            tab = self._tabs.pop() if self._tabs else await Tab.of(browser, stands=self._stands, **self._user)
            try:
                await self._work(tab, case)
                await tab.empty()
            except BaseException:
                await tab.context.close()
                raise
            if self._stands:
                self._tabs.append(tab)
            else:
                await tab.context.close()


def _siblings(request: pytest.FixtureRequest) -> list[Any]:
    """The cases of this test that this run was asked for."""
    node = request.node
    return [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and (item.path, item.originalname) == (node.path, node.originalname)
    ]
