"""One browser for all tests of the panel in a process."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.panel.browser import SILENT, open_browser
from tests.panel.site import SITES, open_site
from tests.panel.watch import Watch
from tests.support.certificates import Certificate, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For all servers that speak TLS."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), *SITES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> AsyncIterator[Browser]:
    """Chromium. A test that needs it and has none fails, and says what is missing."""
    async with open_browser(tmp_path_factory.mktemp("browser"), certificate.fingerprint) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def whole_browser() -> AsyncIterator[Browser]:
    """Chromium with all that a desktop's has."""
    async with open_browser(whole=True) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site() -> AsyncIterator[str]:
    """The origin of the panel's files, without an API."""
    async with open_site() as origin:
        yield origin


@pytest.fixture
def watch() -> Watch:
    """What the pages of `context` complain about; it fails the test. ``watch.expect(regular expression)`` permits."""
    return Watch()


@pytest.fixture
def sound() -> bool:
    """Whether the pages of `context` can make sounds. A module that listens to them has one of its own."""
    return False


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, watch: Watch, sound: bool) -> AsyncIterator[BrowserContext]:
    """A browser's user: cookies and storage of its own."""
    context = await browser.new_context()
    watch.over(context)
    if not sound:
        await context.add_init_script(SILENT)
    try:
        yield context
        watch.check()
    finally:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    """One tab."""
    return await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def blank_page(page: Page, site: str) -> Page:
    """An empty page on the origin that serves /widget/, under the panel's policy: for tests of single modules."""
    await page.goto(f"{site}/blank")
    return page
