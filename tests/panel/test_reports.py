"""The page of reports (requirement M2) in a real browser: what a supervisor sees, asks, reads and takes along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from python_calamine import CalamineWorkbook

from cti_bridge.api.panel_files import read_panel
from cti_bridge.domain.border.commands import NoteAct
from cti_bridge.domain.model.directory import Limits
from cti_bridge.domain.model.words import Audited
from cti_bridge.reports.catalogue import REPORTS
from tests.panel.cases import Cases
from tests.panel.counted import HOUSE, LONGEST, NOW, PASSWORD, Counted, counted_house
from tests.panel.looks import NARROW, violations
from tests.panel.tabs import Tab
from tests.panel.watch import Watch
from tests.support.api import Api
from tests.unit.floor import Driver

pytestmark = pytest.mark.asyncio(loop_scope="session")
DESK: ViewportSize = {"width": 1280, "height": 860}


@asynccontextmanager
async def _at_the_time(browser: Browser) -> AsyncIterator[Tab]:
    tab = await Tab.of(browser)
    try:
        await tab.page.clock.set_fixed_time(NOW)
        yield tab
    finally:
        await tab.context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    """Where one test after the other has its page, at a clock that stands at `NOW`."""
    async with _at_the_time(browser) as tab:
        yield tab


@pytest_asyncio.fixture(loop_scope="session")
async def user(tab: Tab, watch: Watch) -> AsyncIterator[BrowserContext]:
    """A browser's user whom no house knows."""
    tab.watch.expected, tab.watch.complaints = watch.expected, watch.complaints
    yield tab.context
    await tab.empty()


@asynccontextmanager
async def page_of(
    user: BrowserContext, search: str = "", counted: Counted | None = None, who: str = "boss"
) -> AsyncIterator[tuple[Page, Api, Counted]]:
    """The page, of somebody who is logged in."""
    async with counted_house(counted) as (api, made):
        reply = await user.request.post(api.url + "/login", data={"cti_id": who, "password": PASSWORD})
        assert reply.ok
        (page,) = user.pages
        await page.set_viewport_size(DESK)
        await page.goto(api.root + "/supervisor/reports" + search)
        yield page, api, made


async def shown(page: Page) -> None:
    await expect(page.get_by_role("table")).to_be_visible()


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


async def test_a_report_has_its_figures_each_with_its_sum_below(user: BrowserContext) -> None:
    async with page_of(user) as (page, _, counted):
        await shown(page)
        assert await page.locator(".kpi .fig").all_text_contents() == ["915", "87.0 %", "81.1 %", "82", "3:44"]
        sums = await page.locator(".kpi .sum").all_text_contents()
        assert sums[1:3] == ["796 answered ÷ 915 offered", "707 within ÷ (796 + 82 − 24 + 18), “accepted”"]
        (question,) = [one for one in counted.asked if one.since == "2026-11-28"]
        assert (question.report, question.till, question.interval) == ("queue-handling", "2026-11-28", "hour")
        assert question.services == ("acme", "shop"), "the own services"


async def test_the_table_keeps_head_and_first_column_and_ends_with_the_total(user: BrowserContext) -> None:
    async with page_of(user, "?groups=each&columns=all") as (page, _, _counted):
        await shown(page)
        table = page.locator(".table-scroll")
        head, first = page.locator("thead th").nth(3), page.locator("tbody th").nth(12)
        before = await head.bounding_box(), await first.bounding_box()
        await table.evaluate("(node) => { node.scrollTop = 150; node.scrollLeft = 300; }")
        after = await head.bounding_box(), await first.bounding_box()
        assert before[0] and after[0] and before[1] and after[1]
        assert after[0]["y"] == before[0]["y"] and after[0]["x"] < before[0]["x"] - 200
        assert after[1]["x"] == before[1]["x"] and after[1]["y"] < before[1]["y"] - 50
        assert await page.locator("tfoot th").text_content() == "Total"
        assert await page.locator("thead th").first.text_content() == "Hour, +09:00"
        await expect(page.locator("tbody th", has_text="17:00 *").first).to_be_attached()
        await expect(page.get_by_text("not final: not everything")).to_be_visible()


async def test_filters_stand_in_the_address_and_hold_for_the_files(user: BrowserContext) -> None:
    async with page_of(user) as (page, api, counted):
        await shown(page)
        await choice(page, "Queues").select_option("billing")
        await choice(page, "Service level").select_option("offered")
        await choice(page, "Transfers").select_option("in")
        await expect(page.locator(".kpi .sum").nth(2)).to_have_text("707 within ÷ 915 offered")
        await expect(page.locator(".kpi .sum").first).to_have_text("entered the queue, with transfers")
        asked = dict(parse_qsl(urlsplit(page.url).query))
        assert asked == {"queue": "billing", "transfers": "in", "formula": "offered"}
        question = counted.asked[-1]
        assert (question.queues, question.formula, question.transfers_in) == (("billing",), "offered", True)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download as XLSX").click()
        path = await (await download.value).path()
        book = CalamineWorkbook.from_filelike(BytesIO(await asyncio.to_thread(path.read_bytes)))
        assert {row[4] for row in book.get_sheet_by_name("queue-handling").to_python()[1:]} == {"billing"}
        assert counted.asked[-1].formula == "offered" and counted.asked[-1].queues == ("billing",)
        await page.reload()
        await expect(choice(page, "Queues")).to_have_value("billing")
        await page.get_by_role("button", name="Reset").click()
        await expect(page.locator(".kpi .sum").nth(2)).to_contain_text("accepted")
        assert page.url == api.root + "/supervisor/reports"
        await page.go_back()
        await expect(choice(page, "Queues")).to_have_value("billing")


async def test_days_are_those_of_the_service_also_in_a_browser_elsewhere(browser: Any) -> None:
    user = await browser.new_context(timezone_id="America/Los_Angeles")
    try:
        await (await user.new_page()).clock.set_fixed_time(NOW)
        async with page_of(user) as (page, _, counted):
            await shown(page)
            await expect(page.locator("thead th").first).to_have_text("Hour, +09:00")
            await page.clock.set_fixed_time("2026-11-28T16:20:00Z")  # The 28th in the browser, the 29th in Seoul.
            await page.get_by_role("link", name="Queues: waiting").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Queues: waiting")
            await shown(page)
            assert counted.asked[-1].since == "2026-11-29"
    finally:
        await user.close()


async def test_charts_are_pictures_with_a_sentence_and_one_interval_has_no_line(user: BrowserContext) -> None:
    async with page_of(user) as (page, _, _counted):
        await expect(page.locator(".chart[data-drawn] canvas")).to_have_count(2)
        names = [await one.get_attribute("aria-label") for one in await page.get_by_role("img").all()]
        assert names == [
            "Offered by hour, stacked; the table below has the figures",
            "Service level by hour; lowest at 12:00: 58.5 %",
        ]
        await choice(page, "Interval").select_option("day")
        await expect(page.get_by_role("img")).to_have_count(1)


async def test_the_goal_in_the_chart_is_that_of_the_queues_where_they_have_one_in_common(
    user: BrowserContext,
) -> None:
    async with page_of(user, "?service=acme") as (page, api, _):
        await shown(page)
        goal = page.locator(".legend", has=page.locator("i.goal"))
        await expect(goal).to_have_text("goal 80 %")
        queues = {**HOUSE.queues, "support": replace(HOUSE.queues["support"], limits=Limits(service_level=(90,)))}
        api.engine.floor = Driver(replace(HOUSE, queues=queues)).center.floor
        await page.reload()
        await shown(page)
        await expect(page.get_by_role("img")).to_have_count(2)
        await expect(goal).to_have_count(0)
        await choice(page, "Queues").select_option("support")
        await expect(goal).to_have_text("goal 90 %")


async def test_more_than_200_rows_are_pages(user: BrowserContext) -> None:
    async with page_of(user, "?report=call-detail", Counted(calls=450)) as (page, _, counted):
        await shown(page)
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(200)
        await expect(page.get_by_text("Rows 1 to 200 of 450")).to_be_visible()
        await page.get_by_role("button", name="Next").click()
        await page.get_by_role("button", name="Next").click()
        await expect(rows).to_have_count(50)
        await expect(page.get_by_role("button", name="Next")).to_be_disabled()
        counted.calls = 3
        await choice(page, "Queues").select_option("support")
        await expect(rows).to_have_count(3)


async def test_a_masked_number_is_shown_whole_to_whoever_has_the_right(user: BrowserContext, watch: Watch) -> None:
    watch.expect("404")
    async with page_of(user, "?report=call-detail", Counted(calls=300), who="a9") as (page, api, _):
        await shown(page)
        show = page.get_by_role("button", name="Show the number")
        await expect(show).to_have_count(200)
        await show.nth(7).click()
        first = page.locator("tbody tr").nth(7)
        await expect(first.get_by_role("status")).to_have_text("+821012340007")
        await expect(show).to_have_count(199)
        (act,) = api.engine.ordered
        assert isinstance(act, NoteAct)
        assert (act.what, act.object[-4:], act.by) == (Audited.NUMBER_SHOWN, "0007", "a9")
        await page.locator("tbody tr").nth(1).get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_have_text("This call is kept no more.")
        await page.get_by_role("button", name="Next").click()
        await expect(page.get_by_text("+821012340007")).to_have_count(0)
        assert await violations(page) == []


async def test_whoever_has_no_right_to_whole_numbers_has_no_button_for_them(user: BrowserContext) -> None:
    async with page_of(user, "?report=call-detail") as (page, _, _counted):
        await shown(page)
        await expect(page.get_by_text("+82 10-••••-5678")).to_have_count(3)
        await expect(page.get_by_role("button", name="Show the number")).to_have_count(0)


async def test_a_report_that_takes_over_two_seconds_says_so_and_can_be_given_up(user: BrowserContext) -> None:
    async with page_of(user) as (page, _, counted):
        await shown(page)
        counted.held = asyncio.Event()
        await page.get_by_role("link", name="Agents: calls").click()
        await expect(page.get_by_text("Still counting …")).to_be_visible()
        await page.get_by_role("button", name="Cancel").click()
        await expect(page.get_by_text("Given up.")).to_be_visible()
        counted.held.set()
        counted.held = None
        await page.get_by_role("button", name="Try again").click()
        await shown(page)
        await expect(page.get_by_text("Given up.")).to_have_count(0)


async def test_nothing_an_error_and_no_right_are_said(user: BrowserContext, watch: Watch) -> None:
    watch.expect("40[13] ", "503 ")
    async with page_of(user, counted=Counted(is_empty=True)) as (page, _, counted):
        await expect(page.get_by_text("No calls in this period.")).to_be_visible()
        counted.refuses = True
        await page.get_by_role("link", name="Transfers").click()
        await expect(page.get_by_role("alert").get_by_text("Calls go on.")).to_be_visible()
        counted.refuses = counted.is_empty = False
        await page.get_by_role("button", name="Try again").click()
        await shown(page)
    async with page_of(user, who="a1") as (page, _, counted):
        await expect(page.get_by_text("Reports are for supervisors.")).to_be_visible()
        assert not counted.asked


async def test_who_is_not_logged_in_can_do_so_here(user: BrowserContext, watch: Watch) -> None:
    watch.expect("401 ")
    async with counted_house() as (api, _):
        (page,) = user.pages
        await page.goto(api.root + "/supervisor/reports")
        await page.get_by_label("CTI ID").fill("boss")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Login").click()
        await expect(page.get_by_role("alert")).to_contain_text("wrong")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Queues: handling")


async def test_it_goes_by_the_keyboard(user: BrowserContext) -> None:
    async with page_of(user) as (page, _, _counted):
        await shown(page)
        await page.get_by_role("link", name="Queues: waiting").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Queues: waiting")
        await expect(page.get_by_role("link", name="Queues: waiting")).to_be_focused()
        head = page.get_by_role("columnheader", name="Offered")
        await head.get_by_role("button").focus()
        await page.keyboard.press("Enter")
        await expect(head).to_have_attribute("aria-sort", "ascending")
        offered = [int(text) for text in await page.locator("tbody tr > :nth-child(2)").all_text_contents()]
        assert offered == sorted(offered)
        await page.locator(".table-scroll").focus()
        await page.keyboard.press("End")


Look = tuple[str, Literal["light", "dark"]]
"""Of which report, in which colours."""
LOOKS: list[Look] = [
    (search, scheme)
    for search in ("", "?report=call-detail&lang=ko", "?report=agent-calls&groups=each&lang=ko")
    for scheme in ("light", "dark")
]


@dataclass
class _Seen:
    """A tab, and the report that is shown in it."""

    tab: Tab
    report: AsyncExitStack
    search: str | None = None


@asynccontextmanager
async def _seen(browser: Browser) -> AsyncIterator[_Seen]:
    async with _at_the_time(browser) as tab:
        async with AsyncExitStack() as report:
            yield _Seen(tab, report)
        await tab.empty()


async def _usable(seen: _Seen, look: Look) -> None:
    """What differs in its colours alone is loaded once."""
    (search, scheme), page, watch = look, seen.tab.page, seen.tab.watch
    if seen.search != search:
        await seen.report.aclose()
        await seen.report.enter_async_context(page_of(seen.tab.context, search))
        seen.search = search
    await page.set_viewport_size(DESK)
    await page.emulate_media(color_scheme=scheme)
    assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    await shown(page)
    watch.expect("Applying inline style")  # axe-core tries to.
    assert not (found := await violations(page)), "\n".join(found)
    await page.set_viewport_size(NARROW)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"]
    watch.check()


_looks = Cases("look", _seen, _usable)


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
async def test_everybody_can_use_it(browser: Browser, look: Look, request: pytest.FixtureRequest) -> None:
    await _looks.check(request, browser)


async def test_korean_has_no_english(user: BrowserContext) -> None:
    known = {"CSV", "XLSX", "SIP", "CTI", "ID", "Asia", "Seoul", "English"}
    known |= {"acme", "Acme", "support", "Shop", "billing", "orders", "main", "menu"}
    known |= {"a1", "a2", "a9", "boss", "other", "Agent", *LONGEST.split(", ")}
    async with page_of(user, "?lang=ko&groups=each&columns=all") as (page, _, _counted):
        for name in REPORTS:
            await page.goto(page.url.partition("?")[0] + f"?lang=ko&groups=each&columns=all&report={name}")
            await shown(page)
            found = await page.evaluate(_WORDS)
            assert not (foreign := {word for word in found if word not in known}), (name, foreign)


_WORDS = """() => {
  const root = document.querySelector('cti-reports').shadowRoot;
  const said = [...root.querySelectorAll('*')].flatMap((node) => [
    ...[...node.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.data),
    node.getAttribute('aria-label') ?? '']);
  return [document.title, ...said].join(' ').match(/[A-Za-z][A-Za-z0-9]+/g) ?? [];
}"""


async def test_seconds_are_read_as_a_clock_and_from_a_hundred_hours_on_as_hours(blank_page: Page) -> None:
    found = await blank_page.evaluate(
        """async (all) => {
          const { addTexts, useLanguage } = await import('/widget/i18n/index.js');
          const { seconds } = await import('/widget/reports/format.js');
          addTexts({ en: (await import('/widget/reports/texts-en.js')).default });
          await useLanguage('en');
          return all.map(seconds);
        }""",
        [None, 0, 17.4, 59.6, 725, 3723, 359_999, 66_265_551],
    )
    assert found == ["–", "0:00", "0:17", "1:00", "12:05", "1:02:03", "99:59:59", "18,407 h"]


async def test_every_column_has_a_name_and_a_definition_in_both_languages(blank_page: Page) -> None:
    columns = [[one.name, column.name, column.about] for one in REPORTS.values() for column in one.columns]
    found = await blank_page.evaluate(
        """async (columns) => {
          const { addTexts, useLanguage } = await import('/widget/i18n/index.js');
          const { labelOf, aboutOf } = await import('/widget/reports/words.js');
          const nameless = [];
          for (const code of ['en', 'ko']) {
            addTexts({ [code]: (await import(`/widget/reports/texts-${code}.js`)).default });
            await useLanguage(code);
            for (const [report, name, about] of columns) {
              if (['from', 'till', 'final'].includes(name)) continue;
              if (labelOf(name) === name || labelOf(name).includes('_')) nameless.push([code, 'label', name]);
              const said = aboutOf(report, { name, about });
              if (code === 'ko' && !/[가-힣]/.test(said)) nameless.push([code, 'about', report, name]);
            }
          }
          return nameless;
        }""",
        columns,
    )
    assert found == []


async def test_both_languages_have_the_same_texts_and_the_page_shows_every_report(blank_page: Page) -> None:
    found = await blank_page.evaluate(
        """async () => {
          const texts = async (code) => (await import(`/widget/reports/texts-${code}.js`)).default;
          const [en, ko] = [await texts('en'), await texts('ko')];
          const { REPORTS } = await import('/widget/reports/shown.js');
          const own = (one, other) => Object.keys(one)
            .filter((key) => !(key in other) && !/^(about|rep\\.code)\\./.test(key));
          const named = ({ columns, figures, groups }) => [...(columns ?? []), ...figures, ...(groups ?? [])];
          return { en: own(en, ko), ko: own(ko, en), columns: Object.entries(REPORTS).map(([name, one]) =>
            [name, named(one)]) };
        }"""
    )
    assert (found["en"], found["ko"]) == ([], [])
    shown_columns = dict(found["columns"])
    assert set(shown_columns) == set(REPORTS)
    for name, columns in shown_columns.items():
        assert set(columns) <= {column.name for column in REPORTS[name].columns}, name


async def test_the_page_is_small_and_loads_nothing_of_the_panel(user: BrowserContext) -> None:
    """Compressed: 20 kB beside the shared part, of which Preact and the texts of the panel are 6, and the charts 25."""

    def size(*paths: str) -> int:
        found = [read_panel()[path] for path in paths]
        for one in found:
            one.compress()
        return sum(len(one.brotli.content) for one in found if one.brotli)

    loaded: list[str] = []
    user.on("request", lambda asked: loaded.append(asked.url))
    async with page_of(user) as (page, _, _counted):
        await expect(page.locator(".chart[data-drawn]")).to_have_count(2)
    files = {one.partition("/widget/")[2] for one in loaded if "/widget/" in one}
    own = {"reports/main.js", "reports/texts-en.js", "style/reports.css"}
    assert files == {*own, "vendor/uplot.js", "i18n/en.js"}
    assert size(*own) < 26_000 and size("vendor/uplot.js") < 25_000


async def test_narrow_pages_have_all(user: BrowserContext) -> None:
    async with page_of(user, "?period=days&groups=each") as (page, _, _counted):
        await page.set_viewport_size(NARROW)
        await shown(page)
        await fits_but_for_scrolled(page)


async def fits_but_for_scrolled(page: Page) -> None:
    out = await page.evaluate(
        """() => [...document.querySelector('cti-reports').shadowRoot.querySelectorAll('*')].filter((node) =>
          node.getBoundingClientRect().right > innerWidth + 0.5 && node.checkVisibility()
          && !node.closest('.table-scroll, .side ul, .bar nav')).map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert not out, out
