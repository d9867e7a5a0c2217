"""One page with the panel, and what its recorder noted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from benchmarks.panel.shown import Heard, Shown
from benchmarks.panel.transferred import Transferred

RECORDER = Path(__file__).with_name("recorder.js")
WITHIN_S = 30.0
"""Nothing that is waited for may take so long."""

# The page's policy forbids what Playwright's own waiting does with a string.
_REGISTERED = """
() => new Promise((done) => {
  const { store } = document.querySelector('cti-widget');
  const look = () => store.state.phone.state === 'registered' && done();
  store.subscribe(look);
  look();
})
"""

_SETTLED = """async (control) => {
  const { guard } = control.closest('.panel');
  while (control.isConnected && !guard.allows(control)) await new Promise((next) => setTimeout(next, 20));
}"""


class PanelFailed(Exception):
    """The panel did not show in time what it must."""


class PanelPage:
    """``url`` is the panel's address."""

    def __init__(self, page: Page, cdp: CDPSession, transferred: Transferred, url: str) -> None:
        self._page, self._cdp, self._url = page, cdp, url
        self.transferred = transferred
        self._told: asyncio.Queue[str] = asyncio.Queue()
        self._label = ""

    @property
    def context(self) -> BrowserContext:
        return self._page.context

    async def prepare(self) -> None:
        """Before it is opened."""
        self._page.set_default_timeout(WITHIN_S * 1e3)
        await self._page.expose_function("told", self._told.put_nowait)
        await self._page.add_init_script(path=RECORDER)

    async def open(self) -> float:
        """Open it, or open it again; milliseconds from the start of the navigation until the login form can be used."""
        await self._page.goto(self._url)
        await self.shows("form")
        return float(await self._page.evaluate("recorder.formMs"))

    async def log_in(self, cti_id: str, password: str) -> float:
        """Milliseconds from the click on Login until the agent's state is on the screen."""
        await self._page.get_by_label("CTI ID", exact=True).fill(cti_id)
        await self._page.get_by_label("Password", exact=True).fill(password)
        await self.press("Login")
        await self.shows(None)
        return float(await self._page.evaluate("recorder.shown[0][1] - recorder.clickedMs"))

    async def press(self, button: str) -> None:
        """Click it as soon as it can be used and the click guard lets it act."""
        control = self._page.get_by_role("button", name=button, exact=True)
        await control.evaluate(_SETTLED)
        await control.click()

    async def shows(self, label: str | None) -> None:
        """Wait until the agent's state is shown with this label, or with any. Raises PanelFailed."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while (told := await self._told.get()) != label and label is not None:
                    pass
        except TimeoutError:
            raise PanelFailed(f"The panel did not show {label or 'the agent'} within {WITHIN_S:g} s") from None
        self._label = told

    async def become_ready(self) -> None:
        """Unless the agent is, who was logged in before."""
        if self._label != "Ready":
            await self.press("Ready")
            await self.shows("Ready")

    async def registered(self) -> None:
        """Wait until the phone in the page is. Raises PanelFailed."""
        try:
            async with asyncio.timeout(WITHIN_S):
                await self._page.evaluate(_REGISTERED)
        except TimeoutError:
            raise PanelFailed(f"The phone in the page did not register within {WITHIN_S:g} s") from None

    async def take(self) -> tuple[list[Heard], list[Shown]]:
        """What was noted since the last time."""
        noted = await self._page.evaluate("recorder.take()")
        return [Heard(*one) for one in noted["heard"]], [Shown(*one) for one in noted["shown"]]

    async def behind_ms(self) -> float:
        """How far the page's clock is behind the system's, to a millisecond."""
        return float(await self._page.evaluate("recorder.behindMs()"))

    async def frames(self) -> int:
        """Event frames that came so far."""
        return int(await self._page.evaluate("recorder.frames"))

    async def stop_noting(self) -> None:
        """From now on only frames are counted."""
        await self._page.evaluate("recorder.noting = false")

    async def heap_mb(self) -> float:
        """Script's memory that is in use after garbage was collected, in MB."""
        for _ in range(2):
            await self._cdp.send("HeapProfiler.collectGarbage")
        usage = await self._cdp.send("Runtime.getHeapUsage")
        return float(usage["usedSize"]) / 1e6


@asynccontextmanager
async def new_page(browser: Browser, origin: str) -> AsyncIterator[PanelPage]:
    """A page in a browser that has never seen the panel."""
    context = await browser.new_context(locale="en-US")
    try:
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        panel = PanelPage(page, cdp, await Transferred.of(page, cdp), f"{origin}/widget/")
        await panel.prepare()
        yield panel
    finally:
        await context.close()
