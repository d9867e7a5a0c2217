"""Other windows: the panel in its own one, the ticket system beside it, and a browser that hangs for a while."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Route, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

RINGS = "● Incoming call Jiho Kim +821012345678"


@pytest.fixture
def page(own_page: Page) -> Page:
    """A tab that opens others."""
    return own_page


async def test_given_its_own_window_then_sound_and_later_calls_are_there_and_come_back_with_its_end(page: Page) -> None:
    async with recorded_bridge() as bridge:
        first = await Panel(page).open(bridge.origin)
        await first.label("Ready")
        title = await page.title()
        async with page.context.expect_page() as opened:
            await first.choose("Menu", "Open in its own window")
        second = Panel(await opened.value)
        await second.label("Ready")
        assert urlsplit(second.page.url)[2:4] == ("/widget/", "popout")
        await first.sees("The sound is in another tab.")
        await second.sees_no("The sound is in another tab.")
        await bridge.show(recorded.ringing())
        await expect(second.page).to_have_title(RINGS)
        await first.label("Ringing")
        assert await page.title() == title
        await second.page.close()
        await expect(page).to_have_title(RINGS)


async def test_given_its_own_window_then_it_is_not_offered_there_and_asked_twice_it_is_the_same(page: Page) -> None:
    async with recorded_bridge() as bridge:
        first = await Panel(page).open(bridge.origin)
        await first.label("Ready")
        async with page.context.expect_page() as opened:
            await first.choose("Menu", "Open in its own window")
        second = Panel(await opened.value)
        await second.label("Ready")
        await second.press("Menu")
        await expect(second.page.get_by_role("menuitem", name="Logout")).to_be_visible()
        await expect(second.page.get_by_role("menuitem", name="Open in its own window")).to_have_count(0)
        async with second.page.expect_event("load"):
            await first.choose("Menu", "Open in its own window")
        assert len(page.context.pages) == 2


# ---- the ticket system of the house

TEMPLATE = "https://crm.example/find/{ticket_id}?who={customer_number}&by={cti_id}&x={unknown}"
TICKET_ID = "T/2041?&#x"


async def _with_ticket(page: Page, bridge: RecordedBridge) -> Panel:
    panel = await Panel(page).open(bridge.origin)
    await panel.label("Talking")
    await bridge.listened_to()
    await bridge.tell("ticket.opened", ticket=recorded.ticket_line(TICKET_ID))
    await panel.sees("Ordered on Monday")
    return panel


def _bridge(ticket_url: str) -> RecordedBridge:
    settings = {**recorded.SETTINGS, "ticket_url": ticket_url}
    ticket = recorded.ticket(ticket_id=TICKET_ID)
    return RecordedBridge(agent=recorded.talking(), settings=settings, ticket=ticket)


async def test_given_a_ticket_system_then_its_page_opens_beside_the_panel_with_every_value_escaped(page: Page) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(body="<title>CRM</title>", content_type="text/html")

    await page.context.route("https://crm.example/**", answer)
    async with recorded_bridge(_bridge(TEMPLATE)) as bridge:
        panel = await _with_ticket(page, bridge)
        async with page.context.expect_page() as opened:
            await panel.click(page.get_by_role("link", name="Open in the ticket system"))
        crm = await opened.value
        await expect(crm).to_have_title("CRM")
        address = urlsplit(crm.url)
        assert (address.netloc, address.path, address.fragment) == ("crm.example", "/find/T%2F2041%3F%26%23x", "")
        assert parse_qs(address.query) == {"who": [recorded.CUSTOMER], "by": ["mina"]}
        assert await crm.evaluate("[opener, document.referrer]") == [None, ""]
        await panel.label("Talking")


@pytest.mark.parametrize(
    "template",
    ["", "javascript:alert('{ticket_id}')", " JavaScript:alert(1)", "data:text/html,{ticket_id}", "https://"],
)
async def test_given_no_web_address_as_template_then_there_is_no_link(page: Page, template: str) -> None:
    async with recorded_bridge(_bridge(template)) as bridge:
        panel = await _with_ticket(page, bridge)
        await expect(panel.button("Resolved")).to_be_visible()
        assert await page.get_by_role("link").count() == 0


# ---- a browser that hangs


async def _hang(page: Page) -> CDPSession:
    """Returns when the page's only thread stands still; ``Debugger.resume`` lets it go on."""
    cdp = await page.context.new_cdp_session(page)
    stands = asyncio.Event()
    cdp.on("Debugger.paused", lambda _: stands.set())
    await cdp.send("Debugger.enable")
    await cdp.send("Debugger.pause")
    async with asyncio.timeout(10):
        await stands.wait()
    return cdp


async def _much_happens(bridge: RecordedBridge) -> None:
    """The offer goes to somebody else; the agent, as the server sees it, takes another call and goes to a meeting."""
    for agent in (
        recorded.business("missed", "Missed call"),
        recorded.agent(),
        recorded.ringing(call_id="another"),
        recorded.talking(call_id="another"),
        recorded.business("meeting", "Meeting"),
    ):
        await bridge.show(agent)


async def _nothing_more(_: RecordedBridge) -> None:
    """The connection is as it was."""


async def _dropped(bridge: RecordedBridge) -> None:
    """What a server does with one who does not read."""
    await bridge.close_sockets(1013, "too slow")


@pytest.mark.parametrize("then", [_nothing_more, _dropped], ids=["kept", "dropped"])
async def test_given_a_browser_that_hangs_while_it_rings_then_others_go_on_and_it_shows_the_truth_afterwards(
    browser: Browser, context: BrowserContext, page: Page, then: Any
) -> None:
    elsewhere = await browser.new_context()
    watch = Watch().over(elsewhere)
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        other = await Panel(await elsewhere.new_page()).open(bridge.origin)
        await panel.label("Ready")
        await other.label("Ready")
        title = await page.title()
        await bridge.show(recorded.ringing())
        await expect(page).to_have_title(RINGS)
        cdp = await _hang(page)
        await _much_happens(bridge)
        await other.label("Business (Meeting)")
        await then(bridge)
        await cdp.send("Debugger.resume")
        await panel.label("Business (Meeting)")
        await panel.sees_no("Reconnecting …")
        await expect(page).to_have_title(title)
        assert bridge.asked == []
        await panel.press("Ready")
    await elsewhere.close()
    watch.check()
