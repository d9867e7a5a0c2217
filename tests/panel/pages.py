"""The panel as its user sees it: buttons and fields by role and name, in English."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Error, Frame, JSHandle, Locator, Page, expect

WITHIN_S = 30.0
_AIM = """async (control, [pointed, waits, steps, stepMs]) => {
  const guard = control.closest('.panel, .live-page')?.guard;
  const middle = () => {
    const { left, top, width, height } = control.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const atTop = () => {
    const hit = control.getRootNode().elementFromPoint(...middle());
    return control.contains(hit) || (hit !== null && hit.closest('label')?.control === control);
  };
  const outOfReach = () => {
    if (!control.checkVisibility({ visibilityProperty: true })) return 'is not visible';
    if (control.disabled || control.getAttribute('aria-disabled') === 'true') return 'is disabled';
    control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return atTop() ? '' : 'is covered';
  };
  const refused = () => (guard.allows(control, ...middle()) ? '' : 'is refused by the guard');
  const look = () => (control.isConnected ? (pointed && outOfReach()) || refused() : '');
  let why = look();
  for (let step = 0; why && waits && step < steps; step += 1) {
    await new Promise((next) => setTimeout(next, stepMs));
    why = look();
  }
  const aim = { why: waits ? why : '', gone: !control.isConnected, at: middle(), acted: false };
  control.addEventListener('click', () => { aim.acted = true; }, { capture: true, once: true });
  return aim;
}"""
"""Comes as soon as a press of this control would act, with where its middle is then; or when the page has drawn another
in its place; or with what kept it out for so long. With a clock that stands it comes to none of them."""
_FOUND = "({ why, gone, at }) => [why, gone, at]"
_ACTED = "({ acted }) => acted"
"""The guard lets nothing of what it refuses come as far as the control."""
_STEP_MS = 100
"""A look at all controls costs as much as a frame."""
TRIES = 5
CHANGED = "tests.changed"
MARK = (
    """(() => {
  const all = () => [window, document, navigator, navigator.mediaDevices, navigator.locks, crypto, history];
  const looks = () => all().map((one) => Object.getOwnPropertyDescriptors(one ?? {}));
  const parts = ['value', 'get', 'set'];
  const same = (one, other) => one && other && parts.every((part) => Object.is(one[part], other[part]));
  const first = looks();
  const axes = ['axe', '__core-js_shared__', 'elementsFromPoint'];
  const changed = () => looks().flatMap((look, at) => Object.keys({ ...first[at], ...look })
    .filter((name) => !axes.includes(name) && !same(first[at][name], look[name])));
"""
    f"  window[Symbol.for('{CHANGED}')] = changed;\n}})()"
)
"""What a page begins with that may be used again: it knows by name what of the browser's own was changed since then,
but for what axe-core leaves. Of what objects have from their kind it knows nothing."""
_BEGIN = """() => {
  if (document.querySelector('cti-widget')) return false;
  localStorage.clear();
  sessionStorage.clear();
  document.querySelector('noscript').before(document.createElement('cti-widget'));
  return true;
}"""
_LEAVE = """(changed) => {
  const widget = document.querySelector('cti-widget');
  if (!widget || window[Symbol.for(changed)]?.().length) return false;
  widget.remove();
  history.replaceState(null, '');
  document.activeElement?.blur();
  return true;
}"""
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


@dataclass(frozen=True)
class Aim:
    """A control that may be pressed: where its middle is in its frame, and whether it has acted since."""

    x: float
    y: float
    _page_has: JSHandle

    async def acted(self) -> bool:
        """Also one that has led to another page."""
        try:
            return bool(await self._page_has.evaluate(_ACTED))
        except Error:
            return True


async def aim(control: Locator, *, pointed: bool = False, waits: bool = True) -> Aim:
    """Wait until the click guard lets a press of this control act. One that is ``pointed`` at can be used, is scrolled
    into view, and nothing lies over it. One drawn anew is waited for anew. Raises AssertionError with what keeps it
    out; without ``waits`` it is taken as it is."""
    while True:
        limits = [pointed, waits, int(WITHIN_S * 1000 / _STEP_MS), _STEP_MS]
        found = await control.evaluate_handle(_AIM, limits)
        why, gone, (x, y) = await found.evaluate(_FOUND)
        if not gone:
            assert not why, f"{control} {why}"
            return Aim(x, y, found)


async def settled(control: Locator) -> None:
    """Wait until the click guard lets this control act."""
    await aim(control)


async def acts(control: Locator, press: Callable[[Aim], Awaitable[None]], *, pointed: bool = False) -> None:
    """Press a control, and once more when the page has changed between the look at the guard and the press: on a busy
    machine that takes long enough for the guard to refuse it, as it should."""
    for _ in range(TRIES):
        aimed = await aim(control, pointed=pointed)
        await press(aimed)
        if await aimed.acted():
            return
    raise AssertionError(f"{control} was pressed {TRIES} times, and the click guard refused each")


async def click(control: Locator, frame: Frame | None = None) -> None:
    """Click it with the mouse, as `acts`; ``frame`` is the one that it is in, if it is not the page itself."""
    mouse = control.page.mouse

    async def press(aimed: Aim) -> None:
        left, top = 0.0, 0.0
        if frame is not None:
            box = await (await frame.frame_element()).bounding_box()
            assert box is not None
            left, top = box["x"], box["y"]
        await mouse.click(left + aimed.x, top + aimed.y)

    await acts(control, press, pointed=True)


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
        """Go to the panel of a bridge; on a page that was left there it begins anew, and what it stored is gone."""
        address = f"{origin}/widget/{query}"
        if self.page.url != address or not await self.page.evaluate(_BEGIN):
            await self.page.goto(address)
        return self

    async def leave(self) -> bool:
        """Take the panel out of its page. False: there is none, or a test has changed what is not the panel's."""
        return bool(await self.page.evaluate(_LEAVE, CHANGED))

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        """A button by its whole name."""
        return (within or self.root).get_by_role("button", name=name, exact=True)

    async def press(self, name: str, *, within: Locator | None = None) -> None:
        """Click a button as soon as it can be used."""
        await self.click(self.button(name, within=within))

    async def click(self, control: Locator) -> None:
        """Click it as soon as the click guard lets it act. What the page scrolls has moved."""
        await click(control, self.frame)

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
