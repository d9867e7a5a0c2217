"""`cti-bridge hours`: the days as the bridge will decide them, each with its reason, without bridge and database."""

from pathlib import Path

import pytest

from cti_bridge import hours_command
from cti_bridge.__main__ import main
from cti_bridge.domain.model.hours import Hours, HoursOverride, OpenState
from cti_bridge.exit_codes import ExitCode
from cti_bridge.hours.rule import Rule, Spec
from cti_bridge.hours.zone import local
from tests.support.configuration import ENVIRONMENT, configuration
from tests.unit.test_hours_rule import BERLIN, HALF_DAY, SEOUL, WORKDAYS, at, every_day

OFFICE = Hours(
    "office", SEOUL, Rule(Spec(SEOUL, WORKDAYS, (HALF_DAY,), ("KR",))), lambda when, now: local(SEOUL, when, now)
)
TWO = "".join(
    f'[[hours]]\nid = "{name}"\ntimezone = "Asia/Seoul"\n[hours.week]\nmon = ["00:00-24:00"]\n'
    for name in ("office", "shop")
)


def printed(now: str, days: int, override: HoursOverride | None = None, hours: Hours = OFFICE) -> list[str]:
    return list(hours_command.lines(hours, override, at(now), days))


def test_each_day_says_its_ranges_and_why() -> None:
    assert printed("2026-12-23T17:00", 5) == [
        "office (Asia/Seoul): open until 18:00, week: Wednesday 13:00-18:00",
        "  Wed 2026-12-23  09:00-12:00  open     week: Wednesday 09:00-12:00",
        "                  13:00-18:00  open     week: Wednesday 13:00-18:00",
        "  Thu 2026-12-24  00:00-09:00  closed   exception: Half day",
        "                  09:00-12:00  open     exception: Half day",
        "                  12:00-24:00  closed   exception: Half day",
        "  Fri 2026-12-25               holiday  holiday: Christmas Day",
        "  Sat 2026-12-26               closed   week: closed",
        "  Sun 2026-12-27               closed   week: closed",
    ]


def test_the_substitute_of_a_lunar_holiday_is_there() -> None:
    assert printed("2027-02-09T10:00", 1) == [
        "office (Asia/Seoul): holiday until 24:00, holiday: Alternative holiday for Korean New Year",
        "  Tue 2027-02-09               holiday  holiday: Alternative holiday for Korean New Year",
    ]


def test_an_override_holds_from_now_to_its_end() -> None:
    override = HoursOverride("office", OpenState.OPEN, at("2026-12-25T14:00"), "operator", 0.0, "")
    assert printed("2026-12-24T13:00", 2, override) == [
        "office (Asia/Seoul): open until 2026-12-25 14:00, override until 2026-12-25 14:00 by operator",
        "  Thu 2026-12-24  00:00-09:00  closed   exception: Half day",
        "                  09:00-12:00  open     exception: Half day",
        "                  12:00-13:00  closed   exception: Half day",
        "                  13:00-24:00  open     override until 2026-12-25 14:00 by operator",
        "  Fri 2026-12-25  00:00-14:00  open     override until 14:00 by operator",
        "                  14:00-24:00  holiday  holiday: Christmas Day",
    ]
    for_ever = HoursOverride("office", OpenState.CLOSED, None, "operator", 0.0, "")
    assert printed("2026-12-25T00:00", 2, for_ever)[1:] == [
        "  Fri 2026-12-25               closed   override by operator",
        "  Sat 2026-12-26               closed   override by operator",
    ]


@pytest.mark.parametrize(("day", "length"), [("2026-10-25", 25), ("2027-03-28", 23)])
def test_a_day_on_which_the_clock_is_set_says_so(day: str, length: int) -> None:
    berlin = Hours("b", BERLIN, every_day("01:00-04:00"), lambda when, now: local(BERLIN, when, now))
    found = list(hours_command.lines(berlin, None, at(f"{day}T12:00", BERLIN), 1))
    assert found[1].endswith("01:00-04:00  open     week: Sunday 01:00-04:00")
    assert found[2].strip() == f"the clock is set: this day has {length} hours"


# ------------------------------------------------------------------------------- the command


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return configuration(tmp_path, TWO) / "cti_bridge.toml"


def run(path: Path, *arguments: str) -> int:
    return main(["hours", "--config", str(path), *arguments])


def test_without_a_bridge_all_hours_are_printed_and_it_says_that_overrides_are_not_known(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(path, "--days", "3") == ExitCode.OK
    out, err = capsys.readouterr()
    assert [line.split(" ")[0] for line in out.splitlines() if not line.startswith(" ")] == ["office", "shop"]
    assert len(out.splitlines()) == 8
    assert err == "No bridge runs here: these are the hours without overrides by hand.\n"


def test_one_of_them_is_printed_for_two_weeks(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "shop") == ExitCode.OK
    out, _ = capsys.readouterr()
    assert out.startswith("shop (Asia/Seoul): ") and len(out.splitlines()) == 15


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("shpo",), 'There are no [[hours]] "shpo"; did you mean "shop"?'),
        (("office", "shop"), "Name one of [[hours]]"),
        (("override", "office"), "Write: cti-bridge hours override ID open|closed"),
        (("override", "office", "holiday"), "Write: cti-bridge hours override ID open|closed"),
        (("office", "--until", "14:00"), "Write: cti-bridge hours override ID open|closed"),
        (("override", "office", "off", "--until", "14:00"), "has no --until"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert run(path, *arguments) == ExitCode.WRONG_USE
    assert says in capsys.readouterr().err


def test_an_override_takes_a_running_bridge(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "override", "office", "closed") == ExitCode.FAILED
    assert capsys.readouterr().err.startswith("No bridge runs with the spool")


@pytest.mark.parametrize("days", ["0", "1001", "many"])
def test_a_number_of_days_has_limits(path: Path, days: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(path, "--days", days)
    assert ended.value.code == 2


def test_given_no_hours_then_that_is_said(tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configuration(tmp_path)
    assert run(path) == ExitCode.OK
    assert capsys.readouterr().out == "There are no [[hours]] in the configuration.\n"
