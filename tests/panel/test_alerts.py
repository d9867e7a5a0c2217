"""What makes an agent look up: it rings, the tab's title turns, the panel blinks."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.panel import recorded
from tests.panel.alerting import LEFT_S, RINGS_ON_S, TITLE, alerted, waiting
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import recorded_bridge
from tests.panel.watch import Watch


@pytest.fixture
def page(own_page: Page) -> Page:
    """A tab that makes sounds, with a clock that the test moves."""
    return own_page


@pytest.fixture
def sound() -> bool:
    """It is listened to."""
    return True


async def test_given_nobody_answers_then_it_rings_again_and_the_title_turns(page: Page) -> None:
    """Also when the time to answer is over: it is the server that ends it, and a clock can be wrong."""
    async with waiting(page) as (_, bridge):
        title = await page.title()
        await bridge.show(recorded.ringing())
        await alerted(page)
        before = await page.evaluate("tones")
        titles = []
        for _ in range(4):
            await page.clock.run_for(1000)
            titles.append(await page.title())
        assert titles == [title, TITLE, title, TITLE]
        assert await page.evaluate("tones") > before
        await page.clock.run_for(LEFT_S * 1000)
        late = await page.evaluate("tones")
        await page.clock.run_for(RINGS_ON_S * 1000)
        assert await page.evaluate("tones") > late


_NO_SOUND_YET = """
  window.AudioContext = class {
    state = 'suspended';
    currentTime = 0;
    constructor() { window.context = this; }
    async resume() {
      const { type, pointerType } = window.event ?? {};
      if (['keydown', 'click'].includes(type) || pointerType === 'mouse') this.state = 'running';
    }
    close() {}
  };
"""
"""A browser that lets a page make sounds once it has asked for it within a gesture; a finger's begins with no such."""


async def test_given_a_finger_on_the_screen_then_it_allows_the_sound_as_a_mouse_does(browser: Browser) -> None:
    context = await browser.new_context(has_touch=True)
    watch = Watch().over(context)
    page = await context.new_page()
    await page.add_init_script(_NO_SOUND_YET)
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Ready")
        await page.get_by_text("Why am I not getting calls?").tap()
        await page.wait_for_function("() => window.context?.state === 'running'")
    await context.close()
    watch.check()


_LATE_SOUND = """
  window.AudioContext = class {
    state = 'suspended';
    async resume() {
      if (location.search) return;
      setTimeout(() => { this.state = 'running'; this.onstatechange?.(); }, 1500);
    }
    close() {}
  };
"""
"""Firefox needs as long as this for its first sound on a slow machine; with a query there never is any."""


@pytest.mark.parametrize(("query", "after_ms", "told"), [("", 1_400, 0), ("", 2_500, 0), ("?never", 2_500, 1)])
async def test_given_sound_that_is_slow_to_begin_then_only_what_never_begins_is_told_as_blocked(
    page: Page, query: str, after_ms: int, told: int
) -> None:
    await page.add_init_script(_LATE_SOUND)
    async with waiting(page, query):
        await page.keyboard.press("Shift")
        await page.clock.run_for(after_ms)
        await expect(page.get_by_text("The browser keeps the ringing silent")).to_have_count(told)


# ---- what is seen

_BLINKS = """async () => {
  const card = document.querySelector('cti-widget').shadowRoot.querySelector('.incoming');
  const [animation, ...others] = card.getAnimations();
  if (!animation || others.length) return null;
  const { duration, iterations } = animation.effect.getTiming();
  animation.pause();
  const look = (at) => { animation.currentTime = at; return getComputedStyle(card).boxShadow; };
  return { duration, forever: iterations === Infinity, looks: [100, 600, 1100, 1600].map(look) };
}"""


async def test_given_a_call_then_the_panel_blinks_once_a_second(page: Page) -> None:
    async with waiting(page) as (panel, bridge):
        await bridge.show(recorded.ringing())
        await panel.label("Ringing")
        blinks = await page.evaluate(_BLINKS)
        assert (blinks["duration"], blinks["forever"]) == (1000, True)
        off, on, *again = blinks["looks"]
        assert on != off and again == [off, on]


async def test_given_reduced_motion_then_neither_panel_nor_title_blinks_but_both_stand_out(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    async with waiting(page) as (panel, bridge):
        await bridge.show(recorded.ringing())
        await panel.label("Ringing")
        assert await page.evaluate(_BLINKS) is None
        ring = await panel.region("Incoming call").evaluate("node => getComputedStyle(node).boxShadow")
        assert ring.endswith("0px 0px 0px 4px"), ring
        await expect(page).to_have_title(TITLE)
        for _ in range(3):
            await page.clock.run_for(1000)
            assert await page.title() == TITLE
