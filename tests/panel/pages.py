"""The panel as its user sees it: buttons and fields by role and name, in English."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.async_api import Frame, Locator, Page, expect

WITHIN_S = 30.0
expect.set_options(timeout=WITHIN_S * 1000)


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
        await button.click()

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

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until a text is on the screen."""
        await expect(self.root.get_by_text(text).first).to_be_visible()

    async def sees_no(self, text: str) -> None:
        """Wait until a text is not on the screen."""
        await expect(self.root.get_by_text(text)).to_have_count(0)

    async def usable(self) -> None:
        """Wait until the panel shows the truth, so that its buttons do something."""
        await expect(self.root.locator("main")).not_to_have_js_property("inert", True)

    def region(self, name: str) -> Locator:
        """A part of the panel by its name."""
        return self.root.get_by_role("region", name=name, exact=True)

    def dialog(self, name: str | None = None) -> Locator:
        """The open dialog."""
        return self.root.get_by_role("dialog", name=name) if name else self.root.get_by_role("dialog")

    async def choose(self, menu: str, item: str) -> None:
        """Open a menu and choose an item of it."""
        await self.press(menu)
        opened = self.root.get_by_role("menu", name=menu, exact=True)
        await opened.locator("[role^=menuitem]").get_by_text(item, exact=True).click()

    async def tab(self, name: str) -> None:
        """Choose a tab of a dialog."""
        await self.root.get_by_role("tab", name=name, exact=True).click()

    async def ready(self) -> None:
        """Choose Ready."""
        await self.press("Ready")
        await self.label("Ready")
