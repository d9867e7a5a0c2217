"""A call to a colleague in the panel: the sheet, who is at the other end, and hold (requirement E12)."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.recorded import Json
from tests.panel.test_dock import at_desk


async def test_given_dial_up_when_a_colleague_is_called_then_that_is_asked_for_and_the_sheet_closes(page: Page) -> None:
    async with at_desk(page, recorded.agent()) as (panel, bridge):
        await panel.press("Dial up")
        await panel.tab("Colleagues")
        async with page.expect_response("**/me/dial"):
            await panel.press("Call: Juno Lee")
        assert bridge.asked[-1] == ("POST", "me/dial", {"agent": "juno"})
        await expect(panel.dialog("Dial up")).to_have_count(0)


SAID: list[tuple[Json, list[str]]] = [
    (recorded.internal("ringing"), ["Juno Lee", "Internal call", "Ringing"]),
    (recorded.internal("ringing", asked=True), ["Juno Lee calls you", "Internal call"]),
    (recorded.internal(), ["Juno Lee", "Internal call"]),
    (recorded.internal(asked=True), ["Juno Lee", "Internal call"]),
    (recorded.internal("held"), ["Juno Lee", "Your colleague has put the call on hold"]),
    (recorded.internal("on_hold"), ["Juno Lee", "Hears hold music"]),
    (recorded.internal("on_hold", asked=True), ["Your colleague has put the call on hold"]),
]


@pytest.mark.parametrize(("agent", "said"), SAID)
async def test_given_an_internal_call_then_the_card_says_who_is_there_and_what_they_hear(
    page: Page, agent: Json, said: list[str]
) -> None:
    async with at_desk(page, agent):
        for text in said:
            await expect(page.locator("section.card").first).to_contain_text(text)


async def test_given_an_internal_call_then_there_is_no_note_and_the_status_behind_it_is_the_present_one(
    page: Page,
) -> None:
    async with at_desk(page, recorded.internal()) as (panel, _):
        await panel.sees("otherwise Ready")
        await expect(page.get_by_role("textbox")).to_have_count(0)
