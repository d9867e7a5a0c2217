"""The watch itself: what goes wrong in a page is found. A tab that is lent: no test finds in it what another did."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.panel import recorded
from tests.panel.lending import Stages
from tests.panel.looks import NARROW, violations
from tests.panel.pages import Panel
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.site import open_site
from tests.panel.stage import Stage
from tests.panel.watch import Watch


async def test_given_a_module_of_the_panel_then_a_test_can_use_it_alone(blank_page: Page) -> None:
    spent = "async () => (await import('/widget/views/timer.js')).spent(3723)"
    assert await blank_page.evaluate(spent) == "1:02:03"


async def test_given_an_error_a_refused_script_or_a_missing_file_then_the_watch_has_seen_it(
    context: BrowserContext, blank_page: Page, watch: Watch
) -> None:
    watch.expect(".")
    await blank_page.evaluate("console.error('told')")
    await blank_page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    async with blank_page.expect_event("console", lambda message: "Content Security Policy" in message.text):
        await blank_page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b style=\"color: red\">')")
    await blank_page.evaluate("fetch('/widget/no-such-file')")
    seen = "\n".join(watch.complaints)
    assert all(each in seen for each in ("told", "thrown", "Content Security Policy", "404 GET"))
    watch.expected.clear()
    assert len(watch.unexpected()) == len(watch.complaints)
    watch.expect(".")


# ---- a stage that is lent


@pytest_asyncio.fixture(loop_scope="session")
async def stages(browser: Browser) -> AsyncIterator[Stages]:
    """Others than those of `page`."""
    stages = Stages(browser)
    yield stages
    await stages.close()


async def test_given_a_tab_that_a_test_has_used_then_the_next_finds_nothing_of_it(stages: Stages, site: str) -> None:
    stage = await stages.lend(Watch(), stands=False)
    page, size = stage.tab.page, stage.tab.page.viewport_size
    await page.route("**/blank", lambda route: route.fulfill(body="its own"))
    await page.set_viewport_size(NARROW)
    await stage.tab.context.add_cookies([{"name": "kept", "value": "yes", "url": site}])
    await page.goto(f"{site}/blank")
    assert await page.inner_text("body") == "its own"
    await stages.take_back(stage, failed=False)
    again = await stages.lend(Watch(), stands=False)
    assert again is stage and page.url == "about:blank" and page.viewport_size == size
    await page.goto(f"{site}/blank")
    assert await page.title() == "blank" and await page.evaluate("document.cookie") == ""
    await stages.take_back(again, failed=False)


async def _another_page(stage: Stage) -> None:
    await stage.tab.context.new_page()


async def _a_clock(stage: Stage) -> None:
    await stage.tab.page.clock.install()


async def _a_complaint(stage: Stage) -> None:
    stage.tab.watch.complaints.append("an error")


@pytest.mark.parametrize("leave", [_another_page, _a_clock, _a_complaint])
async def test_given_a_tab_left_as_no_other_test_can_have_it_then_that_fails_and_none_has_it(
    stages: Stages, leave: Callable[[Stage], Awaitable[None]]
) -> None:
    stage = await stages.lend(Watch(), stands=False)
    await leave(stage)
    with pytest.raises(AssertionError):
        await stages.take_back(stage, failed=False)
    other = await stages.lend(Watch(), stands=False)
    assert other is not stage and stage.tab.page.is_closed()
    await stages.take_back(other, failed=True)
    assert other.tab.page.is_closed()


async def test_given_something_that_cannot_be_undone_then_a_lent_tab_refuses_it(page: Page) -> None:
    with pytest.raises(AssertionError, match="own_page"):
        await page.add_init_script("window.kept = 1")


async def test_given_a_clock_that_stands_then_a_tab_without_one_is_another(stages: Stages) -> None:
    standing = await stages.lend(Watch(), stands=True)
    await stages.take_back(standing, failed=False)
    other = await stages.lend(Watch(), stands=False)
    again = await stages.lend(Watch(), stands=True)
    assert other is not standing and again is standing
    await stages.take_back(other, failed=False)
    await stages.take_back(again, failed=False)


_STORED = "[document.querySelectorAll('cti-widget').length, localStorage.length, sessionStorage.length, history.state]"


async def _shown(stage: Stage, agent: Json, *, changes: str = "") -> float:
    """A panel on it that has stored something; gives when its document was made."""
    async with recorded_bridge(RecordedBridge(agent=agent)) as bridge:
        assert bridge.origin == stage.origin
        panel = await Panel(stage.tab.page).open(bridge.origin)
        await panel.label(agent["label"])
        assert await stage.tab.page.evaluate(_STORED) == [1, 0, 0, None]
        await stage.tab.page.evaluate(
            "() => { localStorage.kept = sessionStorage.kept = 1; history.replaceState({ kept: 1 }, ''); }"
        )
        if changes:
            await stage.tab.page.evaluate(changes)
        made = await stage.tab.page.evaluate("performance.timeOrigin")
    return float(made)


async def test_given_a_panel_that_begins_where_another_was_then_it_finds_nothing_of_that(stages: Stages) -> None:
    made = []
    for agent in (recorded.rest("meal", "Meal"), recorded.agent()):
        stage = await stages.lend(Watch(), stands=False)
        made.append(await _shown(stage, agent))
        await stages.take_back(stage, failed=False)
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "changes",
    [
        "() => { window.fetch = () => {}; }",
        "() => { window.kept = 1; }",
        "() => { navigator.mediaDevices.getUserMedia = () => {}; }",
        "() => { delete window.Notification; }",
        "() => { history.replaceState(null, '', '?lang=ko'); }",
    ],
)
async def test_given_a_page_that_a_test_has_changed_then_the_next_panel_has_another_document(
    stages: Stages, changes: str
) -> None:
    stage = await stages.lend(Watch(), stands=False)
    made = [await _shown(stage, recorded.rest("meal", "Meal"), changes=changes), await _shown(stage, recorded.agent())]
    await stages.take_back(stage, failed=False)
    assert made[0] != made[1]


async def test_given_a_page_that_axe_core_has_looked_at_then_the_next_panel_begins_there(stages: Stages) -> None:
    watch = Watch()
    watch.expect("Applying inline style")  # axe-core tries to.
    stage = await stages.lend(watch, stands=False)
    async with recorded_bridge() as bridge:
        await (await Panel(stage.tab.page).open(bridge.origin)).label("Ready")
        assert await violations(stage.tab.page) == []
        made = await stage.tab.page.evaluate("performance.timeOrigin")
    assert await _shown(stage, recorded.agent()) == made
    await stages.take_back(stage, failed=False)


async def test_given_a_bridge_that_was_away_then_the_next_panel_has_another_document(stages: Stages) -> None:
    watch = Watch()
    watch.expect("502 ", "WebSocket connection")
    stage = await stages.lend(watch, stands=False)
    page = stage.tab.page
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await bridge.listened_to()
        made = await page.evaluate("performance.timeOrigin")
        bridge.is_away = True
        await bridge.close_sockets(1011)
        await panel.sees("Reconnecting …")
    assert await _shown(stage, recorded.agent()) != made
    await stages.take_back(stage, failed=False)


async def test_given_two_bridges_at_once_then_the_second_has_an_origin_of_its_own(stages: Stages) -> None:
    stage = await stages.lend(Watch(), stands=False)
    async with recorded_bridge() as first, recorded_bridge() as second:
        assert first.origin == stage.origin != second.origin
    await stages.take_back(stage, failed=False)


async def test_given_a_port_that_was_served_on_then_nothing_is_served_there_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page may have stored something for its origin."""
    async with open_site() as first:
        used = int(first.rsplit(":", 1)[1])
    given = [used]
    create = socket.create_server
    monkeypatch.setattr(socket, "create_server", lambda address: create((address[0], given.pop() if given else 0)))
    async with open_site() as second:
        assert second != first and given == []
