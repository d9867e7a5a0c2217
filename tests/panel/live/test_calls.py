"""One agent and the customer, from the panel: every state of an inbound call, on the real bridge with real phones."""

import asyncio
import re

from playwright.async_api import expect

from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.desks import PanelStack
from tests.panel.live.hearing import is_on_hold, talk_together
from tests.panel.live.rooms import AT_ONCE, SHORT_S
from tests.panel.pages import Panel, settled
from tests.support.rooms import FORCED_HZ, PASSWORD

side_by_side = SideBySide(AT_ONCE)
PROCESSING = "Business (Ticket Processing)"


@side_by_side
async def test_given_a_wrong_password_then_the_form_says_so_and_the_right_one_logs_in(stack: PanelStack) -> None:
    async with stack.at_panels("login", log_in=False) as desk:
        desk.agent.watch.expect("401 POST .*/api/v1/login$")
        panel = await desk.panel.open(stack.bridge.url)
        await panel.log_in(desk.agent.cti_id, "not the password")
        await expect(desk.page.get_by_role("alert").filter(has_text="password")).to_be_visible()
        await expect(desk.page.get_by_label("Password", exact=True)).to_have_value("")
        await panel.log_in(desk.agent.cti_id, PASSWORD)
        await panel.label("Business")
        await panel.choose("Menu", "Logout")
        await expect(panel.button("Login")).to_be_visible()


@side_by_side
async def test_given_ready_rest_and_business_with_a_reason_then_each_is_shown_with_a_timer_that_runs(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("status", ready=False) as desk:
        panel = desk.panel
        await panel.ready()
        await panel.press("Rest")
        await panel.label("Rest")
        await panel.choose("Business", "Meeting")
        await panel.label("Business (Meeting)")
        timer = desk.page.get_by_role("group", name="Your state").get_by_role("timer")
        await expect(timer).to_have_text(re.compile("0:0[2-9]"))  # A busy machine draws no second on time.
        await expect(timer).to_have_text(re.compile("0:0[4-9]"))


@side_by_side
async def test_given_an_incoming_call_then_the_alert_counts_down_and_ends_when_the_phone_is_lifted(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("hold", sound=True) as desk:
        panel, page = desk.panel, desk.page
        title = await page.title()
        customer = await desk.desk.call(name="Kim Minsu")
        await panel.label("Ringing")
        alert = panel.region("Incoming call")
        await expect(alert).to_contain_text("Kim Minsu")
        await expect(alert).to_contain_text("hold-queue-1")
        left = alert.get_by_role("timer", name="Time left to answer")
        before = int(await left.inner_text())
        assert 10 <= before <= 15
        await expect(left).to_have_text(str(before - 2))
        await expect(panel.button("Answer")).to_have_count(0)
        await expect(desk.page.get_by_role("toolbar")).to_contain_text("Lift your phone")
        phone = await desk.agent.lift()
        await panel.label("Talking")
        await expect(page).to_have_title(title)
        await talk_together(phone, customer.call)
        await panel.press("Hold")
        await panel.label("On Hold")
        await is_on_hold(customer.call, phone)
        await panel.sees("customer has been on hold")
        await panel.press("Resume")
        await panel.label("Talking")
        await talk_together(phone, customer.call)
        await panel.press("Hang up")
        await panel.label(PROCESSING)
        await customer.call.ended()
        await phone.ended()


@side_by_side
async def test_given_answer_in_the_panel_then_the_phone_answers_by_itself(stack: PanelStack) -> None:
    async with stack.at_panels("answer") as desk:
        desk.agent.phone.obeys_headers = True
        customer = await desk.desk.call()
        await desk.panel.label("Ringing")
        assert desk.agent.phone.rang == 0
        await desk.panel.press("Answer")
        await desk.panel.label("Talking")
        phone = await desk.agent.phone.incoming()
        await talk_together(phone, customer.call)
        await customer.call.hang_up()
        await desk.panel.label(PROCESSING)
        await desk.panel.sees("customer")


@side_by_side
async def test_given_cancel_then_the_ringing_stops_and_the_reason_is_shown(stack: PanelStack) -> None:
    async with stack.at_panels("decline") as desk:
        customer = await desk.desk.call()
        ringing = await desk.agent.phone.incoming()
        await desk.panel.press("Cancel")
        await desk.panel.label("Business (Declined call)")
        await ringing.ended()
        await customer.call.hang_up()


@side_by_side
async def test_given_nobody_answers_in_time_then_the_missed_call_is_shown_and_ready_brings_it_back(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("missed") as desk:
        customer = await desk.desk.call()
        await desk.panel.label("Ringing")
        await desk.panel.label("Business (Missed call)")
        await expect(desk.panel.region("Incoming call")).to_have_count(0)
        await desk.panel.press("Ready")
        await desk.panel.label("Ringing")
        assert SHORT_S < 3
        await customer.call.hang_up()


@side_by_side
async def test_given_a_caller_who_leaves_then_nothing_rings_any_more(stack: PanelStack) -> None:
    async with stack.at_panels("caller-leaves") as desk:
        title = await desk.page.title()
        customer = await desk.desk.call()
        await desk.panel.label("Ringing")
        await expect(desk.page).not_to_have_title(title)
        await customer.call.hang_up()
        await desk.panel.label("Ready")
        await expect(desk.page).to_have_title(title)
        await expect(desk.panel.region("Incoming call")).to_have_count(0)


@side_by_side
async def test_given_the_phones_own_hold_key_then_the_panel_says_that_only_the_phone_can_end_it(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("hold-phone") as desk:
        phone, _ = await desk.answered()
        await phone.hold()
        await desk.panel.label("On Hold")
        await expect(desk.panel.button("Resume")).to_have_attribute("aria-disabled", "true")
        await phone.resume()
        await desk.panel.label("Talking")


@side_by_side
async def test_given_keys_of_the_panel_then_the_customer_gets_the_digits_in_order(stack: PanelStack) -> None:
    async with stack.at_panels("keypad") as desk:
        _, customer = await desk.answered()
        await desk.panel.choose("More", "Keypad")
        for key in "195#":
            await desk.panel.press(key)
        await desk.page.keyboard.type("0*")
        async with asyncio.timeout(10):
            while customer.digits != "195#0*":  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@side_by_side
async def test_given_force_disconnect_with_a_reason_then_the_message_is_played_and_the_ticket_says_so(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("forced") as desk:
        _, customer = await desk.answered()
        await desk.panel.choose("More", "Force Disconnect")
        dialog = desk.panel.dialog("Force Disconnect")
        await desk.panel.click(dialog.locator("label").filter(has_text="Threat"))
        await dialog.get_by_label("Note (optional)").fill("Said that he would come over.")
        await desk.panel.press("Disconnect", within=dialog)
        await customer.hears(FORCED_HZ)
        await desk.panel.label(PROCESSING)
        await customer.ended()
        await desk.panel.sees("Said that he would come over.")


@side_by_side
async def test_given_a_call_then_its_ticket_opens_by_itself_and_takes_comments_and_outcomes(stack: PanelStack) -> None:
    async with stack.at_panels("ticket") as desk:
        panel = desk.panel
        caller = stack.next_caller()
        customer = await desk.desk.call(caller=caller)
        await desk.agent.lift()
        ticket = panel.region("Ticket")
        await expect(ticket).to_be_visible()
        await expect(ticket).to_contain_text("It is the first time")
        await panel.fill("Add a Comment", "Wants the blue one instead.")
        await panel.press("Add a Comment")
        await expect(ticket.get_by_text("Wants the blue one instead.")).to_be_visible()
        await panel.press("Pending")
        await expect(panel.button("Pending")).to_have_attribute("aria-pressed", "true")
        await panel.press("Resolved")
        await expect(panel.button("Resolved")).to_have_attribute("aria-pressed", "true")
        await customer.call.hang_up()
        await panel.label(PROCESSING)
        await panel.ready()
        await desk.desk.call(caller=caller)
        await desk.agent.lift()
        await panel.label("Talking")
        earlier = panel.region("Earlier tickets of this number")
        await expect(earlier.get_by_text("Resolved")).to_be_visible()
        await panel.tab("Tickets")
        await expect(panel.region("My tickets").get_by_role("listitem")).to_have_count(2)


@side_by_side
async def test_given_a_comment_that_is_written_while_it_rings_then_it_lands_in_that_calls_ticket_alone(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("draft") as desk:
        panel, page, field = desk.panel, desk.page, desk.page.locator("textarea")
        _, former = await desk.answered()
        await field.fill("Half written about the former one.")
        await panel.sees("Kept as a draft.")
        await former.hang_up()
        await panel.label(PROCESSING)
        await panel.ready()
        await desk.desk.call()
        await panel.label("Ringing")
        await expect(field).to_have_value("")
        await field.fill("Rings for the second time.")
        await page.reload()
        await panel.label("Ringing")
        await expect(field).to_have_value("Rings for the second time.")
        await desk.agent.lift()
        await panel.label("Talking")
        await panel.press("Add a Comment")
        await expect(panel.region("What happened").get_by_text("Rings for the second time.")).to_be_visible()
        await panel.tab("Tickets")
        await panel.click(panel.region("My tickets").get_by_role("button").filter(has_text=re.compile("Draft")))
        await panel.sees("Not the ticket of this call")
        await expect(field).to_have_value("Half written about the former one.")
        await expect(panel.region("What happened").get_by_text("Rings for the second time.")).to_have_count(0)
        await panel.press("Back to the call")
        await expect(panel.region("What happened").get_by_text("Rings for the second time.")).to_be_visible()


@side_by_side
async def test_given_no_phone_then_the_panel_says_why_no_calls_come(stack: PanelStack) -> None:
    async with stack.at_panels("unreachable", ready=False) as desk:
        await desk.panel.click(desk.page.locator(".why summary"))
        await desk.panel.sees("The status is Business.")
        await desk.panel.ready()
        await desk.agent.phone.unregister()
        await desk.panel.sees(re.compile("The phone [0-9]+ cannot be reached"))
        await desk.agent.phone.register()
        await desk.panel.sees(re.compile("the next call is the agent's"))


@side_by_side
async def test_given_hostile_names_and_comments_then_they_are_shown_as_text(stack: PanelStack) -> None:
    name, text = "<img src=x onerror=alert(1)>", "<script>document.title='x'</script><b onclick=alert(1)>hi</b>"
    async with stack.at_panels("hostile") as desk:
        await desk.desk.call(name=name)
        await desk.panel.label("Ringing")
        await expect(desk.panel.region("Incoming call")).to_contain_text(name)
        await desk.agent.lift()
        await desk.panel.label("Talking")
        await desk.panel.fill("Add a Comment", text)
        await desk.panel.press("Add a Comment")
        await expect(desk.page.get_by_text(text)).to_be_visible()
        assert await desk.page.locator("img, b[onclick]").count() == 0


@side_by_side
async def test_given_only_a_keyboard_then_one_call_can_be_taken_from_login_to_ready(stack: PanelStack) -> None:
    async with stack.at_panels("keyboard", log_in=False) as desk:
        panel, keys = await desk.panel.open(stack.bridge.url), desk.page.keyboard
        await expect(desk.page.get_by_label("CTI ID", exact=True)).to_be_focused()
        await keys.type(desk.agent.cti_id)
        await keys.press("Tab")
        await keys.type(PASSWORD)
        await settled(panel.button("Login"))
        await keys.press("Enter")
        await panel.label("Business")
        await panel.usable()
        await panel.keys("Alt+R")
        await panel.label("Ready")
        customer = await desk.desk.call()
        phone = await desk.agent.lift()
        await panel.label("Talking")
        await panel.keys("Alt+H")
        await panel.label("On Hold")
        await panel.keys("Alt+H")
        await panel.label("Talking")
        await panel.keys("Alt+T")
        await expect(panel.dialog("Transfer")).to_be_visible()
        await keys.press("Escape")
        await expect(panel.dialog()).to_have_count(0)
        await _tab_to(panel, "More")
        await keys.press("Enter")
        await expect(panel.page.get_by_role("menuitem", name="Keypad")).to_be_focused()
        await keys.press("End")
        await settled(panel.page.get_by_role("menuitem", name="Force Disconnect"))
        await keys.press("Enter")
        await expect(panel.dialog("Force Disconnect")).to_be_visible()
        await keys.press("Escape")
        await expect(panel.button("More")).to_be_focused()
        await panel.keys("Alt+Q")
        await panel.label(PROCESSING)
        await customer.call.ended()
        await phone.ended()
        await panel.keys("Alt+R")
        await panel.label("Ready")


async def _tab_to(panel: Panel, name: str) -> None:
    """Press Tab until a button has the focus, which everybody sees."""
    wanted = panel.button(name)
    for _ in range(60):
        await panel.page.keyboard.press("Tab")
        if await wanted.evaluate("node => node.matches(':focus-visible')"):
            outline = await wanted.evaluate("node => getComputedStyle(node).outlineStyle")
            assert outline != "none", f"nobody sees that {name} has the focus"
            return
    raise AssertionError(f"Tab does not reach {name}")
