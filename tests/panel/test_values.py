"""What the scenario has learnt of a call, as the panel shows it: plain text, whatever it says."""

import pytest
from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel, settled
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

VALUES = {"contract": "123456", "pin": "****", "look.name": recorded.HOSTILE}


@pytest.mark.parametrize("state", ["incoming", "talking"])
async def test_given_values_then_the_card_says_each_with_its_name_as_plain_text(
    page: Page, watch: Watch, state: str
) -> None:
    shown = recorded.ringing if state == "incoming" else recorded.talking
    async with recorded_bridge(RecordedBridge(agent=shown(category="contract/gold", data=VALUES))) as bridge:
        await Panel(page).open(bridge.origin)
        card = page.locator(f".card.{state}")
        await expect(card.locator(".datum").first).to_be_visible()
        facts = [fact.replace("\n", " ") for fact in await card.locator(".datum").all_inner_texts()]
        assert facts[:4] == [
            "Category contract/gold", "contract 123456", "pin ****", f"look.name {recorded.HOSTILE}",
        ]  # fmt: skip


RIGHT_TO_LEFT = "\u202egold\u202c \u05d0\u05d1 <b>bold</b> " + "w" * 180


@pytest.mark.parametrize("width", [320, 420])
async def test_given_hostile_values_then_they_are_text_and_turn_nothing_around_them(
    page: Page, watch: Watch, width: int
) -> None:
    shown = recorded.ringing(
        category=RIGHT_TO_LEFT, data={"look.name": RIGHT_TO_LEFT}, way=["menu 2", recorded.HOSTILE]
    )
    await page.set_viewport_size({"width": width, "height": 568})
    async with recorded_bridge(RecordedBridge(agent=shown)) as bridge:
        await Panel(page).open(bridge.origin)
        card = page.locator(".card.incoming")
        await expect(card.locator(".datum.value dd")).to_have_text(RIGHT_TO_LEFT)
        assert await card.locator("b, img, script").count() == 0
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        kept_apart = (
            "[...document.querySelectorAll('dd')].every((dd) => getComputedStyle(dd).unicodeBidi === 'isolate')"
        )
        assert await page.evaluate(kept_apart)


async def test_given_a_way_skills_and_others_who_wait_then_an_offer_shows_all_of_them(page: Page, watch: Watch) -> None:
    shown = recorded.ringing(way=["hours open", "menu 2", "contract"], skills={"english": 5, "billing": 2})
    async with recorded_bridge(RecordedBridge(agent={**shown, "waiting": 3})) as bridge:
        await Panel(page).open(bridge.origin)
        card = page.locator(".card.incoming")
        await expect(card.locator(".datum").first).to_be_visible()
        facts = [fact.replace("\n", " ") for fact in await card.locator(".datum").all_inner_texts()]
        assert facts[0].startswith("Waited ")
        assert facts[1:4] == ["Asks for english 5, billing 2", "Way hours open → menu 2 → contract", "Waiting 3"]
        await expect(card.get_by_text("contract", exact=False).first).to_be_in_viewport()


async def test_given_a_call_without_values_then_nothing_is_said_of_them(page: Page, watch: Watch) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.ringing())) as bridge:
        await Panel(page).open(bridge.origin)
        await expect(page.locator(".card.incoming .datum").first).to_be_visible()
        assert await page.locator(".card.incoming").get_by_text("Category").count() == 0


async def test_given_very_long_values_then_the_card_keeps_its_width(page: Page, watch: Watch) -> None:
    values = {f"look.key{n}": "x" * 200 for n in range(20)}
    await page.set_viewport_size({"width": 320, "height": 568})
    async with recorded_bridge(RecordedBridge(agent=recorded.talking(data=values))) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await panel.usable()
        more = panel.button("All about this call")
        await settled(more)
        await more.click()
        await expect(more).to_have_attribute("aria-expanded", "true")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
