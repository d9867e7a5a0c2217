"""What is half written is not lost, is not sent by itself, and is nobody else's to read."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel, settled
from tests.panel.recorded_bridge import PASSWORD, RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

KEPT = "Kept as a draft."
TEXT = "Ordered the blue one, got red"
AWAY = Problem(503, "storage_unavailable", "The storage cannot be reached.")
COMMENTS = f"tickets/{recorded.TICKET}/comments"


@pytest.fixture
def page(own_page: Page) -> Page:
    """A tab of its own: what is stored is what is looked at."""
    return own_page


@asynccontextmanager
async def at_ticket(page: Page, **changes: object) -> AsyncIterator[tuple[Panel, RecordedBridge]]:
    """A conversation whose ticket is in front."""
    bridge = RecordedBridge(agent=recorded.talking(), **changes)  # type: ignore[arg-type]
    async with recorded_bridge(bridge) as made:
        panel = await Panel(page).open(made.origin)
        await panel.sees("Ordered on Monday")
        yield panel, made
        if not page.is_closed():
            await page.goto("about:blank")


def field(page: Page) -> Locator:
    return page.locator("textarea")


def sent(bridge: RecordedBridge) -> list[str]:
    return [body["text"] for method, path, body in bridge.asked if (method, path) == ("POST", COMMENTS)]


async def stored(page: Page) -> str:
    """All that the browser keeps for the panel, as somebody would read it."""
    kept: str = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])")
    return kept


async def _crash(context: BrowserContext, page: Page) -> Page:
    """The page's process dies; a new tab comes in its place."""
    cdp = await context.new_cdp_session(page)
    async with page.expect_event("crash"):
        dies = asyncio.create_task(cdp.send("Page.crash"))
    dies.cancel()
    await page.close()
    return await context.new_page()


async def test_given_a_draft_then_it_outlives_reload_crash_and_logout_and_is_never_sent_by_itself(
    context: BrowserContext, page: Page
) -> None:
    async with at_ticket(page) as (panel, bridge):
        await field(page).press_sequentially(TEXT)
        await panel.sees(KEPT)
        await page.reload()
        await expect(field(page)).to_have_value(TEXT)
        page = await _crash(context, page)
        panel = await Panel(page).open(bridge.origin)
        await expect(field(page)).to_have_value(TEXT)
        await bridge.show(recorded.agent())
        await panel.choose("Menu", "Logout")
        await panel.log_in("mina", PASSWORD)
        await panel.tab("Tickets")
        line = panel.region("My tickets").get_by_role("button").filter(has_text="Draft")
        await panel.click(line)
        await expect(field(page)).to_have_value(TEXT)
        assert sent(bridge) == []
        await panel.press("Add a Comment")
        await expect(field(page)).to_have_value("")
        await panel.sees_no(KEPT)
        assert sent(bridge) == [TEXT]
        await page.reload()
        await panel.label("Ready")
        assert "cti-widget.draft" not in await stored(page)


async def test_given_another_agent_at_the_same_pc_then_the_draft_is_neither_shown_nor_readable(page: Page) -> None:
    async with at_ticket(page) as (panel, bridge):
        await field(page).fill(TEXT)
        await panel.sees(KEPT)
        assert TEXT not in await stored(page)
        assert recorded.CUSTOMER not in await stored(page)
        bridge.agent = recorded.talking()
        bridge.agent["cti_id"], bridge.draft_key = "juno", base64.b64encode(bytes(32)).decode()
        await page.reload()
        await panel.sees("Ordered on Monday")
        await expect(field(page)).to_have_value("")
        bridge.agent["cti_id"] = "mina"
        await page.reload()
        await panel.sees("Ordered on Monday")
        await expect(field(page)).to_have_value("")


async def test_given_two_tabs_then_both_show_the_draft_and_it_is_sent_once(context: BrowserContext, page: Page) -> None:
    async with at_ticket(page) as (panel, bridge):
        second = await context.new_page()
        await (other := Panel(second)).open(bridge.origin)
        await other.sees("Ordered on Monday")
        await field(page).press_sequentially(TEXT)
        await expect(field(second)).to_have_value(TEXT)
        await other.press("Add a Comment")
        await expect(field(page)).to_have_value("")
        assert sent(bridge) == [TEXT]
        await panel.sees_no(KEPT)
        await second.goto("about:blank")


async def test_given_a_refusal_then_the_draft_stays_and_each_attempt_has_the_same_key(page: Page, watch: Watch) -> None:
    watch.expect("503 POST")
    keys: list[str] = []

    async def note(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        await route.continue_()

    async with at_ticket(page, refusals={COMMENTS: AWAY}) as (panel, bridge):
        await page.route("**/comments", note)
        await field(page).fill(TEXT)
        await panel.press("Add a Comment")
        await panel.sees("The storage cannot be reached.")
        await panel.sees(KEPT)
        await page.reload()
        await expect(field(page)).to_have_value(TEXT)
        bridge.refusals.clear()
        await panel.press("Add a Comment")
        await expect(field(page)).to_have_value("")
        assert len(keys) == 2
        assert keys[0] == keys[1]
        await field(page).fill("Another one.")
        await panel.press("Add a Comment")
        await expect(field(page)).to_have_value("")
        assert keys[2] not in keys[:2]


async def test_given_a_double_click_then_one_comment_is_sent(page: Page) -> None:
    async with at_ticket(page) as (panel, bridge):
        await field(page).fill(TEXT)
        await settled(panel.button("Add a Comment"))
        await panel.button("Add a Comment").dblclick()
        await expect(field(page)).to_have_value("")
        await field(page).fill("The next.")
        await panel.press("Add a Comment")
        await expect(field(page)).to_have_value("")
        assert sent(bridge) == [TEXT, "The next."]


async def test_given_a_ticket_handed_over_meanwhile_then_the_draft_stays_and_it_says_whose_the_ticket_is(
    page: Page,
) -> None:
    async with at_ticket(page) as (panel, bridge):
        await field(page).fill(TEXT)
        now = recorded.ticket_line(owner="juno", owner_name="Juno Lee", version=3)
        bridge.ticket = recorded.ticket(**now)
        await bridge.show(recorded.business("ticket_processing", "Ticket Processing"))
        await bridge.tell("ticket.changed", ticket=now, event="owner_changed")
        await panel.sees("This is the ticket of Juno Lee. Your comment goes there.")
        await expect(field(page)).to_have_value(TEXT)
        await panel.sees(KEPT)
        assert sent(bridge) == []


async def test_given_a_browser_that_stores_nothing_then_it_says_so_and_keeps_it_while_the_page_is_there(
    page: Page,
) -> None:
    await page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });"
    )
    async with at_ticket(page) as (panel, bridge):
        await field(page).fill(TEXT)
        await panel.sees("Kept as a draft until this page is left: the browser stores nothing.")
        await bridge.show(recorded.agent())
        await panel.choose("Menu", "Logout")
        await panel.log_in("mina", PASSWORD)
        await panel.tab("Tickets")
        await panel.click(panel.region("My tickets").get_by_role("button").filter(has_text="Draft"))
        await expect(field(page)).to_have_value(TEXT)


async def test_given_a_page_that_may_not_seal_then_the_draft_is_the_tabs(page: Page) -> None:
    async with at_ticket(page, draft_key="") as (panel, _):
        await field(page).fill(TEXT)
        await panel.sees("Kept as a draft until this tab is closed.")
        await page.reload()
        await expect(field(page)).to_have_value(TEXT)
        assert await page.evaluate("JSON.stringify({ ...localStorage })") == "{}"


async def test_given_a_week_then_a_draft_is_gone(page: Page) -> None:
    await page.clock.install(time=recorded.NOW)
    async with at_ticket(page) as (panel, bridge):
        await field(page).fill(TEXT)
        await panel.sees(KEPT)
        await page.clock.set_system_time(recorded.NOW + timedelta(days=6, hours=23))
        await page.reload()
        await expect(field(page)).to_have_value(TEXT)
        await page.clock.set_system_time(recorded.NOW + timedelta(days=7, hours=1))
        bridge.agent["cti_id"] = "juno"
        await page.reload()
        await panel.sees("Ordered on Monday")
        assert "cti-widget.draft" not in await stored(page)


async def test_given_a_draft_for_a_withheld_number_then_it_comes_up_at_no_other_withheld_caller(page: Page) -> None:
    hidden: dict[str, Any] = {"customer_number": None, "customer_name": ""}
    async with recorded_bridge(RecordedBridge(agent=recorded.ringing(call_id="first", **hidden))) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Ringing")
        await field(page).fill("About the first caller.")
        await bridge.show(recorded.agent())
        draft = panel.region("Draft without a ticket")
        await expect(draft).to_contain_text("About the first caller.")
        await expect(draft).to_contain_text("for a call with a withheld number")
        await bridge.show(recorded.ringing(call_id="second", **hidden))
        await panel.label("Ringing")
        await expect(field(page)).to_have_value("")
        await panel.sees_no("About the first caller.")
        await field(page).fill("About the second caller.")
        bridge.ticket = recorded.ticket(call_id="second", customer_number=None)
        await bridge.show(recorded.talking(call_id="second", **hidden))
        await panel.sees("Ordered on Monday")
        await expect(field(page)).to_have_value("About the second caller.")
        await page.goto("about:blank")
