"""What is prepared for the emergency switch of a service in the configuration: refused or warned of, with the line of
what is wrong; texts are made in the languages of those who hear them; tests of scenarios say whether it is on (H8)."""

from pathlib import Path

import pytest

from cti_bridge.config.problems import Problem
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems

MAIN = """[[scenarios]]
id = "main"
service = "acme"
numbers = ["+8225550000"]
start = "wait"
[scenarios.steps.wait]
do = "queue"
queue = "support"
longest_wait = "bye"
[scenarios.steps.bye]
do = "hangup"
[scenarios.steps.down]
do = "hangup"
"""
THEIRS = """[[services]]
id = "other"
[[scenarios]]
id = "theirs"
service = "other"
start = "bye"
[scenarios.steps.bye]
do = "hangup"
"""


def told(tmp_path: Path, emergency: str, service: str = "", scenarios: str = MAIN) -> list[tuple[Problem, str]]:
    """What is told of this, each with its line."""
    services = f"{BASE['services']}{service}[services.emergency]\n{emergency}"
    base = "".join((BASE | {"services": services, "scenarios": scenarios, "theirs": THEIRS}).values())
    lines = base.splitlines()
    return [
        (one, lines[one.place.line - 1] if one.place.line else "")
        for one in problems(configuration(tmp_path, base=base))
    ]


SOUND, NEXT = 'message = "sound:down"\n', 'next = "main/down"\n'


@pytest.mark.parametrize(
    ("emergency", "service", "line", "severity", "text"),
    [
        (SOUND + 'next = "man/down"\n', "", "next", "error", 'there is no scenario "man"; did you mean "main"?'),
        (SOUND + 'next = "main/dwn"\n', "", "next", "error", 'has no step "dwn"; did you mean "down"?'),
        (SOUND + 'next = "theirs/bye"\n', "", "next", "error", 'scenario "theirs" belongs to another service'),
        (SOUND + 'next = "down"\n', "", "next", "error", '"SCENARIO/STEP", "hangup" or "go_on"'),
        ("on = false\n", "", "[services.emergency]", "error", "callers would hear nothing, and the call would end"),
        (SOUND + 'on = true\nuntil = "14:00"\n', 'timezone = "UTC"\n', "until", "error", 'as in "2026-12-25T14:00"'),
        (SOUND + 'on = true\nuntil = "2026-02-30T14:00"\n', 'timezone = "UTC"\n', "until", "error", "write a time"),
        (SOUND + 'on = true\nuntil = "2026-12-25T14:00"\n', "", "until", "error", 'the service has no "timezone"'),
        (SOUND + 'until = "2026-12-25T14:00"\n', 'timezone = "UTC"\n', "until", "warning", '"until" does nothing'),
        (SOUND + "on = true\n", "", "on = true", "warning", "all callers of the service hear this"),
        ("mesage = 5\n", "", "mesage", "error", 'did you mean "message"?'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, emergency: str, service: str, line: str, severity: str, text: str
) -> None:
    found = [
        (one.severity, where.split(" = ")[0] if line != where else line, text in one.text)
        for one, where in told(tmp_path, emergency, service)
        if text in one.text
    ]
    assert [(one[0], line.startswith(one[1]) or one[1] == line) for one in found] == [(severity, True)]


@pytest.mark.parametrize("emergency", [SOUND + NEXT, NEXT, SOUND.replace("sound:", "file:") and NEXT])
def test_the_step_to_which_it_leads_is_reached(tmp_path: Path, emergency: str) -> None:
    texts = [one.text for one, _ in told(tmp_path, emergency)]
    assert not [text for text in texts if "nothing leads to" in text], texts
    texts = [one.text for one, _ in told(tmp_path / "without", SOUND)]
    assert 'nothing leads to step "down"' in texts


def test_no_step_has_the_name_of_the_one_of_an_emergency(tmp_path: Path) -> None:
    found = told(tmp_path, SOUND + NEXT, scenarios=MAIN + '[scenarios.steps.emergency]\ndo = "hangup"\n')
    assert any("choose another name" in one.text and where.startswith("[scenarios.steps.em") for one, where in found)


def test_the_core_gets_it_with_its_end_in_the_zone_of_the_service(tmp_path: Path) -> None:
    service = 'timezone = "Asia/Seoul"\n[services.emergency]\non = true\nuntil = "2026-12-25T14:00"\n'
    base = "".join((BASE | {"services": BASE["services"] + service + SOUND + NEXT, "scenarios": MAIN}).values())
    directory = load_settings(configuration(tmp_path, base=base) / "cti_bridge.toml", ENVIRONMENT).directory()
    found = directory.services["acme"].emergency
    assert (found.message, found.next, found.on, found.until) == ("sound:down", "main/down", True, 1_798_174_800.0)


TEST = '[[scenarios.tests]]\nname = "T"\nemergency = true\nway = ["emergency", "down"]\n'


def test_a_test_of_a_scenario_says_whether_it_is_on_whatever_the_configuration_has_now(tmp_path: Path) -> None:
    scenarios = MAIN + TEST + '[[scenarios.tests]]\nname = "U"\nway = ["wait"]\n'
    base = BASE["services"] + f"[services.emergency]\non = true\n{SOUND}{NEXT}"
    path = configuration(tmp_path, base="".join((BASE | {"services": base, "scenarios": scenarios}).values()))
    warnings = load_settings(path / "cti_bridge.toml", ENVIRONMENT, tests="warning").warnings
    assert not [one.text for one in warnings if "test" in one.text]


def test_a_text_needs_the_languages_of_all_callers_of_the_service(tmp_path: Path) -> None:
    korean = MAIN.replace('id = "main"', 'id = "main"\nlanguage = "ko"')
    (tmp_path / "one").mkdir()
    found = told(tmp_path / "one", 'message = { en = "say:Down." }\n' + NEXT, scenarios=korean)
    assert any('callers hear this in the language "ko"' in one.text for one, _ in found)
