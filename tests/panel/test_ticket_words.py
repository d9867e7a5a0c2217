"""What ticket and panel say is true for whoever reads it: names instead of CTI IDs, and "you" for the reader alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge


def _ticket(*more: Json, ended: Json) -> Json:
    opened = recorded.ticket()["events"][0]
    ends = {"type": "call_event", "detail": {"event": "ended", "talked_s": "61.0", **ended}}
    events = [
        {"version": version, "at": recorded.at(9), "by": "system", **event}
        for version, event in enumerate([*more, ends], start=2)
    ]
    return recorded.ticket(events=[opened, *events], comments=[])


HANDED_OVER: list[Json] = [
    {"type": "participant_added", "detail": {"participant": "juno"}},
    {"type": "owner_changed", "detail": {"from": "mina", "owner": "juno"}},
    {"type": "participant_added", "detail": {"participant": recorded.CUSTOMER}},
]


@pytest.mark.parametrize(
    ("more", "ended", "says"),
    [
        ([], {"outcome": "completed", "ended_by": "agent"}, ["You hung up"]),
        ([], {"outcome": "agent_lost"}, ["Your phone was lost"]),
        (
            HANDED_OVER,
            {"outcome": "completed", "ended_by": "agent"},
            ["Juno Lee joined", "Handed over to Juno Lee", "+82 10-1234-5678 joined", "Juno Lee hung up"],
        ),
        (HANDED_OVER, {"outcome": "completed", "ended_by": "customer"}, ["The customer hung up"]),
        (HANDED_OVER, {"outcome": "agent_lost"}, ["The phone of Juno Lee was lost"]),
    ],
)
async def test_given_a_ticket_then_each_sentence_is_true_for_its_reader(
    page: Page, more: list[Json], ended: Json, says: list[str]
) -> None:
    ticket = _ticket(*more, ended=ended)
    async with recorded_bridge(RecordedBridge(agent=recorded.talking(), ticket=ticket)) as bridge:
        panel = await Panel(page).open(bridge.origin)
        happened = panel.region("What happened")
        for text in says:
            await expect(happened).to_contain_text(text)
        if more:
            for text in ("You", "juno", "mina"):
                await expect(happened).not_to_contain_text(text)


ENDS = [
    ({"role": "agent", "outcome": "completed", "ended_by": "agent"}, "You hung up"),
    ({"role": "target", "outcome": "completed", "ended_by": "agent"}, "Your colleague hung up"),
    ({"role": "agent", "outcome": "completed", "ended_by": "target"}, "The other party hung up"),
    ({"role": "target", "outcome": "completed", "ended_by": "target"}, "You hung up"),
    ({"role": "target", "outcome": "completed", "ended_by": "customer"}, "The customer hung up"),
    ({"role": "agent", "outcome": "completed", "ended_by": "supervisor"}, "A supervisor ended the call"),
    ({"role": "target", "outcome": "completed", "ended_by": "supervisor"}, "A supervisor ended the call"),
    ({"role": "agent", "outcome": "cancelled", "ended_by": "supervisor"}, "A supervisor ended the call"),
    ({"role": "agent", "outcome": "agent_lost", "ended_by": "agent"}, "Your phone was lost"),
    ({"role": "target", "outcome": "agent_lost", "ended_by": "agent"}, "Your colleague’s phone was lost"),
]


async def test_given_the_end_of_a_call_then_whoever_was_consulted_is_told_their_own_part(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.agent())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Ready")
        for number, (end, says) in enumerate(ENDS):
            await bridge.tell("call.ended", call_id=f"c{number}", **end)
            await expect(panel.page.locator(".outcome strong")).to_have_text(says)


async def test_given_a_colleague_who_asks_or_hands_over_then_the_panel_says_who(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.agent())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        for state, says in (
            ("consult_ringing", "Juno Lee wants to consult you"),
            ("transfer_ringing", "Juno Lee transfers a call to you"),
        ):
            ringing = recorded.ringing()
            await bridge.show({**ringing, "call": {**ringing["call"], "state": state, "asked_by": "Juno Lee"}})
            await expect(panel.page.locator(".eyebrow")).to_have_text(says)
        await bridge.show(recorded.consulted())
        await expect(panel.page.get_by_text("Juno Lee is asking you.")).to_be_visible()


async def test_given_a_missed_call_then_the_panel_says_whose_also_after_a_reload(page: Page) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.missed())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        for _ in range(2):
            await expect(panel.page.locator(".outcome")).to_contain_text("Missed call:Jiho Kim+82 10-1234-5678")
            await page.reload()
        await bridge.show(recorded.missed("declined"))
        await expect(panel.page.locator(".outcome")).to_contain_text("Declined call:Jiho Kim")
