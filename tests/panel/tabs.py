"""A tab that has one test, or case, after the other: a new one costs half as much as the panel that is shown in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from tests.panel.browser import SILENT
from tests.panel.pages import MARK
from tests.panel.recorded import NOW
from tests.panel.watch import Watch


@dataclass
class Tab:
    """The one page of a user, and what it complained about."""

    context: BrowserContext
    page: Page
    watch: Watch
    stands: bool
    size: ViewportSize | None
    rests_at: str = ""
    """Where its page stays between two tests."""

    @classmethod
    async def of(cls, browser: Browser, *, stands: bool = False, **user: Any) -> Tab:
        """An empty one without sound; ``user`` as of a browser context. With ``stands`` its clock stands at `NOW`."""
        context = await browser.new_context(**user)
        watch = Watch().over(context)
        await context.add_init_script(SILENT)
        page = await context.new_page()
        if stands:
            await page.clock.set_fixed_time(NOW)
        await context.add_init_script(MARK)
        return cls(context, page, watch, stands, page.viewport_size)

    async def empty(self) -> None:
        """As new, for the next one: nothing is shown, known or pointed at. What a page stored belongs to its origin,
        and each bridge has another one. Raises AssertionError with what nobody expected."""
        if self.page.url not in ("about:blank", self.rests_at):
            await self.page.goto("about:blank")
        await self.clean()

    async def clean(self) -> None:
        """Nothing is known or pointed at; what is shown stays. Raises AssertionError with what nobody expected."""
        await self.page.mouse.move(0, 0)
        await self.context.clear_cookies()
        self.watch.check()
        self.watch.expected.clear()
        self.watch.complaints.clear()
