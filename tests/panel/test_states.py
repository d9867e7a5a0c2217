"""Every state of the panel, on recorded views: nothing that keeps people out, nothing too wide, nothing that grows."""

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from tests.panel import recorded
from tests.panel.cases import Cases
from tests.panel.looks import NARROW, OF_COLOURS, dock_in_place, fits, keeps_words_whole, violations
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.scenes import SCENES, Scene
from tests.panel.stage import Stage, open_stage


async def _seen(stage: Stage, scene: Scene) -> None:
    page, watch = stage.tab.page, stage.tab.watch
    watch.expect("40[13] ", "50[23] ", "WebSocket connection")
    await page.set_viewport_size(NARROW)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    async with scene.on_stage(stage):
        watch.check()
        watch.expect("Applying inline style")  # axe-core tries to.
        assert not (found := await violations(page)), "\n".join(found)
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert not (found := await violations(page, *OF_COLOURS)), "\n".join(["dark", *found])
        await fits(page)
        await keeps_words_whole(page)
        await dock_in_place(page)
        assert await page.title() != "hacked"


_states = Cases("scene", open_stage(viewport=NARROW, reduced_motion="reduce"), _seen)


@pytest.mark.timeout(300)  # The first case runs them all.
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_given_a_state_then_it_is_accessible_light_and_dark_fits_into_320_pixels_and_the_dock_is_in_its_place(
    browser: Browser, scene: Scene, request: pytest.FixtureRequest
) -> None:
    await _states.check(request, browser)


async def test_given_a_button_without_a_name_then_it_would_be_found(blank_page: Page) -> None:
    await blank_page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [one for one in await violations(blank_page) if one.startswith("critical button-name")]


# ---- a page that is open for a long time

FEW = 500
TICKETS = 50
"""One event of so many opens a ticket, which the page then reads."""
AHEAD = 250
"""Events that are sent before the page has shown the last of them."""
MOST_MB, MOST_NODES = 1.0, 200
"""The engine's own: half a megabyte comes and goes, after 1,000 events as after 10,000."""


async def _many(bridge: RecordedBridge, page: Page, count: int) -> None:
    """As the bridge tells it, and no faster than the page reads: calls, notices and tickets, all different."""
    for number in range(count):
        call_id = f"call-{bridge.seq}"
        if number % TICKETS == 0:
            of = (bridge.agent["call"] or recorded.call())["call_id"]
            line = recorded.ticket_line(f"T-{bridge.seq}", call_id=of, customer_number=f"+8210{bridge.seq:08}")
            bridge.ticket = recorded.ticket(**line)
            await bridge.tell("ticket.opened", ticket=line)
        elif number % 4 == 1:
            await bridge.show(recorded.ringing(call_id=call_id))
        elif number % 4 == 2:
            await bridge.show(recorded.talking(call_id=call_id, ticket_id=None))
        elif number % 4 == 3:
            await bridge.tell("call.ended", call_id=call_id, outcome="completed", ended_by="customer")
        else:
            await bridge.tell("notice", code="told", text=f"notice {number} of {count}")
        if number % AHEAD == AHEAD - 1:
            await bridge.tell("notice", code="told", text=f"read {number} of {count}")
            await expect(page.get_by_text(f"read {number} of {count}")).to_be_visible()


async def _size(page: Page, cdp: CDPSession) -> tuple[float, float]:
    """(megabytes of JavaScript's heap, DOM nodes), garbage collected."""
    for _ in range(3):
        await cdp.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in (await cdp.send("Performance.getMetrics"))["metrics"]}
    return metrics["JSHeapUsedSize"] / 1e6, metrics["Nodes"]


@pytest.mark.parametrize("events", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_given_thousands_of_events_then_the_page_has_not_grown(own_page: Page, events: int) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(own_page).open(bridge.origin)
        await panel.label("Ready")
        cdp = await own_page.context.new_cdp_session(own_page)
        await cdp.send("Performance.enable")

        async def grow(count: int) -> tuple[float, float]:
            await _many(bridge, own_page, count)
            await bridge.show(recorded.agent())
            await panel.label("Ready")
            return await _size(own_page, cdp)

        before = await grow(FEW)
        after = await grow(events)
        assert after[0] - before[0] < MOST_MB, (before, after)
        assert after[1] - before[1] < MOST_NODES, (before, after)
