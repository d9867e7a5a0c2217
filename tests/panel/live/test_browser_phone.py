"""The phone in the page: the customer hears its microphone and it hears the customer; a reload loses nobody."""

import asyncio
import re

from playwright.async_api import expect

from tests.acceptance.hearing import assert_heard
from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.desks import PanelStack
from tests.panel.live.hearing import is_on_hold, talk_together
from tests.panel.live.rooms import AT_ONCE
from tests.panel.page_phone import PagePhone
from tests.support.outside import RINGING
from tests.support.rooms import MUSIC_HZ

side_by_side = SideBySide(AT_ONCE)
PROCESSING = "Business (Ticket Processing)"


@side_by_side
async def test_given_the_phone_in_the_page_then_both_are_heard_through_answer_hold_reload_and_hang_up(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("browser", log_in=False) as desk:
        panel, page = desk.panel, desk.page
        desk.agent.watch.expect(PagePhone.COMPLAINT)
        phone = await PagePhone.of(desk.agent.context)
        await desk.agent.log_in()
        await panel.sees("Phone ready")
        await expect(panel.page.get_by_label("Microphone")).to_have_value(re.compile("."))
        await panel.ready()
        customer = await desk.desk.call()
        await panel.label("Ringing")
        await panel.press("Answer")
        await panel.label("Talking")
        await talk_together(phone, customer.call)
        await panel.press("Mute")
        await assert_heard({customer.call: []}, phone.tone_hz)
        await panel.press("Muted")
        await talk_together(phone, customer.call)
        await panel.press("Hold")
        await panel.label("On Hold")
        await is_on_hold(customer.call, phone)
        await panel.press("Resume")
        await panel.label("Talking")
        await talk_together(phone, customer.call)
        await page.reload()
        await customer.call.hears(MUSIC_HZ)
        await panel.label("Talking")
        await talk_together(phone, customer.call)
        await panel.press("Hang up")
        await panel.label(PROCESSING)
        await customer.call.ended()


@side_by_side
async def test_given_the_phone_in_the_page_then_dial_up_needs_no_other_phone(stack: PanelStack) -> None:
    async with stack.at_panels("browser-out", log_in=False) as desk:
        desk.agent.watch.expect(PagePhone.COMPLAINT)
        phone = await PagePhone.of(desk.agent.context)
        await desk.agent.log_in()
        await desk.panel.sees("Phone ready")
        other = desk.desk.outside(RINGING)
        await expect(desk.panel.button("Dial up")).not_to_have_attribute("aria-disabled", "true")
        await desk.ring_out(other.number)
        far = await other.incoming()
        await far.answer()
        await desk.panel.label("Talking")
        await talk_together(phone, far)
        await asyncio.gather(far.hang_up(), desk.panel.label(PROCESSING))
