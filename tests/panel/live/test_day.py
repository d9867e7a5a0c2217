"""An agent's day at the panel: nothing is out of sight in the evening, and every text is true."""

import pytest
from playwright.async_api import expect

from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.day import Day
from tests.panel.live.desks import PanelStack
from tests.panel.live.rooms import AT_ONCE

side_by_side = SideBySide(AT_ONCE)
CALLS = 80


@side_by_side
async def test_given_a_few_calls_and_a_regular_customer_then_every_ticket_is_found_and_says_what_happened(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("day") as desk:
        day = Day(desk, stack.next_caller())
        await day.with_earlier_tickets(60)
        await day.play(5)
        await day.check_lists()
        await day.check_history()


@side_by_side
async def test_given_calls_in_and_out_one_that_was_declined_and_a_meeting_then_my_day_has_them(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("my-day") as desk:
        panel, customer = desk.panel, stack.next_caller()
        day = Day(desk, stack.next_caller())
        await day.talk(day.regular, status="Resolved", agent_ends=True)
        await panel.ready()
        await day.dial()
        await panel.ready()
        await desk.desk.call(caller=customer)
        await panel.label("Ringing")
        await panel.press("Cancel")
        await panel.label("Business (Declined call)")
        await panel.choose("Business", "Meeting")
        await panel.label("Business (Meeting)")
        await panel.tab("My day")
        mine = panel.region("My day")
        for name, count, below in (("Calls in", "1", "of 2 offered"), ("Calls out", "1", "of 1 tried")):
            figure = mine.locator("dl > div").filter(has=panel.root.get_by_text(name, exact=True))
            await expect(figure.locator("strong")).to_have_text(count)
            await expect(figure).to_contain_text(below)
        missed = mine.locator(".day-missed > li")
        await expect(missed).to_have_count(1)
        await expect(missed).to_contain_text(f"{customer[-3:]}Declined")
        await expect(mine).not_to_contain_text(customer[-8:])
        for state in ("Ready", "Talking", "Meeting", "Dialing", "Business (Ticket Processing)"):
            await expect(mine.locator(".day-states > li").filter(has_text=state).first).to_be_visible()


@pytest.mark.soak
async def test_given_a_day_of_eighty_calls_then_every_ticket_is_found_and_says_what_happened(stack: PanelStack) -> None:
    async with stack.at_panels("day") as desk:
        day = Day(desk, stack.next_caller())
        await day.play(CALLS)
        await day.check_lists()
        await day.check_tickets()
        await day.check_rows()
        await day.check_history()
