"""What stands where: the dock's slots, the note below the caller, sheets, notices; and what does not act at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.cases import Cases
from tests.panel.looks import SIZES, dock_in_place
from tests.panel.pages import Panel, settled
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.scenes import SCENES, Scene
from tests.panel.stage import Stage, open_stage
from tests.panel.watch import Watch

SMALL, USUAL = SIZES[:2]
WITH_NOTE = ("talking", "talking-warned", "talking-in-page", "long-names", "hostile", "notices")


@asynccontextmanager
async def at_desk(page: Page, agent: Json, **bridge: Any) -> AsyncIterator[tuple[Panel, RecordedBridge]]:
    """The panel with this agent."""
    async with recorded_bridge(RecordedBridge(agent=agent, **bridge)) as made:
        panel = await Panel(page).open(made.origin)
        await panel.label(agent["label"])
        await made.listened_to()
        await panel.usable()
        yield panel, made


async def box(node: Locator) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    found = await node.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


async def slots(page: Page) -> dict[str, tuple[int, int]]:
    """What stands in which slots of the first row, by its words: (first, last)."""
    left, _, right, _ = await box(page.locator(".tools"))
    width = (right - left) / 6
    found = {}
    for node in await page.locator(".tools .tool, .tool-said").all():
        begin, _, end, _ = await box(node)
        found[await node.inner_text()] = round((begin - left) / width) + 1, round((end - left) / width)
    return found


_HELP = {"Help": (5, 5)}
_CALL_OUT = {"Hang up": (1, 1), **_HELP, "More": (6, 6)}
_TALK = {"Hang up": (1, 1), "Hold": (2, 2), "Transfer": (4, 4), **_HELP, "More": (6, 6)}
_CONSULT = {"Hang up": (1, 1), "Swap": (2, 2), "Connect to Customer": (4, 5), "More": (6, 6)}
_THREE = {"Leave": (1, 1), "Hold": (2, 2), "Transfer": (4, 4), **_HELP, "More": (6, 6)}


IN_SLOTS: list[tuple[Json, dict[str, tuple[int, int]]]] = [
    (recorded.agent(), {"Dial up": (1, 4), "Help": (5, 6)}),
    (recorded.business("ticket_processing", "Ticket Processing"), {"Dial up": (1, 4), "Help": (5, 6)}),
    (recorded.ringing(), {"Cancel": (1, 2), "Lift your phone to answer": (3, 6)}),
    (recorded.ringing("auto"), {"Cancel": (1, 2), "Answer": (3, 6)}),
    (recorded.accepted(), {"Cancel": (1, 2), "Connecting …": (3, 6)}),
    (recorded.internal("ringing"), _CALL_OUT),
    (recorded.internal(), _TALK),
    (recorded.internal(asked=True), _TALK),
    (recorded.internal("held", asked=True), {**{k: v for k, v in _TALK.items() if k != "Hold"}, "Resume": (2, 2)}),
    (recorded.dialing(), _CALL_OUT),
    (recorded.consulted(), _CALL_OUT),
    (recorded.talking(), _TALK),
    (recorded.on_hold(), {**{k: v for k, v in _TALK.items() if k != "Hold"}, "Resume": (2, 2)}),
    (recorded.warning(), _TALK),
    (recorded.lost(), _TALK),
    (recorded.consulting("ringing"), _CONSULT),
    (recorded.consulting("talking"), _CONSULT),
    (recorded.consulting("held"), _CONSULT),
    (recorded.consulting("alone"), _CONSULT),
    (recorded.three(), _THREE),
    (recorded.consulted("joined"), _CALL_OUT),
    (recorded.business("ticket_processing", "Ticket Processing"), {"Call this number again": (1, 4), "Help": (5, 6)}),
]


async def test_given_a_state_then_each_button_is_in_its_slot(page: Page) -> None:
    """One state after the other, as a page that is open has them."""
    async with at_desk(page, recorded.agent(status="rest", label="Rest", no_calls=["not_ready"])) as (panel, bridge):
        for number, (agent, expected) in enumerate(IN_SLOTS):
            await bridge.show(agent)
            await bridge.tell("notice", code="told", text=f"shown {number}")
            await panel.sees(f"shown {number}")
            assert await slots(page) == expected, (number, agent["label"])


async def test_given_a_click_on_help_then_it_is_asked_and_a_second_one_takes_it_back(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await panel.press("Help")
        await bridge.show(recorded.talking() | {"help_since": recorded.at(1)})
        asked = panel.button("Help asked")
        await expect(asked).to_have_attribute("aria-pressed", "true")
        assert bridge.asked == [("POST", "me/help", None)]
        await panel.press("Help asked")
        await bridge.show(recorded.talking())
        await bridge.tell("notice", code="help_answered", text="Sora Choi")
        await panel.sees("A supervisor has seen that you ask for help.")
        assert bridge.asked[1:] == [("DELETE", "me/help", None)]


async def test_given_a_page_that_finds_a_call_then_it_is_muted_and_its_button_in_its_slot(page: Page) -> None:
    """It does not know whether it was muted."""
    async with at_desk(page, recorded.talking(answer="browser")):
        assert await slots(page) == {**_TALK, "Muted": (3, 3)}


async def test_given_a_dock_that_is_a_pixel_higher_then_it_would_be_found(page: Page) -> None:
    async with at_desk(page, recorded.talking()):
        await dock_in_place(page)
        await page.locator(".dock").evaluate("node => { node.style.height = '150px'; }")
        with pytest.raises(AssertionError):
            await dock_in_place(page)


async def test_given_what_cannot_be_used_then_it_stays_greyed_and_says_why(page: Page) -> None:
    async with at_desk(page, recorded.on_hold(held_by=["phone"])) as (panel, bridge):
        resume = panel.button("Resume")
        await expect(resume).to_have_attribute("aria-disabled", "true")
        await expect(resume).to_have_attribute("title", "Your phone holds the call: resume it there.")
        await panel.press("More")
        keypad = page.get_by_role("menuitem", name="Keypad")
        await expect(keypad).to_have_attribute("aria-disabled", "true")
        await expect(keypad).to_contain_text("Not possible at the moment")
        assert bridge.asked == []


async def test_given_another_phone_that_holds_then_the_panel_says_why_there_is_music(page: Page) -> None:
    said = {
        "The customer has put the call on hold": recorded.talking(holding=["customer"]),
        "Your colleague has put the call on hold": recorded.consulted(holding=["agent"]),
        "Has put the call on hold": recorded.consulting("talking", holding=["target"]),
    }
    for text, view in said.items():
        async with at_desk(page, view):
            await expect(page.locator("section.card").get_by_text(text)).to_be_visible()


async def test_given_dial_up_or_the_number_again_then_a_filled_sheet_opens_and_nothing_is_dialled(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("call.ended", call_id=recorded.CALL, outcome="completed", ended_by="customer")
        await bridge.show(recorded.business("ticket_processing", "Ticket Processing"))
        await panel.press("Call this number again")
        number = panel.dialog("Dial up").get_by_label("Customer number")
        await expect(number).to_have_value(recorded.CUSTOMER)
        assert bridge.asked == []
        async with page.expect_response("**/me/dial"):
            await panel.press("Confirm", within=panel.dialog())
        assert [path for _, path, _ in bridge.asked] == ["me/dial"]


async def test_given_sheets_that_could_not_be_loaded_then_the_next_attempt_to_open_one_loads_them(
    own_page: Page, watch: Watch
) -> None:
    watch.expect("sheets.js", "ERR_FAILED")

    async def lose(route: Route) -> None:
        await route.abort()

    await own_page.route("**/views/sheets.js?0", lose)
    async with own_page.expect_event("requestfailed"), at_desk(own_page, recorded.talking()) as (panel, _):
        await panel.press("Transfer")
        await expect(panel.dialog("Transfer")).to_be_visible()


# ---- the note


async def _below(stage: Stage, scene: Scene) -> None:
    page = stage.tab.page
    async with scene.on_stage(stage):
        send = page.get_by_role("button", name="Add a Comment", exact=True)
        for size in (SMALL, USUAL):
            await page.set_viewport_size(size)
            dock = await box(page.locator(".dock"))
            caller = await box(page.get_by_role("region", name="Talking"))
            ticket = await box(page.get_by_role("region", name="Ticket", exact=True))
            assert caller[3] < ticket[1] < caller[3] + 12
            assert (await box(send))[3] <= dock[1]
        assert (await box(page.get_by_role("button", name="Resolved", exact=True)))[3] <= dock[1]
        stage.tab.watch.check()


_notes = Cases("scene", open_stage(), _below)


@pytest.mark.parametrize("scene", [one for one in SCENES if one.name in WITH_NOTE], ids=lambda scene: scene.name)
async def test_given_a_conversation_then_the_note_is_right_below_the_caller_and_in_view(
    browser: Browser, scene: Scene, request: pytest.FixtureRequest
) -> None:
    await _notes.check(request, browser)


async def test_given_somebody_who_writes_then_no_change_of_state_takes_the_focus_or_the_text(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        note = page.locator("textarea")
        await note.click()
        written = ""
        for view in (
            recorded.on_hold(),
            recorded.consulting("ringing"),
            recorded.consulting("talking"),
            recorded.talking(),
            recorded.lost(),
            recorded.business("ticket_processing", "Ticket Processing"),
            recorded.ringing("auto"),
            recorded.talking(call_id="another"),
            recorded.agent(),
        ):
            await bridge.show(view)
            await panel.label(view["label"])
            await page.keyboard.type("a")
            written += "a"
            await expect(note).to_be_focused()
            await expect(note).to_have_value(written)
        assert bridge.asked == []


async def test_given_a_ticket_in_which_somebody_writes_then_another_one_waits_until_they_have_left_it(
    page: Page,
) -> None:
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        note = page.locator("textarea")
        await note.press_sequentially("for the first")
        next_one: Json = {"call_id": "another", "customer_number": "+821099998888"}
        bridge.others["T-9"] = recorded.ticket(**recorded.ticket_line("T-9", **next_one))
        await bridge.show(recorded.talking(ticket_id="T-9", **next_one))
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line("T-9", **next_one))
        await bridge.tell("notice", code="told", text="told after it")
        await panel.sees("told after it")
        await expect(note).to_be_focused()
        await expect(note).to_have_value("for the first")
        async with page.expect_response(f"**/tickets/{recorded.TICKET}/comments"):
            await panel.click(page.get_by_role("button", name="Add to the ticket of +82 10-1234-5678"))
        await panel.button("Hang up").focus()
        await expect(panel.region("Ticket")).to_contain_text("+82 10-9999-8888")
        await expect(note).to_have_value("")


# ---- notices and the lost connection


async def test_given_three_notices_then_the_newest_lies_over_the_caller_alone_with_the_number_of_the_others(
    page: Page,
) -> None:
    await page.set_viewport_size(SMALL)
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.sees("Ordered on Monday")
        before = [await box(page.get_by_role("region", name=name, exact=True)) for name in ("Talking", "Ticket")]
        for seconds in (120, 240, 360):
            text = f"The customer has been on hold for {seconds} seconds."
            await bridge.tell("notice", code="hold_reminder", text=text)
        await panel.sees("360 seconds")
        notices = page.get_by_role("log", name="Notices")
        await expect(notices).to_contain_text("+2")
        await panel.sees_no("240 seconds")
        after = [await box(page.get_by_role("region", name=name, exact=True)) for name in ("Talking", "Ticket")]
        assert after == before, "nothing is pushed"
        assert (await box(notices))[3] < after[1][1], "never over the note"
        await page.mouse.move(160, 300)
        await page.mouse.wheel(0, 60)
        await page.wait_for_function("() => document.querySelector('cti-widget').shadowRoot"
                                     ".querySelector('.scroll').scrollTop > 50")  # fmt: skip
        assert (await box(notices))[3] < (await box(page.get_by_label("Add a Comment", exact=True)))[1]


async def test_given_a_long_message_of_a_supervisor_then_it_can_be_read_to_its_end_and_lies_over_no_note(
    page: Page,
) -> None:
    await page.set_viewport_size(SMALL)
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.sees("Ordered on Monday")
        ticket = await box(page.get_by_role("region", name="Ticket", exact=True))
        await bridge.tell("notice", code="team_message", text=f"Sora Choi: {'Please read all of this. ' * 11}The end.")
        words = page.get_by_role("log", name="Notices").locator(".clamped")
        await expect(words).to_contain_text("The end.")
        assert await words.evaluate("one => { one.scrollTop = 9999; return one.scrollTop > 0; }"), "it scrolls"
        assert (await box(page.get_by_role("log", name="Notices")))[3] < ticket[1], "never over the note"


async def test_given_no_connection_then_the_header_says_so_and_what_is_written_is_kept(
    page: Page, watch: Watch
) -> None:
    watch.expect("502 ", "WebSocket connection")
    async with at_desk(page, recorded.talking()) as (panel, bridge):
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        note = page.get_by_label("Add a Comment", exact=True)
        await note.fill("half a")
        bridge.is_away = True
        await bridge.close_sockets(1011)
        await panel.label("Reconnecting …")
        await panel.sees("Your call goes on.")
        for name in ("Hang up", "Hold", "Transfer", "Ready"):
            await expect(panel.button(name)).to_have_attribute("aria-disabled", "true")
        await page.keyboard.type(" sentence")
        await expect(note).to_be_focused()
        await expect(note).to_have_value("half a sentence")
        bridge.is_away = False
        await panel.label("Talking")
        await expect(note).to_have_value("half a sentence")


async def test_given_the_toolbar_then_arrow_keys_move_within_it(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (panel, _):
        await panel.button("Hang up").focus()
        for key, name in (("ArrowRight", "Hold"), ("ArrowRight", "Transfer"), ("ArrowLeft", "Hold")):
            await page.keyboard.press(key)
            await expect(panel.button(name)).to_be_focused()


async def test_given_a_refusal_of_the_dock_then_it_is_said_over_the_caller_and_the_dock_keeps_its_box(
    page: Page, watch: Watch
) -> None:
    watch.expect("409 POST .*/hold$")
    refusals = {f"calls/{recorded.CALL}/hold": Problem(409, "not_allowed_now", "Not now.")}
    async with at_desk(page, recorded.talking(), refusals=refusals) as (panel, _):
        await panel.press("Hold")
        said = page.get_by_role("alert").filter(has_text="That is not possible now.")
        await expect(said).to_be_visible()
        await dock_in_place(page)
        await settled(panel.button("Rest"))
        await panel.press("Rest")
        await expect(said).to_have_count(0)
