"""A supervisor's pages before the whole system: what they show is true over a killed bridge."""

import re

from playwright.async_api import Locator, Page, expect

from tests.panel.live.desks import PanelDesk, PanelStack
from tests.panel.pages import click


def agent_row(page: Page, cti_id: str) -> Locator:
    return page.locator(".agents tbody tr", has=page.locator("th", has_text=cti_id))


async def live_page(desk: PanelDesk, path: str = "/supervisor/live") -> Page:
    """One more tab of the supervisor's browser."""
    head = desk.agents[-1]
    page = await head.context.new_page()
    await page.goto(f"{head.origin}{path}")
    return page


async def test_given_a_killed_bridge_then_the_pages_say_so_and_show_the_truth_again(stack: PanelStack) -> None:
    async with stack.at_panels("headed") as desk:
        agent, head = desk.agents
        for each in desk.agents:
            each.watch.expect("ERR_", "WebSocket connection", "failed:", "50[23] ")
        await head.panel.press("Rest")
        page, board = await live_page(desk), await live_page(desk, "/wallboard")
        row, chip = agent_row(page, agent.cti_id), page.locator(".chip[role=status]")
        waiting = page.get_by_role("region", name=re.compile("^Waiting"))
        await expect(row).to_contain_text("Ready")
        _, customer = await desk.answered()
        await expect(row).to_contain_text("Talking")
        await agent.panel.tab("My day")
        waits = await desk.desk.call()
        await expect(waiting.get_by_role("listitem")).to_have_count(1)
        await stack.bridge.kill()
        await expect(chip).to_contain_text("Reconnecting")
        await expect(page.get_by_text("These figures are")).to_be_visible()
        await expect(board.get_by_text("No figures for")).to_be_visible()
        await stack.bridge.start()
        await expect(chip).to_contain_text("Live")
        await expect(page.get_by_text("These figures are")).to_be_hidden()
        await expect(board.get_by_text("No figures for")).to_be_hidden()
        await expect(row).to_contain_text("Talking")
        await expect(waiting.get_by_role("listitem")).to_have_count(1)
        await expect(board.locator("tbody tr")).to_contain_text(re.compile("0 / 1 *1"))
        await waits.call.hang_up()
        await expect(waiting.get_by_role("listitem")).to_have_count(0)
        await click(row.get_by_role("button").last)
        await click(page.get_by_role("menuitem", name="End call"))
        await click(page.get_by_role("dialog").get_by_role("button", name="End call"))
        await customer.ended()
        await agent.panel.label("Business (Ticket Processing)")
        await expect(row).to_contain_text("Ticket Processing")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        calls_in = agent.panel.region("My day").locator("dl > div", has_text="Calls in").locator("strong")
        await expect(calls_in).to_have_text("1")
