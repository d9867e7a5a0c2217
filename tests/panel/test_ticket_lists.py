"""Lists of tickets: none ends without saying so, and what is searched for is found on the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

AWAY = Problem(503, "storage_unavailable", "The storage cannot be reached.")
MORE = "Show more"


def tickets(count: int) -> list[Json]:
    """Newest first; the oldest one is pending."""
    made = [
        recorded.ticket_line(f"{number:08x}-0000-7000-8000-000000000000", "resolved", 60 * number, call_id=f"c{number}")
        for number in range(count)
    ]
    made[-1]["status"] = "pending"
    return made


@asynccontextmanager
async def at_list(page: Page, bridge: RecordedBridge) -> AsyncIterator[Panel]:
    """The list of one's own tickets is open."""
    async with recorded_bridge(bridge) as made:
        panel = await Panel(page).open(made.origin)
        await panel.tab("Tickets")
        await panel.region("My tickets").wait_for()
        yield panel


async def test_given_more_than_a_page_then_the_list_says_so_and_every_ticket_is_reached(page: Page) -> None:
    bridge = RecordedBridge(agent=recorded.talking(), tickets=tickets(120))
    async with at_list(page, bridge) as panel:
        mine = panel.region("My tickets")
        rows = mine.get_by_role("listitem")
        for shown in (50, 100):
            await expect(rows).to_have_count(shown)
            await panel.sees(f"The newest {shown} are shown.")
            await panel.press(MORE)
        await expect(rows).to_have_count(120)
        await expect(rows.last).to_contain_text("Pending")
        await expect(panel.button(MORE)).to_have_count(0)
        await panel.sees_no("are shown")
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line("T-new", call_id="c-new"))
        await expect(panel.button("1 new")).to_be_visible()
        await expect(rows).to_have_count(120)


async def test_given_a_status_an_owner_a_number_or_an_id_then_the_server_is_asked_for_it(page: Page) -> None:
    bridge = RecordedBridge(agent=recorded.agent(), tickets=tickets(60))
    async with at_list(page, bridge) as panel:
        await page.get_by_label("Status", exact=True).select_option("Pending")
        await expect(panel.region("My tickets").get_by_role("listitem")).to_have_count(1)
        assert bridge.searched[-1] == {"owner": "mina", "status": "pending"}
        await page.get_by_label("Owner", exact=True).select_option("Everybody")
        await panel.region("Tickets of my services").wait_for()
        assert bridge.searched[-1] == {"status": "pending"}
        await page.get_by_label("Status", exact=True).select_option("Any")
        await expect(panel.region("Tickets of my services").get_by_role("listitem")).to_have_count(50)
        await panel.fill("Number or ID", bridge.tickets[7]["ticket_id"])
        await expect(panel.region("Tickets of my services").get_by_role("listitem")).to_have_count(1)
        assert bridge.searched[-1] == {"id": bridge.tickets[7]["ticket_id"]}
        bridge.tickets = []
        await panel.fill("Number or ID", " 010-1234-5678")
        await panel.sees("No ticket of your services matches.")
        assert bridge.searched[-1] == {"number": "010-1234-5678"}
        await panel.press("Close the list")
        await panel.tab("Tickets")
        await panel.sees("There are no tickets yet.")
        assert bridge.searched[-1] == {"owner": "mina"}


async def test_given_a_search_that_fails_then_it_is_said_the_list_stays_and_one_can_try_again(
    page: Page, watch: Watch
) -> None:
    watch.expect("503 GET .*/tickets")
    bridge = RecordedBridge(agent=recorded.agent(), tickets=tickets(60))
    async with at_list(page, bridge) as panel:
        rows = panel.region("My tickets").get_by_role("listitem")
        bridge.refusals["tickets"] = AWAY
        await panel.press(MORE)
        await expect(page.get_by_role("alert").filter(has_text="storage")).to_be_visible()
        await expect(rows).to_have_count(50)
        await page.get_by_label("Status", exact=True).select_option("Pending")
        await panel.button("Try again").wait_for()
        await expect(rows).to_have_count(50)
        bridge.refusals.clear()
        await panel.press("Try again")
        await expect(rows).to_have_count(1)


async def test_given_a_customer_with_more_calls_than_a_page_then_the_history_says_so_and_goes_on(page: Page) -> None:
    bridge = RecordedBridge(agent=recorded.talking(), tickets=[recorded.ticket_line(), *tickets(70)])
    async with recorded_bridge(bridge) as made:
        panel = await Panel(page).open(made.origin)
        earlier = panel.region("Earlier tickets of this number")
        await expect(earlier.get_by_role("listitem")).to_have_count(49)
        await panel.sees("The newest 49 are shown.")
        await panel.press(MORE)
        await expect(earlier.get_by_role("listitem")).to_have_count(70)
        await panel.sees_no("are shown")


async def test_given_a_ticket_that_is_opened_and_read_slowly_then_who_goes_back_to_the_list_keeps_it(
    page: Page,
) -> None:
    bridge = RecordedBridge(agent=recorded.agent(), tickets=[recorded.ticket_line()])
    slow: list[Route] = []

    async def keep(route: Route) -> None:
        slow.append(route)

    async with at_list(page, bridge) as panel:
        mine = panel.region("My tickets")
        await page.route("**/api/v1/tickets?number=*", keep)
        for _ in range(2):  # The second time it is in front already.
            await panel.click(mine.get_by_role("listitem").get_by_role("button"))
            await panel.sees("Ordered on Monday")
            await panel.tab("Tickets")
            await mine.wait_for()
            while slow:
                await slow.pop().continue_()
            await panel.sees_no("Ordered on Monday")
            await expect(mine.get_by_role("listitem")).to_have_count(1)


async def test_given_rows_that_were_scrolled_out_of_sight_then_they_keep_no_click_from_what_stands_there(
    page: Page,
) -> None:
    bridge = RecordedBridge(agent=recorded.agent(), tickets=tickets(50))
    async with at_list(page, bridge) as panel:
        await panel.click(panel.region("My tickets").get_by_role("listitem").last.get_by_role("button"))
        await panel.sees("Ordered on Monday")
        await page.get_by_role("tab", name="Tickets", exact=True).click()
        await panel.region("My tickets").wait_for()
