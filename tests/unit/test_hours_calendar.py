"""iCalendar files as holidays: which events count, their recurrences, and the limits that no file goes beyond."""

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti_bridge.hours import calendar as ics
from cti_bridge.hours.calendar import Calendar, CalendarUnusable, join, read_calendar

SEOUL = "Asia/Seoul"
YEAR = 2026


def event(*lines: str, uid: str = "1", summary: str = "House") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, f"SUMMARY:{summary}", "END:VEVENT"])


def read(*parts: str, zone: str = SEOUL) -> Calendar:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *parts, "END:VCALENDAR", ""])
    return read_calendar(text.encode(), zone, YEAR)


def days(found: Calendar) -> list[str]:
    return [day.isoformat() for day, _ in found.days]


def spans(found: Calendar, zone: str = SEOUL) -> list[tuple[str, str]]:
    return [
        tuple(datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") for at in span[:2])  # type: ignore[misc]
        for span in found.spans
    ]


# ------------------------------------------------------------------------------- which events count


def test_an_event_of_days_is_days_and_its_end_does_not_belong_to_it() -> None:
    found = read(event("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"))
    assert days(found) == ["2026-12-01", "2026-12-02", "2026-12-03"]
    assert found.name_of(date(2026, 12, 3)) == "House" and found.name_of(date(2026, 12, 4)) is None
    assert days(read(event("DTSTART;VALUE=DATE:20261201"))) == ["2026-12-01"]
    assert days(read(event("DTSTART;VALUE=DATE:20261201", "DURATION:P2D"))) == ["2026-12-01", "2026-12-02"]


def test_a_timed_event_is_a_time_in_its_own_zone_and_one_without_a_zone_in_that_of_the_hours() -> None:
    found = read(
        event("DTSTART:20261201T100000", "DTEND:20261201T110000", uid="floating"),
        event("DTSTART:20261202T010000Z", "DURATION:PT1H", uid="utc"),
        event("DTSTART;TZID=Europe/Berlin:20261203T020000", "DTEND;TZID=Europe/Berlin:20261203T030000", uid="berlin"),
        event("DTSTART:20261204T100000", uid="without length"),
    )
    assert spans(found) == [(f"2026-12-0{day}T10:00", f"2026-12-0{day}T11:00") for day in (1, 2, 3)]


def test_a_zone_of_the_file_is_known_by_its_rules() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:House\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        "TZOFFSETTO:+0300\r\nTZNAME:H\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    found = read(zone, event("DTSTART;TZID=House:20261201T040000", "DTEND;TZID=House:20261201T050000"))
    assert spans(found) == [("2026-12-01T10:00", "2026-12-01T11:00")]


def test_transparent_and_cancelled_events_do_not_count() -> None:
    found = read(
        event("DTSTART;VALUE=DATE:20261201", "TRANSP:TRANSPARENT", uid="a"),
        event("DTSTART;VALUE=DATE:20261202", "STATUS:CANCELLED", uid="b"),
        event("DTSTART;VALUE=DATE:20261203", "TRANSP:OPAQUE", uid="c"),
    )
    assert (days(found), found.transparent) == (["2026-12-03"], 1)


def test_other_parts_of_a_file_do_not_matter() -> None:
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nRRULE:FREQ=SECONDLY\r\nEND:VALARM"
    found = read(
        "BEGIN:VTODO\r\nDTSTART;VALUE=DATE:20261209\r\nEND:VTODO",
        event(
            "DTSTART;VALUE=DATE:20261201", 'ATTENDEE;X="' + "a" * 20_000 + '":mailto:x', alarm, "DESCRIPTION:a\r\n b"
        ),
    )
    assert days(found) == ["2026-12-01"]


def test_names_are_without_control_characters_and_short() -> None:
    found = read(event("DTSTART;VALUE=DATE:20261201", summary="Works\\noutin" + "g" * 200))
    assert found.days[0][1] == ("Works outin" + "g" * 200)[:100]


# ------------------------------------------------------------------------------- recurrences


def test_each_year_from_the_year_before_to_some_years_ahead() -> None:
    found = read(event("DTSTART;VALUE=DATE:19991201", "RRULE:FREQ=YEARLY"))
    assert days(found) == [f"{year}-12-01" for year in range(YEAR - 1, YEAR + ics.YEARS + 1)]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("FREQ=WEEKLY;COUNT=3", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("FREQ=WEEKLY;UNTIL=20261210", ["2026-12-01", "2026-12-08"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4", ["2026-12-01", "2026-12-03", "2026-12-15", "2026-12-17"]),
        ("FREQ=MONTHLY;BYDAY=-1MO;COUNT=2", ["2026-12-28", "2027-01-25"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["2026-12-31", "2027-01-29"]),
        ("FREQ=DAILY;COUNT=2", ["2026-12-01", "2026-12-02"]),
    ],
)
def test_recurrences_are_those_of_the_standard(rule: str, wanted: list[str]) -> None:
    assert days(read(event("DTSTART;VALUE=DATE:20261201", f"RRULE:{rule}"))) == wanted


def test_dates_are_added_and_taken_out() -> None:
    found = read(
        event(
            "DTSTART;VALUE=DATE:20261201",
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "EXDATE;VALUE=DATE:20261208",
            "RDATE;VALUE=DATE:20261224,20261231",
        )
    )
    assert days(found) == ["2026-12-01", "2026-12-15", "2026-12-24", "2026-12-31"]


def test_a_moved_occurrence_takes_the_place_of_its_own_and_a_cancelled_one_leaves_none() -> None:
    zone = "TZID=Asia/Seoul"
    found = read(
        event(f"DTSTART;{zone}:20261201T100000", f"DTEND;{zone}:20261201T110000", "RRULE:FREQ=DAILY;COUNT=3"),
        event(f"RECURRENCE-ID;{zone}:20261202T100000", f"DTSTART;{zone}:20261202T150000", "DURATION:PT1H"),
        event("RECURRENCE-ID:20261203T010000Z", f"DTSTART;{zone}:20261203T100000", "STATUS:CANCELLED"),
    )
    assert spans(found) == [("2026-12-01T10:00", "2026-12-01T11:00"), ("2026-12-02T15:00", "2026-12-02T16:00")]


def test_a_recurrence_keeps_the_clock_on_the_wall_when_it_is_set() -> None:
    berlin = "TZID=Europe/Berlin"
    found = read(
        event(f"DTSTART;{berlin}:20261024T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20261026T090000Z"),
        zone="Europe/Berlin",
    )
    assert [begin for begin, _ in spans(found, "Europe/Berlin")] == [f"2026-10-{day}T10:00" for day in (24, 25, 26)]


def test_times_that_overlap_are_one_after_the_other() -> None:
    found = read(
        event("DTSTART:20261201T100000", "DTEND:20261201T120000", summary="long", uid="1"),
        event("DTSTART:20261201T110000", "DTEND:20261201T113000", summary="within", uid="2"),
        event("DTSTART:20261201T113000", "DTEND:20261201T130000", summary="behind", uid="3"),
    )
    assert [(*span, name) for span, (_, _, name) in zip(spans(found), found.spans, strict=True)] == [
        ("2026-12-01T10:00", "2026-12-01T12:00", "long"),
        ("2026-12-01T12:00", "2026-12-01T13:00", "behind"),
    ]


def test_several_files_are_one_and_the_first_name_counts() -> None:
    first, second = (read(event("DTSTART;VALUE=DATE:20261201", summary=name)) for name in ("first", "second"))
    assert join([first, second]).days == ((date(2026, 12, 1), "first"),)
    assert join([]) == Calendar()


# ------------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=SECONDLY", "not daily, weekly, monthly or yearly \\(line 7\\)"),
        ("FREQ=HOURLY;COUNT=1", "not daily"),
        ("COUNT=3", "not daily"),
        ("FREQ=DAILY;INTERVAL=0", "the interval 0"),
        ("FREQ=DAILY;INTERVAL=99999999999", "the interval 9"),
        ("FREQ=DAILY;BYSECOND=1,2,3", "with BYSECOND"),
        ("FREQ=YEARLY;BYEASTER=0", "with BYEASTER"),
        ("FREQ=DAILY;UNTIL=tomorrow", "iCalendar|cannot be read"),
    ],
)
def test_a_rule_that_no_holiday_has_is_refused_with_its_line(rule: str, says: str) -> None:
    with pytest.raises(CalendarUnusable, match=says):
        read(event("DTSTART;VALUE=DATE:20261201", f"RRULE:{rule}"))


def test_a_rule_of_a_zone_is_yearly() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:House\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nRRULE:FREQ=DAILY\r\n"
        "TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )
    with pytest.raises(CalendarUnusable, match="not daily, weekly"):
        read(zone, event("DTSTART;VALUE=DATE:20261201"))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("DTSTART;TZID=Nowhere/Known:20261201T100000", "DURATION:PT1H"), 'time zone "Nowhere/Known"'),
        (("DTSTART;VALUE=DATE:20261301",), "iCalendar|cannot be read"),
        (("SUMMARY:no begin",), "without a begin"),
        (("DTSTART;VALUE=DATE:20261201", "DTEND:20261201T100000"), "a day and a time"),
        (("DTSTART:20261201T100000Z", "DTEND:20261201T110000"), "a zone at one of its ends"),
        (("DTSTART;VALUE=DATE:18000101", "RRULE:FREQ=DAILY"), "from before 1900"),
        (("DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "several recurrences"),
    ],
)
def test_an_event_that_cannot_be_read_is_said(lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(CalendarUnusable, match=says):
        read(event(*lines))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no iCalendar file"),
        (b"<html>\r\n</html>\r\n", "line 1 has no property"),
        (b"\xff\xfe", "not UTF-8 \\(line 1\\)"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "cut off: VEVENT"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "line 2 ends what has not begun"),
        (b"BEGIN:VCALENDAR\r\n" * 20, "too deep \\(line 9\\)"),
        (b"X" * (ics.LARGEST + 1), "too large"),
    ],
)
def test_a_file_that_is_none_is_said(content: bytes, says: str) -> None:
    with pytest.raises(CalendarUnusable, match=says):
        read_calendar(content, SEOUL, YEAR)


def malicious() -> dict[str, str]:
    """Files of up to the largest size that would cost most."""
    never = event("DTSTART;VALUE=DATE:19000101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    daily = event("DTSTART;VALUE=DATE:19000101", "RRULE:FREQ=DAILY")
    long = event("DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:99991231")
    dates = "RDATE;VALUE=DATE:" + ",".join(["20261224"] * 1_000)
    return {
        "recurrences that never come": "\r\n".join([never] * 4_000),
        "a century of days": "\r\n".join([daily] * 4_000),
        "eight thousand years": "\r\n".join([long] * 4_000),
        "many events": "\r\n".join([event("DTSTART;VALUE=DATE:20261201")] * 4_999),
        "too many events": "\r\n".join([event("DTSTART;VALUE=DATE:20261201")] * 5_001),
        "many dates": "\r\n".join([event("DTSTART;VALUE=DATE:20261201", *[dates] * 10)] * 10),
        "a folded line": event("DTSTART;VALUE=DATE:20261201", "DESCRIPTION:" + "\r\n x" * 200_000),
    }


@pytest.mark.parametrize("name", malicious())
def test_no_file_takes_long_or_much(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "WITHIN_S", 0.5)
    begun = time.process_time()
    try:
        found = read(malicious()[name])
    except CalendarUnusable as error:
        assert "more than" in str(error) or "longer than" in str(error)
    else:
        assert len(found.days) + len(found.spans) <= ics.MOST_TIMES
    assert time.process_time() - begun < 15


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_a_recurrence_that_never_comes_is_given_up(frequency: str) -> None:
    """The library alone looks for it until the year 9999, ten seconds for each."""
    begun = time.process_time()
    assert read(event("DTSTART;VALUE=DATE:19000101", f"RRULE:FREQ={frequency};BYMONTH=2;BYMONTHDAY=30")) == Calendar()
    assert time.process_time() - begun < 3


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_content_is_read_or_refused_in_words(content: bytes) -> None:
    framed = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + content + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    for file in (content, framed):
        try:
            read_calendar(file, SEOUL, YEAR)
        except CalendarUnusable as error:
            assert str(error)


WORDS = st.sampled_from([
    "DTSTART", "DTEND", "RRULE", "RDATE", "EXDATE", "DURATION", "RECURRENCE-ID", ";VALUE=DATE", ";TZID=Asia/Seoul", ":",
    "20261201", "T100000", "Z", "FREQ=DAILY", "COUNT=2", "BYDAY=MO", ";", ",", "P1D", "/", "\r\n", "00000000", "-",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=25).map("".join))
def test_any_lines_of_an_event_are_read_or_refused_in_words(lines: str) -> None:
    try:
        read(event("DTSTART;VALUE=DATE:20261201", lines))
    except CalendarUnusable as error:
        assert str(error)
