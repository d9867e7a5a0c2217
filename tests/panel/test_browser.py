"""The watch itself: what goes wrong in a page is found. A tab that is lent: no test finds in it what another did."""

import socket
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.panel.looks import NARROW
from tests.panel.site import open_site
from tests.panel.tabs import Tab, Tabs
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


# ---- a tab that is lent


async def test_given_a_tab_that_a_test_has_used_then_the_next_finds_nothing_of_it(browser: Browser, site: str) -> None:
    tabs = Tabs(browser)
    tab = await tabs.lend(Watch(), stands=False)
    size = tab.page.viewport_size
    await tab.page.route("**/blank", lambda route: route.fulfill(body="its own"))
    await tab.page.set_viewport_size(NARROW)
    await tab.context.add_cookies([{"name": "kept", "value": "yes", "url": site}])
    await tab.page.goto(f"{site}/blank")
    assert await tab.page.inner_text("body") == "its own"
    await tabs.take_back(tab, failed=False)
    again = await tabs.lend(Watch(), stands=False)
    assert again is tab and again.page.url == "about:blank" and again.page.viewport_size == size
    await again.page.goto(f"{site}/blank")
    assert await again.page.title() == "blank" and await again.page.evaluate("document.cookie") == ""
    await tabs.take_back(again, failed=False)
    await tabs.close()


async def _another_page(tab: Tab) -> None:
    await tab.context.new_page()


async def _a_clock(tab: Tab) -> None:
    await tab.page.clock.install()


async def _a_complaint(tab: Tab) -> None:
    tab.watch.complaints.append("an error")


@pytest.mark.parametrize("leave", [_another_page, _a_clock, _a_complaint])
async def test_given_a_tab_left_as_no_other_test_can_have_it_then_that_fails_and_none_has_it(
    browser: Browser, leave: Callable[[Tab], Awaitable[None]]
) -> None:
    tabs = Tabs(browser)
    tab = await tabs.lend(Watch(), stands=False)
    await leave(tab)
    with pytest.raises(AssertionError):
        await tabs.take_back(tab, failed=False)
    other = await tabs.lend(Watch(), stands=False)
    assert other is not tab and tab.page.is_closed()
    await tabs.take_back(other, failed=True)
    assert other.page.is_closed()


async def test_given_something_that_cannot_be_undone_then_a_lent_tab_refuses_it(page: Page) -> None:
    with pytest.raises(AssertionError, match="own_page"):
        await page.add_init_script("window.kept = 1")


async def test_given_a_clock_that_stands_then_a_tab_without_one_is_another(browser: Browser) -> None:
    tabs = Tabs(browser)
    standing = await tabs.lend(Watch(), stands=True)
    await tabs.take_back(standing, failed=False)
    assert await tabs.lend(Watch(), stands=False) is not standing
    assert await tabs.lend(Watch(), stands=True) is standing
    await tabs.close()


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
