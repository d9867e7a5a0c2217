"""What check-config finds in scenarios and hours (requirement H5), each with its file and line."""

from pathlib import Path

import pytest

from cti_bridge.ari.probe import Probe
from cti_bridge.config.connect import of_probe
from cti_bridge.config.problems import ConfigurationError, Problem
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration
from tests.unit.test_scenario_tests import CHRISTMAS
from tests.unit.test_try_command import HOURS, MENU

SITE = "50-scenarios.toml"
GOTO = '[scenarios.steps.{}]\ndo = "goto"\nscenario = "main"\n'
PLAY = '[scenarios.steps.{}]\ndo = "play"\nsound = "sound:{}"\nnext = "{}"\n'

FOUND = {
    "an exit that leads nowhere": (
        MENU.replace('open = "menu"', 'open = "mnu"'),
        'open = "mnu"',
        "error",
        'there is no step "mnu"; did you mean "menu"?',
    ),
    "a step that nobody reaches": (
        MENU + PLAY.format("lost", "lost", "bye"),
        "[scenarios.steps.lost]",
        "warning",
        'nothing leads to step "lost"',
    ),
    "a circle without a pause": (
        MENU.replace('open = "menu"', 'open = "again"') + GOTO.format("again"),
        "[scenarios.steps.again]",
        "error",
        "this goto leads in a circle in which nothing waits",
    ),
    "a circle of messages": (
        MENU.replace('open = "menu"', 'open = "one"')
        + PLAY.format("one", "one", "two")
        + PLAY.format("two", "2", "one"),
        "[scenarios.steps.one]",
        "warning",
        "this play leads in a circle that only the caller ends, by hanging up",
    ),
    "hours that never open": (
        MENU + HOURS.replace('fri = ["09:00-18:00"]', "fri = []").replace("office", "closed"),
        'id = "closed"',
        "error",
        'the hours "closed" never open',
    ),
    "a holiday file that cannot be read": (
        MENU + HOURS.replace('holidays = ["KR"]', 'holiday_files = ["none.ics"]').replace("office", "other"),
        'holiday_files = ["none.ics"]',
        "error",
        "none.ics cannot be read: No such file or directory",
    ),
    "a failing test": (
        MENU + CHRISTMAS.replace('"bye"', '"menu"'),
        'way = ["hours", "menu"]',
        "error",
        'test "Christmas": the call takes another way',
    ),
}


def found(directory: Path, text: str) -> list[Problem]:
    main = "".join({**BASE, "scenarios": ""}.values())
    path = configuration(directory, HOURS, base=main, **{SITE: text}) / "cti_bridge.toml"
    try:
        return load_settings(path, ENVIRONMENT, tests="error").warnings
    except ConfigurationError as error:
        return error.problems


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_with_file_and_line(case: str, tmp_path: Path) -> None:
    text, line, severity, says = FOUND[case]
    fitting = [problem for problem in found(tmp_path, text) if says in problem.text]
    assert fitting, [str(problem) for problem in found(tmp_path, text)]
    lines = (tmp_path / "conf.d" / SITE).read_text().splitlines()
    place = fitting[0].place
    assert (place.source, place.line) == (str(tmp_path / "conf.d" / SITE), lines.index(line) + 1)
    assert fitting[0].severity == severity


def test_without_a_fault_nothing_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, MENU + CHRISTMAS) == []


def test_a_sound_that_the_pbx_lacks_is_told_with_the_line_that_names_it_first(tmp_path: Path) -> None:
    text = MENU + PLAY.format("lost", "bye", "bye")
    configuration(tmp_path, HOURS, base="".join({**BASE, "scenarios": ""}.values()), **{SITE: text})
    settings = load_settings(tmp_path / "cti_bridge.toml", ENVIRONMENT)
    probe = Probe(version="22.10.1", boot_id="boot", missing_sounds=("bye", "cti/goodbye"))
    told = [finding.text for finding in of_probe("PBX main", probe, settings.sound_places) if not finding.good]
    number = text.splitlines().index('sound = "sound:bye"') + 1
    assert told == [
        f'it lacks the sound "bye", which {tmp_path}/conf.d/{SITE}:{number} names',
        'it lacks the sound "cti/goodbye"',
    ]


@pytest.mark.parametrize(
    ("version", "monitors", "told"),
    [("22.11.0", True, 1), ("22.11.0+dfsg", True, 1), ("22.11.0", False, 0), ("22.11.1", True, 0)],
)
def test_a_pbx_that_breaks_monitored_calls_is_told_where_somebody_may_monitor(
    version: str, monitors: bool, told: int
) -> None:
    findings = of_probe("PBX main", Probe(version=version, boot_id="boot"), {}, monitors=monitors)
    bad = [finding.text for finding in findings if not finding.good]
    assert len(bad) == told
    assert all(text.startswith(f"no call can be monitored on Asterisk {version}") for text in bad)
