"""An agent's day at the panel: nothing is out of sight in the evening, and every text is true."""

import pytest

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


@pytest.mark.soak
async def test_given_a_day_of_eighty_calls_then_every_ticket_is_found_and_says_what_happened(stack: PanelStack) -> None:
    async with stack.at_panels("day") as desk:
        day = Day(desk, stack.next_caller())
        await day.play(CALLS)
        await day.check_lists()
        await day.check_tickets()
        await day.check_rows()
        await day.check_history()
