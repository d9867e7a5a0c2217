"""Rest and Business with their reasons: chosen in the panel in one way, and shown there and on the live page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.panel import recorded, watched
from tests.panel.looks import SIZES
from tests.panel.recorded import Json
from tests.panel.test_dock import at_desk, box
from tests.panel.test_live_page import live, row

SETTINGS = {**recorded.SETTINGS, "rest_reasons": ["break", "meal", "prayer_room"]}


def item(page: Page, name: str) -> Locator:
    return page.get_by_role("menuitemradio", name=name, exact=True)


@pytest.mark.parametrize(
    ("status", "reason", "word", "label"),
    [("Rest", "prayer_room", "Prayer room", "Rest (Prayer room)"), ("Business", "chat", "Chat", "Business (Chat)")],
)
async def test_given_reasons_then_a_status_is_a_menu_of_them(
    page: Page, status: str, reason: str, word: str, label: str
) -> None:
    async with at_desk(page, recorded.agent(), settings=SETTINGS) as (panel, bridge):
        async with page.expect_response("**/me/status"):
            await panel.choose(status, word)
        assert bridge.asked == [("PUT", "me/status", {"status": status.lower(), "reason": reason})]
        await bridge.show(recorded.agent(status=status.lower(), reason=reason, label=label, no_calls=["not_ready"]))
        await panel.label(label)
        await expect(panel.button(status)).to_have_attribute("aria-pressed", "true")
        await panel.press(status)
        await expect(item(page, word)).to_have_attribute("aria-checked", "true")


async def test_given_a_call_then_a_reason_is_for_after_it_and_chosen_again_is_taken_back(page: Page) -> None:
    async with at_desk(page, recorded.talking(), settings=SETTINGS) as (panel, bridge):
        wished = {"status": "rest", "reason": "meal"}
        async with page.expect_response("**/me/next-status"):
            await panel.choose("Rest", "Meal")
        await bridge.show(recorded.talking() | {"next_status": wished})
        await expect(page.locator(".status-line")).to_contain_text("Rest (Meal)")
        async with page.expect_response("**/me/next-status"):
            await panel.choose("Rest", "Meal")
        assert bridge.asked == [("PUT", "me/next-status", wished), ("PUT", "me/next-status", None)]


async def test_given_no_reasons_of_rest_then_one_press_chooses_it(page: Page) -> None:
    async with at_desk(page, recorded.agent()) as (panel, bridge):
        assert await panel.button("Rest").get_attribute("aria-haspopup") is None
        async with page.expect_response("**/me/status"):
            await panel.press("Rest")
        assert bridge.asked == [("PUT", "me/status", {"status": "rest"})]


async def test_given_a_break_then_the_panel_says_so_whatever_its_reason(page: Page) -> None:
    async with at_desk(page, recorded.rest("meal", "Meal"), settings=SETTINGS) as (panel, _):
        await panel.sees("Choose Ready when you are back.")


async def test_given_the_narrowest_panel_then_a_menu_of_reasons_is_whole_and_above_the_dock(page: Page) -> None:
    """The call's buttons stay free."""
    await page.set_viewport_size(SIZES[0])
    async with at_desk(page, recorded.talking(), settings=SETTINGS) as (panel, _):
        _, dock, _, _ = await box(page.locator(".dock"))
        for status in ("Rest", "Business"):
            await panel.press(status)
            left, top, right, bottom = await box(page.locator(".menu-list"))
            assert left >= 0 and top >= 0 and right <= SIZES[0]["width"] and bottom <= dock, status
            await page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("language", "away", "words"),
    [
        ("en", {"status": "rest", "reason": "meal", "label": "Rest (Meal)"}, "Rest (Meal)"),
        ("ko", {"status": "rest", "reason": "meal", "label": "Rest (Meal)"}, "휴식 (식사)"),
        ("ko", {"status": "rest", "reason": "siesta", "label": "Rest (Siesta)"}, "휴식 (Siesta)"),
        ("en", {"status": "business", "reason": "meeting", "label": "Business (Meeting)"}, "Business (Meeting)"),
        ("ko", {"status": "business", "reason": "meeting", "label": "Business (Meeting)"}, "업무 (회의)"),
    ],
)
async def test_given_somebody_away_then_the_live_page_says_why_and_since_when(
    page: Page, language: str, away: dict[str, Any], words: str
) -> None:
    async with live(page) as bridge:
        await page.goto(f"{bridge.origin}/supervisor/live?lang={language}")
        one: Json = watched.person("yuna", "Yuna Choi", "Day", 125, 37, 238, **away)
        wished = {"next_status": {"status": away["status"], "reason": away["reason"]}}
        (mina,) = [each for each in watched.agents() if each["cti_id"] == "mina"]
        await expect(page.locator(".agents tbody tr")).not_to_have_count(0)
        await bridge.rows(agents=[one, {**mina, **wished}])
        await expect(row(page, "Yuna Choi").locator(".st")).to_have_text(re.compile(re.escape(words) + r" 2:\d\d$"))
        await expect(row(page, "Mina Park")).to_contain_text(words)
