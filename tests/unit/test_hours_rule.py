"""The rule of opening hours: exceptions before holidays before the week, by the clock on the wall of the zone, through
both changes of the clock (requirement H3)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_bridge.domain.model.hours import OpenState
from cti_bridge.hours.calendar import Calendar
from cti_bridge.hours.rule import Rule, Spec
from cti_bridge.hours.special import Special, holding, parse_day
from cti_bridge.hours.week import Range, parse_range, parse_ranges
from cti_bridge.hours.zone import day_ends, local, moment

SEOUL, BERLIN = "Asia/Seoul", "Europe/Berlin"
OPEN, CLOSED, HOLIDAY = OpenState
HOUSE = parse_ranges(["09:00-12:00", "13:00-18:00"])
WORKDAYS = ((HOUSE,) * 5) + ((), ())


def at(text: str, zone: str = SEOUL, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def every_day(*ranges: str, zone: str = BERLIN, **more: Any) -> Rule:
    return Rule(Spec(zone, (parse_ranges(ranges),) * 7, **more))


def exception(name: str, first: str, last: str = "", *ranges: str, sound: str = "") -> Special:
    return Special(name, parse_day(first), parse_day(last or first), parse_ranges(ranges), sound)


def open_s(rule: Rule, begin: float, end: float) -> float:
    return sum(till - since for since, till, found in rule.spans(begin, end) if found.state is OPEN)


# ------------------------------------------------------------------------------- the order


HALF_DAY = exception("Half day", "2026-12-24", "", "09:00-12:00", sound="sound:acme/half-day")


@pytest.mark.parametrize(
    ("when", "state", "why", "until"),
    [
        ("2026-12-24T08:59:59", CLOSED, "exception: Half day", "2026-12-24T09:00"),
        ("2026-12-24T11:59:59", OPEN, "exception: Half day", "2026-12-24T12:00"),
        ("2026-12-24T12:00:00", CLOSED, "exception: Half day", "2026-12-25T00:00"),
        ("2026-12-25T14:00:00", HOLIDAY, "holiday: Christmas Day", "2026-12-26T00:00"),
        ("2026-12-23T12:30:00", CLOSED, "week: closed", "2026-12-23T13:00"),
        ("2026-12-23T17:59:59", OPEN, "week: Wednesday 13:00-18:00", "2026-12-23T18:00"),
        ("2026-12-26T10:00:00", CLOSED, "week: closed", "2026-12-28T09:00"),
        ("2027-02-09T10:00:00", HOLIDAY, "holiday: Alternative holiday for Korean New Year", "2027-02-10T00:00"),
        ("2027-02-10T10:00:00", OPEN, "week: Wednesday 09:00-12:00", "2027-02-10T12:00"),
    ],
)
def test_an_exception_goes_before_a_holiday_and_that_before_the_week(
    when: str, state: OpenState, why: str, until: str
) -> None:
    found = Rule(Spec(SEOUL, WORKDAYS, (HALF_DAY,), ("KR",)))(at(when))
    assert (found.state, found.why, found.until) == (state, why, at(until))
    assert found.sound == ("sound:acme/half-day" if "exception" in why else "")


def test_given_an_exception_on_a_holiday_then_its_ranges_hold() -> None:
    works = exception("Christmas desk", "12-25", "", "10:00-11:00")
    rule = Rule(Spec(SEOUL, WORKDAYS, (works,), ("KR",)))
    assert [rule(at(f"2026-12-25T{clock}")).state for clock in ("09:59", "10:00", "11:00")] == [CLOSED, OPEN, CLOSED]


def test_given_several_exceptions_of_a_day_then_the_most_particular_holds() -> None:
    every = [
        exception("season", "12-01", "01-31"),
        exception("yearly day", "12-24"),
        exception("this span", "2026-12-20", "2026-12-27"),
        exception("this day", "2026-12-24"),
        exception("this day again", "2026-12-24"),
    ]
    names = []
    while every:
        found = holding(every, date(2026, 12, 24))
        assert found is not None
        names.append(found.name)
        every.remove(found)
    assert names == ["this day", "this day again", "this span", "yearly day", "season"]


def test_a_yearly_span_goes_over_the_turn_of_the_year() -> None:
    span = exception("between the years", "12-28", "01-02")
    held = [day for day in ("12-27", "12-28", "12-31") if span.holds(date.fromisoformat(f"2026-{day}"))]
    held += [day for day in ("01-01", "01-02", "01-03") if span.holds(date.fromisoformat(f"2027-{day}"))]
    assert held == ["12-28", "12-31", "01-01", "01-02"]
    assert exception("leap", "02-29").holds(date(2028, 2, 29))
    assert not exception("leap", "02-29").holds(date(2027, 3, 1))


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    bavaria, germany = (every_day("09:00-18:00", countries=(code,)) for code in ("DE-BY", "DE"))
    epiphany = at("2027-01-06T10:00", BERLIN)
    assert (bavaria(epiphany).state, germany(epiphany).state) == (HOLIDAY, OPEN)


# ------------------------------------------------------------------------------- the clock is set


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 4), ("2027-03-28", 2), ("2026-10-24", 3)])
def test_a_time_that_occurs_twice_counts_twice_and_one_that_is_skipped_does_not(day: str, hours: int) -> None:
    rule = every_day("01:00-04:00")
    begin = at(f"{day}T00:00", BERLIN)
    assert open_s(rule, begin, begin + 43_200) == hours * 3_600


def test_given_a_range_within_the_doubled_hour_then_it_opens_twice() -> None:
    rule = every_day("02:30-02:45")
    first, second = (at("2026-10-25T02:30", BERLIN, fold) for fold in (0, 1))
    spans = [*rule.spans(at("2026-10-25T00:00", BERLIN), at("2026-10-25T12:00", BERLIN))]
    assert [(since, till) for since, till, found in spans if found.state is OPEN] == [
        (first, first + 900),
        (second, second + 900),
    ]
    skipped = at("2027-03-28T00:00", BERLIN)
    assert open_s(rule, skipped, skipped + 43_200) == 0


def test_given_a_clock_that_is_set_at_midnight_then_the_days_stay_whole() -> None:
    """Beirut skips the first hour of a day; in Newfoundland the clock went back over midnight, at 00:01."""
    beirut = every_day("00:00-02:00", zone="Asia/Beirut")
    begin = at("2026-03-28T12:00", "Asia/Beirut")
    assert open_s(beirut, begin, begin + 86_400) == 3_600
    newfoundland = every_day("00:00-00:30", zone="America/St_Johns")
    begin = at("2010-11-06T12:00", "America/St_Johns")
    assert open_s(newfoundland, begin, begin + 86_400) == 31 * 60, "a minute, and after the hour once more"


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati", SEOUL, "UTC"])
@pytest.mark.parametrize("clock", ["00:15", "06:45", "12:00", "19:30", "23:45"])
def test_every_end_of_a_range_is_found_wherever_its_day_lies(zone: str, clock: str) -> None:
    """West of Greenwich the evening lies in the next day of UTC, east of it the morning in the one before."""
    rule = every_day(f"00:00-{clock}", zone=zone)
    assert rule(at("2026-12-01T00:05", zone)).until == at(f"2026-12-01T{clock}", zone)
    assert rule(at(f"2026-12-01T{clock}", zone)).until == at("2026-12-02T00:00", zone)


def test_a_timed_event_of_a_calendar_begins_and_ends_in_the_middle_of_a_range() -> None:
    begin, end = at("2026-12-01T10:10"), at("2026-12-01T10:40")
    rule = Rule(Spec(SEOUL, (HOUSE,) * 7, calendar=Calendar(spans=((begin, end, "Meeting"),))))
    found = [(since, till, one.state, one.why) for since, till, one in rule.spans(at("2026-12-01T09:00"), end + 60)]
    assert found == [
        (at("2026-12-01T09:00"), begin, OPEN, "week: Tuesday 09:00-12:00"),
        (begin, end, HOLIDAY, "holiday: Meeting"),
        (end, end + 60, OPEN, "week: Tuesday 09:00-12:00"),
    ]


def test_given_an_exception_then_a_timed_event_of_its_day_does_not_count() -> None:
    spans = ((at("2026-12-24T10:00"), at("2026-12-24T11:00"), "Meeting"),)
    rule = Rule(Spec(SEOUL, WORKDAYS, (HALF_DAY,), calendar=Calendar(spans=spans)))
    assert rule(at("2026-12-24T10:30")).why == "exception: Half day"


def test_a_holiday_begins_at_midnight_of_its_zone() -> None:
    rule = every_day("00:00-24:00", zone=SEOUL, countries=("KR",))
    assert rule(at("2026-12-24T23:59:59")).state is OPEN
    assert rule(at("2026-12-25T00:00:00")).state is HOLIDAY
    assert rule(at("2026-12-25T23:59:59")).until == at("2026-12-26T00:00")


# ------------------------------------------------------------------------------- ever and never


def test_given_nothing_that_could_come_then_it_never_changes() -> None:
    assert every_day()(at("2026-11-30T10:00")).until is None
    past = every_day(specials=(exception("then", "2020-01-01", "2020-01-05", "09:00-10:00"),))
    assert past(at("2026-11-30T10:00")).until is None
    assert past(at("2020-01-03T09:30", BERLIN)).until == at("2020-01-03T10:00", BERLIN)


def test_given_hours_that_open_on_one_far_day_then_it_is_found() -> None:
    far = every_day(specials=(exception("far", "2031-05-05", "", "09:00-10:00"),))
    assert far(at("2026-11-30T10:00")).until == at("2031-05-05T00:00", BERLIN)
    leap = every_day(specials=(exception("leap", "02-29", "", "09:00-10:00"),))
    assert leap(at("2097-01-01T10:00", BERLIN)).until == at("2104-02-29T00:00", BERLIN)


# ------------------------------------------------------------------------------- any of them


@st.composite
def ranges_of_a_day(draw: st.DrawFn) -> tuple[Range, ...]:
    edges = draw(st.lists(st.integers(0, 1440 // 15), min_size=0, max_size=6, unique=True).map(sorted))
    pairs = [(a * 15, b * 15) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return tuple(Range(a, b, f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}") for a, b in pairs)


ZONES = [SEOUL, BERLIN, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut", "Africa/Cairo"]
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@st.composite
def exceptions(draw: st.DrawFn) -> Special:
    first = draw(DAYS)
    last = first + timedelta(days=draw(st.integers(0, 9)))
    year = draw(st.booleans())
    begin, end = ((one.year if year else 0, one.month, one.day) for one in (first, last))
    return Special(draw(st.sampled_from("ABC")), begin, end, draw(ranges_of_a_day()))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    days = draw(st.dictionaries(DAYS, st.sampled_from(["one", "two"]), max_size=4))
    edges = sorted(draw(st.sets(st.integers(1_767_225_600, 1_861_919_999), max_size=6)))
    spans = zip(edges[::2], edges[1::2], strict=False)
    return Calendar(tuple(sorted(days.items())), tuple((float(a), float(b), "event") for a, b in spans))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    return Rule(
        Spec(
            draw(st.sampled_from(ZONES)),
            tuple(draw(ranges_of_a_day()) for _ in range(7)),
            tuple(draw(st.lists(exceptions(), max_size=3))),
            draw(st.sampled_from([(), ("KR",), ("DE",)])),
            draw(calendars()),
        )
    )


INSTANTS = st.floats(at("2026-01-01T00:00"), at("2028-12-30T00:00"), allow_nan=False)
TURNS = [at(f"{day}T12:00", BERLIN) for day in ("2026-03-28", "2026-10-24", "2027-03-27", "2027-10-30")]
NEAR_TURNS = st.tuples(st.sampled_from(TURNS), st.floats(0, 86_400)).map(sum)


def by_the_wall(rule: Rule, when: float) -> tuple[OpenState, str]:
    """The same question, answered slowly from the words of the requirement."""
    spec = rule.spec
    there = datetime.fromtimestamp(when, ZoneInfo(spec.timezone))
    minute = there.hour * 60 + there.minute
    special = holding(spec.specials, there.date())
    if special is not None:
        is_open = any(one.begin <= minute < one.end for one in special.ranges)
        return (OPEN if is_open else CLOSED), f"exception: {special.name}"
    from cti_bridge.hours.public import public_holidays

    for country in spec.countries:
        if name := public_holidays(country, there.year).get(there.date()):
            return HOLIDAY, f"holiday: {name}"
    if name := dict(spec.calendar.days).get(there.date()):
        return HOLIDAY, f"holiday: {name}"
    for begin, end, name in spec.calendar.spans:
        if begin <= when < end:
            return HOLIDAY, f"holiday: {name}"
    found = [one for one in spec.week[there.weekday()] if one.begin <= minute < one.end]
    return (OPEN, f"week: {there:%A} {found[0].text}") if found else (CLOSED, "week: closed")


@settings(max_examples=60, deadline=None)
@given(rules(), INSTANTS | NEAR_TURNS, st.data())
def test_at_any_instant_it_says_what_the_wall_says_and_until_when(rule: Rule, when: float, data: st.DataObject) -> None:
    found = rule(when)
    assert (found.state, found.why) == by_the_wall(rule, when)
    if found.until is None:
        return
    assert found.until > when
    after = Rule(rule.spec)(found.until)
    assert (after.state, after.why) != (found.state, found.why)
    for share in data.draw(st.lists(st.floats(0, 1), min_size=8, max_size=8)):
        between = when + (found.until - when) * share
        if between < found.until:
            assert by_the_wall(rule, between) == (found.state, found.why)
            again = Rule(rule.spec)(between)
            assert (again.state, again.why, again.until) == (found.state, found.why, found.until)


def spans_of(rule: Rule) -> Iterator[float]:
    for since, till, _ in rule.spans(TURNS[0], TURNS[0] + 30 * 86_400):
        yield till - since


@settings(max_examples=20, deadline=None)
@given(rules())
def test_the_spans_of_a_month_are_whole(rule: Rule) -> None:
    assert sum(spans_of(rule)) == pytest.approx(30 * 86_400)


@settings(max_examples=20, deadline=None)
@given(rules(), st.lists(INSTANTS, min_size=2, max_size=6))
def test_the_order_of_questions_changes_no_answer(rule: Rule, instants: list[float]) -> None:
    assert [rule(when) for when in instants] == [Rule(rule.spec)(when) for when in instants]


def test_rules_are_equal_by_what_they_say() -> None:
    assert every_day("09:00-10:00") == every_day("09:00-10:00") != every_day("09:00-10:01")
    assert len({every_day("09:00-10:00"), every_day("09:00-10:00")}) == 1


# ------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    "text", ["9:00-12:00", "09:00 - 12:00", "09:00-24:01", "24:00-24:00", "09:60-10:00", "٠٩:00-10:00"]
)
def test_a_range_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match='write a range as "09:00-12:00"'):
        parse_range(text)


def test_a_range_that_ends_before_it_begins_is_two() -> None:
    with pytest.raises(ValueError, match='two ranges, "22:00-24:00" and "00:00-06:00" on the next day'):
        parse_range("22:00-06:00")
    assert parse_range("22:00-24:00").end == 1440


NOW = at("2026-11-30T10:00")


@pytest.mark.parametrize(
    ("text", "means", "words"),
    [
        ("14:00", "2026-11-30T14:00", "14:00"),
        ("24:00", "2026-12-01T00:00", "24:00"),
        ("2026-12-25T14:00", "2026-12-25T14:00", "2026-12-25 14:00"),
        ("2026-12-25 14:00:30", "2026-12-25T14:00:30", "2026-12-25 14:00:30"),
        ("2026-12-25T05:00:00Z", "2026-12-25T14:00", "2026-12-25 14:00"),
        ("2026-12-25T06:00+01:00", "2026-12-25T14:00", "2026-12-25 14:00"),
        ("2026-12-25T00:00", "2026-12-25T00:00", "2026-12-24 24:00"),
    ],
)
def test_a_time_is_read_and_said_in_the_zone(text: str, means: str, words: str) -> None:
    assert moment(text, SEOUL, NOW) == at(means)
    assert local(SEOUL, at(means), NOW) == words


@pytest.mark.parametrize("text", ["tomorrow", "25:00", "14", "2026-02-30T10:00", "2026-12-25", "", "20261225T140000"])
def test_another_text_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match='write a time as "14:00"'):
        moment(text, SEOUL, NOW)


def test_the_day_ends_at_midnight_of_the_zone_also_when_the_clock_is_set() -> None:
    assert day_ends(SEOUL, NOW) == at("2026-12-01T00:00")
    begin = at("2026-10-25T00:30", BERLIN)
    assert day_ends(BERLIN, begin) - at("2026-10-25T00:00", BERLIN) == 25 * 3_600
