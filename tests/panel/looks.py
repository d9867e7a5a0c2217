"""Whether everybody can use what a page shows: axe-core's findings, and what sticks out of a narrow window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page, ViewportSize

NARROW: ViewportSize = {"width": 320, "height": 640}
WITH_SCROLLBAR: ViewportSize = {"width": 305, "height": 640}
"""What is left of it beside a scroll bar that takes its place; that of headless Chromium takes none."""

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_LOOK = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
_WIDEST = """() => {
    const all = [...document.querySelectorAll('*')];
    for (const node of all) if (node.shadowRoot) all.push(...node.shadowRoot.querySelectorAll('*'));
    const out = all.filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5
        && !node.closest('.sr-only') && node.checkVisibility());
    return [document.documentElement.scrollWidth, out.map((node) => node.outerHTML.slice(0, 120))];
}"""

_BROKEN = """() => {
    const all = [...document.querySelector('cti-widget').shadowRoot.querySelectorAll('.button-text, .tab')];
    for (const node of all) node.style.overflowWrap = 'normal';
    const out = all.filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth);
    for (const node of all) node.style.overflowWrap = '';
    return out.map((node) => node.textContent);
}"""


async def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    await page.evaluate(_AXE)
    found: list[dict[str, Any]] = await page.evaluate(_LOOK)
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


async def fits(page: Page) -> None:
    """Raises AssertionError with what is wider than a window of `NARROW`."""
    width, out = await page.evaluate(_WIDEST)
    assert width <= NARROW["width"] and not out, out


async def keeps_words_whole(page: Page) -> None:
    """Raises AssertionError with the buttons within whose words a line breaks in a window of `WITH_SCROLLBAR`."""
    await page.set_viewport_size(WITH_SCROLLBAR)
    assert not (broken := await page.evaluate(_BROKEN)), broken
