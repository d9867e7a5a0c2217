"""The cases of one parametrized test, side by side: each has a page and a result of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.panel.browser import SILENT
from tests.panel.recorded import NOW
from tests.panel.watch import Watch

AT_ONCE = 4
Case = TypeVar("Case")


@dataclass
class Tab:
    """The one page of a user, and what it complained about."""

    context: BrowserContext
    page: Page
    watch: Watch

    @classmethod
    async def of(cls, browser: Browser, **user: Any) -> Tab:
        """An empty one without sound; ``user`` as of a browser context."""
        context = await browser.new_context(**user)
        watch = Watch().over(context)
        await context.add_init_script(SILENT)
        return cls(context, await context.new_page(), watch)

    async def empty(self) -> None:
        """As new, for the next case: nothing is shown, known or pointed at. What a page stored belongs to its origin,
        and each bridge has another one. Raises AssertionError with what nobody expected."""
        await self.page.goto("about:blank")
        await self.page.mouse.move(0, 0)
        await self.context.clear_cookies()
        self.watch.check()
        self.watch.expected.clear()
        self.watch.complaints.clear()


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
            tab = self._tabs.pop() if self._tabs else await self._tab(browser)
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

    async def _tab(self, browser: Browser) -> Tab:
        tab = await Tab.of(browser, **self._user)
        if self._stands:
            await tab.page.clock.set_fixed_time(NOW)
        return tab


def _siblings(request: pytest.FixtureRequest) -> list[Any]:
    """The cases of this test that this run was asked for."""
    node = request.node
    return [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and (item.path, item.originalname) == (node.path, node.originalname)
    ]
