"""One browser for all tests of the panel in a process."""

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.panel.browser import SILENT, open_browser
from tests.panel.lending import Stages
from tests.panel.site import SITES, open_site
from tests.panel.watch import Watch
from tests.support.certificates import Certificate, make_certificate

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note that a test has failed: what it had may be in any state."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


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
async def own_page(context: BrowserContext) -> Page:
    """A tab that no other test has."""
    return await context.new_page()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stages(browser: Browser) -> AsyncIterator[Stages]:
    """Those of `page`."""
    stages = Stages(browser)
    yield stages
    await stages.close()


@pytest.fixture
def stands() -> bool:
    """Whether the clock of `page` stands at `recorded.NOW`, for a module whose tests need that."""
    return False


@pytest_asyncio.fixture(loop_scope="session")
async def page(request: pytest.FixtureRequest, stages: Stages, watch: Watch, stands: bool) -> AsyncIterator[Page]:
    """A tab that had other tests before and looks new. It has no sound, and no clock but the browser's or one that
    stands: a test that needs more takes `own_page` or `context`. The panel of its first recorded bridge may begin in a
    document that was loaded before."""
    stage = await stages.lend(watch, stands=stands)
    yield stage.tab.page
    await stages.take_back(stage, failed=request.node.stash.get(_FAILED, False))


@pytest_asyncio.fixture(loop_scope="session")
async def blank_page(own_page: Page, site: str) -> Page:
    """An empty page on the origin that serves /widget/, under the panel's policy: for tests of single modules."""
    await own_page.goto(f"{site}/blank")
    return own_page
