"""The list Messages: who has left what, to be heard, called, and marked as done."""

from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge


async def test_given_messages_then_each_is_heard_called_and_marked_done(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.agent())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await bridge.listened_to()
        await panel.usable()
        await panel.choose("Menu", "Messages")
        lines = panel.dialog("Messages").get_by_role("listitem")
        await expect(lines).to_have_count(2)
        await expect(lines.nth(0)).to_contain_text("voice message · support")
        await expect(lines.nth(0)).to_contain_text("23 s")
        audio = lines.nth(0).locator("audio")
        await expect(audio).to_have_attribute(
            "src", f"{bridge.origin}/api/v1/recordings/{recorded.messages()[0]['recording_id']}/audio"
        )
        await expect(lines.nth(1).locator("audio")).to_have_count(0)
        await panel.press("Mark done", within=lines.nth(0))
        await expect(lines).to_have_count(1)
        path = f"callbacks/{recorded.messages()[0]['callback_id']}"
        assert bridge.asked[-1] == ("PATCH", path, {"status": "done", "version": 1})
        await expect(lines.nth(0)).to_contain_text("call-back · support")
        await panel.press("Connect", within=lines.nth(0))
        await expect(panel.dialog()).to_have_count(0)
        assert bridge.asked[-1] == ("POST", "me/dial", {"number": "+821055500002", "calling_number": "+8225551234"})


async def test_given_no_messages_then_that_is_said(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.agent(), messages=[])) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await bridge.listened_to()
        await panel.usable()
        await panel.choose("Menu", "Messages")
        await panel.sees("No messages.")
