"""The watch itself: what goes wrong in a page is found."""

from playwright.async_api import BrowserContext, Page

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
