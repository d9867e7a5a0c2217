"""The checker of `make chaos`: what it takes for a breach, and what not."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.chaos.ahead import Ahead
from tests.chaos.ear import Channel, Ear
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.house import noon_zone
from tests.chaos.outcome import Line, Outcome
from tests.chaos.people import CALLERS
from tests.chaos.promises import (
    BY_ROWS,
    _told,
    faults_without_effect,
    longest_without,
    two_calls_at_a_phone,
    unknown_callers,
)
from tests.chaos.report import table
from tests.chaos.talks import WALL, broken_talks
from tests.chaos.trace import Command, Happened, Trace, calm

CALLER = "+821021000001"


def trunk(since: float, until: float | None) -> Channel:
    return Channel("PJSIP/trunk-1", since, until, CALLER, since)


async def _nothing(house: Any, people: Any) -> None:
    """Breaks nothing."""


def test_given_two_channels_of_a_phone_at_once_then_that_is_a_breach_and_one_after_another_is_none() -> None:
    first = Channel("PJSIP/b0001-1", 1.0, 5.0)
    assert not list(two_calls_at_a_phone([first, Channel("PJSIP/b0001-2", 5.0, 6.0)], ["b0001"]))
    assert not list(two_calls_at_a_phone([first, Channel("PJSIP/b0002-2", 4.0, 6.0)], ["b0001", "b0002"]))
    (breach,) = two_calls_at_a_phone([Channel("PJSIP/b0001-2", 4.9, 6.0), first], ["b0001"])
    assert breach.at == 4.9
    assert list(two_calls_at_a_phone([Channel("PJSIP/b0001-1", 1.0), Channel("PJSIP/b0001-2", 9.0)], ["b0001"]))


def test_given_a_fault_that_broke_nothing_then_that_is_a_breach_in_its_own_time() -> None:
    faults = [Happened("one", 8.0, 12.0), Happened("two", 13.0, 21.0, missed="no text was changed")]
    (breach,) = faults_without_effect(faults)
    assert (breach.about, breach.at) == ("two: no text was changed", 13.0)


@pytest.mark.parametrize(
    ("since", "until", "missed"),
    [(1.0, 2.0, False), (1.0, 4.0, True), (9.0, 16.0, False), (9.0, 18.0, True), (30.0, None, False)],
)
def test_given_a_caller_of_whom_no_row_tells_then_it_counts_how_long_they_were_there_without_a_fault(
    since: float, until: float | None, missed: bool
) -> None:
    faults = [Happened("one", 8.0, 12.0), Happened("two", 13.0, 13.0)]
    assert bool(list(unknown_callers([trunk(since, until)], faults, set()))) is missed
    assert not list(unknown_callers([trunk(since, until)], faults, {CALLER}))


def test_a_stretch_is_calm_only_in_one_piece() -> None:
    faults = [Happened("one", 2.0, 3.0), Happened("two", 4.0, 5.0)]
    assert calm(faults, 0.0, 2.0, 2.0) and calm(faults, 0.0, 7.0, 2.0)
    assert not calm(faults, 1.0, 6.0, 2.0)


def command(word: str = "status", call_id: str | None = None, **body: Any) -> Command:
    return Command("b0001", word, call_id, body, 10.0, 10.1)


def change(at: float, status: str, state: str = "idle", *, seen_late: bool = False) -> dict[str, Any]:
    return {"at": datetime.fromtimestamp(at, UTC), "to_status": status, "to_state": state, "seen_late": seen_late}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([], False),
        ([change(10.05, "rest")], True),
        ([change(9.0, "rest")], False),
        ([change(10.05, "ready")], False),
        ([change(9.0, "ready", "ringing")], True),
        ([change(9.0, "ready", "ringing"), change(9.5, "ready")], False),
        ([change(9.0, "ready", "ringing"), change(9.5, "rest", seen_late=True)], True),
        ([change(9.0, "ready", "ringing"), change(9.5, "ready", seen_late=True)], False),
        ([change(-60.0, "rest", seen_late=True), change(-50.0, "ready")], False),
    ],
)
def test_a_status_is_found_in_the_rows_unless_it_was_a_wish_for_after_a_call(
    changes: list[dict[str, Any]], told: bool
) -> None:
    assert _told(command(status="rest"), [], changes, set()) is told


def event(at: float, type_: str) -> dict[str, Any]:
    return {"at": datetime.fromtimestamp(at, UTC), "type": type_}


@pytest.mark.parametrize(
    ("events", "told"),
    [([], False), ([event(10.05, "held")], True), ([event(9.0, "held")], False), ([event(11.0, "ended")], True)],
)
def test_a_command_on_a_call_is_found_in_its_story_unless_the_call_has_ended_since(
    events: list[dict[str, Any]], told: bool
) -> None:
    assert _told(command("hold", "a call"), events, [], set()) is told
    assert _told(command("hangup", "a call"), events, [], set()) is bool(events)
    assert _told(command("dial", number="+82"), events, [], {"+82"})
    assert not _told(command("dial", number="+82"), events, [], {"+83"})


def test_the_longest_time_without_begins_with_the_fault_and_ends_with_the_next() -> None:
    assert longest_without([1.0, 4.0, 20.0], 3.0, 10.0) == 6.0
    assert longest_without([], 3.0, 10.0) == 7.0


def test_given_a_phone_that_the_pbx_forgot_when_it_died_then_its_channel_has_ended_then() -> None:
    ear = Ear("", 0, "")
    ear.hear({"Event": "Newchannel", "Uniqueid": "1", "Channel": "PJSIP/b0001-1", "Timestamp": "1.5"})
    ear.hear(
        {"Event": "Newchannel", "Uniqueid": "2", "Channel": "PJSIP/trunk-2", "Timestamp": "2", "CallerIDNum": CALLER}
    )
    ear.hear({"Event": "Newexten", "Uniqueid": "2", "Timestamp": "2.5"})
    ear.hear({"Event": "Newexten", "Uniqueid": "2", "Timestamp": "3.5"})
    ear.hear({"Event": "Hangup", "Uniqueid": "1", "Timestamp": "3"})
    ear._all_gone(9.0)
    phone, caller = ear.channels
    assert (phone.endpoint, phone.began, phone.ended, phone.in_bridge_at) == ("b0001", 1.5, 3.0, None)
    assert (caller.number, caller.ended, caller.in_bridge_at) == (CALLER, 9.0, 2.5)


class Conversation:
    """With gaps as long as one says, and an end."""

    since, agent = 0.0, SimpleNamespace(end_reason="")

    def __init__(self, gap_s: float, ended_at: float | None) -> None:
        self._gap_s, self.ended_at = gap_s, ended_at

    def gap_s(self, since: float, until: float) -> float:
        return self._gap_s


@pytest.mark.parametrize(
    ("gap_s", "ended_at", "of_pbx", "broken"),
    [
        (0.1, None, False, []),
        (0.3, None, False, ["who talks hears no gap"]),
        (0.3, None, True, []),
        (0.1, 5.0, False, ["who talks goes on"]),
        (0.1, 5.0, True, []),
        (0.3, 0.5, False, []),
        (0.1, 12.0, False, []),
    ],
)
def test_conversations_may_break_by_faults_of_the_pbx_alone(
    gap_s: float, ended_at: float | None, of_pbx: bool, broken: list[str]
) -> None:
    talk: Any = Conversation(gap_s, ended_at)
    fault, window = Fault("one", _nothing, 1.0, of_pbx), Happened("one", 1.0 + WALL, 2.0 + WALL, 10.0 + WALL)
    assert [one.promise for one in broken_talks([talk], [window], [fault])] == broken


def test_a_breach_belongs_to_the_fault_before_it() -> None:
    trace = Trace(faults=[Happened("one", 1.0), Happened("two", 5.0)])
    assert [trace.fault_at(at) for at in (0.5, 1.0, 4.9, 5.0, 99.0)] == [-1, 0, 0, 1, 1]


def test_the_habits_of_callers_make_up_all_calls_and_names_of_faults_are_told_apart() -> None:
    assert sum(one.share for one in CALLERS) == pytest.approx(1.0)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_the_table_has_a_line_for_each_fault_and_each_breach() -> None:
    outcome = Outcome(3, {"completed": 3}, 2, {}, 5, 1, [Line("a fault", 1.0, 3, 0.5, 2.0, 1)])
    assert outcome.well and "| a fault | 1.0 s | 3 | 0.5 s | 2 s | 1 |" in table(outcome)
    assert "Nothing is left" in table(outcome)
    outcome.left["channels in the PBX"] = 1
    assert not outcome.well and "Left: {'channels in the PBX': 1}" in table(outcome)
    assert all(re.search(r"\bas about\b.*\bat\b", query, re.DOTALL) for query in BY_ROWS.values())


def test_rows_are_looked_for_by_the_clock_of_then_and_by_both_while_the_bridge_follows_it() -> None:
    ahead = Ahead()
    ahead.set(100.0, 3600.0)
    ahead.set(200.0, 0.0)
    assert set(ahead.between(10.0, 10.1)) == {0.0}
    assert set(ahead.between(99.9, 100.2)) == {0.0, 3600.0}
    assert set(ahead.between(100.2, 100.3)) == {0.0, 3600.0}, "not followed yet"
    assert set(ahead.between(150.0, 150.1)) == {3600.0}
    assert set(ahead.between(202.0, 202.1)) == {0.0}


def test_a_command_under_a_clock_that_was_set_is_found_by_that_clock_alone() -> None:
    later = command(status="rest").by_a_clock_ahead(3600.0)
    assert _told(later, [], [change(3610.05, "rest")], set())
    assert not _told(later, [], [change(10.05, "rest")], set())


@pytest.mark.parametrize("hour", range(24))
def test_an_hour_more_or_less_is_the_same_day_there(hour: int) -> None:
    now = datetime(2026, 12, 1, hour, 59, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(noon_zone(now))).hour == 12
