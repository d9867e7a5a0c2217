"""What `check-config` says of opening hours, with file and line, and how they come together from several files."""

from pathlib import Path

import pytest

from cti_bridge.config import opening_hours
from cti_bridge.domain.model.hours import Hours
from cti_bridge.hours.rule import Rule
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems

LINES = sum(text.count("\n") for text in BASE.values())
HEAD = '[[hours]]\nid = "office"\ntimezone = "Asia/Seoul"\n'
WEEK = '[hours.week]\nmon = ["09:00-12:00", "13:00-18:00"]\n'
EXCEPTION = '[[hours.exceptions]]\nname = "Half day"\ndate = "2026-12-24"\nopen = ["09:00-12:00"]\n'
FILE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n{}\r\nSUMMARY:House\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)
TWO_RANGES = EXCEPTION.replace('"]', '", "11:00-13:00"]')
TOO_OFTEN = FILE.format("DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=SECONDLY")
TRANSPARENT = FILE.format("DTSTART;VALUE=DATE:20991201\r\nTRANSP:TRANSPARENT")


def said(directory: Path, more: str, **files: str) -> list[str]:
    """What is said of it, each with the line behind the base."""
    found = problems(configuration(directory, more, **files))
    return [
        f"{(problem.place.line or 0) - LINES}: {'warning: ' if problem.severity == 'warning' else ''}{problem.text}"
        for problem in found
    ]


def hours(directory: Path, more: str, **files: str) -> dict[str, Hours]:
    configuration(directory, more, **files)
    return dict(load_settings(directory / "cti_bridge.toml", ENVIRONMENT).directory().hours)


def spec_of(found: Hours) -> Rule:
    assert isinstance(found.rule, Rule)
    return found.rule


def test_given_hours_without_a_fault_then_nothing_is_said_and_the_core_has_them(tmp_path: Path) -> None:
    more = HEAD + 'holidays = ["KR", "DE-BY"]\n' + WEEK + EXCEPTION
    assert said(tmp_path, more) == []
    (found,) = hours(tmp_path, more).values()
    assert (found.id, found.timezone, found.local(0.0, 0.0)) == ("office", "Asia/Seoul", "09:00")
    assert spec_of(found).spec.countries == ("KR", "DE-BY")


@pytest.mark.parametrize(
    ("more", "line", "says"),
    [
        ('[[hours]]\nid = "x"\ntimezone = "Asia/Soul"\n', 3, 'there is no time zone "Asia/Soul"'),
        ('[[hours]]\nid = "x"\ntimezone = "Asia"\n', 3, 'there is no time zone "Asia"'),
        ('[[hours]]\nid = "x"\ntimezone = "../etc"\n', 3, 'there is no time zone "../etc"'),
        ('[[hours]]\nid = "x"\n' + WEEK, 1, '"timezone" is missing'),
        (HEAD + WEEK.replace("13:00-18:00", "1pm-6pm"), 5, 'write a range as "09:00-12:00"'),
        (HEAD + WEEK.replace("13:00-18:00", "18:00-13:00"), 5, '"18:00-13:00" ends before it begins'),
        (HEAD + WEEK.replace("13:00-18:00", "11:59-18:00"), 5, '"11:59-18:00" overlaps "09:00-12:00"'),
        (HEAD + WEEK.replace("mon", "monday"), 5, 'unknown key "monday"; did you mean "mon"?'),
        (HEAD + 'holidays = ["KP2"]\n' + WEEK, 4, 'there are no public holidays of "KP2"'),
        (HEAD + 'holidays = ["kr"]\n' + WEEK, 4, 'did you mean "KR"?'),
        (HEAD + 'holidays = ["DE-XX"]\n' + WEEK, 4, '"DE" has no part "XX"'),
        (HEAD + 'holidays = ["KR", "KR"]\n' + WEEK, 4, '"KR" stands in this list twice'),
        (HEAD, 2, 'the hours "office" never open'),
        (HEAD + EXCEPTION.replace("2026-", "2020-"), 2, 'the hours "office" never open'),
        (HEAD + WEEK + EXCEPTION.replace("2026-12-24", "2026-02-30"), 8, '"2026-02-30" is no day of the calendar'),
        (HEAD + WEEK + EXCEPTION.replace("2026-12-24", "24.12."), 8, 'write a day as "2026-12-24"'),
        (HEAD + WEEK + EXCEPTION.replace('date = "2026-12-24"\n', ""), 7, "write either date, or from and till"),
        (HEAD + WEEK + EXCEPTION + 'till = "2026-12-26"\n', 7, "write either date, or from and till"),
        (HEAD + WEEK + EXCEPTION.replace("date", "from"), 7, "write either date, or from and till"),
        (HEAD + WEEK + EXCEPTION.replace("date", "from") + 'till = "2026-12-23"\n', 10, "is before"),
        (HEAD + WEEK + EXCEPTION.replace("date", "from") + 'till = "12-26"\n', 10, "both have a year"),
        (HEAD + WEEK + TWO_RANGES, 9, '"11:00-13:00" overlaps "09:00-12:00"'),
        (HEAD + WEEK + EXCEPTION + EXCEPTION, 11, '"Half day" stands in this file twice, and in [[hours.exceptions]]'),
        (HEAD + WEEK + EXCEPTION + 'sound = "half-day"\n', 10, 'write a message as "sound:NAME"'),
        (HEAD + WEEK + HEAD, 7, 'id "office" stands in this file twice, and in [[hours]] it must be unique'),
        (HEAD + 'holiday_files = ["none.ics"]\n' + WEEK, 4, "none.ics cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, more: str, line: int, says: str) -> None:
    found = said(tmp_path, more)
    assert [one for one in found if says in one], found
    assert all(one.startswith(f"{line}: ") and "warning" not in one for one in found), found


def test_given_a_table_in_place_of_an_array_then_it_is_said(tmp_path: Path) -> None:
    assert [one for one in said(tmp_path, '[hours]\nid = "office"\n') if "[[hours]]" in one or "array" in one]


def test_a_broken_entry_hides_no_other_one(tmp_path: Path) -> None:
    other = HEAD.replace("office", "shop")
    found = said(tmp_path, HEAD.replace("Seoul", "Soul") + WEEK + other)
    assert [one.split(": ")[1] for one in found] == ['"timezone"', 'the hours "shop" never open']


# ------------------------------------------------------------------------------- holiday files


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<html></html>", "is no iCalendar file: line 1 has no property"),
        (TOO_OFTEN, "is not daily, weekly, monthly or yearly (line 7)"),
        (FILE.format("DTSTART:20201201T100000"), "warning: "),
        (TRANSPARENT, "; 1 events are transparent, and do not count"),
    ],
)
def test_a_holiday_file_that_is_of_no_use_is_said(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "house.ics").write_text(content)
    (found,) = said(tmp_path, HEAD + 'holiday_files = ["house.ics"]\n' + WEEK)
    assert found.startswith(f"4: {'warning: ' if 'warning' in found else ''}{tmp_path}/house.ics ")
    assert says in found


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "house.ics")
    (found,) = said(tmp_path, HEAD + 'holiday_files = ["house.ics"]\n' + WEEK)
    assert "it is no file, but a FIFO" in found


def test_a_changed_holiday_file_makes_another_rule(tmp_path: Path) -> None:
    more = HEAD + 'holiday_files = ["house.ics"]\n' + WEEK
    (tmp_path / "house.ics").write_text(FILE.format("DTSTART;VALUE=DATE:20991201\r\nRRULE:FREQ=YEARLY"))
    before, same = hours(tmp_path, more)["office"], hours(tmp_path, more)["office"]
    (tmp_path / "house.ics").write_text(FILE.format("DTSTART;VALUE=DATE:20201202\r\nRRULE:FREQ=YEARLY"))
    assert before == same != hours(tmp_path, more)["office"]


# ------------------------------------------------------------------------------- warnings


def test_given_a_library_that_ends_within_a_year_then_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = HEAD + 'holidays = ["KR"]\n' + WEEK
    assert said(tmp_path, more) == []
    monkeypatch.setattr(opening_hours, "last_year", lambda country: 2020)
    (found,) = said(tmp_path, more)
    assert found.startswith('4: warning: the library knows no public holidays of "KR" for ')


def test_given_two_exceptions_of_one_day_then_it_is_said_which_comes_first(tmp_path: Path) -> None:
    other = '[[hours.exceptions]]\nname = "{}"\ndate = "{}"\n'
    assert said(tmp_path, HEAD + WEEK + EXCEPTION + other.format("Other", "12-24")) == []
    (found,) = said(tmp_path, HEAD + WEEK + EXCEPTION + other.format("Other", "2026-12-24"))
    assert found == '11: warning: "Other" and "Half day" hold on the same day, and "Half day" comes first'
    spans = "".join(
        f'[[hours.exceptions]]\nname = "{name}"\nfrom = "{first}"\ntill = "{last}"\n'
        for name, first, last in (("one", "12-30", "01-02"), ("two", "01-02", "01-04"))
    )
    assert len(said(tmp_path, HEAD + WEEK + spans)) == 1
    around = '[[hours.exceptions]]\nname = "around"\nfrom = "2026-12-20"\ntill = "2026-12-27"\n'
    assert said(tmp_path, HEAD + WEEK + EXCEPTION + around) == [], "a single day goes before a span"


# ------------------------------------------------------------------------------- several files


def test_later_files_change_hours_by_id_and_exceptions_by_name(tmp_path: Path) -> None:
    later = (
        '[[hours]]\nid = "office"\ntimezone = "Europe/Berlin"\n[hours.week]\ntue = ["10:00-11:00"]\n'
        '[[hours.exceptions]]\nname = "Half day"\nopen = []\n[[hours.exceptions]]\nname = "More"\ndate = "12-31"\n'
    )
    found = hours(tmp_path, HEAD + WEEK + EXCEPTION, **{"later.toml": later})["office"]
    spec = spec_of(found).spec
    assert spec.timezone == "Europe/Berlin"
    assert [[one.text for one in day] for day in spec.week[:2]] == [["09:00-12:00", "13:00-18:00"], ["10:00-11:00"]]
    assert [(one.name, one.first, len(one.ranges)) for one in spec.specials] == [
        ("Half day", (2026, 12, 24), 0),
        ("More", (0, 12, 31), 0),
    ]


def test_a_fault_in_a_later_file_is_said_there(tmp_path: Path) -> None:
    later = '[[hours]]\nid = "office"\n[[hours.exceptions]]\nname = "Half day"\nopen = ["12:00-09:00"]\n'
    (found,) = problems(configuration(tmp_path, HEAD + WEEK + EXCEPTION, **{"later.toml": later}))
    assert (Path(found.place.source).name, found.place.line) == ("later.toml", 5)


def test_the_sound_of_an_exception_is_one_that_a_pbx_must_have(tmp_path: Path) -> None:
    configuration(tmp_path, HEAD + WEEK + EXCEPTION + 'sound = "sound:acme/half-day"\n')
    assert "sound:acme/half-day" in load_settings(tmp_path / "cti_bridge.toml", ENVIRONMENT).media()
