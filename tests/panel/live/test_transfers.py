"""The three ways of the transfer dialog, consultation, and calls out, from the panel."""

import asyncio

from playwright.async_api import expect

from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.desks import PanelStack
from tests.panel.live.hearing import talk_together
from tests.panel.live.rooms import AT_ONCE
from tests.support.outside import RINGING
from tests.support.rooms import MUSIC_HZ

side_by_side = SideBySide(AT_ONCE)
PROCESSING, TRANSFER = "Business (Ticket Processing)", "On Call (Transfer in Progress)"


@side_by_side
async def test_given_a_consultation_with_a_colleague_then_connect_to_customer_hands_the_customer_over(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("consult") as desk:
        first, second = desk.agents
        phone, customer = await desk.answered()
        await first.panel.press("Transfer")
        dialog = first.panel.dialog("Transfer")
        await first.panel.tab("Available Agents")
        await dialog.get_by_label("Search by name or number").fill("consult-2")
        await expect(dialog.get_by_role("listitem")).to_have_count(1)
        await first.panel.press("Consultation Call: Agent consult-2", within=dialog)
        await first.panel.label(TRANSFER)
        await second.panel.label("Ringing")
        asked = await second.lift()
        await expect(
            first.panel.page.get_by_role("region", name="On Call (Transfer in Progress)").get_by_role("listitem")
        ).to_have_count(2)
        await asyncio.gather(customer.hears(MUSIC_HZ), talk_together(phone, asked))
        await first.panel.press("Connect to Customer")
        await first.panel.label(PROCESSING)
        await second.panel.label("Talking")
        await talk_together(asked, customer)
        await expect(second.panel.region("Ticket")).to_be_visible()
        await second.panel.press("Hang up")
        await customer.ended()


@side_by_side
async def test_given_cancel_of_a_consultation_then_the_customer_is_on_hold_until_resume(stack: PanelStack) -> None:
    async with stack.at_panels("consult-leaves") as desk:
        first, second = desk.agents
        phone, customer = await desk.answered()
        await first.panel.press("Transfer")
        dialog = first.panel.dialog("Transfer")
        await dialog.get_by_label("Transfer number").fill(second.cti_number)
        await first.panel.press("Consultation Call", within=dialog)
        await second.lift()
        await second.panel.label("Talking")
        await first.panel.press("Cancel")
        await first.panel.label("On Hold")
        await second.panel.label(PROCESSING)
        await first.panel.press("Resume")
        await talk_together(phone, customer)


@side_by_side
async def test_given_a_busy_target_then_the_reason_is_shown_on_hold(stack: PanelStack) -> None:
    async with stack.at_panels("consult-busy") as desk:
        first = desk.agent
        await desk.answered()
        busy = desk.desk.outside(486)
        await first.panel.press("Transfer")
        dialog = first.panel.dialog("Transfer")
        await dialog.get_by_label("Transfer number").fill(busy.number)
        await first.panel.press("Consultation Call", within=dialog)
        await first.panel.label("On Hold")
        await first.panel.sees("is busy.")


@side_by_side
async def test_given_connect_to_a_number_then_the_call_leaves_the_agent_at_once(stack: PanelStack) -> None:
    async with stack.at_panels("transfer-direct") as desk:
        _, customer = await desk.answered()
        other = desk.desk.outside(RINGING)
        await desk.panel.press("Transfer")
        dialog = desk.panel.dialog("Transfer")
        await dialog.get_by_label("Transfer number").fill(other.number)
        await desk.panel.press("Connect", within=dialog)
        far = await other.incoming()
        await desk.panel.label(PROCESSING)
        await far.answer()
        await talk_together(far, customer)
        await customer.hang_up()


@side_by_side
async def test_given_frequent_numbers_then_they_are_added_used_and_removed(stack: PanelStack) -> None:
    async with stack.at_panels("transfer-frequent") as desk:
        panel = desk.panel
        _, customer = await desk.answered()
        other = desk.desk.outside(RINGING)
        await panel.press("Transfer")
        dialog = panel.dialog("Transfer")
        await panel.tab("Frequently Used")
        for label, number in (("Warehouse", other.number), ("Garage", desk.desk.outside().number)):
            await panel.press("Add", within=dialog)
            form = dialog.get_by_role("form", name="Add a number")
            await form.get_by_label("Number").fill(number)
            await form.get_by_label("Name").fill(label)
            await panel.press("Save", within=form)
            await expect(dialog.get_by_text(label)).to_be_visible()
        await panel.press("Remove Garage", within=dialog)
        await expect(dialog.get_by_text("Garage")).to_have_count(0)
        await panel.press("Connect: Warehouse", within=dialog)
        far = await other.incoming()
        await far.answer()
        await talk_together(far, customer)


@side_by_side
async def test_given_connect_to_a_colleague_nobody_lifts_then_recall_brings_the_customer_back(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("transfer-agents") as desk:
        first, second = desk.agents
        _, customer = await desk.answered()
        await first.panel.press("Transfer")
        await first.panel.tab("Available Agents")
        await first.panel.press(f"Connect: Agent {second.cti_id}", within=first.panel.dialog("Transfer"))
        await first.panel.label(PROCESSING)
        await second.panel.label("Ringing")
        await first.panel.press("Take the call back")
        await first.panel.label("Ringing")
        back = await first.lift()
        await first.panel.label("Talking")
        await talk_together(back, customer)


@side_by_side
async def test_given_a_queue_then_the_agent_is_free_and_who_is_next_has_the_customer_and_the_memo(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("transfer-queues") as desk:
        first, second = desk.agents
        _, customer = await desk.answered()
        await first.panel.press("Transfer")
        await first.panel.tab("Queues")
        dialog, queue = first.panel.dialog("Transfer"), desk.desk.furnished.queues[0]
        await expect(dialog.get_by_text("0 wait · 2 work")).to_be_visible()
        await first.panel.fill("Memo that goes along", "Identity checked.")
        await first.panel.press(f"Connect: {queue}", within=dialog)
        await first.panel.label(PROCESSING)
        phone = await second.lift()
        await second.panel.label("Talking")
        await talk_together(phone, customer)
        await second.panel.sees("Identity checked.")
        await customer.hang_up()


@side_by_side
async def test_given_dial_up_then_the_agents_phone_rings_then_the_customers(stack: PanelStack) -> None:
    async with stack.at_panels("out", ready=False) as desk:
        other = desk.desk.outside(RINGING)
        await desk.ring_out(other.number)
        await desk.panel.label("Dialing")
        phone = await desk.agent.lift()
        far = await other.incoming()
        assert desk.desk.furnished.calling_number in far.caller
        await far.answer()
        await desk.panel.label("Talking")
        await talk_together(phone, far)
        await desk.panel.press("Hang up")
        await asyncio.gather(far.ended(), phone.ended())
        await desk.panel.label(PROCESSING)


@side_by_side
async def test_given_dial_up_to_who_is_busy_then_the_panel_says_so(stack: PanelStack) -> None:
    async with stack.at_panels("out-busy", ready=False) as desk:
        desk.agent.watch.expect("422 POST .*/me/dial$")
        await desk.ring_out("12")
        await expect(desk.panel.dialog("Dial up").get_by_role("alert").filter(has_text="number")).to_be_visible()
        busy = desk.desk.outside(486)
        await desk.page.get_by_label("Customer number").fill(busy.number)
        await desk.panel.press("Confirm")
        await desk.agent.lift()
        await desk.panel.sees("The customer is busy")
        await desk.panel.label("Business")
