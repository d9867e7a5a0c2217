"""The panel as its user sees it: buttons and fields by role and name, in English."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import ElementHandle, Error, Frame, Locator, Page, expect

WITHIN_S = 30.0
_SETTLED = """async (control, scrolls) => {
  if (scrolls) control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const guard = control.closest('.panel')?.guard;
  const middle = () => {
    const { left, top, width, height } = control.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  while (control.isConnected && !guard.allows(control, ...middle())) await new Promise((next) => setTimeout(next, 20));
  return control.isConnected;
}"""
"""True as soon as the click guard would let a press of this control act, false if the page has drawn another in its
place. With a clock that stands it comes to neither."""
_LISTEN = """(control) => {
  control.acted = false;
  control.addEventListener('click', () => { control.acted = true; }, { capture: true, once: true });
}"""
"""The guard lets nothing of what it refuses come as far as the control."""
TRIES = 5
_PASSES = """(text) => {
  const root = document.querySelector('cti-widget').shadowRoot;
  const shown = () => root.querySelector('.state-label')?.textContent.trim() === text;
  window.passed = new Promise((seen) => {
    new MutationObserver(() => shown() && seen(true))
      .observe(root, { subtree: true, childList: true, characterData: true });
    if (shown()) seen(true);
  });
}"""
expect.set_options(timeout=WITHIN_S * 1000)


async def settled(control: Locator, *, scrolls: bool = False) -> None:
    """Wait until the click guard lets this control act, in view if it scrolls. One drawn anew is waited for anew."""
    while not await control.evaluate(_SETTLED, scrolls):
        pass


async def acts(control: Locator, press: Callable[[ElementHandle], Awaitable[None]], *, scrolls: bool = False) -> None:
    """Press a control, and once more when the page has changed between the look at the guard and the press: on a busy
    machine that takes long enough for the guard to refuse it, as it should."""
    for _ in range(TRIES):
        await settled(control, scrolls=scrolls)
        node = await control.element_handle()
        try:
            await node.evaluate(_LISTEN)
            await press(node)
        except Error as error:
            if "not attached" in str(error):  # The page has drawn another one in its place.
                continue
            raise
        try:
            if await node.evaluate("(control) => control.acted"):
                return
        except Error:
            return  # It has led to another page.
    raise AssertionError(f"{control} was pressed {TRIES} times, and the click guard refused each")


@dataclass
class Panel:
    """One open panel. What is waited for comes within 10 s or is an AssertionError."""

    page: Page
    frame: Frame | None = None
    """Where the panel is, in a page of somebody else."""

    @property
    def root(self) -> Page | Frame:
        """What the panel fills."""
        return self.frame or self.page

    async def open(self, origin: str, query: str = "") -> Panel:
        """Go to the panel of a bridge."""
        await self.page.goto(f"{origin}/widget/{query}")
        return self

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        """A button by its whole name."""
        return (within or self.root).get_by_role("button", name=name, exact=True)

    async def press(self, name: str, *, within: Locator | None = None) -> None:
        """Click a button as soon as it can be used."""
        button = self.button(name, within=within)
        await expect(button).to_be_visible()
        await expect(button).not_to_have_attribute("aria-disabled", "true")
        await self.click(button)

    async def click(self, control: Locator) -> None:
        """Click it as soon as the click guard lets it act. What the page scrolls has moved."""
        await acts(control, ElementHandle.click, scrolls=True)

    async def keys(self, keys: str) -> None:
        """Press a shortcut as soon as the click guard lets its button act."""
        button = self.root.locator(f'[aria-keyshortcuts="{keys}"], [data-shortcuts~="{keys}"]')
        await acts(button, lambda _: self.page.keyboard.press(keys))

    async def fill(self, label: str, text: str) -> None:
        """Fill a field in."""
        await self.root.get_by_label(label, exact=True).fill(text)

    async def log_in(self, cti_id: str, password: str) -> None:
        """Fill the form in and send it."""
        await self.fill("CTI ID", cti_id)
        await self.fill("Password", password)
        await self.press("Login")

    async def label(self, text: str) -> None:
        """Wait until the agent is shown with this label."""
        state = self.root.get_by_role("group", name="Your state").locator("strong")
        await expect(state).to_have_text(text)

    @asynccontextmanager
    async def passes(self, text: str) -> AsyncIterator[None]:
        """Within, something is done that shows the agent with this label, for however short a time."""
        await self.root.evaluate(_PASSES, text)
        yield
        async with asyncio.timeout(WITHIN_S):
            await self.root.evaluate("() => passed")

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until a text is on the screen."""
        await expect(self.root.get_by_text(text).first).to_be_visible()

    async def sees_no(self, text: str) -> None:
        """Wait until a text is not on the screen."""
        await expect(self.root.get_by_text(text)).to_have_count(0)

    async def usable(self) -> None:
        """Wait until the panel shows the truth, so that its buttons do something."""
        await expect(self.root.get_by_role("toolbar")).to_have_attribute("aria-disabled", "false")

    def region(self, name: str) -> Locator:
        """A part of the panel by its name."""
        return self.root.get_by_role("region", name=name, exact=True)

    def dialog(self, name: str | None = None) -> Locator:
        """The open sheet."""
        return self.root.get_by_role("dialog", name=name) if name else self.root.get_by_role("dialog")

    async def choose(self, menu: str, item: str) -> None:
        """Open a menu and choose an item of it."""
        await self.press(menu)
        opened = self.root.get_by_role("menu", name=menu, exact=True)
        await self.click(opened.locator("[role^=menuitem]").filter(has_text=re.compile(f"^{re.escape(item)}")))

    async def tab(self, name: str) -> None:
        """Choose a tab, of the panel or of a sheet."""
        await self.click(self.root.get_by_role("tab", name=name, exact=True))

    async def ready(self) -> None:
        """Choose Ready."""
        await self.press("Ready")
        await self.label("Ready")
