"""Which ticket stands in front while a call is there, and where a comment lands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

FORMER, OTHER_NUMBER = "T-1000", "+821099998888"
OTHER = "Not the ticket of this call"
FORMER_TICKET = recorded.ticket(
    ticket_id=FORMER, call_id="an-earlier-call", customer_number=OTHER_NUMBER, comments=[], events=[]
)
EARLIER = recorded.ticket_line("T-1987", "resolved", 4 * 86_400, call_id="of-last-week")


@asynccontextmanager
async def at_former_ticket(page: Page, **changes: object) -> AsyncIterator[tuple[Panel, RecordedBridge]]:
    """An agent without a call, with the former customer's ticket in front."""
    tickets = [recorded.ticket_line(FORMER, call_id="an-earlier-call", customer_number=OTHER_NUMBER), EARLIER]
    others = {FORMER: FORMER_TICKET, "T-1987": recorded.ticket(**EARLIER)}
    bridge = RecordedBridge(others=others, tickets=tickets)
    for name, value in changes.items():
        setattr(bridge, name, value)
    async with recorded_bridge(bridge) as made:
        panel = await Panel(page).open(made.origin)
        await panel.label(bridge.agent["label"])
        await made.listened_to()
        await open_ticket(panel, "9999-8888")
        yield panel, made
        await page.goto("about:blank")


async def open_ticket(panel: Panel, text: str) -> None:
    """Out of the list of one's own."""
    await panel.tab("Tickets")
    await panel.click(panel.region("My tickets").get_by_role("button").filter(has_text=text).first)
    await expect(panel.region("Ticket")).to_be_visible()


def comment(panel: Panel) -> Locator:
    """The field, wherever it lands."""
    return panel.root.locator("textarea")


def sent(bridge: RecordedBridge) -> list[tuple[str, str]]:
    """(ticket, text) of the comments that were sent."""
    return [
        (path.split("/")[1], body["text"])
        for method, path, body in bridge.asked
        if method == "POST" and path.endswith("/comments")
    ]


BEGINS: list[Json] = [recorded.ringing(), recorded.dialing("dialing_agent"), recorded.dialing()]


@pytest.mark.parametrize("begins", BEGINS, ids=["ringing", "dialing-agent", "dialing"])
async def test_given_a_call_that_begins_then_the_former_ticket_goes_and_a_draft_follows_to_the_calls_ticket(
    page: Page, begins: Json
) -> None:
    async with at_former_ticket(page) as (panel, bridge):
        await bridge.show(begins)
        await panel.label(begins["label"])
        ticket = panel.region("Ticket")
        await expect(ticket).to_contain_text("It opens when the customer is connected.")
        await expect(ticket.get_by_text("9999-8888")).to_have_count(0)
        await comment(panel).press_sequentially("Wants the ")
        await expect(panel.button("Add a Comment")).to_have_attribute("aria-disabled", "true")
        await panel.sees("It goes to the ticket of this call, where you send it.")
        await comment(panel).press("Control+Enter")
        number = begins["call"]["customer_number"]
        await bridge.show(recorded.talking(customer_number=number))
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.sees("Ordered on Monday")
        await expect(comment(panel)).to_be_focused()
        await comment(panel).press_sequentially("blue one.")
        await expect(comment(panel)).to_have_value("Wants the blue one.")
        assert sent(bridge) == [], "a draft is never sent by itself"
        await panel.press("Add a Comment")
        await expect(comment(panel)).to_have_value("")
        assert sent(bridge) == [(recorded.TICKET, "Wants the blue one.")]


@pytest.mark.parametrize("ticket_first", [True, False])
async def test_given_a_call_that_is_connected_then_its_ticket_comes_in_either_order(
    page: Page, ticket_first: bool
) -> None:
    async with at_former_ticket(page) as (panel, bridge):
        await bridge.show(recorded.ringing())
        await panel.label("Ringing")
        await open_ticket(panel, "9999-8888")
        await panel.sees(OTHER)
        if ticket_first:
            await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await bridge.show(recorded.talking())
        if not ticket_first:
            await panel.sees("Ordered on Monday")
            await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.sees("Ordered on Monday")
        await panel.sees_no(OTHER)


async def test_given_an_offer_that_comes_to_nothing_then_the_former_ticket_is_there_again(page: Page) -> None:
    async with at_former_ticket(page) as (panel, bridge):
        await bridge.show(recorded.ringing())
        await panel.label("Ringing")
        await panel.sees_no("+82 10-9999-8888")
        await bridge.show(recorded.business("missed", "Missed call"))
        await expect(panel.region("Ticket")).to_contain_text("9999-8888")


async def test_given_another_ticket_opened_in_a_call_then_it_says_so_and_the_button_says_where_it_lands(
    page: Page,
) -> None:
    async with at_former_ticket(page, agent=recorded.talking()) as (panel, bridge):
        await panel.sees(OTHER)
        await comment(panel).fill("For the former one.")
        where = panel.root.get_by_role("button", name="Add to the ticket of +82 10-9999-8888")
        await panel.click(where)
        await expect(comment(panel)).to_have_value("")
        assert sent(bridge) == [(FORMER, "For the former one.")]
        await panel.press("Back to the call")
        await panel.sees("Ordered on Monday")
        await panel.sees_no(OTHER)
        await comment(panel).fill("For the call.")
        await panel.press("Add a Comment")
        await expect(comment(panel)).to_have_value("")
        assert sent(bridge)[1:] == [(recorded.TICKET, "For the call.")]


async def test_given_an_earlier_ticket_of_the_same_customer_then_it_is_another_one_too(page: Page) -> None:
    async with at_former_ticket(page, agent=recorded.talking()) as (panel, _):
        await panel.press("Back to the call")
        await panel.sees("Ordered on Monday")
        await panel.click(
            panel.region("Earlier tickets of this number").get_by_role("button").filter(has_text="Resolved")
        )
        await panel.sees(OTHER)
        await panel.press("Close the ticket")
        await panel.sees("Ordered on Monday")
        await panel.sees_no(OTHER)


async def test_given_an_agent_who_writes_when_a_call_comes_then_nothing_goes_from_under_their_hands(page: Page) -> None:
    async with at_former_ticket(page) as (panel, bridge):
        await comment(panel).press_sequentially("Was promised a call ")
        await bridge.show(recorded.ringing())
        await panel.label("Ringing")
        await panel.sees(OTHER)
        await comment(panel).press_sequentially("back ")
        await bridge.show(recorded.talking())
        await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.label("Talking")
        await comment(panel).press_sequentially("tomorrow.")
        await comment(panel).press("Control+Enter")
        await expect(comment(panel)).to_have_value("")
        assert sent(bridge) == [(FORMER, "Was promised a call back tomorrow.")]
        await panel.button("Hold").focus()
        await panel.sees("Ordered on Monday")
        await panel.sees_no(OTHER)


async def test_given_a_reload_while_it_rings_then_no_ticket_of_before_comes_back(page: Page) -> None:
    async with at_former_ticket(page) as (panel, bridge):
        await bridge.show(recorded.ringing())
        await panel.label("Ringing")
        await comment(panel).fill("Rang twice.")
        await panel.sees("Kept as a draft")
        await page.reload()
        await panel.label("Ringing")
        await expect(comment(panel)).to_have_value("Rang twice.")
        await panel.sees("It opens when the customer is connected.")


async def test_given_a_consulted_colleague_then_the_ticket_of_the_call_is_in_front(page: Page) -> None:
    async with at_former_ticket(page) as (panel, bridge):
        asked = recorded.consulted()
        rings = {**asked, "state": "ringing", "label": "Ringing", "call": {**asked["call"], "state": "consult_ringing"}}
        offer = {"offer_id": recorded.OFFER, "call_id": recorded.CALL, "expires_at": recorded.at(-8)}
        await bridge.show({**rings, "offer": offer})
        await panel.sees("Ordered on Monday")
        await bridge.show(asked)
        await panel.label("Talking")
        await expect(panel.region("Ticket")).to_contain_text("Ordered on Monday")
        await panel.sees_no(OTHER)


async def test_given_a_consulted_colleague_of_another_service_then_there_is_no_ticket_and_no_field(
    page: Page, watch: Watch
) -> None:
    watch.expect("404 GET .*/tickets/T-2041")
    async with at_former_ticket(page) as (panel, bridge):
        bridge.refusals[f"tickets/{recorded.TICKET}"] = Problem(404, "not_found", "There is no such ticket.")
        await bridge.show(recorded.consulted())
        await panel.label("Talking")
        await expect(panel.region("Ticket")).to_have_count(0)


async def test_given_a_ticket_that_cannot_be_read_at_once_then_it_comes_later(page: Page, watch: Watch) -> None:
    watch.expect("503 GET .*/tickets/T-2041")
    async with at_former_ticket(page) as (panel, bridge):
        away = Problem(503, "storage_unavailable", "The storage cannot be reached.")
        bridge.refusals[f"tickets/{recorded.TICKET}"] = away
        await bridge.show(recorded.talking())
        await panel.label("Talking")
        await comment(panel).fill("Said meanwhile.")
        bridge.refusals.clear()
        await panel.sees("Ordered on Monday")
        await expect(comment(panel)).to_have_value("Said meanwhile.")


async def test_given_the_next_call_then_the_ticket_of_the_last_one_is_not_in_front_of_it(page: Page) -> None:
    async with at_former_ticket(page, agent=recorded.talking()) as (panel, bridge):
        await panel.press("Back to the call")
        await panel.sees("Ordered on Monday")
        await bridge.show(recorded.agent())
        await panel.label("Ready")
        await expect(panel.region("Ticket")).to_contain_text("Ordered on Monday")
        await bridge.show(recorded.ringing(call_id="the-next"))
        await panel.sees_no("Ordered on Monday")
        await bridge.show(recorded.talking(call_id="the-next", ticket_id=FORMER))
        await panel.sees("Open")
        await panel.sees_no("Ordered on Monday")


async def test_given_a_call_without_an_answer_then_what_was_written_waits_for_the_next_call_of_the_number(
    page: Page,
) -> None:
    async with at_former_ticket(page, agent=recorded.agent()) as (panel, bridge):
        await panel.press("Close the ticket")
        await bridge.show(recorded.dialing(rings=False))
        await panel.label("Dialing")
        await panel.sees("Calling the customer")
        await bridge.show(recorded.dialing())
        await panel.sees("The customer’s phone is ringing")
        await comment(panel).fill("Ask for the invoice.")
        await bridge.show(recorded.agent())
        await panel.label("Ready")
        draft = panel.region("Draft without a ticket")
        await expect(draft).to_contain_text("Ask for the invoice.")
        await page.reload()
        await expect(draft).to_contain_text("Ask for the invoice.")
        again = recorded.dialing()
        await bridge.show({**again, "call": {**again["call"], "call_id": "again"}})
        await panel.label("Dialing")
        await expect(comment(panel)).to_have_value("Ask for the invoice.")
        await bridge.show(recorded.agent())
        await panel.press("Throw the draft away")
        await expect(draft).to_have_count(0)
        assert sent(bridge) == []
