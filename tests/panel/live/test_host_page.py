"""The panel in a page of somebody else, such as a CRM, with real calls: events and commands, for configured origins."""

from typing import Any

from playwright.async_api import Page, expect

from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.desks import PanelAgent, PanelStack
from tests.panel.live.rooms import AT_ONCE
from tests.panel.pages import Panel
from tests.support.outside import RINGING
from tests.support.rooms import PASSWORD

side_by_side = SideBySide(AT_ONCE)
PROCESSING = "Business (Ticket Processing)"


async def _embedded(stack: PanelStack, agent: PanelAgent, host: str) -> Panel:
    """The panel within the host's page, logged in."""
    agent.watch.expect("Blocked autofocusing")
    page = agent.panel.page
    await page.goto(f"http://{host}:{stack.host}/?bridge={stack.bridge.url}")
    panel = Panel(page, page.frames[-1])
    await panel.log_in(agent.cti_id, PASSWORD)
    await panel.label("Business")
    return panel


async def _told(page: Page, kind: str) -> dict[str, Any]:
    """Wait until the host page was told this, and return what."""
    handle = await page.wait_for_function("(kind) => seen.find((message) => message.type === kind)", arg=kind)
    message: dict[str, Any] = await handle.json_value()
    return message


@side_by_side
async def test_given_a_host_page_then_it_is_told_of_the_call_from_ringing_to_its_end(stack: PanelStack) -> None:
    async with stack.at_panels("embedded", log_in=False) as desk:
        panel = await _embedded(stack, desk.agent, "127.0.0.1")
        await panel.ready()
        customer = await desk.desk.call()
        ringing = await _told(desk.page, "ringing")
        assert ringing["customer_number"] == customer.number
        await desk.agent.lift()
        answered = await _told(desk.page, "answered")
        assert answered["call_id"] == ringing["call_id"]
        assert (await _told(desk.page, "ticket.opened"))["customer_number"] == customer.number
        await customer.call.hang_up()
        ended = await _told(desk.page, "ended")
        assert (ended["call_id"], ended["ended_by"]) == (ringing["call_id"], "customer")
        told = await desk.page.evaluate("JSON.stringify(seen)")
        assert not [secret for secret in (PASSWORD, "csrf", "token") if secret in told]


@side_by_side
async def test_given_a_call_that_a_colleague_transfers_then_the_page_is_told_of_its_ticket(stack: PanelStack) -> None:
    async with stack.at_panels("handed-over", log_in=False) as desk:
        first, second = desk.agents
        await first.log_in()
        await first.panel.ready()
        _, customer = await desk.answered()
        panel, page = await _embedded(stack, second, "127.0.0.1"), second.panel.page
        await panel.ready()
        await first.panel.press("Transfer")
        dialog = first.panel.dialog("Transfer")
        await dialog.get_by_label("Transfer number").fill(second.cti_number)
        await first.panel.press("Connect", within=dialog)
        ringing = await _told(page, "ringing")
        assert await page.evaluate("seen.filter(({ type }) => type === 'ticket.opened')") == []
        await second.lift()
        opened = await _told(page, "ticket.opened")
        assert (opened["call_id"], opened["owner"]) == (ringing["call_id"], True)
        await customer.hang_up()
        await _told(page, "ended")
        assert await page.evaluate("seen.filter(({ type }) => type === 'ticket.opened').length") == 1


@side_by_side
async def test_given_a_host_on_another_site_then_login_and_dial_work_without_a_cookie(stack: PanelStack) -> None:
    async with stack.at_panels("embedded-far", log_in=False) as desk:
        panel = await _embedded(stack, desk.agent, "localhost")
        other = desk.desk.outside(RINGING)
        asked = "(number) => { window.dialed = CtiWidget.dial(number).catch((error) => error.code); }"
        await desk.page.evaluate(asked, other.number)
        await panel.press(f"Call {other.number}")
        assert (await desk.page.evaluate("dialed"))["call_id"]
        await panel.label("Dialing")
        await desk.agent.lift()
        await (await other.incoming()).answer()
        await panel.label("Talking")
        await panel.press("Hang up")
        await panel.label(PROCESSING)
        desk.agent.watch.expect("422 POST .*/me/dial$")
        await desk.page.evaluate(asked, "12")
        await panel.press("Call 12")
        assert await desk.page.evaluate("dialed") == "invalid_number"


@side_by_side
async def test_given_a_page_of_an_origin_that_is_not_configured_then_it_cannot_show_the_panel(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("embedded-not", log_in=False) as desk:
        desk.agent.watch.expect("frame-ancestors", "ERR_BLOCKED_BY_RESPONSE", "recipient window's origin")
        async with desk.page.expect_event("console", lambda message: "frame-ancestors" in message.text):
            await desk.page.goto(f"http://127.0.0.1:{stack.stranger}/?bridge={stack.bridge.url}")
        await expect(desk.page.frames[-1].get_by_label("CTI ID")).to_have_count(0)
        assert await desk.page.evaluate("seen.length") == 0
