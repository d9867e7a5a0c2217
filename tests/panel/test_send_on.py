"""A call is sent to a queue: the tab of the transfer sheet, as the panel shows it (requirement E9)."""

import pytest
from playwright.async_api import Locator, Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel, settled
from tests.panel.recorded_bridge import PASSWORD, RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

TRANSFER = f"calls/{recorded.CALL}/transfer"


async def queues(panel: Panel) -> Locator:
    """The sheet of a conversation, with the tab of queues."""
    await panel.label("Talking")
    await panel.usable()
    await panel.press("Transfer")
    await panel.tab("Queues")
    return panel.dialog("Transfer")


async def lines(dialog: Locator) -> list[str]:
    await dialog.get_by_text("night-desk").wait_for()
    return [" ".join(text.split()) for text in await dialog.locator(".target-who").all_inner_texts()]


async def test_the_queues_of_the_calls_service_say_how_many_wait_and_work_and_how_long_it_takes(
    page: Page, watch: Watch
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await queues(panel)
        found = await lines(dialog)
        assert found[:4] == [
            "support 2 wait · 5 work · 1–2 min",
            "contracts 0 wait · 3 work · at once",
            "english 6 wait · 1 works · 10–20 min",
            "returns 1 waits · nobody works",
        ]
        assert found[4].startswith("night-desk Closed until Jan 5") and len(found) == 5, "none of another service"
        await expect(dialog.locator(".long")).to_have_text(["10–20 min", "nobody works"])
        closed = panel.button("Closed: night-desk", within=dialog)
        await expect(closed).to_have_attribute("aria-disabled", "true")
        assert (await closed.get_attribute("title") or "").startswith("Closed until Jan 5")


@pytest.mark.parametrize("memo", ["", "Second plan on invoice 2026-10."])
async def test_given_a_queue_then_the_call_goes_there_with_the_memo_and_the_sheet_closes(
    page: Page, watch: Watch, memo: str
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await queues(panel)
        await lines(dialog)
        if memo:
            await panel.fill("Memo that goes along", memo)
        await panel.press("Connect: support", within=dialog)
        await expect(dialog).to_have_count(0)
        sent = {"queue": "support"} | ({"memo": memo} if memo else {})
        assert bridge.asked == [("POST", TRANSFER, sent)]


async def test_given_the_keyboard_alone_then_the_call_is_sent_on(page: Page, watch: Watch) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await panel.usable()
        await panel.keys("Alt+T")
        dialog = panel.dialog("Transfer")
        await dialog.get_by_role("tab", name="Direct Input").focus()
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("ArrowLeft")
        await lines(dialog)
        await expect(dialog.get_by_role("tab", name="Queues")).to_be_focused()
        connect = panel.button("Connect: support", within=dialog)
        await page.keyboard.press("Tab")
        await expect(connect).to_be_focused()
        await settled(connect)
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        assert bridge.asked == [("POST", TRANSFER, {"queue": "support"})]


async def test_given_a_refusal_then_it_is_said_and_the_memo_stays_also_over_another_tab(
    page: Page, watch: Watch
) -> None:
    watch.expect("503 POST .*")
    away = Problem(503, "pbx_unavailable", "No PBX is connected.")
    async with recorded_bridge(RecordedBridge(agent=recorded.talking(), refusals={TRANSFER: away})) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await queues(panel)
        await lines(dialog)
        await panel.fill("Memo that goes along", "Identity checked.")
        await panel.press("Connect: support", within=dialog)
        await expect(dialog.get_by_role("alert").filter(has_text="telephone system")).to_be_visible()
        await panel.tab("Frequently Used")
        await panel.tab("Queues")
        await expect(dialog.get_by_label("Memo that goes along")).to_have_value("Identity checked.")


async def test_given_figures_that_change_under_the_pointer_then_no_row_moves(page: Page, watch: Watch) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await queues(panel)
        await lines(dialog)
        await dialog.get_by_text("support", exact=True).hover()
        bridge.queues = [recorded.queue("first", 0, 1, None), recorded.queue("support", 7, 5, 700.0)]
        await expect(dialog.locator(".target-who").first).to_contain_text("7 wait", timeout=8_000)
        await expect(dialog.get_by_role("button", name="1 new")).to_be_visible()
        await expect(panel.button("Connect: english", within=dialog)).to_have_attribute("aria-disabled", "true")


async def test_the_tab_that_was_used_last_comes_up_again_until_somebody_else_may_have_logged_in(
    page: Page, watch: Watch
) -> None:
    watch.expect("WebSocket connection")
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await queues(panel)
        await page.keyboard.press("Escape")
        await panel.press("Transfer")
        await expect(panel.dialog().get_by_role("tab", name="Queues")).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Escape")
        await bridge.show(recorded.agent())
        await panel.choose("Menu", "Logout")
        bridge.agent = recorded.talking()
        await panel.log_in("mina", PASSWORD)
        await panel.press("Transfer")
        await expect(panel.dialog().get_by_role("tab", name="Direct Input")).to_have_attribute("aria-selected", "true")
