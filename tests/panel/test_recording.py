"""Recording at the desk: its sign says what is recorded, pauses and resumes it, and what was not done is said."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.recorded import Json
from tests.panel.test_dock import at_desk
from tests.panel.watch import Watch

ON_CALL = f"calls/{recorded.CALL}/recording/"
SIGNS: list[tuple[Json, str]] = [
    (recorded.recorded_talk("beginning"), "Starting …"),
    (recorded.recorded_talk(), "Recording"),
    (recorded.recorded_talk("pausing"), "Pausing …"),
    (recorded.recorded_talk("paused"), "Paused 0:42"),
    (recorded.recorded_talk(not_paused=True), "Still recording"),
    (recorded.recorded_talk("failed"), "Not recorded"),
]


@pytest.fixture
def stands() -> bool:
    """Times on the screen are looked at."""
    return True


async def test_given_each_state_then_the_sign_says_it_in_words_and_to_who_hears(page: Page) -> None:
    async with at_desk(page, recorded.talking()) as (_, bridge):
        await expect(page.locator(".rec")).to_have_count(0)
        for agent, words in SIGNS:
            await bridge.show(agent)
            await expect(page.locator(".rec-pill")).to_have_text(words)
            await expect(page.locator(".head [role=status]")).to_have_text(words.removesuffix(" 0:42"))
        await bridge.show(recorded.agent())
        await expect(page.locator(".head [role=status]")).to_have_text("")


@pytest.mark.parametrize(
    ("agent", "name", "path"),
    [
        (recorded.recorded_talk(), "Recording: pause", "pause"),
        (recorded.recorded_talk("paused"), "Paused: resume", "resume"),
        (recorded.recorded_talk(not_paused=True), "Still recording: pause", "pause"),
    ],
)
async def test_given_a_recording_when_its_sign_is_pressed_or_alt_p_then_it_pauses_or_resumes(
    page: Page, agent: Json, name: str, path: str
) -> None:
    async with at_desk(page, agent) as (panel, bridge):
        async with page.expect_response(f"**/{path}"):
            await panel.press(name)
        async with page.expect_response(f"**/{path}"):
            await panel.keys("Alt+P")
        assert bridge.asked == [("POST", ON_CALL + path, None)] * 2


async def test_given_a_pause_that_is_not_confirmed_then_the_panel_says_that_it_still_records(
    page: Page, watch: Watch
) -> None:
    watch.expect("503 ")
    refused = {ON_CALL + "pause": Problem(503, "recording_not_paused", "It still records.")}
    async with at_desk(page, recorded.recorded_talk(), refusals=refused) as (panel, _):
        await panel.press("Recording: pause")
        await expect(page.get_by_role("alert").get_by_text("It still records.")).to_be_visible()


async def test_given_a_pause_about_to_end_then_it_is_made_longer_and_the_notice_goes(page: Page) -> None:
    ending = recorded.recorded_talk("paused", pause_ends_at=recorded.at(-18))
    async with at_desk(page, ending, now=lambda: recorded.at(0)) as (panel, bridge):
        await bridge.tell("notice", code="recording_pause_ends", text="The recording goes on in 20 seconds.")
        async with page.expect_response("**/pause"):
            await panel.press("Pause longer")
        await bridge.show(recorded.recorded_talk("paused"))
        await expect(panel.button("Pause longer")).to_have_count(0)
        await expect(page.locator(".notice")).to_have_count(0)


async def test_given_recording_on_demand_then_more_begins_and_ends_it(page: Page) -> None:
    async with at_desk(page, recorded.recorded_talk("off", "start")) as (panel, bridge):
        await expect(page.locator(".rec")).to_have_count(0)
        async with page.expect_response("**/start"):
            await panel.choose("More", "Record the call")
        await bridge.show(recorded.recorded_talk("recording", "pause", "stop"))
        async with page.expect_response("**/stop"):
            await panel.choose("More", "Stop the recording")
        assert [path for _, path, _ in bridge.asked] == [ON_CALL + "start", ON_CALL + "stop"]


async def test_given_who_is_asked_then_they_see_that_it_records_and_command_nothing(page: Page) -> None:
    async with at_desk(page, recorded.consulted("joined", recording=recorded.recording())):
        await expect(page.locator(".rec-pill")).to_have_text("Recording")
        await expect(page.locator(".head button.rec")).to_have_count(0)
