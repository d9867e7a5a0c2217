"""Everything by keyboard alone: shortcuts press what can be used now, menus obey arrows, Tab gets everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel, settled
from tests.panel.recorded import CALL, OFFER, Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

ALL_KEYS = "AXHTKQNRMP"
LAST = "Alt+R"
"""Ready: what a test presses to know that all before it has been heard."""

_REACHED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  if (!node || node === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(node);
  const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && node.checkVisibility();
  return [node.outerHTML, seen];
}"""
_REACHABLE = """() => [...document.querySelector('cti-widget').shadowRoot.querySelectorAll(
  'button, input, textarea, select, a[href], summary')]
  .filter((node) => node.checkVisibility() && node.tabIndex >= 0).map((node) => node.outerHTML)"""


@pytest.fixture
def stands() -> bool:
    """Focus and requests are what is looked at, not what time does."""
    return True


@asynccontextmanager
async def at_desk(page: Page, agent: Json, **bridge: Any) -> AsyncIterator[tuple[Panel, RecordedBridge]]:
    """The panel with this agent, whose requests the bridge has heard until here."""
    async with recorded_bridge(RecordedBridge(agent=agent, **bridge)) as made:
        panel = await Panel(page).open(made.origin)
        await panel.label(agent["label"])
        await made.listened_to()
        await panel.usable()
        yield panel, made


async def pressed(page: Page, keys: str, path: str) -> None:
    """Press keys that make a request, and wait until it is answered. A shortcut waits for the click guard."""
    if keys.startswith("Alt+"):
        await settled(page.locator(f'[aria-keyshortcuts="{keys}"], [data-shortcuts~="{keys}"]'))
    async with page.expect_response(f"**/api/v1/{path}"):
        await page.keyboard.press(keys)


@pytest.mark.parametrize(
    ("agent", "keys", "asked"),
    [
        (recorded.ringing("auto"), "Alt+A", ("POST", f"offers/{OFFER}/answer", None)),
        (recorded.ringing(), "Alt+X", ("POST", f"offers/{OFFER}/decline", None)),
        (recorded.talking(), "Alt+H", ("POST", f"calls/{CALL}/hold", None)),
        (recorded.on_hold(), "Alt+H", ("POST", f"calls/{CALL}/resume", None)),
        (recorded.talking(), "Alt+Q", ("POST", f"calls/{CALL}/hangup", None)),
        (recorded.talking(), "Alt+R", ("PUT", "me/next-status", {"status": "ready"})),
        (recorded.business("meeting", "Meeting"), "Alt+R", ("PUT", "me/status", {"status": "ready"})),
    ],
    ids=["answer", "cancel", "hold", "resume", "hang-up", "ready-next", "ready"],
)
async def test_given_a_shortcut_then_its_button_is_pressed_once(
    page: Page, agent: Json, keys: str, asked: tuple[str, str, Any]
) -> None:
    async with at_desk(page, agent) as (_, bridge):
        await pressed(page, keys, asked[1])
        assert bridge.asked == [asked]


async def test_given_the_korean_layout_then_shortcuts_go_by_the_place_of_the_key(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (_, bridge):
        event = "new KeyboardEvent('keydown', {key: 'ㅗ', code: 'KeyH', altKey: true, bubbles: true})"
        await settled(page.get_by_role("button", name="Hold", exact=True))
        async with page.expect_response(f"**/calls/{CALL}/hold"):
            await page.evaluate(f"document.body.dispatchEvent({event})")
        assert bridge.asked == [("POST", f"calls/{CALL}/hold", None)]


@pytest.mark.parametrize(
    "agent",
    [
        recorded.ringing(),
        {**recorded.talking(), "allowed_actions": []},
        recorded.on_hold(held_by=["phone"]),
        recorded.lost(),
        recorded.agent(phone="unreachable", no_calls=["phone_unreachable"], allowed_actions=[]),
    ],
    ids=["phone-answers", "nothing-allowed", "phone-holds", "phone-lost", "phone-unreachable"],
)
async def test_given_what_is_not_allowed_then_its_shortcut_does_nothing(page: Page, agent: Json) -> None:
    forbidden = set(ALL_KEYS) - set("R")
    if "decline" in agent["allowed_actions"]:
        forbidden -= set("X")
    if "hangup" in agent["allowed_actions"]:
        forbidden -= set("QT")
    async with at_desk(page, agent) as (panel, bridge):
        await settled(panel.button("Ready"))
        for key in sorted(forbidden):
            await page.keyboard.press(f"Alt+{key}")
        assert await panel.dialog().count() == 0
        await bridge.show(recorded.agent())
        await panel.label("Ready")
        await pressed(page, LAST, "me/status")
        assert bridge.asked == [("PUT", "me/status", {"status": "ready"})]


async def test_given_a_shortcut_without_its_button_then_it_does_not_open_a_menu_of_the_browser(page: Page) -> None:
    async with at_desk(page, recorded.agent()):
        event = "new KeyboardEvent('keydown', {key: 'h', code: 'KeyH', altKey: true, bubbles: true, cancelable: true})"
        assert not await page.evaluate(f"document.body.dispatchEvent({event})")
        others = event.replace("KeyH", "KeyF").replace("'h'", "'f'")
        assert await page.evaluate(f"document.body.dispatchEvent({others})")


async def test_given_a_lost_connection_then_no_shortcut_does_anything(page: Page, watch: Watch) -> None:
    watch.expect("502 ", "WebSocket connection")
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        bridge.is_away = True
        await bridge.close_sockets(1011)
        await panel.sees("Reconnecting …")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        await settled(panel.button("Ready"))
        for key in ALL_KEYS:
            await page.keyboard.press(f"Alt+{key}")
        assert await panel.dialog().count() == 0
        bridge.is_away = False
        await panel.sees_no("Reconnecting …")
        await pressed(page, LAST, "me/next-status")
        assert [one for one in asked if not one.startswith("GET ")] == [f"PUT {bridge.origin}/api/v1/me/next-status"]


# ---- the login form


async def test_given_a_session_that_ended_then_the_login_form_has_the_focus_again(page: Page, watch: Watch) -> None:
    watch.expect("401 ")
    async with at_desk(page, recorded.agent()) as (panel, bridge):
        bridge.logged_in = False
        await bridge.close_sockets(4001, "session moved")
        await panel.press("Login here")
        field = page.get_by_label("CTI ID", exact=True)
        await _focused(field)
        assert not await field.evaluate("node => node.spellcheck")


# ---- sheets


async def _focused(node: Locator) -> None:
    """Wait until it has the focus."""
    await expect(node).to_be_focused()


async def test_given_alt_t_then_the_transfer_sheet_has_the_focus_and_escape_gives_it_back(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await panel.keys("Alt+T")
        await _focused(panel.dialog("Transfer").get_by_label("Transfer number"))
        await page.keyboard.press("Escape")
        await expect(panel.dialog()).to_have_count(0)
        await _focused(panel.button("Transfer"))
        await settled(panel.button("Transfer"))
        await page.keyboard.press("Enter")
        await _focused(panel.dialog("Transfer").get_by_label("Transfer number"))
        await page.keyboard.press("Escape")
        await _focused(panel.button("Transfer"))
        assert bridge.asked == []


async def test_given_an_open_sheet_then_the_dock_is_there_and_its_shortcuts_work(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await panel.keys("Alt+T")
        await _focused(panel.dialog("Transfer").get_by_label("Transfer number"))
        await expect(panel.button("Hang up")).to_be_visible()
        await pressed(page, "Alt+H", f"calls/{CALL}/hold")
        await _focused(panel.dialog("Transfer").get_by_label("Transfer number"))
        await pressed(page, "Alt+Q", f"calls/{CALL}/hangup")
        assert [path for _, path, _ in bridge.asked] == [f"calls/{CALL}/hold", f"calls/{CALL}/hangup"]


async def test_given_a_comment_that_is_being_typed_then_a_sheet_gives_the_focus_back_to_it(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        comment = page.get_by_label("Add a Comment", exact=True)
        await comment.fill("Ordered a")
        await panel.keys("Alt+T")
        await _focused(panel.dialog("Transfer").get_by_label("Transfer number"))
        await page.keyboard.press("Escape")
        await _focused(comment)
        await page.keyboard.type(" blue one")
        await expect(comment).to_have_value("Ordered a blue one")
        await pressed(page, "Alt+H", f"calls/{CALL}/hold")
        await _focused(comment)


async def test_given_alt_n_then_a_number_can_be_dialled_without_the_mouse(page: Page) -> None:
    async with at_desk(page, recorded.agent()) as (panel, bridge):
        await panel.keys("Alt+N")
        dialog = panel.dialog("Dial up")
        await _focused(dialog.get_by_label("Customer number"))
        await expect(dialog.get_by_role("option")).to_have_count(2)
        await page.keyboard.type("010 1234 5678")
        await settled(panel.button("Confirm"))
        await pressed(page, "Enter", "me/dial")
        await expect(panel.dialog()).to_have_count(0)
        assert bridge.asked == [("POST", "me/dial", {"number": "010 1234 5678", "calling_number": "+8225551234"})]


async def test_given_an_incoming_call_then_a_sheet_gives_way_but_never_while_somebody_types_in_it(page: Page) -> None:
    async with at_desk(page, recorded.agent()) as (panel, bridge):
        await panel.keys("Alt+N")
        number = panel.dialog("Dial up").get_by_label("Customer number")
        await _focused(number)
        await page.keyboard.type("010")
        await bridge.show(recorded.ringing("auto"))
        await panel.label("Ringing")
        await page.keyboard.type("12")
        await expect(number).to_have_value("01012")
        await page.keyboard.press("Tab")
        await expect(panel.dialog()).to_have_count(0)
        await expect(panel.region("Incoming call")).to_be_visible()
        await pressed(page, "Alt+A", f"offers/{OFFER}/answer")
        await bridge.show(recorded.agent())
        await panel.keys("Alt+N")
        await expect(panel.dialog("Dial up").get_by_label("Customer number")).to_have_value("01012")


# ---- menu and Tab


async def test_given_the_business_menu_then_arrows_choose_enter_takes_and_escape_leaves(page: Page) -> None:
    async with at_desk(page, recorded.business("meeting", "Meeting")) as (panel, bridge):
        keys, button = page.keyboard, panel.button("Business")
        menu = page.get_by_role("menu", name="Business")

        async def on(item: str) -> None:
            await _focused(menu.get_by_role("menuitemradio", name=item, exact=True))

        await button.focus()
        await settled(button)
        await keys.press("Enter")
        await on("Meeting")
        for key, item in (
            ("ArrowUp", "Report"),
            ("Home", "Education"),
            ("ArrowUp", "Monitor"),
            ("ArrowDown", "Education"),
            ("End", "Monitor"),
            ("ArrowUp", "Chat"),
        ):
            await keys.press(key)
            await on(item)
        await keys.press("Escape")
        await expect(menu).to_have_count(0)
        await _focused(button)
        assert bridge.asked == []
        await settled(button)
        await keys.press("Enter")
        await on("Meeting")
        await keys.press("ArrowDown")
        await settled(menu.get_by_role("menuitemradio", name="Ticket", exact=True))
        await pressed(page, "Enter", "me/status")
        await expect(menu).to_have_count(0)
        await _focused(button)
        assert bridge.asked == [("PUT", "me/status", {"status": "business", "reason": "ticket"})]


_LIKE_SAFARI = """addEventListener('mousedown', (event) => {
  const button = event.composedPath()[0].closest('button');
  if (!button) return;
  event.preventDefault();
  const around = button.parentElement.closest('[tabindex]:not(button)');
  if (around) around.focus();
  else button.getRootNode().activeElement?.blur();
}, true)"""
"""A click gives the focus not to a button, but to the next thing around it that can have it."""


async def test_given_buttons_that_a_click_does_not_focus_then_menu_and_keypad_work(own_page: Page) -> None:
    await own_page.add_init_script(_LIKE_SAFARI)
    async with at_desk(own_page, recorded.business("meeting", "Meeting")) as (panel, bridge):
        menu = own_page.get_by_role("menu", name="Business")
        await panel.press("Business")
        await expect(menu).to_be_visible()
        await panel.press("Business")
        await expect(menu).to_have_count(0)
        async with own_page.expect_response("**/me/status"):
            await panel.choose("Business", "Chat")
        await bridge.show(recorded.talking())
        await panel.choose("More", "Keypad")
        async with own_page.expect_response("**/dtmf"):
            await panel.press("5")
        await pressed(own_page, "1", f"calls/{CALL}/dtmf")
        said = [("PUT", "me/status", {"status": "business", "reason": "chat"})]
        assert bridge.asked == said + [("POST", f"calls/{CALL}/dtmf", {"digits": digit}) for digit in "51"]


async def test_given_a_browser_whose_tab_passes_by_plain_buttons_then_all_of_ours_have_a_tabindex(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.sees("Ordered on Monday")
        await panel.press("Transfer")
        await expect(panel.dialog("Transfer")).to_be_visible()
        plain = await page.locator("button:not([tabindex])").evaluate_all("all => all.map((one) => one.outerHTML)")
        assert plain == []


async def test_given_a_conversation_then_tab_reaches_everything_in_order_and_everybody_sees_where(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await expect(page.get_by_label("Add a Comment", exact=True)).to_be_visible()
        await panel.sees("Ordered on Monday")
        reachable: list[str] = await page.evaluate(_REACHABLE)
        assert len(reachable) > 12
        reached: list[str] = []
        for _ in reachable:
            await page.keyboard.press("Tab")
            at = await page.evaluate(_REACHED)
            assert at is not None, f"Tab leaves the page after {reached[-1:]}"
            html, seen = at
            assert seen, f"nobody sees that this has the focus: {html}"
            reached.append(html)
        assert reached == reachable
