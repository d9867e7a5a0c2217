"""An agent who is to look up: what is heard and what the desktop is told is written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge

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
