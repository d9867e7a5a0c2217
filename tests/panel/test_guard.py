"""The click guard: no button acts where, or when, another one stood a moment ago; half a second later it does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, JSHandle, Locator, Page, ViewportSize, expect

from cti_bridge.domain.model.call import TRANSITIONS, CallState
from tests.panel import pages, recorded
from tests.panel.cases import Cases
from tests.panel.pages import Aim, Panel, aim, settled
from tests.panel.recorded import CALL, Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.tabs import Tab

GUARD_MS, FRAME_MS = 500, 20
NEAR_PX = 4
SIZE: ViewportSize = {"width": 420, "height": 760}

_CONTROLS = """() => {
  const all = [...document.querySelector('cti-widget').shadowRoot.querySelectorAll('button, summary')];
  window.found = all.filter((node) => getComputedStyle(node).visibility === 'visible'
    && node.getBoundingClientRect().width > 0);
  return found.map((node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const keys = node.getAttribute('aria-keyshortcuts') ?? '';
    return [`${node.textContent}|${keys}|${node.dataset.means}`, left + width / 2, top + height / 2, keys];
  });
}"""
"""[word and what it means, x, y, shortcut] of all that can be pressed."""
_FOCUS = "(at) => found[at].focus()"
_ALLOWED = """() => {
  const root = document.querySelector('cti-widget').shadowRoot;
  const { guard } = root.querySelector('.panel');
  return [...root.querySelectorAll('button, summary')].filter((node) => node.getBoundingClientRect().width > 0)
    .filter((node) => !guard.allows(node)).map((node) => node.textContent);
}"""
_OPENED = "() => document.querySelector('cti-widget').shadowRoot.querySelectorAll('.sheet, .menu-list, [open]').length"

_BEFORE = "window.realTimeout = setTimeout.bind(window)"
_SHOWN = """(agent) => new Promise((drawn) => {
  const { store } = document.querySelector('cti-widget');
  const look = () => JSON.stringify(store.state.agent) === JSON.stringify(agent) && realTimeout(drawn);
  store.subscribe(look);
  look();
})"""

VIEWS: dict[str, Json] = {
    "ready": recorded.agent(),
    "rest": recorded.agent(status="rest", label="Rest", no_calls=["not_ready"]),
    "missed": recorded.business("missed", "Missed call"),
    "processing": recorded.business("ticket_processing", "Ticket Processing", since=recorded.at(4)),
    "asked": {**recorded.business("ticket_processing", "Ticket Processing"), "prompt": "after_call"},
    "ringing": recorded.ringing(),
    "ringing-answer": recorded.ringing("auto"),
    "accepted": recorded.accepted(),
    "dialing_agent": recorded.dialing("dialing_agent"),
    "dialing_customer": recorded.dialing(),
    "talking": {**recorded.warned()},
    "warning": recorded.warning(),
    "on_hold": recorded.on_hold(),
    "consult_ringing": recorded.consulting("ringing"),
    "consult_talking": recorded.consulting("talking"),
    "consult_swapped": recorded.consulting("held"),
    "three_together": recorded.three(),
    "consult_alone": recorded.consulting("alone"),
    "internal_ringing": recorded.internal("ringing"),
    "internal_talking": recorded.internal(),
    "internal_on_hold": recorded.internal("on_hold"),
    "consulted": recorded.consulted(),
    "agent_lost": recorded.lost(),
}
IDLE = [name for name, view in VIEWS.items() if view["call"] is None]
OFFERS = ["ringing", "ringing-answer"]
OUT = {"dialing_agent", "dialing_customer"}
Follow = tuple[str, tuple[str, ...]]
"""A view, and views that follow it."""


def _follows(before: str, after: str) -> bool:
    """A view of the same call by the core's table; the end of a call; a new one, where the end was not drawn too."""
    if after in IDLE:
        return True
    if before in IDLE:
        return after in (*OFFERS, "dialing_agent")
    if after in OFFERS:
        return True
    state, then = (CallState(VIEWS[name]["call"]["state"]) for name in (before, after))
    return then in TRANSITIONS[state] or (before in OFFERS and after in ("accepted", "talking", "consulted"))


AFTER = {before: [after for after in VIEWS if after != before and _follows(before, after)] for before in VIEWS}


async def show(panel: Panel, bridge: RecordedBridge, agent: Json) -> None:
    """Show this and wait until it is drawn, at a clock that may stand."""
    await bridge.show(agent)
    await panel.page.evaluate(_SHOWN, agent)


@asynccontextmanager
async def standing(page: Page, agent: Json, **bridge: Any) -> AsyncIterator[tuple[Panel, RecordedBridge]]:
    """A panel with this agent at a clock that only the test moves."""
    await page.add_init_script(_BEFORE)
    await page.clock.install(time=recorded.NOW - timedelta(hours=1))
    await page.clock.pause_at(recorded.NOW)
    async with recorded_bridge(RecordedBridge(agent=agent, **bridge)) as made:
        panel = await Panel(page).open(made.origin)
        await panel.label(agent["label"])
        await made.listened_to()
        await panel.usable()
        await page.clock.run_for(2 * GUARD_MS)
        yield panel, made


def _some() -> list[Follow]:
    """Each view behind a sixth of those that it can follow, spread over all of them, and behind one at least; each
    that has followers is followed by one at least."""
    found: dict[str, list[str]] = {before: [] for before in VIEWS}
    for turn, after in enumerate(VIEWS):
        befores = [before for before in VIEWS if after in AFTER[before]]
        for before in befores[turn % 6 % len(befores) :: 6]:
            found[before].append(after)
    for turn, before in enumerate(VIEWS):
        if not found[before] and (afters := AFTER[before]):
            found[before].append(afters[turn % len(afters)])
    return [(before, tuple(afters)) for before, afters in found.items() if afters]


@asynccontextmanager
async def _in_a_tab(browser: Browser) -> AsyncIterator[tuple[Panel, RecordedBridge, Tab]]:
    tab = await Tab.of(browser, viewport=SIZE)
    try:
        async with standing(tab.page, VIEWS["ready"]) as (panel, bridge):
            yield panel, bridge, tab
            await tab.empty()
    finally:
        await tab.context.close()


async def _followers(place: tuple[Panel, RecordedBridge, Tab], follow: Follow) -> None:
    panel, bridge, tab = place
    before, afters = follow
    for after in afters:
        await show(panel, bridge, VIEWS[before])
        await panel.page.clock.run_for(2 * GUARD_MS)
        await _nothing_acts(panel, bridge, f"{before}, then {after}", VIEWS[after])
    tab.watch.check()


async def _nothing_acts(panel: Panel, bridge: RecordedBridge, which: str, after: Json) -> None:
    """At the moment in which this view comes everything new in it is clicked and pressed, and every pixel at which
    another control stood until now is clicked."""
    page = panel.page
    places = await page.evaluate(_CONTROLS)
    await show(panel, bridge, after)
    now = await page.evaluate(_CONTROLS)
    changed = [one for one in now if not any(_same(one, other) for other in places)]
    for _, x, y, *_ in [*places, *changed]:
        if not any(_at(one, x, y) for one in now if one not in changed):
            await page.mouse.click(x, y)
    for at, one in enumerate(now):
        if one in changed:
            for key in filter(None, ("Enter", "Space", one[3])):
                await page.evaluate(_FOCUS, at)
                await page.keyboard.press(key)
    assert bridge.asked == [], f"{which}: what has just come acts"
    assert await page.evaluate(_OPENED) == 0, f"{which}: what has just come opens something"
    await page.clock.run_for(GUARD_MS + FRAME_MS)
    assert await page.evaluate(_ALLOWED) == [], f"{which}: what has been there for half a second does not act"


def _at(one: list[Any], x: float, y: float) -> bool:
    """Within what counts as the same place."""
    return bool(abs(one[1] - x) <= NEAR_PX and abs(one[2] - y) <= NEAR_PX)


def _same(one: list[Any], other: list[Any]) -> bool:
    return bool(one[0] == other[0]) and _at(one, other[1], other[2])


_views = Cases("follow", _in_a_tab, _followers)
SWEEP = [
    *(pytest.param(follow, id=follow[0]) for follow in _some()),
    *(pytest.param((one, tuple(all_)), id=f"{one}-all", marks=pytest.mark.soak) for one, all_ in AFTER.items()),
]


@pytest.mark.timeout(900)  # The first case runs them all.
@pytest.mark.parametrize("follow", SWEEP)
async def test_given_a_view_then_nothing_new_in_any_that_can_follow_it_acts_for_half_a_second_and_then_it_does(
    browser: Browser, follow: Follow, request: pytest.FixtureRequest
) -> None:
    await _views.check(request, browser)


# ---- at the clock on the wall


@pytest.mark.parametrize("how", ["mouse", "Enter", "Alt+H"])
async def test_given_hold_that_becomes_resume_then_a_second_press_in_time_is_not_heard_and_a_later_one_is(
    page: Page, how: str
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await bridge.listened_to()
        hold = panel.button("Hold")
        await settled(hold)
        box = await hold.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await hold.focus()

        async def press() -> None:
            await (page.mouse.click(x, y) if how == "mouse" else page.keyboard.press(how))

        in_time = False
        while not in_time:  # On a busy machine the second press may come when the guard is over, and rightly acts.
            bridge.asked.clear()
            async with page.expect_response(f"**/calls/{CALL}/hold"):
                await press()
            shown = time.monotonic()
            await bridge.show(recorded.on_hold())
            await panel.button("Resume").wait_for()
            await press()
            in_time = time.monotonic() - shown < GUARD_MS / 1000
            if not in_time:
                await bridge.show(recorded.talking())
                await settled(hold)
        assert [path for _, path, _ in bridge.asked] == [f"calls/{CALL}/hold"]
        await settled(panel.button("Resume"))
        async with page.expect_response(f"**/calls/{CALL}/resume"):
            await press()


async def test_given_a_page_that_changes_before_a_test_has_pressed_then_the_test_presses_once_more(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def too_early(control: Locator, *, pointed: bool) -> Aim:
        nonlocal looks
        looks += 1
        return await aim(control, pointed=pointed, waits=looks > 1)

    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await bridge.listened_to()
        await settled(panel.button("Hold"))
        await panel.button("Hold").evaluate("(button) => { button.dataset.means = 'another call'; }")
        monkeypatch.setattr(pages, "aim", too_early)
        async with page.expect_response(f"**/calls/{CALL}/hold"):
            await panel.press("Hold")
        assert looks == 2
        assert [path for _, path, _ in bridge.asked] == [f"calls/{CALL}/hold"]


class _Gone:
    """A control that the page draws anew after it was found, and before it is looked at."""

    def __init__(self, control: Locator) -> None:
        self._control, self.page, self.looks = control, control.page, 0

    async def evaluate_handle(self, script: str, given: Any) -> JSHandle:
        self.looks += 1
        if self.looks > 1:
            return await self._control.evaluate_handle(script, given)
        former = await self._control.evaluate_handle("(node) => node.cloneNode(true)")
        return await former.evaluate_handle(script, given)


async def test_given_a_control_that_is_drawn_anew_before_it_is_looked_at_then_the_test_presses_the_new_one(
    page: Page,
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        gone: Any = _Gone(panel.button("Hold"))
        async with page.expect_response(f"**/calls/{CALL}/hold"):
            await pages.click(gone)
        assert gone.looks == 2
        assert [path for _, path, _ in bridge.asked] == [f"calls/{CALL}/hold"]


async def test_given_a_double_click_then_it_acts_once_but_a_key_of_the_keypad_twice(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await settled(panel.button("Rest"))
        async with page.expect_response("**/me/next-status"):
            await panel.button("Rest").dblclick()
        everything = panel.button("All about this call")
        await settled(everything)
        await everything.dblclick()
        await expect(everything).to_have_attribute("aria-expanded", "true")
        await panel.choose("More", "Keypad")
        five = panel.dialog().get_by_role("button", name="5", exact=True)
        await settled(five)
        await five.dblclick()
        await expect(panel.dialog().get_by_label("Digits sent")).to_have_text("55")
        assert [path for _, path, _ in bridge.asked if path == "me/next-status"] == ["me/next-status"]


async def test_given_a_key_that_is_held_down_then_it_acts_once(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await settled(panel.button("Hold"))
        await panel.button("Hold").focus()
        async with page.expect_response(f"**/calls/{CALL}/hold"):
            await page.keyboard.down("Enter")
        await bridge.show(recorded.on_hold())
        await settled(panel.button("Resume"))
        for _ in range(3):
            await page.keyboard.down("Enter")  # Repeats.
        await page.keyboard.up("Enter")
        await panel.keys("Alt+R")
        assert [path for _, path, _ in bridge.asked if path.startswith("calls")] == [f"calls/{CALL}/hold"]


async def test_given_an_offer_then_enter_and_space_never_answer_it_and_alt_a_does(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.ringing("auto"))) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Ringing")
        answer = panel.button("Answer")
        await settled(answer)
        await answer.focus()
        for key in ("Enter", "Space"):
            await page.keyboard.press(key)
        assert bridge.asked == []
        async with page.expect_response("**/answer"):
            await panel.keys("Alt+A")
        assert len(bridge.asked) == 1


async def test_given_a_button_that_changes_under_the_finger_then_its_release_does_nothing(own_page: Page) -> None:
    async with standing(own_page, recorded.talking()) as (panel, bridge):
        box = await panel.button("Hold").bounding_box()
        assert box is not None
        await own_page.mouse.move(box["x"] + 5, box["y"] + 5)
        await own_page.mouse.down()
        await show(panel, bridge, recorded.on_hold())
        await own_page.clock.run_for(3 * GUARD_MS)
        await own_page.mouse.up()
        assert bridge.asked == []
        await own_page.mouse.down()
        async with own_page.expect_response(f"**/calls/{CALL}/resume"):
            await own_page.mouse.up()


async def test_given_warn_chosen_from_the_menu_then_a_double_click_there_neither_warns_nor_hangs_up(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.warned())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await panel.press("More")
        warn = page.get_by_role("menuitem", name="Warn the customer")
        await settled(warn)
        await warn.dblclick()
        await expect(panel.dialog("Warn the customer")).to_be_visible()
        assert bridge.asked == []
        confirm = panel.button("Play the warning")
        await settled(confirm)
        async with page.expect_response(f"**/calls/{CALL}/warn"):
            await confirm.dblclick()
        await bridge.show(recorded.warning())
        await panel.press("Stop the warning", within=panel.dialog())
        assert [path for _, path, _ in bridge.asked] == [f"calls/{CALL}/warn", f"calls/{CALL}/warn/stop"]
        await bridge.show(recorded.warned())
        await expect(panel.dialog()).to_have_count(0)


async def test_given_a_notice_that_is_put_away_then_what_it_lay_over_is_not_pressed_with_it(own_page: Page) -> None:
    await own_page.set_viewport_size(SIZE)
    async with standing(own_page, recorded.talking()) as (panel, bridge):
        for seconds in (120, 240):
            text = f"The customer has been on hold for {seconds} seconds."
            await bridge.tell("notice", code="hold_reminder", text=text)
        await panel.sees("240 seconds")
        await own_page.clock.run_for(2 * GUARD_MS)
        box = await panel.button("Put away").bounding_box()
        assert box is not None
        at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await own_page.mouse.click(*at)
        await panel.sees("120 seconds")
        await own_page.mouse.click(*at)
        await expect(own_page.get_by_text("120 seconds")).to_be_visible()
        await own_page.clock.run_for(GUARD_MS)
        await own_page.mouse.click(*at)
        await panel.sees_no("120 seconds")
        await own_page.mouse.click(*at)
        await expect(panel.button("All about this call")).to_have_attribute("aria-expanded", "false")


async def test_given_a_menu_over_the_note_then_a_double_click_in_it_does_not_send_the_note(own_page: Page) -> None:
    await own_page.set_viewport_size({"width": 320, "height": 568})
    async with standing(own_page, recorded.talking()) as (panel, bridge):
        await own_page.get_by_label("Add a Comment", exact=True).fill("half a sen")
        await own_page.clock.run_for(2 * GUARD_MS)
        await panel.button("Business").click()
        item = own_page.get_by_role("menuitemradio", name="Monitor")
        send = await panel.button("Add a Comment").bounding_box()
        lies_over = await item.bounding_box()
        assert send is not None and lies_over is not None
        x, y = send["x"] + send["width"] / 2, (send["y"] + lies_over["y"] + lies_over["height"]) / 2
        assert send["y"] < y < lies_over["y"] + lies_over["height"], "the menu lies over the button"
        await own_page.clock.run_for(2 * GUARD_MS)
        async with own_page.expect_response("**/me/next-status"):
            await own_page.mouse.click(x, y)
        await expect(item).to_have_count(0)
        await own_page.mouse.click(x, y)
        await own_page.clock.run_for(2 * GUARD_MS)
        async with own_page.expect_response("**/comments"):
            await own_page.mouse.click(x, y)
        assert [path.rsplit("/")[-1] for _, path, _ in bridge.asked] == ["next-status", "comments"]


# ---- lists


async def test_given_somebody_in_a_list_then_it_keeps_still_until_its_news_are_taken_in(own_page: Page) -> None:
    async with standing(own_page, recorded.talking()) as (panel, bridge):
        await panel.keys("Alt+T")
        await own_page.clock.run_for(2 * GUARD_MS)
        await panel.dialog().get_by_role("tab", name="Available Agents").click()
        await own_page.clock.run_for(GUARD_MS)
        rows = panel.dialog().get_by_role("listitem")
        await expect(rows).to_have_count(3)
        before = await rows.all_inner_texts()
        await rows.nth(1).hover()
        juno, sora, taeyang = recorded.COLLEAGUES
        new = [{**juno, "cti_id": f"new-{n}", "name": f"Aera {n}"} for n in range(3)]
        bridge.colleagues = [*new, taeyang, juno]
        await own_page.clock.run_for(3_500)
        await expect(panel.dialog().get_by_role("button", name="3 new")).to_be_visible()
        assert [text.splitlines()[0] for text in await rows.all_inner_texts()] == [
            text.splitlines()[0] for text in before
        ]
        await expect(panel.button(f"Connect: {sora['name']}")).to_have_attribute("aria-disabled", "true")
        await own_page.clock.run_for(GUARD_MS + FRAME_MS)
        await panel.dialog().get_by_role("button", name="3 new").click()
        await expect(rows).to_have_count(5)
        await expect(rows.first).to_contain_text("Aera 0")
