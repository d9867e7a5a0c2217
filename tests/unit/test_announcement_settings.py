"""Announcements of queues in the configuration: taken over as they stand, refused with the line of what is wrong."""

from pathlib import Path

import pytest

from cti_bridge.config.directory import directory
from cti_bridge.domain.model.announcement import Announcement, Say
from cti_bridge.domain.model.scenario import Enqueue
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems

QUEUES = """[[queues]]
id = "support"
service = "acme"
handle_time_s = 240
announce = [
  { at_s = 15, say = ["position", "wait"] },
  { at_s = 5, every_s = 45, say = ["position"], sounds = ["sound:acme/patience"] },
  { every_s = 60, sounds = ["sound:acme/press-1"], above_s = 120 },
]
"""
SCENARIOS = """[[scenarios]]
id = "main"
service = "acme"
numbers = ["+8225550000"]
start = "wait"
[scenarios.steps.wait]
do = "queue"
queue = "support"
keys = { 1 = { step = "bye", above_s = 120 }, 2 = "bye" }
longest_wait = "bye"
[scenarios.steps.bye]
do = "hangup"
"""


def with_(queues: str = QUEUES, scenarios: str = SCENARIOS) -> str:
    return "".join({**BASE, "queues": queues, "scenarios": scenarios}.values())


def loaded(tmp_path: Path, text: str, **files: str) -> Settings:
    return load_settings(configuration(tmp_path, base=text, **files) / "cti_bridge.toml", ENVIRONMENT)


def test_announcements_are_taken_over_as_they_stand(tmp_path: Path) -> None:
    settings = loaded(tmp_path, with_())
    house = directory(settings)
    assert house.queues["support"].handle_time_s == 240
    assert house.queues["support"].announce == (
        Announcement(15, None, (Say.POSITION, Say.WAIT)),
        Announcement(5, 45, (Say.POSITION,), ("sound:acme/patience",)),
        Announcement(None, 60, (), ("sound:acme/press-1",), 120),
    )
    step = house.scenarios["main"].steps["wait"]
    assert isinstance(step, Enqueue)
    assert (step.exits["1"], step.exits["2"], step.above_s) == ("bye", "bye", {"1": 120.0})
    assert settings.warnings == []


def test_a_pbx_must_have_all_that_may_be_said(tmp_path: Path) -> None:
    media = loaded(tmp_path, with_()).media()
    assert {"sound:acme/patience", "sound:acme/press-1", "sound:cti/position-10", "sound:cti/position-more"} <= media
    assert {"sound:cti/wait-under-1", "sound:cti/wait-over-20"} <= media and "sound:cti/position-11" not in media
    assert len([sound for sound in media if sound.startswith("sound:cti/")]) == 11 + 6
    plain = QUEUES.replace(', "wait"]', "]")
    assert not any("wait" in sound for sound in loaded(tmp_path, with_(plain)).media())


def test_the_wait_may_be_said_where_no_time_is_configured(tmp_path: Path) -> None:
    assert loaded(tmp_path, with_(QUEUES.replace("handle_time_s = 240\n", ""))).warnings == []


def test_a_later_file_changes_single_keys(tmp_path: Path) -> None:
    later = '[[scenarios]]\nid = "main"\n[scenarios.steps.wait.keys]\n2 = { step = "bye", above_s = 60 }\n'
    step = directory(loaded(tmp_path, with_(), **{"20.toml": later})).scenarios["main"].steps["wait"]
    assert isinstance(step, Enqueue) and step.above_s == {"1": 120.0, "2": 60.0}


def in_queues(before: str, now: str) -> tuple[str, str, str]:
    """The queues with a mistake, the scenarios, and what stands in the line that holds it."""
    assert before in QUEUES
    return QUEUES.replace(before, now), SCENARIOS, now


def in_scenarios(before: str, now: str) -> tuple[str, str, str]:
    assert before in SCENARIOS
    return QUEUES, SCENARIOS.replace(before, now), now


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (in_queues("every_s = 45", "every_s = 9.5"), '"every_s" must be at least 10'),
        (in_queues("at_s = 15, say", "say"), 'has no time; give "at_s", "every_s" or both'),
        (in_queues('{ at_s = 15, say = ["position", "wait"] }', "{ at_s = 15 }"), "this announcement says nothing"),
        (in_queues('"sound:acme/patience"', '"number:5"'), 'write a message as "sound:NAME"'),
        (in_queues('"position", "wait"', '"position", "place"'), '"position" or "wait"'),
        (in_queues("above_s = 120", "above_s = -1"), '"above_s" must be at least 0'),
        (in_scenarios('step = "bye"', 'step = "by"'), 'there is no step "by"; did you mean "bye"?'),
        (in_scenarios("above_s = 120", "above_s = 0"), '"above_s" must be greater than 0'),
        (in_scenarios('{ step = "bye", above_s = 120 }', '{ step = "bye" }'), '"above_s" is missing'),
        (
            (QUEUES, SCENARIOS.replace('do = "queue"\nqueue = "support"', 'do = "menu"\nsound = "sound:x"'), "keys"),
            'a key of a menu leads to a step; "above_s" is of a queue',
        ),
    ],
)
def test_what_is_wrong_is_refused_at_its_line(written: tuple[str, str, str], text: str, tmp_path: Path) -> None:
    queues, scenarios, at = written
    whole = with_(queues, scenarios)
    found = problems(configuration(tmp_path, base=whole))
    fitting = [one for one in found if text in one.text and one.severity == "error"]
    assert fitting, [str(one) for one in found]
    lines = [number for number, line in enumerate(whole.splitlines(), 1) if at.split("\n")[0] in line]
    assert fitting[0].place.line in lines, fitting[0]
