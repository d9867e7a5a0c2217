"""A number that cannot be added to the frequently used ones: the panel says why, not only that it is so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.watch import Watch

PATH = "me/frequent-numbers"
KNOWN = Problem(409, "not_allowed_now", "That number is one of your frequent numbers already.")
FULL = Problem(409, "list_full", "You have 100 frequent numbers. Remove one first.")
INVALID = Problem(422, "invalid_number", "Not a number.")


@dataclass(frozen=True)
class Language:
    """The words of the dialog."""

    code: str
    add: str
    number: str
    name: str
    save: str


ENGLISH = Language("en", "Add", "Number", "Name", "Save")
KOREAN = Language("ko", "추가", "번호", "이름", "저장")


@pytest.mark.parametrize(
    ("language", "problem", "says"),
    [
        (ENGLISH, KNOWN, "That number is in the list already."),
        (KOREAN, KNOWN, "이미 목록에 있는 번호입니다."),
        (ENGLISH, FULL, "The list is full. Remove a number first."),
        (KOREAN, FULL, "목록이 가득 찼습니다. 먼저 번호를 삭제하세요."),
        (ENGLISH, INVALID, "That is not a phone number."),
    ],
    ids=["known-en", "known-ko", "full-en", "full-ko", "invalid-en"],
)
async def test_given_a_number_that_is_refused_then_why_is_said_and_what_was_typed_stays(
    page: Page, watch: Watch, language: Language, problem: Problem, says: str
) -> None:
    watch.expect(f"{problem.status} POST .*{PATH}")
    settings = {**recorded.SETTINGS, "language": language.code}
    async with recorded_bridge(RecordedBridge(agent=recorded.talking(), settings=settings)) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await bridge.listened_to()
        await panel.usable()
        await panel.keys("Alt+T")
        await panel.click(panel.dialog().get_by_role("tab").nth(2))
        await panel.dialog().get_by_text("Warehouse").wait_for()
        await panel.press(language.add, within=panel.dialog())
        await panel.fill(language.number, "+8225557000")
        await panel.fill(language.name, "Warehouse")
        bridge.refusals[PATH] = problem
        await panel.press(language.save, within=panel.dialog())
        await expect(panel.dialog().get_by_role("alert").get_by_text(says, exact=True)).to_be_visible()
        await expect(page.get_by_label(language.name, exact=True)).to_have_value("Warehouse")
        assert bridge.asked == [("POST", PATH, {"number": "+8225557000", "label": "Warehouse"})]
