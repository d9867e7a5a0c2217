"""As it is in production: the panel over https, the phone in the page over wss to the PBX's own TLS, and the panel in
the pages of a CRM of another site, whose frames' cookies and storage browsers keep apart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, expect

from tests.acceptance.hearing import assert_heard
from tests.acceptance.side_by_side import SideBySide
from tests.panel.browser import open_strict_browser
from tests.panel.live.desks import PanelDesk, PanelStack
from tests.panel.live.hearing import MutedFrom, talk_together
from tests.panel.live.rooms import AT_ONCE
from tests.panel.page_phone import PagePhone
from tests.panel.pages import WITHIN_S, Panel
from tests.panel.site import SITES, open_host
from tests.panel.watch import Watch
from tests.support.certificates import Certificate
from tests.support.outside import RINGING
from tests.support.rooms import PASSWORD, Room
from tests.support.stack import Customer, Desk

side_by_side = SideBySide(AT_ONCE)
PROCESSING = "Business (Ticket Processing)"
OWN_SITE, CRM, OTHER_CRM = SITES
USUAL = (PagePhone.COMPLAINT, "Blocked autofocusing")
ROOM_NAMES = ("tls", "frame", "mute", "dial", "own", "pop-out", "strict")
ROOMS = [Room(name, answer="browser", outbound=True) for name in ROOM_NAMES]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, certificate: Certificate
) -> AsyncIterator[PanelStack]:
    """A system of its own, in which everything that a browser comes to speaks TLS."""
    directory = tmp_path_factory.mktemp("tls-stack")
    async with (
        open_host(certificate) as host,
        PanelStack(directory, ROOMS, browser, host=host, stranger=0, policy="", certificate=certificate) as stack,
    ):
        yield stack


def _crm(stack: PanelStack, site: str, bridge: str = "") -> str:
    """The address of a CRM's page that loads the panel."""
    return f"https://{site}:{stack.host}/?bridge={bridge or stack.bridge.url}"


async def _in_frame(page: Page, address: str) -> Panel:
    """The panel in the page there."""
    await page.goto(address)
    return Panel(page, page.frames[-1])


@asynccontextmanager
async def _agent_in_crm(stack: PanelStack, room: str, site: str) -> AsyncIterator[tuple[PanelDesk, Panel, PagePhone]]:
    """An agent who has logged in within a CRM's page, whose phone is there too."""
    async with stack.at_panels(room, log_in=False) as desk:
        desk.agent.watch.expect(*USUAL)
        phone = await PagePhone.of(desk.agent.context)
        panel = await _in_frame(desk.page, _crm(stack, site))
        await _log_in(panel, desk.agent.cti_id)
        yield desk, panel, phone


async def _log_in(panel: Panel, cti_id: str) -> None:
    await panel.log_in(cti_id, PASSWORD)
    await panel.sees("Phone ready")


async def _answered(desk: Desk, panel: Panel) -> Customer:
    """A customer calls, and the agent answers in the page."""
    await panel.ready()
    customer = await desk.call()
    await panel.press("Answer")
    await panel.label("Talking")
    return customer


async def _told(page: Page, kind: str) -> dict[str, Any]:
    """Wait until the CRM was told this."""
    found = await page.wait_for_function("(kind) => seen.find((message) => message.type === kind)", arg=kind)
    message: dict[str, Any] = await found.json_value()
    return message


async def _coding(page: Page, address: str) -> str:
    """How a file comes, by the browser's own wish."""
    async with page.expect_response(address) as answer:
        await page.evaluate("(address) => fetch(address, {cache: 'reload'})", address)
    return await (await answer.value).header_value("content-encoding") or ""


@side_by_side
async def test_given_tls_on_all_ways_then_agent_and_customer_hear_each_other(stack: PanelStack) -> None:
    async with stack.at_panels("tls", log_in=False) as desk:
        desk.agent.watch.expect(*USUAL)
        phone = await PagePhone.of(desk.agent.context)
        async with desk.page.expect_websocket(lambda socket: socket.url == stack.browser_phone_url):
            await desk.agent.log_in()
        await desk.panel.sees("Phone ready")
        assert stack.bridge.url.startswith("https:") and stack.browser_phone_url.startswith("wss:")
        customer = await _answered(desk.desk, desk.panel)
        await talk_together(phone, customer.call)
        await desk.panel.press("Hang up")
        await desk.panel.label(PROCESSING)
        await customer.call.ended()
        # It is compressed beside the rest; a browser that comes first gets another coding.
        async with asyncio.timeout(WITHIN_S):
            while await _coding(desk.page, f"{stack.bridge.url}/widget/main.js") != "br":
                pass


@side_by_side
async def test_given_a_crm_of_another_site_then_login_phone_and_events_work_there_and_outlast_a_reload(
    stack: PanelStack,
) -> None:
    async with _agent_in_crm(stack, "frame", CRM) as (desk, panel, phone):
        customer = await _answered(desk.desk, panel)
        await talk_together(phone, customer.call)
        assert (await _told(desk.page, "ticket.opened"))["customer_number"] == customer.number
        await desk.page.reload()
        panel = Panel(desk.page, desk.page.frames[-1])
        await panel.label("Talking")
        await talk_together(phone, customer.call)
        await panel.press("Hang up")
        await panel.label(PROCESSING)
        assert (await _told(desk.page, "ended"))["ended_by"] == "agent"


@side_by_side
async def test_given_a_muted_microphone_when_the_crm_changes_its_page_then_it_stays_muted(stack: PanelStack) -> None:
    async with _agent_in_crm(stack, "mute", CRM) as (desk, panel, phone):
        customer = await _answered(desk.desk, panel)
        await talk_together(phone, customer.call)
        await panel.press("Mute")
        await assert_heard({customer.call: []}, phone.tone_hz)
        muted = MutedFrom(customer.call, phone.tone_hz, time.monotonic())
        panel = await _in_frame(desk.page, f"{_crm(stack, CRM)}&ticket=2")
        since = time.monotonic()
        await panel.label("Talking")
        await phone.hears(customer.call.tone_hz, since=since)
        await customer.call.listen(1.0)
        muted.check()
        await panel.press("Muted")
        await talk_together(phone, customer.call)


@side_by_side
async def test_given_a_crm_of_another_site_then_a_number_clicked_there_is_dialled(stack: PanelStack) -> None:
    async with _agent_in_crm(stack, "dial", CRM) as (desk, panel, phone):
        other = desk.desk.outside(RINGING)
        # The bridge has heard of the phone too.
        await expect(panel.button("Dial up")).not_to_have_attribute("aria-disabled", "true")
        await desk.page.evaluate("(number) => { window.dialed = CtiWidget.dial(number); }", other.number)
        await panel.press(f"Call {other.number}")
        dialed = await desk.page.evaluate("dialed")
        called = await other.incoming()
        await called.answer()
        await panel.label("Talking")
        await talk_together(phone, called)
        assert (await _told(desk.page, "answered"))["call_id"] == dialed["call_id"]


@side_by_side
async def test_given_a_login_in_a_crm_then_its_cookie_is_of_that_place_alone(stack: PanelStack) -> None:
    async with stack.at_panels("own", log_in=False) as desk:
        desk.agent.watch.expect(*USUAL)
        panel = await _in_frame(desk.page, _crm(stack, CRM))
        async with desk.page.expect_response("**/api/v1/login") as answer:
            await _log_in(panel, desk.agent.cti_id)
        cookie = await (await answer.value).header_value("set-cookie") or ""
        assert set(cookie.split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=None", "Secure", "Partitioned"}
        (kept,) = await desk.agent.context.cookies()
        assert kept["partitionKey"] == f"https://{CRM}"
        assert panel.frame is not None and await panel.frame.evaluate("document.cookie") == ""
        for address, asked in (
            (_crm(stack, CRM), True),
            (_crm(stack, OTHER_CRM), False),
            (_crm(stack, OWN_SITE), False),
            (f"{stack.bridge.url}/widget/", False),
        ):
            assert await _sends_cookie(desk.agent.context, address) is asked, address
        await panel.label("Business")


async def _sends_cookie(context: BrowserContext, address: str) -> bool:
    """Whether the panel's first question comes with a cookie when the page there is opened; it shows what it then
    knows."""
    page = await context.new_page()
    async with page.expect_request("**/api/v1/session") as first:
        await page.goto(address)
    asked: Request = await first.value
    sent = await asked.header_value("cookie") is not None
    root = page.frames[-1]
    await expect(
        root.get_by_label("CTI ID") if not sent else root.get_by_role("group", name="Your state")
    ).to_be_visible()
    await page.close()
    return sent


@side_by_side
async def test_given_a_crm_of_another_site_then_the_panels_own_window_shares_session_and_phone(
    stack: PanelStack,
) -> None:
    async with _agent_in_crm(stack, "pop-out", CRM) as (desk, panel, phone):
        customer = await _answered(desk.desk, panel)
        own = await _own_window(panel)
        await own.label("Talking")
        await own.press("Hold")
        await panel.label("On Hold")
        await own.press("Resume")
        await panel.label("Talking")
        await talk_together(phone, customer.call)
        await own.page.reload()
        await own.press("Hang up")
        await own.label(PROCESSING)
        assert (await _told(desk.page, "ended"))["ended_by"] == "agent"
        await own.page.close()
        await panel.ready()
        own = await _own_window(panel)
        await own.label("Ready")
        await desk.page.goto(f"{stack.bridge.url}/healthz")
        await expect(own.root.get_by_label("CTI ID")).to_be_visible()


async def _own_window(panel: Panel) -> Panel:
    """The pop-out."""
    async with panel.page.context.expect_page() as opened:
        await panel.choose("Menu", "Open in its own window")
    return Panel(await opened.value)


@asynccontextmanager
async def _strict_browser(stack: PanelStack, blocked: str) -> AsyncIterator[tuple[Page, PagePhone]]:
    """A page of somebody who blocks third-party cookies, and all that the origin ``blocked`` could keep."""
    directory = stack.directory / "browser"
    directory.mkdir()
    assert stack.certificate is not None
    watch = Watch()
    watch.expect(*USUAL)
    async with open_strict_browser(directory, stack.certificate.fingerprint, blocked) as context:
        watch.over(context)
        phone = await PagePhone.of(context)
        yield await context.new_page(), phone
        watch.check()


@side_by_side
async def test_given_third_party_cookies_are_blocked_then_a_reload_keeps_the_session_and_without_any_it_asks_again(
    stack: PanelStack,
) -> None:
    blocked = f"https://{CRM}:{stack.bridge.port}"
    async with (
        stack.desk("strict", ready=False, panels=False) as desk,
        _strict_browser(stack, blocked) as (page, phone),
    ):
        cti_id = desk.furnished.seats[0].cti_id
        await _log_in(await _in_frame(page, _crm(stack, OTHER_CRM)), cti_id)
        await page.reload()
        await Panel(page, page.frames[-1]).label("Business")
        await page.goto("about:blank")  # So that the panel asks for nothing between its cookie's end and its own.
        await page.context.clear_cookies()

        panel = await _in_frame(page, _crm(stack, OTHER_CRM, blocked))
        await _log_in(panel, cti_id)
        customer = await _answered(desk, panel)
        await talk_together(phone, customer.call)
        await page.reload()
        panel = Panel(page, page.frames[-1])
        await _log_in(panel, cti_id)
        await panel.label("Talking")
        # Nothing could be kept, so the page cannot know whether the microphone was muted.
        await panel.sees("this page does not know whether you had muted yourself")
        await panel.press("Muted")
        await talk_together(phone, customer.call)
        assert await page.context.cookies() == []
