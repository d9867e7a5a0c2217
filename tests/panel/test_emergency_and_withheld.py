"""Emergency numbers, wherever a number can be called from, and callers whose numbers are withheld, as the panel shows
them."""

import pytest
from playwright.async_api import Locator, Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel, settled
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

QUESTION = "Call the emergency number 112 now?"
AWAY = Problem(503, "pbx_unavailable", "No PBX is connected.")


async def transfer(panel: Panel) -> Locator:
    """The sheet of a conversation."""
    await panel.label("Talking")
    await panel.usable()
    await panel.press("Transfer")
    return panel.dialog("Transfer")


async def asked(panel: Panel, bridge: RecordedBridge, question: str = QUESTION) -> None:
    """The question is there, and nobody is called yet."""
    await expect(panel.dialog().get_by_role("alert").get_by_text(question)).to_be_visible()
    assert bridge.asked == []


@pytest.mark.parametrize(
    ("button", "command"), [("Consultation Call", "consult"), ("Connect", "transfer")], ids=["consult", "direct"]
)
async def test_given_an_emergency_number_to_transfer_to_then_it_is_asked_about_and_a_double_click_calls_nobody(
    page: Page, watch: Watch, button: str, command: str
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await transfer(panel)
        await panel.fill("Transfer number", "1 1-2")
        pressed = panel.button(button, within=dialog)
        await settled(pressed)
        place = await pressed.bounding_box()
        await pressed.dblclick()
        await asked(panel, bridge)
        # Cancel is there, beside a pointer that stays, and the other button is not.
        cancel, call = panel.button("Cancel", within=dialog), panel.button("Call 112", within=dialog)
        middle = place and place["x"] + place["width"] / 2
        for here, expected in ((cancel, True), (call, False)):
            box = await here.bounding_box()
            assert box and middle
            assert (box["x"] <= middle <= box["x"] + box["width"]) is expected
        await panel.press("Call 112", within=dialog)
        await expect(dialog).to_have_count(0)
        assert bridge.asked == [("POST", f"calls/{recorded.CALL}/{command}", {"number": "1 1-2"})]


async def test_given_enter_after_an_emergency_number_to_transfer_to_then_it_is_asked_about_and_enter_calls_nobody(
    page: Page, watch: Watch
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await transfer(panel)
        await panel.fill("Transfer number", "112")
        await page.keyboard.press("Enter")
        await asked(panel, bridge)
        await settled(panel.button("Call 112", within=dialog))
        await page.keyboard.press("Enter")
        await asked(panel, bridge)
        await panel.fill("Transfer number", "1128")
        await expect(panel.button("Consultation Call", within=dialog)).to_be_visible()
        await panel.fill("Transfer number", "112")
        await expect(panel.button("Call 112", within=dialog)).to_have_count(0)
        await panel.press("Consultation Call", within=dialog)
        await panel.press("Cancel", within=dialog)
        await expect(panel.button("Consultation Call", within=dialog)).to_be_visible()
        assert bridge.asked == []


async def test_given_an_emergency_number_among_the_frequent_ones_then_its_row_asks(
    page: Page, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    police = {"id": "n9", "number": "112", "label": "Police"}
    monkeypatch.setattr(recorded, "FREQUENT_NUMBERS", [*recorded.FREQUENT_NUMBERS, police])
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await transfer(panel)
        await panel.tab("Frequently Used")
        await panel.press("Connect: Police", within=dialog)
        await asked(panel, bridge)
        row = dialog.get_by_role("listitem").filter(has_text="Police")
        await expect(row.get_by_text(QUESTION)).to_be_visible()
        await panel.tab("Available Agents")
        await panel.tab("Frequently Used")
        await panel.press("Connect: Police", within=dialog)
        await panel.press("Call 112", within=row)
        await expect(dialog).to_have_count(0)
        assert bridge.asked == [("POST", f"calls/{recorded.CALL}/transfer", {"number": "112"})]


async def test_given_another_number_is_called_then_the_question_is_gone(
    page: Page, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.expect("503 POST .*")
    police = {"id": "n9", "number": "112", "label": "Police"}
    monkeypatch.setattr(recorded, "FREQUENT_NUMBERS", [police, *recorded.FREQUENT_NUMBERS])
    refusals = {f"calls/{recorded.CALL}/consult": AWAY}
    async with recorded_bridge(RecordedBridge(agent=recorded.talking(), refusals=refusals)) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await transfer(panel)
        await panel.tab("Frequently Used")
        await panel.press("Consultation Call: Police", within=dialog)
        await asked(panel, bridge)
        await panel.press("Consultation Call: Warehouse", within=dialog)
        await expect(panel.button("Call 112", within=dialog)).to_have_count(0)
        await expect(dialog.locator(".refused")).to_be_visible()
        assert [path for _, path, _ in bridge.asked] == [f"calls/{recorded.CALL}/consult"]


async def test_given_a_refusal_then_the_question_stays_and_is_not_asked_again(page: Page, watch: Watch) -> None:
    watch.expect("503 POST .*")
    path = f"calls/{recorded.CALL}/consult"
    async with recorded_bridge(RecordedBridge(agent=recorded.talking(), refusals={path: AWAY})) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await transfer(panel)
        await panel.fill("Transfer number", "112")
        await page.keyboard.press("Enter")
        await panel.press("Call 112", within=dialog)
        await expect(dialog.locator(".refused")).to_be_visible()
        await expect(dialog.get_by_text(QUESTION)).to_be_visible()
        bridge.refusals.clear()
        await panel.press("Call 112", within=dialog)
        await expect(dialog).to_have_count(0)
        assert bridge.asked == [("POST", path, {"number": "112"})] * 2


async def test_given_the_question_by_keyboard_then_escape_and_tab_still_work(page: Page, watch: Watch) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        dialog = await transfer(panel)
        await panel.fill("Transfer number", "112")
        direct = panel.button("Connect", within=dialog)
        await direct.focus()
        await settled(direct)
        await page.keyboard.press("Enter")
        await asked(panel, bridge)
        cancel = panel.button("Cancel", within=dialog)
        await cancel.focus()
        await settled(cancel)
        await page.keyboard.press("Space")
        await expect(direct).to_be_visible()
        await settled(direct)
        await direct.focus()
        await page.keyboard.press("Enter")
        await asked(panel, bridge)
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        assert bridge.asked == []


async def test_given_the_number_of_the_last_call_is_an_emergency_number_then_calling_it_again_asks(
    page: Page, watch: Watch
) -> None:
    dialled = recorded.talking(customer_number="112", direction="outbound", emergency=True)
    after = recorded.business("ticket_processing", "Ticket Processing")
    settings = {**recorded.SETTINGS, "language": "ko"}
    async with recorded_bridge(RecordedBridge(agent=dialled, settings=settings)) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await bridge.listened_to()
        await bridge.show(after)
        await panel.press("이 번호로 다시 걸기")
        await expect(panel.dialog().locator("input")).to_have_value("112")
        await settled(panel.button("확인", within=panel.dialog()))
        await page.keyboard.press("Enter")
        await asked(panel, bridge, "긴급 번호 112(으)로 지금 전화할까요?")
        await panel.press("112 전화 걸기", within=panel.dialog())
        await expect(panel.dialog()).to_have_count(0)
        ((_, path, body),) = bridge.asked
        assert (path, body["number"]) == ("me/dial", "112")


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
