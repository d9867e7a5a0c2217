"""The desktop is told of a call, if the agent does not look; and whatever ends the call ends all that alerts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.panel import recorded
from tests.panel.alerting import alerted, quiet, waiting
from tests.panel.recorded_bridge import RecordedBridge
from tests.panel.watch import Watch

End = Callable[[Page, RecordedBridge], Awaitable[None]]


@pytest.fixture
def page(own_page: Page) -> Page:
    """A tab that makes sounds and asks its user."""
    return own_page


@pytest.fixture
def sound() -> bool:
    """It is listened to."""
    return True


@pytest.fixture(scope="session")
def browser(whole_browser: Browser) -> Browser:
    """The one that can tell the desktop."""
    return whole_browser


@pytest.mark.parametrize("query", ["", "?focused"])
async def test_given_no_permission_or_an_agent_who_is_looking_then_no_notification(
    context: BrowserContext, page: Page, query: str
) -> None:
    await context.grant_permissions(["notifications"] if query else [])
    async with waiting(page, query) as (_, bridge):
        await bridge.show(recorded.ringing())
        await alerted(page)
        assert await page.evaluate("told") == []


# ---- what ends it


async def _goes_elsewhere(page: Page, bridge: RecordedBridge) -> None:
    await bridge.show(recorded.business("missed", "Missed call"))


async def _offer_ends(page: Page, bridge: RecordedBridge) -> None:
    await bridge.tell("offer.ended", offer_id=recorded.OFFER, result="caller_left")


async def _is_answered(page: Page, bridge: RecordedBridge) -> None:
    await bridge.show(recorded.talking())


async def _connection_is_lost(page: Page, bridge: RecordedBridge) -> None:
    bridge.is_away = True
    await bridge.close_sockets(1011)


async def _moves_elsewhere(page: Page, bridge: RecordedBridge) -> None:
    bridge.logged_in = False
    await bridge.close_sockets(4001, "session moved")


@pytest.mark.parametrize(
    "end",
    [_goes_elsewhere, _offer_ends, _is_answered, _connection_is_lost, _moves_elsewhere],
    ids=lambda end: end.__name__.strip("_"),
)
async def test_given_whatever_ends_the_ringing_then_sound_title_and_notification_end(
    context: BrowserContext, page: Page, watch: Watch, end: End
) -> None:
    watch.expect("401 ", "502 ", "WebSocket connection")
    await context.grant_permissions(["notifications"])
    async with waiting(page) as (_, bridge):
        title = await page.title()
        await bridge.show(recorded.ringing())
        await alerted(page)
        notified = {"what": "notified", "title": "Incoming call", "body": "Jiho Kim +821012345678\nsupport"}
        assert await page.evaluate("told") == [notified]
        await end(page, bridge)
        await quiet(page, title)
        assert await page.evaluate("told") == [notified, {"what": "closed"}]
