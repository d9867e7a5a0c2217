"""Exits, hours and limits of queues in the configuration: refused or warned of, with the line of what is wrong (I5)."""

from pathlib import Path

import pytest

from cti_bridge.config.check_queues import exits_of_queue, led_to_by_queues, left_at_once
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import Problem
from tests.support.configuration import BASE, configuration, problems

STEPS = """[[scenarios]]
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
"""
HOURS = """[[hours]]
id = "office"
timezone = "Asia/Seoul"
week = { mon = ["09:00-18:00"] }
"""
OTHER = """[[services]]
id = "other"
[[scenarios]]
id = "theirs"
service = "other"
numbers = ["+8225550009"]
start = "bye"
[scenarios.steps.bye]
do = "hangup"
"""


def told(tmp_path: Path, queue: str, exits: str = "", more: str = "") -> list[tuple[Problem, str]]:
    """What is told of a queue with these settings and exits, each with its line."""
    tables = BASE | {"queues": BASE["queues"] + queue + ("[queues.exits]\n" + exits if exits else "")}
    base = "".join((tables | {"scenarios": STEPS, "hours": HOURS, "more": more}).values())
    lines = base.splitlines()
    return [
        (one, lines[one.place.line - 1] if one.place.line else "")
        for one in problems(configuration(tmp_path, base=base))
    ]


@pytest.mark.parametrize(
    ("queue", "exits", "line", "severity", "text"),
    [
        ("", 'full = "man/bye"\n', "full", "error", 'there is no scenario "man"; did you mean "main"?'),
        ("", 'full = "main/by"\n', "full", "error", 'scenario "main" has no step "by"; did you mean "bye"?'),
        ("", 'full = "theirs/bye"\n', "full", "error", 'scenario "theirs" belongs to another service'),
        ('hours = "offce"\n', 'closed = "hangup"\n', "hours", "error", 'no [[hours]] "offce"; did you mean "office"?'),
        ('closing = "leave"\n', "", "closing", "warning", 'without "hours" the queue never closes'),
        ("closing_most_s = 60\n", "", "closing_most_s", "warning", '"closing_most_s" does nothing'),
        ('hours = "office"\n', "", "hours", "error", 'name the exit "closed" in [queues.exits]'),
        ("max_waiting = 5\n", "", "max_waiting", "error", 'name the exit "full" in [queues.exits]'),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, queue: str, exits: str, line: str, severity: str, text: str
) -> None:
    found = [(one, at) for one, at in told(tmp_path, queue, exits, OTHER) if text in one.text]
    assert found, told(tmp_path, queue, exits, OTHER)
    assert found[0][0].severity == severity and found[0][1].startswith(line), found


@pytest.mark.parametrize(
    ("queue", "exits"),
    [
        ('hours = "office"\nclosing = "leave"\nclosing_most_s = 60\n', 'closed = "hangup"\n'),
        ("max_waiting = 5\n", 'full = "main/bye"\n'),
        ("", 'longest_wait = "main/bye"\nno_agents = "hangup"\nfailed = "main/bye"\n'),
    ],
)
def test_what_is_right_is_not_told_of(tmp_path: Path, queue: str, exits: str) -> None:
    assert [one.text for one, _ in told(tmp_path, queue, exits)] == []


def test_an_exit_that_each_step_names_need_not_be_the_queue_s(tmp_path: Path) -> None:
    named = STEPS.replace('longest_wait = "bye"', 'longest_wait = "bye"\nfull = "bye"')
    base = BASE | {"queues": BASE["queues"] + "max_waiting = 5\n", "scenarios": named}
    assert problems(configuration(tmp_path, base="".join(base.values()))) == []
    two = named + '[scenarios.steps.more]\ndo = "queue"\nqueue = "support"\nlongest_wait = "bye"\n'
    base |= {"scenarios": two}
    found = [one.text for one in problems(configuration(tmp_path, base="".join(base.values())))]
    assert any('name the exit "full"' in text for text in found), "one of two steps does not name it"


def test_a_queue_that_only_takes_calls_back_is_warned_of(tmp_path: Path) -> None:
    services = BASE["services"] + 'return_queue = "back"\n'
    queues = BASE["queues"] + '[[queues]]\nid = "back"\nservice = "acme"\n'
    agents = BASE["agents"].replace('["support"]', '["support", "back"]')
    base = "".join((BASE | {"services": services, "queues": queues, "agents": agents}).values())
    found = [one for one in problems(configuration(tmp_path, base=base)) if 'names no "longest_wait"' in one.text]
    assert [one.severity for one in found] == ["warning"]
    named = base.replace('id = "back"\n', 'id = "back"\nlongest_wait_s = 0\n')
    found = [one for one in problems(configuration(tmp_path, base=named)) if 'names no "longest_wait"' in one.text]
    assert found == [], "nobody waits too long"


def test_exits_are_found_for_other_checks() -> None:
    merged = Merged.__new__(Merged)
    merged.values = {
        "queues": [
            {
                "id": "support",
                "hours": "office",
                "exits": {"closed": "main/bye", "full": "main/full", "failed": "hangup"},
            },
            {"id": "odd", "exits": "no table"},
        ]
    }
    assert exits_of_queue(merged, "odd") == exits_of_queue(merged, "none") == {}
    assert list(led_to_by_queues(merged)) == [("main", "bye"), ("main", "full")]
    step = {"queue": "support", "no_agents": "nobody"}
    assert left_at_once(merged, step) == ["main/bye", "nobody"], "it is never full, and hangup is no step"
