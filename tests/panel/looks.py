"""Whether everybody can use what a page shows: axe-core's findings, and what sticks out of a narrow window."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page, ViewportSize

NARROW: ViewportSize = {"width": 320, "height": 640}
WITH_SCROLLBAR: ViewportSize = {"width": 305, "height": 640}
"""What is left of it beside a scroll bar that takes its place; that of headless Chromium takes none."""

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_LOOK = """async ([only, without]) => {
  const light = axe._audit.rules.filter(({ impact }) => !['serious', 'critical'].includes(impact)).map(({ id }) => id);
  const left_out = Object.fromEntries([...light, ...without].map((id) => [id, { enabled: false }]));
  const asked = only.length ? { runOnly: { type: 'rule', values: only } } : { rules: left_out };
  const options = { resultTypes: ['violations'], selectors: false, preload: false, ...asked };
  return (await axe.run(document, options)).violations;
}"""
"""A rule whose findings are never more than moderate is not looked at: a rule has one impact for all that it finds.
Those that are left need no style sheet or sound to be loaded once more."""
OF_COLOURS = ("color-contrast",)
"""The rule of axe-core that depends on the colour scheme."""
# The caller's data fade at the end of their line, and are whole when they are opened.
_WIDEST = """() => {
    const all = [...document.querySelectorAll('*')];
    for (const node of all) if (node.shadowRoot) all.push(...node.shadowRoot.querySelectorAll('*'));
    const out = all.filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5
        && !node.closest('.sr-only, .data:not(.open) .facts') && node.checkVisibility());
    return [document.documentElement.scrollWidth, out.map((node) => node.outerHTML.slice(0, 120))];
}"""

_BROKEN = """() => {
    const words = '.sheet .button-text, .scroll .button-text, .tab';
    const all = [...document.querySelector('cti-widget').shadowRoot.querySelectorAll(words)];
    for (const node of all) node.style.overflowWrap = 'normal';
    const out = all.filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth);
    for (const node of all) node.style.overflowWrap = '';
    return out.map((node) => node.textContent);
}"""


async def violations(page: Page, *rules: str, without: Iterable[str] = ()) -> list[str]:
    """What axe-core calls serious or critical, by these of its rules; by all, ``without`` these, when none is named."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE)
    found: list[dict[str, Any]] = await page.evaluate(_LOOK, [rules, list(without)])
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


# ---- the dock

SIZES: tuple[ViewportSize, ...] = (
    {"width": 320, "height": 568},
    {"width": 420, "height": 760},
    {"width": 760, "height": 700},
    {"width": 1280, "height": 800},
)
BROAD, DOCK, ROW, SEGMENTS, HEADER, TABS = 760, 149, 60, 50, 52, 44

_PLACES = """() => {
  const root = document.querySelector('cti-widget').shadowRoot;
  const box = (node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const of = (selector) => [...root.querySelectorAll(selector)].map(box);
  const may = (node) => ['auto', 'scroll'].includes(getComputedStyle(node).overflowY)
    && getComputedStyle(node).display !== 'contents' && !node.matches('textarea');
  const scrolls = [...root.querySelectorAll('*')].filter((node) => may(node) && node.scrollHeight > node.clientHeight)
    .map((node) => node.className);
  const covered = [...root.querySelectorAll('.dock button')].filter((node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return !node.contains(root.elementFromPoint(left + width / 2, top + height / 2));
  }).map((node) => node.textContent);
  return { dock: of('.dock'), row: of('.tools'), tools: of('.tools .tool, .tool-said'), segments: of('.segments'),
    head: of('.head'), sheet: of('.sheet'), line: of('.status-line'), scrolls, covered,
    page: [document.documentElement.scrollHeight, innerHeight] };
}"""


async def dock_in_place(page: Page) -> None:
    """Raises AssertionError unless the dock has its box, its slots and its rows in a window of each of `SIZES`; where
    nobody is logged in there is none."""
    for size in SIZES:
        await page.set_viewport_size(size)
        found = await page.evaluate(_PLACES)
        if found["dock"]:
            _in_place(found, size["width"], size["height"])


def _in_place(found: dict[str, Any], width: int, height: int) -> None:
    broad = width >= BROAD
    side = 0 if broad or width <= 480 else (width - 480) / 2
    right = 400 if broad else width - side
    assert found["dock"] == [[side, height - DOCK, right, height]], (width, found["dock"])
    assert found["head"] == [[side, 0, right, HEADER]]
    assert found["page"] == [height, height], "the page itself does not scroll"
    assert set(found["scrolls"]) <= {"scroll", "call-part", "side-part", "sheet", "menu-list"}, found["scrolls"]
    top = height - DOCK + 1 + 6
    ((left, _, end, _),) = found["row"]
    gap = 3 if width < 360 else 6
    slot = (end - left - 5 * gap) / 6
    starts = [left + at * (slot + gap) for at in range(6)]
    for tool in found["tools"]:
        assert tool[1:4:2] == [top, top + ROW], (width, tool)
        assert min(abs(tool[0] - start) for start in starts) < 0.1, (width, tool, starts)
        assert min(abs(tool[2] - start - slot) for start in starts) < 0.1, (width, tool, starts)
    assert [(one[1], one[3]) for one in found["segments"]] == [(height - 8 - SEGMENTS, height - 8)]
    assert [(one[1], one[3]) for one in found["line"]] == [(top + ROW + 6, top + ROW + 6 + 16)]
    middle = HEADER if broad else HEADER + TABS
    for sheet in found["sheet"]:
        assert sheet == [side, middle, right, height - DOCK], "a sheet fills the middle"
    if "menu-list" not in found["scrolls"]:
        assert found["covered"] == [], "something lies over the dock"
