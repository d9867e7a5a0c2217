"""A tab that has one test, or case, after the other: a new one costs half as much as the panel that is shown in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from tests.panel.browser import SILENT
from tests.panel.recorded import NOW
from tests.panel.watch import Watch

_FOR_GOOD = ("add_init_script", "expose_binding", "expose_function")
"""What is done to a page and cannot be undone."""
_CLOCK = "'__pwClock' in globalThis"
"""Whether the page has a clock of the test, which a context never loses again."""


@dataclass
class Tab:
    """The one page of a user, and what it complained about."""

    context: BrowserContext
    page: Page
    watch: Watch
    stands: bool
    size: ViewportSize | None

    @classmethod
    async def of(cls, browser: Browser, *, stands: bool = False, **user: Any) -> Tab:
        """An empty one without sound; ``user`` as of a browser context. With ``stands`` its clock stands at `NOW`."""
        context = await browser.new_context(**user)
        watch = Watch().over(context)
        await context.add_init_script(SILENT)
        page = await context.new_page()
        if stands:
            await page.clock.set_fixed_time(NOW)
        return cls(context, page, watch, stands, page.viewport_size)

    async def empty(self) -> None:
        """As new, for the next one: nothing is shown, known or pointed at. What a page stored belongs to its origin,
        and each bridge has another one. Raises AssertionError with what nobody expected."""
        if self.page.url != "about:blank":
            await self.page.goto("about:blank")
        await self.page.mouse.move(0, 0)
        await self.context.clear_cookies()
        self.watch.check()
        self.watch.expected.clear()
        self.watch.complaints.clear()


class Tabs:
    """Tabs that are lent to tests."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Tab] = []

    async def lend(self, watch: Watch, *, stands: bool) -> Tab:
        """One that looks new, for a test that goes to bridges of its own; ``watch`` is what its page complains to."""
        tab = next((one for one in self._free if one.stands is stands), None)
        if tab is None:
            tab = await Tab.of(self._browser, stands=stands)
            for name in _FOR_GOOD:
                setattr(tab.page, name, _refuse)
        else:
            self._free.remove(tab)
        tab.watch.expected, tab.watch.complaints = watch.expected, watch.complaints
        return tab

    async def take_back(self, tab: Tab, *, failed: bool) -> None:
        """No other test has it when this one ``failed``, or left it as no other can have it. Raises AssertionError in
        the second case, and with what nobody expected."""
        fit = False
        try:
            if not failed:
                await _make_new(tab)
                fit = True
        finally:
            if fit:
                self._free.append(tab)
            else:
                await tab.context.close()
        if failed:
            tab.watch.check()

    async def close(self) -> None:
        """All that nobody has."""
        while self._free:
            await self._free.pop().context.close()


async def _make_new(tab: Tab) -> None:
    await tab.page.unroute_all()
    await tab.empty()
    assert tab.context.pages == [tab.page], "another page is open: take `context`"
    assert tab.stands or not await tab.page.evaluate(_CLOCK), "the clock is not the browser's: take `own_page`"
    if tab.size is not None and tab.page.viewport_size != tab.size:
        await tab.page.set_viewport_size(tab.size)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this page has other tests after this one: take `own_page`")
