"""Consultations at the desk: swap, all three, who is taken out, and who leaves; in both languages."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.recorded import Json
from tests.panel.test_dock import at_desk

ON_CALL = f"calls/{recorded.CALL}"
BUTTONS: list[tuple[Json, str, str, Json | None]] = [
    (recorded.consulting("talking"), "Swap", "/consult/swap", None),
    (recorded.consulting("held"), "Swap", "/consult/swap", None),
    (recorded.consulting("talking"), "All three", "/consult/join", None),
    (recorded.consulting("held"), "All three", "/consult/join", None),
    (recorded.consulting("held"), "Cancel", "/consult/cancel", None),
    (recorded.three(), "Take out", "/consult/remove", {"party": "target"}),
    (recorded.three(), "Leave", "/consult/leave", None),
]


@pytest.mark.parametrize(("agent", "button", "path", "body"), BUTTONS)
async def test_given_a_consultation_when_a_button_is_pressed_then_that_is_asked_for(
    page: Page, agent: Json, button: str, path: str, body: Json | None
) -> None:
    async with at_desk(page, agent) as (panel, bridge):
        async with page.expect_response(f"**{path}"):
            await panel.press(button)
        assert bridge.asked == [("POST", ON_CALL + path, body)]


WHO_HEARS: list[tuple[Json, list[str]]] = [
    (recorded.consulting("talking"), ["Hears hold music", "Is talking to you"]),
    (recorded.consulting("held"), ["Is talking to you", "Hears hold music"]),
    (recorded.three(), ["Hears you and Juno Lee", "Hears you and the customer"]),
    (recorded.three(holding=["customer"]), ["Has put the call on hold", "Hears you and the customer"]),
]


@pytest.mark.parametrize(("agent", "said"), WHO_HEARS)
async def test_given_a_consultation_then_each_row_says_what_its_party_hears(
    page: Page, agent: Json, said: list[str]
) -> None:
    async with at_desk(page, agent):
        for row, text in enumerate(said):
            await expect(page.locator(".party").nth(row)).to_contain_text(text)


async def test_given_three_then_the_panel_says_what_leaving_does_and_holds_nobody(page: Page) -> None:
    async with at_desk(page, recorded.three()) as (panel, bridge):
        await panel.sees("Both hear you. If you leave, they go on talking, and the call goes to Juno Lee.")
        for name in ("Hold", "Transfer"):
            await expect(panel.button(name)).to_have_attribute("title", "Not possible at the moment")
        assert bridge.asked == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("talking", "Juno Lee is asking you. The customer hears hold music until you are connected."),
        ("held", "Juno Lee is talking to the customer. You hear hold music until they are back."),
        ("joined", "You are talking together with Juno Lee and the customer."),
        ("alone", "The customer has left the call. You are talking to Juno Lee."),
    ],
)
async def test_given_a_colleague_who_is_asked_then_their_panel_says_with_whom_they_talk(
    page: Page, state: str, said: str
) -> None:
    async with at_desk(page, recorded.consulted(state)) as (panel, _):
        await panel.sees(said)


async def test_given_two_who_take_digits_then_the_keypad_asks_to_whom_they_go(page: Page) -> None:
    outside = recorded.three("+82212345678", "", digits_to=["customer", "target"])
    async with at_desk(page, outside) as (panel, bridge):
        await panel.choose("More", "Keypad")
        async with page.expect_response("**/dtmf"):
            await panel.press("5")
        await page.get_by_role("radio", name="Customer").click()
        async with page.expect_response("**/dtmf"):
            await panel.press("6")
        sent = [body for _, path, body in bridge.asked if path == ON_CALL + "/dtmf"]
        assert sent == [{"digits": "5", "to": "target"}, {"digits": "6", "to": "customer"}]
