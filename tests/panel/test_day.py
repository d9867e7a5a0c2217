"""The agent's own day: it is asked for while it is shown, keeps what it had, and gives way to a call."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

AWAY = Problem(503, "storage_unavailable", "The storage cannot be reached.")
EVERY_MS = 10_000


def figure(panel: Panel, name: str) -> Locator:
    """A figure by its name."""
    return panel.region("My day").locator("dl > div").filter(has=panel.root.get_by_text(name, exact=True))


async def shows(panel: Panel, answered: int) -> None:
    await expect(figure(panel, "Calls in").locator("strong")).to_have_text(str(answered))


def with_calls(answered: int) -> recorded.Json:
    calls = recorded.day()["calls"]
    return recorded.day(calls={**calls, "answered": answered})


async def test_it_says_what_the_reports_say(page: Page) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.tab("My day")
        day = panel.region("My day")
        await expect(day).to_contain_text("Since 00:00 (Korean Standard Time), up to 15:31:07.")
        await expect(figure(panel, "Calls in")).to_have_text("Calls in24of 27 offered · talked 1:37:00")
        await expect(figure(panel, "Calls out")).to_have_text("Calls out4of 6 tried · talked 15:00")
        await expect(figure(panel, "Average talk, in")).to_have_text("Average talk, in4:02out: 3:45")
        await expect(figure(panel, "Colleagues")).to_contain_text("1:01")
        states = day.locator(".day-states > li")
        await expect(states).to_have_text(
            [
                "Ready31 times2:00:05",
                "Rest3 times1:05:04",
                "Mealonce50:00",
                "Break2 times15:04",
                "Businessonce10:10",
                "Meetingonce10:10",
                "Business (Ticket Processing)27 times48:20",
                "Ringing27 times3:10",
                "Dialing6 times2:00",
                "Talking30 times1:52:00",
                "On Hold4 times5:01",
            ]
        )
        await expect(day.get_by_role("heading", name="Not answered: 3")).to_be_visible()
        await expect(day.locator(".day-missed > li")).to_have_text(
            ["15:02:11+82•••••••678Not picked up · support", "11:40:00Number withheldDeclined · english"]
        )
        await expect(day).to_contain_text("The newest 2 are shown.")


async def test_it_is_asked_for_each_ten_seconds_while_it_is_shown_and_no_longer(own_page: Page, watch: Watch) -> None:
    watch.expect("WebSocket connection")  # A minute goes by at once.
    await own_page.clock.install(time=recorded.NOW)
    async with recorded_bridge() as bridge:
        panel = await Panel(own_page).open(bridge.origin)
        await panel.label("Ready")
        assert "me/day" not in bridge.read, "nobody has opened it"
        await panel.tab("My day")
        await shows(panel, 24)
        bridge.day = with_calls(25)
        await own_page.clock.run_for(EVERY_MS)
        await shows(panel, 25)
        await panel.click(panel.root.get_by_role("tab").first)
        await expect(panel.region("My day")).to_have_count(0)
        asked = bridge.read.count("me/day")
        await own_page.clock.run_for(5 * EVERY_MS)
        assert bridge.read.count("me/day") == asked == 2


async def test_given_a_storage_that_is_away_then_it_says_so_keeps_what_it_had_and_goes_on(
    own_page: Page, watch: Watch
) -> None:
    watch.expect("503 GET .*/me/day")
    await own_page.clock.install(time=recorded.NOW)
    async with recorded_bridge() as bridge:
        panel = await Panel(own_page).open(bridge.origin)
        await panel.label("Ready")
        await panel.tab("My day")
        await shows(panel, 24)
        bridge.refusals["me/day"] = AWAY
        await own_page.clock.run_for(EVERY_MS)
        await expect(panel.region("My day").get_by_role("alert")).not_to_be_empty()
        await shows(panel, 24)
        bridge.refusals.clear()
        bridge.day = with_calls(26)
        await own_page.clock.run_for(EVERY_MS)
        await shows(panel, 26)
        await expect(panel.region("My day").locator(".refused")).to_have_count(0)


async def test_given_a_call_that_is_offered_then_it_is_in_its_place(page: Page) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await bridge.listened_to()
        await panel.tab("My day")
        await shows(panel, 24)
        await bridge.show(recorded.ringing())
        await expect(panel.region("My day")).to_have_count(0)
        await expect(panel.root.get_by_role("tab").first).to_have_attribute("aria-selected", "true")


async def test_given_tickets_and_the_day_then_each_takes_the_place_of_the_other(page: Page) -> None:
    async with recorded_bridge() as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.tab("Tickets")
        await panel.region("My tickets").wait_for()
        await panel.tab("My day")
        await shows(panel, 24)
        await expect(panel.region("My tickets")).to_have_count(0)
        await panel.tab("Tickets")
        await panel.region("My tickets").wait_for()
        await expect(panel.region("My day")).to_have_count(0)


async def test_given_a_day_without_anything_then_no_figure_is_missing(page: Page) -> None:
    calls = dict.fromkeys(recorded.day()["calls"], 0) | {"in_talk_avg_s": None, "out_talk_avg_s": None}
    empty = recorded.day(calls=calls, states=[], reasons=[], not_taken=[])
    async with recorded_bridge(RecordedBridge(day=empty)) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.tab("My day")
        await shows(panel, 0)
        await expect(figure(panel, "Average talk, in")).to_have_text("Average talk, in–out: –")
        await expect(figure(panel, "Colleagues")).to_have_count(0)
        await panel.sees("Nothing yet.")
        await panel.sees("Every call was answered.")
