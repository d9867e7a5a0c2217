"""A microphone that the agent has closed stays closed until the agent opens it: not one frame of it is heard, whatever
becomes of the page. Mute ends with the call."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import expect

from tests.acceptance.hearing import assert_heard
from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.desks import PanelAgent, PanelDesk, PanelStack
from tests.panel.live.hearing import MutedFrom, talk_together
from tests.panel.live.rooms import AT_ONCE
from tests.panel.page_phone import PagePhone
from tests.panel.pages import Panel
from tests.panel.watch import Watch
from tests.support.party import Party
from tests.support.rooms import PASSWORD

side_by_side = SideBySide(AT_ONCE)
PROCESSING = "Business (Ticket Processing)"

_KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    sockets.push(this);
  }
};
"""


@asynccontextmanager
async def _talking(stack: PanelStack, room: str, script: str = "") -> AsyncIterator[tuple[PanelDesk, PagePhone, Party]]:
    """An agent with the phone in the page talks to a customer."""
    async with stack.at_panels(room, log_in=False) as desk:
        desk.agent.watch.expect(PagePhone.COMPLAINT)
        if script:
            await desk.agent.context.add_init_script(script)
        phone = await PagePhone.of(desk.agent.context)
        await desk.agent.log_in()
        await desk.panel.sees("Phone ready")
        await desk.panel.ready()
        customer = await desk.desk.call()
        await desk.panel.press("Answer")
        await desk.panel.label("Talking")
        await talk_together(phone, customer.call)
        yield desk, phone, customer.call


async def _mute(panel: Panel, phone: PagePhone, customer: Party) -> MutedFrom:
    await panel.press("Mute")
    await assert_heard({customer: []}, phone.tone_hz)
    return MutedFrom(customer, phone.tone_hz, time.monotonic())


async def _still_muted(panel: Panel, phone: PagePhone, customer: Party, muted: MutedFrom) -> None:
    """The agent is back and hears the customer, who has not heard one frame, and does when the agent says so."""
    since = time.monotonic()
    await panel.label("Talking")
    await phone.hears(customer.tone_hz, since=since)
    await customer.listen(1.0)
    muted.check()
    await expect(panel.button("Muted")).to_have_attribute("aria-pressed", "true")
    await panel.press("Muted")
    await talk_together(phone, customer)


@side_by_side
async def test_given_a_muted_microphone_when_the_page_is_loaded_anew_then_it_stays_muted_and_ends_with_the_call(
    stack: PanelStack,
) -> None:
    async with _talking(stack, "mute-reload") as (desk, phone, customer):
        panel = desk.panel
        muted = await _mute(panel, phone, customer)
        # "Reconnecting" can be over before the new page is there.
        await desk.page.reload()
        await _still_muted(panel, phone, customer, muted)
        await panel.press("Hold")
        await panel.label("On Hold")
        await panel.press("Mute")
        muted = MutedFrom(customer, phone.tone_hz, time.monotonic())
        await desk.page.reload()
        await panel.label("On Hold")
        await panel.press("Resume")
        await _still_muted(panel, phone, customer, muted)
        await panel.press("Mute")
        await panel.press("Hang up")
        await panel.label(PROCESSING)
        await panel.ready()
        another = await desk.desk.call()
        await panel.press("Answer")
        await panel.label("Talking")
        await talk_together(phone, another.call)


@side_by_side
async def test_given_a_muted_microphone_when_the_tab_with_the_phone_closes_then_it_is_muted_in_the_other_one(
    stack: PanelStack,
) -> None:
    async with _talking(stack, "mute-tab") as (desk, phone, customer):
        other = await desk.agent.tab()
        await other.sees("Sound and phone are in another tab.")
        muted = await _mute(other, phone, customer)
        await expect(desk.panel.button("Muted")).to_have_attribute("aria-pressed", "true")
        async with other.passes("Reconnecting"):
            await desk.page.close()
        await _still_muted(other, phone, customer, muted)


@side_by_side
async def test_given_a_muted_microphone_when_the_phones_connection_breaks_then_it_stays_muted(
    stack: PanelStack,
) -> None:
    async with _talking(stack, "mute-network", _KEEP_SOCKETS) as (desk, phone, customer):
        muted = await _mute(desk.panel, phone, customer)
        async with desk.panel.passes("Reconnecting"):
            await desk.page.evaluate(
                "(url) => sockets.findLast((one) => one.url === url).close()", stack.browser_phone_url
            )
        await _still_muted(desk.panel, phone, customer, muted)


@side_by_side
async def test_given_a_call_that_another_browser_had_then_it_is_taken_up_muted_and_the_page_says_so(
    stack: PanelStack,
) -> None:
    async with _talking(stack, "mute-unknown") as (desk, phone, customer):
        muted = await _mute(desk.panel, phone, customer)
        context = await stack.browser.new_context()
        watch = Watch().over(context)
        watch.expect(PagePhone.COMPLAINT)
        elsewhere = await PagePhone.of(context)
        panel = Panel(await context.new_page())
        other = PanelAgent(desk.agent.cti_id, desk.agent.cti_number, context, panel, watch, stack.bridge.url)
        await panel.open(other.origin)
        await panel.log_in(other.cti_id, PASSWORD)
        await panel.sees("this page does not know whether you had muted yourself")
        await _still_muted(panel, elsewhere, customer, muted)
        await panel.press("Hang up")
        await panel.label(PROCESSING)
        await context.close()
        watch.check()
