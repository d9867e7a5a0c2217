"""The wallboard (requirement L1): what is late, and why; views that take turns; figures that are old."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from cti_bridge.api.auth import digest, new_token
from cti_bridge.domain.model.directory import Client
from cti_bridge.domain.model.words import Scope
from tests.integration.test_api_watching import HOUSE
from tests.panel import watched
from tests.panel.cases import Cases
from tests.panel.looks import violations
from tests.panel.recorded import NOW, Json
from tests.panel.recorded_bridge import PASSWORD, RecordedBridge, recorded_bridge
from tests.panel.tabs import Tab
from tests.panel.watch import Watch
from tests.support.api import Api, api_server
from tests.unit.floor import Driver

FIVE_METRES: ViewportSize = {"width": 1920, "height": 1080}
SIZES: tuple[ViewportSize, ...] = (FIVE_METRES, {"width": 1280, "height": 720}, {"width": 420, "height": 760})
_OUTSIDE = """() => {
    const root = document.querySelector('cti-wallboard').shadowRoot;
    const page = document.documentElement;
    const wide = [...root.querySelectorAll('.c > span, .c > small, .hd th, .top *, .formula')].filter((node) => {
        const box = node.getBoundingClientRect();
        const of = (node.closest('.c, .top, .foot') ?? node).getBoundingClientRect();
        const out = box.right > of.right + 1 || box.left < of.left - 1 || box.bottom > innerHeight;
        return box.width && !node.closest('.controls') && out;
    });
    return [page.scrollWidth > innerWidth, page.scrollHeight > innerHeight, wide.map((node) => node.textContent)];
}"""


@pytest.fixture(autouse=True)
def _times_run_on(watch: Watch) -> None:
    """A page whose time is moved on takes its connection for dead, and looks."""
    watch.expect(r"WebSocket is closed before", r"ERR_ABORTED.*/api/v1/me")


@asynccontextmanager
async def board(page: Page, query: str = "", **changes: Any) -> AsyncIterator[RecordedBridge]:
    """A wallboard at a time that the test moves on."""
    await page.set_viewport_size(FIVE_METRES)
    await page.clock.install(time=NOW)
    async with recorded_bridge() as bridge:
        bridge.figures = watched.wallboard(**changes)
        await page.goto(f"{bridge.origin}/wallboard{query}")
        await expect(page.get_by_role("table")).to_be_visible()
        yield bridge


def cell(page: Page, row: str, column: int) -> Any:
    return page.get_by_role("row", name=row).locator("td").nth(column - 1)


Figure = tuple[str, int, str, str]
"""Of which queue, in which column, how it stands out, and what it says."""
FIGURES: list[Figure] = [
    ("Support", 2, "", "3"),
    ("Billing", 2, "warn", "7over 5"),
    ("English", 2, "alarm", "12over 10"),
    ("Billing", 3, "warn", r"1:5\dover 1:00"),
    ("English", 3, "alarm", r"4:\d\dover 2:00"),
    ("Contracts", 3, "", "–"),
    ("Support", 4, "", "1–2 min"),
    ("Billing", 5, "warn", "74 %goal 80 %"),
    ("English", 5, "alarm", "58 %goal 80 %"),
    ("Night desk", 1, "alarm", "0 / 0nobody"),
    ("All queues", 2, "", "23"),
    ("All queues", 5, "warn", "78 %goal 80 %"),
    ("All queues", 7, "", "786"),
]


@asynccontextmanager
async def _one_board(browser: Browser) -> AsyncIterator[Tab]:
    tab = await Tab.of(browser)
    try:
        async with board(tab.page):
            yield tab
            await tab.empty()
    finally:
        await tab.context.close()


async def _stands_out(tab: Tab, figure: Figure) -> None:
    queue, column, tone, text = figure
    found = cell(tab.page, queue, column)
    await expect(found).to_have_text(re.compile(f"^{text}$"))
    assert (set((await found.get_attribute("class") or "").split()) & {"warn", "alarm"}) == ({tone} - {""})
    tab.watch.check()


_figures = Cases("figure", _one_board, _stands_out)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure[0]}-{figure[1]}")
async def test_a_figure_that_is_late_has_its_ground_and_its_cause_in_words(
    browser: Browser, figure: Figure, request: pytest.FixtureRequest
) -> None:
    await _figures.check(request, browser)


async def test_waits_count_on_the_screen_itself_and_a_change_is_shown(own_page: Page) -> None:
    async with board(own_page) as bridge:
        await expect(cell(own_page, "Support", 3)).to_have_text(re.compile(r"0:\d\d$"))
        await own_page.clock.run_for(13_000)
        await expect(cell(own_page, "Support", 3)).to_have_text(re.compile(r"1:\d\dover 1:00"))
        (support, *_) = watched.queues()
        await bridge.rows(queues=[support | {"waiting": 0, "longest_since": None}])
        await expect(cell(own_page, "Support", 3)).to_have_text("–")


def calm() -> list[Json]:
    return [
        one | {"limits": {"waiting": [], "longest_s": [], "service_level": []}, "working": 3}
        for one in watched.queues()
    ]


async def test_views_take_turns_every_ten_seconds_and_by_the_arrow_keys(own_page: Page) -> None:
    async with board(own_page, queues=calm()) as bridge:
        title = own_page.locator(".v")
        await expect(title).to_have_text("Queues, today since 00:00 · 1/2")
        for _ in range(3):
            await own_page.clock.run_for(4_000)
            await bridge.rows()
        await expect(title).to_have_text("Teams, today since 00:00 · 2/2")
        await expect(own_page.get_by_role("row", name="Day")).to_contain_text("6 talk, 1 ring")
        await own_page.keyboard.press("ArrowLeft")
        await expect(title).to_have_text("Queues, today since 00:00 · 1/2")


async def test_an_alarm_holds_its_view_and_a_new_one_has_a_frame_for_ten_seconds(own_page: Page) -> None:
    async with board(own_page) as bridge:
        english = cell(own_page, "English", 2)
        await expect(english).to_have_class(re.compile("fresh"))
        for _ in range(4):
            await own_page.clock.run_for(3_500)
            await bridge.rows()
        await expect(own_page.locator(".v")).to_have_text("Queues, today since 00:00 · 1/2")
        await expect(english).not_to_have_class(re.compile("fresh"))


async def test_many_queues_are_further_views_of_at_most_six_rows_and_the_last_row_is_all(own_page: Page) -> None:
    many = [one | {"id": f"Queue {number}"} for number, one in enumerate(calm() * 3)]
    async with board(own_page, "?every=off", queues=many, teams=[]):
        rows = own_page.locator("tbody tr")
        await expect(own_page.locator(".v")).to_contain_text("1/3")
        assert await rows.count() == 6
        await own_page.keyboard.press("ArrowLeft")
        await expect(rows.last).to_contain_text("All queues")


async def test_alerts_stand_below_by_weight_two_and_the_number_of_others(own_page: Page) -> None:
    async with board(own_page) as bridge:
        alerts = own_page.locator(".al > span")
        await expect(alerts).to_have_text(["Night desk: nobody works", re.compile(r"Help: Mina Park, 0:\d\d"), "+1"])
        for _ in range(12):
            await own_page.clock.run_for(3_500)
            await bridge.rows()
        await expect(alerts.nth(1)).to_have_class("alarm")
        await bridge.rows(gone={"help": ["mina"]})
        await expect(alerts).to_have_text(["Night desk: nobody works", "Billing: waits over 2:00", "+1"])


async def test_alerts_of_the_bridge_stand_by_weight_beside_those_of_the_rows(own_page: Page) -> None:
    async with board(own_page, queues=calm(), help=[], alerts=watched.alerts()) as bridge:
        alerts = own_page.locator(".al > span")
        await expect(alerts).to_have_text([
            "Support: 5 of 14 phones gone", "Trunk main: 4 calls rang nowhere", "+2"
        ])  # fmt: skip
        await bridge.rows(gone={"alerts": ["phones_gone Support", "trunk_failed main"]})
        await expect(alerts).to_have_text([
            "Acme support: 2 not recorded", "Billing: call-backs overdue: 3"
        ])  # fmt: skip
        await expect(alerts.nth(1)).to_have_class("warn")


async def test_alerts_of_another_service_are_not_shown_and_those_of_none_are(own_page: Page) -> None:
    told = [
        watched.alert("phones_gone", "Shop", service="shop", count=2, of=3),
        watched.alert("trunk_failed", "main", count=2),
    ]
    async with board(own_page, "?service=acme", queues=calm(), help=[], alerts=told):
        await expect(own_page.locator(".al > span")).to_have_text(["Trunk main: 2 calls rang nowhere"])


async def test_the_formula_is_said_by_name_and_in_full_and_what_is_set_by_hand_stands_below_the_title(
    own_page: Page,
) -> None:
    changed = watched.service(emergency=True, overridden=["office"])
    async with board(own_page, services=[changed]):
        await expect(own_page.locator(".formula")).to_have_text(
            "Service level “accepted”, 20 s: answered within 20 s ÷ (answered + abandoned − under 5 s + turned away)."
        )
        await expect(own_page.locator(".notes")).to_have_text(
            "Emergency message is on · Opening hours set by hand: office"
        )


async def test_without_a_sign_of_life_all_is_grey_and_says_of_when_it_is(own_page: Page, watch: Watch) -> None:
    watch.expect(r"502", r"WebSocket", r"ERR_")
    async with board(own_page) as bridge:
        await bridge.rows()
        bridge.is_away = True
        await bridge.close_sockets(1001)
        await own_page.clock.run_for(4_000)
        await expect(own_page.locator(".board")).not_to_have_class(re.compile("stale"))
        await own_page.clock.run_for(4_000)
        await expect(own_page.locator(".board")).to_have_class(re.compile("stale"))
        await expect(own_page.locator(".al")).to_contain_text(re.compile(r"No figures for 0:0\d\. What you see is of"))
        await expect(own_page.locator(".live")).to_have_text("Reconnecting …")


async def test_who_is_no_supervisor_is_told_so_and_who_is_not_logged_in_can(own_page: Page, watch: Watch) -> None:
    watch.expect("403", r"401 GET .*/wallboard")
    async with recorded_bridge() as bridge:
        await own_page.goto(f"{bridge.origin}/wallboard")
        await expect(own_page.get_by_role("heading")).to_have_text("For supervisors")
        bridge.figures, bridge.logged_in = watched.wallboard(), False
        await own_page.reload()
        await own_page.get_by_label("CTI ID").fill("mina")
        await own_page.get_by_label("Password").fill(PASSWORD)
        await own_page.keyboard.press("Enter")
        await expect(own_page.get_by_role("table")).to_be_visible()


@asynccontextmanager
async def _tab(browser: Browser) -> AsyncIterator[tuple[Tab, RecordedBridge]]:
    tab = await Tab.of(browser, color_scheme="light", viewport=FIVE_METRES)
    try:
        async with recorded_bridge() as bridge:
            yield tab, bridge
            await tab.empty()
    finally:
        await tab.context.close()


async def _readable(place: tuple[Tab, RecordedBridge], look: tuple[str, str]) -> None:
    (tab, bridge), (kind, lang) = place, look
    page = tab.page
    await page.set_viewport_size(FIVE_METRES)
    bridge.figures = watched.wallboard(**({"queues": [], "teams": []} if kind == "nothing" else {}))
    await page.goto(f"{bridge.origin}/wallboard?lang={lang}&every=off")
    await expect(page.locator(".foot")).to_be_visible()
    if kind == "teams":
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".board.teams")).to_be_visible()
    tab.watch.expect("Applying inline style")  # axe-core tries to.
    assert await violations(page) == []
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await page.evaluate(_OUTSIDE) == [False, False, []], (size, lang)
    tab.watch.check()


_looks = Cases("look", _tab, _readable)


@pytest.mark.parametrize(
    "look", [(kind, lang) for kind in ("queues", "teams", "nothing") for lang in ("en", "ko")], ids="-".join
)
async def test_everybody_can_read_it_and_nothing_sticks_out(
    browser: Browser, look: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    """In a browser that is set to light: a wallboard is dark."""
    await _looks.check(request, browser)


TOKEN = new_token()
WALL = Client("wall", digest(TOKEN), frozenset(Scope), ("acme",))


@asynccontextmanager
async def house_with_a_screen() -> AsyncIterator[tuple[Api, Driver]]:
    """The real server, before a house with a caller who waits."""
    driver = Driver(replace(HOUSE, clients={"wall": WALL}))
    driver.connect()
    driver.arrive()
    directory = driver.center.floor.directory
    async with api_server(HOUSE.agents, house=directory, directory=lambda: driver.center.floor.directory) as api:
        api.engine.floor = driver.center.floor
        yield api, driver


async def test_a_screen_on_a_wall_shows_it_without_a_login_and_its_token_stands_nowhere(
    context: BrowserContext, watch: Watch
) -> None:
    watch.expect(r"401 GET .*/session", r"401 GET .*/wallboard")
    page = await context.new_page()
    async with house_with_a_screen() as (api, driver):
        await page.goto(f"{api.root}/wallboard?every=off#token={TOKEN}")
        await expect(cell(page, "support", 2)).to_have_text("1")
        assert page.url == f"{api.root}/wallboard?every=off"
        assert TOKEN not in await page.evaluate(
            "document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })"
        )
        await page.reload()
        await expect(cell(page, "support", 2)).to_have_text("1")
        await expect(page.locator(".live")).to_have_text("Live")
        driver.center.floor.directory = HOUSE
        await page.reload()
        await expect(page.get_by_label("CTI ID")).to_be_visible()


async def test_a_wrong_token_asks_for_a_login(context: BrowserContext, watch: Watch) -> None:
    watch.expect(r"401 PUT .*/wallboard/screen")
    page = await context.new_page()
    async with house_with_a_screen() as (api, _):
        await page.goto(f"{api.root}/wallboard#token={new_token()}")
        await expect(page.get_by_label("CTI ID")).to_be_visible()
        assert page.url == f"{api.root}/wallboard"


async def test_every_text_is_there_in_both_languages(blank_page: Page) -> None:
    texts: dict[str, dict[str, str]] = await blank_page.evaluate(
        "async () => (await import('/widget/wallboard/texts.js')).TEXTS"
    )
    assert texts["en"].keys() == texts["ko"].keys()
    for key, text in texts["en"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", texts["ko"][key])), key
        assert key in ("column.outbound", "formula.name") or re.search("[가-힣]", texts["ko"][key]), key
