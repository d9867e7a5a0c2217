"""Recordings of a ticket: who may hear them, the time line, listening, a copy, legal hold, and erasing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge
from tests.panel.test_dock import at_desk
from tests.panel.watch import Watch

ONE = f"recordings/{recorded.TAKE}"
ALL_RIGHTS = ("download", "erase", "recordings")
_TIME = "audio => [audio.paused, audio.currentTime]"


@asynccontextmanager
async def at_ticket(page: Page, *rights: str, **bridge: Any) -> AsyncIterator[tuple[Panel, RecordedBridge, Locator]]:
    """The panel with a ticket in front, of an agent with these rights; and the part with its recordings."""
    settings = {**recorded.SETTINGS, "rights": list(rights)}
    async with at_desk(page, recorded.talking(), settings=settings, **bridge) as (panel, made):
        await made.tell("ticket.opened", ticket=recorded.ticket_line())
        await panel.sees("Inbound call; ticket opened")
        part = page.locator(".recordings")
        if "recordings" in rights:
            await panel.click(part.locator("summary"))
        yield panel, made, part


async def test_given_no_right_then_the_ticket_has_no_recordings(page: Page) -> None:
    async with at_ticket(page, "download", "erase") as (_, __, part):
        await expect(part).to_have_count(0)


async def test_given_the_right_to_hear_alone_then_neither_copy_nor_erase_nor_hold(page: Page) -> None:
    async with at_ticket(page, "recordings") as (panel, bridge, part):
        await expect(panel.button("Listen")).to_be_visible()
        for name in ("Download", "Erase", "Legal hold"):
            await expect(panel.button(name)).to_have_count(0)
        await expect(part.locator("audio")).to_have_count(0)
        assert bridge.heard == [], "what nobody wants to hear is not fetched: each play is written down"


async def test_given_a_recording_then_its_line_has_a_lane_for_each_who_talked_hatches_pauses_and_greys_holds(
    page: Page,
) -> None:
    async with at_ticket(page, "recordings") as (_, __, part):
        await expect(part.locator(".lanes li")).to_have_text(["Customer", "Mina Park", "Juno Lee"])
        lane = part.locator(".talk")
        drawn = await lane.evaluate_all("all => all.map(one => ['x', 'y', 'width'].map(of => one.getAttribute(of)))")
        assert drawn == [
            ["0%", "4", "37.5%"],
            ["0%", "22", "37.5%"],
            ["75%", "4", "18.75%"],
            ["75%", "40", "18.75%"],
        ]
        pauses = await part.locator(".part-pause").evaluate_all("all => all.map(one => one.getAttribute('x'))")
        holds = await part.locator(".part-hold").evaluate_all("all => all.map(one => one.getAttribute('x'))")
        assert (pauses, holds) == (["37.5%", "93.75%"], ["50%"])
        words = ["0:00 Customer, Mina Park", "0:03 Paused by the agent", "0:04 On hold, not recorded"]
        words += ["0:06 Customer, Juno Lee", "0:07 Silenced: a pause came late"]
        await expect(part.locator(".parts li")).to_have_text(words)
        line = part.get_by_role("img")
        await expect(line).to_have_attribute(
            "aria-label",
            "Who is recorded when, over 0:08. Customer: 56 % of the time. Mina Park: 38 % of the time. "
            "Juno Lee: 19 % of the time",
        )


async def test_given_a_part_when_it_is_chosen_by_keyboard_then_it_is_heard_from_there(own_page: Page) -> None:
    async with at_ticket(own_page, "recordings") as (panel, bridge, part):
        await panel.click(part.locator(".parts button").nth(3))
        audio = part.locator("audio")
        await expect(audio).to_have_js_property("paused", value=False)
        _, second = await audio.evaluate(_TIME)
        assert second >= 6.0 and bridge.heard[0] == f"{ONE}/audio"
        await part.locator(".parts button").nth(1).focus()
        await own_page.keyboard.press("Enter")
        await audio.evaluate("audio => new Promise(done => audio.currentTime < 6 ? done() : audio.onseeked = done)")
        _, second = await audio.evaluate(_TIME)
        assert 3.0 <= second < 6.0


async def test_given_the_line_when_it_is_pressed_then_it_is_heard_from_there(own_page: Page) -> None:
    async with at_ticket(own_page, "recordings") as (_, __, part):
        line = part.locator(".time-line")
        box = await line.bounding_box()
        assert box is not None
        await line.click(position={"x": box["width"] * 0.8, "y": 10})
        audio = part.locator("audio")
        await expect(audio).to_have_js_property("paused", value=False)
        _, second = await audio.evaluate(_TIME)
        assert 6.3 <= second <= 8.0


async def test_given_the_right_to_copy_then_a_file_with_the_id_as_its_name_is_loaded(own_page: Page) -> None:
    async with at_ticket(own_page, "download", "recordings") as (panel, bridge, _):
        async with own_page.expect_download() as loading:
            await panel.press("Download")
        assert (await (await loading.value).path()).stat().st_size > 100_000
        assert bridge.heard == [f"{ONE}/audio?download=true"]


async def test_given_legal_hold_then_it_is_said_and_nothing_is_erased_until_it_is_lifted(page: Page) -> None:
    async with at_ticket(page, *ALL_RIGHTS) as (panel, bridge, part):
        async with page.expect_response("**/hold"):
            await panel.press("Legal hold")
        await expect(part).to_contain_text("Legal hold: kept, whatever its time")
        await expect(panel.button("Erase")).to_have_attribute("aria-disabled", "true")
        async with page.expect_response("**/hold"):
            await panel.press("Legal hold")
        await panel.press("Erase")
        await panel.press("Cancel", within=part)
        await panel.press("Erase")
        async with page.expect_response(f"**/{ONE}"):
            await panel.press("Erase")
        await expect(part).to_contain_text("Deleted")
        await expect(panel.button("Listen")).to_have_count(0)
        holds = [("PUT", f"{ONE}/hold", {"on": on}) for on in (True, False)]
        assert bridge.asked == [*holds, ("DELETE", ONE, None)]


@pytest.mark.parametrize(
    ("recordings", "said"),
    [
        ([], "Nothing was recorded."),
        ([recorded.take("lost", length_s=None, segments=[])], "There is no file"),
        ([recorded.take(missing_s=65.0)], "1:05 of the talk are missing"),
    ],
)
async def test_given_what_is_not_there_then_it_is_said(page: Page, recordings: list[recorded.Json], said: str) -> None:
    async with at_ticket(page, "recordings", recordings=recordings) as (_, __, part):
        await expect(part).to_contain_text(said)


async def test_given_that_the_storage_is_away_then_it_is_said_in_the_lists_place(page: Page, watch: Watch) -> None:
    watch.expect("503 ")
    away = {"recordings": Problem(503, "storage_unavailable", "The storage cannot be reached.")}
    async with at_ticket(page, "recordings", refusals=away) as (_, __, part):
        await expect(part.get_by_role("alert")).to_contain_text("cannot be reached")
