"""Roles, rights and teams in the configuration: taken over as they stand; a mistake is told with its line (L3, K4)."""

from pathlib import Path
from typing import get_args

import pytest

from cti_bridge.config.directory import directory
from cti_bridge.config.json_schema import json_schema
from cti_bridge.config.schema.services import AgentSettings
from cti_bridge.domain.model.words import Right
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, agent, configuration, problems

SUPERVISOR = 'role = "supervisor"\nrights = ["recordings", "monitor"]\nsupervises = ["day"]\n'
OTHER = '[[services]]\nid = "other"\noutbound = false\n'


def with_(supervisor: str = SUPERVISOR, member: str = 'team = "day"\nqueues = ["support"]\n') -> str:
    """A house of a supervisor and an agent, as they are written."""
    agents = agent("a1", "1001", member) + agent("s1", "1901", supervisor)
    return "".join({**BASE, "agents": agents}.values())


def test_they_are_taken_over_as_they_stand(tmp_path: Path) -> None:
    settings = load_settings(configuration(tmp_path, base=with_()) / "cti_bridge.toml", ENVIRONMENT)
    house = directory(settings)
    one, head = house.agents["a1"], house.agents["s1"]
    assert (one.team, one.role, one.rights, one.supervises) == ("day", "agent", frozenset(), ())
    assert (head.team, head.role, head.supervises) == ("", "supervisor", ("day",))
    assert head.rights == {Right.RECORDINGS, Right.MONITOR}
    assert settings.warnings == []


def test_each_right_of_the_core_can_be_written_and_no_other() -> None:
    annotation = AgentSettings.model_fields["rights"].annotation
    assert set(get_args(get_args(annotation)[0])) == set(Right)
    described = json_schema()["$defs"]["AgentSettings"]["properties"]
    assert set(described["rights"]["items"]["enum"]) == set(Right)


@pytest.mark.parametrize("right", ["recordings", "download", "unmask", "callbacks"])
def test_an_agent_can_have_a_right_of_use_to_them(tmp_path: Path, right: str) -> None:
    member = f'team = "day"\nqueues = ["support"]\nrights = ["{right}"]\n'
    assert problems(configuration(tmp_path, base=with_(member=member))) == []


@pytest.mark.parametrize(
    ("before", "now", "line", "severity", "text"),
    [
        ('"monitor"]', '"monitors"]', "rights", "error", 'not "monitors"; did you mean "monitor"?'),
        ('"monitor"]', '"recordings"]', "rights", "error", '"recordings" stands in this list twice'),
        ('["recordings", "monitor"]', '"monitor"', "rights", "error", '"rights" must be a list, not a text'),
        ('["day"]', '["days"]', "supervises", "error", 'nobody is in the team "days"; did you mean "day"?'),
        ('["day"]', '["night"]', "supervises", "error", 'nobody is in the team "night"'),
        ('["day"]', '["day", "day"]', "supervises", "error", '"day" stands in this list twice'),
        ('["day"]', '["day shift"]', "supervises", "error", "letters, digits and _ . @ - only"),
        ('"supervisor"', '"head"', "role", "error", 'must be "agent" or "supervisor", not "head"'),
        ('role = "supervisor"\n', "", "rights", "error", '"monitor" is a right of supervisors: an agent hears'),
        ('role = "supervisor"\n', "", "supervises", "error", "an agent supervises nobody"),
        (
            '"supervisor"\nrights = ["recordings", "mon',
            '"agent"\nrights = ["erase", "mon',
            "rights",
            "error",
            "deletes",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, before: str, now: str, line: str, severity: str, text: str
) -> None:
    assert before in SUPERVISOR
    base = with_(SUPERVISOR.replace(before, now))
    found = next(one for one in problems(configuration(tmp_path, base=base)) if text in one.text)
    assert (found.severity, found.place.line is not None) == (severity, True)
    assert base.splitlines()[(found.place.line or 0) - 1].startswith(line), found


def test_a_team_of_other_services_is_warned_of(tmp_path: Path) -> None:
    base = with_() + OTHER + agent("a2", "1002", 'team = "night"\n').replace("acme", "other")
    (found,) = problems(configuration(tmp_path, base=base.replace('supervises = ["day"]', 'supervises = ["night"]')))
    assert found.severity == "warning"
    assert found.text == 'nobody in the team "night" works for a service of this supervisor'
