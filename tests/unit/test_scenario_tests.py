"""Tests that scenarios carry: run by the check, told with file and line, refused at a reload, warned of at a start."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from cti_bridge import running
from cti_bridge.__main__ import main
from cti_bridge.config import scenario_tests
from cti_bridge.config.problems import ConfigurationError, Problem
from cti_bridge.exit_codes import ExitCode
from cti_bridge.reload import Reloader
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import ENVIRONMENT, configuration
from tests.unit.test_scenario_settings import with_scenarios
from tests.unit.test_try_command import HOURS, MENU

CHRISTMAS = '[[scenarios.tests]]\nname = "Christmas"\nat = "2026-12-25T10:00"\nway = ["hours", "bye"]\n'
WORKDAY = (
    '[[scenarios.tests]]\nname = "Workday"\nat = "2026-12-18T10:00"\npress = ["-", "1"]\nwait_s = 30\n'
    'way = ["hours", "menu", "wait"]\nend = "agent"\n'
)


def found(
    directory: Path, tests: str, /, severity: Literal["error", "warning"] = "error", site: str = ""
) -> list[Problem]:
    path = (
        configuration(directory, HOURS, base=with_scenarios(MENU + tests), **{"50-site.toml": site}) / "cti_bridge.toml"
    )
    try:
        return load_settings(path, ENVIRONMENT, tests=severity).warnings
    except ConfigurationError as error:
        return error.problems


def test_tests_that_hold_say_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, CHRISTMAS + WORKDAY) == []


def test_a_failing_test_has_its_line_and_both_ways_side_by_side(tmp_path: Path) -> None:
    [problem] = found(tmp_path, WORKDAY + CHRISTMAS.replace('"bye"', '"menu", "wait"'))
    lines = (tmp_path / "cti_bridge.toml").read_text().splitlines()
    assert problem.place.line is not None
    assert lines[problem.place.line - 1] == 'way = ["hours", "menu", "wait"]'
    assert lines[problem.place.line - 3] == 'name = "Christmas"'
    assert problem.severity == "error" and problem.text.splitlines() == [
        'test "Christmas": the call takes another way',
        "      taken             wanted",
        "      hours  closed     hours",
        "      bye            |  menu",
        "                     |  wait",
        "      end: hangup       end: any",
    ]


def test_another_end_has_the_line_of_the_end(tmp_path: Path) -> None:
    [problem] = found(tmp_path, CHRISTMAS + 'end = "voicemail"\n')
    assert problem.place.line is not None
    assert (tmp_path / "cti_bridge.toml").read_text().splitlines()[problem.place.line - 1] == 'end = "voicemail"'
    assert problem.text.splitlines()[-1] == "      end: hangup    |  end: voicemail"


@pytest.mark.parametrize(
    ("test", "text"),
    [
        ('at = "noon"\nway = []\n', 'not "noon"'),
        ('press = ["x"]\nway = []\n', 'not "x"'),
        ("agents = 101\nway = []\n", "from 0 to 100"),
        ("busy = 2\nway = []\n", "2 agents cannot be busy, for 1 work"),
        ('mark = "threat"\nway = []\n', "a withheld number has no mark"),
        ('from = "mother"\nway = []\n', 'not "mother"'),
        ('answers = { wiat = "full" }\nway = []\n', 'did you mean "wait"?'),
        ('answers = { wait = { tier = "gold" } }\nway = []\n', 'not "found"'),
        ('way = ["hours", "bye"]\n', 'give the time, "at"'),
        ('at = "2026-12-25T10:00"\n', "it wants neither a way nor an end"),
    ],
)
def test_a_test_that_cannot_be_run_says_why_with_its_line(tmp_path: Path, test: str, text: str) -> None:
    [problem] = found(tmp_path, f'[[scenarios.tests]]\nname = "T"\n{test}')
    lines = (tmp_path / "cti_bridge.toml").read_text().splitlines()
    assert text in problem.text and problem.text.startswith('test "T": ')
    assert problem.place.line is not None and problem.place.line > lines.index('name = "T"') - 1


def test_a_wrong_key_of_a_test_is_found_as_anywhere(tmp_path: Path) -> None:
    [problem] = found(tmp_path, CHRISTMAS.replace("way", "wya"))
    assert problem.text == 'unknown key "wya"; did you mean "way"?'


def test_a_later_file_changes_a_test_by_its_name(tmp_path: Path) -> None:
    wrong = CHRISTMAS.replace('"bye"', '"menu"')
    mended = f'[[scenarios]]\nid = "main"\n{CHRISTMAS}'
    assert len(found(tmp_path / "wrong", wrong)) == 1
    assert found(tmp_path / "mended", wrong, site=mended) == []


def test_a_scenario_without_a_number_and_one_in_the_short_form_have_tests(tmp_path: Path) -> None:
    inner = (
        '[[scenarios]]\nid = "inner"\nservice = "acme"\nstart = "end"\n[scenarios.steps.end]\ndo = "play"\n'
        'sound = "sound:end"\nnext = "main/bye"\n'
        '[[scenarios.tests]]\nname = "inner"\nway = ["end", "main/bye"]\n'
    )
    short = (
        '[[scenarios]]\nnumber = "+8225550007"\nservice = "acme"\nqueue = "support"\ngreeting = "sound:hello"\n'
        '[[scenarios.tests]]\nname = "short"\nagents = 0\nway = ["greeting", "queue", "busy"]\n'
    )
    outer = MENU.replace('otherwise = "bye"', 'otherwise = "inner/end"')
    path = configuration(tmp_path, HOURS, base=with_scenarios(outer + inner + short)) / "cti_bridge.toml"
    assert load_settings(path, ENVIRONMENT, tests="error").warnings == []


def test_there_is_a_most_of_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_tests, "MOST_TESTS", 1)
    [problem] = found(tmp_path, CHRISTMAS + WORKDAY)
    assert problem.text == "2 tests are too many; 1 are the most"


# ------------------------------------------------------------------------------- who runs them


WRONG = CHRISTMAS.replace('"bye"', '"menu"')


def test_check_config_fails_and_other_commands_do_not_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    found(tmp_path, WRONG)
    path = f"--config={tmp_path / 'cti_bridge.toml'}"
    assert main(["check-config", path]) == ExitCode.WRONG_USE
    assert 'test "Christmas": the call takes another way' in capsys.readouterr().err
    assert main(["try", path, "--number", "+8225550000"]) == ExitCode.OK
    assert main(["hours", path]) == ExitCode.OK


def test_a_start_warns_of_a_failing_test_and_goes_on(tmp_path: Path) -> None:
    [problem] = found(tmp_path, WRONG, severity="warning")
    assert problem.severity == "warning" and problem.text.startswith('test "Christmas"')


def test_the_bridge_starts_with_a_failing_test_and_its_reload_does_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    found(tmp_path, WRONG)
    loads: list[Callable[[], Settings]] = []

    def run(settings: Settings, sink: object, die: object, load: Callable[[], Settings], asked: object) -> int:
        loads.append(load)
        return 0

    monkeypatch.setattr(running, "run", run)
    assert main(["run", f"--config={tmp_path / 'cti_bridge.toml'}"]) == ExitCode.OK
    with pytest.raises(ConfigurationError, match="takes another way"):
        loads[0]()


async def test_a_failing_test_refuses_a_reload_and_is_told_in_one_line(tmp_path: Path) -> None:
    found(tmp_path, CHRISTMAS)
    path = tmp_path / "cti_bridge.toml"
    settings = load_settings(path, ENVIRONMENT, tests="error")

    async def take(_: object) -> None:
        raise AssertionError("a failing test was taken over")

    reloader = Reloader(settings, lambda: load_settings(path, ENVIRONMENT, tests="error"), take, lambda: 0.0)  # type: ignore[arg-type]
    path.write_text(path.read_text().replace('way = ["hours", "bye"]', 'way = ["bye"]'))
    with pytest.raises(ConfigurationError, match="takes another way"):
        await reloader.reload()
    assert reloader.settings is settings
    [warning] = reloader.warnings()
    assert warning.endswith('test "Christmas": the call takes another way')
