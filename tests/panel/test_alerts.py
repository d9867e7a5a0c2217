"""What makes an agent look up: it blinks, the tab's title turns, the desktop is told, it rings; and all of it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

RECORDER = """
  window.told = [];
  const Real = window.Notification;
  window.Notification = class extends Real {
    constructor(title, options) { super(title, options); told.push({ what: 'notified', title, body: options.body }); }
    close() { told.push({ what: 'closed' }); super.close(); }
  };
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      window.ear ??= new AnalyserNode(this.context, { fftSize: 2048 });
      connect.call(this, window.ear);
    }
    return connect.call(this, to, ...rest);
  };
  window.loudness = () => {
    if (!window.ear) return 0;
    const samples = new Float32Array(2048);
    ear.getFloatTimeDomainData(samples);
    return Math.max(...samples.map(Math.abs));
  };
  document.hasFocus = () => new URLSearchParams(location.search).has('focused');
"""
"""Listens to what would be heard, and writes down what the desktop is told. The agent looks at another window."""
LOUD, SILENT = 0.05, 0.001
RINGS_ON_S = 7
"""More than two periods of the ringtone."""
LEFT_S = 8
"""What is left of the recorded offer."""
TITLE = "● Incoming call Jiho Kim +821012345678"

End = Callable[[Page, RecordedBridge], Awaitable[None]]


@pytest.fixture(scope="session")
def browser(whole_browser: Browser) -> Browser:
    """The one that can tell the desktop."""
    return whole_browser


@asynccontextmanager
async def waiting(page: Page, query: str = "") -> AsyncIterator[tuple[Panel, RecordedBridge]]:
    """An agent who is ready, at a clock that the test moves."""
    await page.add_init_script(RECORDER)
    await page.clock.install(time=recorded.NOW - timedelta(hours=1))
    await page.clock.pause_at(recorded.NOW)
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin, query)
        await panel.label("Ready")
        await bridge.listened_to()
        yield panel, bridge


async def rings(page: Page) -> None:
    await page.wait_for_function(f"() => loudness() > {LOUD}", polling="raf")


async def alerted(page: Page) -> None:
    """Wait until title and ringtone say that a call comes in."""
    await expect(page).to_have_title(TITLE)
    await rings(page)


async def quiet(page: Page, title: str) -> None:
    """Wait until nothing alerts any more, and see that nothing begins again."""
    await expect(page).to_have_title(title)
    await page.wait_for_function(f"() => loudness() < {SILENT}", polling="raf")
    tones = await page.evaluate("tones")
    await page.clock.run_for(RINGS_ON_S * 1000)
    assert await page.evaluate("tones") == tones
    assert await page.title() == title


# ---- what ends it


async def _goes_elsewhere(page: Page, bridge: RecordedBridge) -> None:
    await bridge.show(recorded.business("missed", "Missed call"))


async def _offer_ends(page: Page, bridge: RecordedBridge) -> None:
    await bridge.tell("offer.ended", offer_id=recorded.OFFER, result="caller_left")


async def _is_answered(page: Page, bridge: RecordedBridge) -> None:
    await bridge.show(recorded.talking())


async def _connection_is_lost(page: Page, bridge: RecordedBridge) -> None:
    bridge.is_away = True
    await bridge.close_sockets(1011)


async def _moves_elsewhere(page: Page, bridge: RecordedBridge) -> None:
    bridge.logged_in = False
    await bridge.close_sockets(4001, "session moved")


@pytest.mark.parametrize(
    "end",
    [_goes_elsewhere, _offer_ends, _is_answered, _connection_is_lost, _moves_elsewhere],
    ids=lambda end: end.__name__.strip("_"),
)
async def test_given_whatever_ends_the_ringing_then_sound_title_and_notification_end(
    context: BrowserContext, page: Page, watch: Watch, end: End
) -> None:
    watch.expect("401 ", "502 ", "WebSocket connection")
    await context.grant_permissions(["notifications"])
    async with waiting(page) as (_, bridge):
        title = await page.title()
        await bridge.show(recorded.ringing())
        await alerted(page)
        notified = {"what": "notified", "title": "Incoming call", "body": "Jiho Kim +821012345678\nsupport"}
        assert await page.evaluate("told") == [notified]
        await end(page, bridge)
        await quiet(page, title)
        assert await page.evaluate("told") == [notified, {"what": "closed"}]


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


@pytest.mark.parametrize("query", ["", "?focused"])
async def test_given_no_permission_or_an_agent_who_is_looking_then_no_notification(
    context: BrowserContext, page: Page, query: str
) -> None:
    await context.grant_permissions(["notifications"] if query else [])
    async with waiting(page, query) as (_, bridge):
        await bridge.show(recorded.ringing())
        await alerted(page)
        assert await page.evaluate("told") == []


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
