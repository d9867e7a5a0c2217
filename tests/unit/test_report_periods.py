"""Intervals by the clock on the wall: long and short days, half hours of Kolkata, weeks, months."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cti_bridge.reports.periods import MOST, Interval, PeriodWrong, borders, moment


def cut(since: str, till: str, interval: Interval, zone: str) -> list[datetime]:
    name = ZoneInfo(zone)
    return borders(moment(since, name, end=False), moment(till, name, end=True), interval, name)


def hours(since: str, zone: str) -> int:
    return len(cut(since, since, Interval.HOUR, zone)) - 1


def test_days_on_which_the_clock_is_set() -> None:
    assert [hours(day, "Europe/Berlin") for day in ("2026-10-24", "2026-10-25", "2027-03-28")] == [24, 25, 23]
    assert hours("2026-10-04", "Australia/Lord_Howe") == 24, "half an hour is skipped"
    assert len(cut("2026-10-25", "2026-10-25", Interval.QUARTER, "Europe/Berlin")) - 1 == 100
    (since, till) = cut("2026-10-25", "2026-10-25", Interval.DAY, "Europe/Berlin")
    assert till - since == timedelta(hours=25)


def test_an_hour_in_kolkata_begins_at_half_past_of_utc() -> None:
    found = cut("2026-10-25", "2026-10-25", Interval.HOUR, "Asia/Kolkata")
    assert {at.minute for at in found} == {30} and len(found) == 25
    assert all(after - before == timedelta(hours=1) for before, after in pairwise(found))


def test_a_day_without_a_midnight_begins_when_the_clock_goes_on() -> None:
    (since, _) = cut("2026-04-24", "2026-04-24", Interval.DAY, "Africa/Cairo")
    assert since == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert since.astimezone(ZoneInfo("Africa/Cairo")).hour == 1


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks = cut("2026-11-04", "2026-11-20", Interval.WEEK, "Asia/Seoul")
    local = [at.astimezone(ZoneInfo("Asia/Seoul")) for at in weeks]
    assert [at.weekday() for at in local[1:-1]] == [0, 0] and local[0].day == 4 and local[-1].day == 21
    months = cut("2026-11-15", "2027-01-10", Interval.MONTH, "Asia/Seoul")
    assert [at.astimezone(ZoneInfo("Asia/Seoul")).day for at in months] == [15, 1, 1, 11]


def test_a_time_ends_a_period_by_itself_and_a_date_is_included() -> None:
    zone = ZoneInfo("Asia/Seoul")
    assert moment("2026-11-02", zone, end=True) == datetime(2026, 11, 2, 15, tzinfo=UTC)
    assert moment("2026-11-02T12:00", zone, end=True) == datetime(2026, 11, 2, 3, tzinfo=UTC)
    assert moment("2026-11-02T12:00:00+00:00", zone, end=False) == datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-11-02T99", "9999-12-31"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(PeriodWrong, match="write a date"):
        moment(text, ZoneInfo("Asia/Seoul"), end=True)


def test_a_period_must_not_be_empty_nor_have_too_many_intervals() -> None:
    with pytest.raises(PeriodWrong, match="ends before it begins"):
        cut("2026-11-02", "2026-11-01", Interval.DAY, "UTC")
    with pytest.raises(PeriodWrong, match=f"more than {MOST}"):
        cut("2026-01-01", "2026-12-31", Interval.QUARTER, "UTC")
