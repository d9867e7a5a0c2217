"""`cti-bridge try`: the way of a call, printed from the files alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cti_bridge.__main__ import main
from cti_bridge.exit_codes import ExitCode
from cti_bridge.sounds import speech
from tests.support.configuration import ENVIRONMENT, configuration
from tests.unit.test_scenario_settings import with_scenarios

HOURS = """
[[hours]]
id = "office"
timezone = "Asia/Seoul"
holidays = ["KR"]
[hours.week]
fri = ["09:00-18:00"]
"""
MENU = """
[[scenarios]]
id = "main"
service = "acme"
numbers = ["+8225550000"]
start = "hours"
[scenarios.steps.hours]
do = "hours"
hours = "office"
open = "menu"
closed = "bye"
[scenarios.steps.menu]
do = "menu"
sound = "sound:menu"
keys = { 1 = "wait" }
otherwise = "bye"
[scenarios.steps.wait]
do = "queue"
queue = "support"
longest_wait = "bye"
[scenarios.steps.bye]
do = "hangup"
sound = "sound:bye"
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return f"--config={configuration(tmp_path, HOURS, base=with_scenarios(MENU)) / 'cti_bridge.toml'}"


def test_each_step_is_a_line_with_its_second_its_exit_and_what_is_heard(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["--number", "02-555-0000", "--at", "2026-12-18T10:00", "--from", "+821012345678", "--press", "-,1"]
    assert main(["try", path, *call, "--agents", "2", "--busy", "2"]) == ExitCode.OK
    assert capsys.readouterr().out.splitlines() == [
        "02-555-0000: scenario main; Fri 2026-12-18 10:00 Asia/Seoul (of the hours office); from +821012345678; "
        "2 agents work (2 busy)",
        "    0 s  hours  hours   open",
        "    0 s  menu   menu    1             sound:menu (2 times)",
        "    5 s  wait   queue   longest_wait  music:default",
        "  605 s  bye    hangup                sound:bye",
        "end: hangup after 605 s, queue_timeout",
    ]


def test_times_are_those_of_the_service_where_it_has_a_time_zone(
    path: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Ten in the evening in Seoul."""
    behind = tmp_path / "conf.d" / "90.toml"
    behind.parent.mkdir(exist_ok=True)
    behind.write_text('[[services]]\nid = "acme"\ntimezone = "Europe/Berlin"\n')
    call = ["--number", "+8225550000", "--at", "2026-12-18T14:00"]
    assert main(["try", path, *call]) == ExitCode.OK
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert "Fri 2026-12-18 14:00 Europe/Berlin (of service acme)" in first and "closed" in second
    behind.write_text('[[services]]\nid = "acme"\ntimezone = "Europe/Berlim"\n')
    assert main(["try", path, *call]) == ExitCode.WRONG_USE
    assert f"{behind}:3" in capsys.readouterr().err


def test_what_is_heard_is_shown_as_it_is_written_in_the_callers_language(
    path: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "voices", lambda: frozenset({"en-us", "ko"}))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    (tmp_path / "conf.d").mkdir(exist_ok=True)
    (tmp_path / "conf.d" / "90.toml").write_text(
        '[[scenarios]]\nid = "main"\nlanguage = "ko"\n[scenarios.steps.bye]\ndo = "hangup"\n'
        'sound = { en = "say:Good bye, now.", ko = "say:안녕, 가십시오." }\n'
    )
    assert main(["try", path, "--number", "+8225550000", "--at", "2026-12-25T10:00"]) == ExitCode.OK
    assert "say:안녕, 가십시오." in capsys.readouterr().out


def test_json_has_the_way_and_the_end(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Christmas is closed."""
    call = ["--number", "+8225550000", "--at", "2026-12-25T10:00", "--json"]
    assert main(["try", path, *call]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == {
        "way": [
            {"step": "hours", "do": "hours", "exit": "closed", "at_s": 0.0, "heard": []},
            {"step": "bye", "do": "hangup", "exit": None, "at_s": 0.0, "heard": ["sound:bye"]},
        ],
        "end": "hangup",
    }


def test_it_needs_no_password_of_a_pbx_for_it_asks_none(
    path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    assert main(["check-config", path]) == ExitCode.WRONG_USE, "a start needs it"
    assert main(["try", path, "--number", "+8225550000"]) == ExitCode.OK
    assert "scenario main" in capsys.readouterr().out


def test_a_number_of_no_scenario_is_rejected(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", path, "--number", "+8225559999"]) == ExitCode.OK
    out = capsys.readouterr().out.splitlines()
    assert "no scenario has this number" in out[0] and out[1:] == ["end: rejected after 0 s, unknown_number, 404"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--number", "desk"], '--number: "desk" is no telephone number'),
        (["--press", "1,?"], '--press: write the keys of a prompt as in "1" or "1234#", "-" for none, not "?"'),
        (["--answer", "wait"], "--answer: write STEP=EXIT"),
        (["--answer", "wait=full,gold"], "--answer: write STEP=EXIT"),
        (["--answer", "wate=full"], '--answer: there is no step "wate"; did you mean "wait"?'),
        (["--wait-s", "-1"], "--wait-s: write a number from 0 to 86400, not -1"),
        (["--at", "noon"], "--at: write a time"),
        (["--from", "x"], "--from: write a number"),
    ],
)
def test_bad_input_is_said_with_its_option(
    path: str, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["try", path, "--number", "+8225550000", *options]) == ExitCode.WRONG_USE
    assert capsys.readouterr().err.startswith(said)


def test_an_answer_stands_in_place_of_a_step(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["--number", "+8225550000", "--at", "2026-12-18T10:00", "--press", "1", "--answer", "wait=longest_wait"]
    assert main(["try", path, *call, "--json"]) == ExitCode.OK
    steps = json.loads(capsys.readouterr().out)["way"]
    assert [(step["step"], step["exit"]) for step in steps][-2:] == [("wait", "longest_wait"), ("bye", None)]


SLOW = {"aiohttp", "asyncio", "asyncpg", "structlog", "sqlite3", "uvloop", "pydantic_settings", "rich"}
"""Each of them takes a tenth of a second, and none is needed."""


def test_it_loads_nothing_that_is_slow_and_not_needed(path: str) -> None:
    program = (
        "import sys; from cti_bridge.__main__ import main; "
        f"code = main(['try', {path!r}, '--number', '+8225550000']); print(sorted(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    assert "cti_bridge.domain.call_center" in loaded and not loaded & SLOW
