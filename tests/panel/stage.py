"""A tab whose page stays loaded while one recorded bridge after the other stands behind it: a panel that begins there
costs half of one that is loaded. How a panel is loaded is tested in pages of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from playwright.async_api import Browser

from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, routes
from tests.panel.site import add_panel, application, serve
from tests.panel.tabs import Tab

MOST = 40
"""Panels that begin in one document: it keeps a little of each."""
_UNANSWERED = ("failed:", "refused: 5")
"""As `Watch` tells it."""


@dataclass
class Stage:
    """The tab, and where its bridges are served, one at a time."""

    tab: Tab
    origin: str = ""
    is_free: bool = True
    _bridge: RecordedBridge | None = None
    _shown: int = 0

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Stage]:
        """Its origin is there within."""
        app = application()
        app.router.add_routes(routes(self._now))
        add_panel(app)
        async with serve(app) as self.origin:
            yield self

    @asynccontextmanager
    async def has(self, bridge: RecordedBridge) -> AsyncIterator[None]:
        """Within, this bridge is served here. The page leaves it before it goes."""
        assert self.is_free
        self._bridge, bridge.origin, self.is_free = bridge, self.origin, False
        yield
        await self._leave(bridge)
        self.is_free = True

    @asynccontextmanager
    async def shows(self, bridge: RecordedBridge) -> AsyncIterator[Panel]:
        """Within, a panel of this bridge is shown. It knows nothing of the one before."""
        async with self.has(bridge):
            yield await Panel(self.tab.page).open(self.origin)
        await self.tab.clean()

    def _now(self) -> RecordedBridge:
        """What is still under way when a panel ends is for its own bridge."""
        assert self._bridge is not None
        return self._bridge

    async def _leave(self, bridge: RecordedBridge) -> None:
        """A panel that could not ask its bridge may be about to try again: it goes with its page."""
        page, watch = self.tab.page, self.tab.watch
        watch.check()
        watch.expect("WebSocket is closed before the connection is established")
        self._shown += 1
        is_calm = not bridge.is_away and not any(one.startswith(_UNANSWERED) for one in watch.complaints)
        is_here = page.url == f"{self.origin}/widget/" and self._shown % MOST
        if is_calm and is_here and await Panel(page).leave():
            await bridge.left()
            self.tab.rests_at = page.url
        else:
            self.tab.rests_at = ""
            await page.goto("about:blank")
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": "all"})
            await cdp.detach()


class Opens(Protocol):
    def __call__(self, browser: Browser) -> AbstractAsyncContextManager[Stage]: ...


def open_stage(**user: Any) -> Opens:
    """What opens a stage for ``user``, as of a browser context. Its clock stands at `NOW`."""

    @asynccontextmanager
    async def opened(browser: Browser) -> AsyncIterator[Stage]:
        tab = await Tab.of(browser, stands=True, **user)
        try:
            async with Stage(tab).served() as made:
                yield made
                await tab.empty()
        finally:
            await tab.context.close()

    return opened
