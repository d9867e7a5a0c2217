"""The earlier tickets of a number: what is not known is never said to be none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

NONE, UNKNOWN = "None. It is the first time.", "Not known at the moment."
AWAY = Problem(503, "storage_unavailable", "The storage cannot be reached.")


@asynccontextmanager
async def at_ticket(page: Page, bridge: RecordedBridge) -> AsyncIterator[Panel]:
    """A conversation whose ticket is on the screen."""
    bridge.agent = recorded.talking()
    async with recorded_bridge(bridge) as made:
        panel = await Panel(page).open(made.origin)
        await panel.sees("Ordered on Monday")
        yield panel


async def test_given_no_earlier_ticket_then_it_says_that_it_is_the_first_time(page: Page) -> None:
    async with at_ticket(page, RecordedBridge(tickets=[recorded.ticket_line()])) as panel:
        await panel.sees(NONE)


async def test_given_no_answer_yet_then_nothing_is_said_of_earlier_tickets(page: Page) -> None:
    asked: asyncio.Queue[Route] = asyncio.Queue()
    await page.route("**/api/v1/tickets?number=*", asked.put)
    async with at_ticket(page, RecordedBridge()) as panel:
        await expect(panel.region("Earlier tickets of this number")).to_have_text("Earlier tickets of this number")
        await (await asked.get()).continue_()
        await panel.sees("Pending")


async def test_given_an_answer_that_fails_then_it_is_not_known_until_it_is(own_page: Page, watch: Watch) -> None:
    watch.expect("503 GET .*/tickets")
    await own_page.clock.install()
    bridge = RecordedBridge(refusals={"tickets": AWAY})
    async with at_ticket(own_page, bridge) as panel:
        await panel.sees(UNKNOWN)
        await panel.sees_no(NONE)
        bridge.refusals.clear()
        await own_page.clock.run_for(10_000)
        await expect(panel.region("Earlier tickets of this number").get_by_text("Pending")).to_be_visible()
        await panel.sees_no(UNKNOWN)
