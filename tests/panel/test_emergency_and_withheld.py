"""Emergency numbers in Dial up, and callers whose numbers are withheld, as the panel shows them."""

from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch


async def test_given_an_emergency_number_then_it_is_asked_about_once_and_a_double_click_calls_nobody(
    page: Page, watch: Watch
) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.press("Dial up")
        dialog = panel.dialog("Dial up")
        await panel.fill("Customer number", "1-1-2")
        await panel.button("Confirm", within=dialog).dblclick()
        await panel.fill("Customer number", "112")
        await expect(panel.button("Call 112", within=dialog)).to_have_count(0)
        assert bridge.asked == []
        await panel.press("Confirm", within=dialog)
        await expect(dialog.get_by_role("alert").get_by_text("Call the emergency number 112 now?")).to_be_visible()
        await panel.press("Call 112", within=dialog)
        await expect(dialog).to_have_count(0)
        ((_, path, body),) = bridge.asked
        assert (path, body["number"]) == ("me/dial", "112")


async def test_given_no_confirmed_calling_number_then_an_emergency_number_can_be_dialled_and_no_other(
    page: Page, watch: Watch
) -> None:
    numbers = recorded.CALLING_NUMBERS[:]
    recorded.CALLING_NUMBERS[:] = []
    try:
        async with recorded_bridge() as bridge:
            panel = await Panel(page).open(bridge.origin)
            await panel.press("Dial up")
            dialog = panel.dialog("Dial up")
            await panel.fill("Customer number", "+821012345678")
            await expect(panel.button("Confirm", within=dialog)).to_have_attribute("aria-disabled", "true")
            await panel.fill("Customer number", "119")
            await panel.press("Confirm", within=dialog)
            await panel.press("Call 119", within=dialog)
            await expect(dialog).to_have_count(0)
            assert bridge.asked == [("POST", "me/dial", {"number": "119"})]
    finally:
        recorded.CALLING_NUMBERS[:] = numbers


async def test_given_a_withheld_number_then_the_panel_says_so_and_knows_of_no_earlier_ticket(
    page: Page, watch: Watch
) -> None:
    call = recorded.call(customer_number=None, customer_name="")
    talking = recorded.in_call("talking", "Talking", call, ["hangup"])
    bridge = RecordedBridge(agent=talking, ticket=recorded.ticket(customer_number=None))
    async with recorded_bridge(bridge):
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await expect(page.get_by_role("heading", name="Number withheld")).to_be_visible()
        await panel.sees("The number is withheld: earlier tickets cannot be known.")
        await panel.sees_no("None. It is the first time.")
