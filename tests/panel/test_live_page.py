"""The live page of supervisors (requirements L1 to L4): who is there, who waits, who asks for help; what asks first."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.panel import recorded, watched
from tests.panel.cases import Cases
from tests.panel.looks import violations
from tests.panel.pages import click
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.tabs import Tab
from tests.panel.watch import Watch
from tests.support.rows import eventually

DESK: ViewportSize = {"width": 1280, "height": 860}
SIZES: tuple[ViewportSize, ...] = (DESK, {"width": 420, "height": 900}, {"width": 320, "height": 640})
CALL = "call of +1•••••••112"
_OUTSIDE = """() => {
  const root = document.querySelector('cti-live').shadowRoot;
  const out = [...root.querySelectorAll('.main *, .mon *, .bar > *')].filter((node) => node.checkVisibility()
    && !node.closest('.sr-only, nav') && node.getBoundingClientRect().right > innerWidth + 1);
  return [document.documentElement.scrollWidth > innerWidth, out.map((node) => node.outerHTML.slice(0, 100))];
}"""


_DRAWN = """() => {
  const rows = document.querySelector('cti-live').shadowRoot.querySelector('.agents tbody');
  const count = (all) => all.flatMap((one) => [...one.addedNodes]).filter((node) => node.nodeType === 1).length;
  Object.assign(window, { drawn: 0, longest: 0 });
  new MutationObserver((all) => { drawn += count(all); }).observe(rows, { subtree: true, childList: true });
  const took = (list) => Math.max(longest, ...list.getEntries().map((one) => one.duration));
  new PerformanceObserver((list) => { longest = took(list); }).observe({ type: 'longtask' });
}"""
FIRST = watched.waits("+82•••••••999", "Support", 1, 0, order=[1, 0, 9, "w0"])
"""One who came back, and so goes before all others."""


def place(row_: Json) -> Any:
    return row_["order"]


def boss(**changes: Any) -> Json:
    return recorded.agent(**({"name": "Sora Choi", "monitor": None} | changes))


@asynccontextmanager
async def live(
    page: Page, rights: tuple[str, ...] = ("monitor",), agent: Json | None = None, **changes: Any
) -> AsyncIterator[RecordedBridge]:
    await page.set_viewport_size(DESK)
    async with recorded_bridge() as bridge:
        bridge.figures, bridge.agent = watched.live(**changes), agent or boss()
        bridge.settings["rights"] = list(rights)
        await page.goto(f"{bridge.origin}/supervisor/live")
        await expect(page.get_by_role("heading", name="Agents")).to_be_visible()
        yield bridge


async def choose(page: Page, menu: str, item: str) -> None:
    await click(page.get_by_role("button", name=menu, exact=True))
    await click(page.get_by_role("menuitem", name=item, exact=True))


async def asked_of(bridge: RecordedBridge, times: int) -> list[tuple[str, str, Any]]:
    """What was asked for, when so much was."""

    async def look() -> list[tuple[str, str, Any]]:
        return bridge.asked

    return await eventually(look, lambda asked: len(asked) >= times, 10)


def row(page: Page, name: str) -> Locator:
    return page.locator(".agents tbody tr", has=page.locator("th", has_text=name))


async def test_agents_stand_by_name_with_state_call_and_today_and_long_states_are_marked(page: Page) -> None:
    async with live(page):
        names = await page.locator(".agents tbody th b").all_text_contents()
        assert names == sorted(one["name"] for one in watched.agents())
        mina = row(page, "Mina Park")
        await expect(mina).to_contain_text("Talking 4:")
        await expect(mina).to_contain_text("+82•••••••678Support · in · asks for help")
        await expect(mina.locator(".n").nth(1)).to_have_text("423:47")
        await expect(mina.get_by_role("img", name="Recording")).to_be_visible()
        await expect(row(page, "Rafael Ortiz")).to_contain_text("with Juno Lee")
        await expect(row(page, "Daehyun Seo").locator(".st")).to_have_class(re.compile("late"))
        await expect(row(page, "Juno Lee").locator(".st")).to_have_class(re.compile("over"))
        await expect(page.locator(".queues tbody tr").nth(3).locator(".late")).to_have_count(3)


async def test_filters_have_their_numbers_and_find(page: Page) -> None:
    async with live(page):
        rows = page.locator(".agents tbody tr")
        await click(page.get_by_role("button", name="In a call 6"))
        await expect(rows).to_have_count(6)
        await page.get_by_label("Team").select_option("English")
        await expect(rows).to_have_count(2)
        await page.get_by_label("Search agents").fill("rafa")
        await expect(rows).to_have_count(1)
        await page.get_by_label("Search agents").fill("nobody")
        await expect(page.locator(".agents")).to_contain_text("Nobody fits these filters.")


async def test_who_waits_stands_in_the_order_of_service_and_a_change_is_shown(page: Page) -> None:
    async with live(page) as bridge:
        numbers = page.locator(".calls .num")
        await expect(numbers).to_have_text([one["customer_number"] for one in sorted(watched.waiting(), key=place)])
        await expect(page.locator(".calls li").nth(1)).to_contain_text("English · place 2")
        await bridge.rows(gone={"waiting": ["w1"]}, waiting=[FIRST])
        await expect(numbers.first).to_have_text("+82•••••••999")
        await expect(numbers).to_have_count(5)


async def test_while_the_pointer_is_in_a_list_nothing_moves_and_what_ended_is_grey(page: Page) -> None:
    async with live(page) as bridge:
        first = page.locator(".calls li").first
        await first.hover()
        await bridge.rows(gone={"waiting": ["w1"]}, waiting=[FIRST])
        await expect(first).to_contain_text("no longer here")
        await click(page.get_by_role("button", name="1 new"))
        await expect(first).to_contain_text("+82•••••••999")


@pytest.mark.parametrize(
    ("menu", "item", "confirm", "asked"),
    [
        ("More for Hana Jung", "Set status: Rest", None, ("PUT", "agents/hana/status", {"status": "rest"})),
        ("More for Daehyun Seo", "Set status: Ready", None, ("PUT", "agents/daehyun/status", {"status": "ready"})),
        ("More for Hana Jung", "Log out", "Log out", ("POST", "agents/hana/logout", None)),
        ("More for Juno Lee", "End call", "End call", ("POST", "calls/call of +82•••••••702/end", None)),
        ("More for +1•••••••871", "To the front", None, ("POST", "calls/w1/move", {"first": True})),
        ("More for +1•••••••871", "Move to Support", None, ("POST", "calls/w1/move", {"queue": "Support"})),
    ],
)  # fmt: skip
async def test_a_menu_acts_and_what_ends_something_asks_first(
    page: Page, menu: str, item: str, confirm: str | None, asked: tuple[str, str, Any]
) -> None:
    async with live(page) as bridge:
        await choose(page, menu, item)
        if confirm is not None:
            dialog = page.get_by_role("dialog")
            await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
            assert bridge.asked == []
            await click(dialog.get_by_role("button", name=confirm))
            await expect(dialog).to_be_hidden()
        ((method, path, body),) = await asked_of(bridge, 1)
        assert (method, unquote(path), body) == asked


@pytest.mark.parametrize(
    ("menu", "call"), [("More for Mina Park", "call of +82•••••••678"), ("More for +1•••••••871", "w")]
)
async def test_the_whole_number_is_shown_once_and_gone_with_its_dialog(page: Page, menu: str, call: str) -> None:
    async with live(page, ("unmask",)) as bridge:
        await choose(page, menu, "Show number")
        dialog = page.get_by_role("dialog", name="Number of the customer")
        await expect(dialog.get_by_role("status")).to_have_text("+82 10-1234-5678")
        await expect(dialog).to_contain_text("audit log")
        assert await violations(page) == []
        await click(dialog.get_by_role("button", name="Close"))
        await expect(page.get_by_text("1234-5678")).to_have_count(0)
        ((_, path, _),) = bridge.asked
        assert unquote(path).startswith(f"calls/{call}")


async def test_whole_numbers_are_for_whoever_has_the_right(page: Page) -> None:
    async with live(page, ("monitor",)):
        for menu in ("More for Mina Park", "More for +1•••••••871"):
            await click(page.get_by_role("button", name=menu, exact=True))
            await expect(page.get_by_role("menuitem").first).to_be_visible()
            await expect(page.get_by_role("menuitem", name="Show number")).to_have_count(0)
            await page.keyboard.press("Escape")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
async def test_each_item_of_a_menu_can_be_pressed(page: Page, size: ViewportSize) -> None:
    async with live(page, ("monitor", "unmask")):
        await page.set_viewport_size(size)
        for name in ("Daehyun Seo", "Mina Park", "Yuna Choi"):
            button = page.get_by_role("button", name=f"More for {name}", exact=True)
            await button.scroll_into_view_if_needed()
            await click(button)
            for item in await page.get_by_role("menuitem").all():
                await item.click(trial=True, timeout=3_000)
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("menuitem")).to_have_count(0)


async def test_escape_leaves_a_question_and_the_focus_goes_back(page: Page) -> None:
    async with live(page) as bridge:
        await choose(page, "More for Hana Jung", "Log out")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.get_by_role("button", name="More for Hana Jung")).to_be_focused()
        assert bridge.asked == []


async def test_help_stands_on_top_with_how_long_and_is_put_away(page: Page) -> None:
    async with live(page) as bridge:
        row_ = page.locator(".help")
        await expect(row_).to_contain_text(re.compile(r"Mina Park asks for help, 0:\d\d · in a call of Support"))
        await expect(page.locator(".helps [role=alert]")).to_have_text("Mina Park asks for help")
        await click(page.get_by_role("button", name="Answered: Mina Park"))
        assert await asked_of(bridge, 1) == [("DELETE", "agents/mina/help", None)]
        (mina,) = [one for one in watched.agents() if one["cti_id"] == "mina"]
        await bridge.rows(agents=[mina | {"help_since": recorded.at(90)}])
        await expect(row_).to_have_class(re.compile("late"))
        await bridge.rows(agents=[mina | {"help_since": None}])
        await expect(row_).to_have_text("Nobody asks for help")


async def test_listening_is_one_click_barging_asks_and_the_bar_says_who_hears(page: Page) -> None:
    async with live(page) as bridge:
        await click(page.get_by_role("button", name="Listen: Minseo Kwon"))
        await bridge.show(boss(monitor=watched.monitor(state="ringing", confirmed=None)))
        bar = page.get_by_role("region", name="Monitoring")
        await expect(bar).to_contain_text("You monitor Minseo Kwon")
        await expect(bar).to_contain_text("Your phone rings: lift it.")
        await expect(bar.get_by_role("radio", checked=True)).to_have_count(0)
        await bridge.show(boss(monitor=watched.monitor()))
        await expect(bar).to_contain_text("Nobody hears you.")
        await click(bar.get_by_role("radio", name="Whisper"))
        await expect(bar.get_by_role("radio", name="Listen")).to_be_checked()
        await bridge.show(boss(monitor=watched.monitor("whisper", "whisper", ("agent",))))
        await expect(bar.get_by_role("radio", name="Whisper")).to_be_checked()
        await expect(bar).to_contain_text("Only Minseo Kwon hears you.")
        await click(bar.get_by_role("radio", name="Barge in"))
        dialog = page.get_by_role("dialog", name="Barge in?")
        await expect(dialog).to_contain_text("From then on Minseo Kwon and the customer both hear you.")
        await click(dialog.get_by_role("button", name="Barge in"))
        await expect(dialog).to_be_hidden()
        await bridge.show(boss(monitor=watched.monitor("barge", "barge", ("customer", "agent"))))
        await expect(bar).to_contain_text("Both hear you.")
        await click(bar.get_by_role("button", name="Stop"))
        await asked_of(bridge, 4)
        await bridge.show(boss())
        await expect(bar).to_be_hidden()
        assert [(method, body) for method, _, body in bridge.asked] == [
            ("POST", {"mode": "listen"}),
            ("PATCH", {"mode": "whisper"}),
            ("PATCH", {"mode": "barge"}),
            ("DELETE", None),
        ]
        await bridge.tell("notice", code="monitor_call_ended", text="")
        await expect(page.locator(".note")).to_contain_text("The call that you monitored has ended.")


async def test_without_the_right_nobody_can_be_heard(page: Page) -> None:
    async with live(page, rights=()):
        await expect(row(page, "Mina Park")).to_be_visible()
        assert await page.get_by_role("button", name=re.compile("^(Listen|Whisper|Barge)")).count() == 0


async def test_why_and_a_message_to_a_team(page: Page) -> None:
    async with live(page) as bridge:
        await choose(page, "More for Hana Jung", "Why no calls")
        dialog = page.get_by_role("dialog")
        await expect(dialog.locator(".reasons li").first).to_be_visible()
        await click(dialog.get_by_role("button", name="Close"))
        await choose(page, "More for Hana Jung", "Send a message to team Day")
        await dialog.get_by_label("Text").fill("Lunch is here.")
        await click(dialog.get_by_role("button", name="Send"))
        await expect(dialog).to_be_hidden()
        assert bridge.asked == [("POST", "teams/Day/message", {"text": "Lunch is here."})]


async def test_old_figures_say_so_and_times_run_on(page: Page, watch: Watch) -> None:
    watch.expect("502", "WebSocket", "ERR_")
    async with live(page) as bridge:
        bridge.is_away = True
        await bridge.close_sockets(1001)
        await expect(page.locator(".chip").first).to_have_text("Reconnecting …")
        await expect(page.locator(".said")).to_contain_text("These figures are 0:0", timeout=15_000)


def many() -> list[Json]:
    all_ = enumerate((watched.agents() * 23)[:200])
    return [one | {"cti_id": f"a{n}", "name": f"Agent with a rather long name {n:03}"} for n, one in all_]


Look = tuple[str, str, Any]
"""What is shown, in which language, in which colours."""
LOOKS: list[Look] = [
    (kind, lang, scheme)
    for kind in ("usual", "nothing", "monitoring")
    for lang in ("en", "ko")
    for scheme in ("light", "dark")
]


@dataclass
class _Seen:
    """A tab, and what is shown in it now, of the bridge that is there."""

    tab: Tab
    bridge: RecordedBridge
    shown: tuple[str, str] | None = None


@asynccontextmanager
async def _tab(browser: Browser) -> AsyncIterator[_Seen]:
    tab = await Tab.of(browser, viewport=DESK)
    try:
        async with recorded_bridge() as bridge:
            yield _Seen(tab, bridge)
            await tab.empty()
    finally:
        await tab.context.close()


async def _usable(seen: _Seen, look: Look) -> None:
    """What differs in its colours alone is loaded once."""
    kind, lang, scheme = look
    page, bridge = seen.tab.page, seen.bridge
    await page.set_viewport_size(DESK)
    await page.emulate_media(color_scheme=scheme)
    if seen.shown != (kind, lang):
        empty: Json = {"agents": [], "waiting": [], "queues": []} if kind == "nothing" else {}
        bridge.figures, bridge.settings["rights"] = watched.live(**empty), ["monitor"]
        bridge.agent = boss(monitor=watched.monitor() if kind == "monitoring" else None)
        await page.goto(f"{bridge.origin}/supervisor/live?lang={lang}")
        seen.shown = kind, lang
    await expect(page.locator(".live-page")).to_be_visible()
    assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    seen.tab.watch.expect("Applying inline style")  # axe-core tries to.
    assert await violations(page) == []
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await page.evaluate(_OUTSIDE) == [False, []], (size, lang)
    seen.tab.watch.check()


_looks = Cases("look", _tab, _usable)


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
async def test_everybody_can_use_it_and_nothing_sticks_out(
    browser: Browser, look: Look, request: pytest.FixtureRequest
) -> None:
    await _looks.check(request, browser)


async def test_two_hundred_agents_of_whom_twenty_change_are_drawn_in_a_moment(page: Page) -> None:
    async with live(page, agents=many()) as bridge:
        await expect(page.locator(".agents tbody tr")).to_have_count(200)
        await page.evaluate(_DRAWN)
        for turn in range(3):
            today = {"calls": turn, "talk_s": 60.0, "missed": 0}
            await bridge.rows(agents=[one | {"today": today} for one in many()[:20]])
            await expect(page.locator(".agents tbody tr").first.locator(".n").nth(1)).to_contain_text(str(turn))
        drawn, longest = await page.evaluate("[drawn, longest]")
        assert drawn <= 3 * 20, "only what has changed is drawn"
        assert longest < 150, "a long task is over 50 ms; a busy machine is allowed three times that"


async def test_every_text_is_there_in_both_languages(blank_page: Page) -> None:
    texts: dict[str, dict[str, str]] = await blank_page.evaluate(
        "async () => (await import('/widget/supervisor/texts.js')).TEXTS"
    )
    assert texts["en"].keys() == texts["ko"].keys()
    for key, text in texts["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", texts["ko"][key])), key
        assert key == "formula.name" or re.search("[가-힣]", texts["ko"][key]), key
