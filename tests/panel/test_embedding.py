"""The panel in a page of another origin: told and obeyed only where the configuration says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import BrowserContext, Frame, Page, expect

from tests.panel import recorded
from tests.panel.event_server import EventServer, event_server
from tests.panel.pages import Panel
from tests.panel.site import serve

CALL = recorded.call("ringing", call_id="c1", ticket_id=None)
OFFER = {"offer_id": "o1", "call_id": "c1", "expires_at": recorded.at(-20)}

_HOST = """<!doctype html><title>CRM</title><body><script src="{panel}/widget/loader.js"></script>
<script nonce="host">window.told = []; CtiWidget.on('*', (event) => told.push(event));</script>"""


@asynccontextmanager
async def host_page() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The origin of a CRM whose pages permit no inline style, and where it looks for the panel."""
    panel: dict[str, str] = {}

    async def page(_: web.Request) -> web.Response:
        policy = f"default-src 'none'; script-src 'nonce-host' {panel['origin']}; frame-src {panel['origin']}"
        text = _HOST.format(panel=panel["origin"])
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    app = web.Application()
    app.router.add_get("/", page)
    async with serve(app) as origin:
        yield origin, panel


@pytest_asyncio.fixture
async def hosted() -> AsyncIterator[tuple[str, EventServer]]:
    """A CRM's origin, and the server whose panel it shows; the panel takes commands from nobody yet."""
    async with host_page() as (origin, panel), event_server(origins=[origin]) as server:
        panel["origin"] = server.origin
        server.settings["embedding_origins"] = []
        server.calling_numbers = [
            {"number": "+8225550009", "service": "acme", "state": "new"},
            {"number": "+8225551234", "service": "acme", "state": "confirmed"},
        ]
        yield origin, server


async def opened(context: BrowserContext, origin: str, server: EventServer) -> tuple[Page, Frame]:
    page = await context.new_page()
    await page.goto(f"{origin}/")
    await server.until(lambda: len(server.handshakes) == 1)
    frame = next(frame for frame in page.frames if frame.url.startswith(server.origin))
    return page, frame


async def test_given_a_permitted_page_then_it_is_told_what_happens(
    context: BrowserContext, hosted: tuple[str, EventServer]
) -> None:
    origin, server = hosted
    server.settings["embedding_origins"] = [origin]
    server.tickets = {}
    page, _ = await opened(context, origin, server)
    await server.tell("offer.made", offer=OFFER, call=CALL)
    await server.tell("call.connected", call=CALL)
    await server.tell("call.ended", call_id="c1", outcome="completed", ended_by="agent")
    await page.wait_for_function("() => told.some((event) => event.type === 'ended')")
    told = await page.evaluate("told")
    kinds = [event["type"] for event in told]
    assert kinds[:2] == ["ready", "state"]
    assert [kind for kind in kinds if kind in ("ringing", "answered", "ended")] == ["ringing", "answered", "ended"]
    ringing = next(event for event in told if event["type"] == "ringing")
    assert (ringing["customer_number"], ringing["offer_id"]) == (recorded.CUSTOMER, "o1")
    assert told[-1]["outcome"] == "completed"


async def test_given_a_call_that_is_handed_over_then_its_ticket_opens_for_the_page_of_the_new_owner_once(
    context: BrowserContext, hosted: tuple[str, EventServer]
) -> None:
    origin, server = hosted
    server.settings |= {"embedding_origins": [origin], "ticket_url": "https://crm.example/{ticket_id}"}
    line = recorded.ticket_line("t1", owner="juno", version=3)
    server.tickets = {"t1": recorded.ticket(**line), "t0": recorded.ticket(ticket_id="t0")}
    page, frame = await opened(context, origin, server)
    await server.tell("ticket.opened", ticket=recorded.ticket_line("t0"))
    await server.show(state="talking", call=recorded.call(ticket_id="t1"))
    changes = [("participant_added", "juno"), ("owner_changed", "mina"), ("call_event", "mina"), ("commented", "mina")]
    for version, (event, owner) in enumerate(changes, start=4):
        line = {**line, "owner": owner, "version": version}
        server.tickets["t1"] = recorded.ticket(**line)
        await server.tell("ticket.changed", ticket=line, event=event)
    await server.tell("call.ended", call_id="c1", outcome="completed", ended_by="agent")
    await page.wait_for_function("() => told.some((event) => event.type === 'ended')")
    told = await page.evaluate("told.filter((event) => event.type === 'ticket.opened')")
    assert [(one["ticket_id"], one["url"]) for one in told] == [
        ("t0", "https://crm.example/t0"),
        ("t1", "https://crm.example/t1"),
    ]
    assert told[1]["version"] == 5
    shown = "() => document.querySelector('cti-widget').store.state"
    shown = "document.querySelector('cti-widget').store.state.ticket"
    await frame.wait_for_function(f"() => {shown}.ticket_id === 't1' && {shown}.complete")


async def test_given_a_ticket_that_goes_to_a_colleague_then_the_page_is_not_told_to_open_it(
    context: BrowserContext, hosted: tuple[str, EventServer]
) -> None:
    origin, server = hosted
    server.settings["embedding_origins"] = [origin]
    page, _ = await opened(context, origin, server)
    await server.tell("ticket.changed", ticket=recorded.ticket_line("t1", owner="juno"), event="owner_changed")
    await server.tell("call.ended", call_id="c1", outcome="completed", ended_by="agent")
    await page.wait_for_function("() => told.some((event) => event.type === 'ended')")
    assert await page.evaluate("told.filter((event) => event.type === 'ticket.opened')") == []


DIAL = "window.dialed = CtiWidget.dial('010-1234-5678').catch((error) => error.code), undefined"


async def test_given_a_permitted_page_then_its_dial_asks_the_agent_and_is_a_dial_up_from_the_first_confirmed_number(
    context: BrowserContext, hosted: tuple[str, EventServer]
) -> None:
    origin, server = hosted
    server.settings["embedding_origins"] = [origin]
    page, frame = await opened(context, origin, server)
    await page.wait_for_function("() => told.length >= 2")
    panel = Panel(page, frame)
    await page.evaluate("CtiWidget.hide()")
    await page.evaluate(DIAL)
    # The question is seen, though the page had hidden the panel; a second one does not take its place.
    await expect(frame.get_by_text("The page asks to call 010-1234-5678.")).to_be_visible()
    assert await page.evaluate("CtiWidget.dial('02-555-0000').catch((error) => error.code)") == "not_allowed_now"
    assert server.writes == []
    await panel.press("Cancel")
    assert await page.evaluate("dialed") == "declined"
    assert server.writes == []
    await page.evaluate(DIAL)
    await panel.press("Call 010-1234-5678")
    assert await page.evaluate("dialed") == {"call_id": "c1"}
    assert [path for path, _ in server.writes] == ["me/dial"]
    await expect(frame.get_by_text("The page asks")).to_have_count(0)


@pytest.mark.parametrize(("host_dial", "answer"), [("dial", {"call_id": "c1"}), ("off", "page_may_not_dial")])
async def test_given_the_setting_then_the_pages_dial_is_done_at_once_or_refused(
    context: BrowserContext, hosted: tuple[str, EventServer], host_dial: str, answer: object
) -> None:
    origin, server = hosted
    server.settings |= {"embedding_origins": [origin], "host_dial": host_dial}
    page, _ = await opened(context, origin, server)
    await page.wait_for_function("() => told.length >= 2")
    await page.evaluate(DIAL)
    assert await page.evaluate("dialed") == answer
    assert len(server.writes) == (host_dial == "dial")


async def test_given_a_page_that_may_show_but_not_command_then_it_hears_and_moves_nothing(
    context: BrowserContext, hosted: tuple[str, EventServer]
) -> None:
    origin, server = hosted
    page, frame = await opened(context, origin, server)
    await frame.wait_for_function("() => document.querySelector('cti-widget').store.state.connection === 'open'")
    await page.evaluate("void CtiWidget.dial('010-1234-5678').catch(() => {})")
    await server.tell("offer.made", offer=OFFER, call=CALL)
    await frame.wait_for_function("() => document.querySelector('cti-widget').store.state.agent.offer")
    assert await page.evaluate("told") == []
    assert server.writes == []


async def test_given_show_and_hide_then_the_frame_follows(
    context: BrowserContext, hosted: tuple[str, EventServer]
) -> None:
    origin, server = hosted
    page, _ = await opened(context, origin, server)
    frame = page.locator("iframe")
    assert await frame.get_attribute("title") == "Call Widget"
    await page.evaluate("CtiWidget.hide()")
    assert await frame.is_hidden()
    await page.evaluate("CtiWidget.show()")
    assert await frame.is_visible()


async def test_given_the_loader_then_it_is_at_most_four_kilobytes(page: Page, site: str) -> None:
    response = await page.goto(f"{site}/widget/loader.js")
    assert response is not None
    assert len(await response.body()) <= 4096
