"""The phone in the page answers by itself what brings a lost call back: once each time it rings."""

from __future__ import annotations

from playwright.async_api import Page

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge

_NO_MICROPHONE = """() => {
  window.asked = 0;
  navigator.mediaDevices.getUserMedia = async () => {
    asked += 1;
    if (asked > 50) await new Promise(() => {});
    throw new DOMException('', 'NotFoundError');
  };
}"""
"""The microphone has gone. Who asks again and again gets no answer in the end, so that the page does not hang."""


async def test_given_no_microphone_then_it_tries_once_each_time_it_rings(page: Page) -> None:
    lost = {**recorded.lost(), "answer": "browser", "phone": "reachable"}
    async with recorded_bridge(RecordedBridge(agent=lost)) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Reconnecting")
        await panel.sees("Phone ready")
        await page.evaluate(_NO_MICROPHONE)
        for times in (1, 2):
            await bridge.registrar.ring()
            await page.wait_for_function(f"() => asked >= {times}")
            await panel.sees("There is no microphone.")
            for label in ("Talking", "Reconnecting"):
                await bridge.show({**lost, "label": label, "state": label.lower()})
                await panel.label(label)
            assert await page.evaluate("asked") == times
        await page.goto("about:blank")


async def test_given_a_supervisor_who_has_asked_to_listen_then_the_phone_in_the_page_answers_by_itself(
    page: Page,
) -> None:
    rung = {**recorded.monitoring("ringing"), "answer": "browser", "phone": "reachable"}
    async with recorded_bridge(
        RecordedBridge(agent={**rung, "state": "idle", "label": "Ready", "monitor": None})
    ) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.sees("Phone ready")
        await page.evaluate(_NO_MICROPHONE)
        await bridge.show(rung)
        await panel.label("Business (Monitoring)")
        await bridge.registrar.ring()
        await page.wait_for_function("() => asked >= 1")
        await page.goto("about:blank")
