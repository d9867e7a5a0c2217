"""What is refused is said: also what is chosen in the menu, which has no place of its own on the screen."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

IN_A_CALL = Problem(409, "not_allowed_now", "End the call before you log out.")
CHANGED = "Somebody changed this ticket meanwhile."
AWAY = Problem(503, "storage_unavailable", "The storage cannot be reached.")


async def test_given_a_logout_in_a_conversation_then_it_says_why_not_until_the_next_action(
    page: Page, watch: Watch
) -> None:
    watch.expect("409 POST .*/logout$")
    bridge = RecordedBridge(agent=recorded.talking(), refusals={"logout": IN_A_CALL})
    async with recorded_bridge(bridge):
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await panel.choose("Menu", "Logout")
        said = page.get_by_role("alert").filter(has_text="End the call before you log out.")
        await expect(said).to_be_visible()
        await panel.press("Hold")
        await expect(said).to_have_count(0)


async def test_given_a_list_that_cannot_be_read_then_it_says_why(page: Page, watch: Watch) -> None:
    watch.expect("503 GET .*/tickets")
    async with recorded_bridge(RecordedBridge(refusals={"tickets": AWAY})) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Ready")
        await panel.tab("Tickets")
        said = page.get_by_role("alert").filter(has_text="The storage cannot be reached.")
        await expect(said).to_be_visible()
        bridge.refusals.clear()
        await panel.tab("Tickets")
        await expect(panel.region("My tickets")).to_be_visible()
        await expect(said).to_have_count(0)


@pytest.mark.parametrize(("by", "decides"), [("system", True), ("mina", True), ("juno", False)])
async def test_given_a_ticket_that_has_changed_then_only_a_colleague_s_change_makes_the_agent_choose_again(
    page: Page, watch: Watch, by: str, decides: bool
) -> None:
    watch.expect("409 PATCH .*/tickets/")
    bridge = RecordedBridge(agent=recorded.talking())
    async with recorded_bridge(bridge) as made:
        panel = await Panel(page).open(made.origin)
        await panel.sees("Ordered on Monday")
        ended = {"version": 3, "at": recorded.at(1), "by": by, "type": "call_event", "detail": {"event": "warned"}}
        bridge.ticket = {**bridge.ticket, "version": 3, "events": [*bridge.ticket["events"], ended]}
        await panel.press("Pending")
        await panel.sees("Warning played")
        # A command that is under way is busy.
        await expect(panel.button("Pending")).not_to_have_attribute("aria-busy", "true")
        await (panel.sees_no(CHANGED) if decides else panel.sees(CHANGED))
        assert _versions(bridge) == ([2, 3] if decides else [2])


def _versions(bridge: RecordedBridge) -> list[int]:
    """Those with which the status was asked for."""
    return [body["version"] for method, _, body in bridge.asked if method == "PATCH"]
