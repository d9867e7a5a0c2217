"""Stages that are lent to tests, one after the other: a new one costs half as much as the panel that is shown in it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import NoReturn

from playwright.async_api import Browser

from tests.panel import recorded_bridge
from tests.panel.stage import Stage
from tests.panel.tabs import Tab
from tests.panel.watch import Watch

_FOR_GOOD = ("add_init_script", "expose_binding", "expose_function")
"""What is done to a page and cannot be undone."""
_CLOCK = "'__pwClock' in globalThis"
"""Whether the page has a clock of the test, which a context never loses again."""


class Stages:
    """Those that nobody has, and how each ends."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Stage] = []
        self._ends: dict[int, AsyncExitStack] = {}

    async def lend(self, watch: Watch, *, stands: bool) -> Stage:
        """One that looks new, which has the test's first bridge; ``watch`` is what its page complains to."""
        stage = next((one for one in self._free if one.tab.stands is stands), None)
        if stage is None:
            stage = await self._open(stands)
        else:
            self._free.remove(stage)
        stage.tab.watch.expected, stage.tab.watch.complaints = watch.expected, watch.complaints
        recorded_bridge.stages.append(stage)
        return stage

    async def take_back(self, stage: Stage, *, failed: bool) -> None:
        """No other test has it when this one ``failed``, or left it as no other can have it. Raises AssertionError in
        the second case, and with what nobody expected."""
        recorded_bridge.stages.remove(stage)
        fit = False
        try:
            if not failed:
                await _make_new(stage.tab)
                fit = True
        finally:
            if fit:
                self._free.append(stage)
            else:
                await self._end(stage)
        if failed:
            stage.tab.watch.check()

    async def close(self) -> None:
        """All that nobody has."""
        while self._free:
            await self._end(self._free.pop())

    async def _open(self, stands: bool) -> Stage:
        tab = await Tab.of(self._browser, stands=stands)
        for name in _FOR_GOOD:
            setattr(tab.page, name, _refuse)
        parts = AsyncExitStack()
        stage = await parts.enter_async_context(Stage(tab).served())
        parts.push_async_callback(tab.context.close)
        self._ends[id(stage)] = parts
        return stage

    async def _end(self, stage: Stage) -> None:
        await self._ends.pop(id(stage)).aclose()


async def _make_new(tab: Tab) -> None:
    await tab.page.unroute_all()
    await tab.empty()
    assert tab.context.pages == [tab.page], "another page is open: take `context`"
    assert tab.stands or not await tab.page.evaluate(_CLOCK), "the clock is not the browser's: take `own_page`"
    if tab.size is not None and tab.page.viewport_size != tab.size:
        await tab.page.set_viewport_size(tab.size)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this page has other tests after this one: take `own_page`")
