"""The work that waits for an agent, as the panel shows it: callers beside the status, messages in the menu."""

import pytest
from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import recorded_bridge
from tests.panel.watch import Watch


@pytest.mark.parametrize(("waiting", "text"), [(0, "0 wait"), (1, "1 waits"), (4, "4 wait")])
async def test_given_callers_who_wait_then_their_number_stands_beside_the_status(
    page: Page, watch: Watch, waiting: int, text: str
) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.usable()
        await bridge.work(waiting, 0)
        await expect(page.locator(".status-line")).to_contain_text(f"{text} in your queues")
        assert bridge.topics == "agent,work:mina"


async def test_given_messages_then_the_menu_says_how_many_and_the_number_follows(page: Page, watch: Watch) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.usable()
        await bridge.work(0, 3)
        await expect(page.locator(".status-line")).to_contain_text("0 wait")
        await panel.press("Menu")
        item = page.get_by_role("menuitem", name="Messages")
        await expect(item).to_have_text("Messages (3)")
        await bridge.work(0, 0)
        await expect(item).to_have_text("Messages")


async def test_given_a_call_then_the_line_says_what_comes_after_it_and_the_stream_of_the_agent_goes_on(
    page: Page, watch: Watch
) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.usable()
        await bridge.work(4, 0)
        await bridge.show(recorded.talking())
        await panel.label("Talking")
        await expect(page.locator(".status-line")).not_to_contain_text("wait")
        await bridge.work(5, 0)
        await bridge.show(recorded.agent())
        await expect(page.locator(".status-line")).to_contain_text("5 wait")
